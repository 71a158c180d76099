"""What is implausible in the numbers of a file, each by a rule with a name.

A row that the tables cannot hold, such as one with more events than participants, is refused; what
may be true and is likely to be a slip is taken and warned of.
"""

import math
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import median
from typing import Any, TypeVar

from kb.exchange.drafts import (
    ArmDraft,
    ArmResultDraft,
    ContrastDraft,
    Fate,
    MeasurementDraft,
    Note,
    StudyDraft,
)

LARGE_EFFECT = 3.0
"""Standardised mean differences beyond this are rare enough to be looked at."""

ASYMMETRY = 0.25
"""How much the longer side of an interval may exceed the shorter, beyond rounding."""

FEWEST_FOR_SPREAD = 5
"""Arms of an instrument that must be there before one of them is held against the others."""

_RATIOS = {"HR", "OR", "RR"}
_STANDARDISED = {"SMD", "d", "ES"}
_DIFFERENCES = {"MD", "SMD", "RD", "HR", "OR", "RR"}
_FINITE = ("n", "events", "mean", "sd", "se", "median", "estimate", "ci_low", "ci_high", "p")
_NOT_NEGATIVE = ("n", "events", "sd", "se")
_COUNTS = ("n", "events")
_OF_PARTS = ("enrolled", "randomised", "sessions")
MOST_COUNTED = 2_000_000_000
"""What the tables hold of counts is little more than this."""
MOST_MONTHS = 1_200

_Part = TypeVar("_Part", StudyDraft, ArmDraft)

Result = ArmResultDraft | ContrastDraft
Found = Iterator[tuple[int, str, str]]
"""Rows with the field that is doubtful and what is said of it."""


def implausible(study: StudyDraft) -> Iterator[Note]:
    """Yield a note for everything in a study that its own numbers show to be doubtful."""
    for measurement in study.measurements:
        refused = [
            Note(row, name, Fate.REFUSED, rule, f"{study.name}: {message}")
            for rule, find in REFUSED
            for row, name, message in find(measurement)
        ]
        yield from refused
        kept = _without(measurement, {note.row for note in refused}) if refused else measurement
        for rule, find in WARNED:
            for row, name, message in find(kept):
                yield Note(row, name, Fate.WARNED, rule, f"{study.name}: {message}")
        for row, name, message in numbers_do_not_add_up(study, kept):
            yield Note(row, name, Fate.WARNED, "numbers do not add up", f"{study.name}: {message}")


def countable(study: StudyDraft) -> tuple[StudyDraft, list[Note]]:
    """Return a study without numbers of people and sessions that no table holds, and warnings."""
    notes: list[Note] = []

    def fit(part: _Part) -> _Part:
        wrong: dict[str, Any] = {
            name: None for name in _OF_PARTS if _is_uncounted(getattr(part, name, None))
        }
        for name in wrong:
            message = f"{study.name}: {name} is {getattr(part, name):g}; it was left out"
            notes.append(Note(part.row, name, Fate.WARNED, "number out of range", message))
        return replace(part, **wrong) if wrong else part

    arms, whole = [fit(arm) for arm in study.arms], fit(study)
    return replace(whole, arms=arms) if notes else study, notes


def number_out_of_range(measurement: MeasurementDraft) -> Found:
    """Find numbers that are infinite, negative counts or spreads, and p outside 0 to 1."""
    for result in _results(measurement):
        for name in _FINITE:
            value = getattr(result, name, None)
            if value is None:
                continue
            if not math.isfinite(value):
                yield result.row, name, f"{name} is not a finite number"
            elif value < 0 and name in _NOT_NEGATIVE:
                yield result.row, name, f"{name} is {value:g}, and cannot be negative"
            elif name in _COUNTS and _is_uncounted(value):
                yield result.row, name, f"{name} is {value:g}, more than there are people"
            elif name == "p" and not 0 <= value <= 1:
                yield result.row, name, f"p is {value:g}, and must be from 0 to 1"
    if measurement.months is not None and not 0 <= measurement.months <= MOST_MONTHS:
        rows = {measurement.row, *(result.row for result in _results(measurement))}
        for row in sorted(rows):
            yield row, "months", f"the time is {measurement.months:g} months"


