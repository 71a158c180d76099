"""Events in two arms, study by study, as they are read for pooling by sums: 2x2 tables and rates.

In every 2x2 table a of n1 = a + b people in the first arm had the event and c of n2 = c + d in the
second; rates are x1 events in a time at risk of t1 and x2 in t2. The studies are in one group, a
single meta-analysis, or in many, and every sum over studies is one sum per group. Here is what
they hold, which are left out and where something is added; the formulas are elsewhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import zero_cells
from kb.synthesis.effect_sizes.rows import Mask, Rows
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadTable
from kb.synthesis.groups import Groups, Index


@dataclass(frozen=True, slots=True, eq=False)
class Strata(ABC):
    """The numbers of k studies in m groups.

    Attributes:
        columns: four numbers per study, shape (4, k).
        rows: the row of the table that each came from, shape (k,), from 0.
        group: the group of each, shape (k,), from 0.
        m: the number of groups.
        names: the names of all rows of the table.
        left_out: the rows that are not among the k, with the reason.
    """

    columns: Array
    rows: Index
    group: Index
    m: int
    names: Sequence[str]
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def of(cls, table: Rows, rows: Index) -> Self:
        """Return these rows of the table as one group, without those that cannot be summed."""
        columns = np.stack([values[rows] for values in table.columns.values()])
        strata = cls(columns, rows, np.zeros(rows.size, dtype=np.intp), 1, table.labels)
        missing = np.isnan(columns)
        incomplete: Mask = np.asarray(missing.any(axis=0))
        names = np.array(list(table.columns))
        which = ["missing " + " and ".join(names[row]) for row in missing.T[incomplete]]
        strata = strata.leave_out(incomplete, which)
        return strata.leave_out(strata.ni == 0, repeat("nobody in either arm"))

    @classmethod
    def grouped(cls, table: Rows, groups: Groups) -> Self:
        """Return the whole table in these groups, without the rows that cannot be summed."""
        group = np.empty_like(groups.order)
        group[groups.order] = np.repeat(np.arange(len(groups)), groups.sizes)
        strata = cls.of(table, np.arange(group.size))
        return replace(strata, group=group[strata.rows], m=len(groups))

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.rows.size

    @property
    def labels(self) -> Sequence[str]:
        """The names of the k studies."""
        whole = self.k == len(self.names)
        return self.names if whole else self.named(np.ones(self.k, dtype=bool))

    @property
    @abstractmethod
    def ni(self) -> Array:
        """The size of each study, shape (k,): people, or time at risk."""

    @property
    @abstractmethod
    def empty_arm(self) -> Mask:
        """Which studies have nobody in one of the arms, shape (k,)."""

    @property
    @abstractmethod
    def only_events(self) -> Mask:
        """Which studies have nothing but events in both arms, shape (k,)."""

    @property
    def without_events(self) -> Mask:
        """Which studies have no event in either arm, shape (k,)."""
        return np.asarray((self.columns[0] == 0) & (self.columns[2] == 0))

    def total(self, values: Array) -> Array:
        """Return the sum over the studies of each group, shape (m,), of values of shape (k,)."""
        return np.asarray(np.bincount(self.group, values, self.m), dtype=float)

    def size(self) -> Array:
        """Return the number of studies of each group, shape (m,)."""
        return self.total(np.ones(self.k))

    def named(self, which: Mask) -> tuple[str, ...]:
        """Return the names of these studies."""
        return tuple(self.names[row] for row in self.rows[which].tolist())

    def take(self, which: Mask | Index) -> Self:
        """Return these studies, by a mask or their positions, in the groups that they are in."""
        return replace(
            self,
            columns=self.columns[:, which],
            rows=self.rows[which],
            group=self.group[which],
        )

    def leave_out(self, which: Mask, reasons: Iterable[str]) -> Self:
        """Return the studies without these, for each of which there is a reason."""
        gone = tuple(map(LeftOut, self.named(which), reasons))
        return replace(self.take(~which), left_out=self.left_out + gone) if gone else self

    def without_double_zeros(self) -> Self:
        """Return the studies without those in which both arms have no event, or nothing else."""
        double = self.without_events | self.only_events
        return self.leave_out(double, repeat("no event, or nothing else, in both arms"))

    def corrected(self, add: float, to: str) -> Self:
        """Return the studies with `add` in the counts of those that `to` means.

        "if0all" means all studies of every group in which a study has a zero.
        """
        if to != "if0all":
            return self._corrected(add, to)
        everywhere = self._corrected(add, "all")
        zero = np.any(self.columns == 0, axis=0)
        concerned = self.total(zero)[self.group] > 0
        return replace(self, columns=np.where(concerned, everywhere.columns, self.columns))

    def effects(
        self, single: Callable[..., Effects], add: float, to: str, *, drop00: bool
    ) -> tuple[Effects, Self]:
        """Return the effects that `single` gives for these studies, and the studies that have one.

        Their corrections are as in `corrected`; with `drop00` double zeros have no effect. The
        `rows` of the effects are those of the table.
        """
        studies = replace(self, left_out=())
        if drop00:
            studies = studies.without_double_zeros()
        effects = single(*studies.corrected(add, to).columns, studies.labels, to="none")
        having = studies.take(effects.rows)
        left_out = studies.left_out + effects.left_out
        return replace(effects, rows=having.rows, ni=having.ni, left_out=left_out), having

    @abstractmethod
    def _corrected(self, add: float, to: str) -> Self:
        """Correct by a rule that looks at one study at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables(Strata):
    """2x2 tables; the columns are ai, bi, ci and di."""

    @staticmethod
    def read(
        ai: ArrayLike,
        bi: ArrayLike,
        ci: ArrayLike,
        di: ArrayLike,
        labels: Sequence[str] | None,
    ) -> Rows:
        """Return the columns, checked; raise BadStudy for a count that cannot be one."""
        rows = Rows.of(labels, ai=ai, bi=bi, ci=ci, di=di)
        rows.refuse_negative("ai", "bi", "ci", "di")
        first, second = rows["ai"] + rows["bi"], rows["ci"] + rows["di"]
        rows.refuse(
            (first > 0) & (second > 0) & (first + second <= 1),
            "the four cells sum to one or less",
            "Give the numbers of people, not their shares.",
        )
        return rows

    @property
    def ni(self) -> Array:
        """The people of each study, shape (k,)."""
        return np.asarray(self.columns.sum(axis=0))

    @property
    def empty_arm(self) -> Mask:
        """Which studies have nobody in one of the arms, shape (k,)."""
        a, b, c, d = self.columns
        return np.asarray((a + b == 0) | (c + d == 0))

    @property
    def only_events(self) -> Mask:
        """Which studies have nothing but events in both arms, shape (k,)."""
        return np.asarray((self.columns[1] == 0) & (self.columns[3] == 0))

    def _corrected(self, add: float, to: str) -> Self:
        cells = zero_cells.corrected_tables(tuple(self.columns), add, to)
        return replace(self, columns=np.stack(cells))


