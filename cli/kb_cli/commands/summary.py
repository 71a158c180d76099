"""`kb summary`: the base at a glance."""

import typer

from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("summary", epilog="Example: kb summary", rich_help_panel="Start here")(summary)


def summary(form: Form = None, output: Output = None, db: Db = None) -> None:
    """Show what the base holds, how it is spread, and what it lacks."""
    from kb.store.opening import open_base
    from kb.summary import summary as summarise
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.render.summary import drawn_summary, flat_summary

    with open_base(db, tell) as base:
        found, state = summarise(base), base.data
    present(
        form,
        output,
        data=lambda: {**found.as_dict(), "data": state.as_dict()},
        drawn=lambda: drawn_summary(found, state),
        rows=lambda: flat_summary(found),
    )
