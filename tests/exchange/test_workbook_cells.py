"""Cells of workbooks as people and spreadsheets leave them: percentages, errors, dates, merged.

The parts of LibreOffice's workbooks that these tests write are as version 7.4 saves them.
"""

import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from kb.errors import KbError
from kb.exchange.drafts import Fate
from kb.exchange.files import FileProblem, open_file
from kb.exchange.formats import format_of
from kb.exchange.readers import template
from kb.exchange.sheets import Sheet
from kb.exchange.tabular.reading import read_table
from kb.exchange.template.columns import COLUMNS
from kb.exchange.template.writing import write_template

Fill = Callable[[Workbook, Worksheet], object]


def workbook(folder: Path, fill: Fill, *, before: str = "") -> Path:
    """Write a workbook of a sheet with columns study and n, filled; `before` is another sheet."""
    path = folder / "made-up.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        if before:
            book.add_worksheet(before).write(5, 1, 0.5, book.add_format({"num_format": 10}))
        sheet = book.add_worksheet("A & B")
        sheet.write_row(0, 0, ["study", "n"])
        sheet.write_row(1, 0, ["Made up 2001", 12])
        fill(book, sheet)
    return path


def cells_of(sheet: Sheet) -> list[str]:
    return [row.cells["n"] for row in sheet.rows()]


def told(sheet: Sheet) -> list[tuple[str, Fate, str]]:
    return [(note.field, note.fate, note.message) for note in sheet.notes]


@pytest.mark.parametrize(
    ("shown_as", "read"),
    [
        ("0%", "57.5%"),
        ("0.00%", "57.5%"),
        ("[Red]0.0%;[>5]0%", "57.5%"),
        ('0.0" %"', "0.575"),
        (r"0.0\%", "0.575"),
        ("0.0", "0.575"),
    ],
)
@pytest.mark.parametrize("before", ["", "Another"])
def test_a_percentage_is_read_as_it_is_shown(
    tmp_path: Path, shown_as: str, read: str, before: str
) -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        form = book.add_format({"num_format": shown_as})
        sheet.write_row(2, 0, ["Made up 2002", 0.575], form)
        sheet.write_row(3, 0, ["Made up 2003", 3])

    sheet = read_table(open_file(workbook(tmp_path, fill, before=before)), "A & B")
    assert cells_of(sheet) == ["12", read, "3"]


def test_percentages_are_found_in_sheets_that_begin_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "made-up.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(4, 3, ["study", "n"])
        sheet.write_row(5, 3, ["Made up 2001", 0.5], book.add_format({"num_format": 9}))
    assert cells_of(read_table(open_file(path))) == ["50%"]


def test_a_formula_that_failed_is_no_empty_cell(tmp_path: Path) -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.write(2, 0, "Made up 2002")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.write(3, 0, "Made up 2003")
        sheet.write_formula(3, 1, "=1+1", None, 2)

    assert cells_of(read_table(open_file(workbook(tmp_path, fill)))) == ["12", "#ERROR", "2"]


def test_dates_are_told_by_column_for_they_may_be_made_of_something_else(tmp_path: Path) -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        form = book.add_format({"num_format": "d mmm"})
        for row in (2, 4):
            sheet.write(row, 0, "Made up 2002")
            sheet.write_datetime(row, 1, datetime.date(2026, 3, 5), form)

    sheet = read_table(open_file(workbook(tmp_path, fill)))
    assert cells_of(sheet) == ["12", "2026-03-05", "2026-03-05"]
    assert told(sheet) == [
        (
            "n",
            Fate.WARNED,
            "2 cells hold dates, the first in row 3; spreadsheets make one of entries such as 5/3.",
        )
    ]


def test_merged_cells_of_the_table_are_refused(tmp_path: Path) -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range("A3:A4", "Made up 2002")
        sheet.write_column(2, 1, [1, 2])
        sheet.merge_range("AB3:AC4", "x")

    with pytest.raises(FileProblem, match="has merged cells: A3:A4 and 1 more"):
        read_table(open_file(workbook(tmp_path, fill)))


