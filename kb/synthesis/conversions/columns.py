"""Reading what is to be converted: numbers or columns, checked by what their names say they are."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadStudy, BadTable

_NOT_NEGATIVE = (lambda value: value < 0, "It cannot be below 0.")

_RULES: dict[str, tuple[Callable[[Array], NDArray[np.bool_]], str]] = {
    "se": _NOT_NEGATIVE,
    "sd": _NOT_NEGATIVE,
    "sd_change": _NOT_NEGATIVE,
    "variance": _NOT_NEGATIVE,
    "f": _NOT_NEGATIVE,
    "n": (lambda value: value < 1, "A group has at least 1 person."),
    "df": (lambda value: value <= 0, "Degrees of freedom are above 0."),
    "r": (lambda value: np.abs(value) > 1, "A correlation is between -1 and 1."),
    "p": (lambda value: (value <= 0) | (value > 1), "A p-value is above 0 and at most 1."),
    "sign": (lambda value: np.abs(value) != 1, "It is 1 or -1."),
}


def as_given(value: Array) -> Array | float:
    """Return a number for what came of numbers, and a column for what came of columns."""
    return value if np.ndim(value) else float(value)


def read(**values: ArrayLike) -> tuple[Array, ...]:
    """Return numbers or columns in one shape, checked by what their names say they are."""
    try:
        arrays = np.broadcast_arrays(*(np.asarray(given, dtype=float) for given in values.values()))
    except (TypeError, ValueError):
        raise BadTable(
            f"{', '.join(values)} are not numbers, or not columns of one length."
        ) from None
    for name, array in zip(values, arrays, strict=True):
        refuse(name, array, np.isinf(array), "Give a finite number.")
        if rule := _RULES.get(name.rstrip("12")):
            is_wrong, words = rule
            refuse(name, array, is_wrong(array) & ~np.isnan(array), words)
    return arrays


def in_order(**values: ArrayLike) -> tuple[Array, ...]:
    """Read columns of which none may be below the one before it."""
    arrays = read(**values)
    for (before, low), (name, high) in pairwise(zip(values, arrays, strict=True)):
        refuse(name, high, high < low, f"It cannot be below the {before}.")
    return arrays


def two_or_more(n: Array) -> None:
    """Raise BadStudy that names the first group too small for a standard deviation."""
    refuse("n", n, n < 2, "A standard deviation needs at least 2 people.")


def refuse(name: str, values: Array, wrong: NDArray[np.bool_], rule: str) -> None:
    """Raise BadStudy that names the first wrong value; a single number is of "this study"."""
    if np.any(wrong):
        row = int(np.argmax(wrong))
        label = f"study {row + 1}" if np.ndim(values) else "this study"
        raise BadStudy(label, f"{name} is {np.ravel(values)[row]:g}", rule)
