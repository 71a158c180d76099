"""The maximum-likelihood estimator of tau² (ML).

Hardy RJ, Thompson SG. A likelihood approach to meta-analysis with random effects. Stat Med
1996;15:619-629; with moderators Raudenbush SW. Analyzing effect sizes: random-effects models. In:
Cooper H, Hedges LV, Valentine JC (eds). The Handbook of Research Synthesis and Meta-Analysis, 2nd
ed., 2009:295-315. With the coefficients at their best values given tau², minus twice
the log-likelihood is sum(log(vi + tau²)) + y'Py, up to a constant.
"""

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators.maximisation import maximise
from kb.synthesis.models import Fit, Model


class _Likelihood:
    def df(self, model: Model[Fit]) -> Array:
        return model.k

    def trace(self, fit: Fit) -> Array:
        return fit.trace_w

    def trace_squared(self, fit: Fit) -> Array:
        return fit.trace_ww

    def value(self, fit: Fit) -> Array:
        return fit.log_det_w - fit.q


def estimate(model: Model[Fit]) -> Array:
    """Return the tau² of greatest likelihood, shape () or (m,)."""
    return maximise(model, _Likelihood())


def standard_error(_model: Model[Fit], _tau2: Array, fit: Fit) -> Array:
    """Return sqrt(2 / sum of 1/(vi + tau²)²), shape () or (m,), by the expected information."""
    return np.sqrt(2 / fit.trace_ww)
