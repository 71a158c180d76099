"""Outlier and influence diagnostics: what each study does to the pooled effect.

Viechtbauer W, Cheung MW-L. Outlier and influence diagnostics for meta-analysis. Res Synth Methods
2010;1:112-125. Below, m and se are the mean and its standard error, h a study's share of the
weight, and the index (i) means "without study i", with tau² estimated anew.
"""

from dataclasses import dataclass, replace

import numpy as np

from kb.synthesis.distributions import chi2_quantile, two_sided_p
from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.options import METHODS
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.leave_one_out import without_each
from kb.synthesis.words import said

_FEW = 10
_ROUGH = (
    "With fewer than ten studies the cut-offs are rough: any one of so few studies weighs much "
    "and moves tau². Look at the numbers, not at the flags alone."
)


@dataclass(frozen=True, slots=True)
class StudyInfluence:
    """The diagnostics of one study.

    Attributes:
        label: the name of the study.
        hat: its share of the weight, the diagonal of the hat matrix.
        rstudent: the studentised deleted residual.
        dffits: the change of the mean, in standard deviations of its fitted value.
        cooks_distance: the squared change of the mean over its variance.
        covariance_ratio: the variance of the mean without the study over that with it; below 1 the
            mean is more precise without.
        dfbetas: the change of the mean, in its standard errors at the tau² without the study.
        tau2: tau² without the study.
        q: Cochran's Q without the study.
        reasons: the diagnostics by which the study is influential, empty if it is not.
    """

    label: str
    hat: float
    rstudent: float
    dffits: float
    cooks_distance: float
    covariance_ratio: float
    dfbetas: float
    tau2: float
    q: float
    reasons: tuple[str, ...]

    @property
    def weight(self) -> float:
        """The weight in percent."""
        return 100 * self.hat

    @property
    def is_influential(self) -> bool:
        """Whether the study is beyond one of the cut-offs."""
        return bool(self.reasons)

    @property
    def is_outlier(self) -> bool:
        """Whether its residual is beyond the central 95% of the normal."""
        return float(two_sided_p(np.asarray(self.rstudent))) < 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """The diagnostics of all studies, in their order, with the result they are diagnostics of."""

    whole: Pooled
    studies: tuple[StudyInfluence, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.whole.k

    def summary(self) -> str:
        """Return the outliers and the influential studies in plain sentences."""
        outliers = [
            f"{study.label} ({study.rstudent:.2f})" for study in self.studies if study.is_outlier
        ]
        influential = [
            f"influential by {', '.join(study.reasons)}: {study.label}"
            for study in self.studies
            if study.is_influential
        ]
        lines = [
            f"Influence diagnostics, {self.k} studies, {METHODS[self.whole.method]}",
            (
                f"studentised deleted residual beyond 1.96: {', '.join(outliers) or 'no study'}; "
                f"{_by_chance(self.k)} of {self.k} by chance alone."
            ),
            *(influential or ["No study is influential."]),
            *self.notes,
            *said(self.whole.effects.left_out),
        ]
        return "\n".join(lines)


def influence(effects: Effects, *, method: str = "REML") -> Influence:
    """Return the diagnostics of at least three studies; with fewer raise TooFewStudies.

    With v the variance of study i and t the tau² without it:

    - rstudent: (y - m(i)) / sqrt(v + t + se(i)²)
    - dffits: (m - m(i)) / sqrt(h (v + t))
    - Cook's distance: (m - m(i))² / se²
    - covariance ratio: se(i)² / se²
    - dfbetas: (m - m(i)) sqrt(sum over all studies of 1 / (vj + t))

    All by the normal (test z). A study is influential as metafor's `influence` has it: |dffits| >
    3 sqrt(1 / (k - 1)), h > 3 / k, |dfbetas| > 1, or a Cook's distance above the median of
    chi-squared with one degree of freedom.
    """
    k = effects.k
    if k < 3:
        raise TooFewStudies("Influence diagnostics", needed=3, found=k)
    # The mean moves with the effects; near zero its small changes keep their digits.
    centred = replace(effects, yi=effects.yi - effects.yi.mean())
    full, without = pool(centred, method=method), without_each(centred, method=method)
    hat = full.weights / 100
    change = full.estimate.estimate - without.estimate
    variance = effects.vi + without.tau2
    rstudent = (centred.yi - without.estimate) / np.sqrt(variance + without.se**2)
    dffits = change / np.sqrt(hat * variance)
    cooks_distance = (change / full.estimate.se) ** 2
    covariance_ratio = (without.se / full.estimate.se) ** 2
    dfbetas = change * np.sqrt(without.se**-2.0 + 1 / variance)
    beyond = {
        "weight": hat > 3 / k,
        "DFFITS": np.abs(dffits) > 3 / np.sqrt(k - 1),
        "Cook's distance": cooks_distance > chi2_quantile(0.5, 1),
        "DFBETAS": np.abs(dfbetas) > 1,
    }
    studies = map(
        StudyInfluence,
        effects.labels,
        hat.tolist(),
        rstudent.tolist(),
        dffits.tolist(),
        cooks_distance.tolist(),
        covariance_ratio.tolist(),
        dfbetas.tolist(),
        without.tau2.tolist(),
        without.q.tolist(),
        [tuple(name for name, flags in beyond.items() if flags[i]) for i in range(k)],
    )
    whole = pool(effects, method=method)
    return Influence(whole, tuple(studies), whole.notes + ((_ROUGH,) if k < _FEW else ()))


def _by_chance(k: int) -> str:
    """Return how many of k studies are outside the central 95% of the normal, a whole number."""
    expected = round(k / 20)
    return f"about {expected}" if expected else "less than 1"
