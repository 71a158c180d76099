"""Pooling many subsets of the same studies: what every analysis of sensitivity is made of."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import Estimate
from kb.synthesis.groups import Index
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.pooled import Columns, estimate_of, heterogeneity_of
from kb.synthesis.pooling import pool_many

Mask: TypeAlias = NDArray[np.bool_]

# Studies times subsets in hand at a time: memory stays small, and each batch is worth its call.
_CELLS = 65_536


def pool_subsets(
    effects: Effects,
    count: int,
    members: Callable[[Index], Mask],
    *,
    method: str,
    test: str,
    level: float,
) -> Iterator[Columns[Array]]:
    """Yield the results of `count` subsets of the k studies, batch after batch, in order.

    `members` takes the numbers of some subsets, from 0, shape (b,), and returns which studies each
    of them has, shape (b, k), at least one.
    """
    block = max(1, _CELLS // effects.k)
    for first in range(0, count, block):
        subset, study = np.nonzero(members(np.arange(first, min(first + block, count))))
        yield pool_many(
            effects.yi[study], effects.vi[study], subset, method=method, test=test, level=level
        ).columns


def join(batches: Iterable[Columns[Array]]) -> Columns[Array]:
    """Return the results of all batches in one set of columns."""
    return Columns(*map(np.concatenate, zip(*batches, strict=True)))


def results(columns: Columns[Array], level: float) -> Iterator[tuple[Estimate, Heterogeneity]]:
    """Yield the estimate and the heterogeneity of each result."""
    for numbers in zip(*(values.tolist() for values in columns), strict=True):
        row = Columns[float](*numbers)
        yield estimate_of(row, level), heterogeneity_of(row)


def excludes(estimate: Estimate, null: float) -> bool:
    """Return whether the null value lies outside the confidence interval."""
    return not estimate.ci_low <= null <= estimate.ci_high
