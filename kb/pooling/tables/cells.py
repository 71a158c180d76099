"""The cells of a table as numbers, with every cell that cannot be one named at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from operator import itemgetter
from typing import Any

from kb.pooling.tables.file import RawTable, TableError, quoted

MISSING = {"", "NA", "NaN"}

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COMMA_NUMBER = re.compile(r"[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class _Range:
    """What a number of some column may be."""

    holds: Callable[[float], bool]
    allowed: str


_COUNT = _Range(lambda value: value >= 0, "0 or more")
_SPREAD = _Range(_COUNT.holds, _COUNT.allowed)
_POSITIVE = _Range(lambda value: value > 0, "above 0")
_CORRELATION = _Range(lambda value: -1 <= value <= 1, "from -1 to 1")
_SHARE = _Range(lambda value: 0 <= value <= 1, "from 0 to 1")

_RANGES = {
    **dict.fromkeys(("ai", "bi", "ci", "di", "x1i", "x2i", "xi", "mi"), _COUNT),
    **dict.fromkeys(("n1i", "n2i", "ni"), _COUNT),
    **dict.fromkeys(("sd1i", "sd2i"), _SPREAD),
    **dict.fromkeys(("t1i", "t2i", "vi", "sei", "hr", "ci_low", "ci_high", "v"), _POSITIVE),
    "ri": _CORRELATION,
    "p": _SHARE,
}

_NOT_ABOVE = (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni"), ("ci_low", "ci_high"))


def numbers(
    table: RawTable, inputs: Mapping[str, str], rows: Sequence[int]
) -> dict[str, list[float]]:
    """Return columns as numbers, NaN where a cell is missing, by metafor's names.

    `inputs` are the columns of the file by these names, `rows` those that count. Raise
    `TableError` with every cell that is no number, or none that the column can hold.
    """
    reader = _Reader(table)
    result = {
        name: [reader.number(column, row, name) for row in rows] for name, column in inputs.items()
    }
    for lesser, greater in _NOT_ABOVE:
        if lesser in result and greater in result:
            for row, low, high in zip(rows, result[lesser], result[greater], strict=True):
                if low > high:
                    limit = f"more than the {high:.10g} of {inputs[greater]}"
                    reader.note(row, inputs[lesser], f"{low:.10g} is {limit}")
    reader.refuse_problems()
    return result


def column_values(table: RawTable, column: str) -> list[Any]:
    """Return a column for subgroups and moderators: numbers, or words where it holds any."""
    cells = table.columns[column]
    parsed = [_number(cell, comma=table.comma) for cell in cells]
    if all(value is not None or cell in MISSING for cell, value in zip(cells, parsed, strict=True)):
        return [None if value is None else _whole(value) for value in parsed]
    return [None if cell in MISSING else cell for cell in cells]


def _whole(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


class _Reader:
    """Reads cells, and keeps what is wrong with them."""

    def __init__(self, table: RawTable) -> None:
        self._table = table
        self._problems: list[tuple[int, str]] = []

    def number(self, column: str, row: int, name: str) -> float:
        """Return the number in a cell; NaN where there is none."""
        cell = self._table.columns[column][row]
        if cell in MISSING:
            return nan
        within = _RANGES.get(name)
        value = _number(cell, comma=self._table.comma and within is not _COUNT)
        if value is None:
            self.note(row, column, f"{quoted(cell)} is not a number")
            return nan
        if within and not within.holds(value):
            self.note(row, column, f"{cell} is not {within.allowed}")
            return nan
        return value

    def note(self, row: int, column: str, what: str) -> None:
        """Keep what is wrong with a cell."""
        self._problems.append((row, f"line {self._table.lines[row]}, column {column}: {what}"))

    def refuse_problems(self) -> None:
        """Raise `TableError` if something is wrong."""
        if self._problems:
            texts = [text for _, text in sorted(self._problems, key=itemgetter(0))]
            remedy = "Correct them; a missing value is an empty cell or NA."
            raise TableError(self._table.name, texts, remedy)


def _number(cell: str, *, comma: bool) -> float | None:
    """Return the number that a cell says, None if it says none or one too large."""
    text = _signed(cell)
    if comma and _COMMA_NUMBER.fullmatch(text):
        text = text.replace(",", ".")
    elif not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if isfinite(value) else None


def _signed(cell: str) -> str:
    return cell.replace("\N{MINUS SIGN}", "-")
