"""Write the extraction sheet: as a workbook with lists to choose from, or as CSV."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import KbError
from kb.exchange.template.columns import (
    COLUMNS,
    EXAMPLE,
    SHEET,
    VOCABULARIES,
    Column,
    Content,
)
from kb.exchange.template.example import ROWS
from kb.exchange.writers.cells import harmless, number_as_text
from kb.exchange.writers.placing import placed_file
from kb.vocabulary import Vocabulary, plain

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Lists = Mapping[str, Sequence[str]]
"""What may be chosen in a column."""

_ROWS_WITH_LISTS = 2_000
_LONGEST_PROMPT = 255
_WIDE = {"study": 24, "report": 24, "locator": 18, "quote": 48, "note": 30}
_HOW = (
    "One row for what one arm showed at one time, or for one contrast between two arms.",
    "Columns in bold are filled in every row; the others where the report says something.",
    "Leave empty what the report does not say. Compute nothing and convert nothing.",
    "Choose terms from the lists. Where none fits, write your own word: it is asked for at import.",
    f"Studies that begin with '{EXAMPLE}' show how it is done. They are never imported.",
    "Two people fill in a sheet each; `kb agree A.xlsx B.xlsx` compares them cell by cell.",
    "`kb import FILE.xlsx --as template` shows what would be stored; --apply stores it.",
)


def lists(vocabulary: Vocabulary) -> Lists:
    """Return what may be chosen, by column: terms by name, or by key where that is unclear."""
    codes = {column.name: column.codes for column in COLUMNS if column.codes}
    return codes | {name: _terms(vocabulary, name) for name in VOCABULARIES}


def write_template(choices: Lists, path: Path, *, force: bool = False) -> None:
    """Write the sheet to a file that ends in .xlsx or .csv.

    Raises `KbError` for another ending, and where a file is there and `force` does not say to
    replace it.
    """
    ending = path.suffix.lower()
    if ending not in {".xlsx", ".csv"}:
        raise KbError(f"{path.name} ends in neither .xlsx nor .csv.", "Name such a file.")
    if path.is_dir():
        raise KbError(f"{path} is a folder.", "Name another file.")
    if path.exists() and not force:
        raise KbError(f"{path} exists.", "Say --force to replace it, or name another file.")
    with placed_file(path, force=force) as part:
        if ending == ".xlsx":
            _write_workbook(choices, part)
        else:
            write_csv([column.name for column in COLUMNS], ROWS, part)


def write_csv(
    headers: Sequence[str], rows: Iterable[Mapping[str, str | float]], path: Path
) -> None:
    """Write rows as CSV that spreadsheets know to be UTF-8; no text in it acts as a formula."""
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows([_as_text(row.get(name, "")) for name in headers] for row in rows)


def new_workbook(path: Path) -> "Workbook":
    """Return a workbook in which no text acts as a formula or an address."""
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    return xlsxwriter.Workbook(str(path), options)


def write_row(
    sheet: "Worksheet",
    place: int,
    headers: Sequence[str],
    row: Mapping[str, str | float],
    form: "Format | None" = None,
) -> None:
    """Write one row; cells without a value stay empty."""
    for column, name in enumerate(headers):
        value = row.get(name, "")
        if isinstance(value, str):
            if value:
                sheet.write_string(place, column, value, form)
        else:
            sheet.write_number(place, column, value, form)


def _terms(vocabulary: Vocabulary, name: str) -> tuple[str, ...]:
    names = vocabulary.names(name)
    terms = vocabulary.terms(name).values()
    words = (t.name if names[plain(t.name)] == [t.key] else t.key for t in terms)
    return tuple(sorted(words, key=str.casefold))


def _as_text(value: str | float) -> str:
    return harmless(value) if isinstance(value, str) else number_as_text(value)


def _write_workbook(choices: Lists, path: Path) -> None:
    with new_workbook(path) as book:
        book.set_properties({"title": "Extraction sheet"})
        filled, read_me, offered = (book.add_worksheet(n) for n in (SHEET, "Read me", "Lists"))
        places = _write_lists(book, offered, choices)
        _write_sheet(book, filled, places)
        _write_read_me(book, read_me)
        offered.hide()


def _write_lists(book: "Workbook", sheet: "Worksheet", choices: Lists) -> dict[str, str]:
    """Write what may be chosen, a column each; return where, by column."""
    bold = book.add_format({"bold": True})
    places = {}
    for column, (name, words) in enumerate(choices.items()):
        sheet.write_string(0, column, name, bold)
        sheet.write_column(1, column, words)
        letter = _letter(column)
        places[name] = f"={sheet.get_name()}!${letter}$2:${letter}${len(words) + 1}"
    return {name: place for name, place in places.items() if choices[name]}


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _write_sheet(book: "Workbook", sheet: "Worksheet", places: Mapping[str, str]) -> None:
    header = {"text_wrap": True, "valign": "top", "bottom": 1}
    needed, other = book.add_format(header | {"bold": True}), book.add_format(header)
    made_up = book.add_format({"italic": True, "font_color": "#808080"})
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.name, needed if column.needed else other)
        sheet.write_comment(0, place, _explained(column), {"author": "", "x_scale": 2})
        sheet.set_column(place, place, _WIDE.get(column.name, 20 if column.name in places else 11))
        if column.name in places:
            choice = _choice(column, places[column.name])
            sheet.data_validation(1, place, _ROWS_WITH_LISTS, place, choice)
    headers = [column.name for column in COLUMNS]
    for place, row in enumerate(ROWS, 1):
        write_row(sheet, place, headers, row, made_up)
    sheet.freeze_panes(1, 1)


def _choice(column: Column, place: str) -> dict[str, object]:
    """Return how a cell offers its list; only codes are held to it."""
    is_code = column.content is Content.CODE
    return {
        "validate": "list",
        "source": place,
        "input_title": column.name,
        "input_message": column.help[:_LONGEST_PROMPT],
        "error_type": "stop" if is_code else "warning",
        "error_title": column.name,
        "error_message": "Choose one of the list."
        if is_code
        else "It is not in the list. You will be asked at import what it means.",
    }


def _explained(column: Column) -> str:
    return f"{column.help}\n{column.rows.capitalize()}; {column.content}."


def _write_read_me(book: "Workbook", sheet: "Worksheet") -> None:
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    longest = max(len(column.help) for column in COLUMNS)
    for place, width in enumerate((16, 16, 46, longest)):
        sheet.set_column(place, place, width)
    for place, sentence in enumerate(_HOW):
        sheet.write_string(place, 0, sentence)
    start = len(_HOW) + 1
    for place, name in enumerate(("column", "rows", "holds", "what to fill in")):
        sheet.write_string(start, place, name, bold)
    for line, column in enumerate(COLUMNS, start + 1):
        cells = (column.name, column.rows, column.content.value, column.help)
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, cell, wrapped)
