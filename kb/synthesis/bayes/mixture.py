"""Mixtures of normal distributions: the posterior of an effect, over all values of tau."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from kb.synthesis.bayes.roots import increasing_root
from kb.synthesis.distributions import Array

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """One mixture of n normals, or several of the same weights.

    Attributes:
        means, sds: those of the normals, shape (..., n).
        weights: their weights, shape (n,), the sum of which is 1.
    """

    means: Array
    sds: Array
    weights: Array

    @property
    def mean(self) -> Array:
        """The means of the mixtures, shape (...)."""
        return np.asarray(self.means @ self.weights)

    @property
    def sd(self) -> Array:
        """The standard deviations of the mixtures, shape (...)."""
        around = self.means - self.mean[..., None]
        return np.sqrt((around**2 + self.sds**2) @ self.weights)

    def above(self, x: Array) -> Array:
        """Return the probability above x, shape (...)."""
        return np.asarray(special.ndtr((self.means - x[..., None]) / self.sds) @ self.weights)

    def below(self, x: Array) -> Array:
        """Return the probability below x, shape (...)."""
        return np.asarray(special.ndtr((x[..., None] - self.means) / self.sds) @ self.weights)

    def quantiles(self, scores: Array) -> Array:
        """Return x with the probability Φ(score) below it, for q normal scores, shape (q, ...).

        The normal score of the probability beyond x, above it where the score is above 0, is all
        but linear in x. So Newton's method seeks it there, from where the median normal has it,
        and between the least and the greatest place where one of the normals has it.
        """
        score = scores.reshape(-1, *[1] * (self.means.ndim - 1))
        side = np.where(score < 0, -1.0, 1.0)
        each = self.means + score[..., None] * self.sds
        middle = int(np.searchsorted(np.cumsum(self.weights), 0.5))

        def excess(x: Array) -> tuple[Array, Array]:
            z = (x[..., None] - self.means) / self.sds
            beyond = special.ndtr(-side[..., None] * z) @ self.weights
            reached = -side * special.ndtri(np.maximum(beyond, _SMALLEST))
            slope = np.exp((reached[..., None] ** 2 - z**2) / 2) / self.sds @ self.weights
            return reached - score, slope

        return increasing_root(
            excess,
            each.min(axis=-1),
            each.max(axis=-1),
            start=each[..., middle],
            tolerance=1e-8 * self.sds[..., middle],
        )
