"""Peto's one-step method: pooled odds ratios of rare events, in 2x2 tables.

In each table the events of the first arm are compared with what its margins lead to expect, O - E
of hypergeometric variance V; the pooled log odds ratio is sum(O - E) / sum(V), its variance
1 / sum(V) (Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Prog Cardiovasc Dis 1985;27:335-371).
It is meant for rare events, arms of similar size and odds ratios not far from one; elsewhere it is
biased (Greenland S, Salvan A. Stat Med 1990;9:247-252).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.association import excess_of_events
from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import counts
from kb.synthesis.effect_sizes.rows import Mask, Rows
from kb.synthesis.effects import Effects
from kb.synthesis.errors import SynthesisError, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level
from kb.synthesis.groups import Index
from kb.synthesis.measures import MEASURES
from kb.synthesis.pooled_counts import Columns, Peto, PetoMany
from kb.synthesis.tables import Tables, groups_of

__all__ = ["Peto", "PetoMany", "pool", "pool_many"]

Pair = tuple[float, float]

_PETO = MEASURES["PETO"]


def pool(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    level: float = DEFAULT_LEVEL,
) -> Peto:
    """Return the log odds ratio by Peto's method.

    Args:
        ai, bi, ci, di: the four cells, one of each per study: a of a + b people in the first arm
            had the event, c of c + d in the second.
        labels: the names of the studies.
        add, to: what is added to which tables, of single studies and in the sums, as in
            kb.synthesis.mantel_haenszel; to the cells of the sums nothing unless asked for.
        drop00: whether tables in which both arms have no event, or nothing else, are left out of
            the single studies and of the sums. They do not move the estimate; as in metafor, the
            first counts for the degrees of freedom of Q.
        level: the confidence level, a share.

    Tables with a missing count, or with nobody in them, are left out by name. Raise BadStudy for
    a count that cannot be one, TooFewStudies if no table is left, and SynthesisError if every
    table has events alone or none.
    """
    options = _Options(add, to, drop00, level)
    table = Tables.read(ai, bi, ci, di, labels)
    return _single(table, options, np.arange(len(table.labels)))


def pool_many(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    group: ArrayLike,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    level: float = DEFAULT_LEVEL,
) -> PetoMany:
    """Return the log odds ratios of many independent meta-analyses of any sizes.

    The cells and `group` have one value per study, shape (n,), in any order; the studies with the
    same group are one meta-analysis. The options and errors are those of `pool`, and BadTable for
    groups of another length. A group in which there is nothing to pool has NaN in the columns, and
    the error as its item; the others have their results.
    """
    options = _Options(add, to, drop00, level)
    table = Tables.read(ai, bi, ci, di, None)
    groups = groups_of(group, table)
    pooled = _pooled(Tables.grouped(table, groups), options)
    return PetoMany(
        measure=_PETO,
        groups=groups,
        columns=pooled.columns,
        left_out=pooled.summed.left_out,
        single=partial(_single, table, options),
    )


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of an analysis, checked."""

    add: Pair
    to: tuple[str, str]
    drop00: tuple[bool, bool]
    level: float

    def __post_init__(self) -> None:
        check_level(self.level)


@dataclass(frozen=True, slots=True, eq=False)
class _Pooled:
    """The results of m groups, with what they were made of; `variance` is V, shape (k,)."""

    summed: Tables
    variance: Array
    effects: Effects
    columns: Columns


def _pooled(tables: Tables, options: _Options) -> _Pooled:
    """Pool the tables of every group.

    Q = sum(V ((O - E) / V - pooled)²), of the tables with V above zero.
    """
    effects, having = tables.effects(
        counts.peto, options.add[0], options.to[0], drop00=options.drop00[0]
    )
    summed = tables.without_double_zeros() if options.drop00[1] else tables
    summed = summed.corrected(options.add[1], options.to[1])
    excess, variance = excess_of_events(summed)
    telling = summed.take(variance > 0)
    total = summed.total(variance)
    total = np.where(total > 0, total, np.nan)
    estimate = summed.total(excess) / total
    o_e, v = excess[variance > 0], variance[variance > 0]
    q = telling.total(v * (o_e / v - estimate[telling.group]) ** 2)
    k_yi, k_pos = having.size(), telling.size()
    q_df = np.where(k_pos > 1, k_yi - 1, 0)
    sizes = (summed.size(), k_yi, k_pos)
    columns = Columns.of(sizes, estimate, total**-0.5, q, q_df, options.level)
    return _Pooled(summed, variance, effects, columns)


def _single(table: Rows, options: _Options, rows: Index) -> Peto:
    """Pool these rows of the table: many meta-analyses that are one."""
    pooled = _pooled(Tables.of(table, rows), options)
    summed, variance, columns = pooled.summed, pooled.variance, pooled.columns
    if summed.k == 0:
        raise TooFewStudies("Peto's method", needed=1, found=0)
    estimate, heterogeneity = columns.estimate_of(0, options.level), columns.heterogeneity_of(0)
    if estimate is None or heterogeneity is None:
        raise SynthesisError(
            "In no study do events and non-events both occur, so that Peto's method has nothing to "
            "compare. A risk difference can be pooled."
        )
    return Peto(
        measure=_PETO,
        labels=summed.labels,
        rows=summed.rows,
        weights=100 * variance / np.sum(variance),
        effects=pooled.effects,
        estimate=estimate,
        heterogeneity=heterogeneity,
        k_pos=int(columns.k_pos.item()),
        left_out=summed.left_out,
        notes=_notes(summed, variance == 0),
    )


def _notes(tables: Tables, silent: Mask) -> tuple[str, ...]:
    if not silent.any():
        return ()
    names = ", ".join(tables.named(silent))
    return (f"No weight, for want of events, non-events or an arm: {names}.",)
