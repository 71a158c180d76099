"""The model of a meta-analysis proper: one mean, or many of them side by side."""

from functools import cached_property
from typing import Any

import numpy as np

from kb.synthesis.distributions import Array, number
from kb.synthesis.groups import Index, dot


class MeanModel:
    """One mean for each group of k studies: the model of a meta-analysis.

    The most precise study of a group is kept apart, and the effects of the others are measured
    from its effect. Where it outweighs them all, its residual and the traces of P are small
    differences of large numbers; so kept and so measured they lose no digits.

    Attributes:
        k: the number of studies, shape () or (m,).
        least_vi: the variance of the most precise study, shape () or (m,).
        vi: the variances of the others, shape (k - 1,) or (k - 1, m).
        powers: 1, y and y² of the others, shape (3, k - 1) or (3, k - 1, m); 0 in empty cells.
    """

    p = 1

    def __init__(self, k: Array, least_vi: Array, vi: Array, powers: Array) -> None:
        self.k = k
        self.least_vi = least_vi
        self.vi = vi
        self.powers = powers

    @property
    def greatest_vi(self) -> Array:
        """The variance of the least precise study of each group."""
        others: Array = np.maximum.reduce(self.vi, axis=0)
        return np.maximum(others, self.least_vi)

    @property
    def total_ss(self) -> Array:
        """The sum of squared deviations from the plain mean."""
        _, y, squares = self.sums(np.ones(self.vi.shape))
        result: Array = squares - y * y / self.k
        return result

    @property
    def rss(self) -> Array:
        """The same: the plain mean is the fit by ordinary least squares."""
        return self.total_ss

    @cached_property
    def common(self) -> "MeanFit":
        """The means at the weights 1 / vi, as if there were one effect common to all."""
        return self.at(0)

    @cached_property
    def unweighted(self) -> "MeanFit":
        """The plain means."""
        return MeanFit(self, np.ones(self.k.shape)[()], np.ones(self.vi.shape))

    def at(self, tau2: Array | float) -> "MeanFit":
        """Return the means at the weights 1 / (vi + tau²)."""
        weights = np.reciprocal(np.add(self.vi, tau2))
        return MeanFit(self, 1 / (self.least_vi + tau2), weights)

    def column(self) -> "MeanModel":
        """Return one model as a column, to be fitted at several tau² side by side."""
        return MeanModel(self.k, self.least_vi, self.vi[:, None], self.powers)

    def take(self, which: Index) -> "MeanModel":
        """Return those of m models that are at these positions, which may repeat."""
        return MeanModel(
            self.k[which], self.least_vi[which], self.vi[:, which], self.powers[..., which]
        )

    def sums(self, values: Array) -> Any:
        """Return the sums over the others of values, values y and values y², shape (3,) or (3, m).

        Of one model they are a list of Python's floats, which reckon four times as fast as numpy's.
        """
        if values.ndim == 1:
            return self.powers.dot(values).tolist()
        if self.powers.ndim == 2:
            return self.powers @ values
        return np.einsum("skm,km->sm", self.powers, values)


def mean_model(
    yi: Array, vi: Array, k: Array, present: Array | float = 1.0
) -> tuple[MeanModel, Array]:
    """Return the model of the groups, and the effects of their most precise studies.

    `yi` and `vi` have shape (k,) or (k, m); in the latter, `present` is 0 in the cells that hold
    no study, which are never in the first row and repeat another study's variance.
    """
    best = vi.argmin(axis=0)
    first = (best, np.arange(best.size)) if best.ndim else (best,)
    origin, least_vi = yi[first], vi[first] if best.ndim else number(float(vi[best]))
    others_y, others_v = yi - origin, vi.copy()
    others_y[first], others_v[first] = others_y[0], others_v[0]
    y = others_y[1:]
    powers = np.empty((3, *y.shape))
    powers[0] = 1.0 if isinstance(present, float) else present[1:]
    np.multiply(powers[0], y, out=powers[1])
    np.multiply(powers[1], y, out=powers[2])
    return MeanModel(k, least_vi, others_v[1:], powers), origin


