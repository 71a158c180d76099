"""Where a function passes zero, between two bounds."""

import math
from collections.abc import Callable

import numpy as np

from kb.synthesis.distributions import Array

_STEPS = 200  # more than halving alone would need


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
    x = math.inf
    for _ in range(_STEPS):
        middle = (low + high) / 2
        value = function(middle)
        root = math.sqrt(value**2 - at_low * at_high)
        last, x = x, middle - (middle - low) * value / root
        if abs(x - last) <= 1e-13 * abs(x):
            break
        for place, at_place in ((middle, value), (x, function(x))):
            if at_place == 0:
                return place
            if at_place < 0:
                low, at_low = place, at_place
            else:
                high, at_high = place, at_place
    return x
