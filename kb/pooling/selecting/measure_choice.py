"""Which measure is pooled: the one that is asked for, or else the one that most trials have."""

from collections import defaultdict
from collections.abc import Iterable

from kb.pooling.selecting.candidates import MEASURES_OF, REPORTED, Candidate
from kb.pooling.selecting.eligibility import Obstacle
from kb.pooling.selecting.scales import commonest, trials_by_scale
from kb.synthesis.measures import MEASURES, Measure

ORDER = ("HR", "OR", "RR", "MD", "SMD", "RD")
"""Of two measures that equally many trials have, the first is taken."""

SINGLE_ARM = {"PR", "PLO", "PAS", "PFT"}
"""Measures of one arm alone."""

GIVEN = {*REPORTED.values(), *(code for codes in MEASURES_OF.values() for code in codes)}
"""Measures that results in the store can give."""

_FROM_ARMS = {"counts": "events by arm", "means": "means by arm", "arm": "one arm alone"}


def most_common(eligible: Iterable[Candidate]) -> str | None:
    """Return the measure that most trials have, None without any.

    Mean differences count on one scale only.
    """
    trials: dict[str, set[str]] = defaultdict(set)
    differences: list[Candidate] = []
    for candidate in eligible:
        for measure in candidate.measures:
            if measure in ORDER:
                trials[measure].add(candidate.place.study)
        if "MD" in candidate.measures:
            differences.append(candidate)
    scale = commonest(differences)
    if scale is not None:
        trials["MD"] = trials_by_scale(differences)[scale]
    return min(trials, key=lambda code: (-len(trials[code]), ORDER.index(code)), default=None)


def other_measure(candidate: Candidate, measure: str | None) -> list[Obstacle]:
    """Return, as an obstacle, that a candidate gives another measure than the one pooled."""
    if measure is None or measure in candidate.measures:
        return []
    own = _FROM_ARMS.get(candidate.source) or MEASURES[candidate.measures[0]].reported
    reason = f"another measure ({own}); pooled is the {MEASURES[measure].reported}"
    return [Obstacle(reason, f"--measure {candidate.measures[0]}", frozenset({"measure"}))]


def not_given(measure: Measure) -> str:
    """Return that no result in the store gives a measure."""
    return (
        f"The results in the store compare the arms of trials and give no {measure.reported} "
        f"({measure.code}); a table of your own may: --data."
    )
