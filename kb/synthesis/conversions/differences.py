"""Standardised mean differences from t, F and p, and their correction for small samples.

"Borenstein" is Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis.
Chichester: Wiley, 2009.
"""

from typing import overload

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from kb.synthesis.conversions.between_measures import Converted, converted
from kb.synthesis.conversions.columns import as_given, read, refuse
from kb.synthesis.conversions.t_values import t_of_p
from kb.synthesis.distributions import Array


@overload
def hedges_correction(df: float) -> float: ...
@overload
def hedges_correction(df: ArrayLike) -> Array: ...
def hedges_correction(df: ArrayLike) -> Array | float:
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
    return as_given(np.where(m >= 100, np.sqrt(1 - 1.5 / large) * series, ratio))


@overload
def d_from_t(t: float, n1: float, n2: float) -> Converted[float]: ...
@overload
def d_from_t(t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Converted[Array]: ...
def d_from_t(t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Converted[Array | float]:
    """Return Cohen's d = t sqrt(1/n1 + 1/n2) of two independent groups.

    Its variance is 1/n1 + 1/n2 + d² / 2(n1 + n2) (Borenstein, eq. 4.20).
    """
    t, n1, n2 = read(t=t, n1=n1, n2=n2)
    return _of_t(t, n1, n2)


@overload
def d_from_f(f: float, n1: float, n2: float, *, sign: float) -> Converted[float]: ...
@overload
def d_from_f(
    f: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, sign: ArrayLike
) -> Converted[Array]: ...
def d_from_f(
    f: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, sign: ArrayLike
) -> Converted[Array | float]:
    """Return d from an F of 1 degree of freedom between two groups, t = sign sqrt(F).

    `sign` is 1 where group 1 has the larger mean and -1 where it has the smaller one.
    """
    f, n1, n2, sign = read(f=f, n1=n1, n2=n2, sign=sign)
    return _of_t(sign * np.sqrt(f), n1, n2)


@overload
def d_from_p(p: float, n1: float, n2: float, *, sign: float) -> Converted[float]: ...
@overload
def d_from_p(
    p: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, sign: ArrayLike
) -> Converted[Array]: ...
def d_from_p(
    p: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, sign: ArrayLike
) -> Converted[Array | float]:
    """Return d from the two-sided p-value of a t test between two groups.

    `sign` is 1 where group 1 has the larger mean and -1 where it has the smaller one.
    """
    p, n1, n2, sign = read(p=p, n1=n1, n2=n2, sign=sign)
    return _of_t(sign * t_of_p(p, n1 + n2 - 2), n1, n2)


@overload
def g_from_d(d: float, n1: float, n2: float) -> Converted[float]: ...
@overload
def g_from_d(d: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Converted[Array]: ...
def g_from_d(d: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Converted[Array | float]:
    """Return Hedges' g = J d of two independent groups, J of n1 + n2 - 2 degrees of freedom.

    Its variance is 1/n1 + 1/n2 + g² / 2(n1 + n2), that of a standardised mean difference from
    means.
    """
    d, n1, n2 = read(d=d, n1=n1, n2=n2)
    refuse("n1 + n2", n1 + n2, n1 + n2 <= 3, "The correction needs more than 3 people.")
    g = np.asarray(hedges_correction(n1 + n2 - 2) * d)
    return _with_variance(g, n1, n2)


def _of_t(t: Array, n1: Array, n2: Array) -> Converted[Array | float]:
    return _with_variance(t * np.sqrt(1 / n1 + 1 / n2), n1, n2)


def _with_variance(d: Array, n1: Array, n2: Array) -> Converted[Array | float]:
    return converted(d, 1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))
