"""Tables in text files and workbooks: columns, rows, decimal signs, and what does not fit."""

import tracemalloc
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kb.exchange.drafts import Fate
from kb.exchange.files import FileProblem, open_file
from kb.exchange.sheets import Sheet, number, read_csv, whole
from kb.exchange.tabular.reading import read_table
from kb.exchange.workbooks import MOST_CELLS, read_workbook


def csv_of(folder: Path, data: str | bytes) -> Sheet:
    path = folder / "made-up.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_csv(open_file(path))


def cells_of(sheet: Sheet) -> list[tuple[int, dict[str, str]]]:
    return [(row.row, dict(row.cells)) for row in sheet.rows()]


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    sheet = csv_of(tmp_path, f"study{separator}n\nMade-up A{separator}12\n")
    assert cells_of(sheet) == [(2, {"study": "Made-up A", "n": "12"})]


def test_rows_may_be_asked_for_again_and_are_the_same(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, "study,n\nA,1\nB,2\n")
    assert cells_of(sheet) == cells_of(sheet)
    assert sheet.count == 2


def test_the_line_of_a_row_counts_lines_within_cells_and_blank_ones(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, 'study,note\n\nA,"two\nlines"\nB,one\n')
    assert cells_of(sheet) == [
        (3, {"study": "A", "note": "two lines"}),
        (5, {"study": "B", "note": "one"}),
    ]


@pytest.mark.parametrize(
    "data",
    [b"study,n\rA,1\r", b"study,n\r\nA,1\nB,2\r", "study,n\nA,1".encode("utf-16")],
    ids=["cr", "mixed", "utf-16"],
)
def test_all_ends_and_codes_of_text_are_read(tmp_path: Path, data: bytes) -> None:
    assert cells_of(csv_of(tmp_path, data))[0] == (2, {"study": "A", "n": "1"})


def test_latin_1_is_read_and_said(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, "study,n\nMüller,1\n".encode("cp1252"))
    assert cells_of(sheet)[0][1]["study"] == "Müller"
    assert [note.rule for note in sheet.notes] == ["encoding"]


def test_a_row_of_other_length_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, "study,n\nA,1\nB\nC,1,2\nD,4,,\n")
    assert [cells["study"] for _, cells in cells_of(sheet)] == ["A", "D"]
    assert [(note.row, note.fate) for note in sheet.notes] == [
        (3, Fate.REFUSED),
        (4, Fate.REFUSED),
    ]
    assert sheet.count == 4


def test_row_numbers_as_r_writes_them_are_dropped_and_said(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, '"","study"\n"1","A"\n"2","B"\n')
    assert sheet.header == ("study",)
    (note,) = sheet.notes
    assert (note.fate, note.field) == (Fate.IGNORED, "column 1")
    assert "numbers of the rows" in note.message


def test_a_column_without_a_name_that_holds_words_is_said_with_their_number(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, ",study,,n\nx,A,y,1\nz,B,,2\n")
    assert [note.message for note in sheet.notes] == [
        "It has no name; what 2 rows have in it was left out.",
        "It has no name; what one row has in it was left out.",
    ]


def _as_csv(folder: Path, rows: Sequence[Sequence[str]]) -> Sheet:
    return csv_of(folder, "".join(f"{','.join(cells)}\n" for cells in rows))


def _as_workbook(folder: Path, rows: Sequence[Sequence[str]]) -> Sheet:
    path = folder / "made-up.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("made up")
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, [cell or None for cell in cells])
    return read_workbook(open_file(path))


@pytest.mark.parametrize("saved", [_as_csv, _as_workbook], ids=["csv", "workbook"])
def test_a_last_column_without_a_name_is_left_out_and_said(
    tmp_path: Path, saved: Callable[[Path, Sequence[Sequence[str]]], Sheet]
) -> None:
    rows = [
        ("study", "n", "", ""),
        ("A", "1", "made up", ""),
        ("B", "2", "", ""),
        ("C", "3", "x", "y"),
    ]
    sheet = saved(tmp_path, rows)
    assert cells_of(sheet) == [
        (2, {"study": "A", "n": "1"}),
        (3, {"study": "B", "n": "2"}),
        (4, {"study": "C", "n": "3"}),
    ]
    assert [(note.field, note.fate, note.message) for note in sheet.notes] == [
        ("column 3", Fate.IGNORED, "It has no name; what 2 rows have in it was left out."),
        ("column 4", Fate.IGNORED, "It has no name; what one row has in it was left out."),
    ]


