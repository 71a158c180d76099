"""The linear models behind a meta-analysis, at given weights.

A model is fitted by weighted least squares: with W the diagonal matrix of the weights and X the
design, P = W - W X (X'WX)^-1 X'W takes the effects y to their weighted residuals Py. Every
estimator of tau² and every test is made of a few sums of them: y'Py, y'PPy, y'PPPy and the traces
of P, PA and PAPB for diagonal A and B. A fit gives these sums without forming P.

`MeanModel` is the meta-analysis proper, X a column of ones, for many groups at once;
`RegressionModel` has a design. Both speak of m fits: the sums have shape (m,).
"""

from functools import cached_property
from typing import Protocol, Self

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.groups import Groups, Index


class Fit(Protocol):
    """A model at given weights."""

    @property
    def weights(self) -> Array:
        """The weights, one per study."""

    @property
    def residuals(self) -> Array:
        """Effects minus fitted values, one per study."""

    @property
    def q(self) -> Array:
        """The sum y'Py, the weighted sum of squared residuals."""

    @property
    def yppy(self) -> Array:
        """The sum y'PPy."""

    @property
    def ypppy(self) -> Array:
        """The sum y'PPPy."""

    @property
    def trace_p(self) -> Array:
        """The trace of P."""

    @property
    def trace_pp(self) -> Array:
        """The trace of PP."""

    @property
    def log_det(self) -> Array:
        """The logarithm of the determinant of X'WX."""

    def sum(self, values: Array) -> Array:
        """Return the sum over the studies of each fit."""

    def trace(self, a: Array) -> Array:
        """Return the trace of PA; a is the diagonal of A."""

    def trace_product(self, a: Array, b: Array) -> Array:
        """Return the trace of PAPB; a and b are the diagonals of A and B."""


class Model(Protocol):
    """m models that can be fitted at given weights."""

    @property
    def yi(self) -> Array:
        """Effects, one per study, shifted so that their plain mean is near zero."""

    @property
    def vi(self) -> Array:
        """Sampling variances, one per study."""

    @property
    def k(self) -> Array:
        """The number of studies of each fit, shape (m,)."""

    @property
    def p(self) -> int:
        """The number of coefficients."""

    def sum(self, values: Array) -> Array:
        """Return the sum over the studies of each fit."""

    def spread(self, values: Array) -> Array:
        """Return one value per study of one per fit."""

    def least(self, values: Array) -> Array:
        """Return the least value of each fit."""

    def greatest(self, values: Array) -> Array:
        """Return the greatest value of each fit."""

    def take(self, which: Index) -> Self:
        """Return the models at these positions; one may be taken more than once."""

    def fit(self, weights: Array) -> Fit:
        """Fit at these weights, one per study."""

    def at(self, tau2: Array) -> Fit:
        """Fit at the weights 1 / (vi + tau²), tau² of shape (m,)."""


def unweighted(model: Model) -> Fit:
    """Fit by ordinary least squares."""
    return model.fit(np.ones_like(model.yi))


class MeanModel:
    """One mean for each of m groups of studies: the model of a meta-analysis."""

    p = 1

    def __init__(self, yi: Array, vi: Array, groups: Groups) -> None:
        self.yi = yi
        self.vi = vi
        self.groups = groups

    @property
    def k(self) -> Array:
        """The sizes of the groups, shape (m,)."""
        return self.groups.sizes.astype(float)

    def sum(self, values: Array) -> Array:
        """Return the sum over each group."""
        return self.groups.sum(values)

    def spread(self, values: Array) -> Array:
        """Return one value per study of one per group."""
        return self.groups.spread(values)

    def least(self, values: Array) -> Array:
        """Return the least value of each group."""
        return self.groups.extreme(np.minimum, values)

    def greatest(self, values: Array) -> Array:
        """Return the greatest value of each group."""
        return self.groups.extreme(np.maximum, values)

    def take(self, which: Index) -> "MeanModel":
        """Return the models of these groups; one may be taken more than once."""
        positions = self.groups.positions(which)
        return MeanModel(self.yi[positions], self.vi[positions], self.groups.take(which))

    def fit(self, weights: Array) -> "MeanFit":
        """Return the means at these weights, one per study."""
        return MeanFit(self, weights)

    def at(self, tau2: Array) -> "MeanFit":
        """Return the means at the weights 1 / (vi + tau²)."""
        return MeanFit(self, 1 / (self.vi + self.spread(tau2)))


class MeanFit:
    """The weighted mean of each group, where P has the elements w_i 1(i = j) - w_i w_j / S1.

    S1, S2 and S3 are the sums of w, w² and w³ over a group.
    """

    def __init__(self, model: MeanModel, weights: Array) -> None:
        self.sum = model.groups.sum
        self.weights = weights
        self.total = self.sum(weights)
        self.mean = self.sum(weights * model.yi) / self.total
        self.residuals = model.yi - model.groups.spread(self.mean)
        self.py = weights * self.residuals

    @property
    def q(self) -> Array:
        """The sum of w (y - mean)²."""
        return self.sum(self.py * self.residuals)

    @property
    def yppy(self) -> Array:
        """The sum of w² (y - mean)²."""
        return self.sum(self.py * self.py)

    @property
    def ypppy(self) -> Array:
        """The sum of w³ (y - mean)² less (sum w² (y - mean))² / S1."""
        weighted = self.weights * self.py
        return self.sum(weighted * self.py) - self.sum(weighted) ** 2 / self.total

    @cached_property
    def squares(self) -> Array:
        """The squared weights."""
        return self.weights * self.weights

    @cached_property
    def _ratio(self) -> Array:
        return self.sum(self.squares) / self.total

    @property
    def trace_p(self) -> Array:
        """S1 - S2 / S1."""
        return self.total - self._ratio

    @property
    def trace_pp(self) -> Array:
        """S2 - 2 S3 / S1 + (S2 / S1)²."""
        squares = self._ratio * (self.total + self._ratio)
        return squares - 2 * self.sum(self.squares * self.weights) / self.total

    @property
    def log_det(self) -> Array:
        """The logarithm of S1."""
        return np.log(self.total)

    def trace(self, a: Array) -> Array:
        """Return sum w a - sum w² a / S1."""
        return self.sum(self.weights * a) - self.sum(self.squares * a) / self.total

    def trace_product(self, a: Array, b: Array) -> Array:
        """Return sum w² ab - 2 sum w³ ab / S1 + (sum w² a) (sum w² b) / S1²."""
        squares_a, squares_b = self.squares * a, self.squares * b
        crossed = self.sum(squares_a) * self.sum(squares_b) / self.total**2
        return (
            self.sum(squares_a * b)
            - 2 * self.sum(self.weights * squares_a * b) / self.total
            + crossed
        )
