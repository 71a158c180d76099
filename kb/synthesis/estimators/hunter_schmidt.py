"""Hunter and Schmidt's estimators of tau²: HS, and HSk corrected for the number of studies.

Hunter JE, Schmidt FL. Methods of Meta-Analysis, 1990; the form with weights 1/vi and its standard
error: Viechtbauer W. Bias and efficiency of meta-analytic variance estimators in the random-effects
model. J Educ Behav Stat 2005;30:261-293. The correction: Brannick MT et al. Bias and
precision of alternate estimators in meta-analysis. Organ Res Methods 2019;22:490-514.
"""

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators.closed_form import moment_variance, truncate
from kb.synthesis.models import Fit, Model


def estimate(model: Model[Fit]) -> Array:
    """Return (Q - k) / sum(1/vi), shape () or (m,), not below zero."""
    common = model.common
    return truncate((common.q - model.k) / common.trace_w)


def standard_error(model: Model[Fit], tau2: Array, _fit: Fit) -> Array:
    """Return the standard error of tau²: Q is a quadratic form of the effects."""
    common = model.common
    variance = moment_variance(model.k - model.p, common.trace_p, common.trace_pp, tau2)
    return np.sqrt(variance) / common.trace_w


def estimate_corrected(model: Model[Fit]) -> Array:
    """Return (Q k / (k - p) - k) / sum(1/vi), shape () or (m,), not below zero."""
    common = model.common
    inflation = model.k / (model.k - model.p)
    return truncate((inflation * common.q - model.k) / common.trace_w)


def standard_error_corrected(model: Model[Fit], tau2: Array, fit: Fit) -> Array:
    """Return the standard error of the corrected tau², shape () or (m,)."""
    return model.k / (model.k - model.p) * standard_error(model, tau2, fit)
