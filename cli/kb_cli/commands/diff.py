"""`kb diff`: two stores, or versions of the data, held against each other."""

from typing import Annotated

import typer

from kb_cli.diagnostics import ExitCode
from kb_cli.options import Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "diff",
        epilog="Example: kb diff before.sqlite after.sqlite",
        rich_help_panel="Keeping the store",
    )(diff)


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="An SQLite store, a database URL or a folder of seed files."
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What it is held against.")],
    form: Form = None,
    output: Output = None,
) -> None:
    """Say which rows differ between two stores, and which answers moved.

    It ends with 0 where both hold the same evidence, and with 1 where they do not.
    """
    from kb.diff.difference import diff as held_against
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.render.diff import drawn_diff

    found = held_against(old, new, tell)
    present(form, output, data=found.as_dict, drawn=lambda: drawn_diff(found), rows=found.flat)
    if not found.is_same:
        raise typer.Exit(ExitCode.FAILED)
