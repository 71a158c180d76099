"""The likelihood of tau² and the restricted one, with the coefficients at their best values.

Hardy RJ, Thompson SG. A likelihood approach to meta-analysis with random effects. Stat Med
1996;15:619-629; Harville DA. Bayesian inference for variance components using only error contrasts.
Biometrika 1974;61:383-385, for the constant of the restricted likelihood. The effects are normal
with variances vi + tau².
"""

from typing import TypeAlias

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.mean_model import MeanModel, mean_model
from kb.synthesis.metaregression import Regression
from kb.synthesis.models import Fit, Model
from kb.synthesis.pooled import Pooled
from kb.synthesis.regression_model import RegressionModel

Result: TypeAlias = Pooled | Regression

_LOG_2_PI = float(np.log(2 * np.pi))


def model_of(result: Result) -> MeanModel | RegressionModel:
    """Return the linear model of a result."""
    effects = result.effects
    if isinstance(result, Regression):
        return RegressionModel(effects.yi, effects.vi, np.linalg.qr(result.design.matrix)[0])
    return mean_model(effects.yi, effects.vi, np.array(effects.k, dtype=float)[()])[0]


def log_likelihood(model: Model[Fit], tau2: Array, *, restricted: bool) -> Array:
    """Return the log-likelihood at each tau², shape (m,).

    It is minus half of k log(2 pi) - log|W| + y'Py, with W the diagonal matrix of the weights
    1 / (vi + tau²); the restricted one is minus half of
    (k - p) log(2 pi) - log|W| + log|X'WX| - log|X'X| + y'Py. The constant up to which a fit
    gives log|X'WX| is the same in log|X'X|, its value at weights of one.
    """
    fit = model.column().at(tau2)
    minus_twice = fit.q - fit.log_det_w + model.k * _LOG_2_PI
    if restricted:
        minus_twice += fit.log_det_xwx - model.unweighted.log_det_xwx - model.p * _LOG_2_PI
    return np.asarray(-minus_twice / 2)


def drop(model: Model[Fit], tau2: float, values: Array, *, restricted: bool) -> Array:
    """Return by how much twice the log-likelihood is lower at these values than at tau²."""
    heights = log_likelihood(model, np.append(tau2, values), restricted=restricted)
    return np.asarray(2 * (heights[0] - heights[1:]))


def is_restricted(result: Result, what: str) -> bool:
    """Return whether the fit maximised the restricted likelihood; refuse one that maximised none.

    Refuse as well where no study is left over to estimate tau² from.
    """
    if result.method not in {"ML", "REML"}:
        raise BadOption(
            f"{what} is of a model fitted by ML or REML, not {result.method}. Fit it by one of "
            "them."
        )
    if result.heterogeneity.q_df == 0:
        raise TooFewStudies(what, result.k + 1, result.k)
    return result.method == "REML"
