"""Draw a scatter of named points with characters: a letter for each, and a legend of the letters.

Two points in one place are drawn as their number; the legend still names both.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from string import ascii_letters
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from kb_cli.render.axis import Axis, span
from kb_cli.render.forest import folded
from kb_cli.streams import speaks_unicode

_HEIGHT = 15
_WIDEST = 64
_BESIDE = 100
_GAP = "   "
_MOST_SHARED = 9
_LEAST = 1e-300
"""Smaller differences than this are no distance on a drawing."""


class Point(NamedTuple):
    """A point with its name; `said` is told of it in the legend."""

    label: str
    x: float
    y: float
    said: str = ""


class Marks(NamedTuple):
    """The characters of a scatter."""

    side: str
    corner: str
    floor: str
    tick: str
    guide: str
    other: str


UNICODE = Marks("│", "└", "─", "┬", "·", "∘")
ASCII = Marks("|", "+", "-", "+", ".", "o")


@dataclass(frozen=True)
class Scatter:
    """A scatter.

    Attributes:
        points: the first 52 have letters, the others share a mark.
        x_name, y_name: what the axes show.
        logarithmic: whether x is a ratio.
        guides: x of the guiding lines as a function of y, such as the sides of a funnel.
        falling: whether y grows from the top down, from zero.
    """

    points: Sequence[Point]
    x_name: str
    y_name: str
    logarithmic: bool = False
    guides: Sequence[Callable[[float], float]] = ()
    falling: bool = False

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines that fit the width."""
        marks = UNICODE if speaks_unicode() else ASCII
        for line in self.lines(options.max_width, marks):
            yield Text(line, no_wrap=True)

    def lines(self, width: int, marks: Marks = UNICODE) -> list[str]:
        """Return the scatter with its legend, beside it where there is room, else below."""
        drawing = list(self._drawing(min(width, _WIDEST), marks))
        if width < _WIDEST:
            return [*drawing, *self._legend(width, marks)]
        if width < _BESIDE:
            half = (width - len(_GAP)) // 2
            legend = list(self._legend(half, marks))
            middle = (len(legend) + 1) // 2
            return [*drawing, *_beside(legend[:middle], legend[middle:], half)]
        room = width - _WIDEST - len(_GAP)
        return _beside(drawing, list(self._legend(room, marks)), _WIDEST)

    def axes(self, width: int) -> tuple[Axis, Axis]:
        """Return the axis along the columns of a drawing, and the one along its lines."""
        xs = [point.x for point in self.points]
        ys = [point.y for point in self.points]
        bottom = 0.0 if self.falling or min(ys) >= 0 else min(ys)
        top = max(ys) if max(ys) - bottom > _LEAST else bottom + 1.0
        low, high = _spread(xs, logarithmic=self.logarithmic)
        return Axis(low, high, width, None, self.logarithmic), Axis(bottom, top, _HEIGHT)

    def row(self, y_axis: Axis, y: float) -> int:
        """Return the line of a value, from the top."""
        place = y_axis.column(y)
        return place if self.falling else _HEIGHT - 1 - place

    def _drawing(self, width: int, marks: Marks) -> Iterator[str]:
        _, y_axis = self.axes(1)
        named = {0: f"{y_axis.high:.3g}", _HEIGHT - 1: f"{y_axis.low:.3g}"}
        if self.falling:
            named = {0: f"{y_axis.low:.3g}", _HEIGHT - 1: f"{y_axis.high:.3g}"}
        margin = max(map(len, named.values()))
        x_axis, _ = self.axes(max(width - margin - 3, 10))
        yield self.y_name
        for place, line in enumerate(self._canvas(x_axis, y_axis, marks)):
            yield f"{named.get(place, ''):>{margin}} {marks.side} {line}".rstrip()
        ticks = x_axis.ticks()
        ruler = [marks.floor] * x_axis.width
        for tick in ticks:
            ruler[x_axis.column(tick.value)] = marks.tick
        yield f"{'':{margin}} {marks.corner}{marks.floor}{''.join(ruler)}"
        values = ""
        for tick in ticks:
            start = margin + 3 + span(x_axis.column(tick.value), tick.label)[0]
            if len(values) <= start <= width - len(tick.label):
                values += " " * (start - len(values)) + tick.label
        yield values
        yield f"{self.x_name:>{min(width, margin + 3 + x_axis.width)}}"

    def _canvas(self, x_axis: Axis, y_axis: Axis, marks: Marks) -> list[str]:
        canvas = [[" "] * x_axis.width for _ in range(_HEIGHT)]
        for guide in self.guides:
            for place in range(_HEIGHT):
                share = place / (_HEIGHT - 1)
                y = y_axis.low + (y_axis.high - y_axis.low) * share
                if x_axis.holds(guide(y)):
                    canvas[self.row(y_axis, y)][x_axis.column(guide(y))] = marks.guide
        at: dict[tuple[int, int], list[str]] = defaultdict(list)
        for name, point in zip(self._names(marks), self.points, strict=True):
            at[self.row(y_axis, point.y), x_axis.column(point.x)].append(name)
        for (row, column), names in at.items():
            shared = str(min(len(names), _MOST_SHARED))
            canvas[row][column] = names[0] if len(names) == 1 else shared
        return ["".join(line) for line in canvas]

    def _names(self, marks: Marks) -> list[str]:
        others = len(self.points) - len(ascii_letters)
        return [*ascii_letters[: len(self.points)], *(marks.other for _ in range(others))]

    def _legend(self, width: int, marks: Marks) -> Iterator[str]:
        told = [
            (name, f"{point.label}  {point.said}".strip())
            for name, point in zip(ascii_letters, self.points, strict=False)
        ]
        others = len(self.points) - len(ascii_letters)
        if others > 0:
            told.append((marks.other, f"{others} more; --format json names them all"))
        for name, text in told:
            first, *more = folded(text, max(width - 2, 1))
            yield f"{name} {first}"
            yield from (f"  {part}" for part in more)


def _beside(left: Sequence[str], right: Sequence[str], width: int) -> list[str]:
    """Return two blocks of lines side by side, the left one in so many columns."""
    return [
        f"{first}{' ' * (width - cell_len(first))}{_GAP}{second}".rstrip()
        for first, second in zip_longest(left, right, fillvalue="")
    ]


def _spread(values: Sequence[float], *, logarithmic: bool) -> tuple[float, float]:
    """Return the ends of an axis that shows all values with a little room."""
    low, high = min(values), max(values)
    if logarithmic:
        room = (high / low) ** 0.05 if high > low else 2.0
        return low / room, high * room
    room = (high - low) * 0.05 if high - low > _LEAST else max(abs(low), 1.0)
    return low - room, high + room
