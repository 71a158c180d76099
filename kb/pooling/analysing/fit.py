"""One pooled effect, by inverse variance, from counts, or of dependent effects."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kb.pooling.analysing.engine import NotPooled, number
from kb.pooling.analysing.units import Units
from kb.pooling.corrections import of_sums
from kb.pooling.options import RANDOM_MH, PoolOptions
from kb.synthesis import mantel_haenszel, mantel_haenszel_random, peto
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import Estimate
from kb.synthesis.groups import Index
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.measures import MEASURES
from kb.synthesis.options import COMMON_EFFECT
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooled_counts import MantelHaenszel
from kb.synthesis.pooling import pool
from kb.synthesis.prediction import Prediction
from kb.synthesis.q_profile import q_profile

_TABLES = ("ai", "bi", "ci", "di")
_RATES = ("x1i", "t1i", "x2i", "t2i")

MANTEL_HAENSZEL: dict[str, tuple[Callable[..., MantelHaenszel], tuple[str, ...]]] = {
    "OR": (mantel_haenszel.odds_ratio, _TABLES),
    "RR": (mantel_haenszel.risk_ratio, _TABLES),
    "RD": (mantel_haenszel.risk_difference, _TABLES),
    "IRR": (mantel_haenszel.rate_ratio, _RATES),
    "IRD": (mantel_haenszel.rate_difference, _RATES),
}
"""The measures that Mantel-Haenszel pools, how, and from which counts."""

RANDOM_MANTEL_HAENSZEL = tuple(mantel_haenszel_random.MEASURES)
"""The measures of random effects about the Mantel-Haenszel estimate."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A pooled effect on the scale of analysis, however it was pooled.

    Attributes:
        effects: what was pooled, with the measure of the result.
        model: common, random, three-level or robust.
        method, test: metafor's codes; CR2 for cluster-robust tests.
        estimate: the mean effect.
        prediction: where a new study's true effect is to be expected; None where the model or
            a single study has nothing to say of it.
        spread: tau2, tau2_se, tau2_low, tau2_high, i2 (percent), h2, q, q_df and q_p.
        weights: in percent of each effect, None where a method gives it none.
        notes: what a reader must know beyond the numbers.
        levels: of a three-level model the variances and I² of both levels.
    """

    effects: Effects
    model: str
    method: str
    test: str
    estimate: Estimate
    prediction: Prediction | None
    spread: Mapping[str, float | int | None]
    weights: tuple[float | None, ...]
    notes: tuple[str, ...]
    levels: Mapping[str, Any] = field(default_factory=dict)


def fit(units: Units, options: PoolOptions) -> Fit:
    """Return the pooled effect of units that are independent."""
    match options.method:
        case "MH":
            return _mantel_haenszel(units, options)
        case "MH-DL":
            return _random_mantel_haenszel(units, options)
        case "PETO":
            return _peto(units, options)
        case _:
            return _inverse_variance(units.effects, options)


def spread_of(
    heterogeneity: Heterogeneity | None,
    tau2_limits: tuple[float | None, float | None] = (None, None),
) -> dict[str, float | int | None]:
    """Return how much the effects differ, as `Fit.spread` holds it."""
    names = ("tau2", "tau2_se", "i2", "h2", "q", "q_df", "q_p")
    found = {name: getattr(heterogeneity, name, None) for name in names}
    return found | {"tau2_low": tau2_limits[0], "tau2_high": tau2_limits[1]}


def model_of(method: str) -> str:
    """Return the model that a method of inverse variance belongs to."""
    return "common" if method == COMMON_EFFECT else "random"


def _inverse_variance(effects: Effects, options: PoolOptions) -> Fit:
    pooled = pool(
        effects,
        method=options.method,
        test=options.test,
        level=options.share,
        prediction=options.prediction,
    )
    lone = effects.k == 1
    return Fit(
        effects=effects,
        model=model_of(pooled.method),
        method=pooled.method,
        test=pooled.test,
        estimate=pooled.estimate,
        prediction=None if lone else pooled.prediction,
        spread=spread_of(pooled.heterogeneity, _tau2_limits(pooled, options)),
        weights=tuple(pooled.weights.tolist()),
        notes=(*pooled.notes, *_certainty(pooled.estimate)),
    )


def _tau2_limits(pooled: Pooled, options: PoolOptions) -> tuple[float | None, float | None]:
    if pooled.k == 1 or pooled.method == COMMON_EFFECT:
        return None, None
    limits = q_profile(pooled, level=options.share)
    return number(limits.tau2_low), number(limits.tau2_high)


def _certainty(estimate: Estimate) -> tuple[str, ...]:
    if estimate.se > 0:
        return ()
    return ("The effects are identical; the standard error of 0 does not mean certainty.",)


def _mantel_haenszel(units: Units, options: PoolOptions) -> Fit:
    compute, names = MANTEL_HAENSZEL[_code(units, "Mantel-Haenszel", MANTEL_HAENSZEL)]
    result = compute(
        *_counts(units, names, "MH"),
        units.effects.labels,
        level=options.share,
        **of_sums(options),
    )
    if result.estimate is None or result.weights is None:
        why, _, _ = result.notes[0].partition(". ")
        raise NotPooled(f"{why}.", "Choose another measure: a difference can be pooled.")
    return Fit(
        effects=units.effects,
        model="common",
        method="MH",
        test="z",
        estimate=result.estimate,
        prediction=None,
        spread=spread_of(result.heterogeneity),
        weights=_weights(units, result.rows, result.weights),
        notes=(*result.notes, *_only_normal(options)),
    )


def _random_mantel_haenszel(units: Units, options: PoolOptions) -> Fit:
    ai, bi, ci, di = _counts(units, _TABLES, RANDOM_MH)
    result = mantel_haenszel_random.pool(
        _code(units, f"--method {RANDOM_MH}", RANDOM_MANTEL_HAENSZEL),
        *(ai, bi, ci, di),
        units.effects.labels,
        level=options.share,
        prediction=options.prediction,
        **of_sums(options),
    )
    return Fit(
        effects=result.effects,
        model="random",
        method=RANDOM_MH,
        test="z",
        estimate=result.estimate,
        prediction=result.prediction,
        spread=spread_of(result.heterogeneity),
        weights=_weights(units, result.effects.rows, result.weights),
        notes=(*result.notes, *_only_normal(options)),
    )


def _code(units: Units, method: str, measures: Collection[str]) -> str:
    """Return the code of what the units measure; raise `NotPooled` where a method has it not."""
    measure = units.effects.measure
    if measure.code not in measures:
        raise NotPooled(
            f"{method} does not pool the {measure.reported} ({measure.code}).",
            f"It pools {', '.join(measures)}, from the counts of both arms.",
        )
    return measure.code


def _peto(units: Units, options: PoolOptions) -> Fit:
    if units.effects.measure.code not in {"OR", "PETO"}:
        raise NotPooled(
            f"Peto's method does not pool the {units.effects.measure.reported}.",
            "It pools odds ratios, from the counts of both arms: give --measure PETO.",
        )
    ai, bi, ci, di = _counts(units, _TABLES, "PETO")
    result = peto.pool(
        *(ai, bi, ci, di), units.effects.labels, level=options.share, **of_sums(options)
    )
    return Fit(
        effects=replace(units.effects, measure=MEASURES["PETO"]),
        model="common",
        method="PETO",
        test="z",
        estimate=result.estimate,
        prediction=None,
        spread=spread_of(result.heterogeneity),
        weights=_weights(units, result.rows, result.weights),
        notes=(*result.notes, *_only_normal(options)),
    )


def _weights(units: Units, rows: Index, weights: Array) -> tuple[float | None, ...]:
    """Return the weights of all studies from those of the rows that are in the sums."""
    of = dict(zip(rows.tolist(), weights.tolist(), strict=True))
    return tuple(of.get(row) for row in range(units.k))


def _counts(units: Units, names: tuple[str, ...], method: str) -> list[tuple[float, ...]]:
    if units.counts is None or not set(names) <= set(units.counts):
        raise NotPooled(
            f"--method {method} pools counts, and these effects do not come from counts alone.",
            f"It needs {', '.join(names)} of every study; leave out --method to pool effects.",
        )
    return [units.counts[name] for name in names]


def _only_normal(options: PoolOptions) -> tuple[str, ...]:
    if options.test == "z":
        return ()
    return (
        f"Methods that pool counts have no test {options.test}: the interval is by the normal.",
    )
