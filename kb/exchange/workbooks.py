"""Workbooks (.xlsx) that come from elsewhere: checked before they are unpacked, read by sheet."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - an exception, called as exceptions are

from kb.exchange.files import FileProblem, ForeignFile, quoted
from kb.exchange.sheets import Record, Sheet, cleaned, sheet_of
from kb.exchange.template.columns import SHEET

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MOST_MEMBERS = 2_000
MOST_UNPACKED = 256_000_000
MOST_RATIO = 200
MOST_CELLS = 10_000_000

_ENCRYPTED = 1
_CHUNK = 1 << 20
_OVERLAP = 64
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Z]{0,3})([0-9]{1,7})\s*["']""")
_HOW_TO_SAVE = "Save the sheet as CSV in UTF-8."


class SeveralSheets(FileProblem):
    """A workbook of which it is not said which sheet is meant."""


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
    name = _chosen(file, book, sheet)
    try:
        table = book.get_sheet_by_name(name)
    except (ValueError, OSError) as error:
        raise _unreadable(file, error) from None
    title = file.name if len(book.sheet_names) == 1 else f"{file.name}, sheet {quoted(name)}"
    return sheet_of(title, lambda: _records(table))


def _check(file: ForeignFile) -> None:
    """Raise `FileProblem` for a file that would take too much to unpack or to hold."""
    try:
        with ZipFile(file.path) as archive:
            members = archive.infolist()
            _check_members(file, members)
            rows = columns = 0
            for member in members:
                for data in _chunks(archive, member):
                    if member.filename.endswith(".xml") and b"\0" in data:
                        raise _hostile(file, "holds XML that is not UTF-8")
                    for letters, digits in _PLACE.findall(data):
                        rows = max(rows, int(digits))
                        columns = max(columns, _column(letters))
    except (BadZipFile, ZlibError, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise _unreadable(file, error) from None
    if rows * columns > MOST_CELLS:
        raise _hostile(file, f"has a sheet of {rows:,} rows and {columns:,} columns")


def _check_members(file: ForeignFile, members: list[ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise FileProblem(f"{file.name} is not a workbook (.xlsx).", _HOW_TO_SAVE)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise FileProblem(f"{file.name} is encrypted.", "Save it without a password.")
    if len(members) > MOST_MEMBERS:
        raise _hostile(file, f"holds {len(members):,} parts")
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * file.size:
        raise _hostile(file, f"unpacks to {unpacked / 1e6:,.0f} MB")


def _chunks(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    """Yield a member in parts, each with the end of the one before it."""
    end = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            yield end + chunk
            end = chunk[-_OVERLAP:]


def _column(letters: bytes) -> int:
    """Return the number of a column by its letters."""
    value = 0
    for letter in letters:
        value = value * 26 + letter - ord("A") + 1
    return value


def _opened(file: ForeignFile) -> "CalamineWorkbook":
    from python_calamine import CalamineError, load_workbook

    try:
        return load_workbook(str(file.path))
    except (CalamineError, ValueError, OSError) as error:
        raise _unreadable(file, error) from None


def _chosen(file: ForeignFile, book: "CalamineWorkbook", sheet: str | None) -> str:
    names = list(book.sheet_names)
    if sheet is None and (len(names) == 1 or SHEET in names):
        return SHEET if SHEET in names else names[0]
    if sheet in names:
        return sheet
    listed = ", ".join(quoted(name) for name in names) or "none"
    if sheet is None:
        raise SeveralSheets(
            f"{file.name} has several sheets: {listed}.", "Say which, with --set sheet=NAME."
        )
    raise FileProblem(f"{file.name} has no sheet {quoted(sheet)}.", f"Its sheets: {listed}.")


def _records(table: "CalamineSheet") -> Iterator[Record]:
    for row, cells in enumerate(table.iter_rows(), 1):
        ready = cleaned([_text(cell) for cell in cells])
        if any(ready):
            yield row, ready


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