def events_above_n(measurement: MeasurementDraft) -> Found:
    """Find arms with more events than participants."""
    for result in measurement.arm_results:
        if result.events is not None and result.n is not None and result.events > result.n:
            yield result.row, "events", f"{result.events} events among {result.n} in {result.arm}"


def limits_swapped(measurement: MeasurementDraft) -> Found:
    """Find intervals whose lower limit is above the upper."""
    for result in _results(measurement):
        low, high = result.ci_low, result.ci_high
        if low is not None and high is not None and low > high:
            yield result.row, "ci_low", f"the interval goes from {low:g} down to {high:g}"


def ratio_not_positive(measurement: MeasurementDraft) -> Found:
    """Find ratios that are zero or negative."""
    for result in measurement.contrasts:
        if result.statistic in _RATIOS and result.estimate is not None and result.estimate <= 0:
            yield result.row, "estimate", f"{result.statistic} is {result.estimate:g}"


def large_effect(measurement: MeasurementDraft) -> Found:
    """Find standardised mean differences beyond 3."""
    for one, other in _pairs(measurement):
        size = _standardised(one, other)
        if size is not None and abs(size) > LARGE_EFFECT:
            yield (
                max(one.row, other.row),
                "mean",
                (f"{one.arm} and {other.arm} differ by {abs(size):.1f} standard deviations"),
            )
    for result in measurement.contrasts:
        size = result.estimate
        if result.statistic in _STANDARDISED and size is not None and abs(size) > LARGE_EFFECT:
            yield result.row, "estimate", f"{result.statistic} is {size:.2f}"


def sd_of_zero(measurement: MeasurementDraft) -> Found:
    """Find standard deviations of 0, as if all participants of an arm had scored the same."""
    for result in measurement.arm_results:
        if result.sd == 0:
            of = f" of all {result.n}" if result.n else ""
            yield result.row, "sd", f"{result.arm}: sd is 0, as if the values{of} were the same"


def se_as_sd_beside_se(measurement: MeasurementDraft) -> Found:
    """Find standard errors that do not fit the standard deviation and n beside them."""
    for result in measurement.arm_results:
        if not (result.sd and result.se and result.n):
            continue
        expected = result.sd / math.sqrt(result.n)
        if not 0.8 * expected <= result.se <= 1.25 * expected:
            yield (
                result.row,
                "se",
                (
                    f"{result.arm}: sd {result.sd:g} with n {result.n} gives se {expected:.3g}, "
                    f"the file has {result.se:g}"
                ),
            )


def se_as_sd_beside_arm(measurement: MeasurementDraft) -> Found:
    """Find arms whose spread is that of the other arm divided by the root of n."""
    for one, other in _pairs(measurement):
        for small, large in ((one, other), (other, one)):
            if _looks_like_se(small.sd, small.n, large.sd):
                yield (
                    small.row,
                    "sd",
                    (
                        f"{small.arm}: sd {small.sd:g} is that of {large.arm} ({large.sd:g}) "
                        f"divided by the root of n ({small.n}), as a standard error is"
                    ),
                )


def estimate_outside_interval(measurement: MeasurementDraft) -> Found:
    """Find intervals that do not contain their estimate."""
    for result, estimate, low, high in _intervals(measurement):
        if not low <= estimate <= high:
            yield result.row, "ci_low", f"{estimate:g} lies outside of {low:g} to {high:g}"


def asymmetric_interval(measurement: MeasurementDraft) -> Found:
    """Find intervals that are longer on one side, on the scale on which they should be even."""
    for result, estimate, low, high in _intervals(measurement):
        if not low <= estimate <= high:
            continue
        ratio = getattr(result, "statistic", "") in _RATIOS
        if ratio and low <= 0:
            continue
        rounding = 10.0 ** -max(map(_decimals, (estimate, low, high)))
        below, above, slack = estimate - low, high - estimate, rounding
        if ratio:
            below, above = math.log(estimate / low), math.log(high / estimate)
            slack = rounding / low
        shorter, longer = sorted((below, above))
        if longer > shorter * (1 + ASYMMETRY) + 2 * slack:
            scale = " on the log scale" if ratio else ""
            yield (
                result.row,
                "ci_high",
                (f"{estimate:g} is not in the middle of {low:g} to {high:g}{scale}"),
            )


