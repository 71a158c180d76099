"""Tables that come from elsewhere, as CSV or as a workbook: named columns, a row at a time."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from math import isfinite

from kb.exchange.drafts import Fate, Note
from kb.exchange.files import (
    LONGEST_CELL,
    FileProblem,
    ForeignFile,
    cut,
    decoded_lines,
    encoding_note,
    printable,
    quoted,
)

MISSING = {"", "na", "nan", "n/a"}
MOST_COLUMNS = 2_000

_DELIMITERS = ",;\t"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COMMA_NUMBER = re.compile(r"[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?")
_DECIMAL = re.compile(r"[+-]?[0-9]*([.,])[0-9]+([eE][+-]?[0-9]+)?")

_ROWS_FOR_DECIMALS = 10_000
"""Rows after which the decimal sign is settled."""

Record = tuple[int, list[str]]
"""The line of a file, or the row of a sheet, and the cells that begin on it."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its line of the file, or its row of the sheet, and its cells by column."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A table.

    Attributes:
        name: of the file, with that of the sheet where it has several.
        header: the names of its columns.
        count: how many rows it has, with those that `notes` refuse.
        rows: yields the others, from the start each time.
        comma: whether the comma is the decimal sign.
        notes: on its code, its columns, and rows that do not fit the header.
    """

    name: str
    header: tuple[str, ...]
    count: int
    rows: Callable[[], Iterator[SheetRow]]
    comma: bool
    notes: tuple[Note, ...] = ()


def read_csv(file: ForeignFile) -> Sheet:
    """Return the table in a text file whose cells are separated by commas, semicolons or tabs.

    The comma is the decimal sign where it does not separate cells and more numbers have it than a
    point. Raise `FileProblem` where no table can be read.
    """
    delimiter = _delimiter(file)
    note = encoding_note(file)
    return sheet_of(
        file.name,
        lambda: _records(file, delimiter),
        comma=delimiter != ",",
        notes=(note,) if note else (),
    )


def sheet_of(
    name: str,
    records: Callable[[], Iterator[Record]],
    *,
    comma: bool = False,
    notes: Iterable[Note] = (),
) -> Sheet:
    """Return the table in records, the first of which names the columns.

    `comma` says whether the comma may be a decimal sign. Rows that have other cells than the header
    are refused by a note, columns without a name are left out by one. Raise `FileProblem` where
    nothing remains.
    """
    first = next(records(), None)
    if first is None:
        raise FileProblem(f"{name} is empty.", "Its first line must name the columns.")
    header = _header(name, first)
    survey = _Survey(header)
    for record in islice(records(), 1, None):
        survey.add(record)
    if survey.refused == survey.count:
        reason = "has rows, but none with one cell per column" if survey.count else "has no rows"
        raise FileProblem(
            f"{name} {reason}.", "Under the line of column names, every row has a cell for each."
        )
    named = [(place, column) for place, column in enumerate(header) if column]
    width = len(header)

    def rows() -> Iterator[SheetRow]:
        for line, cells in islice(records(), 1, None):
            if _fits(cells, width):
                yield SheetRow(line, {column: cells[place] for place, column in named})

    return Sheet(
        name=name,
        header=tuple(column for _, column in named),
        count=survey.count,
        rows=rows,
        comma=comma and survey.commas > survey.points,
        notes=(*notes, *survey.notes, *survey.unnamed()),
    )


def cleaned(cells: list[str]) -> list[str]:
    """Return the cells of a record in one line each, long ones cut, ready to be shown."""
    whole = "".join(cells)
    if not whole.isprintable() or "  " in whole:
        cells = [printable(cell) for cell in cells]
    else:
        cells = [cell.strip() for cell in cells]
    return [cut(cell) for cell in cells] if len(whole) > LONGEST_CELL else cells


def number(text: str, *, comma: bool) -> float | None:
    """Return the number that a cell says, None where it is empty, NA or the like.

    `comma` says whether the comma is the decimal sign. Raise ValueError for any other text.
    """
    if text.casefold() in MISSING:
        return None
    digits = text.replace("\N{MINUS SIGN}", "-")
    if comma and _COMMA_NUMBER.fullmatch(digits):
        digits = digits.replace(",", ".")
    elif comma or not _NUMBER.fullmatch(digits):
        raise ValueError(f"{quoted(text)} is not a number")
    value = float(digits)
    if not isfinite(value):
        raise ValueError(f"{quoted(text)} is too large a number")
    return value


def whole(text: str, *, comma: bool) -> int | None:
    """Return the whole number that a cell says; None and ValueError as for `number`."""
    value = number(text, comma=comma)
    if value is None:
        return None
    if not value.is_integer():
        raise ValueError(f"{quoted(text)} is not a whole number")
    return int(value)


def _delimiter(file: ForeignFile) -> str:
    """Return what separates most cells of the first line; the comma, where nothing does."""
    first = next((line for line in decoded_lines(file) if line.strip()), "")
    try:
        return max(_DELIMITERS, key=lambda each: len(next(csv.reader([first], delimiter=each), [])))
    except csv.Error:  # one cell too long: with another delimiter it may be many
        return max(_DELIMITERS, key=first.count)


def _records(file: ForeignFile, delimiter: str) -> Iterator[Record]:
    """Yield the records that are not blank."""
    reader = csv.reader(decoded_lines(file), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            ready = cleaned(cells)
            if any(ready):
                yield line, ready
            line = reader.line_num + 1
    except csv.Error as error:
        raise _broken(file.name, line, error) from None


def _broken(name: str, line: int, error: csv.Error) -> FileProblem:
    if "field limit" in str(error):
        return FileProblem(
            f"{name}, line {line}, has a cell of more than {csv.field_size_limit():,} characters.",
            "See whether it is a table, and whether a quotation mark is left open.",
        )
    return FileProblem(
        f"{name}, line {line}: {error}.", "See whether a quotation mark is left open or inside."
    )


def _header(name: str, record: Record) -> list[str]:
    line, header = record
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise FileProblem(
            f"{name} has {len(header):,} columns.", f"Give at most {MOST_COLUMNS:,} of them."
        )
    doubled = [column for column, times in Counter(header).items() if column and times > 1]
    if doubled:
        shown = ", ".join(quoted(column) for column in doubled[:5])
        raise FileProblem(
            f"{name}, line {line}, names more than one column {shown}.",
            "Give every column a name of its own.",
        )
    return header


def _fits(cells: list[str], width: int) -> bool:
    """Return whether a record has the cells of the header; empty ones too many are taken off."""
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return len(cells) == width


@dataclass
class _Survey:
    """What is learned of a table by going through it once."""

    header: list[str]
    count: int = 0
    refused: int = 0
    commas: int = 0
    points: int = 0
    notes: list[Note] = field(default_factory=list)
    filled: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._nameless = [place for place, column in enumerate(self.header) if not column]

    def add(self, record: Record) -> None:
        """Take in a row."""
        line, cells = record
        self.count += 1
        if not _fits(cells, len(self.header)):
            self.refused += 1
            message = f"It has {len(cells)} cells under {len(self.header)} column names."
            self.notes.append(Note(line, "", Fate.REFUSED, "ragged row", message))
            return
        for place in self._nameless:
            self.filled[place] += bool(cells[place]) and not (place == 0 and cells[0].isdigit())
        if self.count <= _ROWS_FOR_DECIMALS:
            self._look_for_decimals(cells)
        if max(map(len, cells)) == LONGEST_CELL:
            self._note_cut(line, cells)

    def _look_for_decimals(self, cells: list[str]) -> None:
        for cell in cells:
            if found := _DECIMAL.fullmatch(cell):
                self.commas += found[1] == ","
                self.points += found[1] == "."

    def _note_cut(self, line: int, cells: list[str]) -> None:
        message = f"It is longer than {LONGEST_CELL:,} characters and was cut."
        for column, cell in zip(self.header, cells, strict=True):
            if len(cell) == LONGEST_CELL and cell.endswith("…"):
                self.notes.append(Note(line, column, Fate.WARNED, "long cell", message))

    def unnamed(self) -> Iterator[Note]:
        """Yield notes on the columns without a name."""
        for place, cells in sorted(self.filled.items()):
            if place == 0 and not cells:
                message = "The first column has no name and was taken for the numbers of the rows."
            else:
                message = f"It has no name; what {cells} rows have in it was left out."
            yield Note(0, f"column {place + 1}", Fate.IGNORED, "column without a name", message)
