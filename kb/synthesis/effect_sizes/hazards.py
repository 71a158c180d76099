"""Log hazard ratios from what trials report: intervals, p-values, observed minus expected events.

Parmar MKB, Torri V, Stewart L. Extracting summary statistics to perform meta-analyses of the
published literature for survival endpoints. Stat Med 1998;17:2815-2834, and Tierney JF et al.
Practical methods for incorporating summary time-to-event data into meta-analysis. Trials 2007;8:16.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from kb.synthesis.distributions import Array, central_quantile
from kb.synthesis.effect_sizes.rows import Mask, Rows
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level

_ABOVE_ZERO = "Hazard ratios and their limits are above 0; see whether it is a logarithm."


def from_interval(
    hr: ArrayLike,
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    level: float = DEFAULT_LEVEL,
) -> Effects:
    """Return log hazard ratios from hazard ratios with confidence intervals of this level.

    Columns have shape (k,), NaN where a value is missing. The standard error is
    (log high - log low) / 2z. An interval that is reversed, of no width or
    without its hazard ratio is an error that names the study.
    """
    studies = _intervals(hr, ci_low, ci_high, labels)
    ratio, low, high = studies.columns.values()
    z = central_quantile(check_level(level))
    return _effects(studies, np.log(ratio), (np.log(high / low) / (2 * z)) ** 2)


def from_observed_minus_expected(
    o_minus_e: ArrayLike, v: ArrayLike, labels: Sequence[str] | None = None
) -> Effects:
    """Return log hazard ratios (O - E)/V, of variance 1/V, from the log-rank test.

    O - E is observed minus expected events in the treated arm and V its variance, columns of
    shape (k,), NaN where a value is missing. A study with V = 0 is set aside.
    """
    studies = Rows.of(labels, o_minus_e=o_minus_e, v=v)
    difference, variance = studies.columns.values()
    studies.refuse(variance < 0, "v is {v:g}", "A variance is not below 0; correct it.")
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = difference / variance, 1 / variance
    without = [(variance == 0, "V is 0: no events that tell the arms apart")]
    return _effects(studies, yi, vi, without)


def from_p_value(hr: ArrayLike, p: ArrayLike, labels: Sequence[str] | None = None) -> Effects:
    """Return log hazard ratios with the standard error |log HR| / z of a two-sided p-value.

    Columns have shape (k,), NaN where a value is missing; z is the normal quantile of
    1 - p/2. A hazard ratio or p-value of 1 leaves the standard error unknown, and the study is
    set aside.
    """
    studies = Rows.of(labels, hr=hr, p=p)
    ratio, p_values = studies.columns.values()
    studies.refuse(ratio <= 0, "hr is {hr:g}", _ABOVE_ZERO)
    impossible = (p_values <= 0) | (p_values > 1)
    studies.refuse(impossible, "p is {p:g}", "A p-value is above 0 and at most 1; correct it.")
    yi = np.log(ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = (yi / special.ndtri(p_values / 2)) ** 2
    without = [
        (ratio == 1, "a hazard ratio of 1 does not give its variance with a p-value"),
        (p_values == 1, "a p-value of 1 does not give the variance"),
    ]
    return _effects(studies, yi, vi, without)


def asymmetry(hr: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike) -> Array:
    """Return how far each hazard ratio lies from the middle of its interval, shape (k,).

    The distance is a share of half the interval's width, on the logarithmic scale: 0 for a Wald
    interval and 1 for a hazard ratio at one of its limits; NaN where a value is missing. More
    than rounding explains (0.1, say) speaks of a misprint or of an interval made otherwise.
    The errors are those of `from_interval`.
    """
    ratio, low, high = _intervals(hr, ci_low, ci_high, None).columns.values()
    return np.asarray(np.abs(np.log(ratio / low) - np.log(high / ratio)) / np.log(high / low))


def _intervals(
    hr: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike, labels: Sequence[str] | None
) -> Rows:
    studies = Rows.of(labels, hr=hr, ci_low=ci_low, ci_high=ci_high)
    for name in studies.columns:
        studies.refuse(studies[name] <= 0, f"{name} is {{{name}:g}}", _ABOVE_ZERO)
    ratio, bottom, top = studies.columns.values()
    interval = "the interval from {ci_low:g} to {ci_high:g} "
    studies.refuse(bottom > top, interval + "is reversed", "Exchange the limits.")
    studies.refuse(bottom == top, interval + "has no width", "Give the limits with more digits.")
    studies.refuse(
        (ratio < bottom) | (ratio > top),
        interval + "does not contain the hazard ratio {hr:g}",
        "Look for a misprint.",
    )
    return studies


def _effects(
    studies: Rows, yi: Array, vi: Array, without: Sequence[tuple[Mask, str]] = ()
) -> Effects:
    unknown = np.full_like(yi, np.nan)
    return replace(studies.effects("HR", yi, vi, ni=unknown, without=without), ni=None)
