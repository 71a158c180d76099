"""Measures of effect: their names, the value of no effect, and the way back to a reader's scale.

The codes are those of metafor's `escalc`. An analysis runs on the scale of `yi` (a log odds ratio,
say); `Measure.back` turns its results into what a reader knows (an odds ratio).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadOption


def _same(value: Array) -> Array:
    return value


def _expit(value: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-value)))


def _squared_sine(value: Array) -> Array:
    """Turn an arcsine-transformed proportion back, holding to the angles that can occur."""
    return np.asarray(np.sin(np.clip(value, 0, np.pi / 2)) ** 2)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of effect.

    `null` is no effect on the scale of analysis, None where the measure has no such value
    (a proportion). `back` turns a value of that scale into `reported`, what a reader is shown.
    """

    code: str
    name: str
    reported: str
    null: float | None = 0.0
    back: Callable[[Array], Array] = _same

    @property
    def is_ratio(self) -> bool:
        """Whether the measure is analysed as a logarithm and reported as a ratio."""
        return self.back is np.exp


_MEASURES = (
    Measure("GEN", "effect", "effect"),
    Measure("OR", "log odds ratio", "odds ratio", back=np.exp),
    Measure("RR", "log risk ratio", "risk ratio", back=np.exp),
    Measure("RD", "risk difference", "risk difference"),
    Measure("PETO", "log odds ratio (Peto)", "odds ratio (Peto)", back=np.exp),
    Measure("AS", "arcsine difference", "arcsine difference"),
    Measure("IRR", "log incidence rate ratio", "incidence rate ratio", back=np.exp),
    Measure("IRD", "incidence rate difference", "incidence rate difference"),
    Measure("HR", "log hazard ratio", "hazard ratio", back=np.exp),
    Measure("MD", "mean difference", "mean difference"),
    Measure("SMD", "standardised mean difference", "standardised mean difference"),
    Measure(
        "SMDH",
        "standardised mean difference, unequal variances",
        "standardised mean difference, unequal variances",
    ),
    Measure("ROM", "log ratio of means", "ratio of means", back=np.exp),
    Measure("MC", "mean change", "mean change"),
    Measure(
        "SMCC",
        "standardised mean change, by the SD of change",
        "standardised mean change, by the SD of change",
    ),
    Measure(
        "SMCR",
        "standardised mean change, by the SD at the start",
        "standardised mean change, by the SD at the start",
    ),
    Measure("PR", "proportion", "proportion", null=None),
    Measure("PLO", "logit of the proportion", "proportion", null=None, back=_expit),
    Measure("PAS", "arcsine of the proportion", "proportion", null=None, back=_squared_sine),
    Measure(
        "PFT",
        "double arcsine of the proportion",
        "double arcsine of the proportion",
        null=None,
    ),
    Measure("ZCOR", "Fisher's z of the correlation", "correlation", back=np.tanh),
)

MEASURES = {measure.code: measure for measure in _MEASURES}


def measure_of(code: str) -> Measure:
    """Return the measure of this code; raise BadOption with the codes that exist."""
    try:
        return MEASURES[code.upper()]
    except KeyError:
        raise BadOption(
            f"There is no measure {code!r}. The measures are {', '.join(MEASURES)}."
        ) from None
