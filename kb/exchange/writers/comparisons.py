"""Every comparison of two arms that the store holds numbers of, for tables of comparisons.

Nothing is chosen and nothing aligned in direction, as `kb pool` does: a row is what a source
reports or what two arms showed, the intervention first.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.base import Base, Record
from kb.pooling.options import PoolOptions
from kb.pooling.selecting.candidates import REPORTED, Candidate, Found, candidates, find
from kb.pooling.selecting.direction import Ends, is_ratio
from kb.pooling.selecting.eligibility import Rules
from kb.pooling.selecting.sizes import Sizes, randomised_by_arm, sizes_of
from kb.pooling.selecting.variances import (
    DERIVED,
    Effect,
    columns_of,
    effects_of,
    impossible,
    spreads_of,
    way_to_variance,
)
from kb.question import Question
from kb.synthesis.measures import MEASURES

_NO_ARMS = "which arms are compared is not said"
_OTHER_ARMS = "of other arms than those asked for"
_TOLD_TWICE = "an arm is shown more than once, and which of its values belong together is not said"
_NO_EFFECT = "a test or coefficient and no effect (t, F, b, eta², p alone)"
_ONE_ARM = "one arm alone, or without its number or spread"
_TIMES = "individual survival times, of which kb pool computes hazard ratios"
_NO_NUMBERS = "measured, without numbers; kb results has the direction in words"
_UNKNOWN_KIND = "effect size of a kind that its source does not say (ES)"
_WITHOUT_SIGN = "apparently printed without its sign, as the finding in words points the other way"
_CONTRADICTS = "a ratio that contradicts the finding in words"


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of an intervention with a control, on one measurement.

    Attributes:
        candidate: where it comes from.
        columns: what the arms showed, by metafor's names; empty for a reported effect.
        yi, vi: the effect as reported, on the scale of analysis, and its variance; None where the
            arms show it, and the variance where it would have to be derived.
        better: which end is better for the participant: higher, lower or "".
        sd_from: what standard deviations were computed from, where they were not reported.
    """

    candidate: Candidate
    columns: Mapping[str, float]
    yi: float | None
    vi: float | None
    better: str
    sd_from: str | None

    @property
    def measure(self) -> str | None:
        """The measure of a reported effect."""
        return self.candidate.measures[0] if self.candidate.is_reported else None

    @property
    def arms(self) -> tuple[str, str]:
        """The labels of the two arms."""
        treated, control = self.candidate.comparison.treated, self.candidate.comparison.control
        assert treated is not None
        assert control is not None
        return treated.label, control.label


@dataclass(frozen=True)
class Comparisons:
    """The comparisons that a question finds, oldest study first, and why others are left out."""

    rows: tuple[Compared, ...]
    left_out: tuple[tuple[str, int], ...]
    passages: Mapping[str, Record]

    def notes(self) -> list[str]:
        """Return what is left out, a line for each reason."""
        return [left_out(number, reason) for reason, number in self.left_out]

    def source(self, row: Compared) -> Record:
        """Return the passage behind a comparison."""
        return self.passages[row.candidate.row["passage_key"]]


def left_out(number: int, reason: str) -> str:
    """Return how many results are left out and why."""
    return f"{number:,} result{'' if number == 1 else 's'} left out: {reason}"


def comparisons(base: Base, question: Question) -> Comparisons:
    """Return the comparisons that the results of a question make."""
    found = find(base, question)
    every = candidates(found)
    reasons = Counter(_without_comparison(found, every))
    told_twice = _told_twice(every)
    ends = Ends.of(base)
    rules = _rules(found, ends)
    kept = []
    for candidate in every:
        reason = _obstacle(found, candidate, told_twice) or _doubt(rules, candidate)
        if reason:
            reasons[reason] += 1
        else:
            kept.append(candidate)
    rows = _compared(base, found, ends, kept)
    rows.sort(key=lambda row: (row.candidate.place.year or 9999, row.candidate.key))
    return Comparisons(
        tuple(rows),
        tuple(sorted(reasons.items())),
        base.passages(row.candidate.row["passage_key"] for row in rows),
    )


def doubts(base: Base, question: Question) -> dict[str, str]:
    """Return why what a reported effect shows is not known, by the key of its contrast."""
    found = find(base, question)
    rules = _rules(found, Ends.of(base))
    reasons = {each.key: _doubt(rules, each) for each in candidates(found) if each.is_reported}
    return {key: reason for key, reason in reasons.items() if reason}


def _rules(found: Found, ends: Ends) -> Rules:
    """Return the rules of `kb pool` by which the sign of an effect is doubted."""
    return Rules(PoolOptions.of(), found, ends, randomised=(), named=())


