"""How review software pools: the ways in which a stated result may have been computed.

RevMan's formulas are those of Deeks JJ, Higgins JPT, Statistical algorithms in Review Manager 5
(2010). They differ from metafor's in a few places, and each way here names what it does:

- 0.5 is added to all cells of a table with a zero, in the sums of Mantel and Haenszel too; tables
  in which both arms have no event, or nothing else, are left out of ratios;
- tau² of a random-effects analysis "by Mantel-Haenszel" is DerSimonian and Laird's with Q about the
  Mantel-Haenszel estimate;
- the variance of the Mantel-Haenszel risk difference is that of Greenland and Robins;
- standardised mean differences have the factor 1 - 3 / (4 N - 9), and the variance
  N / (n1 n2) + g² / (2 (N - 3.94)).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kb.exchange.drafts import StatedPool
from kb.synthesis import mantel_haenszel_random, peto
from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import columns_of, counts, escalc
from kb.synthesis.effects import Effects
from kb.synthesis.errors import SynthesisError
from kb.synthesis.estimates import Estimate, wald
from kb.synthesis.mantel_haenszel_random import RandomMantelHaenszel
from kb.synthesis.measures import MEASURES
from kb.synthesis.options import COMMON_EFFECT
from kb.synthesis.pooled_counts import MantelHaenszel
from kb.synthesis.pooling import pool as inverse_variance

Cells = tuple[Array, Array, Array, Array]

COUNTS = ("ai", "n1i", "ci", "n2i")
MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
_SINGLE: Mapping[str, Callable[..., Effects]] = {
    "OR": counts.odds_ratio,
    "RR": counts.risk_ratio,
    "RD": counts.risk_difference,
}


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """A pooled result on the scale of analysis, of the studies that its effects name by row.

    `i2` holds the values that programs call I²: by Q, and by tau².
    """

    effects: Effects
    estimate: Estimate
    weights: Array | None
    tau2: float
    i2: tuple[float, ...]
    q: float


@dataclass(frozen=True, slots=True)
class Way:
    """A way of computing a pooled result, and its name in words."""

    name: str
    compute: Callable[[], Computed]


def ways(pool: StatedPool) -> Iterator[Way]:
    """Yield the ways in which a result with these settings may have been computed, usual first.

    Raise `SynthesisError` where the data of its members do not allow any.
    """
    table = table_of(pool)
    names = set(table)
    if names == set(COUNTS):
        yield from _of_counts(pool, table)
    elif names == set(MEANS):
        yield from _of_means(pool, table)
    else:
        measure = measure_of(pool, table)
        yield Way(
            "inverse variance", lambda: _pooled(pool, escalc(measure, table, labels_of(pool)))
        )


def measure_of(pool: StatedPool, table: Mapping[str, Array]) -> str:
    """Return what its data give, by metafor's name: effects with their errors may be of any."""
    measure = "HR" if "o_minus_e" in table else pool.statistic
    return measure if tuple(sorted(table)) in _known(measure) else "GEN"


def _known(measure: str) -> set[tuple[str, ...]]:
    return {tuple(sorted(columns)) for columns in columns_of(measure)}


def labels_of(pool: StatedPool) -> list[str]:
    """Return the names of the studies that went in."""
    return [member.study for member in pool.members]


def table_of(pool: StatedPool) -> dict[str, Array]:
    """Return what went in as columns; raise `SynthesisError` where it is not of one kind."""
    kinds = {frozenset(member.data) for member in pool.members}
    if not kinds:
        raise SynthesisError("No study with data enters it.")
    whole = max(kinds, key=len)
    if not all(kind <= whole for kind in kinds):
        raise SynthesisError("The studies give data of different kinds.")
    return {
        name: np.array([member.data.get(name, np.nan) for member in pool.members], dtype=float)
        for name in sorted(whole)
    }


def _of_counts(pool: StatedPool, table: Mapping[str, Array]) -> Iterator[Way]:
    a, n1, c, n2 = (table[name] for name in COUNTS)
    cells = (a, n1 - a, c, n2 - c)
    if any((cell < 0).any() for cell in cells):
        raise SynthesisError("A study has more events than people.")
    labels = labels_of(pool)
    if pool.method == "PETO":
        yield Way("Peto's method", lambda: _peto(pool, cells, labels))
        return
    zeros = bool((np.stack(cells) == 0).any())
    for add in (0.5, 0.0) if zeros else (0.0,):
        added = f", {add:g} added to tables with a zero" if add else ", nothing added in the sums"
        said = added if zeros else ""
        effects = _effects(pool.statistic, cells, labels, add)
        if pool.method == "MH":
            yield from _mantel_haenszel(pool, cells, effects, add, said)
        if pool.method == "IV" or pool.model == "random":
            yield Way(f"inverse variance{said}", lambda e=effects: _pooled(pool, e))  # type: ignore[misc]


def _effects(statistic: str, cells: Cells, labels: list[str], add: float) -> Effects:
    """Return the effects of the studies; those without one are left out by name."""
    return _SINGLE[statistic](*cells, labels, add=add or 0.5, to="only0", drop00=statistic != "RD")


