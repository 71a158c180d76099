"""Sidik and Jonkman's estimator of tau² (SJ): weighted residuals at a crude first value.

Sidik K, Jonkman JN. A simple confidence interval for meta-analysis. Stat Med 2002;21:3153-3159;
Sidik K, Jonkman JN. Simple heterogeneity variance estimation for meta-analysis. J R Stat Soc C
2005;54:367-384. It is above zero unless the effects are identical.
"""

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators.closed_form import moment_variance
from kb.synthesis.models import Fit, Model


def first_value(model: Model[Fit]) -> Array:
    """Return the variance of the effects around their mean, divided by k, shape () or (m,)."""
    return model.total_ss / model.k


def estimate(model: Model[Fit]) -> Array:
    """Return first * y'Py / (k - p) at the weights 1 / (vi + first), shape () or (m,)."""
    first = first_value(model)
    return first * model.at(first).q / (model.k - model.p)


def standard_error(model: Model[Fit], tau2: Array, _fit: Fit) -> Array:
    """Return the standard error of tau², taking the first value as given."""
    first = first_value(model)
    fit = model.at(first)
    variance = moment_variance(fit.trace_pvpv, fit.trace_pvp, fit.trace_pp, tau2)
    return first * np.sqrt(variance) / (model.k - model.p)
