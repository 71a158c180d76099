"""A result that a file states, by `kb pool`: with which options, and why it comes out otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kb.exchange.drafts import StatedPool
from kb.exchange.review_methods import COUNTS, MEANS, labels_of, measure_of, table_of
from kb.pooling.analysing.engine import Triple, engine_errors, triple
from kb.pooling.analysing.fit import fit
from kb.pooling.analysing.units import Units
from kb.pooling.options import PoolOptions
from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes import escalc
from kb.synthesis.effects import Effects
from kb.synthesis.measures import MEASURES

_SWAPPED = (
    "the review counts those without the event, and the store holds the events as they were entered"
)
_STANDARDISED = (
    "RevMan's formulas of the standardised mean difference, with 1 - 3/(4 N - 9) and N - 3.94, are "
    "others than metafor's, which `kb pool` takes"
)
_ABOUT_SUMS = (
    "RevMan's random effects by Mantel-Haenszel take tau² from Q about the Mantel-Haenszel "
    "estimate, `kb pool` from Q about the inverse-variance mean"
)
_ZEROS = (
    "RevMan adds 0.5 to all cells of a table with a zero before it sums, `kb pool` sums the counts "
    "as they are"
)
_DIFFERENCE = (
    "RevMan's variance of the Mantel-Haenszel risk difference is that of Greenland and Robins, "
    "that of `kb pool`, as of metafor, of Sato"
)
UNEXPLAINED = "why is not known"


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


def repool(pool: StatedPool) -> Repooled:
    """Pool the data of a stated result as `kb pool` does.

    Raise `SynthesisError` for data that give no effect, `NotPooled` for those that are not pooled.
    """
    table = table_of(pool)
    options = options_of(pool, table)
    with engine_errors():
        units = _units(pool, table)
        found = fit(units, options)
    mean = found.estimate
    effect = triple(found.effects, mean.estimate, mean.ci_low, mean.ci_high)
    spread = found.spread["tau2"], found.spread["q"]
    return Repooled(tuple(options.flags()), effect, spread, _apart(pool, table))


def options_of(pool: StatedPool, table: Mapping[str, Array]) -> PoolOptions:
    """Return the options of `kb pool` that pool as the review did."""
    counts = set(table) == set(COUNTS)
    if counts and pool.method == "PETO":
        return PoolOptions.of(measure="PETO", method="PETO", level=pool.ci_level)
    common = "MH" if counts and pool.method == "MH" else "EE"
    method = common if pool.model == "common" else pool.estimator
    return PoolOptions.of(
        measure=pool.statistic, method=method, test=pool.test, level=pool.ci_level
    )


def _units(pool: StatedPool, table: Mapping[str, Array]) -> Units:
    """Return the effects of the studies, with their counts, as they come from the store."""
    labels = labels_of(pool)
    if set(table) != set(COUNTS):
        effects = escalc(measure_of(pool, table), table, labels)
        return _each(replace(effects, measure=MEASURES[pool.statistic]))
    measure = "PETO" if pool.method == "PETO" else pool.statistic
    drop = {"drop00": True} if measure != "RD" else {}
    effects = escalc(measure, table, labels, **drop)
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
    if set(table) != set(COUNTS) or pool.method != "MH":
        return ""
    if pool.model == "random":
        return _ABOUT_SUMS
    if pool.statistic == "RD":
        return _DIFFERENCE
    a, n1, c, n2 = (table[name] for name in COUNTS)
    return _ZEROS if any((cell == 0).any() for cell in (a, n1 - a, c, n2 - c)) else ""
