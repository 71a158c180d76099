"""Cumulative meta-analysis: the pooled effect as the studies come in one by one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.effects import Effects, column
from kb.synthesis.errors import BadStudy, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.measures import Measure
from kb.synthesis.options import METHODS, TESTS, method_of, test_of
from kb.synthesis.sensitivity.subsets import excludes, join, pool_subsets, results
from kb.synthesis.words import said

_REPEATED_LOOKS = (
    "Every step looks at the same question again, and none of the intervals allows for it: the "
    "more looks, the likelier a chance finding (Wetterslev 2008, J Clin Epidemiol 61:64-75)."
)


@dataclass(frozen=True, slots=True)
class Step:
    """The result once the study named has come in.

    `key` is what the study was ordered by, None where the order is that of the rows; `k` is the
    number of studies so far.
    """

    label: str
    key: float | None
    k: int
    estimate: Estimate
    heterogeneity: Heterogeneity


@dataclass(frozen=True, slots=True, eq=False)
class Cumulative:
    """A cumulative meta-analysis.

    Attributes:
        effects: the studies in the order in which they come in.
        method, test: as in `pool`.
        steps: the result after each study.
        notes: what to bear in mind.
    """

    effects: Effects
    method: str
    test: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.effects.k

    def summary(self) -> str:
        """Return how the result came about, in plain sentences."""
        first, last = self.steps[0], self.steps[-1]
        lines = [
            (
                f"Cumulative meta-analysis, {self.k} {'study' if self.k == 1 else 'studies'}, "
                f"{METHODS[self.method]}; interval: {TESTS[self.test]}"
            ),
            f"effect: {self.effects.measure.name}",
            f"at the first study, {_named(first)}: {first.estimate.summary()}",
            f"with the last study, {_named(last)}: {last.estimate.summary()}",
            *_since(self.steps, self.effects.measure),
            *self.notes,
            *said(self.effects.left_out),
        ]
        return "\n".join(lines)


def cumulative(
    effects: Effects,
    by: ArrayLike | None = None,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
) -> Cumulative:
    """Return the k pooled effects of the first study, the first two, and so on to all of them.

    Args:
        effects: at least one study.
        by: what to order the studies by, one number each, the least first (the year, say); studies
            with the same number keep the order of their rows. Without it all keep that order.
        method, test, level: as in `pool`; a single study has the normal as reference.

    Lau J et al. Cumulative meta-analysis of therapeutic trials for myocardial infarction. N Engl J
    Med 1992;327:248-254. A study without a number, or with an infinite one, is a BadStudy.
    """
    k = effects.k
    if k == 0:
        raise TooFewStudies("A cumulative meta-analysis", needed=1, found=0)
    keys: list[float | None] = [None] * k
    ordered = effects
    if by is not None:
        given = column("by", by, size=k)
        for i in np.flatnonzero(~np.isfinite(given)).tolist():
            what = "nothing" if np.isnan(given[i]) else "an infinite number"
            raise BadStudy(
                effects.labels[i],
                f"there is {what} to order it by",
                "Give its number, or leave the study out.",
            )
        order = np.argsort(given, kind="stable")
        ordered, keys = effects.take(order), given[order].tolist()
    studies = np.arange(k)
    columns = join(
        pool_subsets(
            ordered,
            k,
            lambda which: studies <= which[:, None],
            method=method,
            test=test,
            level=level,
        )
    )
    steps = tuple(
        Step(label, key, i, *result)
        for i, (label, key, result) in enumerate(
            zip(ordered.labels, keys, results(columns, level), strict=True), start=1
        )
    )
    notes = (_REPEATED_LOOKS,) if k > 1 else ()
    return Cumulative(ordered, method_of(method), test_of(test), steps, notes)


def _named(step: Step) -> str:
    return step.label if step.key is None else f"{step.label} ({step.key:g})"


def _since(steps: tuple[Step, ...], measure: Measure) -> tuple[str, ...]:
    """Say since which study the interval has excluded no effect throughout."""
    if measure.null is None:
        return ()
    if not excludes(steps[-1].estimate, measure.null):
        return ("With all studies the interval includes no effect.",)
    first = len(steps) - 1
    while first > 0 and excludes(steps[first - 1].estimate, measure.null):
        first -= 1
    since = steps[first]
    came = f"{_named(since)}, study {since.k} of {len(steps)}, came in"
    return (f"The interval has excluded no effect since {came}.",)
