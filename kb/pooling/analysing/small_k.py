"""The panel for few studies: four intervals side by side, since none is right for all of them.

Wald's interval takes tau² for known; Hartung and Knapp's does not, but can be very wide or, where
effects happen to agree, too narrow; its safeguarded form is never narrower than Wald's (Knapp G,
Hartung J. Stat Med 2003;22:2693-2710). The Bayesian one leans on a weakly informative prior
(Röver C et al. Res Synth Methods 2021;12:448-474).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kb.pooling.analysing.engine import Triple, number, triple
from kb.pooling.analysing.units import Units
from kb.pooling.evidence import Entry
from kb.pooling.options import COUNT_METHODS, PoolOptions
from kb.synthesis.bayes import bayes, half_normal
from kb.synthesis.options import COMMON_EFFECT
from kb.synthesis.pooling import pool

FEW = 5
"""Up to so many studies the panel is shown."""

PRIOR = 0.5
"""The scale of the half-normal prior of tau, on the scale of a log ratio or of one SD."""

_TESTS = {
    "z": (
        "Wald",
        "Believe it if tau² is known well, which few studies hardly allow: it is often too narrow.",
    ),
    "knha": (
        "Hartung-Knapp",
        (
            "Believe it if the studies are of similar size; two or three often make it very wide, "
            "and effects that happen to agree too narrow."
        ),
    ),
    "adhoc": (
        "Hartung-Knapp, safeguarded",
        "Believe it where Hartung-Knapp comes out narrower than Wald; this one never does.",
    ),
}

_STANDARDISED = {"SMD", "SMDH", "SMCC", "SMCR"}


@dataclass(frozen=True)
class PanelRow:
    """One interval of the panel, on the scale of analysis.

    `back` are estimate and limits on the reader's scale; `when` says when to believe it.
    """

    name: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    back: Triple
    when: str

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {
            "name": self.name,
            "estimate": self.estimate,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "back": dict(zip(("estimate", "ci_low", "ci_high"), self.back, strict=True)),
            "when": self.when,
        }


def panel_of(
    units: Units, entries: tuple[Entry, ...], options: PoolOptions
) -> tuple[tuple[PanelRow, ...], tuple[str, ...]]:
    """Return the panel for two to five effects pooled by inverse variance, and notes on it."""
    if options.method in COUNT_METHODS or not 2 <= units.k <= FEW:
        return (), ()
    notes = []
    method = options.method
    if method == COMMON_EFFECT:
        method = "REML"
        notes.append("The panel for few studies is of the random-effects model, by REML.")
    rows = [_row_by(test, units, method, options) for test in _TESTS]
    scale, basis = _prior_scale(units, entries)
    if scale is None:
        notes.append(f"The panel has no Bayesian interval: {basis}.")
    else:
        rows.append(_bayesian(units, scale, basis, options))
    return tuple(rows), tuple(notes)


def _row_by(test: str, units: Units, method: str, options: PoolOptions) -> PanelRow:
    pooled = pool(units.effects, method=method, test=test, level=options.share).estimate
    name, when = _TESTS[test]
    return _row(name, units, (pooled.estimate, pooled.ci_low, pooled.ci_high), when)


def _bayesian(units: Units, scale: float, basis: str, options: PoolOptions) -> PanelRow:
    mu = bayes(units.effects, tau_prior=half_normal(scale), level=options.share)
    when = (
        f"Believe it if a tau above {2 * scale:.3g} is improbable to you: the prior is half-normal "
        f"with scale {scale:.3g}{basis}, and with so few studies it counts."
    )
    middle = mu.mu.median
    return _row("Bayesian", units, (middle, mu.mu.low, mu.mu.high), when)


def _row(name: str, units: Units, numbers: tuple[float, float, float], when: str) -> PanelRow:
    estimate, low, high = (number(value) for value in numbers)
    return PanelRow(name, estimate, low, high, triple(units.effects, *numbers), when)


def _prior_scale(units: Units, entries: tuple[Entry, ...]) -> tuple[float | None, str]:
    """Return the scale of the prior and where it comes from, or None and why there is none."""
    measure = units.effects.measure
    if measure.is_ratio or measure.code in _STANDARDISED:
        return PRIOR, ""
    if measure.code not in {"MD", "MC"}:
        return None, f"there is no usual prior of tau for the {measure.reported}"
    spreads = [_sd(entry) for entry in entries]
    known = [sd for sd in spreads if sd is not None]
    if not known:
        return None, "its prior needs the sizes of the arms"
    return PRIOR * float(np.median(known)), ", half of the studies' standard deviation"


def _sd(entry: Entry) -> float | None:
    """Return the standard deviation that a mean's variance and the sizes of the arms imply."""
    treated, control = entry.n
    if not treated:
        return None
    return float(np.sqrt(entry.vi / (1 / treated + (1 / control if control else 0))))
