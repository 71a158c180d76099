"""The linear models behind a meta-analysis, at given weights.

A model is fitted by weighted least squares: with W the diagonal matrix of the weights and X the
design, P = W - W X (X'WX)^-1 X'W takes the effects y to their weighted residuals Py. Every
estimator of tau² and every test is made of a few sums of them: y'Py, y'PPy, y'PPPy and the traces
of P, PA and PAPB for diagonal A and B. A fit gives these sums without forming P.

`MeanModel` is the meta-analysis proper, X a column of ones; `RegressionModel` has a design. Either
is one model, with one value per study in an array of shape (k,) and sums of shape (), or m of
them side by side, with arrays of shape (k, m) and sums of shape (m,).
"""

from functools import cached_property
from typing import Protocol, TypeGuard, TypeVar

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.groups import Index, dot, total


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

    @property
    def log_weights(self) -> Array:
        """The sum of the logarithms of the weights."""

    def trace(self, a: Array) -> Array:
        """Return the trace of PA; a is the diagonal of A."""

    def trace_product(self, a: Array, b: Array) -> Array:
        """Return the trace of PAPB; a and b are the diagonals of A and B."""


F_co = TypeVar("F_co", bound=Fit, covariant=True)


class Model(Protocol[F_co]):
    """One model, or m of them, that can be fitted at given weights."""

    @property
    def yi(self) -> Array:
        """Effects, one per study, from an origin of the model's own choice."""

    @property
    def vi(self) -> Array:
        """Sampling variances, one per study."""

    @property
    def k(self) -> Array:
        """The number of studies, shape () or (m,)."""

    @property
    def p(self) -> int:
        """The number of coefficients."""

    @property
    def least_vi(self) -> Array:
        """The least sampling variance, shape () or (m,)."""

    @property
    def greatest_vi(self) -> Array:
        """The greatest sampling variance, shape () or (m,)."""

    @property
    def common(self) -> F_co:
        """The fit at the weights 1 / vi, as if there were one effect common to all."""

    @property
    def unweighted(self) -> F_co:
        """The fit by ordinary least squares."""

    @property
    def rss(self) -> Array:
        """The residual sum of squares of the unweighted fit."""

    def at(self, tau2: Array | float) -> F_co:
        """Fit at the weights 1 / (vi + tau²), tau² of shape () or (m,)."""

    def column(self) -> "Model[F_co]":
        """Return one model as a column, to be fitted at several tau² side by side."""


class Models(Model[F_co], Protocol[F_co]):
    """m models side by side."""

    def take(self, which: Index) -> "Models[F_co]":
        """Return those at these positions, which may repeat."""


def several(model: Model[F_co]) -> TypeGuard[Models[F_co]]:
    """Return whether there are several models, side by side."""
    return model.k.ndim > 0


class MeanModel:
    """One mean for each group of studies: the model of a meta-analysis.

    Attributes:
        yi, vi: effects and variances, shape (k,) or (k, m).
        k: the number of studies of each group.
        present: 1 in the cells that hold a study, 0 in those that are empty.
        first: where the most precise study of each group is. Effects are to be measured from its
            effect: where it outweighs all others, its residual and the traces of P are small
            differences of large numbers, and so measured they lose no digits.
    """

    p = 1

    def __init__(
        self, yi: Array, vi: Array, k: Array, present: Array | float, first: tuple[Index, ...]
    ) -> None:
        self.yi = yi
        self.vi = vi
        self.k = k
        self.present = present
        self.first = first

    @property
    def least_vi(self) -> Array:
        """The variance of the most precise study of each group."""
        return self.vi[self.first]

    @property
    def greatest_vi(self) -> Array:
        """The variance of the least precise study of each group."""
        return np.maximum.reduce(self.vi, axis=0)

    @cached_property
    def common(self) -> "MeanFit":
        """The means at the weights 1 / vi, as if there were one effect common to all."""
        return self.at(0)

    @cached_property
    def unweighted(self) -> "MeanFit":
        """The plain means."""
        return self.fit(self.present * np.ones(self.vi.shape))

    @property
    def rss(self) -> Array:
        """The sum of squared deviations from the plain mean."""
        mean = total(self.present * self.yi) / self.k
        deviations = self.present * (self.yi - mean)
        return dot(deviations, deviations)

    def fit(self, weights: Array) -> "MeanFit":
        """Return the means at these weights, one per study, or none at all in an empty cell."""
        return MeanFit(self, weights)

    def at(self, tau2: Array | float) -> "MeanFit":
        """Return the means at the weights 1 / (vi + tau²)."""
        return MeanFit(self, self.present / (self.vi + tau2))

    def column(self) -> "MeanModel":
        """Return one model as a column, to be fitted at several tau² side by side."""
        return MeanModel(self.yi[:, None], self.vi[:, None], self.k, 1.0, self.first)

    def take(self, which: Index) -> "MeanModel":
        """Return those of m models that are at these positions, which may repeat."""
        first = (self.first[0][which], np.arange(which.size))
        present = self.present if isinstance(self.present, float) else self.present[:, which]
        return MeanModel(self.yi[:, which], self.vi[:, which], self.k[which], present, first)


