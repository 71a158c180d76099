"""A gap map: what every pair of terms has, the pairs that have nothing, and what to know of it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.answer import LeftOut
from kb.base import DataState, Record
from kb.flat import Flat
from kb.gaps.axes import Axis, Level
from kb.gaps.directions import DIRECTIONS
from kb.question import Question


@dataclass(frozen=True)
class Tally:
    """Studies, never reports, and the participants in them.

    Attributes:
        studies: their keys, oldest first.
        randomised: how many of them are randomised trials.
        participants: the sum of the known numbers; None where none is known.
        uncounted: how many of the studies have no known number.
    """

    studies: tuple[str, ...]
    randomised: int
    participants: int | None
    uncounted: int

    @property
    def count(self) -> int:
        """Number of studies."""
        return len(self.studies)

    def as_dict(self) -> dict[str, Any]:
        """Return the tally as plain data."""
        return {
            "studies": list(self.studies),
            "count": self.count,
            "randomised": self.randomised,
            "participants": self.participants,
            "participants_unknown": self.uncounted,
        }


@dataclass(frozen=True)
class Cell:
    """One pair of terms.

    Attributes:
        directions: how many studies point each way; None where no outcome is looked at.
        pointing: the direction of each study, by key; empty where no outcome is looked at.
        evidence: what is known of each study here, with passages, by key.
    """

    row: Level
    column: Level
    words: str
    command: str
    tally: Tally
    directions: Mapping[str, int] | None
    pointing: Mapping[str, str]
    evidence: Mapping[str, Sequence[Record]]

    def as_dict(self) -> dict[str, Any]:
        """Return the cell as plain data."""
        return {
            "row": self.row.key,
            "row_name": self.row.label,
            "column": self.column.key,
            "column_name": self.column.label,
            "words": self.words,
            **self.tally.as_dict(),
            "directions": dict(self.directions) if self.directions else None,
            "evidence": [
                {"study": study, **item} for study, items in self.evidence.items() for item in items
            ],
            "command": self.command,
        }


@dataclass(frozen=True)
class GapMap:
    """Cells for every pair of a row and a column, row by row, with totals.

    Attributes:
        question: the studies that were asked for.
        studies: what is known of each study on the map, by key, oldest first.
        left_out: studies that the question means and the map has no place for, and why.
    """

    question: Question
    rows: Axis
    columns: Axis
    cells: tuple[Cell, ...]
    row_totals: tuple[Tally, ...]
    column_totals: tuple[Tally, ...]
    total: Tally
    studies: Mapping[str, Record]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    data: DataState

    @property
    def empty(self) -> list[Cell]:
        """The cells without any study."""
        return [cell for cell in self.cells if not cell.tally.count]

    @property
    def filled(self) -> list[Cell]:
        """The cells with studies."""
        return [cell for cell in self.cells if cell.tally.count]

    @property
    def empty_first(self) -> list[Cell]:
        """All cells, those without any study first."""
        return [*self.empty, *self.filled]

    @property
    def has_directions(self) -> bool:
        """Whether the cells tell which way effects point."""
        return any(cell.directions for cell in self.cells)

    @property
    def empty_rows(self) -> list[Level]:
        """The rows without any study."""
        return [level for level, tally in self._by_row() if not tally.count]

    @property
    def empty_columns(self) -> list[Level]:
        """The columns without any study."""
        pairs = zip(self.columns.levels, self.column_totals, strict=True)
        return [level for level, tally in pairs if not tally.count]

    @property
    def command(self) -> str:
        """The command line that asks the same."""
        words = ["kb", "gaps", "--rows", self.rows.facet, "--columns", self.columns.facet]
        for criterion in self.question.criteria:
            words += criterion.flags()
        return shlex.join(words)

    def row(self, level: Level) -> list[Cell]:
        """Return the cells of a row, in the order of the columns."""
        return [cell for cell in self.cells if cell.row == level]

    def scattered(self) -> list[tuple[Level, list[Level]]]:
        """Return the columns that are empty in each row, besides rows and columns all empty."""
        columns = self.empty_columns
        found = []
        for level, tally in self._by_row():
            empty = [
                cell.column
                for cell in self.row(level)
                if not cell.tally.count and cell.column not in columns
            ]
            if tally.count and empty:
                found.append((level, empty))
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the map as plain data, as `--format json` prints it."""
        return {
            "question": {
                "subject": "gaps",
                "rows": self.rows.facet,
                "columns": self.columns.facet,
                "facets": {c.facet: c.values for c in self.question.criteria},
                "command": self.command,
            },
            "answer": [cell.as_dict() for cell in self.empty_first],
            "count": len(self.cells),
            "empty": len(self.empty),
            "rows": [
                {"key": level.key, "name": level.label, **tally.as_dict()}
                for level, tally in self._by_row()
            ],
            "columns": [
                {"key": level.key, "name": level.label, **tally.as_dict()}
                for level, tally in zip(self.columns.levels, self.column_totals, strict=True)
            ],
            "total": self.total.as_dict(),
            "studies": list(self.studies.values()),
            "left_out": [item.as_dict() for item in self.left_out],
            "notes": list(self.notes),
            "data": self.data.as_dict(),
        }

    def flat(self) -> Flat:
        """Return a row for each cell, the empty ones first."""
        headers = ["row", "row_name", "column", "column_name", "studies", "randomised"]
        headers += ["participants", "participants_unknown"]
        headers += [name.replace("-", "_") for name in DIRECTIONS if self.has_directions]
        headers += ["study_keys", "command"]
        return headers, [self._cells(cell) for cell in self.empty_first]

    def _cells(self, cell: Cell) -> list[Any]:
        tally = cell.tally
        counts = cell.directions or {}
        return [
            cell.row.key,
            cell.row.label,
            cell.column.key,
            cell.column.label,
            tally.count,
            tally.randomised,
            tally.participants,
            tally.uncounted,
            *(counts[name] for name in DIRECTIONS if self.has_directions),
            "; ".join(tally.studies),
            cell.command,
        ]

    def _by_row(self) -> list[tuple[Level, Tally]]:
        return list(zip(self.rows.levels, self.row_totals, strict=True))
