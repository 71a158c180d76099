"""Moderators: the effect as a linear function of what differs between the studies."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import nan
from typing import Any

from kb.pooling.analysing.engine import NotPooled, number
from kb.pooling.analysing.subgroups import ModeratorTest
from kb.pooling.analysing.units import Units
from kb.pooling.evidence import Entry
from kb.pooling.options import COUNT_METHODS, PoolOptions
from kb.synthesis.design import word
from kb.synthesis.estimates import Estimate
from kb.synthesis.metaregression import Omnibus, regress


@dataclass(frozen=True)
class Coefficient:
    """One coefficient of a meta-regression, on the scale of analysis."""

    name: str
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None


@dataclass(frozen=True)
class RegressionResult:
    """A meta-regression: what the moderators explain and what they leave.

    `k` are the studies with all moderators, `tau2` is what is left of the heterogeneity, `r2` the
    share of it that they account for, in percent; `test` is that of all moderators together.
    """

    k: int
    coefficients: tuple[Coefficient, ...]
    tau2: float | None
    r2: float | None
    test: ModeratorTest | None

    def as_dict(self) -> dict[str, Any]:
        """Return the regression as plain data."""
        return {
            "k": self.k,
            "coefficients": [asdict(each) for each in self.coefficients],
            "tau2": self.tau2,
            "r2": self.r2,
            "test": self.test.as_dict() if self.test else None,
        }


def regression_of(
    units: Units, entries: tuple[Entry, ...], options: PoolOptions
) -> tuple[RegressionResult | None, tuple[str, ...]]:
    """Return the regression on the moderators that were asked for, and notes on it."""
    if not options.moderators:
        return None, ()
    if options.method in COUNT_METHODS:
        raise NotPooled(
            f"--method {options.method} pools counts and has no moderators.",
            "Choose another method, or --subgroup.",
        )
    moderators = {name: _column(units.values(entries, name)) for name in options.moderators}
    found = regress(
        units.effects, moderators, method=options.method, test=options.test, level=options.share
    )
    result = RegressionResult(
        found.k,
        tuple(map(_coefficient, found.design.names, found.coefficients)),
        number(found.heterogeneity.tau2),
        number(found.r2),
        _test(found.omnibus),
    )
    missing = [f"Not in the regression: {each}." for each in found.left_out]
    return result, (*found.notes, *missing)


def _test(found: Omnibus | None) -> ModeratorTest | None:
    if found is None:
        return None
    return ModeratorTest(number(found.statistic), found.df1, found.df2, number(found.p))


def _coefficient(name: str, found: Estimate) -> Coefficient:
    numbers = (found.estimate, found.se, found.ci_low, found.ci_high, found.p)
    return Coefficient(name, *map(number, numbers))


def _column(values: Sequence[Any]) -> list[Any]:
    """Return numbers with NaN for what is missing, or words."""
    if all(value is None or isinstance(value, (int, float)) for value in values):
        return [nan if value is None else float(value) for value in values]
    return [word(value) for value in values]
