"""From the numbers of a candidate to its effect and sampling variance, and by which formula."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from kb.base import Record
from kb.pooling.corrections import of_effects, of_zero
from kb.pooling.naming import names
from kb.pooling.options import PoolOptions
from kb.pooling.selecting.candidates import Candidate
from kb.pooling.selecting.sizes import Sizes
from kb.synthesis import conversions
from kb.synthesis.cox import cox
from kb.synthesis.distributions import central_quantile
from kb.synthesis.effect_sizes import escalc
from kb.synthesis.errors import BadStudy, SynthesisError
from kb.synthesis.measures import MEASURES

DERIVED = {"p", "sizes"}
"""Ways to a variance that only `derived-variances` opens."""

_SMALL = 60
"""Where an arm is smaller, the interval of a difference is taken as one of t (Handbook 6.5.2.3)."""

_AS_USUAL = PoolOptions()

_LOPSIDED = 0.1
"""Share of its width by which an interval may lie unevenly about the estimate."""

_Table: TypeAlias = dict[str, float]
_Made: TypeAlias = tuple[float, str, tuple[str, ...]]
"""A standard error, what it comes from, and what a reader must know of it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a candidate on the scale of analysis, intervention against control.

    `shown` is what the two arms showed, `cells` their counts in metafor's columns; `cautions` are
    what a reader must know of how it came about; `is_derived` says that its variance is not its
    own, but was had from a p-value or from the sizes of the arms.
    """

    candidate: Candidate
    yi: float
    vi: float
    basis: str
    shown: tuple[str, str] | None = None
    cells: Mapping[str, float] | None = None
    cautions: tuple[str, ...] = ()
    is_derived: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A candidate whose numbers give no effect, and why."""

    candidate: Candidate
    reason: str


def way_to_variance(candidate: Candidate, sizes: Sizes) -> str:
    """Return what the variance of a candidate comes from; "" where nothing tells it.

    A reported effect has an "interval" or a standard error ("se"), or it can be had from an exact
    "p" or from the "sizes" of the arms; others are named by their source. The standard error comes
    first where its scale is certain, as that of a ratio's is not.
    """
    if not candidate.is_reported:
        return candidate.source
    row = candidate.row
    if row["se"] and not MEASURES[candidate.measures[0]].is_ratio:
        return "se"
    if row["ci_low"] is not None and row["ci_high"] is not None:
        return "interval"
    if row["se"]:
        return "se"
    if candidate.measures[0] == "SMD":
        return "sizes" if sizes.both else ""
    exact = row["p_relation"] == "=" and row["p"] is not None and 0 < row["p"] < 1
    null = 1 if MEASURES[candidate.measures[0]].is_ratio else 0
    return "p" if exact and row["estimate"] != null else ""


def impossible(candidate: Candidate) -> str:
    """Return what is wrong with the printed interval of a candidate, "" where nothing is."""
    row = candidate.row
    if not candidate.is_reported or row["ci_low"] is None or row["ci_high"] is None:
        return ""
    estimate, low, high = row["estimate"], row["ci_low"], row["ci_high"]
    interval = f"its interval from {low:g} to {high:g}"
    if low == high:
        return f"{interval} has no width"
    if MEASURES[candidate.measures[0]].is_ratio and low <= 0:
        return f"{interval} is not that of a ratio"
    return "" if low <= estimate <= high else f"{interval} does not hold the estimate {estimate:g}"


def effects_of(
    chosen: Sequence[tuple[Candidate, Sizes]],
    measure: str,
    times: Mapping[str, list[tuple[str, float, bool]]],
    options: PoolOptions = _AS_USUAL,
) -> list[Effect | Failed]:
    """Return the effects of candidates on one measure, or why their numbers give none.

    `times` are the survival times by measurement, for the candidates that rest on them; `options`
    say what is done about counts of zero.
    """
    by_way: dict[str, list[tuple[Candidate, Sizes]]] = defaultdict(list)
    for candidate, sizes in chosen:
        by_way[way_to_variance(candidate, sizes)].append((candidate, sizes))
    made: list[Effect | Failed] = []
    for way, pairs in by_way.items():
        if way == "times":
            made += [_from_times(candidate, times[candidate.place.key]) for candidate, _ in pairs]
        elif way in _TABLES:
            made += _from_arms([candidate for candidate, _ in pairs], measure, way, options)
        else:
            made += _reported(pairs, measure, way)
    return made


