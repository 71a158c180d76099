"""The restricted maximum-likelihood estimator of tau² (REML).

Patterson HD, Thompson R. Recovery of inter-block information when block sizes are unequal.
Biometrika 1971;58:545-554; Harville DA. Maximum likelihood approaches to variance component
estimation and to related problems. J Am Stat Assoc 1977;72:320-338; in meta-analysis Viechtbauer W.
Bias and efficiency of meta-analytic variance estimators in the random-effects model. J Educ Behav
Stat 2005;30:261-293; with moderators Raudenbush SW. Analyzing effect sizes: random-effects
models. In: Cooper H, Hedges LV, Valentine JC (eds). The Handbook of Research Synthesis and Meta-
Analysis, 2nd ed., 2009:295-315. Minus twice the restricted log-likelihood is
sum(log(vi + tau²)) + log|X'WX| + y'Py, up to a constant.
"""

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators.maximisation import maximise
from kb.synthesis.models import Fit, Model


class _RestrictedLikelihood:
    def df(self, model: Model[Fit]) -> Array:
        return model.k - model.p

    def trace(self, fit: Fit) -> Array:
        return fit.trace_p

    def trace_squared(self, fit: Fit) -> Array:
        return fit.trace_pp

    def value(self, fit: Fit) -> Array:
        return fit.log_det_w - fit.log_det_xwx - fit.q


def estimate(model: Model[Fit]) -> Array:
    """Return the tau² of greatest restricted likelihood, shape () or (m,)."""
    return maximise(model, _RestrictedLikelihood())


def standard_error(_model: Model[Fit], _tau2: Array, fit: Fit) -> Array:
    """Return sqrt(2 / tr(PP)), shape () or (m,), by the expected information."""
    return np.sqrt(2 / fit.trace_pp)
