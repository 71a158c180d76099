"""A sheet with a title above and notes below what is drawn, laid out in inches."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kb_cli.figures.drawing import QUIET, RULE, SIZE, SMALL, TITLE
from kb_cli.figures.text import wrapped

MARGIN = 0.2
LINE = 0.17
"""The height of a line of text."""

_TITLE_LINE = 0.2
_BASELINE = 0.72
"""How far below the top of its line the baseline of a text lies, as a share of the line."""


class Page:
    """A figure of which the body, between title and notes, is still empty.

    Places are inches from the left edge of the figure and from the top of the body.
    """

    def __init__(
        self, width: float, body: float, title: str, subtitle: str = "", notes: Sequence[str] = ()
    ) -> None:
        room = width - 2 * MARGIN
        titles = wrapped(title, room, TITLE, bold=True)
        subtitles = wrapped(subtitle, room, SMALL) if subtitle else []
        paragraphs = [wrapped(note, room, SMALL) for note in notes if note]
        self.width = width
        self._top = MARGIN + len(titles) * _TITLE_LINE + len(subtitles) * LINE + 0.12
        below = sum(len(lines) * LINE + 0.04 for lines in paragraphs)
        self._height = self._top + body + below + MARGIN
        self.figure = Figure(figsize=(width, self._height))
        self._write_titles(titles, subtitles)
        self._write_notes(paragraphs, body)

    def write(self, x: float, y: float, text: str, size: float = SIZE, **how: Any) -> None:
        """Write a line of text; y is where the line has its top."""
        baseline = self._top + y + _BASELINE * LINE
        self.figure.text(x / self.width, 1 - baseline / self._height, text, fontsize=size, **how)

    def rule(self, y: float) -> None:
        """Draw a line from margin to margin."""
        ends = [MARGIN, self.width - MARGIN]
        self.mark(ends, [y, y], color=RULE, linewidth=0.8)

    def mark(self, x: Sequence[float], y: Sequence[float], **how: Any) -> None:
        """Draw a line or markers."""
        across = [place / self.width for place in x]
        down = [1 - (self._top + place) / self._height for place in y]
        self.figure.add_artist(Line2D(across, down, **how))

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return axes with their top left corner at a place, without lines above and right."""
        bottom = self._height - self._top - y - height
        axes = self.figure.add_axes(
            (
                x / self.width,
                bottom / self._height,
                width / self.width,
                height / self._height,
            )
        )
        axes.spines[["right", "top"]].set_visible(False)
        axes.patch.set_visible(False)
        return axes

    def _write_titles(self, titles: Sequence[str], subtitles: Sequence[str]) -> None:
        y = MARGIN - self._top
        for line in titles:
            self.write(MARGIN, y, line, TITLE, weight="bold")
            y += _TITLE_LINE
        for line in subtitles:
            self.write(MARGIN, y, line, SMALL, color=QUIET)
            y += LINE

    def _write_notes(self, paragraphs: Sequence[Sequence[str]], y: float) -> None:
        for lines in paragraphs:
            for line in lines:
                self.write(MARGIN, y, line, SMALL)
                y += LINE
            y += 0.04
