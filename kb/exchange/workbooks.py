"""Workbooks (.xlsx) that come from elsewhere: checked before they are unpacked, read by sheet."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - an exception, called as exceptions are

from kb.exchange.file_kinds import HOW_TO_SAVE_AS
from kb.exchange.files import FileProblem, ForeignFile
from kb.exchange.sheets import Record, Sheet, cleaned, sheet_of
from kb.exchange.spreadsheets import (
    chosen,
    on_dates,
    refuse_merged,
    titled,
)
from kb.exchange.workbook_cells import FAILED, PERCENT, Marks, chunks, column_of, marks_of

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MOST_MEMBERS = 2_000
MOST_UNPACKED = 256_000_000
MOST_RATIO = 200
MOST_CELLS = 10_000_000

_ENCRYPTED = 1
_OVERLAP = 64
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Z]{0,3})([0-9]{1,7})\s*["']""")
_HOW_TO_SAVE = "Save the sheet as CSV in UTF-8."
_DATES = (date, time, timedelta)


def is_workbook(file: ForeignFile) -> bool:
    """Return whether a file begins as a workbook does."""
    with file.path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def read_workbook(file: ForeignFile, sheet: str | None = None) -> Sheet:
    """Return the table in a sheet of a workbook, which need not be named where it has one alone.

    One of several that is called as that of `kb template` need not be named either.
    Raise `FileProblem` for what is no workbook or a hostile one, and where the sheet is not clear.
    """
    _check(file)
    book = _opened(file)
    name = chosen(file.name, book.sheet_names, sheet)
    try:
        table = book.get_sheet_by_name(name)
    except (ValueError, OSError) as error:
        raise _unreadable(file, error) from None
    title = titled(file.name, book.sheet_names, name)
    line, header = _header(table)
    refuse_merged(title, line, table.merged_cell_ranges or ())
    with ZipFile(file.path) as archive:
        marks = marks_of(archive, name)
    notes = on_dates(header, _dates(table, line))
    return sheet_of(title, lambda: _records(table, marks), notes=notes)


def _header(table: "CalamineSheet") -> tuple[int, list[str]]:
    """Return the row, from 0, that names the columns, and the names."""
    filled = ((row, cells) for row, cells in enumerate(table.iter_rows()) if any(cells))
    row, cells = next(filled, (0, []))
    return row, [_text(cell) for cell in cells]


def _dates(table: "CalamineSheet", header: int) -> dict[int, list[int]]:
    """Return the rows of dates below the header by the place of the column."""
    found: dict[int, list[int]] = {}
    for row, cells in enumerate(table.iter_rows(), 1):
        for place, cell in enumerate(cells):
            if isinstance(cell, _DATES) and row > header + 1:
                found.setdefault(place, []).append(row)
    return found


def _check(file: ForeignFile) -> None:
    """Raise `FileProblem` for a file that would take too much to unpack or to hold."""
    try:
        with ZipFile(file.path) as archive:
            members = archive.infolist()
            _check_members(file, members)
            rows = columns = 0
            for member in members:
                for data in chunks(archive, member, _OVERLAP):
                    if member.filename.endswith(".xml") and b"\0" in data:
                        raise _hostile(file, "holds XML that is not UTF-8")
                    for letters, digits in _PLACE.findall(data):
                        rows = max(rows, int(digits))
                        columns = max(columns, column_of(letters))
    except (BadZipFile, ZlibError, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise _unreadable(file, error) from None
    if rows * columns > MOST_CELLS:
        raise _hostile(file, f"has a sheet of {rows:,} rows and {columns:,} columns")


def _check_members(file: ForeignFile, members: list[ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise FileProblem(f"{file.name} is not a workbook (.xlsx).", HOW_TO_SAVE_AS)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise FileProblem(f"{file.name} is encrypted.", "Save it without a password.")
    if len(members) > MOST_MEMBERS:
        raise _hostile(file, f"holds {len(members):,} parts")
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * file.size:
        raise _hostile(file, f"unpacks to {unpacked / 1e6:,.0f} MB")


def _opened(file: ForeignFile) -> "CalamineWorkbook":
    from python_calamine import CalamineError, load_workbook

    try:
        return load_workbook(str(file.path))
    except (CalamineError, ValueError, OSError) as error:
        raise _unreadable(file, error) from None


def _records(table: "CalamineSheet", marks: Marks) -> Iterator[Record]:
    first = (table.start or (0, 0))[1] + 1
    for row, cells in enumerate(table.iter_rows(), 1):
        shown = marks.get(row)
        texts = [
            _text(cell) if shown is None else _shown(cell, shown.get(column))
            for column, cell in enumerate(cells, first)
        ]
        ready = cleaned(texts)
        if any(ready):
            yield row, ready


def _shown(cell: object, mark: str | None) -> str:
    """Return the text of a cell as the sheet shows it."""
    if mark == FAILED:
        return "#ERROR"
    if mark == PERCENT and isinstance(cell, int | float):
        return f"{cell * 100:.15g}%"
    return _text(cell)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def _hostile(file: ForeignFile, what: str) -> FileProblem:
    return FileProblem(f"{file.name} {what}, which is more than is read.", _HOW_TO_SAVE)


def _unreadable(file: ForeignFile, error: Exception) -> FileProblem:
    return FileProblem(f"{file.name} cannot be read as a workbook: {error}.", _HOW_TO_SAVE)
