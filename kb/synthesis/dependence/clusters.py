"""Effects that belong together: which cluster (a study, a centre) each of them comes from."""

from collections.abc import Sequence
from functools import cached_property
from typing import Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from kb.synthesis.design import Mask, word
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadStudy, BadTable

Index: TypeAlias = NDArray[np.intp]
T = TypeVar("T", bound=np.generic)


class Clusters:
    """How k effects fall into n clusters.

    `sum`, `spread` and `rows` take and give effects cluster after cluster, the first effect's
    cluster first; `order` has the positions of the effects that make this so.

    Attributes:
        labels: the names of the n clusters, in the order in which they first appear.
        sizes: effects per cluster, shape (n,).
        starts: where each cluster starts in `order`, shape (n,).
        order: shape (k,).
    """

    def __init__(self, labels: Sequence[str]) -> None:
        positions: dict[str, list[int]] = {}
        for position, label in enumerate(labels):
            positions.setdefault(label, []).append(position)
        self.labels = tuple(positions)
        self.sizes = np.array([len(each) for each in positions.values()], dtype=np.intp)
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.order = np.array([i for each in positions.values() for i in each], dtype=np.intp)

    @classmethod
    def of(cls, effects: Effects, cluster: Sequence[object]) -> Self:
        """Return the clusters of these effects; `cluster` has one label per effect, of any kind.

        An effect without a label (None, NaN or an empty string) is an error that names it.
        """
        if len(cluster) != effects.k:
            raise BadTable(
                f"There are {len(cluster)} cluster labels for {effects.k} effects. Give one per "
                "effect."
            )
        names = [word(label) for label in cluster]
        if "" in names:
            raise BadStudy(
                effects.labels[names.index("")],
                "it belongs to no cluster",
                "Name the study it comes from, or leave the effect out.",
            )
        return cls(names)

    def take(self, which: Mask) -> Self:
        """Return the clusters of the effects where this mask, in their own order, is true."""
        names = np.repeat(np.arange(self.n), self.sizes)[np.argsort(self.order)]
        return type(self)([self.labels[i] for i in names[which].tolist()])

    @property
    def n(self) -> int:
        """The number of clusters."""
        return len(self.labels)

    @property
    def largest(self) -> int:
        """The number of effects in the largest cluster, 0 if there is none."""
        return int(self.sizes.max(initial=0))

    @cached_property
    def _index(self) -> Index:
        return np.repeat(np.arange(self.n), self.sizes)

    def sum(self, values: Array) -> Array:
        """Return the sum over each cluster, shape (n, ...), of values of shape (k, ...)."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))

    def spread(self, values: Array) -> Array:
        """Return for each effect the value of its cluster."""
        return np.asarray(values[self._index])

    def rows(self, values: NDArray[T]) -> tuple[NDArray[T], ...]:
        """Return the values of each cluster."""
        return tuple(np.split(values, self.starts[1:].tolist()))
