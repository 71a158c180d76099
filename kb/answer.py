"""What a question is answered with: rows, and what a reader must know about them."""

from dataclasses import dataclass, field
from typing import Any

from kb.base import DataState, Record
from kb.question import Question


@dataclass(frozen=True)
class LeftOut:
    """Something that a reader might miss in the rows, and why it is not there."""

    what: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"what": self.what, "reason": self.reason}


@dataclass(frozen=True)
class Nearby:
    """A wider question that does have an answer."""

    command: str
    count: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"command": self.command, "count": self.count}


@dataclass(frozen=True)
class Answer:
    """Rows for a question, with what was left out, notes, and the state of the data."""

    question: Question
    rows: list[Record]
    data: DataState
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    nearby: list[Nearby] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain data, as `--format json` prints it."""
        return {
            "question": self.question.as_dict(),
            "answer": self.rows,
            "count": self.count,
            "left_out": [item.as_dict() for item in self.left_out],
            "notes": self.notes,
            "nearby": [item.as_dict() for item in self.nearby],
            "data": self.data.as_dict(),
        }
