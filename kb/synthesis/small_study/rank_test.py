"""Begg and Mazumdar's test for asymmetry of the funnel plot, by rank correlation.

Begg CB, Mazumdar M. Operating characteristics of a rank correlation test for publication bias.
Biometrics 1994;50:1088-1101.
"""

import math
from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array, two_sided_p
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadStudy, TooFewStudies
from kb.synthesis.small_study.regression_test import FEWEST, cautions
from kb.synthesis.words import p_value, said

_LARGEST_EXACT = 500


@dataclass(frozen=True, slots=True)
class RankTest:
    """A rank correlation test of the funnel plot.

    Attributes:
        k: the number of studies.
        tau: Kendall's tau-b of standardised effects and variances; above zero where small studies
            have larger effects. None where the effects, or the variances, are all equal.
        p: the two-sided p-value of no correlation; None with tau.
        exact: whether `p` comes from the exact distribution, not from the normal.
        notes: what a reader must know beyond the numbers.
        left_out: the rows of the table that gave no effect, with the reason.
    """

    k: int
    tau: float | None
    p: float | None
    exact: bool
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    def summary(self) -> str:
        """Return the test in plain sentences."""
        if self.tau is None or self.p is None:
            result = "there is no rank correlation"
        else:
            way = "exact" if self.exact else "normal approximation"
            result = f"Kendall's tau {self.tau:.3f}, {p_value(self.p)} ({way})"
        lines = [
            f"Begg and Mazumdar's rank correlation test, {self.k} studies: {result}",
            *self.notes,
            *said(self.left_out),
        ]
        return "\n".join(lines)


def begg(effects: Effects, *, exact: bool = True) -> RankTest:
    """Return the rank correlation of the effects with their variances.

    The effects are standardised about the common effect, t* = (yi - mean) / sqrt(vi - 1/sum(1/vj)),
    and Kendall's tau-b of t* and vi is taken (Begg & Mazumdar 1994). The p-value is exact for up to
    500 studies without ties; otherwise, or without `exact`, it is that of the normal approximation
    with the variance for ties and no continuity correction.

    Raise TooFewStudies below three studies, and BadStudy if one outweighs all others so far that
    its effect cannot be told from the mean.
    """
    k = effects.k
    if k < FEWEST:
        raise TooFewStudies("The rank correlation test", FEWEST, k)
    equal = [name for name, of in (("effects", effects.yi), ("variances", effects.vi)) if _same(of)]
    if equal:
        reason = f"The {' and the '.join(equal)} are all equal, so they have no order."
        return RankTest(
            k=k,
            tau=None,
            p=None,
            exact=False,
            notes=(reason, *cautions(k)),
            left_out=effects.left_out,
        )
    standardised = _standardised(effects)
    score = _score(standardised, effects.vi)
    ties = _ties(standardised), _ties(effects.vi)
    untied = [k * (k - 1) / 2 - float(np.sum(t * (t - 1))) / 2 for t in ties]
    exact = exact and k <= _LARGEST_EXACT and not any(t.size for t in ties)
    return RankTest(
        k=k,
        tau=score / math.sqrt(math.prod(untied)),
        p=_exact_p(score, k) if exact else _normal_p(score, k, *ties),
        exact=exact,
        notes=cautions(k),
        left_out=effects.left_out,
    )


def _same(values: Array) -> bool:
    return bool(np.all(values == values[0]))


def _standardised(effects: Effects) -> Array:
    """Return the effects less the common effect, over the standard deviation of the difference."""
    weights = 1 / effects.vi
    total = np.sum(weights)
    variances = effects.vi - 1 / total
    if np.any(variances <= 0):
        raise BadStudy(
            effects.labels[int(np.argmin(variances))],
            "its variance is so far below the others' that the common effect is its own",
            "See whether the variances are on one scale; without this study the test can be made.",
        )
    return np.asarray((effects.yi - np.sum(weights * effects.yi) / total) / np.sqrt(variances))


def _score(x: Array, y: Array) -> int:
    """Return the pairs that x and y order the same way less those that they order differently."""
    return sum(
        int(np.sum(np.sign(x[i + 1 :] - x[i]) * np.sign(y[i + 1 :] - y[i]))) for i in range(x.size)
    )


def _ties(values: Array) -> Array:
    """Return the sizes of the groups of equal values."""
    sizes = np.unique(values, return_counts=True)[1]
    return sizes[sizes > 1].astype(float)


def _exact_p(score: int, k: int) -> float:
    """Return P(|S| >= |score|) over the k! orders of k values.

    A score of S means (k(k - 1)/2 - S)/2 inversions. The orders of j values with s inversions are
    as many as those of j - 1 values with s, s - 1, ..., s - j + 1 together (Kendall 1938,
    Biometrika 30:81-93); here as shares of all orders, as far as the shorter tail reaches.
    """
    inversions = (k * (k - 1) // 2 - abs(score)) // 2
    share = np.zeros(inversions + 1)
    share[0] = 1
    for j in range(2, k + 1):
        sums = np.cumsum(share)
        sums[j:] -= sums[:-j]
        share = sums / j
    return min(1.0, 2 * float(np.sum(share)))


def _normal_p(score: int, k: int, t: Array, u: Array) -> float:
    """Return the two-sided p-value of the score by the normal distribution.

    Its variance, with groups of t equal values in one ranking and of u in the other, is that of
    Kendall (1970), Rank Correlation Methods, chapter 4.
    """
    spread = k * (k - 1) * (2 * k + 5) - sum(np.sum(n * (n - 1) * (2 * n + 5)) for n in (t, u))
    double = np.sum(t * (t - 1)) * np.sum(u * (u - 1))
    triple = np.sum(t * (t - 1) * (t - 2)) * np.sum(u * (u - 1) * (u - 2))
    variance = spread / 18 + double / (2 * k * (k - 1)) + triple / (9 * k * (k - 1) * (k - 2))
    return float(two_sided_p(np.asarray(score / np.sqrt(variance))))
