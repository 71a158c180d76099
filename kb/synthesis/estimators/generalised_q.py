"""The generalised Q statistic, Q(tau²) = sum of (yi - mean)² / (vi + tau²), and its inverse.

DerSimonian R, Kacker R. Random-effects model for meta-analysis of clinical trials: an update.
Contemp Clin Trials 2007;28:105-114.
"""

import numpy as np

from kb.synthesis.distributions import Array, number
from kb.synthesis.models import Fit, Model, Models, several

_MOST_STEPS = 200


def solve(model: Model[Fit], target: Array) -> Array:
    """Return the tau² at which Q(tau²) equals the target; 0 where Q(0) is no more.

    Q(t) is a sum of c² / (lambda + t), with lambda the eigenvalues of V in the space of the
    residuals, so 1/Q is increasing and concave in t. Newton's method on 1/Q - 1/target, begun at
    0, therefore climbs to the solution and cannot pass it: no bracket and no upper bound are
    needed. A step below 1e-8 of the value is the last, because convergence is quadratic.
    """
    return _solve_many(model, target) if several(model) else _solve(model, target)


def _solve(model: Model[Fit], target: Array) -> Array:
    """Solve for one model."""
    tau2, aim, rounding = 0.0, float(target), 1e-14 * float(model.least_vi)
    for _ in range(_MOST_STEPS):
        fit = model.at(tau2)
        q = float(fit.q)
        if q <= aim:
            break
        step = q * (q - aim) / (aim * float(fit.yppy))
        tau2 += step
        if step <= 1e-8 * tau2 + rounding:
            break
    return number(tau2)


def _solve_many(model: Models[Fit], target: Array) -> Array:
    """Solve for each model, dropping those that are done."""
    tau2 = np.zeros(target.shape)
    rounding = 1e-14 * model.least_vi
    active = np.arange(target.size)
    for _ in range(_MOST_STEPS):
        fit = model.at(tau2[active])
        q, slope, aim = fit.q, fit.yppy, target[active]
        above = q > aim
        step = np.where(above, q * (q - aim) / np.where(above, aim * slope, 1), 0)
        tau2[active] += step
        moving = np.flatnonzero(step > 1e-8 * tau2[active] + rounding[active])
        if moving.size == 0:
            break
        if moving.size < active.size:
            model, active = model.take(moving), active[moving]
    return tau2
