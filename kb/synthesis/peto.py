"""Peto's one-step method: pooled odds ratios of rare events, in 2x2 tables.

In each table the events of the first arm are compared with what its margins lead to expect, O - E
of hypergeometric variance V; the pooled log odds ratio is sum(O - E) / sum(V), its variance
1 / sum(V) (Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Prog Cardiovasc Dis 1985;27:335-371).
It is meant for rare events, arms of similar size and odds ratios not far from one; elsewhere it is
biased (Greenland S, Salvan A. Stat Med 1990;9:247-252).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import counts
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import SynthesisError, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, check_level, wald
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.mantel_haenszel import (
    Tables,
    common_heterogeneity,
    effects_of,
    pooled_lines,
)
from kb.synthesis.measures import MEASURES, Measure


@dataclass(frozen=True, slots=True, eq=False)
class Peto:
    """An analysis by Peto's method, on the scale of the log odds ratio.

    Attributes:
        measure: PETO.
        labels: the names of the k studies in the sums.
        rows: the row of the table that each came from, shape (k,), from 0.
        weights: their weights V in percent, shape (k,).
        effects: the effects of single studies.
        estimate: the pooled log odds ratio.
        heterogeneity: Q, made of the studies with V above zero.
        k_pos: the number of studies with V above zero.
        left_out: the rows that are not in the sums, with the reason.
        notes: what a reader must know of this result beyond its numbers.
    """

    measure: Measure
    labels: Sequence[str]
    rows: NDArray[np.intp]
    weights: Array
    effects: Effects
    estimate: Estimate
    heterogeneity: Heterogeneity
    k_pos: int
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies in the sums."""
        return len(self.labels)

    @property
    def k_yi(self) -> int:
        """The number of studies with an effect of their own."""
        return self.effects.k

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        return "\n".join(
            [
                f"{self.k} {'study' if self.k == 1 else 'studies'}, Peto's method",
                *pooled_lines(self.measure, self.estimate, self.heterogeneity),
                *self.notes,
                *(f"left out: {study}" for study in self.left_out),
            ]
        )


def pool(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    drop00: tuple[bool, bool] = (True, False),
    level: float = DEFAULT_LEVEL,
) -> Peto:
    """Return the log odds ratio by Peto's method; nothing is added to any cell of the sums.

    Args:
        ai, bi, ci, di: the four cells, one of each per study: a of a + b people in the first arm
            had the event, c of c + d in the second.
        labels: the names of the studies.
        drop00: whether tables in which both arms have no event, or nothing else, are left out of
            the single studies and of the sums. They do not move the estimate; as in metafor, the
            first counts for the degrees of freedom of Q.
        level: the confidence level, a share.

    Tables with a missing count, or with nobody in them, are left out by name. Raise BadStudy for
    a count that cannot be one, TooFewStudies if no table is left, and SynthesisError if every
    table has events alone or none.
    """
    check_level(level)
    tables = Tables.read(ai, bi, ci, di, labels)
    summed = tables.without_double_zeros() if drop00[1] else tables
    if summed.k == 0:
        raise TooFewStudies("Peto's method", needed=1, found=0)
    excess, variance = summed.excess()
    total = float(np.sum(variance))
    if total == 0:
        raise SynthesisError(
            "In no study do events and non-events both occur, so that Peto's method has nothing to "
            "compare. A risk difference can be pooled."
        )
    estimate = float(np.sum(excess)) / total
    effects = effects_of(counts.peto, tables, 0.5, "only0", drop00=drop00[0])
    telling = variance > 0
    k_pos = int(np.sum(telling))
    q = np.sum(variance[telling] * (excess[telling] / variance[telling] - estimate) ** 2)
    return Peto(
        measure=MEASURES["PETO"],
        labels=summed.labels,
        rows=summed.rows,
        weights=100 * variance / total,
        effects=effects,
        estimate=wald(estimate, total**-0.5, level=level),
        heterogeneity=common_heterogeneity(float(q), effects.k - 1 if k_pos > 1 else 0),
        k_pos=k_pos,
        left_out=summed.left_out,
        notes=_notes(summed, ~telling),
    )


def _notes(tables: Tables, silent: NDArray[np.bool_]) -> tuple[str, ...]:
    if not silent.any():
        return ()
    names = ", ".join(tables.named(silent))
    return (f"No weight, for want of events, non-events or an arm: {names}.",)
