"""A working covariance of clustered effects that is never written down as a k x k matrix.

Within a cluster the covariance matrix is

    M = diag(d) + c1 u1 u1' + c2 u2 u2' + ...

for a few vectors u; effects of different clusters are independent. Sampling errors that correlate
by rho are d = (1 - rho) vi with u = sqrt(vi), c = rho; a variance shared by the cluster is u = 1.
Everything is a sum over the effects of a cluster: time and memory grow with k.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import numpy as np

from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.distributions import Array

Term: TypeAlias = tuple[float, Array]


class _Step(NamedTuple):
    """The symmetric root of (I + c u u')^-1: I - shrink e e', with e = u / |u|.

    `square` is that of (I + c u u')^-1 itself; `own` is e on the scale of the effects.
    """

    e: Array
    shrink: Array
    square: Array
    own: Array


class WorkingCovariance:
    """A covariance matrix diag(d) + sum of c u u' within clusters, positive definite.

    It is handled by its whitening T, a matrix with T M T' = I, hence T'T = M^-1: divide by sqrt(d),
    then for each term shrink the cluster's component along u, as whitened so far. Each step
    multiplies one direction by a number known to full precision, so a covariance that is much
    larger in one direction than in others costs few digits.
    """

    def __init__(self, clusters: Clusters, d: Array, terms: Iterable[Term] = ()) -> None:
        self._clusters = clusters
        self._scale = 1 / np.sqrt(d)
        self._steps: list[_Step] = []
        self.log_determinant = float(np.log(d).sum())
        for c, u in terms:
            if c != 0:
                self._add(c, u)

    def _add(self, c: float, u: Array) -> None:
        whitened = self.whiten(u[:, None])[:, 0]
        squared = self._clusters.sum(whitened**2)
        grown = np.log1p(c * squared)
        e = whitened / self._clusters.spread(np.sqrt(squared))
        own = self.pull(e[:, None])[:, 0]
        self._steps.append(_Step(e, -np.expm1(-grown / 2), -np.expm1(-grown), own))
        self.log_determinant += float(grown.sum())

    def whiten(self, values: Array) -> Array:
        """Return T values, shape (k, q)."""
        result = values * self._scale[:, None]
        for step in self._steps:
            result = result - self._component(step, result)
        return result

    def pull(self, values: Array) -> Array:
        """Return T' values, shape (k, q)."""
        result = values
        for step in reversed(self._steps):
            result = result - self._component(step, result)
        return np.asarray(result * self._scale[:, None])

    def _component(self, step: _Step, values: Array) -> Array:
        e = step.e[:, None]
        along = step.shrink[:, None] * self._clusters.sum(e * values)
        return np.asarray(e * self._clusters.spread(along))

    @property
    def trace_inverse(self) -> float:
        """The trace of M^-1, which is diag(1/d) - sum of `square` own own'."""
        taken = sum(float((s.square * self._clusters.sum(s.own**2)).sum()) for s in self._steps)
        return float((self._scale**2).sum()) - taken

    @property
    def trace_inverse_squared(self) -> float:
        """The trace of M^-2."""
        weights = self._scale**2
        total = float((weights**2).sum())
        for a in self._steps:
            total -= 2 * float((a.square * self._clusters.sum(weights * a.own**2)).sum())
            for b in self._steps:
                product = self._clusters.sum(a.own * b.own)
                total += float((a.square * b.square * product**2).sum())
        return total


def marginal(
    clusters: Clusters, vi: Array, *, rho: float, between: float, within: float
) -> WorkingCovariance:
    """Return the covariance of effects with sampling variances vi in a three-level model.

    Within a cluster cov(i, j) = between + rho sqrt(vi vj) for i != j, and the variance of i is
    between + within + vi. With both components zero it is the covariance of the sampling errors.
    """
    terms = ((rho, np.sqrt(vi)), (between, np.ones_like(vi)))
    return WorkingCovariance(clusters, (1 - rho) * vi + within, terms)


def marginal_block(vi: Array, *, rho: float, between: float, within: float) -> Array:
    """Return the same covariance of the n effects of one cluster as a matrix, shape (n, n)."""
    root = np.sqrt(vi)
    return rho * np.outer(root, root) + np.diag((1 - rho) * vi + within) + between
