"""What is pooled as independent of each other: the effects, or one combined effect per trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any

import numpy as np

from kb.pooling.analysing.engine import NotPooled
from kb.pooling.evidence import Entry, Selection
from kb.pooling.options import COUNT_METHODS, PoolOptions
from kb.synthesis.dependence.aggregate import aggregate
from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.dependence.working_covariance import marginal_block
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects


@dataclass(frozen=True, eq=False)
class Units:
    """The effects that are pooled, and the entries that each of them is made of.

    Attributes:
        effects: the k effects.
        members: of each, the positions of its entries.
        shares: of each of these entries, what it contributes to the effect; they sum to 1.
        counts: metafor's columns of counts, k values each; None where there are none.
        notes: what a reader must know of how effects were combined.
    """

    effects: Effects
    members: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    counts: Mapping[str, tuple[float, ...]] | None = None
    notes: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        """The number of effects."""
        return self.effects.k

    def take(self, which: Sequence[int]) -> "Units":
        """Return the units at these positions."""
        counts = self.counts and {
            name: tuple(values[i] for i in which) for name, values in self.counts.items()
        }
        return replace(
            self,
            effects=self.effects.take(list(which)),
            members=tuple(self.members[i] for i in which),
            shares=tuple(self.shares[i] for i in which),
            counts=counts,
        )

    def spread(self, weights: Sequence[float | None], k: int) -> tuple[float | None, ...]:
        """Return the weight of each of k entries from those of the units."""
        spread: list[float | None] = [None] * k
        for weight, members, shares in zip(weights, self.members, self.shares, strict=True):
            for member, share in zip(members, shares, strict=True):
                spread[member] = None if weight is None else weight * share
        return tuple(spread)

    def values(self, entries: Sequence[Entry], name: str) -> list[Any]:
        """Return what each unit has in a further column, None where its entries do not agree."""
        known = {column for entry in entries for column in entry.values}
        known |= {"year" for entry in entries if entry.year is not None}
        if name not in known:
            there = f"They have {', '.join(sorted(known))}." if known else "Leave it out."
            raise NotPooled(f"The studies have no '{name}'.", there)
        found = [
            entry.values.get(name, entry.year if name == "year" else None) for entry in entries
        ]
        return [_shared([found[i] for i in members]) for members in self.members]


def effects_of(selection: Selection) -> Effects:
    """Return the effects of the entries, in their order."""
    assert selection.measure is not None
    entries = selection.entries
    sizes = [_size(entry) for entry in entries]
    return Effects.of(
        [entry.yi for entry in entries],
        [entry.vi for entry in entries],
        [entry.label for entry in entries],
        measure=selection.measure,
        ni=None if all(map(isnan, sizes)) else sizes,
    )


def units_of(selection: Selection, effects: Effects, options: PoolOptions) -> Units:
    """Return the effects as they are, or combined by trial where that is asked for."""
    each = Units(
        effects,
        tuple((i,) for i in range(effects.k)),
        ((1.0,),) * effects.k,
        selection.counts,
    )
    if options.dependence != "aggregate":
        return each
    if options.method in COUNT_METHODS:
        raise NotPooled(
            f"--method {options.method} pools counts, which --dependence aggregate cannot combine.",
            "Choose another method, or one effect per trial.",
        )
    studies = [entry.study for entry in selection.entries]
    clusters = Clusters.of(effects, studies)
    members = tuple(tuple(part.tolist()) for part in clusters.rows(clusters.order))
    combined = aggregate(effects, studies, rho=options.rho)
    labels = tuple(_named(selection.entries, positions) for positions in members)
    return Units(
        replace(combined, labels=labels),
        members,
        tuple(_shares(effects.vi[list(positions)], options.rho) for positions in members),
        notes=_combined(labels, members, options),
    )


def _combined(
    labels: tuple[str, ...], members: tuple[tuple[int, ...], ...], options: PoolOptions
) -> tuple[str, ...]:
    several = [
        f"{label} ({len(positions)})"
        for label, positions in zip(labels, members, strict=True)
        if len(positions) > 1
    ]
    if not several:
        return ()
    return (
        (
            f"Effects of one trial were combined, taken to correlate by {options.rho:g}: "
            f"{', '.join(several)}."
        ),
    )


def _named(entries: Sequence[Entry], positions: Sequence[int]) -> str:
    """Return what the labels of the effects begin with, or the study's key where they differ."""
    labels = {entries[i].label.partition(", ")[0] for i in positions}
    return labels.pop() if len(labels) == 1 else entries[positions[0]].study


def _shares(vi: Array, rho: float) -> tuple[float, ...]:
    """Return the parts that effects have in their combination by generalised least squares."""
    block = marginal_block(vi, rho=rho, between=0.0, within=0.0)
    parts = np.linalg.solve(block, np.ones(vi.size))
    return tuple((parts / parts.sum()).tolist())


def _size(entry: Entry) -> float:
    known = [n for n in entry.n if n is not None]
    return float(sum(known)) if known else nan


def _shared(values: Sequence[Any]) -> Any:
    return values[0] if len(set(values)) == 1 else None
