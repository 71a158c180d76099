"""The Mantel-Haenszel estimators: five quotients of sums over the studies, with their variances.

Each is sum(R) / sum(S), of one term R and one S per study: for a ratio the effect is the logarithm
of the quotient, and S is the weight of a study. a, b, c, d, n1, n2, x1, t1, x2 and t2 are those of
kb.synthesis.tables; n = n1 + n2 and t = t1 + t2.
"""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.tables import Strata


@dataclass(frozen=True, slots=True, eq=False)
class Quotient:
    """What an estimator gives for k studies in m groups.

    Attributes:
        weights: S of every study, shape (k,).
        numerator, denominator: sum(R) and sum(S), shape (m,).
        effect: the effect on the scale of analysis, shape (m,); NaN where there is none.
        se: its standard error, shape (m,).
    """

    weights: Array
    numerator: Array
    denominator: Array
    effect: Array
    se: Array


def odds_ratio(tables: Strata) -> Quotient:
    """Pool odds ratios: R = a d / n and S = b c / n (Mantel & Haenszel 1959).

    With P = (a + d) / n and Q = (b + c) / n the variance of the log odds ratio is
    sum(P R) / (2 sum(R)²) + sum(P S + Q R) / (2 sum(R) sum(S)) + sum(Q S) / (2 sum(S)²)
    (Robins J, Breslow N, Greenland S. Biometrics 1986;42:311-323).
    """
    a, b, c, d = tables.columns
    n = a + b + c + d
    p, q = (a + d) / n, (b + c) / n
    r, s = a * d / n, b * c / n
    numerator, denominator = tables.total(r), tables.total(s)
    sum_r, sum_s = _both(numerator, denominator)
    variance = (
        tables.total(p * r) / sum_r**2
        + tables.total(p * s + q * r) / (sum_r * sum_s)
        + tables.total(q * s) / sum_s**2
    ) / 2
    return Quotient(s, numerator, denominator, np.log(sum_r / sum_s), np.sqrt(variance))


def risk_ratio(tables: Strata) -> Quotient:
    """Pool risk ratios: R = a n2 / n and S = c n1 / n.

    The variance of the log risk ratio is sum(n1 n2 (a + c) / n² - a c / n) / (sum(R) sum(S))
    (Greenland S, Robins JM. Biometrics 1985;41:55-68); its term is computed as
    (a d n1 + b c n2) / n², the same without a difference.
    """
    a, b, c, d = tables.columns
    n1, n2, n = a + b, c + d, a + b + c + d
    r, s = a * n2 / n, c * n1 / n
    numerator, denominator = tables.total(r), tables.total(s)
    sum_r, sum_s = _both(numerator, denominator)
    variance = tables.total((a * d * n1 + b * c * n2) / n**2) / (sum_r * sum_s)
    return Quotient(s, numerator, denominator, np.log(sum_r / sum_s), np.sqrt(variance))


def risk_difference(tables: Strata) -> Quotient:
    """Pool risk differences: R = (a n2 - c n1) / n and S = n1 n2 / n.

    With P = c (n1 / n)² - a (n2 / n)² + n1 n2 (n2 - n1) / (2 n²) and
    Q = (a (n2 - c) + c (n1 - a)) / (2 n) the variance of the risk difference D is
    (D sum(P) + sum(Q)) / sum(S)² (Sato T, Greenland S, Robins JM. Biometrics 1989;45:1323-1324).
    """
    a, b, c, d = tables.columns
    n1, n2, n = a + b, c + d, a + b + c + d
    r, s = (a * d - b * c) / n, n1 * n2 / n
    p = c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 * n2 * (n2 - n1) / (2 * n**2)
    q = (a * d + c * b) / (2 * n)
    numerator, denominator = tables.total(r), tables.total(s)
    sum_s = _positive(denominator)
    difference = numerator / sum_s
    variance = np.maximum(difference * tables.total(p) + tables.total(q), 0) / sum_s**2
    return Quotient(s, numerator, denominator, difference, np.sqrt(variance))


def rate_ratio(rates: Strata) -> Quotient:
    """Pool rate ratios: R = x1 t2 / t and S = x2 t1 / t.

    The variance of the log rate ratio is sum(t1 t2 (x1 + x2) / t²) / (sum(R) sum(S)) (Greenland S,
    Robins JM. Biometrics 1985;41:55-68).
    """
    x1, t1, x2, t2 = rates.columns
    t = t1 + t2
    r, s = x1 * t2 / t, x2 * t1 / t
    numerator, denominator = rates.total(r), rates.total(s)
    sum_r, sum_s = _both(numerator, denominator)
    variance = rates.total(t1 / t * (t2 / t) * (x1 + x2)) / (sum_r * sum_s)
    return Quotient(s, numerator, denominator, np.log(sum_r / sum_s), np.sqrt(variance))


def rate_difference(rates: Strata) -> Quotient:
    """Pool rate differences: R = (x1 t2 - x2 t1) / t and S = t1 t2 / t.

    The variance is sum(x1 (t2 / t)² + x2 (t1 / t)²) / sum(S)² (Greenland S, Robins JM. Biometrics
    1985;41:55-68).
    """
    x1, t1, x2, t2 = rates.columns
    t = t1 + t2
    r, s = (x1 * t2 - x2 * t1) / t, t1 * t2 / t
    numerator, denominator = rates.total(r), rates.total(s)
    sum_s = _positive(denominator)
    variance = rates.total(x1 * (t2 / t) ** 2 + x2 * (t1 / t) ** 2) / sum_s**2
    return Quotient(s, numerator, denominator, numerator / sum_s, np.sqrt(variance))


def _both(sum_r: Array, sum_s: Array) -> tuple[Array, Array]:
    """Return the sums, NaN where one of them is zero: there is no ratio of zero or infinity."""
    exists = (sum_r > 0) & (sum_s > 0)
    return np.where(exists, sum_r, np.nan), np.where(exists, sum_s, np.nan)


def _positive(sum_s: Array) -> Array:
    """Return the sum, NaN where it is zero: nothing has weight."""
    return np.where(sum_s > 0, sum_s, np.nan)
