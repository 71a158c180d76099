"""Tails and quantiles of the normal, t, chi-squared and F distributions.

They come from scipy.special: scipy.stats has the same numbers behind half a second of imports.
"""

from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array: TypeAlias = NDArray[np.float64]


def number(value: float) -> Array:
    """Return a number as what it stands for in a formula, an array of shape ()."""
    return cast(Array, value)


def _plain(value: Any) -> Array:
    """Return what scipy gives, whose types allow for single precision, as what it is here."""
    return cast(Array, value)


def two_sided_p(statistic: Array, df: Array | None = None) -> Array:
    """Return P(|T| >= |statistic|) for a t of `df` degrees of freedom, or a normal without them.

    The tail of t is the incomplete beta function I(df / (df + t²); df/2, 1/2) (Abramowitz & Stegun
    26.7.1). Where t is so small that df / (df + t²) loses it, the function is taken from its other
    end, which takes longer: so p keeps twelve digits, near 1 and far out.
    """
    size = np.abs(statistic)
    if df is None:
        return np.asarray(2 * special.ndtr(-size))
    small = size < 1e-4 * df
    ratio = size / np.sqrt(df)
    if ratio.ndim == 0:
        return (_near_one if small else _far_out)(ratio, df)
    result = _far_out(ratio, df)
    result[small] = _near_one(ratio[small], df[small])
    return result


def _near_one(ratio: Array, df: Array) -> Array:
    squared = ratio * ratio
    return _plain(special.betaincc(0.5, df / 2, squared / (1 + squared)))


def _far_out(ratio: Array, df: Array) -> Array:
    beyond = 1 / np.hypot(1, ratio)
    return _plain(special.betainc(df / 2, 0.5, beyond * beyond))


def central_quantile(level: float, df: Array | None = None) -> Array:
    """Return c with P(|T| <= c) = level, for a t of `df` degrees of freedom or a normal."""
    tail = (1 - level) / 2
    if df is None:
        return number(-float(special.ndtri(tail)))
    if df.ndim == 0:
        return number(-float(special.stdtrit(df, tail)))
    distinct, which = np.unique(df, return_inverse=True)
    quantiles = np.asarray(special.stdtrit(distinct, tail), dtype=float)
    return -quantiles[which]


def chi2_upper(statistic: Array, df: Array | float) -> Array:
    """Return P(X >= statistic) for a chi-squared of `df` degrees of freedom, one or more."""
    return _plain(special.gammaincc(df / 2, statistic / 2))


def chi2_quantile(probability: float, df: Array | float) -> Array:
    """Return x with P(X <= x) = probability for a chi-squared of `df` degrees of freedom."""
    return np.asarray(2 * special.gammaincinv(np.asarray(df, dtype=float) / 2, probability))


def f_upper(statistic: float, df1: float, df2: float) -> float:
    """Return P(F >= statistic) for an F of df1 and df2 degrees of freedom.

    The tail is I(df2 / (df2 + df1 F); df2/2, df1/2) (Abramowitz & Stegun 26.6.2), taken from its
    other end where F is small.
    """
    ratio = df1 * statistic / df2
    if ratio < 1:
        return float(special.betaincc(df1 / 2, df2 / 2, ratio / (1 + ratio)))
    return float(special.betainc(df2 / 2, df1 / 2, 1 / (1 + ratio)))
