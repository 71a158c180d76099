"""The posterior of tau: a density of one variable, of which all other posteriors are made."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from kb.synthesis.bayes.model import GivenTau, Model
from kb.synthesis.bayes.priors import TauPrior
from kb.synthesis.bayes.quadrature import Density, normalise
from kb.synthesis.bayes.results import TauPosterior
from kb.synthesis.bayes.roots import upward_crossings
from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadOption

_NEGLIGIBLE = 40.0  # in logarithms: a tail of 4e-18 of the peak is cut off
_OCTAVES = 66  # beyond the largest scale of all: even the heaviest tail is negligible there
_SHARES = 33  # places where the search for the shortest interval begins, more of them near tau = 0
_CONTRADICTION = 1e8  # of a log density: beyond it, six digits of the density are rounding error
_ROUNDING = 1e-12  # a difference of log densities that means none


@dataclass(frozen=True, slots=True, eq=False)
class HeterogeneityPosterior:
    """The posterior density of tau.

    Attributes:
        model: the studies and the prior of mu.
        prior: the prior of tau.
        density: the posterior, normalised.
        at: what is known of the rest at the nodes of the density.
        moments: how many of its moments exist, 0, 1 or 2 (and more).
    """

    model: Model
    prior: TauPrior
    density: Density
    at: GivenTau
    moments: int

    @classmethod
    def of(cls, model: Model, prior: TauPrior) -> Self:
        """Integrate the posterior.

        Far out it falls as a power of tau, that of the prior and one for every study (but the one
        that a uniform prior of mu takes); a moment exists if its power leaves more than 1 of it.
        Studies and priors that cannot be reconciled in floating-point numbers are an error.
        """
        k = model.yi.size
        power = prior.family.tail_power + (k if model.prior_precision > 0 else k - 1)
        moments = int(min(power - 2, 2))

        def log_density(tau: Array) -> Array:
            return _log_density(model, prior, tau.ravel()).reshape(tau.shape)

        density = normalise(log_density, _panels(model, prior, moments), moment=moments)
        if abs(density.log_integral) > _CONTRADICTION:
            raise BadOption(
                f"The studies contradict the priors (tau {prior.name}) by thousands of standard "
                "errors, too far to be weighed against them. See whether the priors are on the "
                "scale of the effects."
            )
        return cls(model, prior, density, model.given(density.nodes), moments)

    def log_density(self, tau: Array) -> Array:
        """Return the logarithm of the density, up to a constant, at tau >= 0, shape (n,)."""
        return _log_density(self.model, self.prior, tau)

    def summarise(self, level: float) -> TauPosterior:
        """Return its moments, mode and credible intervals."""
        nodes, weights = self.density.nodes, self.density.weights
        mean = float(nodes @ weights)
        tail = (1 - level) / 2
        low, median, high = self.density.quantile(np.array([tail, 0.5, 1 - tail])).tolist()
        return TauPosterior(
            mean if self.moments >= 1 else None,
            math.sqrt((nodes - mean) ** 2 @ weights) if self.moments >= 2 else None,
            median,
            self.mode(),
            low,
            high,
            *self.shortest(level),
            level,
        )

    def mode(self) -> float:
        """Return the tau of the highest density, the lowest if there are several."""
        nodes, end = self.density.nodes, self.density.edges[-1:]
        tau = np.concatenate([[0.0], nodes, end])
        falls = [self._fall(np.zeros(1)), -self.at.slope - self.prior.slope(nodes), self._fall(end)]
        peaks = upward_crossings(_of_one(self._fall), tau, np.concatenate(falls))
        return float(peaks[np.argmax(self.log_density(peaks))])

    def _fall(self, tau: Array) -> Array:
        """Return how fast the logarithm of the density falls with tau²."""
        return -self.model.given(tau).slope - self.prior.slope(tau)

    def shortest(self, level: float) -> tuple[float, float]:
        """Return the shortest interval of probability `level`.

        It begins at 0, or where the density is as high as at its other end, or ends where tau does.
        """

        def shortening(below: Array) -> Array:
            """Return whether intervals, with these shares below them, are better moved down."""
            low, high = (self.log_density(end) for end in self._interval(below, level))
            return np.where(np.abs(low - high) < _ROUNDING, 0.0, np.tanh((low - high) / 2))

        shares = (1 - level) * np.linspace(0, 1, _SHARES) ** 3
        least = upward_crossings(_of_one(shortening), shares, shortening(shares))
        low, high = self._interval(least, level)
        best = np.argmin(high - low)
        return float(low[best]), float(high[best])

    def _interval(self, below: Array, level: float) -> tuple[Array, Array]:
        """Return the intervals of probability `level` with these shares, up to 1 - level, below."""
        within = below < 1 - level
        ends = np.concatenate([below, np.where(within, below + level, 0.0)])
        low, high = np.split(self.density.quantile(ends), 2)
        return np.where(below > 0, low, 0.0), np.where(within, high, self.density.edges[-1])


def _of_one(function: Callable[[Array], Array]) -> Callable[[float], float]:
    """Return the function of one number that this function of arrays is."""
    return lambda x: float(function(np.array([x]))[0])


def _log_density(model: Model, prior: TauPrior, tau: Array) -> Array:
    return model.given(tau).log_likelihood + prior.log_density(tau)


def _panels(model: Model, prior: TauPrior, moments: int) -> Array:
    """Return panels that begin at 0 and double in width, from the smallest scale of the problem.

    They end where the prior does, or where the tail is negligible, for the moments too.
    """
    steps = [1 / math.sqrt(model.precision)]
    sizes = [math.sqrt(model.vi.max()), float(np.abs(model.yi).max())]
    if prior.family.is_proper:
        steps.append(prior.scale)
    if model.prior_precision > 0:
        sizes += [1 / math.sqrt(model.prior_precision), abs(model.prior_mean)]
    octaves = math.ceil(math.log2(max(steps + sizes) / min(steps))) + _OCTAVES
    edges = min(steps) * np.exp2(np.arange(octaves + 1.0))
    if math.isfinite(prior.upper):
        return np.concatenate([[0.0], edges[edges < prior.upper], [prior.upper]])
    logs = _log_density(model, prior, edges) + (1 + moments) * np.log(edges)
    last = np.flatnonzero(logs > logs.max() - _NEGLIGIBLE)[-1] + 1
    return np.concatenate([[0.0], edges[: last + 1]])
