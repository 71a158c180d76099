"""Likelihoods of a meta-analysis: fit statistics, likelihood-ratio tests, profile intervals."""

from kb.synthesis.likelihood.fit import FitStatistics, fit_statistics
from kb.synthesis.likelihood.profiles import ProfileInterval, profile_mean, profile_tau2
from kb.synthesis.likelihood.ratio_tests import (
    LikelihoodRatio,
    likelihood_ratio_tau2,
    likelihood_ratio_test,
)

__all__ = [
    "FitStatistics",
    "LikelihoodRatio",
    "ProfileInterval",
    "fit_statistics",
    "likelihood_ratio_tau2",
    "likelihood_ratio_test",
    "profile_mean",
    "profile_tau2",
]
