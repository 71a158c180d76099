"""Proportions of one group: xi of ni people had the event.

Where nobody or everybody had it, `add` is added to events and non-events as `to` says (see
kb.synthesis.effect_sizes.zero_cells); the arcsines exist without. `ni` of the result is the size
of the group as given.

Every function raises BadStudy for a count that is negative or infinite, for more events than
people and for a group of nobody, BadTable for columns of unequal length and BadOption for a
correction that does not exist.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import zero_cells
from kb.synthesis.effect_sizes.rows import Rows, quietly
from kb.synthesis.effect_sizes.zero_cells import DEFAULT_ADD, DEFAULT_TO
from kb.synthesis.effects import Effects

_Formula: TypeAlias = Callable[[Array, Array], tuple[Array, Array]]


def raw(
    xi: ArrayLike,
    ni: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
) -> Effects:
    """Return proportions p = x / n, with the variance p (1 - p) / n of the binomial."""
    return _effects("PR", _raw, _read(labels, xi, ni), add, to)


def logit(
    xi: ArrayLike,
    ni: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
) -> Effects:
    """Return log odds log(x / (n - x)), with the variance 1 / x + 1 / (n - x).

    Haldane JBS. Ann Hum Genet 1956;20:309-311, for the 1/2 that is added at 0 and n.
    """
    return _effects("PLO", _logit, _read(labels, xi, ni), add, to)


def arcsine(
    xi: ArrayLike,
    ni: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = 0.0,
    to: str = DEFAULT_TO,
) -> Effects:
    """Return arcsines of the root of the proportion, with the variance 1 / 4n."""
    return _effects("PAS", _arcsine, _read(labels, xi, ni), add, to)


def double_arcsine(
    xi: ArrayLike,
    ni: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = 0.0,
    to: str = DEFAULT_TO,
) -> Effects:
    """Return (asin √(x / (n + 1)) + asin √((x + 1) / (n + 1))) / 2, with variance 1 / (4n + 2).

    Freeman MF, Tukey JW. Ann Math Stat 1950;21:607-611, halved as metafor has it.
    """
    return _effects("PFT", _double_arcsine, _read(labels, xi, ni), add, to)


def group_sizes(xi: ArrayLike, mi: ArrayLike, labels: Sequence[str] | None) -> Array:
    """Return ni = xi + mi from events and non-events; raise BadStudy for a negative count."""
    rows = Rows.of(labels, xi=xi, mi=mi)
    rows.refuse_negative("xi", "mi")
    return rows["xi"] + rows["mi"]


def _read(labels: Sequence[str] | None, xi: ArrayLike, ni: ArrayLike) -> Rows:
    rows = Rows.of(labels, xi=xi, ni=ni)
    rows.refuse_negative("xi")
    rows.refuse(
        rows["ni"] <= 0, "the group has {ni:g} people", "A proportion is of somebody; correct it."
    )
    rows.refuse(
        rows["xi"] > rows["ni"],
        "there are {xi:g} events in a group of {ni:g}",
        "There cannot be more events than people; correct one of them.",
    )
    return rows


def _effects(code: str, formula: _Formula, rows: Rows, add: float, to: str) -> Effects:
    counts = zero_cells.corrected((rows["xi"], rows["ni"] - rows["xi"]), add, to)
    yi, vi = quietly(formula, *counts)
    return rows.effects(code, yi, vi, ni=rows["ni"], zeros=zero_cells.any_zero(counts))


def _raw(xi: Array, mi: Array) -> tuple[Array, Array]:
    ni = xi + mi
    return xi / ni, xi * mi / ni**3


def _logit(xi: Array, mi: Array) -> tuple[Array, Array]:
    return np.log(xi / mi), 1 / xi + 1 / mi


def _arcsine(xi: Array, mi: Array) -> tuple[Array, Array]:
    ni = xi + mi
    return np.arcsin(np.sqrt(xi / ni)), 1 / (4 * ni)


def _double_arcsine(xi: Array, mi: Array) -> tuple[Array, Array]:
    ni = xi + mi
    lower, upper = np.sqrt(xi / (ni + 1)), np.sqrt((xi + 1) / (ni + 1))
    return (np.arcsin(lower) + np.arcsin(upper)) / 2, 1 / (4 * ni + 2)
