"""`kb info`: this program and this store."""

import typer

from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("info", epilog="Example: kb info", rich_help_panel="Keeping the store")(info)


def info(form: Form = None, output: Output = None, db: Db = None) -> None:
    """Show versions, the store, the hash of its data, and counts."""
    from kb import __version__
    from kb.store.engine import name_of
    from kb.store.migrate import current_revision
    from kb.store.opening import open_base
    from kb.summary import table_counts
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.render.info import drawn_info

    with open_base(db, tell) as base:
        facts = {
            "version": __version__,
            "store": name_of(base.connection.engine),
            "tables": current_revision(base.connection),
            "data_version": base.data.version,
            "data_hash": base.data.hash,
        }
        counts = table_counts(base)
    present(
        form,
        output,
        data=lambda: {**facts, "counts": counts},
        drawn=lambda: drawn_info(facts, counts),
        rows=lambda: (["what", "value"], [*facts.items(), *counts.items()]),
    )
