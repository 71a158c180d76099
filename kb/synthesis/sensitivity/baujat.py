"""The plot of Baujat: each study's part in the heterogeneity against its influence on the mean.

Baujat B, Mahé C, Pignon J-P, Hill C. A graphical method for exploring heterogeneity in
meta-analyses: application to a meta-analysis of 65 trials. Stat Med 2002;21:2641-2652.
"""

from dataclasses import dataclass, replace

from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.options import COMMON_EFFECT, METHODS
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.leave_one_out import without_each
from kb.synthesis.words import said


@dataclass(frozen=True, slots=True)
class BaujatPoint:
    """One study: its part in the heterogeneity (x) and its influence on the mean (y)."""

    label: str
    heterogeneity: float
    influence: float


@dataclass(frozen=True, slots=True, eq=False)
class Baujat:
    """The points of the plot, in the order of the studies."""

    effects: Effects
    method: str
    points: tuple[BaujatPoint, ...]

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.effects.k

    @property
    def x_name(self) -> str:
        """What x is, in the field's words."""
        if self.method == COMMON_EFFECT:
            return "contribution to Q"
        return "squared Pearson residual"

    def summary(self) -> str:
        """Return which studies stand out, in plain sentences."""
        total = sum(point.heterogeneity for point in self.points)
        apart = max(self.points, key=lambda point: point.heterogeneity)
        share = f" ({apart.heterogeneity / total:.0%} of the sum)" if total > 0 else ""
        moving = max(self.points, key=lambda point: point.influence)
        lines = [
            f"Baujat's plot, {self.k} studies, {METHODS[self.method]}",
            f"largest {self.x_name}: {apart.label}, {apart.heterogeneity:.3g}{share}",
            f"largest influence on the mean: {moving.label}, {moving.influence:.3g}",
            *said(self.effects.left_out),
        ]
        return "\n".join(lines)


def baujat(effects: Effects, *, method: str = "EE") -> Baujat:
    """Return the points of at least two studies; with one raise TooFewStudies.

    x is (y - m)² / (v + tau²), in the common-effect model (the original) the study's part in Q. y
    is (m - m(i))² / se(i)², with m(i) and se(i) the mean and its standard error without the study.
    """
    if effects.k < 2:
        raise TooFewStudies("Baujat's plot", needed=2, found=effects.k)
    centred = replace(effects, yi=effects.yi - effects.yi.mean())
    without, full = without_each(centred, method=method), pool(centred, method=method)
    mean, tau2 = full.estimate.estimate, full.heterogeneity.tau2
    x = (centred.yi - mean) ** 2 / (effects.vi + tau2)
    y = ((without.estimate - mean) / without.se) ** 2
    points = map(BaujatPoint, effects.labels, x.tolist(), y.tolist())
    return Baujat(effects, full.method, tuple(points))
