"""Draw a forest plot with characters: a layout in columns, then one line of text after another.

Every line of a plot has the same width, and what a value falls on is the same column in all.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from kb_cli.render.axis import Axis, Interval, span
from kb_cli.render.effects import effect_texts
from kb_cli.render.parts import QUIET, STRONG
from kb_cli.streams import speaks_unicode

_GAP = "  "
_LEAST_LABEL = 16
_LEAST_LABEL_BESIDE_WIDE = 28
_LEAST_DRAWING = 12
_WANTED_DRAWING = 20
_MOST_DRAWING = 60


class Kind(Enum):
    """What a row of a forest plot shows."""

    HEADING = "heading"
    STUDY = "study"
    POOLED = "pooled"
    PREDICTION = "prediction"


class Line(NamedTuple):
    """A line of text and its style."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a forest plot.

    Attributes:
        label: what it is of.
        interval: on the scale that a reader knows; None for a heading, and for an effect that is
            too large for a number of that scale.
        kind: how it is drawn.
        size: of the square, as a share of the largest.
    """

    label: str
    interval: Interval | None = None
    kind: Kind = Kind.STUDY
    size: float = 1.0


@dataclass(frozen=True)
class Beside:
    """A column of text beside the drawing, a cell for each row.

    A `wide` one is shown only where room is left for the drawing; those `after` it stand behind the
    effects. The `legend` stands below a plot that shows the column.
    """

    header: str
    cells: Sequence[str]
    wide: bool = False
    after: bool = False
    legend: str = ""

    @cached_property
    def width(self) -> int:
        """The width of its widest cell."""
        return max(map(cell_len, [self.header, *self.cells]))


class Marks(NamedTuple):
    """The characters of a drawing."""

    squares: str
    line: str
    ends: str
    cut: str
    bar: str
    diamond: str
    diamond_ends: str
    dots: str
    null: str
    crossed: str
    axis: str
    tick: str
    null_at_axis: str
    null_at_tick: str


UNICODE = Marks("▪■█", "─", "├┤", "◄►", "═", "◆", "◁▷", "┄", "│", "┼", "─", "┬", "┴", "┼")
ASCII = Marks("oO#", "-", "[]", "<>", "=", "*", "()", ".", "|", "+", "-", "+", "-", "+")


class _Layout(NamedTuple):
    """The widths of the labels, of the drawing and of the effects, and the columns around them."""

    label: int
    drawing: int
    effect: int
    before: Sequence[Beside]
    after: Sequence[Beside]

    @property
    def start(self) -> int:
        """The column in which the drawing starts."""
        return self.label + len(_GAP) + _taken(self.before)

    @property
    def width(self) -> int:
        """The width of every line."""
        drawing = self.drawing + len(_GAP) if self.drawing else 0
        return self.start + drawing + self.effect + _taken(self.after)

    def line(self, label: str, drawing: str, effect: str, cell: Callable[[Beside], str]) -> str:
        """Return a line; `cell` says what stands in a column."""
        parts = [
            left(label, self.label),
            *(right(cell(column), column.width) for column in self.before),
            *([left(drawing, self.drawing)] if self.drawing else []),
            right(effect, self.effect),
            *(right(cell(column), column.width) for column in self.after),
        ]
        return _GAP.join(parts)

    def legends(self) -> Iterator[Line]:
        """Yield what the columns mean."""
        for column in [*self.before, *self.after]:
            for text in folded(column.legend, self.width) if column.legend else []:
                yield Line(left(text, self.width), QUIET)


@dataclass(frozen=True)
class Forest:
    """A forest plot.

    Attributes:
        rows: from top to bottom.
        effect: the header of the effects, such as "HR [95% CI]".
        null: the value of no effect, which a line runs through.
        logarithmic: whether the axis is that of a ratio.
        beside: columns of text; each has a cell for each row.
        favours: what the sides below and above the null favour, in words.
        title: the header of the labels.
    """

    rows: Sequence[Row]
    effect: str
    null: float | None
    logarithmic: bool
    beside: Sequence[Beside] = ()
    favours: tuple[str, str] = ("", "")
    title: str = "Study"

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines that fit the width."""
        marks = UNICODE if speaks_unicode() else ASCII
        for line in self.lines(options.max_width, marks):
            yield Text(line.text, line.style, no_wrap=True)

    def lines(self, width: int, marks: Marks = UNICODE) -> list[Line]:
        """Return the plot in lines of at most this width, wherever labels and effects allow it."""
        texts = effect_texts([row.interval for row in self.rows], self.null)
        effects = [text or _untold(row) for text, row in zip(texts, self.rows, strict=True)]
        layout = self._fit(width, max(cell_len(text) for text in [self.effect, *effects]))
        axis = self._axis(layout.drawing)
        empty = _canvas(axis, marks)
        header = layout.line(self.title, "", self.effect, lambda column: column.header)
        lines = [Line(header, QUIET)]
        for place, (row, effect) in enumerate(zip(self.rows, effects, strict=True)):
            style = "" if row.kind is Kind.STUDY else STRONG
            first, *more = folded(row.label, layout.label)
            told = layout.line(first, _drawing(row, axis, marks), effect, _cell_at(place))
            lines.append(Line(told, style))
            lines += [Line(layout.line(rest, empty, "", _nothing), style) for rest in more]
        if layout.drawing:
            lines += self._scale(layout, axis, marks)
        return [*lines, *layout.legends()]

    def _fit(self, width: int, room: int) -> _Layout:
        """Return the layout; what is wide goes first, then the drawing, then the other columns."""
        natural = max(cell_len(row.label) for row in [*self.rows, Row(self.title)])
        narrow = [column for column in self.beside if not column.wide]
        behind = [column for column in self.beside if not column.wide or column.after]
        for columns in (self.beside, behind, narrow):
            rest = width - room - len(_GAP) - _taken(columns)
            is_narrow = columns == narrow
            least = _LEAST_LABEL if is_narrow else _LEAST_LABEL_BESIDE_WIDE
            label = min(natural, max(least, rest - len(_GAP) - _WANTED_DRAWING))
            drawing = rest - len(_GAP) - label
            if drawing >= (_LEAST_DRAWING if is_narrow else _WANTED_DRAWING):
                return _laid_out(label, min(drawing, _MOST_DRAWING), room, columns)
        for skipped in range(len(narrow) + 1):
            columns = narrow[skipped:]
            label = width - room - len(_GAP) - _taken(columns)
            if label >= min(natural, _LEAST_LABEL):
                break
        return _laid_out(max(cell_len(self.title), min(natural, label)), 0, room, columns)

    def _axis(self, width: int) -> Axis:
        shown = [row.interval for row in self.rows if row.interval]
        return Axis.over(shown, width, null=self.null, logarithmic=self.logarithmic)

    def _scale(self, layout: _Layout, axis: Axis, marks: Marks) -> Iterator[Line]:
        """Yield the axis, its values, and what the sides favour."""
        ticks = axis.ticks()
        ruler = [marks.axis] * axis.width
        for tick in ticks:
            ruler[axis.column(tick.value)] = marks.tick
        if self.null is not None:
            null = axis.column(self.null)
            at_tick = ruler[null] == marks.tick
            ruler[null] = marks.null_at_tick if at_tick else marks.null_at_axis
        start, total = layout.start, layout.width
        yield Line(_written(total, (start, "".join(ruler))))
        values = [(start + span(axis.column(t.value), t.label)[0], t.label) for t in ticks]
        yield Line(_written(total, *values), QUIET)
        if self.null is not None and any(self.favours):
            yield from _sides(self.favours, start + axis.column(self.null), total, marks)


