"""Two people's extractions of the same studies, compared cell by cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kb.errors import KbError
from kb.exchange.agreement import Coefficient, icc, kappa
from kb.exchange.agreement_pairing import Pair, Unpaired, paired
from kb.exchange.agreement_reading import Extraction
from kb.exchange.sheets import SheetRow
from kb.exchange.template.columns import BY_NAME, KEY, OWN_WORDS, TO_DECIDE
from kb.vocabulary import plain


@dataclass(frozen=True)
class Difference:
    """A cell in which two tables differ; empty where one says nothing."""

    pair: Pair
    column: str
    a: str
    b: str


@dataclass(frozen=True)
class ColumnAgreement:
    """How far two tables agree in a column.

    Cells that are empty in both are not compared. One that is filled in one table alone differs,
    and has no part in the coefficient: kappa for words, ICC(2,1) for numbers.
    """

    name: str
    is_number: bool
    compared: int
    agreed: int
    one_alone: int
    coefficient: Coefficient

    @property
    def percent(self) -> float | None:
        """The cells that agree, in percent of those compared."""
        return 100 * self.agreed / self.compared if self.compared else None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        told = self.coefficient
        return {
            "column": self.name,
            "compared": self.compared,
            "agreed": self.agreed,
            "percent": self.percent,
            "filled_by_one_alone": self.one_alone,
            "coefficient": "ICC(2,1)" if self.is_number else "kappa",
            "pairs": told.pairs,
            "value": told.value,
            "ci_low": told.low,
            "ci_high": told.high,
            "undefined": told.undefined or None,
            "no_interval": told.no_interval or None,
        }


@dataclass(frozen=True)
class Agreement:
    """Two tables side by side. `by` holds the columns that tell their rows apart."""

    a: Extraction
    b: Extraction
    by: tuple[str, ...]
    pairs: tuple[Pair, ...]
    only_a: tuple[Unpaired, ...]
    only_b: tuple[Unpaired, ...]

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """The columns that are compared: those of both, without the key and each one's words."""
        left_out = {*self.by, *OWN_WORDS}
        return tuple(n for n in self.a.header if n in self.b.header and n not in left_out)

    @cached_property
    def own_words(self) -> tuple[str, ...]:
        """The columns of both in which each person writes in their own way."""
        both = set(self.a.header) & set(self.b.header) - set(self.by)
        return tuple(name for name in OWN_WORDS if name in both)

    @cached_property
    def columns(self) -> tuple[ColumnAgreement, ...]:
        """The agreement in each column that is compared."""
        return tuple(map(self._column, self.compared))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The cells that differ, in the order of the first table."""
        return tuple(each for pair in self.pairs for each in self.differences_in(pair))

    def differences_in(self, pair: Pair) -> Iterator[Difference]:
        """Yield the cells in which one row differs."""
        for column in self.compared:
            a, b = pair.a.cells[column], pair.b.cells[column]
            if not self.is_same(column, a, b):
                yield Difference(pair, column, a, b)

    def is_same(self, column: str, a: str, b: str) -> bool:
        """Return whether two cells say the same: as numbers, or as words in any case."""
        if column in self.numeric:
            one, other = self.a.number(a), self.b.number(b)
            if one is not None and other is not None:
                return one == other
        return plain(a) == plain(b)

    @cached_property
    def numeric(self) -> frozenset[str]:
        """The columns of numbers: those of the extraction sheet, others where all cells are."""
        return frozenset(filter(self._is_numeric, self.compared))

    def label(self, row: SheetRow) -> str:
        """Return the words by which a row is known."""
        return " · ".join(filter(None, (row.cells[name] for name in self.by)))

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "a": _described(self.a),
            "b": _described(self.b),
            "rows_told_apart_by": list(self.by),
            "rows_in_both": len(self.pairs),
            "columns": [column.as_dict() for column in self.columns],
            "not_compared": list(self.own_words),
            "columns_only_in_a": self.columns_without(self.a, self.b),
            "columns_only_in_b": self.columns_without(self.b, self.a),
            "differences": [
                {
                    "row_a": each.pair.a.row,
                    "row_b": each.pair.b.row,
                    "of": self.label(each.pair.a),
                    "column": each.column,
                    "a": each.a or None,
                    "b": each.b or None,
                }
                for each in self.differences
            ],
            "only_in_a": [self._unpaired(each) for each in self.only_a],
            "only_in_b": [self._unpaired(each) for each in self.only_b],
        }

    @staticmethod
    def columns_without(one: Extraction, other: Extraction) -> list[str]:
        """Return the columns that one table has and the other has not."""
        return [name for name in one.header if name not in other.header]

    def _is_numeric(self, column: str) -> bool:
        if column in BY_NAME:
            return BY_NAME[column].is_number
        cells = [(self.a, pair.a.cells[column]) for pair in self.pairs]
        cells += [(self.b, pair.b.cells[column]) for pair in self.pairs]
        filled = [(table, cell) for table, cell in cells if cell]
        return bool(filled) and all(table.number(cell) is not None for table, cell in filled)

    def _column(self, name: str) -> ColumnAgreement:
        cells = [(pair.a.cells[name], pair.b.cells[name]) for pair in self.pairs]
        compared = [(a, b) for a, b in cells if a or b]
        both = [(a, b) for a, b in compared if a and b]
        is_number = name in self.numeric
        return ColumnAgreement(
            name,
            is_number,
            len(compared),
            sum(self.is_same(name, a, b) for a, b in compared),
            len(compared) - len(both),
            icc(self._numbers(both))
            if is_number
            else kappa([(plain(a), plain(b)) for a, b in both]),
        )

    def _numbers(self, cells: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
        numbers = ((self.a.number(a), self.b.number(b)) for a, b in cells)
        return [(a, b) for a, b in numbers if a is not None and b is not None]

    def _unpaired(self, each: Unpaired) -> dict[str, Any]:
        return {
            "row": each.row.row,
            "of": self.label(each.row),
            "doubled": each.doubled,
            "nearest_row": each.nearest.row if each.nearest else None,
            "which_differs_in": each.differs_in or None,
        }


def compare_extractions(a: Extraction, b: Extraction, by: Sequence[str] = ()) -> Agreement:
    """Return how two tables agree; `by` names the columns that tell rows apart.

    Without it they are those of the extraction sheet. Raises `KbError` where a table lacks one.
    """
    names = tuple(name.casefold() for name in by) or KEY
    for table in (a, b):
        if TO_DECIDE in table.header:
            raise KbError(
                f"{table.name} is an adjudicated sheet: it has a column '{TO_DECIDE}'.",
                "Compare the sheets that two people filled in.",
            )
        lacking = [name for name in names if name not in table.header]
        if lacking:
            raise KbError(
                f"{table.name} has no column {', '.join(lacking)}.",
                "Say which columns tell its rows apart, such as --by study,outcome.",
            )
    found = paired(a.rows, b.rows, names)
    return Agreement(a, b, names, found.pairs, found.only_a, found.only_b)


def _described(table: Extraction) -> dict[str, Any]:
    return {
        "file": table.name,
        "rows": len(table.rows),
        "examples_left_out": table.examples,
        "refused": table.refused,
    }
