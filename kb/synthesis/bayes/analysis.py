"""Bayesian random-effects meta-analysis by quadrature: one integral, over tau, and no sampling."""

from collections.abc import Sequence

import numpy as np

from kb.synthesis.bayes.mixture import Mixture
from kb.synthesis.bayes.model import Model
from kb.synthesis.bayes.priors import NormalPrior, TauPrior
from kb.synthesis.bayes.results import EffectPosterior, Posterior, StudyPosteriors
from kb.synthesis.bayes.tau import HeterogeneityPosterior
from kb.synthesis.distributions import central_quantile
from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level


def bayes(
    effects: Effects,
    *,
    tau_prior: TauPrior,
    mu_prior: NormalPrior | None = None,
    level: float = DEFAULT_LEVEL,
) -> Posterior:
    """Return the posterior of yi ~ N(theta_i, vi), theta_i ~ N(mu, tau²).

    Given tau all else is normal. So the posterior of tau is a density of one variable, integrated
    here to rounding error, and those of the effects are mixtures of normals over it (Röver C.
    Bayesian random-effects meta-analysis using the bayesmeta R package. J Stat Softw
    2020;93(6):1-51). With however few studies, nothing is an approximation.

    There is no default for `tau_prior`: with few studies the result depends on it, and what is a
    large tau depends on the scale of the effects (see `kb.synthesis.bayes.priors`). A `mu_prior` of
    None is the improper uniform one. A proper prior of tau needs one study, the flat one three.
    """
    check_level(level)
    needed = 1 if tau_prior.family.is_proper else 3
    if effects.k < needed:
        what = f"A Bayesian meta-analysis with a {tau_prior.name} prior of tau"
        raise TooFewStudies(what, needed, effects.k)
    model = Model.of(effects, mu_prior)
    tau = HeterogeneityPosterior.of(model, tau_prior)
    nodes, weights = tau.density.nodes, tau.density.weights
    means = model.centre + tau.at.mean
    mu = Mixture(means, np.sqrt(tau.at.variance), weights)
    new = Mixture(means, np.sqrt(tau.at.variance + nodes**2), weights)
    is_proper = tau_prior.family.is_proper and mu_prior is not None
    return Posterior(
        # A normal prior keeps the tails of mu in bounds, whatever those of tau.
        _effect(mu, tau.moments if mu_prior is None else 2, level),
        tau.summarise(level),
        _effect(new, tau.moments, level),
        _studies(effects.labels, tau, level),
        tau.density.log_integral + model.log_constant if is_proper else None,
        effects,
        level,
        tau_prior.name,
        "uniform (improper)" if mu_prior is None else mu_prior.name,
    )


def _effect(mixture: Mixture, moments: int, level: float) -> EffectPosterior:
    limit = float(central_quantile(level))
    low, median, high = mixture.quantiles(np.array([-limit, 0.0, limit])).tolist()
    return EffectPosterior(
        float(mixture.mean) if moments >= 1 else None,
        float(mixture.sd) if moments >= 2 else None,
        median,
        low,
        high,
        level,
        mixture,
    )


def _studies(labels: Sequence[str], tau: HeterogeneityPosterior, level: float) -> StudyPosteriors:
    means, variances = tau.model.studies(tau.density.nodes, tau.at)
    mixture = Mixture(tau.model.centre + means, np.sqrt(variances), tau.density.weights)
    limit = float(central_quantile(level))
    low, high = mixture.quantiles(np.array([-limit, limit]))
    return StudyPosteriors(labels, mixture.mean, mixture.sd, low, high, level)