def _untold(row: Row) -> str:
    """Return what stands for an effect without numbers: only what overflows has none."""
    return "> 1e308" if row.kind in {Kind.STUDY, Kind.POOLED} else ""


def folded(label: str, width: int) -> list[str]:
    """Return a label in lines of at most this width, broken between words where that is enough."""
    lines: list[str] = []
    for word in label.split():
        joint = " "
        for piece in _pieces(word, width):
            if lines and cell_len(lines[-1] + joint + piece) <= width:
                lines[-1] += joint + piece
            else:
                lines.append(piece)
            joint = ""
    return lines or [""]


def _pieces(word: str, width: int) -> list[str]:
    """Return a word, or where it is too long its parts, broken after hyphens where it has them."""
    if cell_len(word) <= width:
        return [word]
    parts = re.split(r"(?<=-)", word)
    return [piece for part in parts for piece in chop_cells(part, width) if piece]


def _drawing(row: Row, axis: Axis, marks: Marks) -> str:
    canvas = list(_canvas(axis, marks))
    if row.interval is None or not canvas:
        return "".join(canvas)
    first, last = axis.column(row.interval.low), axis.column(row.interval.high)
    line, ends = {
        Kind.POOLED: (marks.bar, marks.diamond_ends),
        Kind.PREDICTION: (marks.dots, marks.ends),
    }.get(row.kind, (marks.line, marks.ends))
    for place in range(first, last + 1):
        crossed = canvas[place] == marks.null and row.kind is Kind.STUDY
        canvas[place] = marks.crossed if crossed else line
    canvas[first], canvas[last] = ends[0], ends[1]
    if row.interval.low < axis.low:
        canvas[first] = marks.cut[0]
    if row.interval.high > axis.high:
        canvas[last] = marks.cut[1]
    if row.interval.estimate is not None and axis.holds(row.interval.estimate):
        canvas[axis.column(row.interval.estimate)] = (
            marks.diamond if row.kind is Kind.POOLED else _square(row.size, marks)
        )
    return "".join(canvas)