def numbers_do_not_add_up(study: StudyDraft, measurement: MeasurementDraft) -> Found:
    """Find more participants analysed than randomised, and contrasts with another n than arms."""
    randomised = {arm.name: arm.randomised for arm in study.arms}
    for result in measurement.arm_results:
        most = randomised.get(result.arm)
        if result.n is not None and most is not None and result.n > most:
            yield result.row, "n", f"{result.n} analysed in {result.arm}, {most} randomised"
        elif result.n is not None and study.randomised and result.n > study.randomised:
            yield (
                result.row,
                "n",
                (f"{result.n} analysed in {result.arm}, {study.randomised} randomised in all"),
            )
    by_arm = {result.arm: result.n for result in measurement.arm_results if not result.population}
    for contrast in measurement.contrasts:
        sizes = [by_arm.get(name) for name in (contrast.arm, contrast.comparator) if name]
        total = sum(n for n in sizes if n is not None)
        whole = len(sizes) == 2 and None not in sizes and not contrast.population
        if whole and contrast.n is not None and contrast.n != total:
            yield contrast.row, "n", f"n is {contrast.n}, the arms have {total} together"


def against_its_arms(measurement: MeasurementDraft) -> Found:
    """Find contrasts that point the other way than the values of their arms."""
    values = {
        result.arm: value
        for result in measurement.arm_results
        if not result.population and (value := _value(result)) is not None
    }
    for contrast in measurement.contrasts:
        if contrast.statistic not in _DIFFERENCES or contrast.estimate is None:
            continue
        one, other = values.get(contrast.arm or ""), values.get(contrast.comparator or "")
        if one is None or other is None or contrast.population or contrast.adjusted:
            continue
        null = 1.0 if contrast.statistic in _RATIOS else 0.0
        if (contrast.estimate - null) * (one - other) < 0:
            yield (
                contrast.row,
                "estimate",
                (
                    f"{contrast.statistic} {contrast.estimate:g} points the other way than "
                    f"{one:g} in {contrast.arm} and {other:g} in {contrast.comparator}"
                ),
            )


Rule = Callable[[MeasurementDraft], Found]

REFUSED: tuple[tuple[str, Rule], ...] = (
    ("number out of range", number_out_of_range),
    ("more events than participants", events_above_n),
    ("interval upside down", limits_swapped),
    ("ratio not above 0", ratio_not_positive),
)
"""The rules that look at one measurement, and after which a row is not taken."""

WARNED: tuple[tuple[str, Rule], ...] = (
    ("effect beyond 3 SD", large_effect),
    ("SD of 0", sd_of_zero),
    ("SE and SD do not fit", se_as_sd_beside_se),
    ("SE entered as SD?", se_as_sd_beside_arm),
    ("interval without its estimate", estimate_outside_interval),
    ("interval not symmetric", asymmetric_interval),
    ("contrast against its arms", against_its_arms),
)
"""The rules that look at what is left of a measurement, and warn."""


@dataclass
class Spreads:
    """The means and deviations of a file by instrument, to find standard errors among them."""

    _mean: dict[str, "array[float]"] = field(default_factory=dict)
    _sd: dict[str, "array[float]"] = field(default_factory=dict)
    _n: dict[str, "array[float]"] = field(default_factory=dict)
    _row: dict[str, "array[int]"] = field(default_factory=dict)

    def add(self, study: StudyDraft) -> None:
        """Take in the arms of a study."""
        for measurement in study.measurements:
            name = " ".join(filter(None, (measurement.instrument, measurement.instrument_detail)))
            for result in measurement.arm_results:
                mean, sd, n = result.mean, result.sd, result.n
                if name and mean is not None and sd and n and math.isfinite(mean + sd):
                    self._mean.setdefault(name, array("d")).append(mean)
                    self._sd.setdefault(name, array("d")).append(sd)
                    self._n.setdefault(name, array("d")).append(n)
                    self._row.setdefault(name, array("l")).append(result.row)

    def notes(self) -> Iterator[Note]:
        """Yield a warning for each that is the usual one divided by the root of n.

        Where the mean is as much smaller than the usual one, the instrument was scored another way.
        """
        for name, deviations in self._sd.items():
            if len(deviations) <= FEWEST_FOR_SPREAD:
                continue
            usual, mean = median(deviations), median(map(abs, self._mean[name]))
            arms = zip(self._mean[name], deviations, self._n[name], self._row[name], strict=True)
            for own, sd, n, row in arms:
                if _looks_like_se(sd, n, usual) and abs(own) > mean / 2:
                    message = (
                        f"sd {sd:g} of {name} is the usual one of this file ({usual:.3g}) "
                        f"divided by the root of n ({n:g}), as a standard error is"
                    )
                    yield Note(row, "sd", Fate.WARNED, "SE entered as SD?", message)


