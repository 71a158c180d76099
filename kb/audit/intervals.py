"""Whether the numbers of a printed effect fit each other: estimate, interval and p value.

An interval of the usual kind (Wald) is symmetric about its estimate, for ratios on the logarithmic
scale, and its width gives the standard error: z = estimate / se, and p from the normal distribution
(Altman DG, Bland JM. How to obtain the P value from a confidence interval. BMJ 2011;343:d2304).
Each printed number may be off by one unit of its last digit, rounded or cut off.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

from kb.base import Record

RATIOS = {"HR", "OR", "RR"}
DIFFERENCES = {"RD", "MD", "SMD", "d", "b"}
_NORMAL = NormalDist()
_MOST_DECIMALS = 4


@dataclass(frozen=True)
class Printed:
    """An effect as printed: estimate, limits, level in percent, and p with its relation."""

    statistic: str
    estimate: float
    low: float
    high: float
    level: float = 95.0
    p: float | None = None
    relation: str = "="

    @property
    def is_ratio(self) -> bool:
        """Whether its scale is the logarithmic one."""
        return self.statistic in RATIOS

    @property
    def decimals(self) -> int:
        """The decimals that the estimate and its limits are printed to."""
        return max(map(decimals_of, (self.estimate, self.low, self.high)))

    @property
    def fits(self) -> bool:
        """Whether the estimate is inside the interval and in its middle."""
        if not self.low <= self.estimate <= self.high:
            return False
        return self._lowest_middle <= self.estimate + self._unit and (
            self.estimate - self._unit <= self._highest_middle
        )

    def same_as(self, other: "Printed") -> bool:
        """Return whether another effect is this one when it is printed to as many decimals."""
        half = 0.5000001 * 10.0**-self.decimals
        mine, theirs = ((effect.estimate, effect.low, effect.high) for effect in (self, other))
        return all(abs(a - b) <= half for a, b in zip(mine, theirs, strict=True))

    @property
    def middle(self) -> float:
        """The middle of the interval on the scale of the statistic."""
        return self._middle(self.low, self.high)

    @property
    def implied_p(self) -> float:
        """The p value that estimate and interval imply."""
        return self._p(self.estimate, self.low, self.high)

    @property
    def p_fits(self) -> bool:
        """Whether the printed p value can come of the same estimate and interval."""
        assert self.p is not None
        return p_holds(self.p, self.relation, *self._range_of_p())

    @property
    def _unit(self) -> float:
        return 1.0000001 * 10.0**-self.decimals

    @property
    def _lowest_middle(self) -> float:
        return self._middle(self._down(self.low), self._down(self.high))

    @property
    def _highest_middle(self) -> float:
        return self._middle(self.low + self._unit, self.high + self._unit)

    def _middle(self, low: float, high: float) -> float:
        scale, back = self._scale
        return back((scale(low) + scale(high)) / 2)

    @property
    def _scale(self) -> tuple[Callable[[float], float], Callable[[float], float]]:
        return (math.log, math.exp) if self.is_ratio else (float, float)

    def _down(self, number: float) -> float:
        lower = number - self._unit
        return max(lower, number * 1e-6) if self.is_ratio else lower

    def _p(self, estimate: float, low: float, high: float) -> float:
        scale, _ = self._scale
        width = scale(high) - scale(low)
        if width <= 0:
            return 1.0 if scale(estimate) == 0 else 0.0
        z = 2 * _NORMAL.inv_cdf(0.5 + self.level / 200) * abs(scale(estimate)) / width
        return math.erfc(z / math.sqrt(2))

    def _range_of_p(self) -> tuple[float, float]:
        ends = [(self._down(x), x, x + self._unit) for x in (self.estimate, self.low, self.high)]
        found = [self._p(*numbers) for numbers in product(*ends)]
        none = self._scale[1](0.0)
        reaches_none = ends[0][0] <= none <= ends[0][2]
        return min(found), 1.0 if reaches_none else max(found)


def printed(row: Record) -> Printed | None:
    """Return the effect of a row, or None where it has no interval that can be judged."""
    numbers = (row["estimate"], row["ci_low"], row["ci_high"])
    if None in numbers or row["statistic"] not in RATIOS | DIFFERENCES:
        return None
    if row["statistic"] in RATIOS and min(numbers) <= 0:
        return None
    return Printed(
        row["statistic"],
        *numbers,
        row["ci_level"] or 95.0,
        row["p"],
        row.get("p_relation") or "=",
    )


def shown(effect: Printed) -> str:
    """Return an effect as 'OR 1.46 [1.07, 1.99]'."""
    places = min(effect.decimals, _MOST_DECIMALS)
    numbers = (f"{x:.{places}f}" for x in (effect.estimate, effect.low, effect.high))
    return "{} {} [{}, {}]".format(effect.statistic, *numbers)


def p_holds(p: float, relation: str, least: float, most: float) -> bool:
    """Return whether a printed p value can be one from `least` to `most`."""
    half = 0.5 * 10.0 ** -decimals_of(p)
    return {
        "=": least <= p + half and p - half <= most,
        "<": least < p,
        "<=": least <= p,
        ">": most > p,
    }[relation]


def decimals_of(number: float) -> int:
    """Return how many decimals a number is printed to."""
    _, _, decimals = format(number, ".10f").rstrip("0").partition(".")
    return len(decimals)
