"""A density of one variable, known up to a constant: its integrals, probabilities and quantiles.

The density is held on panels, on each as a Chebyshev series, and a panel is halved until the series
there has converged: to the rounding of the density, not to a number of digits. The nodes of the
panels are Gauss's, so that integrals of smooth functions over the density are sums over the nodes.
(Davis PJ, Rabinowitz P. Methods of Numerical Integration, 2nd ed. 1984; Trefethen LN. Approximation
Theory and Approximation Practice. 2013, chapters 8 and 19, on knowing a function by its series.)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.chebyshev import chebint, chebvander
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from kb.synthesis.bayes.roots import increasing_root
from kb.synthesis.distributions import Array

_TERMS = 16
_NODES, _WEIGHTS = leggauss(_TERMS)
_TO_SERIES = np.linalg.inv(chebvander(_NODES, _TERMS - 1)).T
_TO_INTEGRAL = _TO_SERIES @ chebint(np.eye(_TERMS), lbnd=-1).T
_CONVERGED = 1e-13  # of the whole, what the last terms of a series may still amount to


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """A normalised density on m panels.

    Attributes:
        edges: the ends of the panels, shape (m + 1,).
        cumulative: the probability below each edge, shape (m + 1,).
        series: Chebyshev coefficients on each panel of the density times half the panel's width,
            and of the probability between its lower end and x, shapes (m, 16) and (m, 17).
        nodes: where Gauss's rule looks, ascending, shape (16 m,).
        weights: the probability that each node stands for, shape (16 m,); their sum is 1.
        log_integral: the logarithm of the integral before normalisation.
    """

    edges: Array
    cumulative: Array
    series: tuple[Array, Array]
    nodes: Array
    weights: Array
    log_integral: float

    def quantile(self, probability: Array) -> Array:
        """Return x with this probability, of 0 and more but below 1, below it."""
        panel = np.searchsorted(self.cumulative[1:-1], probability, side="right")
        density, integral = self.series[0][panel], self.series[1][panel]
        wanted = probability - self.cumulative[panel]

        def excess(place: Array) -> tuple[Array, Array]:
            terms = np.cos(np.arccos(place)[:, None] * np.arange(_TERMS + 1))
            slope = (density * terms[:, :_TERMS]).sum(axis=1)
            return (integral * terms).sum(axis=1) - wanted, slope

        one = np.ones_like(wanted)
        share = wanted / (self.cumulative[panel + 1] - self.cumulative[panel])
        start = np.clip(2 * share - 1, -1, 1)
        place = increasing_root(excess, -one, one, start=start, tolerance=1e-8 * one)
        low, high = self.edges[panel], self.edges[panel + 1]
        return np.asarray(low + (high - low) * (1 + place) / 2)


def normalise(log_density: Callable[[Array], Array], edges: Array, *, moment: int) -> Density:
    """Return the density of which `log_density` is the logarithm, up to a constant.

    `edges`, ascending from 0, are the panels to start from. The density is smooth between the outer
    two and negligible beyond them. What the last three terms of a panel's series amount to is at
    most 1e-13 of the whole, or the rounding error of a logarithm as large as at the peak; so it is
    with the density times x to the power of `moment`, to which a far tail may matter more.
    """
    low, high = edges[:-1], edges[1:]
    logs = log_density(_nodes(low, high))
    while True:
        peak = logs.max()
        values = np.exp(logs - peak) * ((high - low) / 2)[:, None]
        tolerance = max(_CONVERGED, 32 * np.finfo(float).eps * abs(peak))
        rough = _is_rough(values, tolerance)
        rough |= _is_rough(values * _nodes(low, high) ** moment, tolerance)
        if not rough.any():
            order = np.argsort(low)
            return _density(np.append(low[order], edges[-1]), values[order], float(peak))
        middle = (low[rough] + high[rough]) / 2
        new_low = np.concatenate([low[rough], middle])
        new_high = np.concatenate([middle, high[rough]])
        logs = np.concatenate([logs[~rough], log_density(_nodes(new_low, new_high))])
        low, high = np.concatenate([low[~rough], new_low]), np.concatenate([high[~rough], new_high])


def _is_rough(values: Array, tolerance: float) -> NDArray[np.bool_]:
    """Return on which panels the last terms still amount to more than this share of the whole."""
    last_terms = np.abs(values @ _TO_SERIES[:, -3:]).sum(axis=1)
    return np.asarray(last_terms > tolerance * (values @ _WEIGHTS).sum())


def _nodes(low: Array, high: Array) -> Array:
    """Return the nodes of each panel, shape (m, 16)."""
    return np.asarray(low[:, None] + (high - low)[:, None] * (1 + _NODES) / 2)


def _density(edges: Array, values: Array, peak: float) -> Density:
    """Return the density of these values, each times half its panel's width and exp(-peak)."""
    whole = (values @ _WEIGHTS).sum()
    values = values / whole
    weights = values * _WEIGHTS
    return Density(
        edges,
        np.concatenate([[0.0], np.cumsum(weights.sum(axis=1))]),
        (values @ _TO_SERIES, values @ _TO_INTEGRAL),
        _nodes(edges[:-1], edges[1:]).ravel(),
        weights.ravel(),
        peak + float(np.log(whole)),
    )
