"""Sheets of OpenDocument, in the shapes in which LibreOffice 7.4 saves them; all made up."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.exchange.drafts import Fate
from kb.exchange.files import FileProblem, open_file
from kb.exchange.formats import format_of
from kb.exchange.readers import template
from kb.exchange.sheets import Sheet
from kb.exchange.tabular.reading import read_table
from kb.exchange.template.columns import COLUMNS

_START = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
<office:body><office:spreadsheet>"""
_END = "</office:spreadsheet></office:body></office:document-content>"
EMPTY = "<table:table-cell/>"
REST = (
    '<table:table-row table:number-rows-repeated="1997"><table:table-cell '
    'table:number-columns-repeated="16384"/></table:table-row><table:table-row '
    'table:number-rows-repeated="1046574"><table:table-cell table:number-columns-repeated="16384"/>'
    "</table:table-row>"
)
"""The rows below those that are filled in."""


def cell(value: object, **attributes: str) -> str:
    """Return a cell of a text or a number, with further attributes of its table."""
    more = "".join(f' table:{name.replace("_", "-")}="{text}"' for name, text in attributes.items())
    kind = f'float" office:value="{value}' if isinstance(value, int | float) else "string"
    text = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="{kind}"{more}>{text}</table:table-cell>'


def row(*cells: object, times: int = 1) -> str:
    """Return a row of values, or of cells that are written already."""
    written = [
        each if isinstance(each, str) and each.startswith("<") else cell(each) for each in cells
    ]
    repeated = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{repeated}>{''.join(written)}</table:table-row>"


def document(folder: Path, tables: Mapping[str, Sequence[str]]) -> Path:
    """Write a document of tables, each by its rows."""
    path = folder / "made-up.ods"
    body = "".join(
        f'<table:table table:name="{name}">{"".join(rows)}{REST}</table:table>'
        for name, rows in tables.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"{_START}{body}{_END}")
    return path


def sheet_of(folder: Path, *rows: str) -> Sheet:
    return read_table(open_file(document(folder, {"One": [row("study", "n"), *rows]})))


def cells_of(sheet: Sheet) -> list[tuple[int, str, str]]:
    return [(each.row, each.cells["study"], each.cells["n"]) for each in sheet.rows()]


def test_cells_are_read_as_the_sheet_shows_them(tmp_path: Path) -> None:
    value = '<table:table-cell office:value-type="{}" office:{}>{}</table:table-cell>'
    note = "<office:annotation><dc:date>2026</dc:date><text:p>A note</text:p></office:annotation>"
    failed = (
        '<table:table-cell office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    shown = {
        "A": (12, "12"),
        "B": (-0.5, "-0.5"),
        "C": (value.format("percentage", 'value="0.575"', "<text:p>58%</text:p>"), "57.5%"),
        "D": (value.format("boolean", 'boolean-value="true"', "<text:p>TRUE</text:p>"), "TRUE"),
        "E": (failed, "#ERROR"),
        "F": (value.format("float", 'value="3"', f"{note}<text:p>3</text:p>"), "3"),
        "G": ("two<text:s/><text:span>spans</text:span> and<text:tab/>more", "two spans and more"),
        "H": (EMPTY, ""),
    }
    sheet = sheet_of(tmp_path, *(row(name, given) for name, (given, _) in shown.items()))
    assert cells_of(sheet) == [
        (line, name, read) for line, (name, (_, read)) in enumerate(shown.items(), 2)
    ]
    assert sheet.notes == ()


def test_cells_and_rows_that_are_repeated_are_all_there(tmp_path: Path) -> None:
    rows = [
        row("A", 1),
        row(EMPTY, times=3),
        row(cell("2", number_columns_repeated="2"), times=2),
        row(cell("B"), '<table:table-cell table:number-columns-repeated="16383"/>'),
    ]
    assert cells_of(sheet_of(tmp_path, *rows)) == [
        (2, "A", "1"),
        (6, "2", "2"),
        (7, "2", "2"),
        (8, "B", ""),
    ]


def test_dates_are_told_by_column(tmp_path: Path) -> None:
    date = (
        '<table:table-cell office:value-type="date" office:date-value="2026-03-05">'
        "<text:p>5 Mar</text:p></table:table-cell>"
    )
    sheet = sheet_of(tmp_path, row("A", date))
    assert cells_of(sheet) == [(2, "A", "2026-03-05")]
    ((field, fate, message),) = [(each.field, each.fate, each.message) for each in sheet.notes]
    assert (field, fate) == ("n", Fate.WARNED)
    assert "A cell holds a date, in row 2;" in message


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    merged = cell("A", number_columns_spanned="1", number_rows_spanned="2")
    covered = f"<table:covered-table-cell/>{cell(2)}"
    rows = row(merged, 1), f"<table:table-row>{covered}</table:table-row>"
    with pytest.raises(FileProblem, match="has merged cells: A2:A3"):
        sheet_of(tmp_path, *rows)


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    rows = [row("study", "n"), row("A", 1)]
    file = open_file(document(tmp_path, {"One": rows, "Two": rows}))
    with pytest.raises(FileProblem, match="several sheets: 'One', 'Two'"):
        read_table(file)
    assert cells_of(read_table(file, "Two")) == [(2, "A", "1")]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row("A", 1, times=999_999_999)], "more than 1,048,576 rows"),
        ([row(cell("A", number_columns_repeated="999999999"))], "more than 2,000 columns"),
        (
            [row(cell("A", number_columns_repeated="2000"), times=9_000)],
            "more than 4,000,000 cells",
        ),
        ([row("<" * 9)], "not well-formed"),
    ],
    ids=["rows", "columns", "cells", "broken"],
)
def test_what_would_take_too_much_is_refused(tmp_path: Path, rows: list[str], says: str) -> None:
    with pytest.raises(FileProblem, match=says):
        sheet_of(tmp_path, *rows)


def test_a_document_that_declares_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made-up.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(FileProblem, match="declares a document type or entities"):
        read_table(open_file(path))


def test_an_extraction_sheet_is_known_and_read(tmp_path: Path) -> None:
    said = {
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
        "quote": "30 3.5 (2.1)",
        "seen": "full-text",
    }
    names = [column.name for column in COLUMNS]
    filled = row(*(said.get(name, EMPTY) for name in names))
    file = open_file(document(tmp_path, {"Extraction": [row(*names), filled], "Read me": []}))
    assert format_of(file).name == "template"
    reading = template.read(file, {})
    assert (reading.rows, reading.notes) == (1, ())
    (study,) = reading.studies()
    (result,) = study.measurements[0].arm_results
    assert (result.n, result.mean, result.sd) == (30, 3.5, 2.1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 3_000), bits=st.integers(1, 255))
def test_a_damaged_document_is_a_table_or_a_file_problem(
    tmp_path: Path, place: int, bits: int
) -> None:
    path = document(tmp_path, {"One": [row("study", "n"), row("A", 1)]})
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= bits
    path.write_bytes(data)
    try:
        sheet = read_table(open_file(path))
    except FileProblem:
        return
    assert sum(1 for _ in sheet.rows()) <= sheet.count
