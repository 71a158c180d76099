"""What goes into a pool and what stays out: the same for the store and for a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.base import Record
from kb.synthesis.measures import Measure


@dataclass(frozen=True)
class Entry:
    """One effect that enters the pool, on the scale of analysis.

    Attributes:
        label: the study as it is named in figures and in JSON.
        yi, vi: the effect and its sampling variance, aligned in direction.
        study: key of the study in the store; in a file the label. Effects of one study depend on
            each other.
        key: key of the stored result, or the number of the row of the file.
        year: of the report.
        n: participants of the intervention arm and of the control arm, None where not known.
        shown: what the two arms showed ("24/34", "36.6 (37.6)"), None for a reported effect.
        basis: in words, what the effect is and how it came about.
        instrument, time: what it was measured with and when, in words; "" where not said.
        flipped: whether its sign was turned so that all effects point the same way.
        bias: judgements of risk of bias: domain, judgement.
        values: further columns, for subgroups and moderators, by name.
        passages: the passages behind the numbers, as `Base.passages` returns them.
        notes: what is noted on the numbers, such as who extracted them.
    """

    label: str
    yi: float
    vi: float
    study: str
    key: str
    year: int | None = None
    n: tuple[int | None, int | None] = (None, None)
    shown: tuple[str, str] | None = None
    basis: str = ""
    instrument: str = ""
    time: str = ""
    flipped: bool = False
    bias: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    passages: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetAside:
    """A result that does not enter the pool, and why.

    Attributes:
        label: the study.
        what: which of its results.
        reason: why it stays out.
        key: key of the stored result, "" where there is none.
        ask: the words that would let it in, such as "--adjusted"; "" where none would.
    """

    label: str
    what: str
    reason: str
    key: str = ""
    ask: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "label": self.label,
            "what": self.what,
            "reason": self.reason,
            "key": self.key or None,
            "ask": self.ask or None,
        }


@dataclass(frozen=True)
class Selection:
    """The effects chosen, what was set aside, and what speaks for and against pooling them.

    Attributes:
        measure: what all entries measure; None where nothing can be pooled.
        entries: the effects that enter, oldest first.
        set_aside: everything else that was found.
        rule: by what an effect was chosen where a trial has several, a sentence each.
        favours: which side favours the intervention, in words on the reader's scale, such as
            "below 1 favours the intervention"; "" where that is not known.
        cautions: sentences that a reader of the pooled effect must know.
        unlock: sentences on what would let more trials in.
        directions: the rows of the effect-direction table (SWiM), one per trial and outcome.
        counts: metafor's columns of counts (ai, bi, ci, di or x1i, ...), one value per entry, for
            methods that pool counts; None where the effects do not come from counts.
        undecided: keys of results set aside although the rule prefers none of their trial to them.
    """

    measure: Measure | None
    entries: tuple[Entry, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    rule: tuple[str, ...] = ()
    favours: str = ""
    cautions: tuple[str, ...] = ()
    unlock: tuple[str, ...] = ()
    directions: tuple[Record, ...] = ()
    counts: Mapping[str, tuple[float, ...]] | None = None
    undecided: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        """The number of effects."""
        return len(self.entries)

    @property
    def trials(self) -> int:
        """The number of studies that the effects come from."""
        return len({entry.study for entry in self.entries})


@dataclass(frozen=True)
class Verdict:
    """Whether the effects may be pooled: the first thing a reader is told.

    `status` is "poolable", "poolable with cautions" or "not poolable"; `reasons` are sentences that
    name studies; `unlock` says what would change it.
    """

    status: str
    reasons: tuple[str, ...] = ()
    unlock: tuple[str, ...] = ()

    @property
    def is_poolable(self) -> bool:
        """Whether there is a pooled effect to show."""
        return self.status != "not poolable"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "status": self.status,
            "reasons": list(self.reasons),
            "unlock": list(self.unlock),
        }
