"""The pieces that screens are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

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


def grid(columns: Sequence[Column], rows: Iterable[Sequence[RenderableType]]) -> Table:
    """Return a quiet table: a header where columns have names, no lines, nothing cut off."""
    named = any(column.header for column in columns)
    table = Table(*columns, box=None, show_header=named, pad_edge=False, padding=(0, 2, 0, 0))
    for column in table.columns:
        column.overflow, column.vertical, column.header_style = "fold", "top", QUIET
    for row in rows:
        table.add_row(*row)
    return table


def indented(renderable: RenderableType, by: int = 2) -> Padding:
    """Return something moved to the right."""
    return Padding(renderable, (0, 0, 0, by))


@dataclass
class Footnotes:
    """Passages numbered in the order in which they are first cited."""

    wanted: bool
    _numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _passages: list[Mapping[str, Any]] = field(default_factory=list)

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
        (f"{passage['address']}; seen: {passage['seen']}", QUIET),
    )


def notes(lines: Iterable[str]) -> list[RenderableType]:
    """Return notes, each a paragraph."""
    return [Text(line, QUIET) for line in lines]


def joined(parts: Iterable[str], by: str = " · ") -> str:
    """Return the parts that are not empty, joined."""
    return by.join(part for part in parts if part)


def stack(parts: Iterable[RenderableType]) -> Group:
    """Return renderables one below the other."""
    return Group(*parts)


def listing(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return rows of text under headers."""
    columns = [Column(header.upper(), no_wrap=not place) for place, header in enumerate(headers)]
    return grid(columns, ([Text(cell) for cell in row] for row in rows))
