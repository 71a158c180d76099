"""Means and standard deviations from medians, quartiles and ranges."""

from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from kb.synthesis.conversions.columns import as_given, in_order, read, two_or_more
from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadOption

MeanBy: TypeAlias = Literal["luo", "wan"]
T_co = TypeVar("T_co", covariant=True)


class MeanSD(NamedTuple, Generic[T_co]):
    """Means and standard deviations."""

    mean: T_co
    sd: T_co


@overload
def from_range(
    minimum: float,
    median: float,
    maximum: float,
    n: float,
    *,
    mean: MeanBy = "luo",
) -> MeanSD[float]: ...
@overload
def from_range(
    minimum: ArrayLike,
    median: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
    *,
    mean: MeanBy = "luo",
) -> MeanSD[Array]: ...
def from_range(
    minimum: ArrayLike,
    median: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
    *,
    mean: MeanBy = "luo",
) -> MeanSD[Array | float]:
    """Return mean and standard deviation of n people from their median and range.

    The sd is (max - min) / 2z((n - 0.375)/(n + 0.25)), z the normal quantile: scenario C1 of Wan X,
    Wang W, Liu J, Tong T. BMC Med Res Methodol 2014;14:135. The mean is w (min + max)/2 +
    (1 - w) median with w = 4/(4 + n^0.75) of Luo D, Wan X, Liu J, Tong T. Stat Methods Med Res
    2018;27:1785-1805, or with w = 1/2 ("wan"). Both suppose data that are near normal.
    """
    minimum, median, maximum, n = _ordered(n, minimum=minimum, median=median, maximum=maximum)
    weight = 4 / (4 + n**0.75) if _is_luo(mean) else 0.5
    centre = weight * (minimum + maximum) / 2 + (1 - weight) * median
    return MeanSD(as_given(centre), as_given((maximum - minimum) / _normal_range(n)))


@overload
def from_quartiles(
    q1: float, median: float, q3: float, n: float, *, mean: MeanBy = "luo"
) -> MeanSD[float]: ...
@overload
def from_quartiles(
    q1: ArrayLike, median: ArrayLike, q3: ArrayLike, n: ArrayLike, *, mean: MeanBy = "luo"
) -> MeanSD[Array]: ...
def from_quartiles(
    q1: ArrayLike, median: ArrayLike, q3: ArrayLike, n: ArrayLike, *, mean: MeanBy = "luo"
) -> MeanSD[Array | float]:
    """Return mean and standard deviation of n people from their median and quartiles.

    The sd is (q3 - q1) / 2z((0.75n - 0.125)/(n + 0.25)): scenario C3 of Wan et al. 2014.
    The mean is w (q1 + q3)/2 + (1 - w) median with w = 0.7 + 0.39/n (Luo et al. 2018), or with
    w = 2/3 ("wan"). Papers and conditions: see `from_range`.
    """
    q1, median, q3, n = _ordered(n, q1=q1, median=median, q3=q3)
    weight = 0.7 + 0.39 / n if _is_luo(mean) else 2 / 3
    centre = weight * (q1 + q3) / 2 + (1 - weight) * median
    return MeanSD(as_given(centre), as_given((q3 - q1) / _normal_quartile_range(n)))


@overload
def from_five_numbers(
    minimum: float,
    q1: float,
    median: float,
    q3: float,
    maximum: float,
    n: float,
    *,
    mean: MeanBy = "luo",
) -> MeanSD[float]: ...
@overload
def from_five_numbers(
    minimum: ArrayLike,
    q1: ArrayLike,
    median: ArrayLike,
    q3: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
    *,
    mean: MeanBy = "luo",
) -> MeanSD[Array]: ...
def from_five_numbers(
    minimum: ArrayLike,
    q1: ArrayLike,
    median: ArrayLike,
    q3: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
    *,
    mean: MeanBy = "luo",
) -> MeanSD[Array | float]:
    """Return mean and standard deviation of n people from median, quartiles and range.

    The sd is the average of those of `from_range` and `from_quartiles`: scenario C2 of Wan et al.
    2014. The mean is w (min + max)/2 + v (q1 + q3)/2 + (1 - w - v) median with
    w = 2.2/(2.2 + n^0.75) and v = 0.7 - 0.72/n^0.55 (Luo et al. 2018), or with w = 1/4 and
    v = 1/2 ("wan"). Papers and conditions: see `from_range`.
    """
    minimum, q1, median, q3, maximum, n = _ordered(
        n, minimum=minimum, q1=q1, median=median, q3=q3, maximum=maximum
    )
    if _is_luo(mean):
        w, v = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    else:
        w, v = np.asarray(0.25), np.asarray(0.5)
    centre = w * (minimum + maximum) / 2 + v * (q1 + q3) / 2 + (1 - w - v) * median
    by_range = (maximum - minimum) / _normal_range(n)
    by_quartiles = (q3 - q1) / _normal_quartile_range(n)
    return MeanSD(as_given(centre), as_given((by_range + by_quartiles) / 2))


def _normal_range(n: Array) -> Array:
    """Return about the range to expect of n values of a standard normal variable."""
    return np.asarray(2 * special.ndtri((n - 0.375) / (n + 0.25)))


def _normal_quartile_range(n: Array) -> Array:
    """Return about the interquartile range to expect of n values of a standard normal variable."""
    return np.asarray(2 * special.ndtri((0.75 * n - 0.125) / (n + 0.25)))


def _is_luo(mean: str) -> bool:
    if mean not in {"luo", "wan"}:
        raise BadOption(f"There is no mean {mean!r}. Choose luo or wan.")
    return mean == "luo"


def _ordered(n: ArrayLike, **values: ArrayLike) -> tuple[Array, ...]:
    *arrays, sizes = read(**values, n=n)
    two_or_more(sizes)
    return (*in_order(**dict(zip(values, arrays, strict=True))), sizes)
