"""The design of a meta-regression: moderators as columns of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import eq

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadStudy, BadTable, TooFewStudies

INTERCEPT = "intercept"

# A dropped column is a combination of the others to this share of its parts.
_EQUAL = 1e-8

Term = tuple[str, str | None]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The columns that moderators become, of full rank.

    Attributes:
        matrix: shape (n, p), a row for each study that has all moderators.
        terms: of each of the p columns the moderator and, if it is categorical, the level.
        levels: the levels of each categorical moderator that some of the n studies have, the first
            of them the reference.
        gone: the levels that only studies without another moderator have.
        dropped: the terms of the d columns that are combinations of others and therefore left out.
        combination: shape (p, d); `matrix` times it gives the dropped columns.
    """

    matrix: Array
    terms: tuple[Term, ...]
    levels: Mapping[str, tuple[str, ...]]
    gone: Mapping[str, tuple[str, ...]]
    dropped: tuple[Term, ...]
    combination: Array

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns: "intercept", "year", "alloc: random"."""
        return tuple(map(_named, self.terms))

    @property
    def moderators(self) -> tuple[str, ...]:
        """The names of the moderators that have a column."""
        return tuple(dict.fromkeys(name for name, _ in self.terms if name != INTERCEPT))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of columns that are not there."""
        notes = []
        if self.dropped:
            names = ", ".join(map(_named, self.dropped))
            notes.append(f"Left out, as combinations of other columns: {names}.")
        gone = [f"{name}: {level}" for name, levels in self.gone.items() for level in levels]
        if gone:
            notes.append(f"No study is left of {', '.join(gone)}.")
        notes += [
            f"All studies have the same {name}: {levels[0]}."
            for name, levels in self.levels.items()
            if len(levels) == 1
        ]
        return tuple(notes)

    def row(self, values: Mapping[str, float | str]) -> Array:
        """Return the row of the design for these values of all moderators, shape (p,).

        Raise BadTable where the studies cannot tell what the effect is at these values: at a level
        that none of them has, or where a dropped column is not the combination that it is in them.
        """
        for name in self.levels:
            self._check_level(name, values)
        row, rest = self._cells(self.terms, values), self._cells(self.dropped, values)
        parts = row[:, None] * self.combination
        size = np.abs(rest) + np.abs(parts).sum(axis=0)
        for i in np.flatnonzero(np.abs(rest - parts.sum(axis=0)) > _EQUAL * size).tolist():
            raise BadTable(
                f"{_named(self.dropped[i])} has no estimate of its own: in these studies it is a "
                "combination of other columns, and at these values it is not. Give values that "
                "occur together, or leave out a moderator that says the same."
            )
        return row

    def _cells(self, terms: Sequence[Term], values: Mapping[str, float | str]) -> Array:
        return np.array([_cell(name, level, values) for name, level in terms], dtype=float)

    def _check_level(self, moderator: str, values: Mapping[str, float | str]) -> None:
        level = word(_value(moderator, values))
        if level in self.levels[moderator]:
            return
        levels = ", ".join(self.levels[moderator])
        if level in self.gone.get(moderator, ()):
            raise BadTable(
                f"{moderator}: {level} has no estimate of its own: no study of it has all "
                f"moderators. Choose one of {levels}."
            )
        raise BadTable(
            f"The moderator {moderator} has no level {level!r}. Its levels are {levels}."
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Moderator:
    """A moderator of k studies; `levels` is None where it is numbers."""

    name: str
    values: NDArray[np.float64] | NDArray[np.str_]
    missing: Mask
    levels: tuple[str, ...] | None

    def left(self, complete: Mask) -> tuple[str, ...]:
        """Return the levels that these studies have."""
        return tuple(sorted(set(self.values[complete].tolist())))

    def columns(self, complete: Mask, first: int) -> list[tuple[Term, Array]]:
        """Return the columns for these studies: one of numbers, or one for each level from first.

        The levels are those that the studies have.
        """
        values = self.values[complete]
        if self.levels is None:
            return [((self.name, None), np.asarray(values, dtype=float))]
        levels = self.left(complete)[first:]
        return [((self.name, level), (values == level).astype(float)) for level in levels]


def constant(k: int) -> Design:
    """Return the design of k studies without moderators, a column of ones."""
    return Design(np.ones((k, 1)), ((INTERCEPT, None),), {}, {}, (), np.empty((1, 0)))


def design(
    effects: Effects, moderators: Mapping[str, ArrayLike], *, intercept: bool = True
) -> tuple[Design, Mask]:
    """Return the design of these moderators, and which studies have all of them, shape (k,).

    A moderator has one value per study of `effects`. Numbers are taken as they are, missing ones
    being NaN or None. Words (None, NaN or blank where missing) become an indicator for each level
    but the first, in alphabetical order, which is the reference; without an intercept the first
    moderator has an indicator for every level. Columns that are combinations of those before them
    are left out.

    Raise BadTable if a moderator is no column of k values, is called "intercept", or if no column
    is left; BadStudy if a value is infinite; TooFewStudies if no study has all moderators.
    """
    if not moderators:
        raise BadTable("There is no moderator. Give at least one.")
    read = [_moderator(name, given, effects.labels) for name, given in moderators.items()]
    complete = ~np.any([each.missing for each in read], axis=0)
    if not complete.any():
        raise TooFewStudies("A model with moderators", 1, 0, "study that has all of them")
    columns: list[tuple[Term, Array]] = []
    if intercept:
        columns.append(((INTERCEPT, None), np.ones(int(complete.sum()))))
    for each in read:
        columns += each.columns(complete, first=1 if columns else 0)
    words = [(each, each.levels) for each in read if each.levels is not None]
    levels = {each.name: each.left(complete) for each, _ in words}
    gone = {each.name: tuple(sorted({*had} - {*levels[each.name]})) for each, had in words}
    terms, values = zip(*columns, strict=True)
    full = np.column_stack(values)
    keep = independent(full)
    if not keep.any():
        raise BadTable(
            f"All values of {', '.join(moderators)} are 0, which explains nothing. Give moderators "
            "that differ, or an intercept."
        )
    matrix = full[:, keep]
    reduced = Design(
        matrix,
        tuple(term for term, kept in zip(terms, keep, strict=True) if kept),
        levels,
        {name: levels for name, levels in gone.items() if levels},
        tuple(term for term, kept in zip(terms, keep, strict=True) if not kept),
        _combination(matrix, full[:, ~keep]),
    )
    return reduced, complete


def with_moderators(
    effects: Effects, moderators: Mapping[str, ArrayLike] | None, *, intercept: bool = True
) -> tuple[Effects, Design, Mask]:
    """Return the studies that have all moderators, their design, and which studies they are.

    The others are in the `left_out` of the studies. Without moderators it is all of them, with a
    column of ones.
    """
    if moderators is None:
        return effects, constant(effects.k), np.ones(effects.k, dtype=bool)
    columns, complete = design(effects, moderators, intercept=intercept)
    if complete.all():
        return effects, columns, complete
    gone = tuple(
        LeftOut(effects.labels[i], "no value for a moderator")
        for i in np.flatnonzero(~complete).tolist()
    )
    used = replace(effects.take(complete), left_out=effects.left_out + gone)
    return used, columns, complete


def independent(matrix: Array) -> Mask:
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


def word(value: object) -> str:
    """Return a value as a word without the blanks around it, "" where it is missing.

    Missing are None, blanks, and what does not equal itself: NaN, NaT and the NA of pandas.
    """
    missing = value is None or str(eq(value, value)) != "True"
    return "" if missing else str(value).strip()


def _combination(matrix: Array, dropped: Array) -> Array:
    """Return what makes the dropped columns out of the others, shape (p, d), rounding being 0."""
    basis, triangle = np.linalg.qr(matrix)
    weights = np.linalg.solve(triangle, basis.T @ dropped)
    parts = np.abs(matrix).max(axis=0)[:, None] * np.abs(weights)
    return np.where(parts > _EQUAL * np.abs(dropped).max(axis=0), weights, 0.0)


def _moderator(name: str, given: ArrayLike, labels: Sequence[str]) -> _Moderator:
    """Read a moderator of the studies with these labels."""
    if name == INTERCEPT:
        raise BadTable(f"A moderator cannot be called {name}: the intercept is. Rename it.")
    values = _column(name, given, len(labels))
    numbers = _numbers(values)
    if numbers is None:
        words = np.array(list(map(word, values.tolist())))
        missing = words == ""
        return _Moderator(name, words, missing, tuple(sorted({*words[~missing].tolist()})))
    for i in np.flatnonzero(np.isinf(numbers)).tolist():
        raise BadStudy(
            labels[i], f"the moderator {name} is infinite", "Correct it, or leave it empty."
        )
    return _Moderator(name, numbers, np.isnan(numbers), None)


def _column(name: str, given: ArrayLike, k: int) -> NDArray[np.generic]:
    try:
        values: NDArray[np.generic] = np.asarray(given)
        if values.dtype.kind in "US":  # numpy has turned a NaN among words into the word "nan"
            values = np.asarray(given, dtype=object)
    except ValueError:
        raise BadTable(
            f"The moderator {name} has values that are lists. Give one value per study."
        ) from None
    if values.ndim != 1:
        raise BadTable(
            f"The moderator {name} has {values.ndim} dimensions. Give one value per study."
        )
    if values.size != k:
        raise BadTable(
            f"The moderator {name} has {values.size} values for {k} studies. Give one per study."
        )
    return values


def _numbers(values: NDArray[np.generic]) -> Array | None:
    """Return the values as floats, NaN where missing; None where they are words."""
    if values.dtype.kind in "biuf":
        return values.astype(float)
    cells = [None if word(cell) == "" else cell for cell in values.tolist()]
    if any(isinstance(cell, str) for cell in cells):
        return None
    try:
        return np.array(cells, dtype=float)
    except (TypeError, ValueError):
        return None


def _named(term: Term) -> str:
    name, level = term
    return name if level is None else f"{name}: {level}"


def _cell(name: str, level: str | None, values: Mapping[str, float | str]) -> float:
    if name == INTERCEPT:
        return 1.0
    value = _value(name, values)
    if level is not None:
        return float(word(value) == level)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise BadTable(f"The value {value!r} of the moderator {name} is no finite number.")
    return number


def _value(name: str, values: Mapping[str, float | str]) -> float | str:
    try:
        return values[name]
    except KeyError:
        raise BadTable(f"There is no value for the moderator {name}. Give one for each.") from None
