"""Standard errors and standard deviations from intervals, t, p, change and parts of a group.

"Handbook" is the Cochrane Handbook for Systematic Reviews of Interventions, version 6.
"""

from typing import Generic, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.conversions.columns import as_given, in_order, read, refuse, two_or_more
from kb.synthesis.conversions.t_values import t_of_p
from kb.synthesis.distributions import Array, central_quantile
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level

T_co = TypeVar("T_co", covariant=True)

_NO_SE = "A t of 0 does not tell the standard error."


class Group(NamedTuple, Generic[T_co]):
    """Sizes, means and standard deviations of groups."""

    n: T_co
    mean: T_co
    sd: T_co


@overload
def se_from_ci(
    low: float, high: float, *, df: float | None = None, level: float = DEFAULT_LEVEL
) -> float: ...
@overload
def se_from_ci(
    low: ArrayLike, high: ArrayLike, *, df: ArrayLike | None = None, level: float = DEFAULT_LEVEL
) -> Array: ...
def se_from_ci(
    low: ArrayLike, high: ArrayLike, *, df: ArrayLike | None = None, level: float = DEFAULT_LEVEL
) -> Array | float:
    """Return the standard error (high - low) / 2c behind a confidence interval.

    c is the quantile of t with `df` degrees of freedom, or of the normal without them (Handbook
    6.3.1). The interval of a ratio is symmetric, and to be given, on the logarithmic scale.
    """
    low, high = in_order(low=low, high=high)
    degrees = None if df is None else read(df=df)[0]
    return as_given((high - low) / (2 * central_quantile(check_level(level), degrees)))


@overload
def sd_from_se(se: float, n: float) -> float: ...
@overload
def sd_from_se(se: ArrayLike, n: ArrayLike) -> Array: ...
def sd_from_se(se: ArrayLike, n: ArrayLike) -> Array | float:
    """Return the standard deviation se sqrt(n) of n people (Handbook 6.5.2.2)."""
    se, n = read(se=se, n=n)
    return as_given(se * np.sqrt(n))


@overload
def sd_from_ci(
    low: float,
    high: float,
    n: float,
    *,
    level: float = DEFAULT_LEVEL,
    t_below: float = 60,
) -> float: ...
@overload
def sd_from_ci(
    low: ArrayLike,
    high: ArrayLike,
    n: ArrayLike,
    *,
    level: float = DEFAULT_LEVEL,
    t_below: float = 60,
) -> Array: ...
def sd_from_ci(
    low: ArrayLike,
    high: ArrayLike,
    n: ArrayLike,
    *,
    level: float = DEFAULT_LEVEL,
    t_below: float = 60,
) -> Array | float:
    """Return the standard deviation sqrt(n) (high - low) / 2c behind the interval of a mean.

    c is the quantile of t with n - 1 degrees of freedom in groups of fewer than `t_below` people,
    and of the normal from there on (Handbook 6.5.2.2).
    """
    low, high, n = read(low=low, high=high, n=n)
    two_or_more(n)
    low, high = in_order(low=low, high=high)
    by_t = central_quantile(check_level(level), n - 1)
    quantile = np.where(n < t_below, by_t, central_quantile(level))
    return as_given(np.sqrt(n) * (high - low) / (2 * quantile))


@overload
def se_from_t(difference: float, t: float) -> float: ...
@overload
def se_from_t(difference: ArrayLike, t: ArrayLike) -> Array: ...
def se_from_t(difference: ArrayLike, t: ArrayLike) -> Array | float:
    """Return the standard error |difference / t| of a difference of means (Handbook 6.5.2.3)."""
    difference, t = read(difference=difference, t=t)
    refuse("t", t, t == 0, _NO_SE)
    return as_given(np.abs(difference / t))


