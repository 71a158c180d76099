"""The rows of a table on their way to effects: what is refused and what is set aside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects, Numbered, column, study_labels
from kb.synthesis.errors import BadStudy
from kb.synthesis.measures import measure_of

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The columns of a table, each of shape (k,) with NaN where a value is missing, and labels."""

    columns: Mapping[str, Array]
    labels: Sequence[str]

    @classmethod
    def of(cls, labels: Iterable[str] | None, **values: ArrayLike) -> Self:
        """Read columns of one length; raise BadTable or, for an infinite value, BadStudy."""
        first = next(iter(values))
        size = column(first, values[first]).size
        columns = {name: column(name, given, size=size) for name, given in values.items()}
        rows = cls(columns, study_labels(labels, size))
        for name, array in columns.items():
            rows.refuse(np.isinf(array), f"{name} is infinite", "Leave it empty, or correct it.")
        return rows

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def refuse(self, where: Mask, what: str, remedy: str) -> None:
        """Raise BadStudy for the first of these rows.

        `what` may name columns in braces: "{xi:g} events in a group of {ni:g}".
        """
        if where.any():
            row = int(where.argmax())
            values = {name: array[row] for name, array in self.columns.items()}
            raise BadStudy(self.labels[row], what.format(**values), remedy)

    def refuse_negative(self, *names: str) -> None:
        """Raise BadStudy if one of these columns has a value below zero."""
        for name in names:
            self.refuse(
                self[name] < 0, f"{name} is {{{name}:g}}", "A count is not negative; correct it."
            )

    def missing(self) -> dict[int, str]:
        """Return, by row, which of its values are missing."""
        missing: dict[int, list[str]] = {}
        for name, array in self.columns.items():
            for row in np.flatnonzero(np.isnan(array)).tolist():
                missing.setdefault(row, []).append(name)
        return {
            row: f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
            for row, names in missing.items()
        }

    def effects(
        self,
        code: str,
        yi: Array,
        vi: Array,
        *,
        ni: Array,
        without: Iterable[tuple[Mask, str]] = (),
        zeros: Mask | None = None,
    ) -> Effects:
        """Return the effects, with every row that has none set aside with its reason.

        `without` are masks of rows that give no effect, whatever yi and vi are, each with the
        reason; a missing value comes before them. A row is set aside too where its effect is not
        finite or its variance not above zero; `zeros` are the rows with a count of zero, which
        explains that.
        """
        measure = measure_of(code)
        undefined = ~(np.isfinite(yi) & np.isfinite(vi))
        unweighable = ~(vi > 0)
        zero = np.zeros(yi.size, dtype=bool) if zeros is None else zeros
        reasons = self.missing()
        for rows, reason in (
            *without,
            (zero & undefined, f"a count is zero: the {measure.name} is not defined"),
            (zero & unweighable, f"a count is zero: the variance of the {measure.name} is zero"),
            (undefined | unweighable, f"these numbers give no {measure.name} with a variance"),
        ):
            for row in np.flatnonzero(rows).tolist():
                reasons.setdefault(row, reason)
        none = np.zeros(yi.size, dtype=bool)
        none[list(reasons)] = True
        return Effects.of(
            np.where(none, np.nan, yi),
            np.where(none, np.nan, vi),
            None if isinstance(self.labels, Numbered) else self.labels,
            measure=measure,
            ni=ni,
            reasons=reasons,
        )


def quietly(formula: Callable[..., tuple[Array, Array]], *columns: Array) -> tuple[Array, Array]:
    """Return what a formula gives, NaN or infinite where it does not exist, without a warning."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return formula(*columns)
