"""Which end of an effect is better for the participant, and which way an effect points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from kb.base import Base
from kb.pooling.selecting.candidates import Candidate
from kb.store.relations import instrument as instruments
from kb.store.relations import outcome as outcomes
from kb.store.relations import scale
from kb.synthesis.measures import MEASURES, Measure
from kb.vocabulary import plain

EVENTS = {"OR", "RR", "RD", "PETO", "AS"}
"""Measures of an event, which on survival may be death or being alive."""

TURNABLE = {"OR", "RD", "PETO", "AS", "SMD", "SMDH"}
"""Measures whose sign, turned, is the same measure of the opposite event or scale."""


@dataclass(frozen=True)
class Ends:
    """What the vocabularies say of which end is better: "higher", "lower" or nothing."""

    outcomes: Mapping[str, str | None]
    instruments: Mapping[str, str | None]
    scales: Mapping[str, Sequence[tuple[str, str | None]]]
    survival: frozenset[str]
    _known: dict[tuple[str | None, ...], str] = field(default_factory=dict)

    @classmethod
    def of(cls, base: Base) -> "Ends":
        """Read them."""
        scales: dict[str, list[tuple[str, str | None]]] = {}
        rows = base.connection.execute(select(scale.instrument_key, scale.name, scale.better))
        for key, name, better in rows:
            scales.setdefault(key, []).append((plain(name), better))
        return cls(
            dict(base.connection.execute(select(outcomes.key, outcomes.better)).all()),
            dict(base.connection.execute(select(instruments.key, instruments.better)).all()),
            scales,
            frozenset(base.vocabulary.within("outcome", ["survival"])),
        )

    def better(self, candidate: Candidate, measure: str) -> str:
        """Return the better end of an effect, "" where nothing says which it is.

        A lower hazard of death is better; whether an event on survival is death or being alive
        only its row can say.
        """
        place = candidate.place
        said = candidate.row.get("better")
        if said is None and place.outcome in self.survival and measure in {"HR", *EVENTS}:
            return "lower" if measure == "HR" else ""
        described = (said, place.outcome, place.instrument, place.detail)
        if described not in self._known:
            self._known[described] = self._first_said(*described)
        return self._known[described]

    def _first_said(
        self, said: str | None, outcome: str, instrument: str | None, detail: str | None
    ) -> str:
        ends = (
            said,
            self._of_scale(instrument, detail),
            self.instruments.get(instrument or ""),
            self.outcomes.get(outcome),
        )
        return next((end for end in ends if end in {"higher", "lower"}), None) or ""

    def _of_scale(self, key: str | None, detail: str | None) -> str | None:
        """Return the better end of the one scale of an instrument that is named beside it."""
        words = plain(detail or "")
        ends = {better for name, better in self.scales.get(key or "", ()) if name in words}
        return ends.pop() if words and len(ends) == 1 else None


def favours(measure: Measure, better: str) -> str:
    """Return which side favours the intervention, on the reader's scale; "" where unknown."""
    if measure.null is None or not better:
        return ""
    side = "above" if better == "higher" else "below"
    return f"{side} {1 if measure.is_ratio else 0} favours the intervention"


def points_to(estimate: float, better: str, *, is_ratio: bool, turned: bool) -> str:
    """Return the direction that an estimate shows, as a finding would state it."""
    distance = (estimate - (1 if is_ratio else 0)) * (-1 if turned else 1)
    if distance == 0:
        return "no-difference"
    return "favours-intervention" if (distance > 0) == (better == "higher") else "favours-control"


def common_end(ends: Sequence[str], measure: str) -> str:
    """Return the end that all effects are turned to.

    That is the one they share. Where they do not, it is the lower for a measure that can be
    turned, and otherwise that of most effects.
    """
    known = [end for end in ends if end]
    if len(set(known)) < 2:
        return known[0] if known else ""
    if measure in TURNABLE:
        return "lower"
    return max(("lower", "higher"), key=known.count)


def is_ratio(measure: str) -> bool:
    """Return whether a measure is a ratio."""
    return MEASURES[measure].is_ratio
