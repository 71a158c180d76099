"""What the tests of a mean and of coefficients share: factors, reference distributions, I²."""

from collections.abc import Callable

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.estimators import ESTIMATORS
from kb.synthesis.models import Fit, Model
from kb.synthesis.options import COMMON_EFFECT


def estimated_tau2(model: Model, method: str) -> tuple[Array, Array]:
    """Return tau² and its standard error, each shape (m,).

    They are 0 and none (NaN) in a common-effect model, and where there are no more studies than
    coefficients.
    """
    tau2, tau2_se = np.zeros(model.k.size), np.full(model.k.size, np.nan)
    several = np.flatnonzero(model.k > model.p)
    if method == COMMON_EFFECT or several.size == 0:
        return tau2, tau2_se
    estimator = ESTIMATORS[method]
    estimable = model if several.size == tau2.size else model.take(several)
    tau2[several] = estimator.estimate(estimable)
    tau2_se[several] = estimator.standard_error(estimable, tau2[several])
    return tau2, tau2_se


def variance_factor(test: str, q: Array, df: Array) -> Array:
    """Return what the test multiplies variances by; q is y'Py at the tau² found, df is k - p.

    Hartung and Knapp's factor is q / df, 0 where q is nothing but rounding; the safeguarded one
    ("adhoc") is not below 1; for the Wald tests it is 1, and for all of them where df is 0.
    """
    if test not in {"knha", "adhoc"}:
        return np.ones(df.shape)
    real = np.where(q > np.finfo(float).eps, q, 0.0)
    factor = np.where(df > 0, real / np.maximum(df, 1), 1.0)
    return np.maximum(factor, 1) if test == "adhoc" else factor


def reference_df(test: str, df: Array) -> Array:
    """Return the df of the t that the test refers to; NaN stands for the normal."""
    return np.where(df > 0, df, np.nan) if test != "z" else np.full(df.shape, np.nan)


def by_reference(value: Callable[[Array | None], Array], df: Array) -> Array:
    """Return the value by a t of these degrees of freedom, by the normal where they are NaN."""
    normal = np.isnan(df)
    if normal.all():
        return value(None)
    by_t = value(np.where(normal, 1.0, df))
    return np.where(normal, value(None), by_t) if normal.any() else by_t


def inconsistency(method: str, tau2: Array, common: Fit, df: Array) -> tuple[Array, Array]:
    """Return I² in percent and H²; `common` is the fit at the weights 1/vi.

    Of a common-effect model by Q (Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558, eq. 10),
    of a random-effects model by tau² and the typical sampling variance df / tr(P) (eq. 9).
    """
    several = df > 0
    if method == COMMON_EFFECT:
        excess = np.maximum(common.q - df, 0)
        i2 = 100 * excess / np.where(common.q > 0, common.q, 1)
        return np.where(several, i2, 0.0), np.where(several, common.q / np.maximum(df, 1), 1.0)
    typical = np.where(several, df / np.where(several, common.trace_p, 1), 1)
    return 100 * tau2 / (typical + tau2), tau2 / typical + 1
