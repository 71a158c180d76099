"""Many independent meta-analyses side by side: flat arrays of studies, cut into groups."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.errors import TooFewStudies

Index = NDArray[np.intp]


class Groups:
    """How n studies in a row fall into m groups of consecutive ones.

    Attributes:
        sizes: studies per group, shape (m,), none of them zero.
        starts: the position of each group's first study, shape (m,).
    """

    __slots__ = ("_index", "sizes", "starts")

    def __init__(self, sizes: Index) -> None:
        if sizes.size == 0 or not sizes.all():
            raise TooFewStudies("A meta-analysis", needed=1, found=0)
        self.sizes = sizes
        self.starts = np.cumsum(sizes) - sizes
        self._index = np.repeat(np.arange(sizes.size), sizes) if sizes.size > 1 else None

    @classmethod
    def one(cls, k: int) -> Self:
        """Return the single group of k studies."""
        return cls(np.array([k]))

    @property
    def m(self) -> int:
        """The number of groups."""
        return self.sizes.size

    def sum(self, values: Array) -> Array:
        """Return the sum over each group, shape (m,), of one value per study, shape (n,)."""
        if self._index is None:
            return np.add.reduce(values, keepdims=True)
        return np.add.reduceat(values, self.starts)

    def blocks(self, studies: int) -> Iterator[tuple[slice, slice]]:
        """Cut into runs of whole groups of about so many studies: slices of groups and studies."""
        block = self.starts // studies
        bounds = [0, *(np.flatnonzero(block[1:] != block[:-1]) + 1).tolist(), self.m]
        ends = [*self.starts.tolist(), int(self.starts[-1] + self.sizes[-1])]
        for first, stop in pairwise(bounds):
            yield slice(first, stop), slice(ends[first], ends[stop])

    def extreme(self, of: np.ufunc, values: Array) -> Array:
        """Return np.minimum or np.maximum over each group, shape (m,)."""
        return np.asarray(of.reduceat(values, self.starts))

    def spread(self, values: Array) -> Array:
        """Return one value per study, shape (n,) or (1,), of one per group, shape (m,)."""
        return values if self._index is None else values[self._index]

    def positions(self, which: Index) -> Index:
        """Return where the studies of these groups lie, group after group."""
        if self.m == 1:
            return np.tile(np.arange(self.sizes[0]), which.size)
        sizes = self.sizes[which]
        ends = np.cumsum(sizes)
        return np.repeat(self.starts[which] - ends + sizes, sizes) + np.arange(ends[-1])

    def take(self, which: Index) -> Self:
        """Return these groups, in this order; a group may be taken more than once."""
        return type(self)(self.sizes[which])


def gather(labels: ArrayLike) -> tuple[Groups, NDArray[np.generic], Index]:
    """Return the groups of studies that share a label, the labels, and the studies' order.

    `labels` has one label per study, in any order; the groups come in the order in which their
    labels first appear, and the studies of each keep their order.
    """
    given = np.asarray(labels)
    names, first, index, sizes = np.unique(
        given, return_index=True, return_inverse=True, return_counts=True
    )
    appearance = np.argsort(first)
    rank = np.empty_like(appearance)
    rank[appearance] = np.arange(appearance.size)
    order = np.argsort(rank[index], kind="stable")
    return Groups(sizes[appearance]), names[appearance], order
