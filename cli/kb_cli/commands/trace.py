"""`kb trace`: every passage behind a record."""

from typing import Annotated

import typer

from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "trace", epilog="Example: kb trace goodwin-2001/survival", rich_help_panel="Evidence"
    )(trace)


def trace(
    key: Annotated[str, typer.Argument(help="Key of a record, such as a study or a result.")],
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Show every passage behind a record and what belongs to it."""
    from kb.store.opening import open_base
    from kb.trace import trace as follow
    from kb_cli.diagnostics import tell
    from kb_cli.output import Format, as_csv, as_json, as_markdown, chosen, draw, write

    with open_base(db, tell) as base:
        found, data = follow(base, key), base.data.as_dict()
    form = chosen(form, output)
    if form is Format.JSON:
        rows = [item.as_dict() for item in found]
        told = {"question": {"key": key}, "answer": rows, "count": len(rows)}
        write(as_json({**told, "left_out": [], "notes": [], "data": data}), output)
    elif form is Format.TABLE:
        from kb_cli.render.trace import drawn_trace

        draw(drawn_trace(key, found), output)
    else:
        parts = ("citation", "address", "locator", "quote", "seen")
        headers = ["table", "key", "fact", "field", *parts]
        cells = [
            [t.table, t.key, t.fact, t.field, *(t.passage[part] for part in parts)] for t in found
        ]
        write((as_csv if form is Format.CSV else as_markdown)(headers, cells), output)
