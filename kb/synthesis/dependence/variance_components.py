"""Variance components of a three-level model by restricted maximum likelihood (REML).

The effects have the covariance M = V + between J + within I, where J has ones within clusters and
zeros elsewhere. With A = M^-1 and P = A - A X (X'AX)^-1 X'A the restricted log-likelihood, its
score and its information are (Searle SR, Casella G, McCulloch CE. Variance Components, 1992,
chapter 6; U and W stand for I or J)

    -1/2 ((k - p) log 2 pi - log |X'X| + log |M| + log |X'AX| + y'Py),
    -1/2 (tr PW - y'PWPy),
    1/2 tr PUPW expected, y'PUPWPy - 1/2 tr PUPW observed.
"""

from functools import cached_property
from itertools import product
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.dependence.working_covariance import WorkingCovariance, marginal
from kb.synthesis.distributions import Array

# The components are always in this order.
BETWEEN, WITHIN = 0, 1

_MOST_STEPS = 200
_MOST_HALVINGS = 40


class ClusteredEffects:
    """Effects, cluster after cluster, and the model of their mean.

    The design is replaced by orthonormal columns of the same span, and the effects by what
    unweighted least squares leaves of them: neither moves the likelihood, and both save digits.
    """

    def __init__(self, yi: Array, vi: Array, design: Array, clusters: Clusters, rho: float) -> None:
        self.vi = vi
        self.clusters = clusters
        self.rho = rho
        self.basis, self.triangle = np.linalg.qr(design)
        self.offset = self.basis.T @ yi
        self.yi = yi - self.basis @ self.offset
        self.columns = np.column_stack([self.basis, self.yi, np.ones_like(yi)])

    @property
    def df(self) -> int:
        """The number of effects less the number of coefficients."""
        k, p = self.basis.shape
        return int(k - p)

    def at(self, components: Array) -> "RestrictedFit":
        """Return the fit at these components, between and within clusters."""
        between, within = components.tolist()
        covariance = marginal(self.clusters, self.vi, rho=self.rho, between=between, within=within)
        return RestrictedFit(self, covariance)

    @property
    def identified(self) -> bool:
        """Whether the effects can tell the components apart.

        They can if PIP and PJP are linearly independent, which does not depend on M: take M = I.
        """
        plain = WorkingCovariance(self.clusters, np.ones_like(self.vi))
        traces = RestrictedFit(self, plain).expected_information
        trace_jj = float((self.clusters.sizes**2).sum())
        return bool(np.linalg.det(traces) > 1e-10 * trace_jj * traces[WITHIN, WITHIN])


class RestrictedFit:
    """Generalised least squares at a given covariance, with the restricted likelihood there."""

    def __init__(self, data: ClusteredEffects, covariance: WorkingCovariance) -> None:
        self._clusters = data.clusters
        self._covariance = covariance
        self._df = data.df
        whitened = covariance.whiten(data.columns)
        self._basis, self.triangle = np.linalg.qr(whitened[:, :-2])
        self.coefficients, self._residuals = self._split(whitened[:, -2:-1])
        self._ones = whitened[:, -1]

    def _split(self, values: Array) -> tuple[Array, Array]:
        """Return the coordinates of whitened columns in the design's span, and what is left."""
        coordinates = self._basis.T @ values
        return coordinates, values - self._basis @ coordinates

    @property
    def q(self) -> float:
        """The weighted sum of squared residuals y'Py."""
        return float((self._residuals**2).sum())

    @cached_property
    def log_likelihood(self) -> float:
        """The restricted log-likelihood."""
        log_det = self._covariance.log_determinant
        log_det += 2 * float(np.log(np.abs(np.diag(self.triangle))).sum())
        return -(self._df * log(2 * pi) + log_det + self.q) / 2

    @cached_property
    def _pulled(self) -> tuple[Array, Array]:
        """H with P = A - HH', shape (k, p), and Py, shape (k, 1)."""
        pulled = self._covariance.pull(np.column_stack([self._basis, self._residuals]))
        return pulled[:, :-1], pulled[:, -1:]

    @cached_property
    def _summed(self) -> tuple[Array, Array]:
        """The same, summed over each cluster."""
        h, py = self._pulled
        return self._clusters.sum(h), self._clusters.sum(py)

    @property
    def trace_p(self) -> float:
        """The trace of P."""
        return self._covariance.trace_inverse - float((self._pulled[0] ** 2).sum())

    @cached_property
    def score(self) -> Array:
        """The derivatives of the log-likelihood by the components."""
        (_, py), (h_sums, py_sums) = self._pulled, self._summed
        trace_pj = (self._ones**2).sum() - (h_sums**2).sum()
        squares = np.array([(py_sums**2).sum(), (py**2).sum()])
        return np.asarray((squares - [trace_pj, self.trace_p]) / 2)

    def _applied(self, values: Array, sums: Array) -> tuple[Array, Array]:
        """Return J and I times the values, whitened; `sums` are those of each cluster."""
        return self._ones[:, None] * self._clusters.spread(sums), self._covariance.whiten(values)

    @cached_property
    def expected_information(self) -> Array:
        """Fisher's information of the components, shape (2, 2)."""
        (h, _), (h_sums, _) = self._pulled, self._summed
        applied = self._applied(h, h_sums)
        inner = (h_sums.T @ h_sums, h.T @ h)
        a_ones = self._covariance.pull(self._ones[:, None])
        crossed = (a_ones**2).sum()
        within = self._covariance.trace_inverse_squared
        between = (self._clusters.sum(self._ones**2) ** 2).sum()
        traces = np.array([[between, crossed], [crossed, within]])
        for i, j in product((BETWEEN, WITHIN), repeat=2):
            traces[i, j] += (inner[i] * inner[j]).sum() - 2 * (applied[i] * applied[j]).sum()
        return traces / 2

    @property
    def observed_information(self) -> Array:
        """The negative second derivatives of the log-likelihood, shape (2, 2)."""
        (_, py), (_, py_sums) = self._pulled, self._summed
        _, left = self._split(np.column_stack(self._applied(py, py_sums)))
        return left.T @ left - self.expected_information