@dataclass(frozen=True, slots=True, eq=False)
class Rates(Strata):
    """Events and times at risk; the columns are x1i, t1i, x2i and t2i."""

    @staticmethod
    def read(
        x1i: ArrayLike,
        t1i: ArrayLike,
        x2i: ArrayLike,
        t2i: ArrayLike,
        labels: Sequence[str] | None,
    ) -> Rows:
        """Return the columns, checked; raise BadStudy for a number that cannot be one."""
        rows = Rows.of(labels, x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
        rows.refuse_negative("x1i", "x2i")
        for name in ("t1i", "t2i"):
            rows.refuse(rows[name] <= 0, f"{name} is {{{name}:g}}", "A time at risk is above zero.")
        return rows

    @property
    def ni(self) -> Array:
        """The time at risk of each study, shape (k,)."""
        _, t1, _, t2 = self.columns
        return np.asarray(t1 + t2)

    @property
    def empty_arm(self) -> Mask:
        """Which studies have nobody in one of the arms: none, where time is at risk."""
        return np.zeros(self.k, dtype=bool)

    @property
    def only_events(self) -> Mask:
        """Which studies have nothing but events in both arms: none, where time is at risk."""
        return np.zeros(self.k, dtype=bool)

    def _corrected(self, add: float, to: str) -> Self:
        x1, t1, x2, t2 = self.columns
        x1, x2 = zero_cells.corrected((x1, x2), add, to)
        return replace(self, columns=np.stack((x1, t1, x2, t2)))


def groups_of(group: ArrayLike, table: Rows) -> Groups:
    """Return how the rows of the table fall into groups; raise BadTable if they do not."""
    size = len(table.labels)
    if np.shape(group) != (size,):
        raise BadTable(
            f"There are {np.size(group)} group labels for {size} studies. Give one per study."
        )
    return Groups(group)