class MeanFit:
    """The weighted mean of each group, where P has the elements w_i 1(i = j) - w_i w_j / S1.

    S1 is the sum of the weights; M is the weight of the most precise study, and R1, R2 and R3 are
    the sums of w, w² and w³ over the others. As effects are measured from that study's, its
    residual is minus the mean, and its element of Py is -c with c = M mean.
    """

    _r1: Array
    _r2: Array
    _wy: Array
    _wyy: Array
    _w2y: Array
    _w2yy: Array

    def __init__(self, model: MeanModel, greatest: Array, weights: Array) -> None:
        self._model = model
        self._weights = weights
        self._m = greatest
        self._r1, self._wy, self._wyy = model.sums(weights)
        self.trace_w: Array = greatest + self._r1
        self.mean: Array = self._wy / self.trace_w
        self._r2, self._w2y, self._w2yy = model.sums(weights * weights)
        self._third: Any = None

    @property
    def q(self) -> Array:
        """The sum of w (y - mean)², as sum w y² - mean sum w y."""
        return self._wyy - self.mean * self._wy

    @property
    def yppy(self) -> Array:
        """The sum of w² (y - mean)²."""
        return self._w2yy + self.mean * (self.mean * self.trace_ww - 2 * self._w2y)

    def _thirds(self) -> Any:
        """Return R3 and the sums of w³ y and w³ y², which not every use of a fit needs."""
        if self._third is None:
            self._third = self._model.sums(self._weights * self._weights * self._weights)
        return self._third

    @property
    def ypppy(self) -> Array:
        """The sum of w³ (y - mean)² less (sum w² (y - mean))² / S1, without what cancels."""
        r3, w3y, w3yy = self._thirds()
        mean, m = self.mean, self._m
        c = m * mean
        b = self._w2y - mean * self._r2
        cubes: Array = w3yy - 2 * mean * w3y + mean * mean * r3
        rest: Array = (b * (2 * m * c - b) + c * c * m * self._r1) / self.trace_w
        return cubes + rest

    @property
    def trace_ww(self) -> Array:
        """The sum of w²."""
        return self._m * self._m + self._r2

    @property
    def trace_p(self) -> Array:
        """The trace S1 - S2 / S1, as (2 M R1 + R1² - R2) / S1."""
        return (self._r1 * (2 * self._m + self._r1) - self._r2) / self.trace_w

    @property
    def trace_pp(self) -> Array:
        """The trace S2 - 2 S3 / S1 + (S2 / S1)², with the powers of M that cancel left out."""
        m, r1, r2 = self._m, self._r1, self._r2
        r3: Array = self._thirds()[0]
        inner = m * (r1 * r1 + 3 * r2) + 2 * (r1 * r2 - r3)
        return (m * inner + r1 * (r1 * r2 - 2 * r3) + r2 * r2) / (self.trace_w * self.trace_w)

    @property
    def trace_pv(self) -> Array:
        """The sum of w v less that of w² v / S1."""
        return self._sum(1, 1) - self._sum(2, 1) / self.trace_w

    @property
    def trace_pvp(self) -> Array:
        """The sum of w² v less 2 sum w³ v / S1, plus (sum w² v) (sum w²) / S1²."""
        w2v = self._sum(2, 1)
        return w2v - (2 * self._sum(3, 1) - w2v * self.trace_ww / self.trace_w) / self.trace_w

    @property
    def trace_pvpv(self) -> Array:
        """The sum of w² v² less 2 sum w³ v² / S1, plus (sum w² v)² / S1²."""
        crossed = self._sum(2, 1) ** 2 / self.trace_w
        return self._sum(2, 2) - (2 * self._sum(3, 2) - crossed) / self.trace_w

    def _sum(self, w: int, v: int) -> Array:
        """Return the sum of the weights to the power w times the variances to the power v."""
        model = self._model
        return self._m**w * model.least_vi**v + dot(model.powers[0], self._weights**w * model.vi**v)

    @property
    def log_det_w(self) -> Array:
        """The sum of log w."""
        return np.log(self._m) + dot(self._model.powers[0], np.log(self._weights))

    @property
    def log_det_xwx(self) -> Array:
        """The logarithm of S1."""
        return np.log(self.trace_w)
