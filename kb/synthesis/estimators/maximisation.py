"""The highest maximum of a likelihood of tau², found by brackets and Newton's method within them.

A likelihood of tau² may have more than one maximum, and Newton's method or Fisher scoring from one
starting value may end at the lower one, swing for ever, or stop short of the boundary. Here

1. a bound beyond which the likelihood falls confines the search: all maxima lie at or below it;
2. where Q is small, there is one maximum only, which `_single` proves; elsewhere the score on a
   grid up to the bound brackets each of them;
3. Newton's method, replaced by bisection whenever it would leave its bracket, ends in each;
4. where there is more than one, the greatest log-likelihood decides; 0 is a maximum if the score
   there is not above zero, and then the estimate is exactly 0.

A bracket cannot be lost, so there is no such thing as failing to converge. That the grid is fine
enough to see every maximum is not proved but tried.
"""

from collections.abc import Sequence
from functools import cache
from math import ceil, expm1, inf
from operator import gt
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kb.synthesis.distributions import Array, number
from kb.synthesis.models import Fit, Model, Models, several

# The grid is so fine in log(least + tau²), and has at least so many steps. In 36,000 likelihoods
# with variances over eight orders of magnitude a step of 0.7 missed no maximum, of 1 it missed 3.
_STEP = 0.6
_FEWEST_STEPS = 6

# Newton's error after a step is about the square of the step: below this it is below 1e-12.
_SMALL = 1e-6

# No step multiplies tau² by more than exp of this, which keeps it a number.
_FAR = 100.0

# Bisection alone comes to the last digit in fewer.
_MOST_STEPS = 200

Mask: TypeAlias = NDArray[np.bool_]


class Likelihood(Protocol):
    """A log-likelihood of tau² with the coefficients at their best values.

    Twice its derivative by tau², the score, is y'PPy - trace.
    """

    def df(self, model: Model[Fit]) -> Array:
        """Return what the residual sum of squares is divided by: k, or k - p."""

    def trace(self, fit: Fit) -> Array:
        """Return the trace of W, or of P."""

    def trace_squared(self, fit: Fit) -> Array:
        """Return the trace of WW, or of PP: the derivative of the trace, without its sign."""

    def value(self, fit: Fit) -> Array:
        """Return twice the log-likelihood, without what does not depend on tau²."""


def maximise(model: Model[Fit], likelihood: Likelihood) -> Array:
    """Return the tau² >= 0 of the highest maximum, shape () or (m,)."""
    if several(model):
        return _of_many(model, likelihood)
    return number(_of_one(model, likelihood))


def _balance(likelihood: Likelihood, fit: Fit) -> Array:
    """Return log(y'PPy / trace), which has the sign of the score."""
    return np.log(fit.yppy / likelihood.trace(fit))


def _newton(likelihood: Likelihood, fit: Fit, scale: Array) -> tuple[Array, Array]:
    """Return the balance, and how fast it falls with log(least + tau²); scale is least + tau².

    On that scale the balance is nearly a straight line, with equal variances it is one, so there
    Newton's steps are made.
    """
    trace, yppy = likelihood.trace(fit), fit.yppy
    falls = (2 * fit.ypppy / yppy - likelihood.trace_squared(fit) / trace) * scale
    return np.log(yppy / trace), falls


def _single(likelihood: Likelihood, common: Fit) -> Mask:
    """Return whether there is certainly one maximum only, from the fit at tau² = 0.

    Where the score is zero, y'PPPy >= (y'PPy)² / y'Py = trace² / Q by the inequality of Cauchy and
    Schwarz, so the slope, trace_squared - 2 y'PPPy, is below zero if Q < 2 trace² / trace_squared.
    Q falls with tau² and the right-hand side does not, by the same inequality: what holds at 0
    holds everywhere, every zero of the score is a maximum, and there cannot be two.
    """
    return common.q * likelihood.trace_squared(common) < 2 * likelihood.trace(common) ** 2


