"""Effects of studies with two groups and an event: odds ratio, risk ratio and their relatives.

Each study is a 2x2 table. Of the first group ai had the event and bi had not, of the second ci
and di; the effect compares the first with the second. Counts may be fractional. Where a table has
a zero cell, `add`, `to` and `drop00` say what to do (see kb.synthesis.effect_sizes.zero_cells);
`drop00` sets aside the tables in which both groups have no event, or nothing else. The corrected
cells serve the effect and its variance; `ni` of the result is the number of people.

Every function raises BadStudy for a count that is negative or infinite, BadTable for columns of
unequal length and BadOption for a correction that does not exist. A table with a missing cell and
one that gives no effect without a correction are set aside. As in metafor, a group of nobody is no
more than two zero cells: what is added to them gives it a risk of 1/2.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import zero_cells
from kb.synthesis.effect_sizes.rows import Mask, Rows, quietly
from kb.synthesis.effect_sizes.zero_cells import DEFAULT_ADD, DEFAULT_TO
from kb.synthesis.effects import Effects

_Formula: TypeAlias = Callable[[Array, Array, Array, Array], tuple[Array, Array]]


def odds_ratio(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
    drop00: bool = False,
) -> Effects:
    """Return log odds ratios, with the variance 1/a + 1/b + 1/c + 1/d of Woolf.

    Woolf B. Ann Hum Genet 1955;19:251-253.
    """
    return _effects("OR", _log_odds_ratio, _read(labels, ai, bi, ci, di), add, to, drop00=drop00)


def risk_ratio(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
    drop00: bool = False,
) -> Effects:
    """Return log risk ratios, with the variance 1/a - 1/n1 + 1/c - 1/n2.

    Katz D, Baptista J, Azen SP, Pike MC. Biometrics 1978;34:469-474.
    """
    return _effects("RR", _log_risk_ratio, _read(labels, ai, bi, ci, di), add, to, drop00=drop00)


def risk_difference(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
    drop00: bool = False,
) -> Effects:
    """Return risk differences p1 - p2, with the variance p1 (1 - p1) / n1 + p2 (1 - p2) / n2.

    Cochrane Handbook for Systematic Reviews of Interventions, section 6.4.1.
    """
    return _effects("RD", _risk_difference, _read(labels, ai, bi, ci, di), add, to, drop00=drop00)


def peto(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = DEFAULT_ADD,
    to: str = DEFAULT_TO,
    drop00: bool = False,
) -> Effects:
    """Return Peto's log odds ratios (O - E) / V, with the variance 1 / V.

    O - E are the events of the first group beyond those expected, V their hypergeometric variance
    (Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Prog Cardiovasc Dis 1985;27:335-371).
    """
    return _effects("PETO", _peto, _read(labels, ai, bi, ci, di), add, to, drop00=drop00)


def arcsine(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: float = 0.0,
    to: str = DEFAULT_TO,
    drop00: bool = False,
) -> Effects:
    """Return differences of arcsines of the roots of the risks, with variance 1/4n1 + 1/4n2.

    They exist with zero cells too, so nothing is added unless asked for (Rücker G, Schwarzer G,
    Carpenter J, Olkin I. Stat Med 2009;28:721-738).
    """
    return _effects(
        "AS", _arcsine_difference, _read(labels, ai, bi, ci, di), add, to, drop00=drop00
    )


def non_events(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, labels: Sequence[str] | None
) -> tuple[Array, Array]:
    """Return bi = n1i - ai and di = n2i - ci; raise BadStudy for more events than people."""
    rows = Rows.of(labels, ai=ai, n1i=n1i, ci=ci, n2i=n2i)
    rows.refuse_negative("ai", "n1i", "ci", "n2i")
    for events, size in (("ai", "n1i"), ("ci", "n2i")):
        rows.refuse(
            rows[events] > rows[size],
            f"{events} has {{{events}:g}} events in a group of {{{size}:g}}",
            "There cannot be more events than people; correct one of them.",
        )
    return rows["n1i"] - rows["ai"], rows["n2i"] - rows["ci"]


def _read(
    labels: Iterable[str] | None, ai: ArrayLike, bi: ArrayLike, ci: ArrayLike, di: ArrayLike
) -> Rows:
    rows = Rows.of(labels, ai=ai, bi=bi, ci=ci, di=di)
    rows.refuse_negative("ai", "bi", "ci", "di")
    return rows


def _effects(
    code: str, formula: _Formula, rows: Rows, add: float, to: str, *, drop00: bool
) -> Effects:
    cells = ai, bi, ci, di = tuple(rows[name] for name in ("ai", "bi", "ci", "di"))
    without: list[tuple[Mask, str]] = []
    if drop00:
        same = ((ai == 0) & (ci == 0)) | ((bi == 0) & (di == 0))
        without.append((same, "the groups have no event, or nothing else, and drop00 is set"))
        cells = tuple(np.where(same, np.nan, cell) for cell in cells)
    cells = zero_cells.corrected_tables(cells, add, to)
    yi, vi = quietly(formula, *cells)
    without += [
        (cells[0] + cells[1] == 0, "nobody is in the first group"),
        (cells[2] + cells[3] == 0, "nobody is in the second group"),
    ]
    zeros = zero_cells.any_zero(cells)
    return rows.effects(code, yi, vi, ni=ai + bi + ci + di, without=without, zeros=zeros)


def _log_odds_ratio(ai: Array, bi: Array, ci: Array, di: Array) -> tuple[Array, Array]:
    return np.log((ai * di) / (bi * ci)), 1 / ai + 1 / bi + 1 / ci + 1 / di


def _log_risk_ratio(ai: Array, bi: Array, ci: Array, di: Array) -> tuple[Array, Array]:
    """Compute the variance as b / (a n1) + d / (c n2), without differences that lose digits."""
    n1i, n2i = ai + bi, ci + di
    return np.log((ai * n2i) / (ci * n1i)), bi / (ai * n1i) + di / (ci * n2i)


def _risk_difference(ai: Array, bi: Array, ci: Array, di: Array) -> tuple[Array, Array]:
    n1i, n2i = ai + bi, ci + di
    return ai / n1i - ci / n2i, ai * bi / n1i**3 + ci * di / n2i**3


def _peto(ai: Array, bi: Array, ci: Array, di: Array) -> tuple[Array, Array]:
    """Compute O - E = a - (a + c) n1 / n in the form (ad - bc) / n, exactly 0 for no effect."""
    n1i, n2i = ai + bi, ci + di
    ni = n1i + n2i
    excess = (ai * di - bi * ci) / ni
    variance = (ai + ci) * (bi + di) * n1i * n2i / (ni**2 * (ni - 1))
    return excess / variance, 1 / variance


def _arcsine_difference(ai: Array, bi: Array, ci: Array, di: Array) -> tuple[Array, Array]:
    n1i, n2i = ai + bi, ci + di
    return (
        np.arcsin(np.sqrt(ai / n1i)) - np.arcsin(np.sqrt(ci / n2i)),
        1 / (4 * n1i) + 1 / (4 * n2i),
    )
