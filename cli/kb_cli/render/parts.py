"""The pieces that screens are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from kb.citations import SEEN_IN_WORDS

STRONG = "bold"
QUIET = "dim"
GOOD = "green"
BAD = "red"
EVEN = "yellow"

_DIRECTION = {
    "favours-intervention": ("favours intervention", GOOD),
    "favours-control": ("favours control", BAD),
    "no-difference": ("no difference", EVEN),
    "mixed": ("mixed", EVEN),
    "unclear": ("unclear", EVEN),
}
_VALENCE = {"barrier": BAD, "facilitator": GOOD, "mixed": EVEN, "neutral": EVEN}


def direction(code: str) -> Text:
    """Return a direction of effect in words; the colour repeats what the words say."""
    words, style = _DIRECTION[code]
    return Text(words, style)


def valence(code: str) -> Text:
    """Return a valence in words."""
    return Text(code, _VALENCE[code])


def heading(text: str, note: str = "") -> Text:
    """Return a heading, with a quiet note beside it."""
    return Text.assemble((text, STRONG), (f"  {note}" if note else "", QUIET))


def named(name: str, key: str, mark: Text | None = None) -> Text:
    """Return the name of a record, the mark of its passage, and its key."""
    return Text.assemble((name, STRONG), mark or "", (f"  {key}", QUIET))


def grid(columns: Sequence[Column], rows: Iterable[Sequence[RenderableType]]) -> Table:
    """Return a quiet table: no lines, nothing cut off.

    It has a header where columns have names; a named column in which no row says anything is left
    out.
    """
    lines = list(rows)
    kept = [
        place for place, column in enumerate(columns) if not _says_nothing(column, place, lines)
    ]
    table = Table(
        *(columns[place].copy() for place in kept),  # a column keeps the cells of its table
        box=None,
        show_header=any(column.header for column in columns),
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for column in table.columns:
        column.overflow, column.vertical, column.header_style = "fold", "top", QUIET
    for line in lines:
        table.add_row(*(line[place] for place in kept))
    return table


def _says_nothing(column: Column, place: int, lines: Sequence[Sequence[RenderableType]]) -> bool:
    return bool(column.header) and not any(str(line[place]).strip() for line in lines)


def bulleted(items: Iterable[tuple[str, RenderableType]]) -> Table:
    """Return items behind bullets, their further lines aligned."""
    table = Table.grid(Column(style=QUIET), Column(overflow="fold"), padding=(0, 1, 0, 0))
    for bullet, item in items:
        table.add_row(bullet, item)
    return table


def stated(statement: str, about: str, mark: Text) -> Group:
    """Return a statement with its mark, and below it quietly who says so."""
    return under(Text(statement) + mark, Text(about, QUIET))


def under(head: Text, told: Text) -> Group:
    """Return something with what is told of it under it, moved to the right."""
    return Group(head, indented(told))


@dataclass
class ByWidth:
    """One of two drawings: by how many columns the terminal has."""

    narrow: RenderableType
    wide: RenderableType
    least: int = 110

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the drawing that fits."""
        yield self.wide if options.max_width >= self.least else self.narrow


def halves(columns: Sequence[Column], rows: Sequence[Sequence[RenderableType]]) -> Columns:
    """Return rows in two grids side by side, or one below the other where there is no room."""
    half = (len(rows) + 1) // 2
    return Columns([grid(columns, rows[:half]), grid(columns, rows[half:])], padding=(0, 3))


def indented(renderable: RenderableType, by: int = 2) -> Padding:
    """Return something moved to the right."""
    return Padding(renderable, (0, 0, 0, by))


@dataclass
class Footnotes:
    """Passages numbered in the order in which they are first cited."""

    wanted: bool
    _numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _passages: list[Mapping[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._passages)

    @property
    def passages(self) -> Sequence[Mapping[str, Any]]:
        """The passages cited so far, in the order of their numbers."""
        return self._passages

    def mark(self, *passages: Mapping[str, Any] | None) -> Text:
        """Return the marks of passages, such as [1][4], or nothing where sources are not wanted."""
        marks = [f"[{self._number(passage)}]" for passage in passages if passage and self.wanted]
        return Text("".join(dict.fromkeys(marks)), QUIET)

    def _number(self, passage: Mapping[str, Any]) -> int:
        identity = (passage["report"], passage["locator"], passage["quote"])
        if identity not in self._numbers:
            self._passages.append(passage)
            self._numbers[identity] = len(self._passages)
        return self._numbers[identity]

    def drawn(self) -> list[RenderableType]:
        """Return the passages as a list under a heading."""
        if not self._passages:
            return []
        rows = [
            (Text(f"[{number}]", QUIET), passage_text(passage))
            for number, passage in enumerate(self._passages, 1)
        ]
        columns = [Column(justify="right", no_wrap=True), Column()]
        return [Text(), heading("Sources"), grid(columns, rows)]


def passage_text(passage: Mapping[str, Any]) -> Text:
    """Return a passage as citation, locator, quote, address and how it was seen."""
    return Text.assemble(
        f"{passage['citation']}, {passage['locator']}: “{passage['quote']}” ",
        (f"{passage['address']}; {SEEN_IN_WORDS[passage['seen']]}", QUIET),
    )


def notes(lines: Iterable[str]) -> list[RenderableType]:
    """Return notes, each a paragraph."""
    return [Text(line, QUIET) for line in lines]


def joined(parts: Iterable[str], by: str = " · ") -> str:
    """Return the parts that are not empty, joined."""
    return by.join(part for part in parts if part)


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: '1 study', '3 studies'."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def listing(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return rows of text under headers."""
    columns = [Column(header.upper(), no_wrap=not place) for place, header in enumerate(headers)]
    return grid(columns, ([Text(cell) for cell in row] for row in rows))
