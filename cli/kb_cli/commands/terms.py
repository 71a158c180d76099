"""`kb terms`: the words that are understood."""

from typing import Annotated

import typer

from kb_cli.completion import facet_names
from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("terms", epilog="Example: kb terms approach", rich_help_panel="Start here")(terms)


def terms(
    facet: Annotated[
        str,
        typer.Argument(help="A facet, such as approach or outcome.", autocompletion=facet_names),
    ] = "",
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """List the facets, or the values of one with their other names."""
    from kb.store.opening import open_base
    from kb.terms import facets_listed, terms_listed
    from kb_cli.answering import answered, present
    from kb_cli.diagnostics import tell
    from kb_cli.render.parts import listing

    if facet:
        with open_base(db, tell) as base:
            (headers, rows), state = terms_listed(base.vocabulary, facet), base.data
    else:
        (headers, rows), state = facets_listed(), None
    question = {"facet": facet or None, "command": f"kb terms {facet}".rstrip()}
    present(
        form,
        output,
        data=lambda: answered(question, [dict(zip(headers, r, strict=True)) for r in rows], state),
        drawn=lambda: [listing(headers, rows)],
        rows=lambda: (headers, rows),
    )
