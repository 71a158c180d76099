"""The way back from the scale of analysis to the one a reader knows."""

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array
from kb.synthesis.effects import column
from kb.synthesis.errors import BadOption
from kb.synthesis.measures import Measure, measure_of

_LIMITS = {"PR": (0.0, 1.0), "RD": (-1.0, 1.0), "AS": (-np.pi / 2, np.pi / 2)}


def back_transform(measure: Measure | str, values: ArrayLike, ni: ArrayLike | None = None) -> Array:
    """Return estimates and limits of a measure on its reader's scale, in the shape of `values`.

    What cannot occur is held to the nearest that can: a limit of a proportion below 0 becomes 0, a
    risk difference below -1 becomes -1. The order of values is kept, infinite values are allowed
    and NaN stays NaN. `ni` are the sizes of the studies, which the double arcsine of a proportion
    (PFT) needs and no other measure uses; their harmonic mean stands for the size of the pooled
    group (Miller JJ. Am Stat 1978;32:138). Raise BadOption where it needs them and they are missing
    or none is above zero.
    """
    measure = measure_of(measure) if isinstance(measure, str) else measure
    scale = np.asarray(values, dtype=float)
    if measure.code == "PFT":
        return _proportion_of_double_arcsine(scale, _harmonic_mean(ni))
    with np.errstate(over="ignore"):
        result = measure.back(scale)
    low, high = _LIMITS.get(measure.code, (-np.inf, np.inf))
    return np.clip(result, low, high)


def _harmonic_mean(ni: ArrayLike | None) -> float:
    """Return the harmonic mean of group sizes, NaN left out."""
    if ni is None:
        raise BadOption(
            "The double arcsine of a proportion needs the sizes of the studies to be turned back. "
            "Give them as ni."
        )
    sizes = column("ni", ni)
    sizes = sizes[~np.isnan(sizes)]
    if sizes.size == 0 or not (sizes > 0).all():
        raise BadOption("The sizes of the studies ni must be above zero. Correct them.")
    return float(1 / np.mean(1 / sizes))


def _proportion_of_double_arcsine(value: Array, n: float) -> Array:
    """Return the proportion whose Freeman-Tukey double arcsine is `value` in a group of n.

    Miller's inversion is p = (1 - sgn(cos 2t) √(1 - u²)) / 2, u = sin 2t + (sin 2t - 1/sin 2t) / n.
    It is computed with 1 - sin 2t = 2 sin²(π/4 - t) taken out of 1 - u², which keeps the digits
    near a proportion of 1/2. Values beyond those of 0 and of n events give 0 and 1.
    """
    lowest = np.arcsin(np.sqrt(1 / (n + 1))) / 2
    highest = np.pi / 2 - lowest
    t = np.clip(value, lowest, highest)
    sine = np.sin(2 * t)
    u = sine + (sine - 1 / sine) / n
    rest = (1 + (1 + sine) / (sine * n)) * (1 + u)
    proportion = np.clip((1 - np.sqrt(2 * rest) * np.sin(np.pi / 4 - t)) / 2, 0, 1)
    return np.where(value > highest, 1.0, np.where(value < lowest, 0.0, proportion))
