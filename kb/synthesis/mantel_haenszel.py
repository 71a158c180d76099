"""Mantel-Haenszel pooling of 2x2 tables and of rates, in one meta-analysis or in many at once.

The pooled effect is a quotient of sums over the studies, so that studies with few or no events
take part without the correction that a log odds ratio of their own would need (Mantel N, Haenszel
W. J Natl Cancer Inst 1959;22:719-748). The estimators and their variances are in
kb.synthesis.mantel_haenszel_estimators, the tests of no association and of equal odds ratios in
kb.synthesis.association. The effects of single studies serve Cochran's Q alone.

The options are those of metafor's `rma.mh`. Each pair is for the single studies first and for the
sums second: `add` is added to the cells, `to` says of which tables ("only0", "all", "if0all",
"none"; for tables of counts also "treatment", see kb.synthesis.effect_sizes.zero_cells), `drop00`
leaves out tables in which both arms have no event, or nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis import association
from kb.synthesis import mantel_haenszel_estimators as estimators
from kb.synthesis.association import AssociationTests
from kb.synthesis.effect_sizes import counts, rates
from kb.synthesis.effect_sizes.rows import Rows
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level
from kb.synthesis.groups import Index
from kb.synthesis.mantel_haenszel_estimators import Quotient
from kb.synthesis.measures import MEASURES
from kb.synthesis.pooled_counts import Columns, MantelHaenszel, MantelHaenszelMany
from kb.synthesis.tables import Rates, Strata, Tables, groups_of

__all__ = [
    "MantelHaenszel",
    "MantelHaenszelMany",
    "odds_ratio",
    "pool_many",
    "rate_difference",
    "rate_ratio",
    "risk_difference",
    "risk_ratio",
]

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
    return _pool("OR", (ai, bi, ci, di), labels, options)


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
    return _pool("RR", (ai, bi, ci, di), labels, options)


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
    return _pool("RD", (ai, bi, ci, di), labels, options)


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
    return _pool("IRR", (x1i, t1i, x2i, t2i), labels, options)


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
    return _pool("IRD", (x1i, t1i, x2i, t2i), labels, options)


def pool_many(
    measure: str,
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    /,
    group: ArrayLike,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    correct: bool = True,
    level: float = DEFAULT_LEVEL,
) -> MantelHaenszelMany:
    """Return the pooled effects of many independent meta-analyses of any sizes.

    Args:
        measure: OR, RR or RD, IRR or IRD.
        ai, bi, ci, di: the columns of the measure, one value per study, in any order of the
            studies; for IRR and IRD x1i, t1i, x2i and t2i stand in their places.
        group: the studies with the same label are one meta-analysis.
        add, to, drop00, correct, level: as of `odds_ratio`, in every group for itself.

    The errors are those of `odds_ratio`, BadOption for a measure that is none of these, and
    BadTable for groups of another length. A group without a pooled effect has NaN in the columns,
    and one that has no table left raises TooFewStudies as an item; the others have their results.
    """
    options = _Options(add, to, drop00, correct, level)
    method = _method(measure)
    table = method.strata.read(ai, bi, ci, di, None)
    groups = groups_of(group, table)
    pooled = _pooled(method, method.strata.grouped(table, groups), options)
    return MantelHaenszelMany(
        measure=MEASURES[method.code],
        groups=groups,
        columns=pooled.columns,
        left_out=pooled.summed.left_out,
        single=partial(_single, method, table, options),
        tests=pooled.tests,
    )


@dataclass(frozen=True, slots=True)
class _Method:
    """How a measure is pooled: what its studies are, their own effects, and the quotient."""

    code: str
    strata: type[Tables] | type[Rates]
    single: Callable[..., Effects]
    quotient: Callable[[Strata], Quotient]


_METHODS = {
    method.code: method
    for method in (
        _Method("OR", Tables, counts.odds_ratio, estimators.odds_ratio),
        _Method("RR", Tables, counts.risk_ratio, estimators.risk_ratio),
        _Method("RD", Tables, counts.risk_difference, estimators.risk_difference),
        _Method("IRR", Rates, rates.rate_ratio, estimators.rate_ratio),
        _Method("IRD", Rates, rates.rate_difference, estimators.rate_difference),
    )
}


def _method(code: str) -> _Method:
    """Return how the measure of this code is pooled; raise BadOption if it is not, here."""
    try:
        return _METHODS[code.upper()]
    except KeyError:
        raise BadOption(
            f"There is no Mantel-Haenszel method for {code!r}. It pools {', '.join(_METHODS)}."
        ) from None


@dataclass(frozen=True, slots=True, eq=False)
class _Pooled:
    """The results of m groups, with what they were made of."""

    summed: Strata
    quotient: Quotient
    effects: Effects
    columns: Columns
    tests: AssociationTests


def _pooled(method: _Method, studies: Strata, options: _Options) -> _Pooled:
    """Pool the studies of every group."""
    effects, having = studies.effects(
        method.single, options.add[0], options.to[0], drop00=options.drop00[0]
    )
    summed = studies.without_double_zeros() if options.drop00[1] else studies
    summed = summed.corrected(options.add[1], options.to[1])
    quotient = method.quotient(summed)
    pooled_odds_ratio = np.exp(quotient.effect) if method.code == "OR" else None
    tests = association.tests_of(summed, pooled_odds_ratio, correct=options.correct)
    q = having.total((effects.yi - quotient.effect[having.group]) ** 2 / effects.vi)
    k, k_yi = summed.size(), having.size()
    sizes = (k, k_yi, tests.k_pos)
    columns = Columns.of(sizes, quotient.effect, quotient.se, q, k_yi - 1, options.level)
    return _Pooled(summed, quotient, effects, columns, tests)


def _pool(
    code: str,
    columns: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    labels: Sequence[str] | None,
    options: _Options,
) -> MantelHaenszel:
    """Pool the studies of a single meta-analysis."""
    method = _METHODS[code]
    table = method.strata.read(*columns, labels)
    return _single(method, table, options, np.arange(len(table.labels)))


def _single(method: _Method, table: Rows, options: _Options, rows: Index) -> MantelHaenszel:
    """Pool these rows of the table: many meta-analyses that are one."""
    pooled = _pooled(method, method.strata.of(table, rows), options)
    summed, tests, weights = pooled.summed, pooled.tests, pooled.quotient.weights
    if summed.k == 0:
        raise TooFewStudies("The Mantel-Haenszel method", needed=1, found=0)
    total = pooled.quotient.denominator.item()
    k_pos = pooled.columns.k_pos.item()
    return MantelHaenszel(
        measure=MEASURES[method.code],
        labels=summed.labels,
        rows=summed.rows,
        weights=100 * weights / total if total > 0 else None,
        effects=pooled.effects,
        estimate=pooled.columns.estimate_of(0, options.level),
        heterogeneity=pooled.columns.heterogeneity_of(0),
        cochran=tests.cochran[0],
        mantel_haenszel=tests.mantel_haenszel[0],
        breslow_day=tests.breslow_day[0],
        tarone=tests.tarone[0],
        k_pos=None if isnan(k_pos) else int(k_pos),
        left_out=summed.left_out,
        notes=_notes(method.code, pooled),
    )


_WITHOUT_EVENTS = {
    "OR": "says nothing of an odds ratio",
    "RR": "says nothing of a risk ratio",
    "RD": "counts as a difference of 0",
    "IRR": "says nothing of a rate ratio",
    "IRD": "counts as a difference of 0",
}
_ONLY_EVENTS = _WITHOUT_EVENTS | {"RR": "counts as a risk ratio of 1"}


def _notes(code: str, pooled: _Pooled) -> tuple[str, ...]:
    """Return what a reader must know of a single analysis beyond its numbers."""
    studies, notes = pooled.summed, []
    if isnan(pooled.quotient.effect.item()):
        notes.append(_why_none(code, pooled.quotient))
    elif pooled.quotient.se.item() == 0:
        notes.append("The standard error of 0 means that nothing varied, not that all is known.")
    for arms, which, meaning in (
        ("No event in both arms", studies.without_events, _WITHOUT_EVENTS[code]),
        ("Nothing but events in both arms", studies.only_events, _ONLY_EVENTS[code]),
    ):
        if which.any():
            notes.append(f"{arms}: {', '.join(studies.named(which))}. In the sums this {meaning}.")
    if studies.empty_arm.any():
        names = ", ".join(studies.named(studies.empty_arm))
        notes.append(f"Nobody in one arm: {names}. In the sums this has no weight.")
    if pooled.effects.left_out:
        notes.append(f"Not in Q: {'; '.join(map(str, pooled.effects.left_out))}.")
    return tuple(notes)


def _why_none(code: str, quotient: Quotient) -> str:
    """Return why the sums give no effect."""
    if not MEASURES[code].is_ratio:
        return "There is no risk difference: no study has people in both arms."
    return (
        f"There is no pooled {MEASURES[code].reported}: the sums that it is the ratio of are "
        f"{quotient.numerator.item():.4g} and {quotient.denominator.item():.4g}. See the test of "
        "no association."
    )