def test_merged_cells_of_a_title_are_a_title(tmp_path: Path) -> None:
    path = tmp_path / "made-up.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:D1", "A made-up table")
        sheet.write_row(1, 0, ["study", "n", "mean", "sd"])
        sheet.write_row(2, 0, ["Made up 2001", 1, 2, 3])
    with pytest.raises(FileProblem, match=r"line 1, names one column \('A made-up table' first\)"):
        read_table(open_file(path))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("made-up.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old workbook"),
        ("made-up.numbers", b"PK\x03\x04", "a spreadsheet of a kind that is not"),
        ("made-up.yaml", b"studies: []", "YAML, as seed files are"),
        ("made-up.csv", b"My made-up table\n", "its first line is 'My made-up table'"),
    ],
    ids=["xls", "numbers", "yaml", "title"],
)
def test_a_file_of_another_kind_is_told_to_be_one(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(KbError, match=says) as raised:
        format_of(open_file(path))
    assert raised.value.remedy


def test_an_old_workbook_or_one_with_a_password_is_told_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "made-up.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(FileProblem, match="an old workbook"):
        read_table(open_file(path))


def from_libreoffice(folder: Path) -> Path:
    """Return the extraction sheet with two rows filled in, with what LibreOffice makes of it.

    It states the type of every number, names styles of its own, keeps cells of rows without
    content for their lists and colours, and writes truth as a number.
    """
    plain, path = folder / "sheet.xlsx", folder / "made-up.xlsx"
    write_template({}, plain)
    with zipfile.ZipFile(plain) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"].decode()
    rows = "".join(
        f'<row r="{row}" customFormat="false" ht="15" hidden="false" outlineLevel="0">{cells}</row>'
        for row, cells in (
            (5, _cells(5, _ARM)),
            (6, _cells(6, _CONTRAST)),
            (9, '<c r="A9" s="1"/>'),
        )
    )
    members["xl/worksheets/sheet1.xml"] = sheet.replace(
        "</sheetData>", f"{rows}</sheetData>"
    ).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


_ARM = {
    "study": "Made up 2011",
    "report": "10.1234/made-up.2011",
    "row": "arm",
    "arm": "Group",
    "role": "intervention",
    "outcome": "Pain",
    "months": 12,
    "n": 30,
    "mean": 3.5,
    "sd": 2.1,
    "locator": "table 2",
    "quote": "30 3.5\n(2.1)",
    "seen": "full-text",
}
_CONTRAST = {
    "study": "Made up 2011",
    "report": "10.1234/made-up.2011",
    "row": "contrast",
    "arm": "Group",
    "comparator": "Control",
    "outcome": "Pain",
    "months": 12,
    "statistic": "MD",
    "estimate": -1,
    "p": "&lt;0.001",
    "adjusted": True,
    "locator": "table 2",
    "quote": "mean difference -1",
    "seen": "full-text",
}


def _cells(row: int, said: dict[str, object]) -> str:
    cells = []
    for place, column in enumerate(COLUMNS):
        value = said.get(column.name)
        letters = chr(65 + place) if place < 26 else f"A{chr(65 + place - 26)}"
        start = f'<c r="{letters}{row}" s="1"'
        if isinstance(value, bool):
            cells.append(f'{start} t="b"><v>{int(value)}</v></c>')
        elif isinstance(value, int | float):
            cells.append(f'{start} t="n"><v>{value}</v></c>')
        elif value is None:
            cells.append(f"{start}/>")
        else:
            text = f'<is><t xml:space="preserve">{value}</t></is>'
            cells.append(f'{start} t="inlineStr">{text}</c>')
    return "".join(cells)


def test_the_extraction_sheet_is_read_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    reading = template.read(open_file(from_libreoffice(tmp_path)), {})
    assert reading.rows == 2
    assert [note.rule for note in reading.notes] == ["example"]
    (study,) = reading.studies()
    (measured,) = study.measurements
    (arm,), (contrast,) = measured.arm_results, measured.contrasts
    assert (arm.n, arm.mean, arm.sd, measured.months) == (30, 3.5, 2.1, 12)
    assert (contrast.estimate, contrast.p, contrast.p_relation) == (-1, 0.001, "<")
    assert contrast.adjusted
    assert study.passages[5].quote == "30 3.5 (2.1)"
