"""From one measure of effect to another: d, the log odds ratio and the correlation.

"Borenstein" is Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis.
Chichester: Wiley, 2009.
"""

from typing import Generic, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.conversions.columns import as_given, read, refuse
from kb.synthesis.distributions import Array

T_co = TypeVar("T_co", covariant=True)

_LOGISTIC_SD = np.pi / np.sqrt(3)


class Converted(NamedTuple, Generic[T_co]):
    """Effects on another scale, with their sampling variances."""

    value: T_co
    variance: T_co


@overload
def d_to_log_odds(d: float, variance: float) -> Converted[float]: ...
@overload
def d_to_log_odds(d: ArrayLike, variance: ArrayLike) -> Converted[Array]: ...
def d_to_log_odds(d: ArrayLike, variance: ArrayLike) -> Converted[Array | float]:
    """Return the log odds ratio d π/sqrt(3), of variance V π²/3 (Borenstein, eq. 7.3 and 7.4)."""
    d, variance = read(d=d, variance=variance)
    return converted(d * _LOGISTIC_SD, variance * _LOGISTIC_SD**2)


@overload
def log_odds_to_d(log_odds: float, variance: float) -> Converted[float]: ...
@overload
def log_odds_to_d(log_odds: ArrayLike, variance: ArrayLike) -> Converted[Array]: ...
def log_odds_to_d(log_odds: ArrayLike, variance: ArrayLike) -> Converted[Array | float]:
    """Return d = log OR sqrt(3)/π, of variance 3 V/π² (Borenstein, eq. 7.1 and 7.2)."""
    log_odds, variance = read(log_odds=log_odds, variance=variance)
    return converted(log_odds / _LOGISTIC_SD, variance / _LOGISTIC_SD**2)


@overload
def r_to_d(r: float, variance: float) -> Converted[float]: ...
@overload
def r_to_d(r: ArrayLike, variance: ArrayLike) -> Converted[Array]: ...
def r_to_d(r: ArrayLike, variance: ArrayLike) -> Converted[Array | float]:
    """Return d = 2r / sqrt(1 - r²), of variance 4V / (1 - r²)³ (Borenstein, eq. 7.5 and 7.6)."""
    r, variance = read(r=r, variance=variance)
    refuse("r", r, np.abs(r) == 1, "A perfect correlation is an infinite d.")
    rest = 1 - r**2
    return converted(2 * r / np.sqrt(rest), 4 * variance / rest**3)


@overload
def d_to_r(d: float, variance: float, n1: float = 1, n2: float = 1) -> Converted[float]: ...
@overload
def d_to_r(
    d: ArrayLike, variance: ArrayLike, n1: ArrayLike = 1, n2: ArrayLike = 1
) -> Converted[Array]: ...
def d_to_r(
    d: ArrayLike, variance: ArrayLike, n1: ArrayLike = 1, n2: ArrayLike = 1
) -> Converted[Array | float]:
    """Return r = d / sqrt(d² + a), of variance a² V / (d² + a)³ (Borenstein, eq. 7.7 to 7.9).

    a = (n1 + n2)² / (n1 n2) is 4 for groups of equal size, which stands in for sizes not known.
    """
    d, variance, n1, n2 = read(d=d, variance=variance, n1=n1, n2=n2)
    a = (n1 + n2) ** 2 / (n1 * n2)
    whole = d**2 + a
    return converted(d / np.sqrt(whole), a**2 * variance / whole**3)


def converted(value: Array, variance: Array) -> Converted[Array | float]:
    """Return effects and variances, numbers for what came of numbers."""
    return Converted(as_given(value), as_given(variance))
