"""`kb gaps`: the evidence gap map."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb_cli.options import Db, Form, Output, with_facets

if TYPE_CHECKING:
    from rich.console import RenderableType

    from kb.gaps.gap_map import GapMap

_PANEL = "The map"
_FACETS = "approach, outcome, cancer, design, country, construct, comparator, delivery, instrument"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "gaps",
        epilog="Example: kb gaps --rows approach --columns outcome --design rct",
        rich_help_panel="Evidence",
    )(with_facets(gaps, "gaps"))


def _facets_beginning(incomplete: str) -> list[str]:
    return [name for name in _FACETS.split(", ") if name.startswith(incomplete)]


def gaps(
    facets: dict[str, list[str]],
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            metavar="FACET",
            help=f"What the rows are: {_FACETS}; approach where none is named.",
            autocompletion=_facets_beginning,
            rich_help_panel=_PANEL,
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="FACET",
            help="What the columns are: another of these; outcome where none is named.",
            autocompletion=_facets_beginning,
            rich_help_panel=_PANEL,
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write the map to a web page that stands alone, with the passages behind it.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Map where there are studies and where there are none: the evidence gap map.

    Rows and columns are the top terms of two facets, or the terms that you name for them, as in
    --outcome pain,survival. Empty combinations are told first.
    """
    from kb.gaps import gap_map
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.output import write

    with open_base(db, tell) as base:
        found = gap_map(base, base.question("studies", **facets), rows, columns)
    if html:
        from kb_cli.html.gaps import gaps_page

        write(gaps_page(found), html)
        tell(f"gap map written to {html}")
    present(form, output, data=found.as_dict, drawn=lambda: _drawn(found), rows=found.flat)


def _drawn(found: "GapMap") -> "list[RenderableType]":
    from kb_cli.render.gaps import drawn_gaps

    return drawn_gaps(found)
