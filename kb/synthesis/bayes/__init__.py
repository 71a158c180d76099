"""Bayesian random-effects meta-analysis, for a handful of studies above all."""

from kb.synthesis.bayes.analysis import bayes
from kb.synthesis.bayes.priors import (
    NormalPrior,
    TauPrior,
    flat,
    half_cauchy,
    half_normal,
    uniform,
)
from kb.synthesis.bayes.results import EffectPosterior, Posterior, StudyPosteriors, TauPosterior

__all__ = [
    "EffectPosterior",
    "NormalPrior",
    "Posterior",
    "StudyPosteriors",
    "TauPosterior",
    "TauPrior",
    "bayes",
    "flat",
    "half_cauchy",
    "half_normal",
    "uniform",
]
