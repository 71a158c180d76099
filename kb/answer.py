"""What a question is answered with: rows, and what a reader must know about them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kb.base import DataState, Record
from kb.question import Question

if TYPE_CHECKING:
    import pandas as pd


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

    @property
    def counted(self) -> str:
        """The number of rows with what they are: '1 study', '3 studies'."""
        subject = self.question.subject
        if self.count == 1:
            singular = {"studies": "study", "strategies": "strategy"}
            subject = singular.get(subject, subject.removesuffix("s"))
        return f"{self.count} {subject}"

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

    def to_frame(self) -> "pd.DataFrame":
        """Return the rows as a data frame: the columns and rows of `--format csv`."""
        from kb.flat import flat
        from kb.frames import frame

        return frame(flat(self))

    def _repr_html_(self) -> str:
        from kb.html import answer_html

        return answer_html(self)
