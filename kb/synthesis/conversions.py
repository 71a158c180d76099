"""From what trials report to means, standard deviations and effects: one formula each.

Every function takes numbers or columns of equal length and returns the same; NaN where a value is
missing stays NaN. A value that cannot be is an error that names it. "Handbook" is the Cochrane
Handbook for Systematic Reviews of Interventions, version 6; "Borenstein" is Borenstein M, Hedges
LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis, 2009.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from kb.synthesis.distributions import Array, central_quantile
from kb.synthesis.errors import BadOption, BadStudy, BadTable
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level

MeanBy: TypeAlias = Literal["luo", "wan"]

_LOGISTIC_SD = np.pi / np.sqrt(3)

_NOT_NEGATIVE = (lambda value: value < 0, "It cannot be below 0.")

_RULES: dict[str, tuple[Callable[[Array], NDArray[np.bool_]], str]] = {
    "se": _NOT_NEGATIVE,
    "sd": _NOT_NEGATIVE,
    "sd_change": _NOT_NEGATIVE,
    "variance": _NOT_NEGATIVE,
    "f": _NOT_NEGATIVE,
    "n": (lambda value: value < 1, "A group has at least 1 person."),
    "df": (lambda value: value <= 0, "Degrees of freedom are above 0."),
    "r": (lambda value: np.abs(value) > 1, "A correlation is between -1 and 1."),
    "p": (lambda value: (value <= 0) | (value > 1), "A p-value is above 0 and at most 1."),
    "sign": (lambda value: np.abs(value) != 1, "It is 1 or -1."),
}


class MeanSD(NamedTuple):
    """Means and standard deviations."""

    mean: Array
    sd: Array


class Group(NamedTuple):
    """Sizes, means and standard deviations of groups."""

    n: Array
    mean: Array
    sd: Array


class Converted(NamedTuple):
    """Effects on another scale, with their sampling variances."""

    value: Array
    variance: Array


def hedges_correction(df: ArrayLike) -> Array:
    """Return J = Γ(m/2) / (sqrt(m/2) Γ((m-1)/2)) at m = `df`; NaN where m is not above 1.

    It takes the bias from a standardised mean difference: Hedges LV. J Educ Stat 1981;6:107-128,
    eq. 6e. From m = 100 on the ratio of gamma functions is the series in w = (2m - 3)/4 of
    Γ(w + 3/4) / Γ(w + 1/4) (DLMF 5.11.14), which loses no digits.
    """
    m = np.asarray(df, dtype=float)
    small = np.where((m > 1) & (m < 100), m, np.nan)
    large = np.where(m >= 100, m, np.nan)
    ratio = special.gamma(small / 2) / special.gamma((small - 1) / 2) / np.sqrt(small / 2)
    u = (4 / (2 * large - 3)) ** 2
    series = 1 + u * (1 / 64 - u * (19 / 8192 - u * 631 / 524288))
    return np.where(m >= 100, np.sqrt(1 - 1.5 / large) * series, ratio)


def se_from_ci(
    low: ArrayLike, high: ArrayLike, *, df: ArrayLike | None = None, level: float = DEFAULT_LEVEL
) -> Array:
    """Return the standard error (high - low) / 2c behind a confidence interval.

    c is the quantile of t with `df` degrees of freedom, or of the normal without them (Handbook
    6.3.1). The interval of a ratio is symmetric, and to be given, on the logarithmic scale.
    """
    low, high = _in_order(low=low, high=high)
    degrees = None if df is None else _read(df=df)[0]
    return np.asarray((high - low) / (2 * central_quantile(check_level(level), degrees)))


def sd_from_se(se: ArrayLike, n: ArrayLike) -> Array:
    """Return the standard deviation se sqrt(n) of n people (Handbook 6.5.2.2)."""
    se, n = _read(se=se, n=n)
    return np.asarray(se * np.sqrt(n))


def sd_from_ci(
    low: ArrayLike,
    high: ArrayLike,
    n: ArrayLike,
    *,
    level: float = DEFAULT_LEVEL,
    t_below: float = 60,
) -> Array:
    """Return the standard deviation sqrt(n) (high - low) / 2c behind the interval of a mean.

    c is the quantile of t with n - 1 degrees of freedom in groups of fewer than `t_below` people,
    and of the normal from there on (Handbook 6.5.2.2).
    """
    low, high, n = _read(low=low, high=high, n=n)
    _two_or_more(n)
    by_t = se_from_ci(low, high, df=n - 1, level=level)
    by_normal = se_from_ci(low, high, level=level)
    return np.asarray(np.sqrt(n) * np.where(n < t_below, by_t, by_normal))


def se_from_t(difference: ArrayLike, t: ArrayLike) -> Array:
    """Return the standard error |difference / t| of a difference of means (Handbook 6.5.2.3)."""
    difference, t = _read(difference=difference, t=t)
    _refuse("t", t, t == 0, "A t of 0 does not tell the standard error.")
    return np.abs(difference / t)


def se_from_p(difference: ArrayLike, p: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array:
    """Return the standard error of a difference of means with the two-sided p of its t test.

    p gives t with n1 + n2 - 2 degrees of freedom, and t the standard error (Handbook 6.5.2.3).
    """
    difference, p, n1, n2 = _read(difference=difference, p=p, n1=n1, n2=n2)
    _refuse("p", p, p == 1, "A p of 1 does not tell the standard error.")
    return np.abs(difference / t_from_p(p, n1 + n2 - 2))


def sd_from_se_of_difference(se: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array:
    """Return the standard deviation se / sqrt(1/n1 + 1/n2) that both groups share.

    `se` is the standard error of the difference of their means (Handbook 6.5.2.3).
    """
    se, n1, n2 = _read(se=se, n1=n1, n2=n2)
    return np.asarray(se / np.sqrt(1 / n1 + 1 / n2))


def sd_from_t(difference: ArrayLike, t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array:
    """Return the standard deviation that both groups share, from the t of their difference.

    It is |difference / t| / sqrt(1/n1 + 1/n2) (Handbook 6.5.2.3).
    """
    return sd_from_se_of_difference(se_from_t(difference, t), n1, n2)


def sd_of_change(sd1: ArrayLike, sd2: ArrayLike, r: ArrayLike) -> Array:
    """Return sqrt(sd1² + sd2² - 2 r sd1 sd2), the standard deviation of the change.

    sd1 and sd2 are those of two measurements of correlation r (Handbook 6.5.2.8).
    """
    sd1, sd2, r = _read(sd1=sd1, sd2=sd2, r=r)
    return np.sqrt((sd1 - sd2) ** 2 + 2 * (1 - r) * sd1 * sd2)


def correlation_from_change(sd1: ArrayLike, sd2: ArrayLike, sd_change: ArrayLike) -> Array:
    """Return the correlation (sd1² + sd2² - sd_change²) / (2 sd1 sd2) of two measurements.

    Its use is to be lent to a trial that does not report the sd of the change (Handbook 6.5.2.8).
    """
    sd1, sd2, sd_change = _read(sd1=sd1, sd2=sd2, sd_change=sd_change)
    for name, sd in (("sd1", sd1), ("sd2", sd2)):
        _refuse(name, sd, sd == 0, "A constant correlates with nothing.")
    r = (sd1**2 + sd2**2 - sd_change**2) / (2 * sd1 * sd2)
    impossible = np.abs(r) > 1 + 1e-9
    _refuse("sd_change", sd_change, impossible, "It lies between |sd1 - sd2| and sd1 + sd2.")
    return np.clip(r, -1, 1)


def combine_groups(
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
) -> Group:
    """Return size, mean and standard deviation of two groups taken together.

    With n = n1 + n2 the variance is ((n1-1) sd1² + (n2-1) sd2² + n1 n2 (m1 - m2)²/n) / (n - 1), as
    if it had been computed from all the people (Handbook 6.5.2.10).
    """
    n1, mean1, sd1, n2, mean2, sd2 = _read(n1=n1, mean1=mean1, sd1=sd1, n2=n2, mean2=mean2, sd2=sd2)
    n = n1 + n2
    within = (n1 - 1) * sd1**2 + (n2 - 1) * sd2**2
    between = n1 * n2 * (mean1 - mean2) ** 2 / n
    mean = (n1 * mean1 + n2 * mean2) / n
    return Group(n, mean, np.sqrt((within + between) / (n - 1)))


def from_range(
    minimum: ArrayLike,
    median: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
    *,
    mean: MeanBy = "luo",
) -> MeanSD:
    """Return mean and standard deviation of n people from their median and range.

    The sd is (max - min) / 2z((n - 0.375)/(n + 0.25)), z the normal quantile: scenario C1 of Wan X,
    Wang W, Liu J, Tong T. BMC Med Res Methodol 2014;14:135, eq. 9. The mean is w (min + max)/2 +
    (1 - w) median with w = 4/(4 + n^0.75) of Luo D, Wan X, Liu J, Tong T. Stat Methods Med Res
    2018;27:1785-1805, or with w = 1/2 ("wan"). Both suppose data that are near normal.
    """
    minimum, median, maximum, n = _ordered(n, minimum=minimum, median=median, maximum=maximum)
    weight = 4 / (4 + n**0.75) if _is_luo(mean) else 0.5
    centre = weight * (minimum + maximum) / 2 + (1 - weight) * median
    return MeanSD(centre, (maximum - minimum) / _normal_range(n))


def from_quartiles(
    q1: ArrayLike, median: ArrayLike, q3: ArrayLike, n: ArrayLike, *, mean: MeanBy = "luo"
) -> MeanSD:
    """Return mean and standard deviation of n people from their median and quartiles.

    The sd is (q3 - q1) / 2z((0.75n - 0.125)/(n + 0.25)): scenario C3 of Wan et al. 2014, eq. 16.
    The mean is w (q1 + q3)/2 + (1 - w) median with w = 0.7 + 0.39/n (Luo et al. 2018), or with
    w = 2/3 ("wan"). Papers and conditions: see `from_range`.
    """
    q1, median, q3, n = _ordered(n, q1=q1, median=median, q3=q3)
    weight = 0.7 + 0.39 / n if _is_luo(mean) else 2 / 3
    centre = weight * (q1 + q3) / 2 + (1 - weight) * median
    return MeanSD(centre, (q3 - q1) / _normal_quartile_range(n))


def from_five_numbers(
    minimum: ArrayLike,
    q1: ArrayLike,
    median: ArrayLike,
    q3: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
    *,
    mean: MeanBy = "luo",
) -> MeanSD:
    """Return mean and standard deviation of n people from median, quartiles and range.

    The sd is the average of those of `from_range` and `from_quartiles`: scenario C2 of Wan et al.
    2014, eq. 13. The mean is w (min + max)/2 + v (q1 + q3)/2 + (1 - w - v) median with
    w = 2.2/(2.2 + n^0.75) and v = 0.7 - 0.72/n^0.55 (Luo et al. 2018), or with w = 1/4 and
    v = 1/2 ("wan"). Papers and conditions: see `from_range`.
    """
    minimum, q1, median, q3, maximum, n = _ordered(
        n, minimum=minimum, q1=q1, median=median, q3=q3, maximum=maximum
    )
    if _is_luo(mean):
        w, v = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    else:
        w, v = np.asarray(0.25), np.asarray(0.5)
    centre = w * (minimum + maximum) / 2 + v * (q1 + q3) / 2 + (1 - w - v) * median
    by_range = (maximum - minimum) / _normal_range(n)
    by_quartiles = (q3 - q1) / _normal_quartile_range(n)
    return MeanSD(centre, (by_range + by_quartiles) / 2)


def t_from_p(p: ArrayLike, df: ArrayLike) -> Array:
    """Return t >= 0 with P(|T| >= t) = p, the t behind a two-sided p-value."""
    p, df = _read(p=p, df=df)
    return np.asarray(np.abs(special.stdtrit(df, p / 2)))


def d_from_t(t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Converted:
    """Return Cohen's d = t sqrt(1/n1 + 1/n2) of two independent groups.

    Its variance is 1/n1 + 1/n2 + d² / 2(n1 + n2) (Borenstein, eq. 4.20).
    """
    t, n1, n2 = _read(t=t, n1=n1, n2=n2)
    d = t * np.sqrt(1 / n1 + 1 / n2)
    return Converted(d, _variance_of_d(d, n1, n2))


def d_from_f(f: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, sign: ArrayLike) -> Converted:
    """Return d from an F of 1 degree of freedom between two groups, t = sign sqrt(F).

    `sign` is 1 where group 1 has the larger mean and -1 where it has the smaller one.
    """
    f, sign = _read(f=f, sign=sign)
    return d_from_t(sign * np.sqrt(f), n1, n2)


def d_from_p(p: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, sign: ArrayLike) -> Converted:
    """Return d from the two-sided p-value of a t test between two groups.

    `sign` is 1 where group 1 has the larger mean and -1 where it has the smaller one.
    """
    p, n1, n2, sign = _read(p=p, n1=n1, n2=n2, sign=sign)
    return d_from_t(sign * t_from_p(p, n1 + n2 - 2), n1, n2)


def g_from_d(d: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Converted:
    """Return Hedges' g = J d of two independent groups, J of n1 + n2 - 2 degrees of freedom.

    Its variance is 1/n1 + 1/n2 + g² / 2(n1 + n2), that of a standardised mean difference from
    means.
    """
    d, n1, n2 = _read(d=d, n1=n1, n2=n2)
    _refuse("n1 + n2", n1 + n2, n1 + n2 <= 3, "The correction needs more than 3 people.")
    g = hedges_correction(n1 + n2 - 2) * d
    return Converted(g, _variance_of_d(g, n1, n2))


def d_to_log_odds(d: ArrayLike, variance: ArrayLike) -> Converted:
    """Return the log odds ratio d π/sqrt(3), of variance V π²/3 (Borenstein, eq. 7.3 and 7.4)."""
    d, variance = _read(d=d, variance=variance)
    return Converted(d * _LOGISTIC_SD, variance * _LOGISTIC_SD**2)


def log_odds_to_d(log_odds: ArrayLike, variance: ArrayLike) -> Converted:
    """Return d = log OR sqrt(3)/π, of variance 3 V/π² (Borenstein, eq. 7.1 and 7.2)."""
    log_odds, variance = _read(log_odds=log_odds, variance=variance)
    return Converted(log_odds / _LOGISTIC_SD, variance / _LOGISTIC_SD**2)


def r_to_d(r: ArrayLike, variance: ArrayLike) -> Converted:
    """Return d = 2r / sqrt(1 - r²), of variance 4V / (1 - r²)³ (Borenstein, eq. 7.5 and 7.6)."""
    r, variance = _read(r=r, variance=variance)
    _refuse("r", r, np.abs(r) == 1, "A perfect correlation is an infinite d.")
    rest = 1 - r**2
    return Converted(2 * r / np.sqrt(rest), 4 * variance / rest**3)


def d_to_r(d: ArrayLike, variance: ArrayLike, n1: ArrayLike = 1, n2: ArrayLike = 1) -> Converted:
    """Return r = d / sqrt(d² + a), of variance a² V / (d² + a)³ (Borenstein, eq. 7.7 to 7.9).

    a = (n1 + n2)² / (n1 n2) is 4 for groups of equal size, which stands in for sizes not known.
    """
    d, variance, n1, n2 = _read(d=d, variance=variance, n1=n1, n2=n2)
    a = (n1 + n2) ** 2 / (n1 * n2)
    whole = d**2 + a
    return Converted(d / np.sqrt(whole), a**2 * variance / whole**3)


def _variance_of_d(d: Array, n1: Array, n2: Array) -> Array:
    return np.asarray(1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))


def _normal_range(n: Array) -> Array:
    """Return about the range to expect of n values of a standard normal variable."""
    return np.asarray(2 * special.ndtri((n - 0.375) / (n + 0.25)))


def _normal_quartile_range(n: Array) -> Array:
    """Return about the interquartile range to expect of n values of a standard normal variable."""
    return np.asarray(2 * special.ndtri((0.75 * n - 0.125) / (n + 0.25)))


def _is_luo(mean: str) -> bool:
    if mean not in {"luo", "wan"}:
        raise BadOption(f"There is no mean {mean!r}. Choose luo or wan.")
    return mean == "luo"


def _read(**values: ArrayLike) -> tuple[Array, ...]:
    """Return numbers or columns in one shape, checked by what their names say they are."""
    try:
        arrays = np.broadcast_arrays(*(np.asarray(given, dtype=float) for given in values.values()))
    except (TypeError, ValueError):
        raise BadTable(
            f"{', '.join(values)} are not numbers, or not columns of one length."
        ) from None
    for name, array in zip(values, arrays, strict=True):
        _refuse(name, array, np.isinf(array), "Give a finite number.")
        if rule := _RULES.get(name.rstrip("12")):
            is_wrong, words = rule
            _refuse(name, array, is_wrong(array) & ~np.isnan(array), words)
    return arrays


def _in_order(**values: ArrayLike) -> tuple[Array, ...]:
    """Read columns of which none may be below the one before it."""
    arrays = _read(**values)
    for (before, low), (name, high) in pairwise(zip(values, arrays, strict=True)):
        _refuse(name, high, high < low, f"It cannot be below the {before}.")
    return arrays


def _ordered(n: ArrayLike, **values: ArrayLike) -> tuple[Array, ...]:
    *arrays, sizes = _read(**values, n=n)
    _two_or_more(sizes)
    return (*_in_order(**dict(zip(values, arrays, strict=True))), sizes)


def _two_or_more(n: Array) -> None:
    _refuse("n", n, n < 2, "A standard deviation needs at least 2 people.")


def _refuse(name: str, values: Array, wrong: NDArray[np.bool_], rule: str) -> None:
    """Raise BadStudy that names the first wrong value; a single number is of "this study"."""
    if np.any(wrong):
        row = int(np.argmax(wrong))
        label = f"study {row + 1}" if np.ndim(values) else "this study"
        raise BadStudy(label, f"{name} is {np.ravel(values)[row]:g}", rule)
