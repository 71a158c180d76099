"""Trim and fill: how many studies a symmetric funnel plot lacks, and the effect with them.

Duval S, Tweedie R. A nonparametric "trim and fill" method of accounting for publication bias in
meta-analysis. J Am Stat Assoc 2000;95:89-98; Trim and fill: a simple funnel-plot-based method of
testing and adjusting for publication bias in meta-analysis. Biometrics 2000;56:455-463.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL
from kb.synthesis.groups import Index
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool
from kb.synthesis.small_study.regression_test import FEWEST, cautions, regression_test
from kb.synthesis.words import p_value, said

_SIDES = ("left", "right")

# Distances from the mean that differ by less than this share of the effects are one distance.
_EQUAL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class TrimAndFill:
    """The result of trim and fill.

    Attributes:
        estimator: "L0", "R0" or "Q0".
        side: "left" or "right", where studies are taken to be missing.
        k0: how many are, a whole number.
        k0_se: the standard error of k0; None where the formula gives no variance above zero.
        p: of the test that none is missing, which R0 alone has.
        iterations: how often the mean was computed until k0 stayed as it was.
        observed: the pooled effect of the studies at hand.
        adjusted: the pooled effect with the missing studies filled in, which come last.
        notes: what a reader must know beyond the numbers.
    """

    estimator: str
    side: str
    k0: int
    k0_se: float | None
    p: float | None
    iterations: int
    observed: Pooled
    adjusted: Pooled
    notes: tuple[str, ...]

    @property
    def filled(self) -> Effects:
        """The k0 studies that were filled in; their `rows` are -1, for they are in no table."""
        return self.adjusted.effects.take(np.arange(self.observed.k, self.adjusted.k))

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        missing = f"{self.k0} {'study' if self.k0 == 1 else 'studies'}"
        se = "" if self.k0_se is None else f" (SE {self.k0_se:.1f})"
        test = "" if self.p is None else f"; none missing: {p_value(self.p)}"
        lines = [
            (
                f"Trim and fill ({self.estimator}), {self.observed.k} studies: {missing}{se} "
                f"missing on the {self.side}{test}; settled after {self.iterations} "
                f"{'iteration' if self.iterations == 1 else 'iterations'}"
            ),
            f"as observed:  {self.observed.estimate.summary()}",
            f"with filling: {self.adjusted.estimate.summary()}",
            *self.notes,
            *said(self.observed.effects.left_out),
        ]
        return "\n".join(lines)


def trim_and_fill(
    effects: Effects,
    *,
    estimator: str = "L0",
    side: str | None = None,
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
) -> TrimAndFill:
    """Return how many studies are missing on one side of the funnel plot, and the adjusted effect.

    The studies farthest out on the other side are trimmed, the mean is computed without them and
    their number is estimated anew from the ranks of the distances to that mean, until the number
    stays; then the mirror images of the trimmed studies about the mean are filled in. Distances
    that are equal share their mean rank.

    Args:
        effects: at least three studies.
        estimator: L0, R0 or Q0, the estimator of the number of missing studies.
        side: left or right; without one it is the side on which the small studies are fewer, right
            where the slope of the regression on the standard error (by `method`) is below zero.
        method, test, level: of the pooled effects, as in `pool`; the mean of every step is
            pooled by `method`.

    Raise TooFewStudies below three studies; BadOption where the estimator has no value for these
    effects, where the number of missing studies goes round without settling, and where all
    standard errors are equal and no side is given.
    """
    if effects.k < FEWEST:
        raise TooFewStudies("Trim and fill", FEWEST, effects.k)
    if estimator not in _ESTIMATORS:
        raise BadOption(
            f"There is no estimator {estimator!r}. Choose one of {', '.join(_ESTIMATORS)}."
        )
    observed = pool(effects, method=method, test=test, level=level)
    side = _fewer(effects, method) if side is None else side
    if side not in _SIDES:
        raise BadOption(f"There is no side {side!r}. Choose one of {', '.join(_SIDES)}.")
    search = _search(effects, estimator, side, method)
    adjusted = observed
    if search.k0:
        filled = _fill(effects, search.trimmed, search.centre)
        adjusted = pool(filled, method=method, test=test, level=level)
    return TrimAndFill(
        estimator,
        side,
        search.k0,
        search.se,
        0.5 ** (search.k0 + 1) if estimator == "R0" else None,
        search.iterations,
        observed,
        adjusted,
        _notes(effects.k, search.k0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Where the search for the number of missing studies ended.

    `trimmed` are the positions of the studies set aside, the farthest out last; `centre` is the
    mean of the others.
    """

    k0: int
    se: float | None
    iterations: int
    trimmed: Index
    centre: float


