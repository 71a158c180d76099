"""Two people's sheets side by side: pairs, agreement, every difference, the adjudicated sheet."""

from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import KbError
from kb.exchange.agreement_adjudicating import adjudicated, write_adjudicated
from kb.exchange.agreement_reading import read_extraction
from kb.exchange.agreement_tables import Agreement, ColumnAgreement, compare_extractions
from kb.exchange.drafts import Fate
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers.template import read
from kb.exchange.tabular.reading import read_table
from kb.exchange.template.columns import EXAMPLE, TO_DECIDE
from tests.exchange.extractions import ANNA, BEN, CONTROL, MOOD, SEGT, SURVIVAL, Row, saved


def compared(folder: Path, a: tuple[Row, ...], b: tuple[Row, ...]) -> Agreement:
    return compare_extractions(
        read_extraction(open_file(saved(folder / "anna.csv", a))),
        read_extraction(open_file(saved(folder / "ben.csv", b))),
    )


def of(found: Agreement, name: str) -> ColumnAgreement:
    (column,) = (column for column in found.columns if column.name == name)
    return column


def differing(found: Agreement) -> list[tuple[int, str, str, str]]:
    return [(each.pair.a.row, each.column, each.a, each.b) for each in found.differences]


@pytest.fixture(name="both")
def compare_both(tmp_path: Path) -> Agreement:
    return compared(tmp_path, ANNA, BEN)


# rows and cells


def test_rows_are_paired_by_what_they_are_of(both: Agreement) -> None:
    assert [(pair.a.row, pair.b.row) for pair in both.pairs] == [(2, 2), (3, 3), (4, 4)]
    ((only_a,), (only_b,)) = both.only_a, both.only_b
    assert (only_a.row.row, only_b.row.row) == (5, 5)
    assert only_a.differs_in == only_b.differs_in == "time"
    assert only_a.nearest is only_b.row


def test_every_cell_that_differs_is_listed_and_no_other(both: Agreement) -> None:
    assert differing(both) == [
        (3, "n", "58", "57"),
        (3, "sd", "1.5", "0.2"),
        (4, "statistic", "HR", "OR"),
        (4, "p", "0.74", ""),
    ]


def test_cells_are_counted_by_column(both: Agreement) -> None:
    n, p, design, events = (of(both, name) for name in ("n", "p", "design", "events"))

    assert (n.compared, n.agreed, n.one_alone) == (3, 2, 0)
    assert n.percent == pytest.approx(200 / 3)
    assert n.coefficient.value is not None
    assert (p.compared, p.agreed, p.one_alone) == (1, 0, 1)
    assert p.coefficient.undefined == "fewer than two pairs"
    assert (design.compared, design.agreed) == (1, 1)
    assert design.coefficient.undefined == "one category alone"
    assert (events.compared, events.percent) == (0, None)


def test_each_ones_own_words_are_not_compared(both: Agreement) -> None:
    assert both.own_words == ("locator", "quote", "note", "extractor")
    assert not {column.name for column in both.columns} & {*both.own_words, *both.by}


def test_rows_that_their_key_leaves_alike_are_told_apart_by_their_statistic(
    tmp_path: Path,
) -> None:
    adjusted = {**SURVIVAL, "adjusted": "yes", "estimate": "0.9"}
    found = compared(tmp_path, (SURVIVAL, adjusted), (adjusted, SURVIVAL))
    assert [(pair.a.row, pair.b.row) for pair in found.pairs] == [(2, 3), (3, 2)]
    assert [*found.differences, *found.only_a, *found.only_b] == []


def test_rows_that_nothing_tells_apart_are_not_paired(tmp_path: Path) -> None:
    found = compared(tmp_path, (SEGT, {**SEGT, "mean": "3"}), (SEGT,))
    assert found.pairs == ()
    assert [(each.row.row, each.doubled) for each in found.only_a] == [(2, True), (3, True)]
    assert [(each.row.row, each.doubled) for each in found.only_b] == [(2, True)]