def _bound(model: Model[Fit], likelihood: Likelihood) -> Array:
    """Return a tau² beyond every maximum.

    With RSS the residual sum of squares of the unweighted fit, y'PPy is at most RSS / (min v + t)²,
    and the trace is at least df / (max v + t). The score is therefore below zero when
    (min v + t)² > s (max v + t), s = RSS / df; the bound solves the equation.
    """
    least = model.least_vi
    s = model.rss / likelihood.df(model)
    bound = (s + np.sqrt(s * (s + 4 * (model.greatest_vi - least)))) / 2 - least
    return np.maximum(bound, 0) * 1.001 + 1e-6 * least


def _span(model: Model[Fit], bound: Array) -> Array:
    """Return how far it is from 0 to the bound in log(least + tau²), shape () or (m,).

    On that scale the balance is nearly straight.
    """
    return np.log1p(bound / model.least_vi)


def _at_share(model: Model[Fit], span: Array, share: Array | float) -> Array:
    """Return tau² that share of the span from 0."""
    return model.least_vi * np.expm1(share * span)


def _steps(widest: float) -> int:
    """Return in how many steps the grid crosses the span."""
    return max(_FEWEST_STEPS, ceil(widest / _STEP))


@cache
def _shares(steps: int) -> Array:
    """Return where the grid looks for maxima, as shares of the span."""
    shares = np.arange(steps + 1) / steps
    shares.flags.writeable = False
    return shares


def _first_step(model: Model[Fit], likelihood: Likelihood, bound: Array) -> Array:
    """Return where Newton's step from 0 leads, not beyond the bound, where there is one maximum."""
    balance, falls = _newton(likelihood, model.common, model.least_vi)
    step: Array = model.least_vi * np.expm1(np.minimum(balance / falls, _FAR))
    return np.minimum(step, bound)


def _of_one(model: Model[Fit], likelihood: Likelihood) -> float:
    """Return the highest maximum of one likelihood."""
    if _single(likelihood, model.common):
        if model.common.yppy <= likelihood.trace(model.common):
            return 0.0
        bound = _bound(model, likelihood)
        first = float(_first_step(model, likelihood, bound))
        return _climb(model, likelihood, 0.0, float(bound), first)
    span = _span(model, _bound(model, likelihood))
    grid = _at_share(model, span, _shares(_steps(float(span))))
    balances = _balance(likelihood, model.column().at(grid)).tolist()
    peaks = [0.0] if balances[0] <= 0 else []
    for i in range(len(balances) - 1):
        if balances[i] > 0 >= balances[i + 1]:
            low, high = grid[i : i + 2].tolist()
            start = float(_at_share(model, span, _crossing(balances, i) / (grid.size - 1)))
            peaks.append(_climb(model, likelihood, low, high, start))
    if len(peaks) == 1:
        return peaks[0]
    return max(peaks, key=lambda tau2: float(likelihood.value(model.at(tau2))))


def _crossing(values: Sequence[float], i: int) -> float:
    """Return where the values pass through zero between i and i + 1, counted in points.

    By Neville's inverse interpolation through the neighbours too, if they all fall.
    """
    first = max(i - 1, 0)
    near = values[first : i + 3]
    where = [first, first + 1.0, first + 2.0, first + 3.0]
    if all(map(gt, near, near[1:])):
        for apart in range(1, len(near)):
            for j in range(len(near) - apart):
                left, right = near[j], near[j + apart]
                where[j] = (right * where[j] - left * where[j + 1]) / (right - left)
        if i <= where[0] <= i + 1:
            return where[0]
    return i + values[i] / (values[i] - values[i + 1])


