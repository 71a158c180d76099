"""The answer to a question for a pooled effect: everything a screen, a file or a receipt shows."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.base import DataState, Record
from kb.pooling.analysing.analysis import Analysis
from kb.pooling.evidence import Entry, Selection, Verdict
from kb.pooling.options import PoolOptions
from kb.question import Question

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableFile:
    """The file that a table came from, and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class PooledAnswer:
    """A verdict, the effects behind it, and the pooled effect where there is one.

    Attributes:
        question: what was asked of the store; None for a file.
        file: the file that was brought along; None for the store.
        options: how it was pooled.
        data: the state of the store; None for a file.
        verdict: whether the effects may be pooled.
        selection: the effects chosen and those set aside.
        analysis: the pooled effect; None where there is nothing to pool.
        reported: pooled effects that reviews print on the same outcome, never mixed in.
        notes: how a question in words was read.
    """

    question: Question | None
    file: TableFile | None
    options: PoolOptions
    data: DataState | None
    verdict: Verdict
    selection: Selection
    analysis: Analysis | None
    reported: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The effects that were pooled."""
        return self.selection.entries

    def command(self, verb: str = "pool") -> str:
        """Return the command line that asks the same."""
        if self.question is not None:
            facets = [word for c in self.question.criteria for word in c.flags()]
        else:
            assert self.file is not None
            facets = ["--data", self.file.name]
        return shlex.join(["kb", verb, *facets, *self.options.flags()])

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain data, as `--format json` prints it; null, never NaN."""
        return {
            "question": self._asked(),
            "verdict": self.verdict.as_dict(),
            "result": self.analysis.result if self.analysis else None,
            "back": self.analysis.back if self.analysis else None,
            "studies": [self._study(i, entry) for i, entry in enumerate(self.entries)],
            "left_out": [item.as_dict() for item in self.selection.set_aside],
            "selection": {
                "rule": list(self.selection.rule),
                "favours": self.selection.favours or None,
                "undecided": list(self.selection.undecided),
            },
            **(self.analysis.extras() if self.analysis else {}),
            "directions": list(self.selection.directions),
            "reported": list(self.reported),
            "data": self.data.as_dict() if self.data else None,
        }

    def to_frame(self) -> "pd.DataFrame":
        """Return the effects as a data frame: a row for each, on both scales, with its source."""
        from kb.frames import frame
        from kb.pooling.flat import flat_effects

        return frame(flat_effects(self))

    def _repr_html_(self) -> str:
        from kb.pooling.html import pooled_html

        return pooled_html(self)

    def _asked(self) -> dict[str, Any]:
        facets = {c.facet: c.values for c in self.question.criteria} if self.question else {}
        return {
            "subject": "pool",
            "facets": facets,
            "file": {"name": self.file.name, "sha256": self.file.sha256} if self.file else None,
            "options": self.options.as_dict(),
            "command": self.command(),
            **({"notes": list(self.notes)} if self.notes else {}),
        }

    def _study(self, i: int, entry: Entry) -> Mapping[str, Any]:
        treated, control = entry.n
        return {
            "label": entry.label,
            "yi": entry.yi,
            "vi": entry.vi,
            "weight": self.analysis.weights[i] if self.analysis else None,
            "study": entry.study,
            "key": entry.key,
            "year": entry.year,
            "n_intervention": treated,
            "n_control": control,
            "shown": list(entry.shown) if entry.shown else None,
            "basis": entry.basis,
            "instrument": entry.instrument or None,
            "time": entry.time or None,
            "flipped": entry.flipped,
            "risk_of_bias": [{"domain": d, "judgement": j} for d, j in entry.bias],
            "values": dict(entry.values),
            "passages": list(entry.passages),
            "notes": list(entry.notes),
        }
