"""Tests of 2x2 tables and of rates: of no association, and of one odds ratio in all tables.

Each compares the events of the first arm with those to be expected, table by table, and sums over
the tables of a group before it squares or after. a, b, c, d, n1, n2, x1, t1, x2 and t2 are those of
kb.synthesis.tables; n and t are the sizes of both arms together.
"""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.chi_squared import ChiSquaredMany
from kb.synthesis.distributions import Array
from kb.synthesis.tables import Strata, Tables


@dataclass(frozen=True, slots=True, eq=False)
class AssociationTests:
    """The tests of m groups, NaN where a group or a measure has none.

    Attributes:
        cochran, mantel_haenszel: of no association; for rates the second is that of equal rates.
        breslow_day, tarone: of one odds ratio in all tables.
        k_pos: the number of tables in the last two, shape (m,).
    """

    cochran: ChiSquaredMany
    mantel_haenszel: ChiSquaredMany
    breslow_day: ChiSquaredMany
    tarone: ChiSquaredMany
    k_pos: Array


def tests_of(studies: Strata, odds_ratio: Array | None, *, correct: bool) -> AssociationTests:
    """Return the tests that there are for these studies.

    `odds_ratio` is the pooled one of each group, shape (m,), NaN where there is none; None if
    something else is pooled. `correct` subtracts 1/2 from the excess of events in the tests of no
    association.
    """
    none = ChiSquaredMany.none(studies.m)
    if isinstance(studies, Tables):
        heterogeneity = (none, none, none.statistic)
        if odds_ratio is not None:
            heterogeneity = equal_odds_ratios(studies, odds_ratio)
        return AssociationTests(
            cochran(studies, correct=correct),
            mantel_haenszel(studies, correct=correct),
            *heterogeneity,
        )
    return AssociationTests(none, equal_rates(studies, correct=correct), none, none, none.statistic)


def excess_of_events(tables: Tables) -> tuple[Array, Array]:
    """Return O - E of the first arm and its hypergeometric variance V, each of shape (k,).

    O - E = a - n1 (a + c) / n, written (a d - b c) / n, and
    V = n1 n2 (a + c) (b + d) / (n² (n - 1)), 0 where an arm, the events or the others are none
    (Mantel N, Haenszel W. J Natl Cancer Inst 1959;22:719-748).
    """
    a, b, c, d = tables.columns
    n = a + b + c + d
    margins = (a + b) / n * ((c + d) / n) * (a + c) * (b + d)
    return (a * d - b * c) / n, margins / np.where(margins > 0, n - 1, 1)


def cochran(tables: Tables, *, correct: bool) -> ChiSquaredMany:
    """Return Cochran's test of no association, (sum(O - E))² / sum(V (n - 1) / n).

    Cochran WG. Biometrics 1954;10:417-451.
    """
    excess, variance = excess_of_events(tables)
    n = tables.ni
    return _of_no_association(tables, excess, variance * (n - 1) / n, correct=correct)


def mantel_haenszel(tables: Tables, *, correct: bool) -> ChiSquaredMany:
    """Return Mantel and Haenszel's test of no association, (sum(O - E))² / sum(V).

    Mantel N, Haenszel W. J Natl Cancer Inst 1959;22:719-748.
    """
    return _of_no_association(tables, *excess_of_events(tables), correct=correct)


def equal_rates(rates: Strata, *, correct: bool) -> ChiSquaredMany:
    """Return the test of equal rates, given the events of both arms together.

    O - E = (x1 t2 - x2 t1) / t, of the binomial variance (x1 + x2) t1 t2 / t² (Rothman KJ,
    Greenland S, Lash TL. Modern Epidemiology, 3rd ed., chapter 15).
    """
    x1, t1, x2, t2 = rates.columns
    t = t1 + t2
    excess = (x1 * t2 - x2 * t1) / t
    return _of_no_association(rates, excess, (x1 + x2) * (t1 / t) * (t2 / t), correct=correct)


def _of_no_association(
    studies: Strata, excess: Array, variance: Array, *, correct: bool
) -> ChiSquaredMany:
    """Return (|sum of excess| - 1/2)² / sum of variance; without `correct`, without the 1/2.

    There is no test where the variance is zero: the events could not have fallen otherwise.
    """
    distance = np.abs(studies.total(excess)) - (0.5 if correct else 0)
    total = studies.total(variance)
    statistic = np.full(total.shape, np.nan)
    np.divide(distance**2, total, out=statistic, where=total > 0)
    return ChiSquaredMany.of(statistic, 1)


def equal_odds_ratios(
    tables: Tables, odds_ratio: Array
) -> tuple[ChiSquaredMany, ChiSquaredMany, Array]:
    """Return Breslow and Day's test, Tarone's, and the number of tables in them for each group.

    The tables are those with two arms, events and non-events; two of them make a test. `odds_ratio`
    is the pooled one of each group, shape (m,), NaN where there is none. Breslow and Day's
    statistic is sum((a - e)² / v) for the e events to be expected at that odds ratio (Breslow NE,
    Day NE. Statistical Methods in Cancer Research, vol. 1, 1980, section 4.4). Tarone subtracts
    (sum(a - e))² / sum(v), what the pooled odds ratio, not being the maximum-likelihood one, leaves
    over (Tarone RE. Biometrika 1985;72:91-95).
    """
    cells = tables.columns
    margins = cells[[0, 2, 0, 1]] + cells[[1, 3, 2, 3]]
    exists = ~np.isnan(odds_ratio)[tables.group]
    telling = tables.take(np.all(margins > 0, axis=0) & exists)
    difference, variance = _beyond_expected(telling, odds_ratio[telling.group])
    k_pos = telling.size()
    several = k_pos > 1
    breslow_day = np.where(several, telling.total(difference**2 / variance), np.nan)
    total = np.where(several, telling.total(variance), np.nan)
    tarone = np.maximum(breslow_day - telling.total(difference) ** 2 / total, 0)
    df = k_pos - 1
    return ChiSquaredMany.of(breslow_day, df), ChiSquaredMany.of(tarone, df), k_pos


def _beyond_expected(tables: Tables, odds_ratio: Array) -> tuple[Array, Array]:
    """Return a - e and the variance v of a, given the margins and the odds ratio of each table.

    e solves e (n2 - m1 + e) = odds_ratio (n1 - e) (m1 - e), m1 = a + c; of the two forms of the
    root this one keeps its digits. 1 / v is the sum of the reciprocals of the expected cells.
    """
    a, b, c, d = tables.columns
    n1, n2, m1 = a + b, c + d, a + c
    linear = odds_ratio * (n1 + m1) + n2 - m1
    root = np.sqrt(linear**2 + 4 * n1 * m1 * odds_ratio * (1 - odds_ratio))
    e = 2 * odds_ratio * n1 * m1 / (linear + root)
    return a - e, 1 / (1 / e + 1 / (n1 - e) + 1 / (m1 - e) + 1 / (n2 - m1 + e))
