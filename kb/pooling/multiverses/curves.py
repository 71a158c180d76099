"""What the specifications of one measure say together, and which choice matters most."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Any

from kb.pooling.analysing.engine import number, readers_scale
from kb.synthesis.effects import Effects
from kb.synthesis.measures import Measure
from kb.synthesis.sensitivity.multiverse import Specification


@dataclass(frozen=True)
class Made:
    """A specification, its trials, and the decisions that lead to it, by every way that does."""

    specification: Specification
    trials: frozenset[str]
    ways: Sequence[Mapping[str, str]]

    @property
    def estimate(self) -> float:
        """The pooled effect, on the scale of analysis."""
        return self.specification.estimate.estimate


@dataclass(frozen=True)
class Change:
    """What it does to decide otherwise where all other choices stay the same.

    Attributes:
        before, after: the two decisions, in words.
        pairs: the specifications before and after, on the scale of analysis, each pair of them
            once; one and the same specification where both decisions lead to it.
        trials: the numbers of trials before and after in the pairs whose trials differ.
    """

    before: str
    after: str
    pairs: tuple[tuple[float, float], ...]
    trials: tuple[tuple[int, int], ...]

    @property
    def median(self) -> float:
        """The median change of the estimate over the pairs."""
        return median(after - before for before, after in self.pairs)

    @property
    def largest(self) -> tuple[float, float]:
        """The pair that changes most."""
        return max(self.pairs, key=lambda pair: abs(pair[1] - pair[0]))


@dataclass(frozen=True)
class Decided:
    """The specifications in which one choice was decided one way.

    Attributes:
        decision: in words.
        specifications: how many there are.
        excluding: how many of their intervals exclude no effect; None for a measure without it.
        change: against the first decision of the choice; None for that one, and where no two
            specifications differ in this choice alone.
    """

    decision: str
    specifications: int
    excluding: int | None
    change: Change | None


@dataclass(frozen=True)
class Choice:
    """A choice, what the results are by its decisions, and what changes between any two of them."""

    name: str
    decisions: tuple[Decided, ...]
    changes: tuple[Change, ...]

    @property
    def most(self) -> Change | None:
        """The change of the largest median; None where there are no pairs."""
        return max(self.changes, key=lambda change: abs(change.median), default=None)

    @property
    def change(self) -> float:
        """How large that median is, on the scale of analysis."""
        return abs(self.most.median) if self.most else 0.0


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
        """The choice of the largest median change; None where none changes the estimate."""
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
                    "against_first": self._change(each.change) if each.change else None,
                }
                for each in choice.decisions
            ],
        }

    def _change(self, change: Change) -> dict[str, Any]:
        names = ("before", "after")
        return {
            "pairs": len(change.pairs),
            "median_change": number(change.median),
            "largest": dict(zip(names, map(number, change.largest), strict=True)),
            "back": dict(zip(names, self.back(*change.largest), strict=True)),
            "pairs_of_other_trials": len(change.trials),
        }


_SAME = 0.01
"""Estimates that differ by less than this share of a standard error do not differ."""


def excludes_null(measure: Measure, one: Specification) -> bool | None:
    """Return whether the interval excludes no effect; None for a measure without such a value."""
    if measure.null is None:
        return None
    return not one.estimate.ci_low <= measure.null <= one.estimate.ci_high


def curve_of(
    effects: Effects, specifications: tuple[Specification, ...], made: Sequence[Made]
) -> Curve:
    """Return the curve of specifications, and their choices in the order of `made`."""
    names = dict.fromkeys(name for each in made for way in each.ways for name in way)
    choices = (_choice(name, effects.measure, made) for name in names)
    told = tuple(choice for choice in choices if len(choice.decisions) > 1)
    return Curve(effects, specifications, told)


def _choice(name: str, measure: Measure, made: Sequence[Made]) -> Choice:
    by_decision: dict[str, dict[int, Specification]] = defaultdict(dict)
    by_others: dict[frozenset[tuple[str, str]], dict[str, int]] = defaultdict(dict)
    for place, each in enumerate(made):
        for way in each.ways:
            if name in way:
                others = frozenset(item for item in way.items() if item[0] != name)
                by_decision[way[name]][place] = each.specification
                by_others[others][way[name]] = place
    changes = {
        pair: change
        for pair in combinations(by_decision, 2)
        if (change := _change(*pair, by_others.values(), made))
    }
    first = next(iter(by_decision))
    decisions = tuple(
        Decided(
            decision,
            len(ones),
            _excluding(measure, ones.values()),
            changes.get((first, decision)),
        )
        for decision, ones in by_decision.items()
    )
    return Choice(name, decisions, tuple(changes.values()))


def _change(
    before: str, after: str, rows: Iterable[Mapping[str, int]], made: Sequence[Made]
) -> Change | None:
    """Return what changes between the rows' specifications by two decisions, if any has both."""
    both = (row for row in rows if before in row and after in row)
    places = dict.fromkeys((row[before], row[after]) for row in both)
    pairs = [(made[first], made[second]) for first, second in places]
    if not pairs:
        return None
    return Change(
        before,
        after,
        tuple((first.estimate, second.estimate) for first, second in pairs),
        tuple(
            (len(first.trials), len(second.trials))
            for first, second in pairs
            if first.trials != second.trials
        ),
    )


def _excluding(measure: Measure, ones: Iterable[Specification]) -> int | None:
    if measure.null is None:
        return None
    return sum(bool(excludes_null(measure, one)) for one in ones)
