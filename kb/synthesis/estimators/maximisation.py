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
from kb.synthesis.groups import Index
from kb.synthesis.models import Fit, Model, unweighted

_GRID = 8
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
    """Return the tau² >= 0 of the highest maximum, shape (m,)."""
    grid = _grid(model, likelihood)
    m = grid.shape[1]
    which = np.tile(np.arange(m), _GRID + 1)
    scores = likelihood.score(model.take(which).at(grid.ravel())).reshape(grid.shape)
    step, owner = np.nonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    peaks = _climb(
        model.take(owner) if owner.size else model,
        likelihood,
        (grid[step, owner], grid[step + 1, owner]),
        (scores[step, owner], scores[step + 1, owner]),
    )
    at_zero = np.flatnonzero(scores[0] <= 0)
    candidates = np.concatenate([np.zeros(at_zero.size), peaks])
    return _highest(model, likelihood, candidates, np.concatenate([at_zero, owner]))


def _grid(model: Model, likelihood: Likelihood) -> Array:
    """Return values of tau² from 0 to beyond every maximum, shape (points, m).

    With RSS the residual sum of squares of the unweighted fit, y'PPy <= RSS / (min v + t)², and the
    trace in the score is at least df / (max v + t). The score is therefore below zero when
    (min v + t)² > s (max v + t), s = RSS / df; the bound solves the equation. The points between
    are evenly spaced in log(min v + t), the scale on which the score bends.
    """
    least, greatest = model.least(model.vi), model.greatest(model.vi)
    s = unweighted(model).q / likelihood.df(model)
    bound = (s + np.sqrt(s * (s + 4 * (greatest - least)))) / 2 - least
    bound = np.maximum(bound, 0) * 1.001 + 1e-6 * least
    shares = np.linspace(0, 1, _GRID + 1)[:, None]
    return least * np.expm1(shares * np.log1p(bound / least))


def _climb(
    model: Model,
    likelihood: Likelihood,
    bracket: tuple[Array, Array],
    scores: tuple[Array, Array],
) -> Array:
    """Return the maximum within each bracket (low, high), where the score turns from + to -."""
    low, high = bracket
    tau2 = low + (high - low) * scores[0] / (scores[0] - scores[1])
    result = tau2.copy()
    active = np.arange(tau2.size)
    for _ in range(_MOST_STEPS):
        if active.size == 0:
            break
        fit = model.at(tau2)
        score, slope = likelihood.score(fit), likelihood.slope(fit)
        low, high = np.where(score > 0, tau2, low), np.where(score > 0, high, tau2)
        bent = slope < 0
        step = np.where(bent, score / np.where(bent, -slope, 1), np.inf)
        inside = (tau2 + step >= low) & (tau2 + step <= high)
        # Newton's steps shrink quadratically, so a small one is the last.
        small = np.abs(step) <= 1e-8 * tau2 + 1e-15 * high
        moving = np.flatnonzero(~small & (high - low > 1e-15 * high))
        tau2 = np.where(inside | small, tau2 + step, (low + high) / 2)
        result[active] = tau2
        if moving.size < active.size:
            model, active = model.take(moving) if moving.size else model, active[moving]
            tau2, low, high = tau2[moving], low[moving], high[moving]
    return result


def _highest(model: Model, likelihood: Likelihood, candidates: Array, owner: Index) -> Array:
    """Return of each model's candidates the one with the greatest log-likelihood."""
    result = np.zeros(model.k.size)
    result[owner] = candidates
    rivals = np.flatnonzero(np.bincount(owner, minlength=result.size)[owner] > 1)
    if rivals.size:
        contested = model.take(owner[rivals])
        values = likelihood.value(contested.at(candidates[rivals]))
        for i in np.argsort(values, kind="stable"):
            result[owner[rivals[i]]] = candidates[rivals[i]]
    return result
