"""The t statistic behind a p-value."""

from typing import overload

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from kb.synthesis.conversions.columns import as_given, read, refuse
from kb.synthesis.distributions import Array


@overload
def t_from_p(p: float, df: float) -> float: ...
@overload
def t_from_p(p: ArrayLike, df: ArrayLike) -> Array: ...
def t_from_p(p: ArrayLike, df: ArrayLike) -> Array | float:
    """Return t >= 0 with P(|T| >= t) = p, the t behind a two-sided p-value.

    Raise BadStudy for a p so small that floating-point numbers do not hold its t.
    """
    return as_given(t_of_p(p, df))


def t_of_p(p: ArrayLike, df: ArrayLike) -> Array:
    """Return what `t_from_p` does as an array, of shape () for numbers."""
    p, df = read(p=p, df=df)
    t = np.abs(special.stdtrit(df, p / 2))
    refuse("p", p, np.isinf(t), "No t can be told from so small a p-value; give the t itself.")
    return np.asarray(t)
