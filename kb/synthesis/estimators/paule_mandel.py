"""Paule and Mandel's estimator of tau² (PM), its median-unbiased form (PMM), and empirical Bayes.

Paule RC, Mandel J. Consensus values and weighting factors. J Res Natl Bur Stand 1982;87:377-385;
DerSimonian R, Kacker R. Random-effects model for meta-analysis of clinical trials: an update.
Contemp Clin Trials 2007;28:105-114. PMM sets Q to the median of its distribution in
place of its mean: Viechtbauer W. Median-unbiased estimators for the amount of heterogeneity in
meta-analysis. European Congress of Methodology, Valencia, 2021.

The empirical Bayes estimator (EB) of Morris CN. Parametric empirical Bayes inference. J Am Stat
Assoc 1983;78:47-55, solves the same equation (Viechtbauer W et al. A comparison of procedures to
test for moderators in mixed-effects meta-regression models. Psychol Methods 2015;20:360-374), so
it is the same estimate.
"""

import numpy as np

from kb.synthesis.distributions import Array, chi2_quantile
from kb.synthesis.estimators.generalised_q import solve
from kb.synthesis.models import Fit, Model


def estimate(model: Model[Fit]) -> Array:
    """Return the tau² at which Q(tau²) = k - p; 0 where Q(0) is no more than that."""
    return solve(model, model.k - model.p)


def estimate_median_unbiased(model: Model[Fit]) -> Array:
    """Return the tau² at which Q(tau²) is the median of chi-squared with k - p df."""
    return solve(model, chi2_quantile(0.5, model.k - model.p))


def standard_error(model: Model[Fit], _tau2: Array, fit: Fit) -> Array:
    """Return sqrt(2 k² / (k - p)) / sum of 1/(vi + tau²), shape () or (m,) (Viechtbauer 2015)."""
    return np.sqrt(2 * model.k**2 / (model.k - model.p)) / fit.trace_w
