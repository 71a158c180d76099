"""A relative effect as a difference of risk, for a risk without the intervention that is stated.

Odds ratio: Cochrane Handbook 5.1, 12.5.4.3. The hazard ratio takes the hazards to be proportional
and the risk to be that by one point in time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PER = 1000
"""Risks are told as so many of a thousand people."""


def _by_odds(risk: float, ratio: float) -> float:
    odds = risk * ratio
    return odds / (1 - risk + odds)


def _by_hazard(risk: float, ratio: float) -> float:
    return 1 - float((1 - risk) ** ratio)


def _by_risk(risk: float, ratio: float) -> float:
    return risk * ratio


def _by_difference(risk: float, difference: float) -> float:
    return risk + difference


@dataclass(frozen=True)
class Formula:
    """How a risk with the intervention follows from that without it, b, and the effect."""

    words: str
    compute: Callable[[float, float], float]


FORMULAE: Mapping[str, Formula] = {
    "OR": Formula("b × OR / (1 - b + b × OR)", _by_odds),
    "PETO": Formula("b × OR / (1 - b + b × OR), with Peto's odds ratio as OR", _by_odds),
    "RR": Formula("b × RR", _by_risk),
    "RD": Formula("b + RD", _by_difference),
    "HR": Formula("1 - (1 - b)^HR, which takes the hazards to be proportional", _by_hazard),
}
"""The measures that have an absolute effect, by metafor's codes."""


@dataclass(frozen=True)
class AbsoluteEffect:
    """What a pooled effect means for a thousand people; all numbers are per 1,000.

    Attributes:
        source: whose risk it is, in words: stated in the question, or that of the control arms.
        event: which event it is of: the unwanted one, or the wanted one, as far as that is known.
        control: the risk without the intervention.
        intervention, low, high: the risk with it, and the limits of its interval.
        formula: how it was computed.
        is_held: whether the formula went beyond 0 or 1,000, where the risk is held.
    """

    source: str
    event: str
    control: float
    intervention: float
    low: float
    high: float
    formula: str
    is_held: bool

    @property
    def differences(self) -> tuple[float, float, float]:
        """How many more have the event with the intervention, and the limits; fewer below 0."""
        return (
            self.intervention - self.control,
            self.low - self.control,
            self.high - self.control,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        difference, low, high = self.differences
        return {
            "source": self.source,
            "event": self.event,
            "control_per_1000": self.control,
            "intervention_per_1000": self.intervention,
            "ci_low_per_1000": self.low,
            "ci_high_per_1000": self.high,
            "difference_per_1000": difference,
            "difference_ci_low": low,
            "difference_ci_high": high,
            "formula": self.formula,
            "held_within_0_and_1000": self.is_held,
        }


def event_of(favours: str) -> str:
    """Return which event a ratio is of, from which side of no effect favours the intervention."""
    if not favours:
        return "the event counted"
    return "the unwanted event" if favours.startswith("below") else "the wanted event"


def absolute_effect(
    measure: str, effect: tuple[float, float, float], risk: float, source: str, event: str
) -> AbsoluteEffect:
    """Return the absolute effect of an estimate with its limits, as its readers know them.

    `measure` is of FORMULAE, and `risk` is a share from 0 to 1.
    """
    formula = FORMULAE[measure]
    computed = [formula.compute(risk, value) for value in effect]
    held = [min(max(value, 0.0), 1.0) for value in computed]
    estimate, low, high = (PER * value for value in held)
    return AbsoluteEffect(
        source, event, PER * risk, estimate, low, high, formula.words, is_held=held != computed
    )