def test_the_example_is_no_row(tmp_path: Path) -> None:
    example = {**SEGT, "study": f"{EXAMPLE} 2001"}
    found = compared(tmp_path, (example, SEGT), (SEGT,))
    assert (found.a.examples, found.b.examples) == (1, 0)
    assert [(pair.a.row, pair.b.row) for pair in found.pairs] == [(3, 2)]
    assert found.only_a == ()


def test_other_tables_are_compared_by_the_columns_that_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,score,word\n1,2.5,a\n2,3,b\n3,NA,c\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id;score;word;more\n2;4,5;B;1\n1;2,5;a;2\n", encoding="utf-8")
    a, b = (read_extraction(open_file(tmp_path / name)) for name in ("a.csv", "b.csv"))

    with pytest.raises(KbError, match=r"a\.csv has no column study, row.*--by"):
        compare_extractions(a, b)
    found = compare_extractions(a, b, ["ID"])
    assert [(pair.a.row, pair.b.row) for pair in found.pairs] == [(2, 3), (3, 2)]
    assert differing(found) == [(3, "score", "3", "4,5")]
    assert (of(found, "score").is_number, of(found, "word").is_number) == (True, False)
    assert found.columns_without(b, a) == ["more"]
    assert [(each.row.row, each.nearest) for each in found.only_a] == [(4, None)]


def test_workbooks_are_read_by_the_sheet_of_that_name(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    for names in (["Notes", "Extraction"], ["Notes", "Data"]):
        with xlsxwriter.Workbook(str(path)) as book:
            for name in names:
                sheet = book.add_worksheet(name)
                sheet.write_row(0, 0, ["id", "word"])
                sheet.write_row(1, 0, [1, name])
        if "Extraction" in names:
            (row,) = read_extraction(open_file(path)).rows
            assert row.cells == {"id": "1", "word": "Extraction"}
    with pytest.raises(FileProblem, match="Call the one that is meant Extraction"):
        read_extraction(open_file(path))


def test_columns_that_differ_in_capitals_alone_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,P,p\n1,2,3\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="columns p that differ in capitals alone"):
        read_extraction(open_file(path))