def restricted_maximum_likelihood(data: ClusteredEffects) -> Array:
    """Return the components, between and within clusters, of the highest maximum.

    The likelihood may have several maxima, at zero or not. It is climbed from small and from large
    values in each of the sub-models where a component is zero and in the full one, and from the
    sub-models' maxima; the greatest log-likelihood decides. A component at the boundary is
    exactly 0.
    """
    size = float((data.yi**2).sum()) / data.df
    starts = (size / 100, size)
    peaks = [np.zeros(2)]
    for component in (BETWEEN, WITHIN):
        alone = np.arange(2) == component
        low, high = (_climb(data, start * alone, alone) for start in starts)
        peaks += [low] if np.allclose(low, high, rtol=1e-6, atol=0) else [low, high]
    both = np.array([True, True])
    inner = [np.full(2, start) for start in starts]
    peaks += [_climb(data, start, both) for start in peaks + inner]
    return max(peaks, key=lambda peak: data.at(peak).log_likelihood)


def _climb(data: ClusteredEffects, components: Array, allowed: NDArray[np.bool_]) -> Array:
    """Return the maximum that is reached from these components by moving the allowed ones.

    Newton's steps, or Fisher's where the likelihood is not concave, cut off where a component
    reaches zero and halved until the likelihood does not fall. The last step is one below 1e-9 of
    the total variance: convergence is quadratic.
    """
    floor = 1e-12 * float(data.vi.min())
    fit = data.at(components)
    for _ in range(_MOST_STEPS):
        free = allowed & ((components > 0) | (fit.score > 0))
        if not free.any():
            break
        components, fit, moved = _advance(data, components, fit, _direction(fit, components, free))
        if np.abs(moved).max() <= 1e-9 * components.max() + floor:
            break
    return components


def _advance(
    data: ClusteredEffects, components: Array, fit: RestrictedFit, direction: Array
) -> tuple[Array, RestrictedFit, Array]:
    """Return the components, the fit and the move, along a direction as far as it does not fall."""
    least = fit.log_likelihood - 1e-13 * (1 + abs(fit.log_likelihood))
    falling = np.flatnonzero(direction < 0)
    reach = components[falling] / -direction[falling]
    share = min(1.0, float(reach.min())) if falling.size else 1.0
    stopped = falling[reach <= share]
    for _ in range(_MOST_HALVINGS):
        trial = components + share * direction
        trial[stopped] = 0.0
        reached = data.at(trial)
        if reached.log_likelihood >= least:
            return trial, reached, trial - components
        share /= 2
        stopped = stopped[:0]
    return components, fit, np.zeros(2)


def _direction(fit: RestrictedFit, components: Array, free: NDArray[np.bool_]) -> Array:
    """Return a step of the free components along which the likelihood rises."""
    direction = np.zeros(2)
    score, square = fit.score[free], np.ix_(free, free)
    information = fit.observed_information[square]
    if np.linalg.eigvalsh(information).min() <= 0:
        information = fit.expected_information[square]
    direction[free] = np.linalg.solve(information, score)
    if (direction[components == 0] < 0).any():
        direction[free] = score / np.diag(fit.expected_information)[free]
    return direction