def _doubt(rules: Rules, candidate: Candidate) -> str:
    """Return why the measure or the direction of an effect is not known, "" where they are.

    As a number such an effect would claim both: a gain that is printed as +0.25 reads as harm
    where lower is better.
    """
    if candidate.row.get("statistic") == "ES":
        return _UNKNOWN_KIND
    if rules.signed_by_finding(candidate):
        return _CONTRADICTS if is_ratio(candidate.measures[0]) else _WITHOUT_SIGN
    unsure = rules.unsure(candidate)
    return unsure.reason if unsure else ""


def _without_comparison(found: Found, every: Iterable[Candidate]) -> Iterable[str]:
    """Yield why results are left out that make no comparison at all."""
    used = {row["key"] for candidate in every for row in candidate.rows}
    with_numbers = {*found.contrasts, *found.arm_results, *found.times}
    for rows in found.contrasts.values():
        for row in rows:
            if row["statistic"] not in REPORTED or row["estimate"] is None:
                yield _NO_EFFECT
    for rows in found.arm_results.values():
        for row in rows:
            if row["key"] not in used:
                yield _ONE_ARM
    for place in found.places:
        if place not in with_numbers:
            yield _NO_NUMBERS


def _obstacle(found: Found, candidate: Candidate, told_twice: set[tuple[Any, ...]]) -> str:
    """Return why a comparison is left out, "" where it is not."""
    comparison, asked = candidate.comparison, found.asked
    if candidate.source == "times":
        return _TIMES
    if comparison.treated is None or comparison.control is None:
        return _NO_ARMS
    if _same(candidate) in told_twice:
        return _TOLD_TWICE
    if impossible(candidate):
        return f"{candidate.place.label}, {impossible(candidate)}"
    arms = (comparison.treated, comparison.control)
    treats = asked.interventions is None or any(asked.treats(arm) for arm in arms)
    controls = asked.comparators is None or comparison.control.comparator in asked.comparators
    return "" if treats and controls else _OTHER_ARMS


def _told_twice(every: Iterable[Candidate]) -> set[tuple[Any, ...]]:
    """Return the comparisons by arms that stand more than once with other values."""
    counted = Counter(_same(candidate) for candidate in every if not candidate.is_reported)
    return {same for same, number in counted.items() if number > 1}


def _same(candidate: Candidate) -> tuple[Any, ...]:
    comparison = candidate.comparison
    arms = (comparison.treated, comparison.control)
    row = candidate.row
    what = (row.get("population"), row.get("unit"))
    return (candidate.place.key, candidate.source, *arms, *what)


def _compared(base: Base, found: Found, ends: Ends, kept: Sequence[Candidate]) -> list[Compared]:
    effects = _reported(base, found, [each for each in kept if each.is_reported])
    rows = []
    for candidate in kept:
        yi, vi = effects.get(candidate.key, (None, None))
        columns = {} if candidate.is_reported else _known(columns_of(candidate))
        better = ends.better(candidate, candidate.measures[0])
        rows.append(Compared(candidate, columns, yi, vi, better, _sd_from(candidate)))
    return rows


def _reported(
    base: Base, found: Found, kept: Sequence[Candidate]
) -> dict[str, tuple[float, float | None]]:
    """Return reported effects by key, with their variances where they have one of their own."""
    randomised = randomised_by_arm(base, found.arms)
    with_variance: dict[str, list[tuple[Candidate, Sizes]]] = defaultdict(list)
    effects: dict[str, tuple[float, float | None]] = {}
    for candidate in kept:
        sizes = sizes_of(candidate, found, randomised)
        effects[candidate.key] = (_estimate(candidate), None)
        if way_to_variance(candidate, sizes) not in {"", *DERIVED}:
            with_variance[candidate.measures[0]].append((candidate, sizes))
    for measure, pairs in with_variance.items():
        for made in effects_of(pairs, measure, {}):
            if isinstance(made, Effect):
                effects[made.candidate.key] = (made.yi, made.vi)
    return effects


def _estimate(candidate: Candidate) -> float:
    """Return a reported estimate on the scale of analysis, intervention against control."""
    estimate = float(candidate.row["estimate"])
    yi = math.log(estimate) if MEASURES[candidate.measures[0]].is_ratio else estimate
    return -yi if candidate.comparison.turned else yi


def _known(columns: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in columns.items() if not math.isnan(value)}


def _sd_from(candidate: Candidate) -> str | None:
    """Return what standard deviations were computed from; None where they were reported."""
    if candidate.source != "means":
        return None
    computed = [spread for spread in spreads_of(candidate) if spread != "standard deviations"]
    return ", ".join(computed) or None
