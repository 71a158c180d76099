"""`kb export`: the evidence in the formats of other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.errors import KbError
from kb.exchange.writers.formats import FORMATS
from kb_cli.options import Db
from kb_cli.pooling_options import Asked, with_pooling

if TYPE_CHECKING:
    from kb.exchange.exporting import Wanted, Written

_PANEL = "What to write"
_TOOLS = ("RoB 1", "RoB 2", "ROBINS-I")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "export",
        epilog="Example: kb export --as metafor --outcome survival --output survival.csv",
        rich_help_panel="Exchange",
    )(with_pooling(export, "export"))


def _formats_beginning(incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def export(
    asked: Asked,
    form: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="FORMAT",
            help=f"{', '.join(FORMATS)}; without it, what each is for.",
            autocompletion=_formats_beginning,
            rich_help_panel=_PANEL,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="File or folder to write; what is one text goes to the screen without it.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            metavar="",
            help="Replace what is there, if it is such an export.",
            rich_help_panel=_PANEL,
        ),
    ] = False,
    tool: Annotated[
        str | None,
        typer.Option(
            "--tool",
            metavar="NAME",
            help=f"With --as robvis, the tool of the judgements: {', '.join(_TOOLS)}.",
            autocompletion=lambda: list(_TOOLS),
            rich_help_panel=_PANEL,
        ),
    ] = None,
    db: Db = None,
) -> None:
    """Write the evidence for other programs: spreadsheets, R, reference managers, archives.

    Facets narrow what is written where the format says so; the options of pooling are heard by
    metafor, which then holds the effects that `kb pool` pools.
    """
    if form is None:
        _list_formats()
        return
    from kb.exchange.exporting import Wanted, export, format_of
    from kb.store.opening import open_base
    from kb_cli.diagnostics import tell

    if asked.data is not None:
        raise KbError(
            "--data brings a table along, and kb export writes what the store holds.",
            "Leave it out.",
        )
    chosen = format_of(form)
    with open_base(db, tell) as base:
        question = base.question("results", **asked.facets)
        wanted = Wanted(chosen, question, asked.options, tool)
        written = export(base, wanted, output, force=force)
    _present(wanted, written, output)


def _list_formats() -> None:
    from kb_cli.output import draw
    from kb_cli.render.export import drawn_formats

    draw(drawn_formats(FORMATS.values()))


def _present(wanted: "Wanted", written: "Written", output: Path | None) -> None:
    from kb_cli.diagnostics import tell
    from kb_cli.output import write
    from kb_cli.render.export import summary
    from kb_cli.streams import unaltered

    if output is None:
        unaltered()
        write(written.text)
    tell(summary(wanted.format, written, output))
    for note in written.notes:
        tell(note)
