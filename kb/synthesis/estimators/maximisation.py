"""The highest maximum of a likelihood of tau², found by brackets and Newton's method within them.

A likelihood of tau² may have more than one maximum, and Newton's method or Fisher scoring from one
starting value may end at the lower one, swing for ever, or stop short of the boundary. Here

1. a bound beyond which the likelihood falls confines the search: all maxima lie at or below it;
2. the score on a grid up to the bound brackets each maximum;
3. Newton's method, replaced by bisection whenever it would leave its bracket, ends in each;
4. where there is more than one, the greatest log-likelihood decides; 0 is a maximum if the score
   there is not above zero, and then the estimate is exactly 0.

A bracket cannot be lost, so there is no such thing as failing to converge.
"""

from typing import Protocol

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.models import Fit, Model

# Where the score is looked at, as shares of the way to the bound.
_SHARES = np.linspace(0, 1, 9)
_MOST_STEPS = 200


class Likelihood(Protocol):
    """A log-likelihood of tau² with the coefficients at their best values."""

    def df(self, model: Model) -> Array:
        """Return what the residual sum of squares is divided by: k, or k - p."""

    def score(self, fit: Fit) -> Array:
        """Return twice the derivative by tau²."""

    def slope(self, fit: Fit) -> Array:
        """Return twice the second derivative by tau²."""

    def value(self, fit: Fit) -> Array:
        """Return twice the log-likelihood, without what does not depend on tau²."""


def maximise(model: Model, likelihood: Likelihood) -> Array:
    """Return the tau² >= 0 of the highest maximum, shape () or (m,)."""
    grid = _grid(model, likelihood)
    if model.k.ndim:
        scores = np.array([likelihood.score(model.at(tau2)) for tau2 in grid])
        return _highest_of_many(model, likelihood, grid, scores)
    points = model.take(np.zeros(_SHARES.size, dtype=np.intp))
    return _highest(model, likelihood, grid, likelihood.score(points.at(grid)))


def _grid(model: Model, likelihood: Likelihood) -> Array:
    """Return values of tau² from 0 to beyond every maximum, shape (points,) or (points, m).

    With RSS the residual sum of squares of the unweighted fit, y'PPy <= RSS / (min v + t)², and the
    trace in the score is at least df / (max v + t). The score is therefore below zero when
    (min v + t)² > s (max v + t), s = RSS / df; the bound solves the equation. The points between
    are evenly spaced in log(min v + t), the scale on which the score bends.
    """
    least = model.least_vi
    s = model.unweighted().q / likelihood.df(model)
    bound = (s + np.sqrt(s * (s + 4 * (model.greatest_vi - least)))) / 2 - least
    bound = np.maximum(bound, 0) * 1.001 + 1e-6 * least
    return least * np.expm1(np.multiply.outer(_SHARES, np.log1p(bound / least)))


def _highest(model: Model, likelihood: Likelihood, grid: Array, scores: Array) -> Array:
    """Return the highest maximum of one likelihood."""
    peaks = [
        _climb(model, likelihood, grid[i], grid[i + 1], scores[i] / (scores[i] - scores[i + 1]))
        for i in np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0)).tolist()
    ]
    if scores[0] <= 0:
        peaks.append(np.float64(0))
    if len(peaks) == 1:
        return peaks[0]
    return max(peaks, key=lambda tau2: float(likelihood.value(model.at(tau2))))


def _climb(model: Model, likelihood: Likelihood, low: Array, high: Array, share: Array) -> Array:
    """Return the maximum between low and high, where the score turns from + to -.

    `share` is how far from low to high the search begins.
    """
    tau2 = low + (high - low) * share
    for _ in range(_MOST_STEPS):
        fit = model.at(tau2)
        score, slope = likelihood.score(fit), likelihood.slope(fit)
        low, high = (tau2, high) if score > 0 else (low, tau2)
        step = score / -slope if slope < 0 else np.inf
        # Newton's steps shrink quadratically, so a small one is the last.
        small = abs(step) <= 1e-8 * tau2 + 1e-15 * high
        tau2 = tau2 + step if small or low <= tau2 + step <= high else (low + high) / 2
        if small or high - low <= 1e-15 * high:
            break
    return tau2


def _highest_of_many(model: Model, likelihood: Likelihood, grid: Array, scores: Array) -> Array:
    """Return the highest maximum of each of m likelihoods."""
    step, owner = np.nonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    at_zero = np.flatnonzero(scores[0] <= 0)
    peaks = np.empty(0)
    if owner.size:
        low, high, rises, falls = (
            values[i, owner] for values in (grid, scores) for i in (step, step + 1)
        )
        shares = rises / (rises - falls)
        peaks = _climb_many(model.take(owner), likelihood, low, high, low + (high - low) * shares)
    candidates, owner = np.concatenate([np.zeros(at_zero.size), peaks]), np.append(at_zero, owner)
    result = np.empty(model.k.size)
    result[owner] = candidates
    rivals = np.flatnonzero(np.bincount(owner)[owner] > 1)
    if rivals.size:
        contested = model.take(owner[rivals])
        values = likelihood.value(contested.at(candidates[rivals]))
        ranked = rivals[np.argsort(values, kind="stable")]
        result[owner[ranked]] = candidates[ranked]
    return result


def _climb_many(
    model: Model, likelihood: Likelihood, low: Array, high: Array, tau2: Array
) -> Array:
    """Return the maximum within each bracket, as `_climb` does, dropping those that are found."""
    result = tau2.copy()
    active = np.arange(tau2.size)
    for _ in range(_MOST_STEPS):
        fit = model.at(tau2)
        score, slope = likelihood.score(fit), likelihood.slope(fit)
        rising, bent = score > 0, slope < 0
        low, high = np.where(rising, tau2, low), np.where(rising, high, tau2)
        step = np.where(bent, score / np.where(bent, -slope, 1), np.inf)
        small = np.abs(step) <= 1e-8 * tau2 + 1e-15 * high
        inside = (tau2 + step >= low) & (tau2 + step <= high)
        tau2 = np.where(small | inside, tau2 + step, (low + high) / 2)
        result[active] = tau2
        moving = np.flatnonzero(~small & (high - low > 1e-15 * high))
        if moving.size == 0:
            break
        if moving.size < active.size:
            model, active = model.take(moving), active[moving]
            tau2, low, high = tau2[moving], low[moving], high[moving]
    return result
