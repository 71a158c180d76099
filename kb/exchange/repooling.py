"""A result that a file states, by `kb pool`: with which options, and why it comes out otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kb.exchange.drafts import StatedPool
from kb.exchange.review_methods import COUNTS, MEANS, labels_of, measure_of, table_of
from kb.pooling.analysing.engine import Triple, engine_errors, triple
from kb.pooling.analysing.fit import fit
from kb.pooling.analysing.units import Units
from kb.pooling.options import RANDOM_MH, PoolOptions
from kb.pooling.selecting.variances import corrections_of
from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import escalc
from kb.synthesis.effects import Effects
from kb.synthesis.measures import MEASURES
from kb.synthesis.options import COMMON_EFFECT

_SWAPPED = (
    "the review counts those without the event, and the store holds the events as they were entered"
)
_STANDARDISED = (
    "RevMan's formulas of the standardised mean difference, with 1 - 3/(4 N - 9) and N - 3.94, are "
    "others than metafor's, which `kb pool` takes"
)
_DIFFERENCE = (
    "RevMan's variance of the Mantel-Haenszel risk difference is that of Greenland and Robins, "
    "that of `kb pool`, as of metafor, of Sato"
)
UNEXPLAINED = "why is not known"

_IN_SUMS_TOO: Mapping[str, Any] = {"add": (0.5, 0.5), "to": ("only0", "only0")}
"""RevMan adds 0.5 to all cells of a table with a zero before it sums."""


@dataclass(frozen=True, slots=True)
class Repooled:
    """What `kb pool` gives of the data of a stated result.

    Attributes:
        flags: the options of `kb pool` that pool as the review did.
        effect: the estimate and the limits of its interval on the reader's scale.
        spread: tau² and Q.
        apart: in which step RevMan computes otherwise; "" where in none.
    """

    flags: tuple[str, ...]
    effect: Triple
    spread: tuple[float | None, float | None]
    apart: str


def repools(pool: StatedPool) -> Iterator[Repooled]:
    """Yield what `kb pool` gives of the data of a stated result, by the likeliest options first.

    Raise `SynthesisError` for data that give no effect, `NotPooled` for those that are not pooled.
    """
    table = table_of(pool)
    for options in options_of(pool, table):
        with engine_errors():
            found = fit(_units(pool, table, options), options)
        mean = found.estimate
        effect = triple(found.effects, mean.estimate, mean.ci_low, mean.ci_high)
        spread = found.spread["tau2"], found.spread["q"]
        yield Repooled(tuple(options.flags()), effect, spread, _apart(pool, table))


def options_of(pool: StatedPool, table: Mapping[str, Array]) -> Iterator[PoolOptions]:
    """Yield the options of `kb pool` that pool as the review may have done."""
    given: dict[str, Any] = {"measure": pool.statistic, "level": pool.ci_level}
    usual = COMMON_EFFECT if pool.model == "common" else pool.estimator
    if set(table) != set(COUNTS) or pool.method == "IV":
        yield PoolOptions.of(**given, method=usual, test=pool.test)
    elif pool.method == "PETO":
        yield PoolOptions.of(**{**given, "measure": "PETO"}, method="PETO")
    else:
        if pool.model == "common" or (pool.estimator == "DL" and pool.test == "z"):
            method = "MH" if pool.model == "common" else RANDOM_MH
            for corrections in _corrections(pool, table):
                yield PoolOptions.of(**given, method=method, **corrections)
        if pool.model == "random":
            yield PoolOptions.of(**given, method=usual, test=pool.test)


def _corrections(pool: StatedPool, table: Mapping[str, Array]) -> Iterator[Mapping[str, Any]]:
    """Yield what the review may have done about zeros: RevMan's way, then metafor's."""
    a, n1, c, n2 = (table[name] for name in COUNTS)
    if pool.statistic != "RD":
        if any((cell == 0).any() for cell in (a, n1 - a, c, n2 - c)):
            yield _IN_SUMS_TOO
    elif pool.model == "random" and (((a == 0) & (c == 0)) | ((a == n1) & (c == n2))).any():
        yield {"drop00": (False, False)}
    yield {}


def _units(pool: StatedPool, table: Mapping[str, Array], options: PoolOptions) -> Units:
    """Return the effects of the studies, with their counts, as they come from the store."""
    labels = labels_of(pool)
    if set(table) != set(COUNTS):
        effects = escalc(measure_of(pool, table), table, labels)
        return _each(replace(effects, measure=MEASURES[pool.statistic]))
    measure = "PETO" if pool.method == "PETO" else pool.statistic
    effects = escalc(measure, table, labels, **corrections_of(measure, options))
    a, n1, c, n2 = (table[name][effects.rows] for name in COUNTS)
    columns = {"ai": a, "bi": n1 - a, "ci": c, "di": n2 - c}
    return _each(effects, {name: tuple(cells.tolist()) for name, cells in columns.items()})


def _each(effects: Effects, counts: Mapping[str, tuple[float, ...]] | None = None) -> Units:
    k = effects.k
    return Units(effects, tuple((i,) for i in range(k)), ((1.0,),) * k, counts)


def _apart(pool: StatedPool, table: Mapping[str, Array]) -> str:
    """Return in which step `kb pool` and RevMan differ; "" where they do not."""
    if pool.swapped:
        return _SWAPPED
    if set(table) == set(MEANS):
        return _STANDARDISED if pool.statistic == "SMD" else ""
    summed = set(table) == set(COUNTS) and pool.method == "MH" and pool.model == "common"
    return _DIFFERENCE if summed and pool.statistic == "RD" else ""
