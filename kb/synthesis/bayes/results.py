"""The posterior of a Bayesian random-effects meta-analysis: results and their words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kb.synthesis.bayes.mixture import Mixture
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.words import percent, said


@dataclass(frozen=True, slots=True)
class EffectPosterior:
    """The posterior of an effect: of the mean effect, or of the true effect in a new study.

    `mean` and `sd` are None where they do not exist: where too few studies meet a prior of tau with
    a heavy tail. `low` and `high` are the central credible interval of probability `level`.
    """

    mean: float | None
    sd: float | None
    median: float
    low: float
    high: float
    level: float
    distribution: Mixture = field(repr=False, compare=False)

    def probability_below(self, x: float) -> float:
        """Return the probability that the effect is below x, on the scale of analysis."""
        return float(self.distribution.below(np.asarray(x, dtype=float)))

    def probability_above(self, x: float) -> float:
        """Return the probability that the effect is above x, on the scale of analysis."""
        return float(self.distribution.above(np.asarray(x, dtype=float)))

    def summary(self) -> str:
        """Return the median with its interval and the moments in one line."""
        return (
            f"median {self.median:.4g} ({percent(self.level)} credible interval {self.low:.4g} to "
            f"{self.high:.4g}); {_moments(self.mean, self.sd)}"
        )


@dataclass(frozen=True, slots=True)
class TauPosterior:
    """The posterior of tau, the standard deviation of the true effects.

    `low` and `high` are the central credible interval of probability `level`, `shortest_low` and
    `shortest_high` the shortest one, which reaches down to 0 if 0 is among the likely values.
    `mode` is the lowest of several. `mean` and `sd` are None where they do not exist.
    """

    mean: float | None
    sd: float | None
    median: float
    mode: float
    low: float
    high: float
    shortest_low: float
    shortest_high: float
    level: float

    def summary(self) -> str:
        """Return the median with the shortest interval, the mode and the moments in one line."""
        return (
            f"median {self.median:.4g} (shortest {percent(self.level)} credible interval "
            f"{self.shortest_low:.4g} to {self.shortest_high:.4g}); mode {self.mode:.4g}, "
            f"{_moments(self.mean, self.sd)}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class StudyPosteriors:
    """The true effects of the k studies, each drawn from its own estimate towards the mean effect.

    Attributes:
        labels: the names of the studies.
        mean, sd: of each posterior, shape (k,).
        low, high: the central credible intervals of probability `level`, shape (k,).
    """

    labels: Sequence[str]
    mean: Array
    sd: Array
    low: Array
    high: Array
    level: float

    def summary(self) -> str:
        """Return a line per study."""
        rows = zip(self.labels, self.mean, self.low, self.high, strict=True)
        return "\n".join(
            f"{label}: {mean:.4g} ({percent(self.level)} credible interval {low:.4g} to {high:.4g})"
            for label, mean, low, high in rows
        )


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What k studies and the priors say together.

    Attributes:
        mu: the mean of the true effects.
        tau: their standard deviation.
        new: the true effect of a new study (the posterior predictive distribution).
        studies: the true effects of the studies.
        log_marginal_likelihood: log p(y) under these priors; the difference between two analyses of
            the same effects is their log Bayes factor. None where a prior is improper, as p(y) is
            then known up to a constant only.
        effects: the k studies.
        level: the probability of the credible intervals.
        tau_prior, mu_prior: the priors in words.
    """

    mu: EffectPosterior
    tau: TauPosterior
    new: EffectPosterior
    studies: StudyPosteriors
    log_marginal_likelihood: float | None
    effects: Effects
    level: float
    tau_prior: str
    mu_prior: str

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.effects.k

    def summary(self) -> str:
        """Return the priors, the mean effect, the heterogeneity and the prediction in words."""
        studies = "1 study" if self.k == 1 else f"{self.k} studies"
        lines = [
            f"Bayesian random-effects meta-analysis of {studies} ({self.effects.measure.name}).",
            f"Priors: tau {self.tau_prior}; mean effect {self.mu_prior}.",
            f"Mean effect: {self.mu.summary()}",
            f"tau: {self.tau.summary()}",
            f"True effect in a new study: {self.new.summary()}",
        ]
        null = self.effects.measure.null
        if null is not None:
            lines.append(
                f"Probability of an effect below {null:g}: {self.mu.probability_below(null):.3f} "
                f"on average, {self.new.probability_below(null):.3f} in a new study."
            )
        return "\n".join([*lines, *said(self.effects.left_out)])


def _moments(mean: float | None, sd: float | None) -> str:
    if mean is None:
        return "its mean does not exist"
    return f"mean {mean:.4g}, " + ("its SD does not exist" if sd is None else f"SD {sd:.4g}")