def _climb(
    model: Model[Fit], likelihood: Likelihood, low: float, high: float, tau2: float
) -> float:
    """Return the maximum between low and high, where the score turns from + to -."""
    least = float(model.least_vi)
    for _ in range(_MOST_STEPS):
        scale = least + tau2
        balance, falls = map(float, _newton(likelihood, model.at(tau2), number(scale)))
        low, high = (tau2, high) if balance > 0 else (low, tau2)
        better = tau2 + scale * expm1(min(balance / falls, _FAR)) if falls > 0 else inf
        small = abs(better - tau2) <= _SMALL * tau2 + 1e-15 * high
        tau2 = better if small or low <= better <= high else (low + high) / 2
        if small or high - low <= 1e-15 * high:
            break
    return tau2


def _of_many(model: Models[Fit], likelihood: Likelihood) -> Array:
    """Return the highest maximum of each of m likelihoods."""
    falling = model.common.yppy <= likelihood.trace(model.common)
    single = _single(likelihood, model.common)
    result = np.zeros(model.k.size)
    rising = np.flatnonzero(single & ~falling)
    if rising.size:
        part = model.take(rising)
        bound = _bound(part, likelihood)
        start = _first_step(part, likelihood, bound)
        result[rising] = _climb_many(part, likelihood, np.zeros(rising.size), bound, start)
    doubtful = np.flatnonzero(~single)
    if doubtful.size:
        result[doubtful] = _highest(model.take(doubtful), likelihood)
    return result


def _highest(model: Models[Fit], likelihood: Likelihood) -> Array:
    """Return the highest of the maxima of each of m likelihoods that may have several."""
    span = _span(model, _bound(model, likelihood))
    grid = _at_share(model, span, _shares(_steps(float(span.max())))[:, None])
    balances = np.array([_balance(likelihood, model.at(tau2)) for tau2 in grid])
    step, owner = np.nonzero((balances[:-1] > 0) & (balances[1:] <= 0))
    peaks = np.empty(0)
    if owner.size:
        part = model.take(owner)
        low, high, rises, falls = (
            each[i, owner] for each in (grid, balances) for i in (step, step + 1)
        )
        share = (step + rises / (rises - falls)) / (len(grid) - 1)
        start = _at_share(part, span[owner], share)
        peaks = _climb_many(part, likelihood, low, high, start)
    at_zero = np.flatnonzero(balances[0] <= 0)
    peaks, owner = np.append(np.zeros(at_zero.size), peaks), np.append(at_zero, owner)
    result = np.empty(model.k.size)
    result[owner] = peaks
    rivals = np.flatnonzero(np.bincount(owner)[owner] > 1)
    if rivals.size:
        contested = model.take(owner[rivals])
        values = likelihood.value(contested.at(peaks[rivals]))
        ranked = rivals[np.argsort(values, kind="stable")]
        result[owner[ranked]] = peaks[ranked]
    return result


def _climb_many(
    model: Models[Fit], likelihood: Likelihood, low: Array, high: Array, tau2: Array
) -> Array:
    """Return the maximum within each bracket, as `_climb` does, dropping those that are found."""
    result = tau2.copy()
    active = np.arange(tau2.size)
    for _ in range(_MOST_STEPS):
        scale = model.least_vi + tau2
        balance, falls = _newton(likelihood, model.at(tau2), scale)
        size = np.where(falls > 0, balance / np.where(falls > 0, falls, 1), np.inf)
        better = tau2 + scale * np.expm1(np.minimum(size, _FAR))
        low, high = np.where(balance > 0, tau2, low), np.where(balance > 0, high, tau2)
        small = np.abs(better - tau2) <= _SMALL * tau2 + 1e-15 * high
        inside = (low <= better) & (better <= high)
        result[active] = tau2 = np.where(small | inside, better, (low + high) / 2)
        moving = np.flatnonzero(~small & (high - low > 1e-15 * high))
        if moving.size == 0:
            break
        if moving.size < active.size:
            model, active = model.take(moving), active[moving]
            tau2, low, high = tau2[moving], low[moving], high[moving]
    return result
