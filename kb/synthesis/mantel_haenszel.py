"""Mantel-Haenszel pooling of 2x2 tables and of rates, and the tests that belong to it.

The pooled effect is a quotient of sums over the studies, so that studies with few or no events
take part without the correction that a log odds ratio of their own would need (Mantel N, Haenszel
W. J Natl Cancer Inst 1959;22:719-748). The effects of single studies serve Cochran's Q
alone. In every table a of a + b people in the first arm had the event and c of c + d in the
second; rates are x1 events in a time of t1 and x2 in t2.

The options are those of metafor's `rma.mh`. Each pair is for the single studies first and for the
sums second: `add` is added to the cells, `to` says of which tables ("only0", "all", "if0all",
"none"), `drop00` leaves out tables in which both arms have no event, or nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array, chi2_upper
from kb.synthesis.effect_sizes import counts, rates
from kb.synthesis.effect_sizes.rows import Mask, Rows
from kb.synthesis.effect_sizes.zero_cells import corrected
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, check_level, p_value, wald
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.measures import MEASURES, Measure

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of an analysis, checked."""

    add: Pair
    to: tuple[str, str]
    drop00: tuple[bool, bool]
    correct: bool
    level: float

    def __post_init__(self) -> None:
        check_level(self.level)


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """A chi-squared test: its statistic, degrees of freedom and p-value."""

    statistic: float
    df: int
    p: float

    @classmethod
    def of(cls, statistic: float, df: int) -> Self:
        """Return the test of this statistic."""
        return cls(statistic, df, float(chi2_upper(np.asarray(statistic), df)))

    def summary(self) -> str:
        """Return the test in one line."""
        return f"chi²({self.df}) = {self.statistic:.2f}, {p_value(self.p)}"


