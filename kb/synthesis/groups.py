"""Many independent meta-analyses of any sizes, packed so that one line of code serves them all.

A block of m groups is a matrix with a column for each: the studies of a group run down its column,
shape (k, m), and a group of fewer than k studies has empty cells at the end. Sums over the studies
are sums along the first axis, for one meta-analysis of shape (k,) as for m of shape (k, m).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadTable, TooFewStudies

Index = NDArray[np.intp]


def total(values: Array) -> Array:
    """Return the sum over the studies, shape () or (m,)."""
    result: Array = np.add.reduce(values, axis=0)
    return result


def dot(a: Array, b: Array) -> Array:
    """Return the sum of products over the studies, shape () or (m,)."""
    result: Array = a.dot(b) if a.ndim == 1 else np.einsum("km,km->m", a, b)
    return result


def one_k(k: int) -> Array:
    """Return the size of one group as the formulas take it, shape ()."""
    return cast(Array, np.float64(k))


@dataclass(frozen=True, slots=True)
class Block:
    """A matrix of groups.

    Attributes:
        groups: which groups are its columns, shape (m,).
        cells: the position of each cell's study, shape (k, m); an empty cell has that of the
            group's first study, so that its numbers are harmless.
        present: 1 where a cell holds a study and 0 where it is empty, shape (k, m).
        sizes: the number of studies of each group, shape (m,).
    """

    groups: Index
    cells: Index
    present: Array
    sizes: Array


def _known(labels: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return the labels; raise if there are none, or if one is missing."""
    if labels.size == 0:
        raise TooFewStudies("A batch of meta-analyses", needed=1, found=0)
    if labels.dtype.kind in "fO":
        for row, label in enumerate(labels.tolist(), 1):
            if label is None or (isinstance(label, float) and isnan(label)):
                raise BadTable(
                    f"Row {row} belongs to no group. Give every row a group, or leave it out."
                )
    return labels


class Groups:
    """How n studies fall into m groups.

    Attributes:
        labels: what the studies of a group share, shape (m,), in the order of first appearance.
        sizes: studies per group, shape (m,).
        order: the positions of the studies, group after group, shape (n,).
        starts: where each group begins in `order`, shape (m,).
    """

    def __init__(self, label_of_study: ArrayLike) -> None:
        given = _known(np.asarray(label_of_study))
        runs = np.append(0, np.flatnonzero(given[1:] != given[:-1]) + 1)
        self.labels = given[runs]
        self.sizes = np.diff(np.append(runs, given.size))
        self.order = np.arange(given.size)
        if np.unique(self.labels).size < runs.size:
            self._gather(given)
        self.starts = np.cumsum(self.sizes) - self.sizes

    def __len__(self) -> int:
        return int(self.labels.size)

    def _gather(self, given: NDArray[np.generic]) -> None:
        """Bring together what shares a label but is not adjacent."""
        labels, first, index, sizes = np.unique(
            given, return_index=True, return_inverse=True, return_counts=True
        )
        appearance = np.argsort(first)
        rank = np.empty_like(appearance)
        rank[appearance] = np.arange(appearance.size)
        self.labels, self.sizes = labels[appearance], sizes[appearance]
        self.order = np.argsort(rank[index], kind="stable")

    def studies(self, i: int) -> Index:
        """Return the positions of the studies of group i."""
        return self.order[self.starts[i] : self.starts[i] + self.sizes[i]]

    def blocks(self, cells: int) -> Iterator[Block]:
        """Pack the groups, the largest first, into blocks of about so many cells.

        Groups of one study have blocks of their own.
        """
        by_size = np.argsort(-self.sizes, kind="stable")
        done = 0
        while done < by_size.size:
            height = int(self.sizes[by_size[done]])
            groups = by_size[done : done + max(1, cells // height)]
            if height > 1:
                groups = groups[self.sizes[groups] > 1]
            done += groups.size
            yield self._block(groups, height)

    def _block(self, groups: Index, height: int) -> Block:
        sizes = self.sizes[groups]
        rows = np.arange(height)[:, None]
        present = rows < sizes
        cells = self.order[self.starts[groups] + np.where(present, rows, 0)]
        return Block(groups, cells, present.astype(float), sizes.astype(float))