def _square(size: float, marks: Marks) -> str:
    steps = len(marks.squares)
    return marks.squares[min(int(size * steps), steps - 1)]


def _canvas(axis: Axis, marks: Marks) -> str:
    """Return an empty row: the line of no effect alone."""
    if not axis.width:
        return ""
    at = None if axis.null is None else axis.column(axis.null)
    return "".join(marks.null if place == at else " " for place in range(axis.width))


def _sides(favours: tuple[str, str], null: int, total: int, marks: Marks) -> Iterator[Line]:
    """Yield what the two sides favour, on either side of the null, where there is room."""
    below, above = (
        f"{marks.cut[0]} {favours[0]}" if favours[0] else "",
        f"{favours[1]} {marks.cut[1]}" if favours[1] else "",
    )
    start = null - 1 - cell_len(below)
    if start >= 0 and null + 2 + cell_len(above) <= total:
        yield Line(_written(total, (start, below), (null + 2, above)), QUIET)


def _written(total: int, *pieces: tuple[int, str]) -> str:
    """Return a line with pieces of text at their columns; what would not fit is left out."""
    line = ""
    for start, text in pieces:
        if start >= cell_len(line) and start + cell_len(text) <= total:
            line += " " * (start - cell_len(line)) + text
    return left(line, total)


def _laid_out(label: int, drawing: int, effect: int, columns: Sequence[Beside]) -> _Layout:
    before, after = ([c for c in columns if c.after is behind] for behind in (False, True))
    return _Layout(label, drawing, effect, before, after)


def _cell_at(place: int) -> Callable[[Beside], str]:
    return lambda column: column.cells[place]


def _nothing(_: Beside) -> str:
    return ""


def _taken(columns: Sequence[Beside]) -> int:
    return sum(column.width + len(_GAP) for column in columns)


def left(text: str, width: int) -> str:
    """Return text with spaces behind it, so many that it takes this width."""
    return text + " " * (width - cell_len(text))


def right(text: str, width: int) -> str:
    """Return text with spaces before it, so many that it takes this width."""
    return " " * (width - cell_len(text)) + text
