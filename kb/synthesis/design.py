"""The design of a meta-regression: moderators as columns of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadTable

INTERCEPT = "intercept"

Term = tuple[str, str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The columns that moderators become.

    Attributes:
        matrix: shape (n, p); NaN in the rows where a moderator is missing.
        terms: of each of the p columns the moderator and, if it is categorical, the level.
        levels: the levels of each categorical moderator, the first of them the reference.
    """

    matrix: Array
    terms: tuple[Term, ...]
    levels: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns: "intercept", "year", "alloc: random"."""
        return tuple(f"{name}: {level}" if level else name for name, level in self.terms)

    def take(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> "Design":
        """Return the design with these rows and these columns."""
        terms = tuple(term for term, kept in zip(self.terms, columns, strict=True) if kept)
        return Design(self.matrix[rows][:, columns], terms, self.levels)

    def row(self, values: Mapping[str, float | str]) -> Array:
        """Return the row of the design for these values of all moderators, shape (p,)."""
        return np.array([self._cell(name, level, values) for name, level in self.terms])

    def _cell(self, name: str, level: str | None, values: Mapping[str, float | str]) -> float:
        if name == INTERCEPT:
            return 1.0
        if level is None:
            return float(_value(name, values))
        return float(self._level(name, values) == level)

    def _level(self, moderator: str, values: Mapping[str, float | str]) -> str:
        level = str(_value(moderator, values))
        if level not in self.levels[moderator]:
            raise BadTable(
                f"The moderator {moderator} has no level {level!r}. Its levels are "
                f"{', '.join(self.levels[moderator])}."
            )
        return level


def design(moderators: Mapping[str, ArrayLike], *, intercept: bool = True) -> Design:
    """Return the design of these moderators, one value per row of the table each.

    Numbers are taken as they are, missing ones being NaN. Words (None or "" where missing) become
    an indicator for each level but the first, in alphabetical order, which is the reference;
    without an intercept the first moderator has an indicator for every level.
    """
    columns: list[tuple[Term, Array]] = []
    levels: dict[str, tuple[str, ...]] = {}
    for name, given in moderators.items():
        numbers = _numbers(given)
        if numbers is not None:
            columns.append(((name, None), numbers))
            continue
        words = np.array(["" if word is None else str(word) for word in np.asarray(given).tolist()])
        levels[name] = tuple(sorted(set(words.tolist()) - {""}))
        first = 1 if intercept or columns else 0
        columns += [
            ((name, level), np.where(words == "", np.nan, words == level))
            for level in levels[name][first:]
        ]
    rows = {values.size for _, values in columns}
    if len(rows) != 1:
        raise BadTable("Give at least one moderator, each with one value for every study.")
    if intercept:
        columns.insert(0, ((INTERCEPT, None), np.ones(rows.pop())))
    terms, values = zip(*columns, strict=True)
    return Design(np.column_stack(values), tuple(terms), levels)


def independent(matrix: Array) -> NDArray[np.bool_]:
    """Return which columns are not combinations of those before them, shape (p,)."""
    keep = np.zeros(matrix.shape[1], dtype=bool)
    basis = np.empty((matrix.shape[0], 0))
    for i in range(keep.size):
        column = matrix[:, i]
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > 1e-10 * np.linalg.norm(column):
            keep[i] = True
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return keep


def _numbers(given: ArrayLike) -> Array | None:
    """Return the values as floats, None where they are words."""
    values = np.asarray(given)
    if values.dtype.kind in "OUS" and any(isinstance(value, str) for value in values.tolist()):
        return None
    try:
        return values.astype(float)
    except (TypeError, ValueError):
        return None


def _value(name: str, values: Mapping[str, float | str]) -> float | str:
    try:
        return values[name]
    except KeyError:
        raise BadTable(f"There is no value for the moderator {name}. Give one for each.") from None
