"""Hedges' estimator of tau² (HE): the variance of the effects less their mean sampling variance.

Hedges LV. A random effects model for effect sizes. Psychol Bull 1983;93:388-395; Cochran WG.
The combination of estimates from different experiments. Biometrics 1954;10:101-129.
"""

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators.closed_form import moment_variance, truncate
from kb.synthesis.models import Fit, Model


def estimate(model: Model[Fit]) -> Array:
    """Return (RSS - tr(PV)) / (k - p) of the unweighted fit, shape () or (m,), not below zero."""
    plain = model.unweighted
    return truncate((plain.q - plain.trace_pv) / (model.k - model.p))


def standard_error(model: Model[Fit], tau2: Array, _fit: Fit) -> Array:
    """Return the standard error of tau²: RSS is a quadratic form of the effects."""
    plain, df = model.unweighted, model.k - model.p
    squares = plain.trace_pvpv
    return np.sqrt(moment_variance(squares, plain.trace_pv, df, tau2)) / df