CELLS = st.sampled_from(["", "a", "B", "b", "1", "1.0", "2", "NA"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_every_cell_is_agreed_or_listed(cells: list[tuple[str, str]], tmp_path: Path) -> None:
    for place, name in enumerate(("a.csv", "b.csv")):
        lines = "".join(f"{row},{pair[place]}\n" for row, pair in enumerate(cells))
        (tmp_path / name).write_text(f"id,word\n{lines}", encoding="utf-8")
    a, b = (read_extraction(open_file(tmp_path / name)) for name in ("a.csv", "b.csv"))
    found = compare_extractions(a, b, ["id"])

    word = of(found, "word")
    filled = [pair for pair in cells if set(pair) - {"", "NA"}]
    assert word.compared == len(filled)
    assert word.compared - word.agreed == len(found.differences)
    swapped = compare_extractions(b, a, ["id"])
    assert of(swapped, "word").agreed == word.agreed
    assert len(found.pairs) == len(cells)


# the adjudicated sheet


def test_what_differs_is_left_empty_and_told(both: Agreement) -> None:
    agreed, control, survival, only_a, only_b = adjudicated(both)

    assert agreed.doubts == {}
    assert (agreed.cells["sd"], agreed.cells[TO_DECIDE]) == (1.4, "")
    assert (agreed.cells["quote"], agreed.cells["extractor"]) == ("SEGT 60 2.1 (1.4)", "AB, CD")
    assert (control.cells["n"], control.cells["sd"], control.cells["mean"]) == ("", "", 2.7)
    assert control.cells[TO_DECIDE] == (
        "[n] [sd] [quote] n: 58 or 57; sd: 1.5 or 0.2; "
        "quote: Control 58 2.7 (1.5) or 2.7 (1.5) in 58 controls"
    )
    assert control.cells["locator"] == "table 2"
    assert "p: 0.74 or empty" in str(survival.cells[TO_DECIDE])
    assert only_a.cells[TO_DECIDE] == "[whole row] whole row: only in anna.csv, row 5"
    assert only_b.cells[TO_DECIDE] == "[whole row] whole row: only in ben.csv, row 5"


def test_where_nothing_else_differs_the_first_ones_passage_is_kept(tmp_path: Path) -> None:
    other = {**SEGT, "locator": "p. 5", "quote": "60 in SEGT", "note": "see erratum"}
    (row,) = adjudicated(compared(tmp_path, (SEGT,), (other,)))
    assert row.doubts == {}
    assert (row.cells["locator"], row.cells["quote"]) == ("table 2", "SEGT 60 2.1 (1.4)")
    assert row.cells["note"] == "see erratum"


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_it_is_imported_once_it_is_decided(ending: str, both: Agreement, tmp_path: Path) -> None:
    path = tmp_path / f"adjudicated.{ending}"
    assert write_adjudicated(both, path) == 4

    found = read(open_file(path), {})
    assert [n.row for n in found.notes if n.fate is Fate.UNDECIDED] == [3, 4, 5, 6]
    assert [n for n in found.notes if n.fate is Fate.IGNORED] == []

    rows = [dict(row.cells) for row in read_table(open_file(path)).rows()]
    rows[1] |= {"n": "58", "sd": "1.5", "quote": CONTROL["quote"]}
    rows[2] |= {"statistic": "HR", "p": "NA", "quote": SURVIVAL["quote"]}
    rows[3][TO_DECIDE] = ""
    decided = read(open_file(saved(tmp_path / "decided.csv", rows[:4])), {})
    assert decided.notes == ()
    (study,) = decided.studies()
    assert sorted(study.passages) == [2, 3, 4, 5]
    numbers = [(r.n, r.mean, r.sd) for m in study.measurements for r in m.arm_results]
    assert numbers == [(60, 2.1, 1.4), (58, 2.7, 1.5)]
    effects = [(c.estimate, c.p) for m in study.measurements for c in m.contrasts]
    assert effects == [(0.95, None), (-1.2, 0.05)]


def test_doubts_are_not_lost_where_their_values_are_long(tmp_path: Path) -> None:
    a = {**SEGT, "report": "10.1234/" + "a" * 1500, "population": "", "n": "60"}
    b = {**SEGT, "report": "10.1234/" + "b" * 1500, "n": "61", "sd": "[n] x"}
    found = compared(tmp_path, (a,), (b,))
    path = tmp_path / "adjudicated.csv"
    write_adjudicated(found, path)

    (note,) = (n for n in read(open_file(path), {}).notes if n.fate is Fate.UNDECIDED)
    assert "Still to be decided: report, n, sd." in note.message


def test_no_cell_of_it_acts_as_a_formula(tmp_path: Path) -> None:
    row = {**SEGT, "note": "=1+1"}
    write_adjudicated(compared(tmp_path, (row,), (row,)), tmp_path / "adjudicated.csv")
    assert ",'=1+1," in (tmp_path / "adjudicated.csv").read_text(encoding="utf-8")


def test_nothing_is_replaced_unasked_and_only_sheets_are_written(
    both: Agreement, tmp_path: Path
) -> None:
    path = tmp_path / "adjudicated.csv"
    write_adjudicated(both, path)
    with pytest.raises(KbError, match="exists"):
        write_adjudicated(both, path)
    write_adjudicated(both, path, force=True)
    with pytest.raises(KbError, match=r"neither \.xlsx nor \.csv"):
        write_adjudicated(both, tmp_path / "adjudicated.json")
    with pytest.raises(KbError, match="is an adjudicated sheet"):
        compare_extractions(read_extraction(open_file(path)), both.b)


def test_decimal_commas_become_points(tmp_path: Path) -> None:
    row = {**MOOD, "estimate": "-1,2", "se": "0,65", "p": "<0,05"}
    table = read_extraction(open_file(saved(tmp_path / "anna.csv", (row,), delimiter=";")))
    (row_of_both,) = adjudicated(compare_extractions(table, table))
    cells = row_of_both.cells
    assert (cells["estimate"], cells["se"], cells["p"]) == (-1.2, 0.65, "<0.05")
