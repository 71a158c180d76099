"""Which effects are in the same unit, so that their differences of means can be pooled as such."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from kb.order import by_key
from kb.pooling.selecting.candidates import Candidate

Scale: TypeAlias = tuple[str, str]
"""An outcome, and the instrument or unit in which it was measured.

An instrument without a term is known by its words.
"""


def scale_of(candidate: Candidate) -> Scale:
    """Return the scale of a candidate; without instrument and unit it is the study's own."""
    place = candidate.place
    if place.instrument is not None:
        return place.outcome, place.instrument
    if unit := candidate.row.get("unit"):
        return place.outcome, f"unit: {unit}"
    if candidate.is_reported and place.detail:
        return place.outcome, f"words: {place.detail}"
    return place.outcome, f"study: {place.study}"


def trials_by_scale(candidates: Iterable[Candidate]) -> dict[Scale, set[str]]:
    """Return the studies that have effects on each scale."""
    trials: dict[Scale, set[str]] = defaultdict(set)
    for candidate in candidates:
        trials[scale_of(candidate)].add(candidate.place.study)
    return trials


def commonest(candidates: Iterable[Candidate]) -> Scale | None:
    """Return the scale that most trials have, the first by name of several."""
    trials = trials_by_scale(candidates)
    return min(
        trials, key=lambda scale: (-len(trials[scale]), by_key(" ".join(scale))), default=None
    )
