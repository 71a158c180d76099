"""The results of pooling tables and rates by sums: by Mantel and Haenszel, and by Peto.

Their model is that of a common effect: one true effect, so that there is no tau².
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from kb.synthesis.association import AssociationTests
from kb.synthesis.chi_squared import ChiSquared
from kb.synthesis.distributions import Array, central_quantile, chi2_upper, two_sided_p
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.estimates import Estimate, in_words, wald_statistic
from kb.synthesis.groups import Groups, Index
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.measures import Measure
from kb.synthesis.words import said

R = TypeVar("R")


class Columns(NamedTuple):
    """The numbers of m results, each of shape (m,), NaN where a thing does not exist.

    The studies k are those in the sums, k_yi those with an effect of their own; k_pos are the
    tables in Breslow and Day's test, or those that have weight by Peto's method. i2 is in percent.
    """

    k: Array
    k_yi: Array
    k_pos: Array
    estimate: Array
    se: Array
    statistic: Array
    p: Array
    ci_low: Array
    ci_high: Array
    i2: Array
    h2: Array
    q: Array
    q_df: Array
    q_p: Array

    @classmethod
    def of(
        cls,
        sizes: tuple[Array, Array, Array],
        estimate: Array,
        se: Array,
        q: Array,
        q_df: Array,
        level: float,
    ) -> "Columns":
        """Return the columns; `sizes` are k, k_yi and k_pos, the interval is by the normal.

        I² and H² are those of Q (Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558). Where Q
        has no degrees of freedom it is 0, and where there is no estimate there is no Q.
        """
        statistic = wald_statistic(estimate, se)
        half = central_quantile(level) * se
        some, df = q_df > 0, np.maximum(q_df, 1)
        heterogeneity = (
            np.where(some, 100 * np.maximum(q - df, 0) / np.maximum(q, df), 0),
            np.where(some, q / df, 1),
            np.where(some, q, 0),
            np.where(some, q_df, 0),
            np.where(some, chi2_upper(q, df), 1),
        )
        nothing = np.isnan(estimate)
        return cls(
            *sizes,
            estimate,
            se,
            statistic,
            two_sided_p(statistic),
            estimate - half,
            estimate + half,
            *(np.where(nothing, np.nan, values) for values in heterogeneity),
        )

    def estimate_of(self, i: int, level: float) -> Estimate | None:
        """Return the estimate of group i; None where there is none."""
        numbers = (self.estimate, self.se, self.statistic, self.p, self.ci_low, self.ci_high)
        estimate, se, statistic, p, low, high = (values[i].item() for values in numbers)
        if isnan(estimate):
            return None
        return Estimate(estimate, se, statistic, None, p, low, high, level)

    def heterogeneity_of(self, i: int) -> Heterogeneity | None:
        """Return the heterogeneity of group i; None where there is no estimate."""
        numbers = (self.i2, self.h2, self.q, self.q_df, self.q_p)
        i2, h2, q, q_df, q_p = (values[i].item() for values in numbers)
        return None if isnan(q) else Heterogeneity(0.0, None, i2, h2, q, int(q_df), q_p)


@dataclass(frozen=True, slots=True, eq=False)
class MantelHaenszel:
    """A Mantel-Haenszel analysis on the scale of its measure.

    Attributes:
        measure: OR, RR, RD, IRR or IRD; a ratio is analysed as its logarithm.
        labels: the names of the k studies in the sums.
        rows: the row of the table that each came from, shape (k,), from 0.
        weights: their Mantel-Haenszel weights in percent, shape (k,); None where all are zero.
        effects: the effects of single studies that Q is made of.
        estimate: the pooled effect; None where the sums give none (a note says why).
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
    rows: Index
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
                *_told(
                    self.k,
                    "Mantel-Haenszel method",
                    self.measure,
                    self.estimate,
                    self.heterogeneity,
                ),
                *(f"test of {name}: {test.summary()}" for name, test in tests.items() if test),
                *self.notes,
                *said(self.left_out),
            ]
        )


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
    rows: Index
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
                *_told(self.k, "Peto's method", self.measure, self.estimate, self.heterogeneity),
                *self.notes,
                *said(self.left_out),
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Many(Generic[R]):
    """The results of m independent analyses; item i is the analysis of group i alone.

    Attributes:
        measure: what was pooled.
        groups: which rows of the table are whose.
        columns: the numbers of all groups, NaN where a group does not have them.
        left_out: the rows that are not in the sums, with the reason.
        single: analyses the rows of one group, for its item; of a group that cannot be analysed
            it raises the error that says why.
    """

    measure: Measure
    groups: Groups
    columns: Columns
    left_out: tuple[LeftOut, ...]
    single: Callable[[Index], R]

    def __len__(self) -> int:
        return len(self.groups)

    def __iter__(self) -> Iterator[R]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> R:
        return self.single(self.groups.studies(i))


@dataclass(frozen=True, slots=True, eq=False)
class MantelHaenszelMany(Many[MantelHaenszel]):
    """Mantel-Haenszel analyses of m groups; `tests` are those that a single one has."""

    tests: AssociationTests


@dataclass(frozen=True, slots=True, eq=False)
class PetoMany(Many[Peto]):
    """Analyses of m groups by Peto's method."""


def _told(
    studies: int,
    method: str,
    measure: Measure,
    estimate: Estimate | None,
    heterogeneity: Heterogeneity | None,
) -> list[str]:
    """Return the lines that say what so many studies give together."""
    return [
        f"{studies} {'study' if studies == 1 else 'studies'}, {method}",
        *(in_words(measure, estimate) if estimate else []),
        *([heterogeneity.summary()] if heterogeneity else []),
    ]