@dataclass(frozen=True, slots=True, eq=False)
class MantelHaenszel:
    """A Mantel-Haenszel analysis on the scale of its measure.

    Attributes:
        measure: OR, RR, RD, IRR or IRD; a ratio is analysed as its logarithm.
        labels: the names of the k studies in the sums.
        rows: the row of the table that each came from, shape (k,), from 0.
        weights: their Mantel-Haenszel weights in percent, shape (k,); None where all are zero.
        effects: the effects of single studies that Q is made of.
        estimate: the pooled effect; None where the sums give no ratio (a note says why).
        heterogeneity: Q of the single studies about the pooled effect; None without one.
        cochran: Cochran's test of no association, in any study; None for rates, and where the
            events of no study could have fallen otherwise.
        mantel_haenszel: the same with the exact variance of Mantel and Haenszel; for rates the
            test of equal rates.
        breslow_day: Breslow and Day's test of equal odds ratios; OR only, from two tables on.
        tarone: the same, corrected by Tarone for the odds ratio being the Mantel-Haenszel one.
        k_pos: the tables that Breslow and Day's test is made of; None but for OR.
        left_out: the rows that are not in the sums, with the reason.
        notes: what a reader must know of this result beyond its numbers.
    """

    measure: Measure
    labels: Sequence[str]
    rows: NDArray[np.intp]
    weights: Array | None
    effects: Effects
    estimate: Estimate | None
    heterogeneity: Heterogeneity | None
    cochran: ChiSquared | None
    mantel_haenszel: ChiSquared | None
    breslow_day: ChiSquared | None
    tarone: ChiSquared | None
    k_pos: int | None
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies in the sums."""
        return len(self.labels)

    @property
    def k_yi(self) -> int:
        """The number of studies in Q."""
        return self.effects.k

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        tests = {
            "no association (Cochran)": self.cochran,
            "no association (Mantel-Haenszel)": self.mantel_haenszel,
            "equal odds ratios (Breslow-Day)": self.breslow_day,
            "equal odds ratios (Tarone)": self.tarone,
        }
        return "\n".join(
            [
                f"{self.k} {'study' if self.k == 1 else 'studies'}, Mantel-Haenszel method",
                *pooled_lines(self.measure, self.estimate, self.heterogeneity),
                *(f"test of {name}: {test.summary()}" for name, test in tests.items() if test),
                *self.notes,
                *(f"left out: {study}" for study in self.left_out),
            ]
        )


def odds_ratio(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    correct: bool = True,
    level: float = DEFAULT_LEVEL,
) -> MantelHaenszel:
    """Return the pooled log odds ratio, log(sum(a d / n) / sum(b c / n)).

    Its variance is that of Robins J, Breslow N, Greenland S (Biometrics 1986;42:311-323), right
    for few large tables and for many sparse ones.

    Args:
        ai, bi, ci, di: the four cells, one of each per study.
        labels: the names of the studies.
        add, to, drop00: the corrections, for single studies and for the sums.
        correct: whether the tests of no association subtract 1/2 from the excess of events; as in
            metafor, even from an excess below 1/2.
        level: the confidence level, a share.

    Tables with a missing count, or with nobody in them, are left out by name. Raise BadStudy
    for a count that cannot be one, BadOption for an option that does not exist, and TooFewStudies
    if no table is left.
    """
    options = _Options(add, to, drop00, correct, level)
    strata = Tables.read(ai, bi, ci, di, labels)
    return _pool(MEASURES["OR"], counts.odds_ratio, _odds_ratio, strata, options)


def risk_ratio(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    correct: bool = True,
    level: float = DEFAULT_LEVEL,
) -> MantelHaenszel:
    """Return the pooled log risk ratio, log(sum(a n2 / n) / sum(c n1 / n)).

    Its variance is that of Greenland S, Robins JM (Biometrics 1985;41:55-68). The arguments and
    the errors are those of `odds_ratio`.
    """
    options = _Options(add, to, drop00, correct, level)
    strata = Tables.read(ai, bi, ci, di, labels)
    return _pool(MEASURES["RR"], counts.risk_ratio, _risk_ratio, strata, options)


def risk_difference(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    correct: bool = True,
    level: float = DEFAULT_LEVEL,
) -> MantelHaenszel:
    """Return the pooled risk difference, sum((a n2 - c n1) / n) / sum(n1 n2 / n).

    Its variance is that of Sato T, Greenland S, Robins JM (Biometrics 1989;45:1323-1324). The
    arguments and the errors are those of `odds_ratio`.
    """
    options = _Options(add, to, drop00, correct, level)
    strata = Tables.read(ai, bi, ci, di, labels)
    return _pool(MEASURES["RD"], counts.risk_difference, _risk_difference, strata, options)


def rate_ratio(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    correct: bool = True,
    level: float = DEFAULT_LEVEL,
) -> MantelHaenszel:
    """Return the pooled log rate ratio, log(sum(x1 t2 / t) / sum(x2 t1 / t)), t = t1 + t2.

    Its variance is that of Greenland S, Robins JM (Biometrics 1985;41:55-68). The events are x1i
    and x2i, the times at risk t1i and t2i; a time that is not above zero raises BadStudy. The
    other arguments and errors are those of `odds_ratio`.
    """
    options = _Options(add, to, drop00, correct, level)
    strata = Rates.read(x1i, t1i, x2i, t2i, labels)
    return _pool(MEASURES["IRR"], rates.rate_ratio, _rate_ratio, strata, options)


def rate_difference(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    correct: bool = True,
    level: float = DEFAULT_LEVEL,
) -> MantelHaenszel:
    """Return the pooled rate difference, sum((x1 t2 - x2 t1) / t) / sum(t1 t2 / t).

    Its variance is that of Greenland S, Robins JM (Biometrics 1985;41:55-68). The arguments and
    the errors are those of `rate_ratio`.
    """
    options = _Options(add, to, drop00, correct, level)
    strata = Rates.read(x1i, t1i, x2i, t2i, labels)
    return _pool(MEASURES["IRD"], rates.rate_difference, _rate_difference, strata, options)


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """The numbers of k studies.

    Attributes:
        columns: four numbers per study, shape (4, k).
        labels: the names of the k studies.
        rows: the row of the table that each came from, shape (k,), from 0.
        left_out: the rows that are not among them, with the reason.
    """

    columns: Array
    labels: Sequence[str]
    rows: NDArray[np.intp]
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def _of(cls, rows: Rows) -> Self:
        """Leave out the rows where a column has no value."""
        columns = np.stack(list(rows.columns.values()))
        missing = np.isnan(columns)
        names = np.array(list(rows.columns))
        reasons = ["missing " + " and ".join(names[row]) for row in missing.T]
        strata = cls(columns, rows.labels, np.arange(columns.shape[1]))
        return strata.leave_out(np.any(missing, axis=0), reasons)

    @property
    def k(self) -> int:
        """The number of studies."""
        return len(self.labels)

    @property
    def without_events(self) -> Mask:
        """Which studies have no event in either arm, shape (k,)."""
        return np.asarray((self.columns[0] == 0) & (self.columns[2] == 0))

    @property
    def only_events(self) -> Mask:
        """Which studies have nothing but events in both arms: none, where time is at risk."""
        return np.zeros(self.k, dtype=bool)

    def named(self, which: Mask) -> tuple[str, ...]:
        """Return the names of these studies."""
        return tuple(self.labels[i] for i in np.flatnonzero(which).tolist())

    def leave_out(self, which: Mask, reasons: Sequence[str]) -> Self:
        """Return the studies without these; there is a reason for each of the k."""
        kept = ~which
        gone = tuple(LeftOut(self.labels[i], reasons[i]) for i in np.flatnonzero(which).tolist())
        return type(self)(
            self.columns[:, kept], self.named(kept), self.rows[kept], self.left_out + gone
        )

    def without_double_zeros(self) -> Self:
        """Return the studies without those in which both arms have no event, or nothing else."""
        double = self.without_events | self.only_events
        return self.leave_out(double, ["no event, or nothing else, in both arms"] * self.k)


@dataclass(frozen=True, slots=True, eq=False)
class Tables(Strata):
    """2x2 tables; the columns are ai, bi, ci and di."""

    @classmethod
    def read(
        cls,
        ai: ArrayLike,
        bi: ArrayLike,
        ci: ArrayLike,
        di: ArrayLike,
        labels: Sequence[str] | None,
    ) -> Self:
        """Return the complete tables that have anybody in them; name the others."""
        rows = Rows.of(labels, ai=ai, bi=bi, ci=ci, di=di)
        rows.refuse_negative("ai", "bi", "ci", "di")
        first, second = rows["ai"] + rows["bi"], rows["ci"] + rows["di"]
        rows.refuse(
            (first > 0) & (second > 0) & (first + second <= 1),
            "the four cells sum to one or less",
            "Give the numbers of people, not their shares.",
        )
        tables = cls._of(rows)
        nobody = np.sum(tables.columns, axis=0) == 0
        return tables.leave_out(nobody, ["nobody in either arm"] * tables.k)

    @property
    def empty_arm(self) -> Mask:
        """Which studies have nobody in one of the arms, shape (k,)."""
        a, b, c, d = self.columns
        return np.asarray((a + b == 0) | (c + d == 0))

    @property
    def only_events(self) -> Mask:
        """Which studies have nothing but events in both arms, shape (k,)."""
        return np.asarray((self.columns[1] == 0) & (self.columns[3] == 0))

    def corrected(self, add: float, to: str) -> Self:
        """Return the tables with `add` in the cells of those that `to` means."""
        return replace(self, columns=np.stack(corrected(tuple(self.columns), add, to)))

    def excess(self) -> tuple[Array, Array]:
        """Return the excess of events in the first arm and its hypergeometric variance.

        The excess over what the margins of the table lead to expect, a - n1 (a + c) / n, is
        (a d - b c) / n.
        """
        a, b, c, d = self.columns
        n = a + b + c + d
        margins = (a + b) / n * ((c + d) / n) * (a + c) * (b + d)
        return (a * d - b * c) / n, margins / np.where(margins > 0, n - 1, 1)

    def tests(self, *, correct: bool) -> tuple[ChiSquared | None, ChiSquared | None]:
        """Return Cochran's test of no association and that of Mantel and Haenszel.

        Cochran's (Biometrics 1954;10:417-451) divides the variance by n where the other has n - 1.
        """
        excess, variance = self.excess()
        n = self.columns.sum(axis=0)
        cochran = _association(excess, variance * (n - 1) / n, correct=correct)
        return cochran, _association(excess, variance, correct=correct)


@dataclass(frozen=True, slots=True, eq=False)
class Rates(Strata):
    """Events and times at risk; the columns are x1i, t1i, x2i and t2i."""

    @classmethod
    def read(
        cls,
        x1i: ArrayLike,
        t1i: ArrayLike,
        x2i: ArrayLike,
        t2i: ArrayLike,
        labels: Sequence[str] | None,
    ) -> Self:
        """Return the complete rows; name the others."""
        rows = Rows.of(labels, x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
        rows.refuse_negative("x1i", "x2i")
        for name in ("t1i", "t2i"):
            rows.refuse(rows[name] <= 0, f"{name} is {{{name}:g}}", "A time at risk is above zero.")
        return cls._of(rows)

    def corrected(self, add: float, to: str) -> Self:
        """Return the rows with `add` in the events of those that `to` means."""
        x1, t1, x2, t2 = self.columns
        x1, x2 = corrected((x1, x2), add, to)
        return replace(self, columns=np.stack((x1, t1, x2, t2)))

    def tests(self, *, correct: bool) -> tuple[None, ChiSquared | None]:
        """Return the test of equal rates, given the events of both arms together."""
        x1, t1, x2, t2 = self.columns
        t = t1 + t2
        excess = (x1 * t2 - x2 * t1) / t
        variance = (x1 + x2) * (t1 / t) * (t2 / t)
        return None, _association(excess, variance, correct=correct)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """What the sums give: the effect on the scale of analysis, its standard error, the weights.

    Instead of effect and error there is `why`, if the sums give no ratio. The last three are the
    tests of equal odds ratios and the tables in them.
    """

    weights: Array
    estimate: float | None = None
    se: float | None = None
    why: str = ""
    breslow_day: ChiSquared | None = None
    tarone: ChiSquared | None = None
    k_pos: int | None = None


def _odds_ratio(cells: Array) -> _Sums:
    a, b, c, d = cells
    n = a + b + c + d
    p, q = (a + d) / n, (b + c) / n
    r, s = a * d / n, b * c / n
    sum_r, sum_s = float(np.sum(r)), float(np.sum(s))
    if sum_r == 0 or sum_s == 0:
        return _Sums(s, why=_no_ratio("odds ratio", r, s), k_pos=0)
    variance = (
        np.sum(p * r) / sum_r**2
        + np.sum(p * s + q * r) / (sum_r * sum_s)
        + np.sum(q * s) / sum_s**2
    ) / 2
    breslow_day, tarone, k_pos = _equal_odds_ratios(cells, sum_r / sum_s)
    return _Sums(
        s,
        float(np.log(sum_r / sum_s)),
        float(np.sqrt(variance)),
        breslow_day=breslow_day,
        tarone=tarone,
        k_pos=k_pos,
    )


def _risk_ratio(cells: Array) -> _Sums:
    """Pool risk ratios.

    The term of the variance, n1 n2 (a + c) / n² - a c / n, is written without the difference.
    """
    a, b, c, d = cells
    n1, n2, n = a + b, c + d, a + b + c + d
    r, s = a * n2 / n, c * n1 / n
    if not (r.any() and s.any()):
        return _Sums(s, why=_no_ratio("risk ratio", r, s))
    variance = np.sum((a * d * n1 + b * c * n2) / n**2) / (np.sum(r) * np.sum(s))
    return _Sums(s, float(np.log(np.sum(r) / np.sum(s))), float(np.sqrt(variance)))


def _risk_difference(cells: Array) -> _Sums:
    a, b, c, d = cells
    n1, n2, n = a + b, c + d, a + b + c + d
    weights = n1 * n2 / n
    total = np.sum(weights)
    if total == 0:
        return _Sums(weights, why="There is no risk difference: no study has people in both arms.")
    estimate = np.sum((a * d - b * c) / n) / total
    p = c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 * n2 * (n2 - n1) / (2 * n**2)
    q = (a * (n2 - c) + c * (n1 - a)) / (2 * n)
    variance = max(0.0, float(estimate * np.sum(p) + np.sum(q))) / total**2
    return _Sums(weights, float(estimate), float(np.sqrt(variance)))


def _rate_ratio(cells: Array) -> _Sums:
    x1, t1, x2, t2 = cells
    t = t1 + t2
    r, s = x1 * t2 / t, x2 * t1 / t
    if not (r.any() and s.any()):
        return _Sums(s, why=_no_ratio("rate ratio", r, s))
    variance = np.sum(t1 / t * (t2 / t) * (x1 + x2)) / (np.sum(r) * np.sum(s))
    return _Sums(s, float(np.log(np.sum(r) / np.sum(s))), float(np.sqrt(variance)))


def _rate_difference(cells: Array) -> _Sums:
    x1, t1, x2, t2 = cells
    t = t1 + t2
    weights = t1 * t2 / t
    total = np.sum(weights)
    estimate = np.sum((x1 * t2 - x2 * t1) / t) / total
    se = np.sqrt(np.sum(x1 * (t2 / t) ** 2 + x2 * (t1 / t) ** 2)) / total
    return _Sums(weights, float(estimate), float(se))


def _no_ratio(name: str, r: Array, s: Array) -> str:
    return (
        f"There is no pooled {name}: the sums that it is the ratio of are {np.sum(r):.4g} and "
        f"{np.sum(s):.4g}. See the test of no association."
    )


def _equal_odds_ratios(
    cells: Array, odds_ratio: float
) -> tuple[ChiSquared | None, ChiSquared | None, int]:
    """Return Breslow and Day's test and Tarone's, with the number of tables in them.

    The tables are those with two arms, events and non-events. In each, the events to be expected
    in the first arm at the pooled odds ratio and the margins of the table solve a quadratic
    equation; the observed ones are compared with them (Breslow NE, Day NE. Statistical Methods in
    Cancer Research, vol. 1, 1980). Tarone subtracts what the pooled odds ratio, which is not the
    maximum-likelihood one, leaves over (Tarone RE. Biometrika 1985;72:91-95).
    """
    margins = cells[[0, 2, 0, 1]] + cells[[1, 3, 2, 3]]
    a, b, c, d = cells[:, np.all(margins > 0, axis=0)]
    n1, events = a + b, a + c
    linear = odds_ratio * (n1 + events) + (c + d) - events
    root = np.sqrt(linear**2 + 4 * n1 * events * odds_ratio * (1 - odds_ratio))
    expected = 2 * odds_ratio * n1 * events / (linear + root)
    variance = 1 / (
        1 / expected
        + 1 / (n1 - expected)
        + 1 / (events - expected)
        + 1 / (c + d - events + expected)
    )
    if a.size < 2:
        return None, None, a.size
    breslow_day = float(np.sum((a - expected) ** 2 / variance))
    tarone = max(0.0, breslow_day - float(np.sum(a - expected) ** 2 / np.sum(variance)))
    df = a.size - 1
    return ChiSquared.of(breslow_day, df), ChiSquared.of(tarone, df), a.size


def _association(excess: Array, variance: Array, *, correct: bool) -> ChiSquared | None:
    total = float(np.sum(variance))
    if total == 0:
        return None
    return ChiSquared.of((abs(float(np.sum(excess))) - (0.5 if correct else 0)) ** 2 / total, 1)


def _pool(
    measure: Measure,
    single: Callable[..., Effects],
    pooled: Callable[[Array], _Sums],
    studies: Tables | Rates,
    options: _Options,
) -> MantelHaenszel:
    """Pool the studies: `single` gives the effect of each, `pooled` what the sums give."""
    summed = studies.without_double_zeros() if options.drop00[1] else studies
    if summed.k == 0:
        raise TooFewStudies("The Mantel-Haenszel method", needed=1, found=0)
    effects = effects_of(single, studies, options.add[0], options.to[0], drop00=options.drop00[0])
    summed = summed.corrected(options.add[1], options.to[1])
    sums = pooled(summed.columns)
    estimate = heterogeneity = None
    if sums.estimate is not None and sums.se is not None:
        estimate = wald(sums.estimate, sums.se, level=options.level)
        squares = (effects.yi - sums.estimate) ** 2 / effects.vi
        heterogeneity = common_heterogeneity(float(np.sum(squares)), effects.k - 1)
    cochran, mantel_haenszel = summed.tests(correct=options.correct)
    total = np.sum(sums.weights)
    return MantelHaenszel(
        measure=measure,
        labels=summed.labels,
        rows=summed.rows,
        weights=100 * sums.weights / total if total > 0 else None,
        effects=effects,
        estimate=estimate,
        heterogeneity=heterogeneity,
        cochran=cochran,
        mantel_haenszel=mantel_haenszel,
        breslow_day=sums.breslow_day,
        tarone=sums.tarone,
        k_pos=sums.k_pos,
        left_out=summed.left_out,
        notes=_notes(measure, summed, sums, effects),
    )


def effects_of(
    single: Callable[..., Effects], studies: Strata, add: float, to: str, *, drop00: bool
) -> Effects:
    """Return the effects of single studies, their `rows` those of the whole table."""
    effects = single(*studies.columns, studies.labels, add=add, to=to, drop00=drop00)
    return replace(effects, rows=studies.rows[effects.rows])


def common_heterogeneity(q: float, df: int) -> Heterogeneity:
    """Return the heterogeneity of a common-effect model; with one study or none there is none.

    I² and H² are those of Q (Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558).
    """
    if df < 1:
        return Heterogeneity(0.0, None, 0.0, 1.0, 0.0, 0, 1.0)
    i2 = 100 * (q - df) / q if q > df else 0.0
    return Heterogeneity(0.0, None, i2, q / df, q, df, float(chi2_upper(np.asarray(q), df)))


def pooled_lines(
    measure: Measure, estimate: Estimate | None, heterogeneity: Heterogeneity | None
) -> list[str]:
    """Return the lines of a summary that say what the studies give together."""
    lines = []
    if estimate is not None:
        lines.append(f"{measure.name}: {estimate.summary()}")
        if measure.is_ratio:
            value, low, high = measure.back(
                np.array([estimate.estimate, estimate.ci_low, estimate.ci_high])
            )
            lines.append(f"{measure.reported}: {value:.4g} ({low:.4g} to {high:.4g})")
    if heterogeneity is not None:
        lines.append(heterogeneity.summary())
    return lines


_WITHOUT_EVENTS = {
    "OR": "says nothing of an odds ratio",
    "RR": "says nothing of a risk ratio",
    "RD": "counts as a difference of 0",
    "IRR": "says nothing of a rate ratio",
    "IRD": "counts as a difference of 0",
}
_ONLY_EVENTS = _WITHOUT_EVENTS | {"RR": "counts as a risk ratio of 1"}


def _notes(
    measure: Measure, studies: Tables | Rates, sums: _Sums, effects: Effects
) -> tuple[str, ...]:
    notes = [sums.why] if sums.why else []
    if sums.se == 0:
        notes.append("The standard error of 0 means that nothing varied, not that all is known.")
    for arms, which, meaning in (
        ("No event in both arms", studies.without_events, _WITHOUT_EVENTS[measure.code]),
        ("Nothing but events in both arms", studies.only_events, _ONLY_EVENTS[measure.code]),
    ):
        if which.any():
            notes.append(f"{arms}: {', '.join(studies.named(which))}. In the sums this {meaning}.")
    if isinstance(studies, Tables) and studies.empty_arm.any():
        names = ", ".join(studies.named(studies.empty_arm))
        notes.append(f"Nobody in one arm: {names}. Only a correction gives it weight.")
    if effects.left_out:
        notes.append(f"Not in Q: {'; '.join(map(str, effects.left_out))}.")
    return tuple(notes)
