"""What a mean and the coefficients of a regression share: tau², the factor of the test, I²."""

from typing import TypeVar

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators import ESTIMATORS
from kb.synthesis.models import Fit, Model
from kb.synthesis.options import COMMON_EFFECT

F = TypeVar("F", bound=Fit)

_ROUNDING = float(np.finfo(float).eps)


def estimated_tau2(model: Model[F], method: str) -> tuple[Array, Array, F]:
    """Return tau², its standard error, and the fit at tau²; each model needs k > p.

    In a common-effect model tau² is 0 and has no standard error (NaN).
    """
    if method == COMMON_EFFECT:
        nothing = np.zeros(model.k.shape)[()]
        return nothing, nothing + np.nan, model.common
    estimator = ESTIMATORS[method]
    tau2 = estimator.estimate(model)
    fit = model.at(tau2)
    return tau2, estimator.standard_error(model, tau2, fit), fit


def variance_factor(test: str, q: Array, df: Array) -> Array | float:
    """Return what the test multiplies variances by; q is y'Py at the tau² found, df is k - p.

    Hartung and Knapp's factor is q / df, 0 where q is nothing but rounding; the safeguarded one
    ("adhoc") is not below 1; for the Wald tests it is 1.
    """
    if test not in {"knha", "adhoc"}:
        return 1.0
    factor = (q > _ROUNDING) * q / df
    return np.maximum(factor, 1) if test == "adhoc" else factor


def inconsistency(method: str, tau2: Array, common: Fit, df: Array) -> tuple[Array, Array]:
    """Return I² in percent and H²; `common` is the fit at the weights 1/vi, df is k - p.

    Of a common-effect model by Q (Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558),
    of a random-effects model by tau² and the typical sampling variance df / tr(P) (their eq. 9).
    """
    if method == COMMON_EFFECT:
        q = common.q
        return 100 * np.maximum(q - df, 0) / np.maximum(q, df), q / df
    typical = df / common.trace_p
    return 100 * tau2 / (typical + tau2), tau2 / typical + 1
