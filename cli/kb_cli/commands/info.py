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
    from kb_cli.diagnostics import tell
    from kb_cli.output import Format, as_csv, as_json, as_markdown, chosen, draw, write

    with open_base(db, tell) as base:
        facts = {
            "version": __version__,
            "store": name_of(base.connection.engine),
            "tables": current_revision(base.connection),
            "data_version": base.data.version,
            "data_hash": base.data.hash,
        }
        counts = table_counts(base)
    form = chosen(form, output)
    rows = [[name.replace("_", " "), str(value)] for name, value in facts.items()]
    rows += [[f"{name.replace('_', ' ')} rows", str(count)] for name, count in counts.items()]
    if form is Format.JSON:
        write(as_json({**facts, "counts": counts}), output)
    elif form is Format.TABLE:
        from kb_cli.render.parts import listing

        draw([listing(["what", "value"], rows)], output)
    else:
        write((as_csv if form is Format.CSV else as_markdown)(["what", "value"], rows), output)
