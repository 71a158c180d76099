"""The effect-direction plot: which way the effect of each trial points, on each outcome.

Boon MH, Thomson H. The effect direction plot revisited. Res Synth Methods 2021;12:29-33.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matplotlib.path import Path as Shape
from matplotlib.transforms import Affine2D

from kb.errors import KbError
from kb.pooling.answer import PooledAnswer
from kb.pooling.sign_test import BY_SUBGROUP
from kb_cli.figures.drawing import BLUE, ORANGE, QUIET, SIZE, SMALL, VERMILLION, Drawing
from kb_cli.figures.page import LINE, MARGIN, Page
from kb_cli.figures.text import sentence, wrapped
from kb_cli.figures.wording import paragraph
from kb_cli.render.directions import BASIS, about, participants, pointing, vote_count
from kb_cli.render.parts import counted, joined

_LABEL = 2.1
_GAP = 0.25
_ARROW = 0.26
_ROOMS = ((3, 2.4), (6, 1.7))
_ROOM = 1.3
"""How wide the cells are up to a number of outcomes, and with more of them."""

_UP = Shape(
    [(-0.2, -1), (0.2, -1), (0.2, 0.1), (0.62, 0.1), (0, 1), (-0.62, 0.1), (-0.2, 0.1), (-0.2, -1)],
    [Shape.MOVETO, *[Shape.LINETO] * 6, Shape.CLOSEPOLY],
)
_BOTH = Shape(
    [
        *((-0.2, -0.35), (-0.62, -0.35), (0, -1), (0.62, -0.35), (0.2, -0.35)),
        *((0.2, 0.35), (0.62, 0.35), (0, 1), (-0.62, 0.35), (-0.2, 0.35), (-0.2, -0.35)),
    ],
    [Shape.MOVETO, *[Shape.LINETO] * 9, Shape.CLOSEPOLY],
)
_ARROWS: dict[str, tuple[Shape, str]] = {
    "favours-intervention": (_UP, BLUE),
    "favours-control": (_UP.transformed(Affine2D().rotate_deg(180)), VERMILLION),
    "no-difference": (_BOTH.transformed(Affine2D().rotate_deg(90)), QUIET),
    "mixed": (_BOTH, ORANGE),
}
"""Arrows by direction; what is unclear has a question mark."""

_KEY = (
    "Arrows: up favours the intervention, down the control; sideways no difference, up and down "
    "mixed; ? unclear. An arrow says nothing of the size of an effect."
)


def drawn(answer: PooledAnswer) -> Drawing:
    """Draw a row for each trial and a column for each outcome."""
    rows = answer.selection.directions
    if not rows:
        raise KbError(
            "There are no directions of effect to draw.",
            "Ask for --figure forest, or for other outcomes.",
        )
    grid = _Grid(rows)
    trials, outcomes = counted(len(grid.trials), "trial"), counted(len(grid.outcomes), "outcome")
    title = f"Direction of effect: {trials}, {outcomes}"
    notes = [_KEY, vote_count(rows)]
    page = Page(grid.width, grid.height, title, answer.command(), notes)
    grid.draw(page)
    return Drawing(page.figure, title, paragraph([title, *map(_told, rows), *notes]))


@dataclass(frozen=True)
class _Cell:
    """What is said of one trial on one outcome: the direction in words, and on what it rests."""

    code: str
    words: Sequence[str]
    about: Sequence[str]

    @property
    def lines(self) -> int:
        return len(self.words) + len(self.about)


@dataclass(frozen=True)
class _Grid:
    """Trials and outcomes in the order of the rows."""

    rows: Sequence[dict[str, Any]]

    @cached_property
    def trials(self) -> dict[str, str]:
        """The labels of the trials, by key."""
        return {row["study"]: row["label"] for row in self.rows}

    @cached_property
    def outcomes(self) -> dict[str, str]:
        """The names of the outcomes, by key."""
        return {row["outcome"]: sentence(row["outcome_name"]) for row in self.rows}

    @property
    def room(self) -> float:
        """How wide a cell is, in inches."""
        count = len(self.outcomes)
        return next((room for most, room in _ROOMS if count <= most), _ROOM)

    @property
    def width(self) -> float:
        """The width of the page."""
        cells = len(self.outcomes) * (self.room + _GAP)
        return max(2 * MARGIN + _LABEL + cells, 6.5)

    @cached_property
    def headers(self) -> list[list[str]]:
        return [wrapped(name, self.room, SIZE, bold=True) for name in self.outcomes.values()]

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        return {key: wrapped(label, _LABEL, SIZE) for key, label in self.trials.items()}

    @cached_property
    def cells(self) -> dict[tuple[str, str], _Cell]:
        """What there is, by trial and outcome."""
        return {(row["study"], row["outcome"]): self._cell(row) for row in self.rows}

    def _cell(self, row: dict[str, Any]) -> _Cell:
        room = self.room - _ARROW
        said = [
            about(row),
            BASIS[row["basis"]],
            joined([participants(row), row["p"] or ""]),
        ]
        return _Cell(
            "" if row["apart"] == BY_SUBGROUP else row["direction"],
            wrapped(pointing(row).plain, room, SIZE),
            [line for part in said if part for line in wrapped(part, room, SMALL)],
        )

    @property
    def head(self) -> float:
        """The height of the headers."""
        return max(map(len, self.headers)) * LINE + 0.1

    @property
    def height(self) -> float:
        """The height of everything."""
        return self.head + sum(map(self._height, self.trials)) + 0.15

    def _height(self, trial: str) -> float:
        cells = [cell for (study, _), cell in self.cells.items() if study == trial]
        return max(len(self.labels[trial]), *(cell.lines for cell in cells)) * LINE + 0.12

    def draw(self, page: Page) -> None:
        """Draw the headers, and the trials below each other."""
        places = [
            MARGIN + _LABEL + _GAP + column * (self.room + _GAP)
            for column in range(len(self.outcomes))
        ]
        bottom = self.head - 0.1
        page.write(MARGIN, bottom - LINE, "Trial", weight="bold")
        for x, header in zip(places, self.headers, strict=True):
            _write_lines(page, x, bottom - len(header) * LINE, header, SIZE, weight="bold")
        page.rule(self.head - 0.05)
        y = self.head + 0.03
        for trial, label in self.labels.items():
            _write_lines(page, MARGIN, y, label, SIZE)
            for x, outcome in zip(places, self.outcomes, strict=True):
                if (trial, outcome) in self.cells:
                    _draw_cell(page, x, y, self.cells[trial, outcome])
            y += self._height(trial)


def _draw_cell(page: Page, x: float, y: float, cell: _Cell) -> None:
    if cell.code in _ARROWS:
        shape, colour = _ARROWS[cell.code]
        how = {"color": colour, "markersize": 11, "markeredgewidth": 0}
        page.mark([x + 0.1], [y + LINE / 2], marker=shape, **how)
    else:
        page.write(x + 0.1, y, "?", SIZE, ha="center", weight="bold")
    _write_lines(page, x + _ARROW, y, cell.words, SIZE)
    y += len(cell.words) * LINE
    _write_lines(page, x + _ARROW, y, cell.about, SMALL, color=QUIET)


def _write_lines(
    page: Page, x: float, y: float, lines: Sequence[str], size: float, **how: Any
) -> None:
    for number, line in enumerate(lines):
        page.write(x, y + number * LINE, line, size, **how)


def _told(row: dict[str, Any]) -> str:
    """Return a row in words."""
    told = [pointing(row).plain, participants(row), row["p"] or ""]
    return f"{row['label']}, {row['outcome_name']}: {joined(told, ', ')}"
