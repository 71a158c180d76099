"""`kb show`: one good page about one record."""

from typing import Annotated

import typer

from kb_cli.completion import record_keys
from kb_cli.options import Db, Form, Output, Sources


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show", epilog="Example: kb show goodwin-2001", rich_help_panel="Start here")(show)


def show(
    name: Annotated[
        list[str],
        typer.Argument(
            help="Key or name of a study, report, review, instrument, intervention, construct, "
            "theme or other term; kind:key where two share a key.",
            metavar="KEY",
            autocompletion=record_keys,
        ),
    ],
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Show the page of one record."""
    from kb.store.opening import open_base
    from kb_cli.answering import present_page
    from kb_cli.diagnostics import tell

    with open_base(db, tell) as base:
        found, state = base.page(" ".join(name)), base.data
    present_page(found, state, form, output, sources=sources)
