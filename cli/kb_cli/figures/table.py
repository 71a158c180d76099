"""A table with a drawing of effects among its columns: what every kind of forest plot is made of.

Everything is laid out in inches from the top left corner; the axes of the drawing cover exactly the
rows, with the distance from the top of the first row as y, so that no mark can leave its row.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from kb_cli.figures.drawing import BLUE, GREEN, INK, ORANGE, QUIET, SIZE, SMALL, VERMILLION
from kb_cli.figures.page import LINE, MARGIN, Page
from kb_cli.figures.scale import scaled, share, ticked
from kb_cli.figures.text import cleaned, width, wrapped
from kb_cli.render.axis import Axis, Interval

_GAP = 0.24
_ROW = 0.06
_APART = 0.1
_DRAWING = 3.3
_LABEL = 2.9
_NARROWEST = 6.5
_BIAS = 0.2
_BELOW = 0.55
"""Inches: between columns and rows, above what stands apart, and what the parts may take."""

_SIGNS = {"+": (GREEN, "black"), "?": (ORANGE, "black"), "−": (VERMILLION, "white")}
_OTHER_SIGN = ("#d9d9d9", "black")
"""The colours of a sign of risk of bias: behind it, and its own."""


@dataclass(frozen=True)
class Square:
    """An effect with its interval; `area` is a share of the largest square's."""

    interval: Interval
    area: float = 1.0


@dataclass(frozen=True)
class Diamond:
    """A pooled effect with its interval."""

    interval: Interval


@dataclass(frozen=True)
class Band:
    """An interval in which a new study's effect is expected."""

    interval: Interval


@dataclass(frozen=True)
class Column:
    """A column of text, left or right of the drawing; a header may have several lines."""

    header: str
    side: Literal["left", "right"]


@dataclass(frozen=True)
class Row:
    """A row: its label, a cell for each column, and what is drawn in it.

    `bias` are signs of risk of bias, one per domain; `apart` leaves room above the row.
    """

    label: str
    cells: tuple[str, ...] = ()
    mark: Square | Diamond | Band | None = None
    bias: tuple[str, ...] = ()
    bold: bool = False
    indent: float = 0.0
    apart: bool = False


@dataclass(frozen=True)
class Table:
    """What a forest plot shows.

    Attributes:
        title, subtitle: above it.
        label: the header of the labels.
        columns: the others, those left of the drawing first.
        rows: from the top.
        axis, axis_name: what is drawn below the rows.
        pooled: the pooled effect, None where there is none.
        favours: what stands left and right of no effect, below the axis.
        domains: headers of the signs of risk of bias.
        notes: below it, a paragraph each.
    """

    title: str
    subtitle: str
    label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    axis: Axis
    axis_name: str
    pooled: float | None = None
    favours: tuple[str, str] = ("", "")
    domains: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def plotted(table: Table) -> Figure:
    """Return the table as a figure; its axes are those of the drawing."""
    return _Sheet(table).figure()