def _fewer(effects: Effects, method: str) -> str:
    try:
        slope = regression_test(effects, method=method).slope.estimate
    except BadOption as error:
        raise BadOption(f"{error} Or say on which side studies are missing: left, right.") from None
    return "right" if slope < 0 else "left"


def _search(effects: Effects, estimator: str, side: str, method: str) -> _Search:
    """Return the number of missing studies that leads to itself.

    A number that comes up a second time without being the last one comes up for ever.
    """
    outward = effects.yi if side == "left" else -effects.yi
    order = np.argsort(outward, kind="stable")
    tried = [0]
    while True:
        kept = order[: effects.k - tried[-1]]
        centre = pool(effects.take(kept), method=method).estimate.estimate
        distances = outward - centre if side == "left" else outward + centre
        value, se = _ESTIMATORS[estimator](distances, _EQUAL * float(np.abs(outward).max()))
        k0 = max(0, round(value))
        if k0 == tried[-1]:
            return _Search(k0, se, len(tried), order[effects.k - k0 :], centre)
        if k0 in tried:
            cycle = ", ".join(map(str, tried[tried.index(k0) :]))
            raise BadOption(
                f"The number of missing studies goes round ({cycle}) and does not settle. Choose "
                f"another estimator than {estimator}."
            )
        tried.append(k0)


def _wilcoxon(distances: Array, equal: float) -> float:
    """Return the sum of the ranks, by size, of the distances above zero."""
    sizes = np.abs(distances)
    order = np.argsort(sizes)
    group = np.cumsum(np.diff(sizes[order], prepend=0) > equal)
    counts = np.bincount(group)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float(ranks[group][distances[order] > equal].sum())


def _l0(distances: Array, equal: float) -> tuple[float, float | None]:
    """Return L0, linear in Wilcoxon's rank sum, and its standard error."""
    k = distances.size
    l0 = (4 * _wilcoxon(distances, equal) - k * (k + 1)) / (2 * k - 1)
    return l0, _times_root(4 / (2 * k - 1), _rank_sum_variance(k, l0))


def _q0(distances: Array, equal: float) -> tuple[float, float | None]:
    """Return Q0, the solution of a quadratic in Wilcoxon's rank sum, and its standard error."""
    k = distances.size
    square = 2 * k**2 - 4 * _wilcoxon(distances, equal) + 0.25
    if square <= 0:
        raise BadOption(
            "Q0 has no value here, because too many studies lie on one side of the mean. Choose "
            "the estimator L0 or R0."
        )
    q0 = k - 0.5 - square**0.5
    return q0, _times_root(2 / square**0.5, _rank_sum_variance(k, q0))


def _r0(distances: Array, equal: float) -> tuple[float, float | None]:
    """Return R0, by the run of distances that exceed all below the mean, and its standard error."""
    below = -distances[distances < -equal]
    above = distances[distances > equal]
    r0 = int(np.count_nonzero(above > below.max(initial=0) + equal)) - 1
    return r0, float(np.sqrt(2 * max(0, r0) + 2))


_ESTIMATORS: dict[str, Callable[[Array, float], tuple[float, float | None]]] = {
    "L0": _l0,
    "R0": _r0,
    "Q0": _q0,
}


def _rank_sum_variance(k: int, k0: float) -> float:
    """Return the variance of Wilcoxon's rank sum when k0 studies are missing beside k."""
    return (
        k * (k + 1) * (2 * k + 1)
        + 10 * k0**3
        + 27 * k0**2
        + 17 * k0
        - 18 * k * k0**2
        - 18 * k * k0
        + 6 * k**2 * k0
    ) / 24


def _times_root(factor: float, variance: float) -> float | None:
    return factor * float(np.sqrt(variance)) if variance > 0 else None


def _fill(effects: Effects, trimmed: Index, centre: float) -> Effects:
    """Return the effects with the mirror images of the trimmed ones about the centre."""
    images = effects.take(trimmed)
    return Effects(
        np.concatenate([effects.yi, 2 * centre - images.yi]),
        np.concatenate([effects.vi, images.vi]),
        (*effects.labels, *(f"filled: mirror of {label}" for label in images.labels)),
        effects.measure,
        np.concatenate([effects.rows, np.full(trimmed.size, -1)]),
        None if effects.ni is None else np.concatenate([effects.ni, images.ni]),
        effects.left_out,
    )


def _notes(k: int, k0: int) -> tuple[str, ...]:
    if k0 == 0:
        return cautions(k)
    note = (
        "The filled studies are made up: this shows how far missing studies might move the result. "
        "Where true effects differ, studies are filled in although none is missing (Terrin et al. "
        "2003, Stat Med 22:2113-2126)."
    )
    return (note, *cautions(k))
