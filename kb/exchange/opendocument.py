"""Sheets of OpenDocument (.ods), as LibreOffice saves them, read from their XML within limits."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - an exception, called as exceptions are

from kb.exchange.file_kinds import HOW_TO_SAVE_AS
from kb.exchange.files import MOST_HELD, FileProblem, ForeignFile
from kb.exchange.sheets import MOST_COLUMNS, Record, Sheet, cleaned, sheet_of
from kb.exchange.spreadsheets import (
    Place,
    chosen,
    on_dates,
    refuse_merged,
    titled,
)
from kb.exchange.xml import parsed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_ROWS = 1_048_576
MOST_CELLS = 4_000_000
"""Cells of a sheet that hold something, and those before them in their rows."""

_CONTENT = "content.xml"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_BLANKS = {f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}


def is_opendocument(file: ForeignFile) -> bool:
    """Return whether an archive holds a document of this kind."""
    try:
        with ZipFile(file.path) as archive:
            return _CONTENT in archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def read_opendocument(file: ForeignFile, sheet: str | None = None) -> Sheet:
    """Return the table in a sheet, which need not be named where it is clear which is meant.

    Raise `FileProblem` for what is damaged or goes beyond the limits.
    """
    tables = {table.get(f"{_TABLE}name", ""): table for table in _root(file).iter(f"{_TABLE}table")}
    name = chosen(file.name, list(tables), sheet)
    title = titled(file.name, list(tables), name)
    grid = _Grid(title, tables[name])
    line, header = next(grid.records(), (1, []))
    refuse_merged(title, line - 1, grid.merged())
    dates = {place: rows for place, rows in grid.dates(line).items() if place < len(header)}
    return sheet_of(title, grid.records, notes=on_dates(header, dates))


def _root(file: ForeignFile) -> "Element":
    try:
        with ZipFile(file.path) as archive, archive.open(_CONTENT) as stream:
            data = stream.read(MOST_HELD + 1)
    except (BadZipFile, ZlibError, OSError, RuntimeError, ValueError, EOFError) as error:
        raise FileProblem(f"{file.name} cannot be read: {error}.", HOW_TO_SAVE_AS) from None
    if len(data) > MOST_HELD:
        raise FileProblem(f"{file.name} is larger than is read.", HOW_TO_SAVE_AS)
    return parsed(data, file.name)


class _Grid:
    """The cells of one table, called `name`."""

    def __init__(self, name: str, table: "Element") -> None:
        self._name = name
        self._table = table

    def records(self) -> Iterator[Record]:
        """Yield the rows that hold something, all of one width, as the sheet shows them."""
        width = self._width
        for line, times, row in self._rows():
            cells = _texts(row)
            if cells:
                ready = cleaned(cells + [""] * (width - len(cells)))
                for place in range(line, line + times):
                    yield place, list(ready)

    def dates(self, header: int) -> dict[int, list[int]]:
        """Return the rows of dates below that of the header, by the place of the column."""
        found: dict[int, list[int]] = {}
        for line, _, row in self._rows():
            for place, _, cell in _placed(row):
                if line > header and cell.get(f"{_OFFICE}value-type") in {"date", "time"}:
                    found.setdefault(place, []).append(line)
        return found

    def merged(self) -> Iterator[tuple[Place, Place]]:
        """Yield the first and the last cell of those that are merged."""
        for line, _, row in self._rows():
            for place, _, cell in _placed(row):
                rows = _number(cell, "number-rows-spanned")
                columns = _number(cell, "number-columns-spanned")
                if rows * columns > 1:
                    yield (line - 1, place), (line + rows - 2, place + columns - 1)

    @cached_property
    def _width(self) -> int:
        """The number of columns up to the last that holds something; checks the limits too."""
        width = count = 0
        for line, times, row in self._rows():
            filled = _filled(row)
            width, count = max(width, filled), count + filled * times
            if filled and line + times - 1 > MOST_ROWS:
                raise self._hostile(f"more than {MOST_ROWS:,} rows")
            if width > MOST_COLUMNS:
                raise self._hostile(f"more than {MOST_COLUMNS:,} columns")
            if count > MOST_CELLS:
                raise self._hostile(f"more than {MOST_CELLS:,} cells")
        return width

    def _rows(self) -> Iterator[tuple[int, int, "Element"]]:
        """Yield rows with the number of the first, from 1, and how often they are repeated."""
        line = 1
        for row in self._table.iter(f"{_TABLE}table-row"):
            times = _number(row, "number-rows-repeated")
            yield line, times, row
            line += times

    def _hostile(self, what: str) -> FileProblem:
        return FileProblem(f"{self._name} has {what}, which is more than is read.", HOW_TO_SAVE_AS)


def _placed(row: "Element") -> Iterator[tuple[int, int, "Element"]]:
    """Yield the cells of a row, each with its column, from 0, and how often it is repeated."""
    place = 0
    for cell in row:
        if cell.tag in _CELLS:
            times = _number(cell, "number-columns-repeated")
            yield place, times, cell
            place += times


def _filled(row: "Element") -> int:
    """Return the number of columns of a row up to the last that holds something."""
    return max((place + times for place, times, cell in _placed(row) if _text(cell)), default=0)


def _texts(row: "Element") -> list[str]:
    """Return the texts of a row up to the last that is not empty."""
    width = _filled(row)
    texts: list[str] = []
    for place, times, cell in _placed(row):
        texts += [_text(cell)] * (min(place + times, width) - place if place < width else 0)
    return texts


def _text(cell: "Element") -> str:
    """Return what a cell shows: a number as it is, a percentage with its sign."""
    kind = cell.get(f"{_OFFICE}value-type")
    if any(name.endswith("}value-type") and kind == "error" for name, kind in cell.items()):
        return "#ERROR"
    if kind in {"float", "currency", "percentage"}:
        return _shown(cell.get(f"{_OFFICE}value", ""), percent=kind == "percentage")
    if kind in {"date", "time", "boolean"}:
        value = cell.get(f"{_OFFICE}{kind}-value", "")
        return value.upper() if kind == "boolean" else value
    return "\n".join("".join(_words(part)) for part in cell.iterfind(f"{_TEXT}p"))


def _shown(value: str, *, percent: bool) -> str:
    try:
        return f"{float(value) * 100:.15g}%" if percent else value
    except ValueError:
        return value


def _words(part: "Element") -> Iterator[str]:
    """Yield the words of a paragraph; blanks and ends of lines are elements too."""
    for each in part.iter():
        yield " " if each.tag in _BLANKS else each.text or ""
        if each is not part:
            yield each.tail or ""


def _number(element: "Element", name: str) -> int:
    """Return how often something is repeated or how far it spans: once, where that is not told."""
    text = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