def _mantel_haenszel(
    pool: StatedPool, cells: Cells, effects: Effects, add: float, said: str
) -> Iterator[Way]:
    ratio = pool.statistic != "RD"

    labels = labels_of(pool)
    corrections: dict[str, Any] = {
        "add": (0.5, add if ratio else 0),
        "to": ("only0", "only0" if add and ratio else "none"),
        "drop00": (ratio, ratio),
        "level": pool.ci_level / 100,
    }

    def summed() -> MantelHaenszel:
        return mantel_haenszel_random.MEASURES[pool.statistic](*cells, labels, **corrections)

    def about_sums() -> RandomMantelHaenszel:
        return mantel_haenszel_random.pool(pool.statistic, *cells, labels, **corrections)

    if pool.model == "common":
        if not ratio:
            yield Way(
                f"Mantel-Haenszel{said}", lambda: _risk_difference(pool, cells, summed(), add)
            )
        yield Way(f"Mantel-Haenszel{said}", lambda: _of_sums(effects, summed()))
    elif pool.estimator == "DL" and pool.test == "z":
        name = f"DerSimonian-Laird, Q about the Mantel-Haenszel estimate{said}"
        yield Way(name, lambda: _about_sums(about_sums()))


def _of_sums(effects: Effects, found: MantelHaenszel) -> Computed:
    estimate, spread = found.estimate, found.heterogeneity
    if estimate is None or spread is None:
        raise SynthesisError(found.notes[0] if found.notes else "There is no pooled effect.")
    weights = np.full(len(effects.labels), np.nan)
    if found.weights is not None:
        by_row = dict(zip(found.rows.tolist(), found.weights.tolist(), strict=True))
        weights = np.array([by_row.get(row, np.nan) for row in effects.rows.tolist()])
    return Computed(effects, estimate, weights, 0.0, (spread.i2,), spread.q)


def _risk_difference(pool: StatedPool, cells: Cells, found: MantelHaenszel, add: float) -> Computed:
    """Return the risk difference with the variance of Greenland and Robins (1985).

    It is sum((a b n2³ + c d n1³) / (n1 n2 n²)) / sum(n1 n2 / n)².
    """
    a, b, c, d = (cell[found.rows] for cell in cells)
    plus = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), add, 0.0)
    a, b, c, d = a + plus, b + plus, c + plus, d + plus
    n1, n2 = a + b, c + d
    n = n1 + n2
    variance = np.sum((a * b * n2**3 + c * d * n1**3) / (n1 * n2 * n**2))
    weight = n1 * n2 / n
    difference = float(np.sum(weight * (a / n1 - c / n2)) / np.sum(weight))
    estimate = wald(
        difference, float(np.sqrt(variance) / np.sum(weight)), level=pool.ci_level / 100
    )
    effects = _effects("RD", cells, labels_of(pool), add)
    shares = 100 * weight / np.sum(weight)
    by_row = dict(zip(found.rows.tolist(), shares.tolist(), strict=True))
    weights = np.array([by_row.get(row, np.nan) for row in effects.rows.tolist()])
    q = float(np.sum((effects.yi - difference) ** 2 / effects.vi))
    return Computed(effects, estimate, weights, 0.0, (_i2(q, effects.k - 1),), q)


def _about_sums(found: RandomMantelHaenszel) -> Computed:
    spread = found.heterogeneity
    return Computed(
        found.effects, found.estimate, found.weights, spread.tau2, (spread.i2,), spread.q
    )


def _peto(pool: StatedPool, cells: Cells, labels: list[str]) -> Computed:
    found = peto.pool(*cells, labels, drop00=(True, True), level=pool.ci_level / 100)
    effects = counts.peto(*cells, labels, add=0.0, to="none", drop00=True)
    return Computed(
        effects,
        found.estimate,
        found.weights if effects.k == found.k else None,
        0.0,
        (found.heterogeneity.i2,),
        found.heterogeneity.q,
    )


def _of_means(pool: StatedPool, table: Mapping[str, Array]) -> Iterator[Way]:
    labels = labels_of(pool)
    if pool.statistic == "SMD":
        yield Way(
            "inverse variance, RevMan's SMD", lambda: _pooled(pool, revman_smd(table, labels))
        )
    yield Way("inverse variance", lambda: _pooled(pool, escalc(pool.statistic, table, labels)))


def revman_smd(table: Mapping[str, Array], labels: list[str]) -> Effects:
    """Return standardised mean differences as RevMan computes them.

    With N = n1 + n2 the effect is g = (1 - 3 / (4 N - 9)) (m1 - m2) / s, and its variance
    N / (n1 n2) + g² / (2 (N - 3.94)).
    """
    m1, sd1, n1, m2, sd2, n2 = (table[name] for name in MEANS)
    n = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n - 2))
        g = (1 - 3 / (4 * n - 9)) * (m1 - m2) / s
        vi = n / (n1 * n2) + g**2 / (2 * (n - 3.94))
    usable = np.isfinite(g) & np.isfinite(vi) & (vi > 0)
    return Effects.of(
        np.where(usable, g, np.nan),
        np.where(usable, vi, np.nan),
        labels,
        measure=MEASURES["SMD"],
        reasons=dict.fromkeys(
            np.flatnonzero(~usable).tolist(), "its means and deviations give no effect"
        ),
    )


def _pooled(pool: StatedPool, effects: Effects) -> Computed:
    method = COMMON_EFFECT if pool.model == "common" else pool.estimator
    found = inverse_variance(effects, method=method, test=pool.test, level=pool.ci_level / 100)
    spread = found.heterogeneity
    i2 = dict.fromkeys((_i2(spread.q, spread.q_df), spread.i2))
    return Computed(effects, found.estimate, found.weights, spread.tau2, tuple(i2), spread.q)


def _i2(q: float, df: int) -> float:
    return 100 * max(0.0, q - df) / q if q > 0 else 0.0
