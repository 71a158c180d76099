"""`kb template`: a sheet to extract data from reports into."""

from pathlib import Path
from typing import Annotated

import typer

from kb_cli.options import Db


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "template",
        epilog="Example: kb template extraction.xlsx",
        rich_help_panel="Curating",
    )(template)


def template(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write it: FILE.xlsx or FILE.csv.")
    ],
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace the file that is there.")
    ] = False,
    db: Db = None,
) -> None:
    """Write a sheet to extract data into: lists of the store's terms, notes and an example.

    Fill it in, compare it with that of a second person with kb agree, and bring it into the store
    with kb import.
    """
    from kb.exchange.template.writing import lists, write_template
    from kb.store.opening import open_base
    from kb_cli.diagnostics import tell

    with open_base(db, tell) as base:
        choices = lists(base.vocabulary)
    write_template(choices, path, force=force)
    tell(f"wrote {path}", f"Fill it in; then: kb import {path} --as template")
