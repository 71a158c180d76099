"""The linear model with moderators: a design in place of the column of ones."""

from functools import cached_property

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.groups import dot, total


class RegressionModel:
    """k effects on a design of p columns, given as an orthonormal basis of the space they span.

    Every fit is a QR factorisation of the weighted basis: a year that is not centred costs no
    digits. `yi` and `vi` have shape (k,), or (k, 1) for a column.
    """

    def __init__(self, yi: Array, vi: Array, basis: Array) -> None:
        self.yi = yi
        self.vi = vi
        self.basis = basis
        self.k = np.array(yi.shape[0], dtype=float)[()]
        self.p = basis.shape[1]

    @property
    def least_vi(self) -> Array:
        """The variance of the most precise study."""
        return np.asarray(self.vi.min(axis=0))

    @property
    def greatest_vi(self) -> Array:
        """The variance of the least precise study."""
        return np.asarray(self.vi.max(axis=0))

    @property
    def rss(self) -> Array:
        """The residual sum of squares of the fit by ordinary least squares."""
        return self.unweighted.q

    @cached_property
    def common(self) -> "RegressionFit":
        """The regression at the weights 1 / vi."""
        return self.at(0)

    @cached_property
    def unweighted(self) -> "RegressionFit":
        """The regression by ordinary least squares."""
        return RegressionFit(self, np.ones(self.vi.shape))

    @property
    def total_ss(self) -> Array:
        """The sum of squared deviations from the plain mean."""
        deviations = self.yi - self.yi.mean(axis=0)
        return dot(deviations, deviations)

    def at(self, tau2: Array | float) -> "RegressionFit":
        """Return the regressions at the weights 1 / (vi + tau²)."""
        return RegressionFit(self, 1 / (self.vi + tau2))

    def column(self) -> "RegressionModel":
        """Return the model as a column, to be fitted at several tau² side by side."""
        return RegressionModel(self.yi[:, None], self.vi[:, None], self.basis)


class RegressionFit:
    """A weighted least-squares fit.

    With A = W^(1/2) B, B the orthonormal basis, and A = QR, P = W^(1/2) (I - QQ') W^(1/2). The
    leverages h are the diagonal of QQ'. Q has the shape (k, p) or (m, k, p).
    """

    def __init__(self, model: RegressionModel, weights: Array) -> None:
        self.weights = weights
        self._vi = model.vi
        self._one = np.ones_like(weights)
        root = np.sqrt(weights)
        self.q_matrix, self.r_matrix = np.linalg.qr(root.T[..., None] * model.basis)
        weighted = root * model.yi
        self.coefficients = self._project(weighted)
        self.scaled = weighted - np.einsum("...kp,...p->...k", self.q_matrix, self.coefficients).T
        self.py = root * self.scaled
        self._root = root

    def _project(self, values: Array) -> Array:
        """Return Q' times one value per study, shape (p,) or (m, p)."""
        return np.asarray(np.einsum("...kp,...k->...p", self.q_matrix, values.T))

    @cached_property
    def leverages(self) -> Array:
        """The diagonal of the hat matrix, one per study."""
        return np.asarray((self.q_matrix**2).sum(axis=-1).T)

    @property
    def q(self) -> Array:
        """The sum y'Py."""
        return dot(self.scaled, self.scaled)

    @property
    def yppy(self) -> Array:
        """The sum y'PPy."""
        return dot(self.py, self.py)

    @property
    def ypppy(self) -> Array:
        """The sum y'PPPy."""
        weighted = self._root * self.py
        fitted: Array = (self._project(weighted) ** 2).sum(axis=-1)
        return dot(weighted, weighted) - fitted

    @property
    def trace_w(self) -> Array:
        """The sum of w."""
        return total(self.weights)

    @property
    def trace_ww(self) -> Array:
        """The sum of w²."""
        return dot(self.weights, self.weights)

    @property
    def trace_p(self) -> Array:
        """The sum of w (1 - h)."""
        return total(self.weights * (1 - self.leverages))

    @property
    def trace_pp(self) -> Array:
        """The trace of PP."""
        return self._trace_product(self._one, self._one)

    @property
    def trace_pv(self) -> Array:
        """The sum of w v (1 - h)."""
        return total(self.weights * self._vi * (1 - self.leverages))

    @property
    def trace_pvp(self) -> Array:
        """The trace of PVP."""
        return self._trace_product(self._vi, self._one)

    @property
    def trace_pvpv(self) -> Array:
        """The trace of PVPV."""
        return self._trace_product(self._vi, self._vi)

    def _trace_product(self, a: Array, b: Array) -> Array:
        """Return the sum of w² ab (1 - 2h) and of the products of Q'WAQ and Q'WBQ: tr(PAPB)."""
        direct = total(self.weights**2 * a * b * (1 - 2 * self.leverages))
        crossed: Array = (self._inner(a) * self._inner(b)).sum(axis=(-2, -1))
        return direct + crossed

    def _inner(self, a: Array) -> Array:
        weighted = self.q_matrix * (self.weights * a).T[..., None]
        return np.asarray(np.swapaxes(weighted, -2, -1) @ self.q_matrix)

    @property
    def log_det_w(self) -> Array:
        """The sum of log w."""
        return total(np.log(self.weights))

    @property
    def log_det_xwx(self) -> Array:
        """The logarithm of |B'WB|, which differs from that of |X'WX| by a constant."""
        diagonal = np.diagonal(self.r_matrix, axis1=-2, axis2=-1)
        return np.asarray(2 * np.log(np.abs(diagonal)).sum(axis=-1))
