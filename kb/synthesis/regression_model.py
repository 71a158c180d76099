"""The linear model with moderators: a design in place of the column of ones."""

from functools import cached_property

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.groups import Index


class RegressionModel:
    """m fits of one set of k effects on one design of p columns.

    The design is replaced by orthonormal columns that span the same space, and every fit is a QR
    factorisation of the weighted ones: a year that is not centred costs no digits. One value per
    study has shape (m, k).
    """

    def __init__(self, yi: Array, vi: Array, basis: Array, m: int = 1) -> None:
        self.basis = basis
        self.yi = np.broadcast_to(yi, (m, yi.size))
        self.vi = np.broadcast_to(vi, (m, yi.size))
        self.p = basis.shape[1]

    @property
    def k(self) -> Array:
        """The number of studies, shape (m,)."""
        m, k = self.yi.shape
        return np.full(m, float(k))

    def sum(self, values: Array) -> Array:
        """Return the sum over the studies of each fit."""
        return np.asarray(values.sum(axis=-1))

    def spread(self, values: Array) -> Array:
        """Return one value per fit as a column, to go with one value per study."""
        return values[:, None]

    def least(self, values: Array) -> Array:
        """Return the least value of each fit."""
        return np.asarray(values.min(axis=-1))

    def greatest(self, values: Array) -> Array:
        """Return the greatest value of each fit."""
        return np.asarray(values.max(axis=-1))

    def take(self, which: Index) -> "RegressionModel":
        """Return as many fits of the same studies as there are positions."""
        return RegressionModel(self.yi[0], self.vi[0], self.basis, which.size)

    def fit(self, weights: Array) -> "RegressionFit":
        """Return the regressions at these weights, one per study."""
        return RegressionFit(self, weights)

    def at(self, tau2: Array) -> "RegressionFit":
        """Return the regressions at the weights 1 / (vi + tau²)."""
        return RegressionFit(self, 1 / (self.vi + self.spread(tau2)))


class RegressionFit:
    """A weighted least-squares fit.

    With A = W^(1/2) B, B the orthonormal basis, and A = QR, P = W^(1/2) (I - QQ') W^(1/2). The
    leverages h are the diagonal of QQ'.
    """

    def __init__(self, model: RegressionModel, weights: Array) -> None:
        self.sum = model.sum
        self.weights = weights
        root = np.sqrt(weights)
        self.q_matrix, self.r_matrix = np.linalg.qr(root[..., None] * model.basis)
        weighted = root * model.yi
        self.coefficients = np.einsum("mkp,mk->mp", self.q_matrix, weighted)
        self.scaled = weighted - np.einsum("mkp,mp->mk", self.q_matrix, self.coefficients)
        self.residuals = self.scaled / root
        self.py = root * self.scaled
        self._root = root

    @cached_property
    def leverages(self) -> Array:
        """The diagonal of the hat matrix, one per study."""
        return np.asarray((self.q_matrix**2).sum(axis=-1))

    @property
    def q(self) -> Array:
        """The sum y'Py."""
        return self.sum(self.scaled**2)

    @property
    def yppy(self) -> Array:
        """The sum y'PPy."""
        return self.sum(self.py**2)

    @property
    def ypppy(self) -> Array:
        """The sum y'PPPy."""
        weighted = self._root * self.py
        fitted = np.einsum("mkp,mk->mp", self.q_matrix, weighted)
        return self.sum(weighted**2) - self.sum(fitted**2)

    @property
    def trace_p(self) -> Array:
        """The sum of w (1 - h)."""
        return self.sum(self.weights * (1 - self.leverages))

    @property
    def trace_pp(self) -> Array:
        """The trace of PP."""
        one = np.ones_like(self.weights)
        return self.trace_product(one, one)

    @property
    def log_det(self) -> Array:
        """The logarithm of |B'WB|, which differs from that of |X'WX| by a constant."""
        diagonal = np.diagonal(self.r_matrix, axis1=-2, axis2=-1)
        return np.asarray(2 * np.log(np.abs(diagonal)).sum(axis=-1))

    def trace(self, a: Array) -> Array:
        """Return the sum of w a (1 - h)."""
        return self.sum(self.weights * a * (1 - self.leverages))

    def trace_product(self, a: Array, b: Array) -> Array:
        """Return the sum of w² ab (1 - 2h) and of the products of Q'WAQ and Q'WBQ."""
        direct = self.sum(self.weights**2 * a * b * (1 - 2 * self.leverages))
        return np.asarray(direct + (self._inner(a) * self._inner(b)).sum(axis=(-2, -1)))

    def _inner(self, a: Array) -> Array:
        weighted = self.q_matrix * (self.weights * a)[..., None]
        return np.asarray(np.swapaxes(weighted, -2, -1) @ self.q_matrix)
