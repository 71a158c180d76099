"""The normal-normal model given tau, where everything is normal and in closed form.

    yi ~ N(theta_i, vi),  theta_i ~ N(mu, tau²),  mu uniform (improper) or normal

Röver C. Bayesian random-effects meta-analysis using the bayesmeta R package. J Stat Softw
2020;93(6):1-51. A normal prior of mu acts as one more study, which has no heterogeneity.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from kb.synthesis.bayes.priors import NormalPrior
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects


@dataclass(frozen=True, slots=True, eq=False)
class GivenTau:
    """What is known at each of n values of tau.

    Attributes:
        log_likelihood: log p(y | tau), up to the model's `log_constant`, shape (n,).
        slope: its derivative by tau², shape (n,).
        mean: the posterior mean of mu less the model's `centre`, shape (n,).
        variance: the posterior variance of mu, shape (n,).
    """

    log_likelihood: Array
    slope: Array
    mean: Array
    variance: Array


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The studies and the prior of mu.

    Attributes:
        yi: the effects less `centre`, shape (k,).
        vi: their sampling variances, shape (k,).
        centre: the posterior mean of mu at tau = 0.
        precision: the inverse of the posterior variance of mu at tau = 0.
        prior_mean, prior_precision: those of mu's prior; the precision is 0 for the uniform one,
            the mean less `centre`.
    """

    yi: Array
    vi: Array
    centre: float
    precision: float
    prior_mean: float
    prior_precision: float

    @classmethod
    def of(cls, effects: Effects, mu_prior: NormalPrior | None) -> Self:
        """Return the model of these effects; a prior of None is the uniform one."""
        mean, precision = (0.0, 0.0) if mu_prior is None else (mu_prior.mean, mu_prior.sd**-2)
        weights = 1 / effects.vi
        total = float(weights.sum()) + precision
        origin = float(effects.yi[0])
        shift = float(weights @ (effects.yi - origin)) + precision * (mean - origin)
        centre = origin + shift / total
        return cls(effects.yi - centre, effects.vi, centre, total, mean - centre, precision)

    @property
    def log_constant(self) -> float:
        """The logarithm of p(y | tau = 0) but for its exponential, where mu's prior is proper."""
        k = self.yi.size
        logs = k * math.log(2 * math.pi) + float(np.log(self.vi).sum())
        return -(logs + math.log(self.precision) - math.log(self.prior_precision)) / 2

    def given(self, tau: Array) -> GivenTau:
        """Return what is known at each tau, shape (n,).

        With the weights w = 1 / (vi + tau²), their sum W (and the prior's) and Q = Σ w (yi - mean)²

            log p(y | tau) = -(Σ log(vi + tau²) + log W + Q) / 2 + constant,
            d log p / d tau² = (Σ w² (yi - mean)² - Σ w (1 - w / W)) / 2.
        """
        tau2 = np.square(tau)[:, None]
        w = 1 / (self.vi + tau2)
        total = w.sum(axis=1) + self.prior_precision
        mean = (w @ self.yi + self.prior_precision * self.prior_mean) / total
        squares = w * (self.yi - mean[:, None]) ** 2
        q = squares.sum(axis=1) + self.prior_precision * (self.prior_mean - mean) ** 2
        logs = np.log1p(tau2 / self.vi).sum(axis=1) + np.log(total / self.precision)
        slope = (w * (squares - 1 + w / total[:, None])).sum(axis=1) / 2
        return GivenTau(-(logs + q) / 2, slope, mean, 1 / total)

    def studies(self, tau: Array, at: GivenTau) -> tuple[Array, Array]:
        """Return means (less `centre`) and variances of the true effects, shape (k, n).

        Each is drawn from its own estimate towards mu by B = vi / (vi + tau²):
        theta_i has the mean (1 - B) yi + B mu and the variance B tau² + B² var(mu).
        """
        tau2 = np.square(tau)
        drawn = self.vi[:, None] / (self.vi[:, None] + tau2)
        mean = (1 - drawn) * self.yi[:, None] + drawn * at.mean
        return mean, drawn * tau2 + drawn**2 * at.variance
