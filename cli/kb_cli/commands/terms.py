"""`kb terms`: the words that are understood."""

from typing import Annotated

import typer

from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("terms", epilog="Example: kb terms approach", rich_help_panel="Start here")(terms)


def terms(
    facet: Annotated[str, typer.Argument(help="A facet, such as approach or outcome.")] = "",
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """List the facets, or the values of one with their other names."""
    from kb.store.opening import open_base
    from kb.terms import facets_listed, terms_listed
    from kb_cli.diagnostics import tell
    from kb_cli.output import Format, as_csv, as_json, as_markdown, chosen, draw, write

    if facet:
        with open_base(db, tell) as base:
            headers, rows = terms_listed(base.vocabulary, facet)
    else:
        headers, rows = facets_listed()
    form = chosen(form, output)
    if form is Format.JSON:
        write(as_json([dict(zip(headers, row, strict=True)) for row in rows]), output)
    elif form is Format.TABLE:
        from kb_cli.render.parts import listing

        draw([listing(headers, rows)], output)
    else:
        write((as_csv if form is Format.CSV else as_markdown)(headers, rows), output)