def columns_of(candidate: Candidate) -> dict[str, float]:
    """Return what both arms of a candidate showed, by metafor's names of columns."""
    return _TABLES[candidate.source](candidate)


def spreads_of(candidate: Candidate) -> list[str]:
    """Return what the standard deviations of both arms come from, in words."""
    return sorted({_spread(row) for row in candidate.rows})


def _from_arms(
    chosen: Sequence[Candidate], measure: str, way: str, options: PoolOptions
) -> list[Effect | Failed]:
    tables = [_TABLES[way](candidate) for candidate in chosen]
    results = _escalc(measure, tables, corrections_of(measure, options))
    return [
        Failed(candidate, result)
        if isinstance(result, str)
        else Effect(
            candidate,
            *result,
            _basis_of_arms(candidate, measure),
            _shown(candidate),
            _cells(table) if way == "counts" else None,
            _cautions_of_arms(candidate, table, measure, options),
        )
        for candidate, table, result in zip(chosen, tables, results, strict=True)
    ]


def corrections_of(measure: str, options: PoolOptions) -> dict[str, Any]:
    """Return what is done about counts of zero: studies without events give no ratio."""
    usual = {"drop00": True} if measure in {"OR", "RR", "PETO"} else {}
    return {**usual, **of_effects(options, measure)}


def _escalc(
    measure: str, tables: Sequence[_Table], corrections: Mapping[str, Any]
) -> list[tuple[float, float] | str]:
    """Return effect and variance of each table, or why it has none.

    Where one of them is refused, the tables are taken in halves.
    """
    columns = {name: np.array([table[name] for table in tables]) for name in tables[0]}
    try:
        effects = escalc(measure, columns, None, **corrections)
    except SynthesisError as error:
        if len(tables) == 1:
            return [plain_reason(error)]
        half = len(tables) // 2
        parts = tables[:half], tables[half:]
        return [result for part in parts for result in _escalc(measure, part, corrections)]
    numbers = zip(effects.yi.tolist(), effects.vi.tolist(), strict=True)
    results: dict[int, tuple[float, float]] = dict(zip(effects.rows.tolist(), numbers, strict=True))
    reasons = iter(effects.left_out)
    return [
        results[row] if row in results else _reason(next(reasons).reason)
        for row in range(len(tables))
    ]


def _reason(reason: str) -> str:
    without_events = "no participant of either arm had the event, or all had it"
    return without_events if "drop00" in reason else reason


def plain_reason(error: SynthesisError) -> str:
    """Return what is wrong with a study, without its name and without the remedy."""
    text = str(error).removeprefix(f"{error.label}: " if isinstance(error, BadStudy) else "")
    return text.partition(". ")[0].rstrip(".")


def _counts(candidate: Candidate) -> _Table:
    treated, control = candidate.by_arm
    return {
        "ai": treated["events"],
        "n1i": treated["n"],
        "ci": control["events"],
        "n2i": control["n"],
    }


def _cells(table: _Table) -> _Table:
    return {
        "ai": table["ai"],
        "bi": table["n1i"] - table["ai"],
        "ci": table["ci"],
        "di": table["n2i"] - table["ci"],
    }


def _means(candidate: Candidate) -> _Table:
    treated, control = candidate.by_arm
    return {
        "m1i": treated["mean"],
        "sd1i": _sd(treated),
        "n1i": treated["n"],
        "m2i": control["mean"],
        "sd2i": _sd(control),
        "n2i": control["n"],
    }


def _one_arm(candidate: Candidate) -> _Table:
    return {"xi": candidate.row["events"], "ni": candidate.row["n"]}


def _sd(row: Record) -> float:
    """Return the standard deviation of an arm, NaN where fewer than two leave none."""
    if row["sd"] is not None:
        return float(row["sd"])
    if row["n"] < 2:
        return math.nan
    if row["se"] is not None:
        return conversions.sd_from_se(float(row["se"]), float(row["n"]))
    low, high, n = float(row["ci_low"]), float(row["ci_high"]), float(row["n"])
    return conversions.sd_from_ci(low, high, n, level=_level(row) / 100)


