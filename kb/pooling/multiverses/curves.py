"""What the specifications of one measure say together, and which choice matters most."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from kb.pooling.analysing.engine import number, readers_scale
from kb.synthesis.effects import Effects
from kb.synthesis.measures import Measure
from kb.synthesis.sensitivity.multiverse import Specification

Made = tuple[Specification, Sequence[Mapping[str, str]]]
"""A specification with the decisions that lead to it, by every way that does."""


@dataclass(frozen=True)
class Decided:
    """The specifications in which one choice was decided one way.

    Attributes:
        decision: in words.
        specifications: how many there are.
        excluding: how many of their intervals exclude no effect; None for a measure without it.
        median: of the estimates, on the scale of analysis, in those combinations of the other
            choices that exist for every decision of this one; None, for all decisions of a
            choice, where there are none.
    """

    decision: str
    specifications: int
    excluding: int | None
    median: float | None


@dataclass(frozen=True)
class Choice:
    """A choice, and what the results are by its decisions."""

    name: str
    decisions: tuple[Decided, ...]

    @property
    def ends(self) -> tuple[Decided, Decided]:
        """The decisions of the least and of the largest median."""
        ordered = sorted(self.decisions, key=lambda each: each.median or 0.0)
        return ordered[0], ordered[-1]

    @property
    def change(self) -> float:
        """The largest difference between the medians, on the scale of analysis."""
        least, largest = self.ends
        return (largest.median or 0.0) - (least.median or 0.0)


@dataclass(frozen=True)
class Curve:
    """The specifications of one measure, the least estimate first, and the choices behind them.

    `effects` are those of one of its selections; they lead back to the reader's scale.
    """

    effects: Effects
    specifications: tuple[Specification, ...]
    choices: tuple[Choice, ...]

    @property
    def measure(self) -> Measure:
        """What is estimated."""
        return self.effects.measure

    @property
    def spread(self) -> tuple[float, float, float]:
        """The least, the median and the largest estimate, on the scale of analysis."""
        estimates = [one.estimate.estimate for one in self.specifications]
        return min(estimates), median(estimates), max(estimates)

    @property
    def excluding(self) -> int | None:
        """How many intervals exclude no effect; None for a measure without such a value."""
        return _excluding(self.measure, self.specifications)

    @property
    def decisive(self) -> Choice | None:
        """The choice that moves the median estimate most; None where none moves it."""
        most = max(self.choices, key=lambda choice: choice.change, default=None)
        return most if most and most.change > _SAME * self._scale() else None

    def _scale(self) -> float:
        return max(one.estimate.se for one in self.specifications)

    def back(self, *values: float | None) -> tuple[float | None, ...]:
        """Return values of the scale of analysis on the reader's."""
        return readers_scale(self.effects, *values)

    def as_dict(self) -> dict[str, Any]:
        """Return the curve as plain data; estimates on both scales."""
        names = ("low", "median", "high")
        decisive = self.decisive
        return {
            "measure": self.measure.code,
            "specifications": len(self.specifications),
            "excluding_null": self.excluding,
            "estimates": dict(zip(names, map(number, self.spread), strict=True)),
            "back": dict(zip(names, self.back(*self.spread), strict=True)),
            "matters_most": decisive.name if decisive else None,
            "choices": [self._choice(choice) for choice in self.choices],
        }

    def _choice(self, choice: Choice) -> dict[str, Any]:
        return {
            "choice": choice.name,
            "change": number(choice.change),
            "decisions": [
                {
                    "decision": each.decision,
                    "specifications": each.specifications,
                    "excluding_null": each.excluding,
                    "median": number(each.median),
                    "back": self.back(each.median)[0],
                }
                for each in choice.decisions
            ],
        }


_SAME = 0.01
"""Medians that differ by less than this share of a standard error do not differ."""


def excludes_null(measure: Measure, one: Specification) -> bool | None:
    """Return whether the interval excludes no effect; None for a measure without such a value."""
    if measure.null is None:
        return None
    return not one.estimate.ci_low <= measure.null <= one.estimate.ci_high


def curve_of(
    effects: Effects, specifications: tuple[Specification, ...], made: Sequence[Made]
) -> Curve:
    """Return the curve of specifications, and their choices in the order of `made`."""
    names = dict.fromkeys(name for _, ways in made for way in ways for name in way)
    choices = (_choice(name, effects.measure, made) for name in names)
    told = tuple(choice for choice in choices if len(choice.decisions) > 1)
    return Curve(effects, specifications, told)


def _choice(name: str, measure: Measure, made: Sequence[Made]) -> Choice:
    by_decision: dict[str, dict[int, Specification]] = defaultdict(dict)
    by_others: dict[tuple[tuple[str, str], ...], dict[str, int]] = defaultdict(dict)
    for place, (one, ways) in enumerate(made):
        for way in ways:
            if name in way:
                others = tuple(item for item in way.items() if item[0] != name)
                by_decision[way[name]][place] = one
                by_others[others][way[name]] = place
    complete = {
        tuple(row[decision] for decision in by_decision)
        for row in by_others.values()
        if len(row) == len(by_decision)
    }
    compared = zip(*complete, strict=True) if complete else ((),) * len(by_decision)
    return Choice(
        name,
        tuple(
            Decided(
                decision,
                len(ones),
                _excluding(measure, ones.values()),
                median(made[place][0].estimate.estimate for place in places) if places else None,
            )
            for (decision, ones), places in zip(by_decision.items(), compared, strict=True)
        ),
    )


def _excluding(measure: Measure, ones: Iterable[Specification]) -> int | None:
    if measure.null is None:
        return None
    return sum(bool(excludes_null(measure, one)) for one in ones)
