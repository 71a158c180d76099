"""The posterior of tau: a density of one variable, of which all other posteriors are made."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from kb.synthesis.bayes.model import GivenTau, Model
from kb.synthesis.bayes.priors import TauPrior
from kb.synthesis.bayes.quadrature import Density, normalise
from kb.synthesis.bayes.results import TauPosterior
from kb.synthesis.bayes.roots import sign_change
from kb.synthesis.distributions import Array

_NEGLIGIBLE = 40.0  # in logarithms: a tail of 4e-18 of the peak is cut off
_OCTAVES = 66  # beyond the largest scale of all: even the heaviest tail is negligible there
_SHARES = 17  # places of the interval that the search for the shortest begins with
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
        """
        k = model.yi.size
        power = prior.family.tail_power + (k if model.prior_precision > 0 else k - 1)
        moments = int(min(power - 2, 2))

        def log_density(tau: Array) -> Array:
            return _log_density(model, prior, tau.ravel()).reshape(tau.shape)

        density = normalise(log_density, _panels(model, prior, moments), moment=moments)
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
        nodes, end = self.density.nodes, float(self.density.edges[-1])
        falls = -self.at.slope - self.prior.slope(nodes)
        falling = np.array([self._fall(0.0), *falls, self._fall(end)]) >= 0
        tau = np.array([0.0, *nodes, end])
        turns = np.flatnonzero(~falling[:-1] & falling[1:])
        peaks = [sign_change(self._fall, tau[i], tau[i + 1]) for i in turns]
        if falling[0]:
            peaks.insert(0, 0.0)
        if not falling[-1]:
            peaks.append(end)
        return peaks[int(np.argmax(self.log_density(np.array(peaks))))]

    def _fall(self, tau: float) -> float:
        """Return how fast the logarithm of the density falls with tau²."""
        at = np.array([tau])
        return -float(self.model.given(at).slope[0] + self.prior.slope(at)[0])

    def shortest(self, level: float) -> tuple[float, float]:
        """Return the shortest interval of probability `level`.

        It begins at 0, or where the density is as high as at its other end, or ends where tau does.
        """
        shares = np.linspace(0, 1 - level, _SHARES)
        lows, highs = self._interval(shares, level)
        lengths = highs - lows
        place = int(np.argmax(lengths <= lengths.min() * (1 + _ROUNDING)))

        def higher_below(share: float) -> float:
            low, high = self.log_density(np.concatenate(self._interval(np.array([share]), level)))
            return 0.0 if abs(low - high) < _ROUNDING else math.tanh((low - high) / 2)

        first, last = shares[max(place - 1, 0)], shares[min(place + 1, _SHARES - 1)]
        share = sign_change(higher_below, float(first), float(last))
        low, high = self._interval(np.array([share]), level)
        return float(low[0]), float(high[0])

    def _interval(self, below: Array, level: float) -> tuple[Array, Array]:
        """Return the intervals of probability `level` with these shares, up to 1 - level, below."""
        within = below < 1 - level
        ends = np.concatenate([below, np.where(within, below + level, 0.0)])
        low, high = np.split(self.density.quantile(ends), 2)
        return np.where(below > 0, low, 0.0), np.where(within, high, self.density.edges[-1])


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