_TABLES: dict[str, Callable[[Candidate], _Table]] = {
    "counts": _counts,
    "means": _means,
    "arm": _one_arm,
}


def _shown(candidate: Candidate) -> tuple[str, str]:
    def one(row: Record) -> str:
        if candidate.source == "means":
            return f"{row['mean']:g} ({_sd(row):.3g})"
        return f"{row['events']}/{row['n']}"

    if candidate.source == "arm":
        return one(candidate.row), ""
    treated, control = candidate.by_arm
    return one(treated), one(control)


def _basis_of_arms(candidate: Candidate, measure: str) -> str:
    name = MEASURES[measure].reported
    if candidate.source == "arm":
        unit, arm = candidate.row["unit"], candidate.comparison.treated
        return f"{name} of {unit or 'those with the event'} in one arm: {arm.label if arm else ''}"
    if candidate.source == "counts":
        return f"{name} from the events of both arms"
    return f"{name} from {names(['means', *spreads_of(candidate)])} of both arms"


def _spread(row: Record) -> str:
    if row["sd"] is not None:
        return "standard deviations"
    return "standard errors" if row["se"] is not None else "confidence intervals"


def _cautions_of_arms(
    candidate: Candidate, table: _Table, measure: str, options: PoolOptions
) -> tuple[str, ...]:
    corrected = candidate.source == "counts" and measure not in {"AS", "PETO", "RD"}
    if corrected and 0 in _cells(table).values():
        return (f"an arm has no events or nothing else: {of_zero(options, measure)}",)
    return ()


def _from_times(candidate: Candidate, people: list[tuple[str, float, bool]]) -> Effect | Failed:
    treated = candidate.comparison.treated
    control = candidate.comparison.control
    assert treated is not None
    assert control is not None
    compared = [person for person in people if person[0] in {treated.key, control.key}]
    try:
        fitted = cox(
            [months for _, months, _ in compared],
            [died for _, _, died in compared],
            [arm == treated.key for arm, _, _ in compared],
            label=candidate.place.label,
        )
    except SynthesisError as error:
        return Failed(candidate, plain_reason(error))
    basis = (
        f"hazard ratio by Cox regression of {len(compared)} individual survival times, "
        "ties by Efron's way"
    )
    return Effect(candidate, fitted.log_hazard_ratio, fitted.se**2, basis)


def _reported(
    pairs: Sequence[tuple[Candidate, Sizes]], measure: str, way: str
) -> list[Effect | Failed]:
    ratio = MEASURES[measure].is_ratio
    made: list[Effect | Failed] = []
    for candidate, sizes in pairs:
        estimate = float(candidate.row["estimate"])
        yi = math.log(estimate) if ratio else estimate
        try:
            se, formula, cautions = _REPORTED[way](candidate, sizes, yi)
        except SynthesisError as error:
            made.append(Failed(candidate, plain_reason(error)))
            continue
        sign = -1 if candidate.comparison.turned else 1
        basis = _basis_of_contrast(candidate, formula)
        if candidate.comparison.turned:
            basis += "; turned, as the source compares the control arm with the intervention"
        derived = way in DERIVED
        made.append(
            Effect(candidate, sign * yi, se**2, basis, cautions=cautions, is_derived=derived)
        )
    return made


def _of_interval(candidate: Candidate, sizes: Sizes, _: float) -> _Made:
    """Take the interval as symmetric on the scale of analysis, for ratios that of the logarithm.

    Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834; Cochrane Handbook 6.3.
    """
    row = candidate.row
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if MEASURES[candidate.measures[0]].is_ratio:
        width, df = math.log(high / low), None
    else:
        both = sizes.both
        width, df = high - low, sum(both) - 2 if both and min(both) < _SMALL else None
    cautions = []
    if row["ci_level"] is None:
        cautions.append("the level of its interval is not said and was taken as 95 %")
    if _is_lopsided(candidate):
        cautions.append(
            "its interval lies unevenly about the estimate, "
            "which speaks of a misprint or of an interval made otherwise"
        )
    return width / (2 * _quantile(_level(row), df)), "", tuple(cautions)


