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
    from kb_cli.diagnostics import tell
    from kb_cli.output import Format, as_csv, as_json, as_markdown, chosen, draw, write

    with open_base(db, tell) as base:
        found, data = summarise(base), base.data
    form = chosen(form, output)
    if form is Format.JSON:
        write(as_json({**found.as_dict(), "data": data.as_dict()}), output)
    elif form is Format.TABLE:
        from kb_cli.render.summary import drawn_summary

        draw(drawn_summary(found, data), output)
    else:
        rows = [["total", name, count] for name, count in found.totals.items()]
        rows += [[name, term, n] for name, terms in found.spread.items() for term, n in terms]
        write(
            (as_csv if form is Format.CSV else as_markdown)(["of", "what", "count"], rows), output
        )
