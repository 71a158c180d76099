"""Draw what can be exported, and say what was."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.exchange.writers.formats import Format, Kind
from kb_cli.render.parts import QUIET, STRONG, grid

if TYPE_CHECKING:
    from kb.exchange.exporting import Written


def drawn_formats(formats: Iterable[Format]) -> list[RenderableType]:
    """Return each format with what it is, who reads it and what it has no place for."""
    rows: list[tuple[Text, Text]] = []
    for each in formats:
        rows += [
            (Text(each.name, STRONG), Text(f"{each.title}{_narrowed(each)}")),
            (Text(), Text.assemble(("read by ", QUIET), each.reader)),
            (Text(), Text.assemble(("leaves out ", QUIET), each.lost)),
        ]
    return [
        grid([Column(no_wrap=True), Column()], rows),
        Text(),
        Text("kb export --as FORMAT --output PATH writes it."),
    ]


def summary(chosen: Format, written: "Written", output: Path | None) -> str:
    """Return what was written in a sentence: format, rows, files and place."""
    if chosen.kind is Kind.TEXT:
        told = ", ".join(
            f"{number:,} {_noun(name, number)}" for name, number in written.rows.items()
        )
    else:
        parts = "sheets" if chosen.kind is Kind.FILE else "files"
        if chosen.name == "datasette":
            parts = "tables"
        noun = "records" if chosen.name == "seeds" else "rows"
        told = f"{len(written.rows):,} {parts}, {written.count:,} {noun}"
    place = f" written to {output}" if output is not None else ""
    return f"{chosen.name}: {told}{place}"


def _noun(plural: str, number: int) -> str:
    return plural.removesuffix("s") if number == 1 else plural


def _narrowed(each: Format) -> str:
    if each.pooled:
        return "; takes facets and the options of kb pool"
    return "; takes facets" if each.narrowed else ""
