"""The evidence as a workbook: a sheet that says what is what, and one for each table with rows.

Text is written as text, whatever it begins with, so that none of it can act as a formula.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table

from kb.base import DataState
from kb.errors import KbError
from kb.exchange.writers.evidence import (
    ABOUT,
    LICENCE_TITLE,
    TITLE,
    description_of,
    description_of_column,
    evidence_tables,
    number_of_rows,
    rows_of,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575
"""Rows that a sheet has below its header."""

MOST_CHARACTERS = 32_767
"""Characters that a cell takes."""

_WIDEST = 60
_REMEDY = "Write a data-package, which has no such limit."


def write(connection: Connection, data: DataState, path: Path) -> dict[str, int]:
    """Write the workbook; return the number of rows of each sheet that holds evidence.

    Raises `KbError` for what no workbook can hold; nothing is cut.
    """
    import xlsxwriter

    sizes = {table.name: _size(connection, table) for table in evidence_tables()}
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": TITLE})
        _write_contents(book, data, sizes)
        _write_columns(book)
        for table in evidence_tables():
            if sizes[table.name]:
                _write_table(book, connection, table)
    return {name: rows for name, rows in sizes.items() if rows}


def _size(connection: Connection, table: Table) -> int:
    rows = number_of_rows(connection, table)
    if rows > MOST_ROWS:
        raise KbError(f"The table {table.name} has {rows:,} rows; a sheet takes fewer.", _REMEDY)
    return rows


def _write_contents(book: "Workbook", data: DataState, sizes: dict[str, int]) -> None:
    sheet = book.add_worksheet("Read me")
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 2, 90)
    about = (
        ("Title", TITLE),
        ("About", ABOUT),
        ("Licence", LICENCE_TITLE),
        ("Data version", data.version),
        ("Data hash", data.hash),
        ("Sheets", "One for each table that has rows. The sheet Columns says what columns hold."),
    )
    for place, (name, text) in enumerate(about):
        sheet.write_string(place, 0, name, bold)
        sheet.write_string(place, 2, text, wrapped)
    start = len(about) + 1
    _write_header(sheet, ("table", "rows", "what it holds"), bold, start)
    for place, table in enumerate(evidence_tables(), start + 1):
        rows = sizes[table.name]
        if rows:
            sheet.write_url(place, 0, f"internal:'{table.name}'!A1", string=table.name)
        else:
            sheet.write_string(place, 0, table.name)
        sheet.write_number(place, 1, rows)
        sheet.write_string(place, 2, description_of(table), wrapped)


def _write_columns(book: "Workbook") -> None:
    sheet = book.add_worksheet("Columns")
    headers = ("table", "column", "what it holds", "refers to")
    for column, width in enumerate((30, 24, 90, 30)):
        sheet.set_column(column, column, width)
    _write_header(sheet, headers, book.add_format({"bold": True}))
    cells = [
        (table.name, column.name, description_of_column(column), _target(column))
        for table in evidence_tables()
        for column in table.columns
    ]
    for place, row in enumerate(cells, 1):
        _write_row(sheet, place, row)
    _finish(sheet, len(cells), len(headers))


def _target(column: Any) -> str | None:
    return next((key.target_fullname for key in column.foreign_keys), None)


def _write_table(book: "Workbook", connection: Connection, table: Table) -> None:
    sheet = book.add_worksheet(table.name)
    headers = [column.name for column in table.columns]
    for place, name in enumerate(headers):
        sheet.set_column(place, place, _width(table, name))
    _write_header(sheet, headers, book.add_format({"bold": True}))
    number = 0
    for number, row in enumerate(rows_of(connection, table), 1):
        cells = [row[name] for name in headers]
        if any(isinstance(cell, str) and len(cell) > MOST_CHARACTERS for cell in cells):
            raise KbError(f"A text in the table {table.name} is too long for a cell.", _REMEDY)
        _write_row(sheet, number, cells)
    _finish(sheet, number, len(headers))


def _width(table: Table, name: str) -> int:
    column = table.columns[name]
    is_text = column.type.python_type is str and not column.foreign_keys and not column.primary_key
    return _WIDEST if is_text and name in {"statement", "quote", "title", "note"} else 18


def _write_header(
    sheet: "Worksheet", headers: Sequence[str], bold: "Format", place: int = 0
) -> None:
    for column, name in enumerate(headers):
        sheet.write_string(place, column, name, bold)


def _write_row(sheet: "Worksheet", place: int, cells: Sequence[Any]) -> None:
    for column, value in enumerate(cells):
        if isinstance(value, bool):
            sheet.write_boolean(place, column, value)
        elif isinstance(value, int | float):
            sheet.write_number(place, column, value)
        elif value is not None:
            sheet.write_string(place, column, value)


def _finish(sheet: "Worksheet", rows: int, columns: int) -> None:
    """Keep the header in sight and let every column be filtered."""
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, columns - 1)