class _Sheet:
    """The layout of a table, and the page it is drawn on."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._lay_out_columns()
        self._lay_out_rows()
        self.page = Page(self.width, self.height, table.title, table.subtitle, table.notes)

    def _lay_out_columns(self) -> None:
        table = self.table
        filled = [row for row in table.rows if row.cells]
        self.kept = [
            place for place in range(len(table.columns)) if any(row.cells[place] for row in filled)
        ]
        labels = (width(cleaned(row.label), SIZE, bold=row.bold) + row.indent for row in filled)
        self.label_room = min(max(width(table.label, SIZE, bold=True), *labels), _LABEL)
        left = [place for place in self.kept if table.columns[place].side == "left"]
        right = [place for place in self.kept if table.columns[place].side == "right"]
        self.edges: dict[int, float] = {}
        self.drawn_at = self._put(left, MARGIN + self.label_room + _GAP)
        self.bias_at = self._put(right, self.drawn_at + _DRAWING + _GAP)
        end = self.bias_at + len(table.domains) * _BIAS - (0 if table.domains else _GAP)
        self.width = max(end + MARGIN, _NARROWEST)

    def _put(self, places: list[int], x: float) -> float:
        """Put columns side by side from x on; return where the next may start."""
        for place in places:
            room = self._column_width(place)
            self.edges[place] = x + room
            x += room + _GAP
        return x

    def _column_width(self, place: int) -> float:
        header = self.table.columns[place].header.split("\n")
        cells = ((row.cells[place], row.bold) for row in self.table.rows if row.cells)
        return max(
            *(width(line, SIZE, bold=True) for line in header),
            *(width(cleaned(cell), SIZE, bold=bold) for cell, bold in cells),
        )

    def _lay_out_rows(self) -> None:
        table = self.table
        self.labels = [
            wrapped(row.label, self._label_width(row) - row.indent, SIZE, bold=row.bold)
            for row in table.rows
        ]
        above = [_APART if row.apart else 0.0 for row in table.rows]
        heights = [
            len(lines) * LINE + _ROW + apart
            for lines, apart in zip(self.labels, above, strict=True)
        ]
        *starts, self.rows_height = accumulate(heights, initial=0.0)
        self.starts = [start + apart + _ROW / 2 for start, apart in zip(starts, above, strict=True)]
        headers = [table.label, *(table.columns[place].header for place in self.kept)]
        self.header_lines = max(header.count("\n") + 1 for header in headers)
        self.rows_at = self.header_lines * LINE + 0.1
        favours = LINE if any(table.favours) else 0.0
        self.height = self.rows_at + self.rows_height + favours + _BELOW

    def _label_width(self, row: Row) -> float:
        """Return the room of a label: a heading without cells may go on over the columns."""
        return self.label_room if row.cells else self.drawn_at - MARGIN - _GAP

    def figure(self) -> Figure:
        """Draw everything."""
        self._draw_headers()
        axes = self._axes()
        for number in range(len(self.table.rows)):
            self._draw_row(number, axes)
        self._draw_below()
        return self.page.figure

    def _draw_headers(self) -> None:
        self._header(MARGIN, self.table.label, "left")
        for place in self.kept:
            self._header(self.edges[place], self.table.columns[place].header, "right")
        for place, domain in enumerate(self.table.domains):
            self._header(self.bias_at + (place + 0.5) * _BIAS, domain, "center")
        self.page.rule(self.rows_at - 0.05)

    def _header(self, x: float, header: str, align: str) -> None:
        lines = header.split("\n")
        y = (self.header_lines - len(lines)) * LINE
        for number, line in enumerate(lines):
            self.page.write(x, y + number * LINE, line, weight="bold", ha=align)

    def _axes(self) -> Axes:
        axis = self.table.axis
        axes = self.page.axes(self.drawn_at, self.rows_at, _DRAWING, self.rows_height)
        scaled(axes, axis)
        ticked(axes.yaxis, [])
        axes.set_ylim(self.rows_height, 0.0)
        axes.spines["left"].set_visible(False)
        if axis.null is not None:
            axes.axvline(axis.null, color=INK, linewidth=0.9, zorder=1, gid="no-effect")
        if self.table.pooled is not None:
            axes.axvline(
                self.table.pooled, color=VERMILLION, linewidth=0.8, linestyle=":", zorder=1
            )
        return axes

    def _draw_row(self, number: int, axes: Axes) -> None:
        row, start = self.table.rows[number], self.starts[number]
        weight = "bold" if row.bold else "normal"
        top = self.rows_at + start
        for place, line in enumerate(self.labels[number]):
            self.page.write(MARGIN + row.indent, top + place * LINE, line, weight=weight)
        for place in self.kept if row.cells else ():
            text = cleaned(row.cells[place])
            self.page.write(self.edges[place], top, text, weight=weight, ha="right")
        for place, sign in enumerate(row.bias):
            self._draw_sign(self.bias_at + (place + 0.5) * _BIAS, top, sign)
        if row.mark is not None:
            _draw_mark(axes, row.mark, start + LINE / 2, f"row-{number + 1}")

    def _draw_sign(self, x: float, top: float, sign: str) -> None:
        if not sign:
            return
        colour, ink = _SIGNS.get(sign, _OTHER_SIGN)
        self.page.mark(
            [x], [top + LINE / 2], marker="o", markersize=9.5, color=colour, markeredgewidth=0
        )
        self.page.write(x, top, sign, SMALL, ha="center", color=ink, weight="bold")

    def _draw_below(self) -> None:
        axis = self.table.axis
        y = self.rows_at + self.rows_height + 0.26
        if axis.null is not None and any(self.table.favours):
            null = self.drawn_at + share(axis, axis.null) * _DRAWING
            left, right = self.table.favours
            self.page.write(null - 0.08, y, f"← {left}", SMALL, ha="right")
            self.page.write(null + 0.08, y, f"{right} →", SMALL, ha="left")
            y += LINE
        centre = self.drawn_at + _DRAWING / 2
        self.page.write(centre, y, self.table.axis_name, SMALL, ha="center", color=QUIET)


def _draw_mark(axes: Axes, mark: Square | Diamond | Band, y: float, gid: str) -> None:
    if isinstance(mark, Square):
        _draw_square(axes, mark, y, gid)
    elif isinstance(mark, Diamond):
        _draw_diamond(axes, mark, y, gid)
    else:
        _draw_line(axes, mark.interval, y, VERMILLION, linewidth=2.6, gid=gid)


def _draw_square(axes: Axes, square: Square, y: float, gid: str) -> None:
    _draw_line(axes, square.interval, y, INK, linewidth=1.0)
    side = max(10.5 * square.area**0.5, 2.5)
    how = {"marker": "s", "markersize": side, "markeredgewidth": 0, "clip_on": False}
    axes.plot([_estimate(square.interval)], [y], color=BLUE, gid=gid, **how)


def _draw_diamond(axes: Axes, diamond: Diamond, y: float, gid: str) -> None:
    estimate = _estimate(diamond.interval)
    first, last = _within(axes, diamond.interval)
    half = 0.38 * LINE
    corners = [(first, y), (estimate, y - half), (last, y), (estimate, y + half)]
    axes.add_patch(Polygon(corners, facecolor=VERMILLION, edgecolor="none", zorder=2, gid=gid))
    _draw_arrows(axes, diamond.interval, y, VERMILLION)


def _draw_line(axes: Axes, interval: Interval, y: float, colour: str, **how: Any) -> None:
    axes.plot(_within(axes, interval), [y, y], color=colour, **how)
    _draw_arrows(axes, interval, y, colour)


def _estimate(interval: Interval) -> float:
    assert interval.estimate is not None
    return interval.estimate


def _within(axes: Axes, interval: Interval) -> tuple[float, float]:
    low, high = axes.get_xlim()
    return max(interval.low, low), min(interval.high, high)


def _draw_arrows(axes: Axes, interval: Interval, y: float, colour: str) -> None:
    """Point beyond the axes where an interval goes on there."""
    low, high = axes.get_xlim()
    for is_cut, at, marker in ((interval.low < low, low, "<"), (interval.high > high, high, ">")):
        if is_cut:
            axes.plot([at], [y], marker=marker, markersize=5, color=colour, clip_on=False)
