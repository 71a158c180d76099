"""Where a function passes zero, between two bounds."""

import math
from collections.abc import Callable

import numpy as np

from kb.synthesis.distributions import Array

_STEPS = 200  # more than halving alone would need
_PRECISION = 1e-13  # of a change of sign, relative to its place


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def increasing_root(
    function: Callable[[Array], tuple[Array, Array]],
    low: Array,
    high: Array,
    *,
    start: Array,
    tolerance: Array,
) -> Array:
    """Return where increasing functions pass zero, many at once: Newton's method with a bracket.

    `function` gives values and slopes. A step that leaves the bracket (or has no slope to go by) is
    replaced by halving it. The last step is shorter than the tolerance, so that the error is of the
    order of its square.
    """
    x = start
    for _ in range(_STEPS):
        value, slope = function(x)
        low, high = np.where(value < 0, x, low), np.where(value > 0, x, high)
        moved = x - value / slope
        inside = (low <= moved) & (moved <= high)
        last, x = x, np.where(inside, moved, (low + high) / 2)
        if (np.abs(x - last) <= tolerance).all():
            break
    return x


def sign_change(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where the function changes its sign from below zero to above, by Ridders' method.

    Ridders CJF. A new algorithm for computing a single root of a real continuous function. IEEE
    Trans Circuits Syst 1979;26:979-980. If there is no such place within the bounds, the low one is
    returned where the function is not below zero there, else the high one.
    """
    at_low, at_high = function(low), function(high)
    if at_low >= 0:
        return low
    if at_high <= 0:
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        margin = _PRECISION * max(abs(low), abs(high))
        if high - low <= 4 * margin:
            return middle
        value = function(middle)
        ridders = middle - (middle - low) * value / math.sqrt(value**2 - at_low * at_high)
        # Off the ends by a margin, so that both of them close in on the place.
        step = min(max(ridders, low + margin), high - margin)
        for place, at_place in ((middle, value), (step, function(step))):
            if at_place == 0:
                return place
            if low < place < high and at_place < 0:
                low, at_low = place, at_place
            elif low < place < high:
                high, at_high = place, at_place
    return middle


def upward_crossings(function: Callable[[float], float], places: Array, values: Array) -> Array:
    """Return where the function, given its values at these places, begins not to be below zero.

    The first place is one if the function is not below zero there, and the last if it still is. So
    they are the local minima of what this function is the derivative of, ends of the range too.
    """
    below = values < 0
    crossings = [
        sign_change(function, float(places[i]), float(places[i + 1]))
        for i in np.flatnonzero(below[:-1] & ~below[1:])
    ]
    if not below[0]:
        crossings.insert(0, float(places[0]))
    if below[-1]:
        crossings.append(float(places[-1]))
    return np.array(crossings)