def mean_model(
    yi: Array, vi: Array, k: Array, present: Array | float = 1.0
) -> tuple[MeanModel, Array]:
    """Return the model, and the effects of the most precise studies that it measures from."""
    best = vi.argmin(axis=0)
    first = (best, np.arange(best.size)) if best.ndim else (best,)
    origin = yi[first]
    return MeanModel(yi - origin, vi, k, present, first), origin


class MeanFit:
    """The weighted mean of each group, where P has the elements w_i 1(i = j) - w_i w_j / S1.

    S1, S2 and S3 are the sums of w, w² and w³ over a group; M is the weight of its most precise
    study, and R1, R2 and R3 are the sums over the rest.
    """

    def __init__(self, model: MeanModel, weights: Array) -> None:
        self.weights = weights
        self._m = weights[model.first]
        self._rest = weights.copy()
        self._rest[model.first] = 0
        self._r1 = total(self._rest)
        self._r2 = dot(self._rest, self._rest)
        self.total = self._m + self._r1
        self.mean = dot(weights, model.yi) / self.total
        self.residuals = model.yi - self.mean
        self.py = weights * self.residuals

    @property
    def q(self) -> Array:
        """The sum of w (y - mean)²."""
        return dot(self.py, self.residuals)

    @property
    def yppy(self) -> Array:
        """The sum of w² (y - mean)²."""
        return dot(self.py, self.py)

    @property
    def ypppy(self) -> Array:
        """The sum of w³ (y - mean)² less (sum w² (y - mean))² / S1."""
        cubes = dot(self.weights * self.py, self.py)
        return cubes - dot(self.weights, self.py) ** 2 / self.total

    @property
    def trace_p(self) -> Array:
        """The trace S1 - S2 / S1, as (2 M R1 + R1² - R2) / S1."""
        return (self._r1 * (2 * self._m + self._r1) - self._r2) / self.total

    @property
    def trace_pp(self) -> Array:
        """The trace S2 - 2 S3 / S1 + (S2 / S1)², with the powers of M that cancel left out."""
        m, r1, r2 = self._m, self._r1, self._r2
        r3 = dot(self._rest * self._rest, self._rest)
        inner = m * (r1 * r1 + 3 * r2) + 2 * (r1 * r2 - r3)
        return (m * inner + r1 * (r1 * r2 - 2 * r3) + r2 * r2) / (self.total * self.total)

    @property
    def log_det(self) -> Array:
        """The logarithm of S1."""
        return np.log(self.total)

    @property
    def log_weights(self) -> Array:
        """The sum of log w."""
        return total(np.log(np.where(self.weights > 0, self.weights, 1)))

    def trace(self, a: Array) -> Array:
        """Return sum w a - sum w² a / S1."""
        weighted = self.weights * a
        return total(weighted) - dot(self.weights, weighted) / self.total

    def trace_product(self, a: Array, b: Array) -> Array:
        """Return sum w² ab - 2 sum w³ ab / S1 + (sum w² a) (sum w² b) / S1²."""
        wa, wb = self.weights * a, self.weights * b
        crossed = dot(self.weights, wa) * dot(self.weights, wb) / self.total
        return dot(wa, wb) - (2 * dot(self.weights * wa, wb) - crossed) / self.total