def test_empty_columns_without_a_name_are_not_worth_a_word(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, ",study,,n,,\n,A,,1,,\n,B,,2\n")
    assert [cells["n"] for _, cells in cells_of(sheet)] == ["1", "2"]
    assert sheet.notes == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("study,n,n\nA,1,2\n", "more than one column 'n'"),
        ("study,n\n", "has no rows"),
        ("\n \n", "is empty"),
        ("study,n\nA\nB\n", r"line 1, names 2 columns \('study' first\), and the rows"),
        ("Made up\n\nstudy,n\nA,1\n", r"line 1, names one column \('Made up' first\)"),
        ("Made up,,,\nstudy,n,mean,sd\nA,1,2,3\n", "line 1, names one column"),
        (",SEGT,,Control,\nstudy,n,mean,n,mean\nA,1,2,3,4\n", r"2 columns \('SEGT' first\)"),
        ('study,n\nA,"1\n', "line 2"),
        ('study,n\nA,"1"2\n', "line 2"),
        ("study,n\nA," + "x" * 200_000, "line 2"),
        (",".join(map(str, range(2001))) + "\n", "2,001 columns"),
        ("study\0,n\n", "not a text file"),
    ],
    ids=[
        "doubled-names",
        "header-only",
        "blank",
        "all-ragged",
        "title",
        "title-with-empty-cells",
        "two-rows-of-names",
        "open-quote",
        "inner-quote",
        "huge-cell",
        "many-columns",
        "nul",
    ],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, data: str, says: str) -> None:
    with pytest.raises(FileProblem, match=says):
        csv_of(tmp_path, data)


def test_a_long_cell_is_cut_and_said(tmp_path: Path) -> None:
    sheet = csv_of(tmp_path, "study,note\nA," + "x" * 3_000)
    assert len(cells_of(sheet)[0][1]["note"]) == 2_000
    (note,) = sheet.notes
    assert (note.row, note.field, note.fate) == (2, "note", Fate.WARNED)


@pytest.mark.parametrize(
    ("data", "comma"),
    [
        ("a;b\n1,5;2\n", True),
        ("a;b\n1.5;2\n", False),
        ("a;b;c\n1,5;2,5;0.693\n", True),
        ("a,b\n1.5,2\n", False),
        ('a,b\n"1,5",2\n', False),
        ("a;b\n1;2\n", False),
    ],
    ids=["comma", "point", "more-commas", "comma-separated", "quoted", "none"],
)
def test_the_decimal_sign_is_that_of_most_numbers(tmp_path: Path, data: str, comma: bool) -> None:  # noqa: FBT001
    assert csv_of(tmp_path, data).comma is comma


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("1.5", False, 1.5),
        ("1,5", True, 1.5),
        ("-,5e-3", True, -0.0005),
        ("−2", False, -2.0),
        ("12", True, 12.0),
        ("NA", True, None),
        ("", False, None),
        ("n/a", False, None),
        ("NaN", False, None),
    ],
)
def test_numbers_are_read_with_either_decimal_sign(
    text: str,
    comma: bool,  # noqa: FBT001
    value: float | None,
) -> None:
    assert number(text, comma=comma) == value


@pytest.mark.parametrize(
    ("data", "doubtful"),
    [
        ("study;n\nA;1,200\nB;-2,300\n", True),
        ("study;n\nA;1,200\nB;2,5\n", False),
        ("study;n\nA;0.5\nB;0.7\nC;1,200\n", False),
        ("study;n\nA;1,200\nB;0,700\n", False),
        ('study,n\nA,"1,200"\n', False),
        ("study;n\nA;12\n", False),
    ],
    ids=["thousands", "decimals", "points", "below-one", "comma-between-cells", "neither"],
)
def test_commas_that_may_all_part_thousands_are_doubted(
    tmp_path: Path,
    data: str,
    doubtful: bool,  # noqa: FBT001
) -> None:
    notes = [note for note in csv_of(tmp_path, data).notes if note.rule == "decimal comma?"]
    assert [note.fate for note in notes] == [Fate.WARNED] * doubtful


