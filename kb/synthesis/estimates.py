"""An estimate with its standard error, test and confidence interval."""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array, central_quantile, two_sided_p
from kb.synthesis.errors import BadOption
from kb.synthesis.measures import Measure
from kb.synthesis.words import p_value, percent, rounded

DEFAULT_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate on the scale of analysis.

    `df` are the degrees of freedom of the t distribution that the test and the interval refer to;
    None where it is the normal. `level` is the confidence level, a share.
    """

    estimate: float
    se: float
    statistic: float
    df: float | None
    p: float
    ci_low: float
    ci_high: float
    level: float

    def summary(self) -> str:
        """Return the estimate with its interval and p-value in one line."""
        reference = "z" if self.df is None else f"t({self.df:.4g})"
        return (
            f"{rounded(self.estimate, self.se)} ({percent(self.level)} CI "
            f"{rounded(self.ci_low, self.se)} to {rounded(self.ci_high, self.se)}); "
            f"SE {rounded(self.se, self.se)}, {reference} = {self.statistic:.2f}, {p_value(self.p)}"
        )


def in_words(measure: Measure, estimate: Estimate) -> list[str]:
    """Return the lines that say an estimate on the scale of analysis and on the reader's."""
    lines = [f"{measure.name}: {estimate.summary()}"]
    if measure.reported != measure.name:
        back = measure.back(np.array([estimate.estimate, estimate.ci_low, estimate.ci_high]))
        value, low, high = (f"{number:.4g}" for number in back.tolist())
        lines.append(f"{measure.reported}: {value} ({percent(estimate.level)} CI {low} to {high})")
    return lines


def check_level(level: float) -> float:
    """Return the confidence level; raise BadOption unless it is a share between 0 and 1."""
    if not isinstance(level, (int, float)) or not 0 < level < 1:
        raise BadOption(f"A confidence level is a share between 0 and 1, not {level!r}. Try 0.95.")
    return level


def wald(
    estimate: float, se: float, *, df: float | None = None, level: float = DEFAULT_LEVEL
) -> Estimate:
    """Return the estimate with its Wald test of zero and interval: estimate -+ c se.

    c is the quantile of the normal, or of t where `df` is given. With a standard error of zero
    the statistic is infinite (0 for an estimate of zero) and the interval a point.
    """
    check_level(level)
    degrees = None if df is None else np.asarray(float(df))
    statistic = wald_statistic(np.asarray(estimate), np.asarray(se))
    half = float(central_quantile(level, degrees)) * se
    return Estimate(
        float(estimate),
        float(se),
        float(statistic),
        None if df is None else float(df),
        float(two_sided_p(statistic, degrees)),
        float(estimate - half),
        float(estimate + half),
        level,
    )


def wald_statistic(estimate: Array, se: Array) -> Array:
    """Return estimate / se: infinite where only the se is zero, zero where both are."""
    if se.all() if se.ndim else se:
        return estimate / se
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((se == 0) & (estimate == 0), 0.0, estimate / se)
