"""Draw a gap map: what is empty in words, then what there is, as a table or in blocks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Column
from rich.text import Text

from kb.gaps.directions import MIXED, NONE_FOUND
from kb.gaps.wording import (
    MARKS,
    legend,
    participants,
    participants_in_short,
    pointing,
    randomised,
    studies,
    tally_in_words,
)
from kb_cli.render.parts import (
    BAD,
    EVEN,
    GOOD,
    QUIET,
    STRONG,
    ByWidth,
    counted,
    grid,
    heading,
    indented,
    notes,
)

if TYPE_CHECKING:
    from kb.gaps.gap_map import Cell, GapMap, Tally

_LABEL = 30
_GAP = 2
_COLOURS = {
    "favours-intervention": GOOD,
    "favours-control": BAD,
    "no-difference": EVEN,
    MIXED: EVEN,
    NONE_FOUND: QUIET,
}


def drawn_gaps(found: "GapMap") -> list[RenderableType]:
    """Return a map as renderables: the empty combinations first."""
    empty = f"{len(found.empty)} of {counted(len(found.cells), 'combination')} without any study"
    return [
        heading(empty, found.command),
        *_empty(found),
        *_filled(found),
        Text(),
        Text.assemble(("Together  ", STRONG), tally_in_words(found.total)),
        Text(),
        *notes(found.notes),
        *_left_out(found),
        Text(),
        *notes(_hints(found)),
    ]


def _directions(cell: "Cell") -> Text:
    """Return how many studies point each way; the colour repeats what the words say."""
    return Text(", ").join(
        Text(f"{count} {pointing(name, count)}", _COLOURS[name])
        for name, count in (cell.directions or {}).items()
        if count
    )


def _empty(found: "GapMap") -> Iterator[RenderableType]:
    rows, columns = found.rows.kind.plural, found.columns.kind.plural
    wholly = [
        (Text(f"{plural.capitalize()} without any study"), Text("; ".join(e.label for e in empty)))
        for plural, empty in ((columns, found.empty_columns), (rows, found.empty_rows))
        if empty
    ]
    if wholly:
        yield Text()
        yield grid([Column(max_width=_LABEL), Column()], wholly)
    scattered = [
        (Text(level.label), Text("; ".join(each.label for each in empty)))
        for level, empty in found.scattered()
    ]
    if scattered:
        yield Text()
        yield Text(
            f"{'Further empty' if wholly else 'Empty'} combinations, by {found.rows.facet}", STRONG
        )
        yield indented(grid([Column(max_width=_LABEL), Column()], scattered))


def _filled(found: "GapMap") -> Iterator[RenderableType]:
    if not found.filled:
        return
    yield Text()
    yield Text(f"Studies, by {found.rows.facet} and {found.columns.facet}", STRONG)
    yield _Map(found)


@dataclass
class _Map:
    """A table where the terminal has room for its columns, or else a block for each row."""

    found: "GapMap"

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the drawing that fits."""
        columns, rows = _table(self.found)
        needed = sum((column.width or 0) + _GAP for column in columns)
        if needed <= options.max_width:
            yield grid(columns, rows)
            yield from notes(_legend(self.found))
        else:
            yield from _blocks(self.found)


def _table(found: "GapMap") -> tuple[list[Column], list[list[Text]]]:
    """Return columns of fixed width, in which no word is broken, and a line for each row."""
    labels = [found.rows.facet, *(level.label for level in found.rows.levels)]
    lines = [
        [Text(level.label), *map(_in_table, found.row(level)), Text(_numbers(total))]
        for level, total in zip(found.rows.levels, found.row_totals, strict=True)
    ]
    lines.append(
        [
            Text("All"),
            *(Text(_numbers(t)) for t in found.column_totals),
            Text(_numbers(found.total)),
        ]
    )
    headers = [level.label for level in found.columns.levels]
    widths = [_longest(cells) for cells in zip(*lines, strict=True)]
    first = Column(found.rows.facet.upper(), width=min(_LABEL, max(map(len, labels))))
    others = [
        Column(header.upper(), width=max(width, *map(len, header.split())))
        for header, width in zip([*headers, "All"], widths[1:], strict=True)
    ]
    return [first, *others], lines


def _longest(cells: Sequence[Text]) -> int:
    return max(len(line) for cell in cells for line in cell.plain.splitlines())


def _in_table(cell: "Cell") -> Text:
    if not cell.tally.count:
        return Text("0", QUIET)
    counts = (cell.directions or {}).items()
    marks = Text.assemble(*((MARKS[name] * count, _COLOURS[name]) for name, count in counts))
    number, _, people = _numbers(cell.tally).partition("\n")
    return Text.assemble((number, STRONG), " ", marks, "\n", (people, QUIET))


def _numbers(tally: "Tally") -> str:
    return f"{tally.count}\n{participants_in_short(tally)}" if tally.count else "0"


def _legend(found: "GapMap") -> Iterator[str]:
    marks = f"; a mark for each study: {legend()}" if found.has_directions else ""
    yield f"Each cell: number of studies; n = participants, ? where not known{marks}."


def _blocks(found: "GapMap") -> Iterator[RenderableType]:
    narrow = [Column(width=_LABEL), Column()]
    wide = [Column(width=_LABEL + 4), *(Column(no_wrap=True) for _ in range(3)), Column()]
    for level, total in zip(found.rows.levels, found.row_totals, strict=True):
        cells = [cell for cell in found.row(level) if cell.tally.count]
        if cells:
            yield Text()
            yield heading(level.label, tally_in_words(total))
            by_width = ByWidth(
                grid(narrow, [_narrow(cell) for cell in cells]),
                grid(wide, [_wide(cell) for cell in cells]),
            )
            yield indented(by_width)


def _narrow(cell: "Cell") -> list[Text]:
    told = Text(tally_in_words(cell.tally))
    if cell.directions:
        told = Text("\n").join([told, _directions(cell)])
    return [Text(cell.column.label), told]


def _wide(cell: "Cell") -> list[Text]:
    tally = cell.tally
    return [
        Text(cell.column.label),
        Text(studies(tally)),
        Text(randomised(tally)),
        Text(participants(tally)),
        _directions(cell),
    ]


def _left_out(found: "GapMap") -> Iterator[RenderableType]:
    """Yield the studies that are not on the map, or not with all they did, by reason."""
    if not found.left_out:
        return
    by_reason: dict[str, list[str]] = defaultdict(list)
    for item in found.left_out:
        by_reason[item.reason].append(item.what)
    yield Text()
    yield Text(f"Left out ({len(found.left_out)})", STRONG)
    rows = [(Text(reason, QUIET), Text("; ".join(names))) for reason, names in by_reason.items()]
    yield grid([Column(max_width=_LABEL), Column()], rows)


def _hints(found: "GapMap") -> Iterator[str]:
    if found.filled:
        yield f"The studies of a cell: {found.filled[0].command}"
    yield "--html FILE writes the map as a web page with the passages behind every cell."