@pytest.mark.parametrize(
    ("text", "comma"),
    [
        *(("1,5", False), ("1.5", True), ("1.234,5", True), ("1e999", False), ("Inf", False)),
        *(("twelve", False), ("1 234", False), ("<5", False), ("٣", False), ("1_0", False)),
    ],
)
def test_what_is_no_number_is_never_taken_for_one(text: str, comma: bool) -> None:  # noqa: FBT001
    with pytest.raises(ValueError, match=r"number|large"):
        number(text, comma=comma)


def test_a_count_is_whole() -> None:
    assert whole("12,0", comma=True) == 12
    assert whole("NA", comma=True) is None
    with pytest.raises(ValueError, match="whole"):
        whole("12.5", comma=False)


def test_a_hundred_thousand_rows_are_streamed_and_not_held(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as stream:
        stream.write("study,n\n")
        stream.writelines(f"Made-up trial {i},{i}\n" for i in range(100_000))
    tracemalloc.start()
    sheet = read_csv(open_file(path))
    assert sum(1 for _ in sheet.rows()) == sheet.count == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            sheet.write_row(i + 1, 0, row)
    book.close()
    return path


def test_a_workbook_is_read_as_text_with_the_rows_of_the_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["study", "n", "mean", "itt"],
        ["A", 12, 2.5, True],
        ["B", "", "NA", False],
    ]
    sheet = read_table(open_file(workbook(tmp_path / "a.xlsx", {"One": rows})))
    assert not sheet.comma
    assert cells_of(sheet) == [
        (3, {"study": "A", "n": "12", "mean": "2.5", "itt": "TRUE"}),
        (4, {"study": "B", "n": "", "mean": "NA", "itt": "FALSE"}),
    ]


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    rows = [["study"], ["A"]]
    file = open_file(workbook(tmp_path / "a.xlsx", {"One": rows, "Two": rows}))
    with pytest.raises(FileProblem, match="several sheets: 'One', 'Two'"):
        read_workbook(file)
    with pytest.raises(FileProblem, match="no sheet 'Three'"):
        read_workbook(file, "Three")
    assert cells_of(read_workbook(file, "Two")) == [(3, {"study": "A"})]


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def far_cell(path: Path) -> Path:
    """Return a workbook with one cell in the last row and column of its sheet."""
    workbook(path, {"One": [["study"], ["A"]]})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = members[name].replace(b'r="A3"', b'r="XFD1048576"')
    return zipped(path, members)


@pytest.mark.parametrize("kind", ["no-workbook", "ratio", "members", "far-cell", "utf-16", "cut"])
def test_a_hostile_workbook_is_refused_before_it_is_unpacked(tmp_path: Path, kind: str) -> None:
    path, book = tmp_path / "a.xlsx", {"xl/workbook.xml": b"<workbook/>"}
    match kind:
        case "no-workbook":
            zipped(path, {"readme.txt": b"made up"})
        case "ratio":
            zipped(path, {**book, "xl/a.xml": b" " * 30_000_000})
        case "members":
            zipped(path, {**book, **{f"{i}.bin": b"" for i in range(2_001)}})
        case "far-cell":
            far_cell(path)
        case "utf-16":
            zipped(path, {**book, "xl/a.xml": "<a/>".encode("utf-16")})
        case _:
            path.write_bytes(workbook(path, {"One": [["study"], ["A"]]}).read_bytes()[:-40])
    with pytest.raises(FileProblem):
        read_table(open_file(path))
    assert MOST_CELLS < 16_384 * 1_048_576


@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_file_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.csv"
    path.write_bytes(b"study;n\n" + data)
    try:
        sheet = read_csv(open_file(path))
    except FileProblem:
        return
    refused = sum(note.fate == Fate.REFUSED for note in sheet.notes)
    assert sheet.count == refused + sum(1 for _ in sheet.rows())


@given(position=st.integers(0, 4_000), value=st.integers(0, 255))
def test_a_damaged_workbook_is_a_table_or_a_file_problem(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    data = bytearray(workbook(folder / "a.xlsx", {"One": [["study"], ["A"]]}).read_bytes())
    data[position % len(data)] = value
    path = folder / "b.xlsx"
    path.write_bytes(data)
    try:
        read_table(open_file(path))
    except FileProblem:
        return
