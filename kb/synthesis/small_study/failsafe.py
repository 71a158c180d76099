"""Fail-safe N: how many unseen studies without an effect would change the conclusion.

Three definitions are in use. The number says little of publication bias: it takes the unseen
studies to average to nothing, leaves heterogeneity aside and has no threshold that means safety.
Becker (2005), in Publication Bias in Meta-Analysis, chapter 7, advises to give it up in favour of
methods that estimate the bias.
"""

import math
from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import central_quantile, two_sided_p
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.words import p_value, said

_WHOLE = math.sqrt(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class FailSafeN:
    """A fail-safe N.

    Attributes:
        method: "Rosenthal", "Orwin" or "Rosenberg".
        k: the number of studies at hand.
        left_out: the rows of the table that gave no effect, with the reason.
        n: the number of unseen studies with an average effect of zero; None where no number is
            enough (an average cannot be brought to exactly zero).
        p: the p-value of the studies at hand, one-sided for Rosenthal, two-sided for Rosenberg;
            None for Orwin.
        alpha: the level at which `p` ceases to be significant; None for Orwin.
        average: the average effect, unweighted for Orwin, at weights 1/vi for Rosenberg; None for
            Rosenthal, who sums z-values.
        target: the average effect that the unseen studies lead to; None but for Orwin.
    """

    method: str
    k: int
    left_out: tuple[LeftOut, ...]
    n: int | None
    p: float | None = None
    alpha: float | None = None
    average: float | None = None
    target: float | None = None

    def summary(self) -> str:
        """Return what the number means, and how little weight it bears, in plain sentences."""
        if self.n is None:
            meaning = "No number of unseen studies without effect brings"
        elif self.n == 1:
            meaning = "1 unseen study without effect would bring"
        else:
            meaning = f"{self.n} unseen studies without effect would bring"
        lines = [
            (
                f"Fail-safe N ({self.method}), {self.k} {'study' if self.k == 1 else 'studies'}: "
                f"{meaning} {self._end()}. The number rests on unseen studies that average to no "
                "effect, and no size of it means safety; it is best not relied on (Becker 2005)."
            ),
            *said(self.left_out),
        ]
        return "\n".join(lines)

    def _end(self) -> str:
        if self.p is None:
            return f"the average effect from {self.average:.4g} to {self.target:.4g}"
        sides = "one-sided" if self.method == "Rosenthal" else "two-sided"
        return f"the {sides} p-value, now {p_value(self.p)}, to {self.alpha:g}"


def rosenthal(effects: Effects, *, alpha: float = 0.05) -> FailSafeN:
    """Return Rosenthal's number: null results that bring Stouffer's sum of z to one-sided alpha.

    With z_i = yi / sqrt(vi), it is (sum z)² / z_alpha² - k (Rosenthal 1979, Psychological Bulletin
    86:638-641), on the side that the studies at hand favour. Raise BadOption unless alpha is
    between 0 and 1/2.
    """
    k = _at_least_one(effects)
    critical = float(central_quantile(1 - 2 * _check_alpha(alpha)))
    stouffer = abs(float(np.sum(effects.yi / effects.sei))) / math.sqrt(k)
    return FailSafeN(
        method="Rosenthal",
        k=k,
        left_out=effects.left_out,
        n=_whole(k * (stouffer / critical) ** 2 - k),
        p=float(two_sided_p(np.asarray(stouffer))) / 2,
        alpha=alpha,
    )


def orwin(effects: Effects, target: float | None = None) -> FailSafeN:
    """Return Orwin's number: null studies that bring the unweighted average effect to `target`.

    It is k (average - target) / target (Orwin 1983, Journal of Educational Statistics 8:157-159).
    The target takes the sign of the average; without one it is half the average. Raise BadOption
    if it is not finite.
    """
    k = _at_least_one(effects)
    average = float(np.mean(effects.yi))
    if target is None:
        target = average / 2
    elif not math.isfinite(target):
        raise BadOption(f"The target is {target:g}. Give an effect on the scale of yi.")
    target = math.copysign(target, average)
    if average == 0:
        n: int | None = 0
    elif target == 0:
        n = None
    else:
        n = _whole(k * (average - target) / target)
    return FailSafeN(
        method="Orwin", k=k, left_out=effects.left_out, n=n, average=average, target=target
    )


def rosenberg(effects: Effects, *, alpha: float = 0.05) -> FailSafeN:
    """Return Rosenberg's number: null studies that bring the common effect to two-sided alpha.

    The unseen studies have the average weight of those at hand. With w = 1/vi it is
    k ((sum w y / z_{alpha/2})² - sum w) / sum w (Rosenberg 2005, Evolution 59:464-468).
    Raise BadOption unless alpha is between 0 and 1/2.
    """
    k = _at_least_one(effects)
    critical = float(central_quantile(1 - _check_alpha(alpha)))
    weights = 1 / effects.vi
    total = float(np.sum(weights))
    average = float(np.sum(weights * effects.yi)) / total
    statistic = average * math.sqrt(total)
    return FailSafeN(
        method="Rosenberg",
        k=k,
        left_out=effects.left_out,
        n=_whole(k * (statistic / critical) ** 2 - k),
        p=float(two_sided_p(np.asarray(statistic))),
        alpha=alpha,
        average=average,
    )


def _at_least_one(effects: Effects) -> int:
    if effects.k == 0:
        raise TooFewStudies("A fail-safe N", needed=1, found=0)
    return effects.k


def _check_alpha(alpha: float) -> float:
    if not 0 < alpha < 0.5:
        raise BadOption(f"alpha is a share between 0 and 0.5, not {alpha:g}. Try 0.05.")
    return alpha


def _whole(number: float) -> int:
    """Round up to whole studies, none below zero; a number whole but for rounding error is kept."""
    nearest = round(number)
    return max(0, nearest if abs(number - nearest) < _WHOLE else math.ceil(number))
