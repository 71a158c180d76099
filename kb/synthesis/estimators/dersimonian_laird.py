"""DerSimonian and Laird's estimator of tau² (DL): Cochran's Q equated with its expectation.

DerSimonian R, Laird N. Meta-analysis in clinical trials. Control Clin Trials 1986;7:177-188;
with moderators Raudenbush SW. Analyzing effect sizes: random-effects models. In: Handbook of
Research Synthesis, 2nd ed., 2009.
"""

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators.closed_form import moment_variance, truncate
from kb.synthesis.models import Fit, Model


def estimate(model: Model[Fit]) -> Array:
    """Return (Q - (k - p)) / tr(P) at the weights 1/vi, shape () or (m,), not below zero."""
    common = model.common
    return truncate((common.q - (model.k - model.p)) / common.trace_p)


def standard_error(model: Model[Fit], tau2: Array, _fit: Fit) -> Array:
    """Return the standard error of tau²: Q is a quadratic form of the effects."""
    common = model.common
    variance = moment_variance(model.k - model.p, common.trace_p, common.trace_pp, tau2)
    return np.sqrt(variance) / common.trace_p
