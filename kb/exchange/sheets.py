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

_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")

_NAMELESS = "column without a name"

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

    @property
    def nameless(self) -> str:
        """A sentence on its columns without a name, for where one with a name is wanted."""
        places = [note.field for note in self.notes if note.rule == _NAMELESS]
        return f" Without a name: {', '.join(places)}." if places else ""


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
    survey = _Survey(header, len(first[1]))
    for record in islice(records(), 1, None):
        survey.add(record)
    survey.refuse_unfit(name, first[0])
    named = [(place, column) for place, column in enumerate(header) if column]

    def rows() -> Iterator[SheetRow]:
        for line, cells in islice(records(), 1, None):
            if survey.fits(cells):
                yield SheetRow(line, {column: cells[place] for place, column in named})

    comma = comma and survey.commas > survey.points
    return Sheet(
        name=name,
        header=tuple(column for _, column in named),
        count=survey.count,
        rows=rows,
        comma=comma,
        notes=(*notes, *survey.notes, *survey.unnamed(), *(survey.doubtful() if comma else ())),
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
    pattern = _COMMA_NUMBER if comma else _NUMBER
    digits = text
    if not pattern.fullmatch(digits):
        if text.casefold() in MISSING:
            return None
        digits = text.replace("\N{MINUS SIGN}", "-")
        if not pattern.fullmatch(digits):
            raise ValueError(f"{quoted(text)} is not a number")
    value = float(digits.replace(",", ".") if comma else digits)
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
    """Return the names of the columns, up to the last one that has any."""
    line, header = record[0], list(record[1])
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


@dataclass
class _Survey:
    """What is learned of a table by going through it once.

    `header` goes to the last column with a name; the first line has `width` cells, the last of
    which may be columns without one.
    """

    header: list[str]
    width: int
    count: int = 0
    refused: int = 0
    commas: int = 0
    points: int = 0
    notes: list[Note] = field(default_factory=list)
    filled: Counter[int] = field(default_factory=Counter)
    numbered: int = 0
    thousands: tuple[int, str] = (0, "")

    def __post_init__(self) -> None:
        self._nameless = [place for place, column in enumerate(self.header) if not column]

    def fits(self, cells: list[str]) -> bool:
        """Return whether a record has a cell for each name, and nothing beyond the first line."""
        return len(self.header) <= len(cells) and not any(cells[self.width :])

    def add(self, record: Record) -> None:
        """Take in a row."""
        line, cells = record
        self.count += 1
        if not self.fits(cells):
            self.refused += 1
            message = f"It has {len(cells)} cells under {len(self.header)} column names."
            self.notes.append(Note(line, "", Fate.REFUSED, "ragged row", message))
            return
        for place in (*self._nameless, *range(len(self.header), len(cells))):
            self.filled[place] += bool(cells[place])
        self.numbered += cells[0].isdigit()
        if self.count <= _ROWS_FOR_DECIMALS:
            self._look_for_decimals(cells)
        if max(map(len, cells)) == LONGEST_CELL:
            self._note_cut(line, cells)

    def _look_for_decimals(self, cells: list[str]) -> None:
        for cell in cells:
            if found := _DECIMAL.fullmatch(cell):
                self.commas += found[1] == ","
                self.points += found[1] == "."
                if _THOUSANDS.fullmatch(cell):
                    self.thousands = (self.thousands[0] + 1, cell)

    def _note_cut(self, line: int, cells: list[str]) -> None:
        message = f"It is longer than {LONGEST_CELL:,} characters and was cut."
        for column, cell in zip(self.header, cells, strict=False):
            if len(cell) == LONGEST_CELL and cell.endswith("…"):
                self.notes.append(Note(line, column, Fate.WARNED, "long cell", message))

    def refuse_unfit(self, name: str, line: int) -> None:
        """Raise `FileProblem` where the first line, number `line`, names no columns of the rows."""
        if not self.count:
            raise FileProblem(
                f"{name} has no rows.", "Fill them in under the line of column names."
            )
        named = sum(map(bool, self.header))
        nameless = sum(map(bool, self.filled.values()))
        if self.refused < self.count and nameless <= named:
            return
        columns = "one column" if named == 1 else f"{named:,} columns"
        first = self.header[0] or next(filter(None, self.header))
        raise FileProblem(
            f"{name}, line {line}, names {columns} ({quoted(first)} first), and the rows below do "
            "not fit them.",
            "The first line must name every column: take titles above it away.",
        )

    def doubtful(self) -> Iterator[Note]:
        """Yield a note where every comma that is taken for a decimal sign may part thousands."""
        number, example = self.thousands
        if number == self.commas:
            message = (
                f"{quoted(example)} was read as {example.replace(',', '.')}, with a decimal comma, "
                "and so were all numbers with a comma. Each may as well be in thousands."
            )
            yield Note(0, "", Fate.WARNED, "decimal comma?", message)

    def unnamed(self) -> Iterator[Note]:
        """Yield notes on the columns without a name."""
        for place, cells in sorted(self.filled.items()):
            if not cells:
                continue
            if place == 0 and cells == self.numbered:
                message = "The first column has no name and was taken for the numbers of the rows."
            else:
                rows = "one row has" if cells == 1 else f"{cells:,} rows have"
                message = f"It has no name; what {rows} in it was left out."
            yield Note(0, f"column {place + 1}", Fate.IGNORED, _NAMELESS, message)