def _of_se(candidate: Candidate, _: Sizes, __: float) -> _Made:
    se = float(candidate.row["se"])
    if MEASURES[candidate.measures[0]].is_ratio:
        return se, "", ("its standard error was taken as that of the logarithm",)
    return se, "", ()


def _of_p(candidate: Candidate, sizes: Sizes, yi: float) -> _Made:
    """Return the standard error |effect / quantile| of an exact two-sided p (Handbook 6.3.2)."""
    p = float(candidate.row["p"])
    both = sizes.both if candidate.measures[0] == "MD" else None
    if both is None:
        se = abs(yi) / _quantile(100 * (1 - p), None)
        way = f"|effect / z| of p = {p:g}"
    else:
        se = conversions.se_from_p(yi, p, *both)
        way = f"|effect / t| of p = {p:g} with {sum(both) - 2:g} degrees of freedom ({sizes.said})"
    return se, f"standard error {way}", (f"its variance was derived from p = {p:g}",)


def _of_sizes(_: Candidate, sizes: Sizes, yi: float) -> _Made:
    """Return the standard error of a standardised difference of independent groups.

    Cooper H, Hedges LV, Valentine JC. The Handbook of Research Synthesis and Meta-Analysis, 2nd
    edition, 2009, eq. 12.14; Borenstein M et al. Introduction to Meta-Analysis, 2009, eq. 4.20.
    """
    assert sizes.both is not None
    n1, n2 = sizes.both
    variance = (n1 + n2) / (n1 * n2) + yi**2 / (2 * (n1 + n2))
    way = f"variance (n1 + n2)/(n1 n2) + d²/(2(n1 + n2)), n1 = {n1:.4g}, n2 = {n2:.4g}"
    caution = f"its variance was derived from the sizes of the arms ({sizes.said})"
    return math.sqrt(variance), f"{way} ({sizes.said})", (caution,)


_REPORTED: dict[str, Callable[[Candidate, Sizes, float], _Made]] = {
    "interval": _of_interval,
    "se": _of_se,
    "p": _of_p,
    "sizes": _of_sizes,
}


def _basis_of_contrast(candidate: Candidate, way: str) -> str:
    row = candidate.row
    parts = [reported_in_words(row), row["analysis"], row["population"]]
    known = "computed by the curators" if row["derivation_key"] else "as reported"
    origin = row["origin"]
    told = ", ".join(part for part in (*parts, "" if origin else known) if part)
    return "; ".join(part for part in (told, origin, way) if part)


def reported_in_words(row: Record) -> str:
    """Return a contrast as 'hazard ratio 1.06 (95 % CI 0.78 to 1.45)'."""
    statistic = row["statistic"]
    name = {"ES": "effect size", "d": "Cohen's d"}.get(statistic)
    words = f"{name or MEASURES[statistic].reported} {row['estimate']:g}"
    if row["ci_low"] is not None and row["ci_high"] is not None:
        words += f" ({_level(row):g} % CI {row['ci_low']:g} to {row['ci_high']:g})"
    return words


def _level(row: Record) -> float:
    return float(row["ci_level"] or 95)


@cache
def _quantile(level: float, df: float | None) -> float:
    degrees = None if df is None else np.asarray(float(df))
    return float(central_quantile(level / 100, degrees))


def _is_lopsided(candidate: Candidate) -> bool:
    """Return whether an interval lies more unevenly about its estimate than rounding explains."""
    row = candidate.row
    numbers = [float(row[name]) for name in ("estimate", "ci_low", "ci_high")]
    half = 0.5 * 10.0 ** -max(_decimals(number) for number in numbers)
    estimate, low, high = numbers
    if MEASURES[candidate.measures[0]].is_ratio:
        rounding = half * (2 / estimate + 1 / low + 1 / high)
        estimate, low, high = (math.log(number) for number in numbers)
    else:
        rounding = 4 * half
    return abs(2 * estimate - low - high) - rounding > _LOPSIDED * (high - low)


def _decimals(number: float) -> int:
    return len(f"{number:.10g}".partition(".")[2])