def against_the_vocabulary(
    measurement: MeasurementDraft, *, better: str | None, name: str
) -> Note | None:
    """Return a warning where the file says another end is better than the vocabulary does."""
    if measurement.favours_low is None or better not in {"higher", "lower"}:
        return None
    said = "lower" if measurement.favours_low else "higher"
    if said == better:
        return None
    message = f"the file takes {said} values of {name} for better, this base {better} ones"
    return Note(measurement.row, "direction", Fate.WARNED, "direction against the text", message)


def _is_uncounted(number: float | None) -> bool:
    return number is not None and not 0 <= number <= MOST_COUNTED


def _without(measurement: MeasurementDraft, rows: set[int]) -> MeasurementDraft:
    """Return a measurement without the results of some rows."""
    return replace(
        measurement,
        arm_results=[result for result in measurement.arm_results if result.row not in rows],
        contrasts=[result for result in measurement.contrasts if result.row not in rows],
    )


def _results(measurement: MeasurementDraft) -> list[Result]:
    return [*measurement.arm_results, *measurement.contrasts]


def _pairs(
    measurement: MeasurementDraft,
) -> Iterator[tuple[ArmResultDraft, ArmResultDraft]]:
    """Yield the results of two arms that can be compared."""
    for one, other in combinations(measurement.arm_results, 2):
        if one.arm != other.arm and one.population == other.population:
            yield one, other


def _standardised(one: ArmResultDraft, other: ArmResultDraft) -> float | None:
    """Return the difference of two means in standard deviations pooled over the arms."""
    numbers: list[Any] = [one.mean, one.sd, one.n, other.mean, other.sd, other.n]
    if any(number is None or not math.isfinite(number) for number in numbers):
        return None
    mean1, sd1, n1, mean2, sd2, n2 = numbers
    if n1 < 1 or n2 < 1 or n1 + n2 <= 2:
        return None
    pooled = math.sqrt(((n1 - 1) * sd1 * sd1 + (n2 - 1) * sd2 * sd2) / (n1 + n2 - 2))
    return float((mean1 - mean2) / pooled) if pooled > 0 else None


def _looks_like_se(sd: float | None, n: float | None, usual: float | None) -> bool:
    """Return whether a spread is the usual one divided by the root of n, and not near it."""
    if not sd or not usual or n is None or n < 10 or not math.isfinite(sd + usual):
        return False
    return sd < usual / 2.5 and 0.6 <= sd * math.sqrt(n) / usual <= 1.6


def _intervals(
    measurement: MeasurementDraft,
) -> Iterator[tuple[Result, float, float, float]]:
    for result in _results(measurement):
        middle = result.estimate if isinstance(result, ContrastDraft) else result.mean
        if middle is not None and result.ci_low is not None and result.ci_high is not None:
            numbers = middle, result.ci_low, result.ci_high
            ratio = isinstance(result, ContrastDraft) and result.statistic in _RATIOS
            if all(map(math.isfinite, numbers)) and not (ratio and middle <= 0):
                yield result, *numbers


def _value(result: ArmResultDraft) -> float | None:
    if result.mean is not None:
        return result.mean
    return result.events / result.n if result.events is not None and result.n else None


def _decimals(value: float) -> int:
    """Return how many decimals a number was printed with, six at most."""
    _, _, decimals = f"{value:.6f}".rstrip("0").partition(".")
    return len(decimals)
