"""What the closed-form estimators of tau² share.

Searle SR. Linear Models. New York: Wiley, 1971, for the variance of a quadratic form.
"""

import numpy as np

from kb.synthesis.distributions import Array


def truncate(tau2: Array) -> Array:
    """Return tau², zero where the estimate falls below zero."""
    return np.maximum(tau2, 0)


def moment_variance(constant: Array, linear: Array, quadratic: Array, tau2: Array) -> Array:
    """Return the variance of y'Py, 2 tr(PVPV) + 4 tau² tr(PVP) + 2 tau⁴ tr(PP).

    It is the variance of a quadratic form of normal effects with variances vi + tau² (Searle 1971,
    section 2.5), and by it the standard error of every estimator that is linear in y'Py.
    """
    return 2 * constant + 4 * tau2 * linear + 2 * tau2**2 * quadratic