@overload
def se_from_p(difference: float, p: float, n1: float, n2: float) -> float: ...
@overload
def se_from_p(difference: ArrayLike, p: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array: ...
def se_from_p(difference: ArrayLike, p: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array | float:
    """Return the standard error of a difference of means with the two-sided p of its t test.

    p gives t with n1 + n2 - 2 degrees of freedom, and t the standard error (Handbook 6.5.2.3).
    """
    difference, p, n1, n2 = read(difference=difference, p=p, n1=n1, n2=n2)
    refuse("p", p, p == 1, "A p of 1 does not tell the standard error.")
    return as_given(np.abs(difference / t_of_p(p, n1 + n2 - 2)))


@overload
def sd_from_se_of_difference(se: float, n1: float, n2: float) -> float: ...
@overload
def sd_from_se_of_difference(se: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array: ...
def sd_from_se_of_difference(se: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array | float:
    """Return the standard deviation se / sqrt(1/n1 + 1/n2) that both groups share.

    `se` is the standard error of the difference of their means (Handbook 6.5.2.3).
    """
    se, n1, n2 = read(se=se, n1=n1, n2=n2)
    return as_given(se / np.sqrt(1 / n1 + 1 / n2))


@overload
def sd_from_t(difference: float, t: float, n1: float, n2: float) -> float: ...
@overload
def sd_from_t(difference: ArrayLike, t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array: ...
def sd_from_t(difference: ArrayLike, t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array | float:
    """Return the standard deviation that both groups share, from the t of their difference.

    It is |difference / t| / sqrt(1/n1 + 1/n2) (Handbook 6.5.2.3).
    """
    difference, t, n1, n2 = read(difference=difference, t=t, n1=n1, n2=n2)
    refuse("t", t, t == 0, _NO_SE)
    return as_given(np.abs(difference / t) / np.sqrt(1 / n1 + 1 / n2))


@overload
def sd_of_change(sd1: float, sd2: float, r: float) -> float: ...
@overload
def sd_of_change(sd1: ArrayLike, sd2: ArrayLike, r: ArrayLike) -> Array: ...
def sd_of_change(sd1: ArrayLike, sd2: ArrayLike, r: ArrayLike) -> Array | float:
    """Return sqrt(sd1² + sd2² - 2 r sd1 sd2), the standard deviation of the change.

    sd1 and sd2 are those of two measurements of correlation r (Handbook 6.5.2.8).
    """
    sd1, sd2, r = read(sd1=sd1, sd2=sd2, r=r)
    return as_given(np.sqrt((sd1 - sd2) ** 2 + 2 * (1 - r) * sd1 * sd2))


@overload
def correlation_from_change(sd1: float, sd2: float, sd_change: float) -> float: ...
@overload
def correlation_from_change(sd1: ArrayLike, sd2: ArrayLike, sd_change: ArrayLike) -> Array: ...
def correlation_from_change(sd1: ArrayLike, sd2: ArrayLike, sd_change: ArrayLike) -> Array | float:
    """Return the correlation (sd1² + sd2² - sd_change²) / (2 sd1 sd2) of two measurements.

    Its use is to be lent to a trial that does not report the sd of the change (Handbook 6.5.2.8).
    """
    sd1, sd2, sd_change = read(sd1=sd1, sd2=sd2, sd_change=sd_change)
    for name, sd in (("sd1", sd1), ("sd2", sd2)):
        refuse(name, sd, sd == 0, "A constant correlates with nothing.")
    r = (sd1**2 + sd2**2 - sd_change**2) / (2 * sd1 * sd2)
    impossible = np.abs(r) > 1 + 1e-9
    refuse("sd_change", sd_change, impossible, "It lies between |sd1 - sd2| and sd1 + sd2.")
    return as_given(np.clip(r, -1, 1))


@overload
def combine_groups(
    n1: float,
    mean1: float,
    sd1: float,
    n2: float,
    mean2: float,
    sd2: float,
) -> Group[float]: ...
@overload
def combine_groups(
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
) -> Group[Array]: ...
def combine_groups(
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
) -> Group[Array | float]:
    """Return size, mean and standard deviation of two groups taken together.

    With n = n1 + n2 the variance is ((n1-1) sd1² + (n2-1) sd2² + n1 n2 (m1 - m2)²/n) / (n - 1), as
    if it had been computed from all the people (Handbook 6.5.2.10).
    """
    n1, mean1, sd1, n2, mean2, sd2 = read(n1=n1, mean1=mean1, sd1=sd1, n2=n2, mean2=mean2, sd2=sd2)
    n = n1 + n2
    within = (n1 - 1) * sd1**2 + (n2 - 1) * sd2**2
    between = n1 * n2 * (mean1 - mean2) ** 2 / n
    mean = (n1 * mean1 + n2 * mean2) / n
    sd = np.sqrt((within + between) / (n - 1))
    return Group(as_given(n), as_given(mean), as_given(sd))
