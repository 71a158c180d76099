"""Effects of studies with two groups, events and the time they were watched: rates compared.

In the first group x1i events were seen in a person-time of t1i, in the second x2i in t2i. Where a
count is zero, `add`, `to` and `drop00` say what to do (see kb.synthesis.effect_sizes.zero_cells);
`drop00` sets aside the studies without an event. As in metafor, `ni` of the result is the whole
person-time.

Both functions raise BadStudy for a count that is negative or infinite and a time that is not above
zero, BadTable for columns of unequal length and BadOption for a correction that does not exist.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import zero_cells
from kb.synthesis.effect_sizes.rows import Mask, Rows, quietly
from kb.synthesis.effect_sizes.zero_cells import DEFAULT_ADD, DEFAULT_TO
from kb.synthesis.effects import Effects

_Formula: TypeAlias = Callable[[Array, Array, Array, Array], tuple[Array, Array]]


def rate_ratio(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
    drop00: bool = False,
) -> Effects:
    """Return logarithms of incidence rate ratios, with the variance 1/x1 + 1/x2.

    Rothman KJ, Greenland S, Lash TL. Modern Epidemiology, 3rd ed., chapter 14; metafor's IRR.
    """
    return _effects(
        "IRR", _log_rate_ratio, _read(labels, x1i, t1i, x2i, t2i), add, to, drop00=drop00
    )


def rate_difference(
    x1i: ArrayLike,
    t1i: ArrayLike,
    x2i: ArrayLike,
    t2i: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
    drop00: bool = False,
) -> Effects:
    """Return differences of incidence rates, with the variance x1/t1² + x2/t2².

    Rothman KJ, Greenland S, Lash TL. Modern Epidemiology, 3rd ed., chapter 14; metafor's IRD.
    """
    return _effects(
        "IRD", _rate_difference, _read(labels, x1i, t1i, x2i, t2i), add, to, drop00=drop00
    )


def _read(
    labels: Sequence[str] | None, x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike
) -> Rows:
    rows = Rows.of(labels, x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
    rows.refuse_negative("x1i", "x2i")
    for name in ("t1i", "t2i"):
        rows.refuse(
            rows[name] <= 0, f"{name} is {{{name}:g}}", "A person-time is above zero; correct it."
        )
    return rows


def _effects(
    code: str, formula: _Formula, rows: Rows, add: float, to: str, *, drop00: bool
) -> Effects:
    x1i, t1i, x2i, t2i = (rows[name] for name in ("x1i", "t1i", "x2i", "t2i"))
    without: list[tuple[Mask, str]] = []
    if drop00:
        no_event = (x1i == 0) & (x2i == 0)
        without.append((no_event, "there was no event in either group, and drop00 is set"))
        x1i, x2i = (np.where(no_event, np.nan, count) for count in (x1i, x2i))
    x1i, x2i = zero_cells.corrected((x1i, x2i), add, to)
    yi, vi = quietly(formula, x1i, t1i, x2i, t2i)
    zeros = zero_cells.any_zero((x1i, x2i))
    return rows.effects(code, yi, vi, ni=t1i + t2i, without=without, zeros=zeros)


def _log_rate_ratio(x1i: Array, t1i: Array, x2i: Array, t2i: Array) -> tuple[Array, Array]:
    return np.log((x1i * t2i) / (x2i * t1i)), 1 / x1i + 1 / x2i


def _rate_difference(x1i: Array, t1i: Array, x2i: Array, t2i: Array) -> tuple[Array, Array]:
    return x1i / t1i - x2i / t2i, x1i / t1i**2 + x2i / t2i**2
