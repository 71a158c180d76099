"""A CSV file as it comes from a spreadsheet or from R: its columns as text, with line numbers."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kb.errors import KbError
from kb.exchange.file_kinds import unreadable_kind

MOST_BYTES = 50_000_000
_DELIMITERS = ",;\t"
_ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")
_MOST_SHOWN = 20
_POINT = re.compile(r"[+-]?[0-9]*\.[0-9]+")


class TableError(KbError):
    """A table that cannot be read; carries every problem that was found."""

    def __init__(self, name: str, problems: list[str], remedy: str) -> None:
        self.problems = tuple(problems)
        shown = problems[:_MOST_SHOWN]
        if len(problems) > _MOST_SHOWN:
            shown.append(f"and {len(problems) - _MOST_SHOWN} more")
        if len(problems) == 1:
            text = f"{name}, {problems[0]}."
        else:
            text = "\n      ".join([f"{name} has {len(problems)} problems:", *shown])
        super().__init__(text, remedy)


@dataclass(frozen=True)
class RawTable:
    """The cells of a table.

    Attributes:
        name: of the file, as it was given.
        sha256: of its bytes.
        columns: the cells of each column, without blanks around them, by the column's name.
        lines: the line of the file on which each row starts.
        comma: whether the comma is the decimal sign: it does not separate columns, and no number
            has a point.
    """

    name: str
    sha256: str
    columns: Mapping[str, tuple[str, ...]]
    lines: tuple[int, ...]
    comma: bool

    def __len__(self) -> int:
        return len(self.lines)


def read_file(path: Path, name: str = "") -> RawTable:
    """Return the table in a file; raise `TableError` or KbError where there is none to read.

    `name` is what the table is called, where that is not its path.
    """
    content = _bytes(path)
    name = name or str(path)
    text = _text(content, name)
    delimiter = _delimiter(text)
    records = list(_records(text, delimiter, name))
    if not records:
        raise KbError(f"{name} is empty.", "Its first line must name the columns.")
    _, header = records[0]
    if not any(header):
        raise KbError(f"The first line of {name} names no column.", "Name every column in it.")
    rows = [(line, cells) for line, cells in records[1:] if any(cells)]
    if not rows:
        raise KbError(f"{name} has no rows.", "Under the line of column names, give one per study.")
    _check_shape(name, header, rows)
    columns = {
        column: tuple(cells[i] for _, cells in rows) for i, column in enumerate(header) if column
    }
    lines = tuple(line for line, _ in rows)
    comma = delimiter != "," and not _has_decimal_point(columns)
    return RawTable(name, sha256(content).hexdigest(), columns, lines, comma)


def printable(text: str) -> str:
    """Return a text in one line, without characters that a terminal would act upon."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def quoted(text: str) -> str:
    """Return a cell as a message shows it."""
    shown = printable(text)
    return f"'{shown if len(shown) <= 40 else f'{shown[:39]}…'}'"


def _bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise KbError(f"There is no file {path}.", "Give the path of a CSV file.")
        if not path.is_file():
            raise KbError(f"{path} is not a file.", "Give the path of a CSV file.")
        if path.stat().st_size > MOST_BYTES:
            raise KbError(
                f"{path} is larger than {MOST_BYTES // 1_000_000} MB.",
                "Give a table with one row per study.",
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KbError(f"{path} cannot be read: {reason}.", "See whether it may be read.") from None


def _text(content: bytes, name: str) -> str:
    if found := unreadable_kind(content):
        raise KbError(f"{name} is {found[0]}.", "Save the table as CSV in UTF-8.")
    if b"\0" in content:
        raise KbError(f"{name} is not a text file.", "Save the table as CSV in UTF-8.")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError  # Latin-1 has a character for every byte


def _has_decimal_point(columns: Mapping[str, tuple[str, ...]]) -> bool:
    return any(_POINT.fullmatch(cell) for cells in columns.values() for cell in cells)


def _delimiter(text: str) -> str:
    """Return what separates most columns of the first line; the comma, where nothing does."""
    first = text.lstrip().splitlines()[:1]
    return max(_DELIMITERS, key=lambda each: len(next(csv.reader(first, delimiter=each), [])))


def _records(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of every record that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [printable(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            name, [f"line {line}: {error}"], "See whether a quotation mark is left open or inside."
        ) from None


def _check_shape(name: str, header: list[str], rows: list[tuple[int, list[str]]]) -> None:
    """Raise for columns of the same name, and for rows that have other cells than the header."""
    problems = [
        f"line 1: the column {quoted(column)} is there {header.count(column)} times"
        for column in dict.fromkeys(header)
        if column and header.count(column) > 1
    ]
    for line, cells in rows:
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            problems.append(f"line {line}: {len(cells)} cells under {len(header)} column names")
    if problems:
        raise TableError(name, problems, "Give every row one cell per column.")
