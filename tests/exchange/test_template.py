"""The extraction sheet: written, filled in, read with each person's own passages, imported."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from python_calamine import load_workbook
from sqlalchemy import URL, Engine, select

from kb.base import Base
from kb.errors import KbError
from kb.exchange.drafts import Fate, Reading, StudyDraft
from kb.exchange.files import FileProblem, open_file
from kb.exchange.formats import FORMATS, format_of
from kb.exchange.importing import Import, NotReady, bring, preview
from kb.exchange.readers.template import read
from kb.exchange.template.columns import BY_NAME, COLUMNS, EXAMPLE, TO_DECIDE
from kb.exchange.template.writing import lists, write_template
from kb.exchange.workbooks import read_workbook
from kb.store.engine import sqlite_url
from kb.store.relations import (
    arm_result,
    contrast,
    measurement,
    passage,
    report,
    study,
    study_report,
)
from kb.vocabulary import plain
from tests.exchange.extractions import ANNA, CONTROL, MOOD, SEGT, SURVIVAL, Row, saved
from tests.exchange.import_files import state_of

NAMES = [column.name for column in COLUMNS]
CHOICES = {"design": ("Randomised controlled trial",), "row": ("arm", "contrast")}
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def reading(folder: Path, *rows: Row, delimiter: str = ",") -> Reading:
    return read(open_file(saved(folder / "made-up.csv", rows, delimiter=delimiter)), {})


def only(found: Reading) -> StudyDraft:
    (study,) = found.studies()
    return study


def told(found: Reading, fate: Fate) -> list[tuple[int, str, str]]:
    return [(note.row, note.field, note.rule) for note in found.notes if note.fate is fate]


def refused(folder: Path, row: Row) -> list[tuple[str, str]]:
    found = reading(folder, SEGT, row)
    assert [line for study in found.studies() for line in study.words] == [2]
    return [(field, rule) for row, field, rule in told(found, Fate.REFUSED) if row == 3]


def named(cells: dict[str, str]) -> str:
    return "-".join(f"{name}-{'filled' if cell else 'empty'}" for name, cell in cells.items())


# what is written


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_is_written_is_known_and_its_example_is_no_data(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"extraction.{ending}"
    write_template(CHOICES, path)
    file = open_file(path)

    assert format_of(file).name == "template"
    with pytest.raises(FileProblem, match="made-up example alone"):
        read(file, {})


def test_the_example_is_left_out_and_not_counted(tmp_path: Path) -> None:
    found = reading(tmp_path, {**CONTROL, "study": f"{EXAMPLE} 2001"}, SEGT)

    assert found.rows == 1
    assert sorted(only(found).words) == [3]
    assert told(found, Fate.EXPLAINED) == [(0, "study", "example")]
    assert told(found, Fate.REFUSED) == []


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_example_is_right_but_for_its_name(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"extraction.{ending}"
    write_template(CHOICES, path)
    if ending == "csv":
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    else:
        rows = [dict(row.cells) for row in read_workbook(open_file(path)).rows()]
    assert all(row["study"].startswith(EXAMPLE) for row in rows)

    found = reading(tmp_path, *(row | {"study": "Madeup 2001"} for row in rows))
    assert told(found, Fate.REFUSED) == told(found, Fate.WARNED) == []
    assert [arm.name for arm in only(found).arms] == ["SEGT", "Control"]
    assert len(only(found).passages) == 3


def test_the_workbook_offers_lists_and_explains_every_column(tmp_path: Path) -> None:
    path = tmp_path / "extraction.xlsx"
    write_template(CHOICES, path)

    with ZipFile(path) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        comments = book.read("xl/comments1.xml").decode()
        workbook = book.read("xl/workbook.xml").decode()
    offered = {
        each.attrib["sqref"]: (each.findtext(f"{SPREADSHEET}formula1"), each.get("errorStyle"))
        for each in sheet.iter(f"{SPREADSHEET}dataValidation")
    }
    assert offered == {
        "D2:D2001": ("Lists!$A$2:$A$2", "warning"),
        "G2:G2001": ("Lists!$B$2:$B$3", None),
    }
    assert all(column.help.split(".")[0] in comments for column in COLUMNS)
    assert 'name="Lists" sheetId="3" state="hidden"' in workbook
    explained = load_workbook(str(path)).get_sheet_by_name("Read me").to_python()
    assert set(NAMES) <= {row[0] for row in explained}


def test_what_to_fill_in_is_said_in_one_line_each_on_one_page(tmp_path: Path) -> None:
    path = tmp_path / "extraction.xlsx"
    write_template(CHOICES, path)
    with ZipFile(path) as book:
        read_me = ElementTree.fromstring(book.read("xl/worksheets/sheet2.xml"))
    widths = [float(each.attrib["width"]) for each in read_me.iter(f"{SPREADSHEET}col")]
    assert widths[-1] >= max(len(column.help) for column in COLUMNS)
    (page,) = read_me.iter(f"{SPREADSHEET}pageSetup")
    assert (page.get("orientation"), page.get("fitToHeight")) == ("landscape", "0")


def test_lists_name_every_term_so_that_it_is_known_again(base: Base) -> None:
    offered = lists(base.vocabulary)

    assert offered.keys() == {each.name for each in COLUMNS if each.codes} | {
        "design",
        "approach",
        "comparator",
        "outcome",
        "instrument",
        "country",
        "cancer",
    }
    for name, words in offered.items():
        if BY_NAME[name].codes:
            assert words == BY_NAME[name].codes
            continue
        terms = base.vocabulary.terms(name)
        meant = [w if w in terms else base.vocabulary.names(name)[plain(w)] for w in words]
        assert sorted(key if isinstance(key, str) else key[0] for key in meant) == sorted(terms)
        assert all(isinstance(key, str) or len(key) == 1 for key in meant)


def test_nothing_is_replaced_unless_by_force(tmp_path: Path) -> None:
    path = tmp_path / "extraction.csv"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(KbError, match="exists"):
        write_template(CHOICES, path)
    assert path.read_text(encoding="utf-8") == "mine"
    write_template(CHOICES, path, force=True)
    assert path.read_text(encoding="utf-8-sig").startswith("study,report,")
    with pytest.raises(KbError, match=r"neither \.xlsx nor \.csv"):
        write_template(CHOICES, tmp_path / "extraction.ods")


# what is read


def test_rows_become_a_study_with_arms_results_and_their_own_passages(tmp_path: Path) -> None:
    found = reading(tmp_path, SEGT, CONTROL, SURVIVAL)
    study = only(found)

    assert found.rows == 3
    assert told(found, Fate.REFUSED) == told(found, Fate.WARNED) == []
    assert (study.name, study.year) == ("Madeupson 2003", 2003)
    assert study.design == "Randomised controlled trial"
    assert study.countries == ["Canada", "United States of America"]
    assert study.cancers == ["Breast cancer"]
    assert [(r.name, r.doi, r.note) for r in study.reports] == [
        ("10.1234/madeup.1", "10.1234/madeup.1", None)
    ]
    assert [(arm.name, arm.role, arm.offered) for arm in study.arms] == [
        ("SEGT", "intervention", "Supportive-expressive group therapy"),
        ("Control", "control", "Usual care"),
    ]
    pain, survival = study.measurements
    assert (pain.outcome, pain.instrument) == ("Pain", "Visual Analogue Scale for pain")
    assert (pain.time, pain.months) == ("12 months", 12)
    assert [(r.arm, r.n, r.mean, r.sd, r.note) for r in pain.arm_results] == [
        ("SEGT", 60, 2.1, 1.4, "Extracted by AB."),
        ("Control", 58, 2.7, 1.5, "Extracted by AB."),
    ]
    (effect,) = survival.contrasts
    assert (effect.arm, effect.comparator) == ("SEGT", "Control")
    assert (effect.statistic, effect.estimate, effect.p_relation) == ("HR", 0.95, "=")
    assert (effect.ci_low, effect.ci_high, effect.ci_level) == (0.7, 1.29, 95)
    assert effect.adjusted is False
    told_by = study.passages[4]
    assert (told_by.report, told_by.locator, told_by.seen) == (
        "10.1234/madeup.1",
        "abstract",
        "record",
    )
    assert told_by.quote == "hazard ratio 0.95 (0.70 to 1.29)"


def test_a_quote_on_the_study_itself_holds_what_the_sheet_says_of_it(tmp_path: Path) -> None:
    study = only(reading(tmp_path, SEGT))
    assert study.words[2] == (
        "study=Madeupson_2003 year=2003 design=Randomised_controlled_trial "
        "country=Canada;_United_States_of_America cancer=Breast_cancer"
    )


def test_decimal_commas_and_a_p_that_is_a_limit_are_read(tmp_path: Path) -> None:
    row = {**MOOD, "estimate": "-1,2", "se": "0,6", "p": "<0,05"}
    (measured,) = only(reading(tmp_path, row, delimiter=";")).measurements
    (effect,) = measured.contrasts
    assert (effect.estimate, effect.se, effect.p, effect.p_relation) == (-1.2, 0.6, 0.05, "<")


@pytest.mark.parametrize(
    ("report", "identifiers"),
    [
        ("https://doi.org/10.1234/madeup.1", ("10.1234/madeup.1", None)),
        ("doi: 10.1234/madeup.1", ("10.1234/madeup.1", None)),
        ("12345678", (None, "12345678")),
        ("PMID 12345678", (None, "12345678")),
        ("Madeupson AB. A made-up book. 2003", (None, None)),
    ],
    ids=["address", "doi", "number", "pmid", "reference"],
)
def test_a_report_is_known_by_what_it_says(
    report: str, identifiers: tuple[str | None, str | None], tmp_path: Path
) -> None:
    (draft,) = only(reading(tmp_path, {**SEGT, "report": report})).reports
    assert (draft.doi, draft.pmid) == identifiers
    assert draft.name == report


def test_a_comparator_is_an_arm_by_name_or_by_what_it_received_or_a_new_one(
    tmp_path: Path,
) -> None:
    by_name = {**MOOD, "comparator": "control"}
    by_care = {**MOOD, "comparator": "usual care", "outcome": "Anxiety"}
    other = {**MOOD, "comparator": "Home study package", "outcome": "Depression"}
    study = only(reading(tmp_path, SEGT, CONTROL, by_name, by_care, other))

    effects = [effect for measured in study.measurements for effect in measured.contrasts]
    assert [effect.comparator for effect in effects] == ["Control", "Control", "Home study package"]
    assert [(arm.name, arm.role) for arm in study.arms] == [
        ("SEGT", "intervention"),
        ("Control", "control"),
        ("Home study package", None),
    ]


def test_a_comparator_that_two_arms_received_is_refused(tmp_path: Path) -> None:
    second = {**CONTROL, "arm": "Second control", "mean": "3"}
    found = reading(tmp_path, SEGT, CONTROL, second, MOOD)

    assert told(found, Fate.REFUSED) == [(5, "comparator", "arms not told apart")]
    assert [arm.name for arm in only(found).arms] == ["SEGT", "Control", "Second control"]


def test_an_arm_compared_with_itself_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, {**MOOD, "comparator": "SEGT"}) == [
        ("comparator", "arms not told apart")
    ]


@pytest.mark.parametrize("name", ["report", "locator", "quote", "seen"])
def test_a_fact_without_a_passage_is_refused(name: str, tmp_path: Path) -> None:
    assert refused(tmp_path, {**CONTROL, name: ""}) == [(name, "no passage")]


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"outcome": ""}, [("outcome", "no outcome")]),
        ({"arm": "NA"}, [("arm", "no arm")]),
        ({"study": ""}, [("study", "no study")]),
        ({"row": "pair"}, [("row", "not one of the list")]),
        ({"row": ""}, [("row", "no row")]),
        ({"seen": "fulltext paper"}, [("seen", "not one of the list")]),
        ({"n": "58.5"}, [("n", "not a number")]),
        ({"mean": "about 3"}, [("mean", "not a number")]),
        ({"quote": "word " * 26}, [("quote", "long quote")]),
        ({"estimate": "2"}, [("estimate", "cell of another kind")]),
        ({"role": "", "approach": "SEGT"}, [("role", "no role")]),
    ],
    ids=lambda value: named(value) if isinstance(value, dict) else "",
)
def test_an_unfit_row_is_refused_with_every_reason(
    cells: dict[str, str], reasons: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert refused(tmp_path, {**CONTROL, **cells}) == reasons


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"comparator": ""}, [("comparator", "no comparator")]),
        ({"estimate": "", "p": ""}, [("estimate", "no value")]),
        ({"statistic": ""}, [("statistic", "no statistic")]),
        ({"statistic": "Hedges"}, [("statistic", "not one of the list")]),
        ({"p": "n.s."}, [("p", "not a number")]),
        ({"mean": "1"}, [("mean", "cell of another kind")]),
    ],
    ids=lambda value: named(value) if isinstance(value, dict) else "",
)
def test_an_unfit_contrast_is_refused(
    cells: dict[str, str], reasons: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert refused(tmp_path, {**MOOD, **cells}) == reasons


def test_a_row_given_twice_is_refused_once(tmp_path: Path) -> None:
    found = reading(tmp_path, SEGT, {**SEGT, "year": ""}, {**SEGT, "locator": "table 3"})
    assert told(found, Fate.REFUSED) == [(3, "", "doubled row")]
    assert sorted(only(found).passages) == [2, 4]


def test_what_the_rows_of_a_study_say_differently_is_told(tmp_path: Path) -> None:
    control = {**CONTROL, "study": "madeupson  2003", "year": "2004", "role": "intervention"}
    found = reading(tmp_path, SEGT, CONTROL, {**control, "mean": "9"})
    assert only(found).year is None
    assert told(found, Fate.WARNED) == [(4, "role", "rows differ"), (4, "year", "rows differ")]


def test_undecided_cells_are_named_until_they_are_filled(tmp_path: Path) -> None:
    doubt = "[n] [sd] n: 57 or 58; sd: 1.5 or empty"
    row = {**CONTROL, TO_DECIDE: doubt, "n": "", "sd": ""}
    found = reading(tmp_path, SEGT, row)
    (note,) = found.notes
    assert (note.row, note.fate) == (3, Fate.UNDECIDED)
    assert "n, sd" in note.message

    decided = only(reading(tmp_path, SEGT, {**row, "n": "57", "sd": "NA"}))
    assert [(r.n, r.sd) for r in decided.measurements[0].arm_results] == [(60, 1.4), (57, None)]


def test_a_row_of_one_person_alone_waits_until_it_is_decided(tmp_path: Path) -> None:
    row = {**CONTROL, TO_DECIDE: "[whole row] whole row: only in ben.csv, row 3"}
    found = reading(tmp_path, SEGT, row)
    assert told(found, Fate.UNDECIDED) == [(3, "whole row", "undecided")]
    assert list(only(found).words) == [2]


def test_columns_of_ones_own_are_named_and_left_out(tmp_path: Path) -> None:
    found = reading(tmp_path, {**SEGT, "my column": "x"})
    assert told(found, Fate.IGNORED) == [(0, "my column", "column")]


def test_another_table_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("row,locator,quote\n1,2,3\n", encoding="utf-8")
    with pytest.raises(FileProblem, match=r"no column study, report, arm.*`kb template`"):
        read(open_file(path), {})
    with pytest.raises(FileProblem, match="nothing called 'outcome' to set"):
        read(open_file(saved(path, ANNA)), {"outcome": "pain"})


# what is stored


@pytest.fixture(name="engine")
def writable(shipped: Path, tmp_path: Path, open_store: Callable[[str | URL], Engine]) -> Engine:
    """Return a store of the evidence shipped that may be written to."""
    path = tmp_path / "store.db"
    shutil.copy(shipped, path)
    return open_store(sqlite_url(path))


def order(folder: Path, *rows: Row) -> Import:
    file = open_file(saved(folder / "made-up.csv", rows))
    return Import(file, FORMATS["template"], read(file, {}))


def test_results_are_stored_with_the_report_as_their_passage(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, order(tmp_path, *ANNA))

    with engine.connect() as connection:
        of_results = [
            select(passage.report_key, passage.locator, passage.quote, passage.seen)
            .join_from(passage.table, table.table, table.passage_key == passage.key)
            .join(measurement.table, measurement.key == table.measurement_key)
            .where(measurement.study_key == "madeupson-2003")
            for table in (arm_result, contrast)
        ]
        found = {tuple(row) for query in of_results for row in connection.execute(query)}
        own = connection.scalar(select(report.key).where(report.doi == "10.1234/madeup.1"))
        roles = select(study_report.report_key, study_report.role)
        roles = roles.where(study_report.study_key == "madeupson-2003")
        reports = {row[0]: row[1] for row in connection.execute(roles)}
        seen_in = select(passage.report_key).join_from(
            passage.table, study.table, study.passage_key == passage.key
        )
        of_study = connection.scalars(seen_in.where(study.key == "madeupson-2003")).all()
    assert found == {
        (own, "table 2", "SEGT 60 2.1 (1.4)", "full-text"),
        (own, "table 2", "Control 58 2.7 (1.5)", "full-text"),
        (own, "abstract", "hazard ratio 0.95 (0.70 to 1.29)", "record"),
        (own, "table 2", "mood improved by 1.2 (SE 0.6), P<0.05", "full-text"),
    }
    assert reports == {own: "primary", "file-made-up": "companion"}
    assert of_study == ["file-made-up"]


def test_a_second_import_changes_nothing_and_a_corrected_one_only_what_is_corrected(
    engine: Engine, tmp_path: Path
) -> None:
    first = bring(engine, order(tmp_path, *ANNA))
    again = bring(engine, order(tmp_path, *ANNA))
    corrected = preview(engine, order(tmp_path, SEGT, {**CONTROL, "n": "57"}, SURVIVAL, MOOD))

    assert (first.taken, first.refused) == (4, set())
    assert again.changes == 0
    changed = {name: counts.changed for name, counts in corrected.records.items() if counts.changed}
    assert changed == {"report": 1, "arm_result": 1}


def test_nothing_of_a_sheet_with_undecided_cells_is_imported(
    engine: Engine, tmp_path: Path
) -> None:
    open_end = {**CONTROL, "n": "", TO_DECIDE: "[n] n: 57 or 58"}
    wanted = order(tmp_path, SEGT, open_end)
    before = state_of(engine)
    shown = preview(engine, wanted)
    assert (shown.is_ready, shown.waiting, shown.refused, shown.taken) == (False, 1, {3}, 1)
    with pytest.raises(NotReady, match="1 row with cells to decide on; nothing was imported"):
        bring(engine, wanted)
    assert state_of(engine) == before
    assert bring(engine, order(tmp_path, SEGT, {**open_end, "n": "57"})).event is not None


def test_results_of_an_arm_without_a_value_are_told_and_their_rows_are_in(
    engine: Engine, tmp_path: Path
) -> None:
    bare = {"mean": "", "sd": ""}
    mood = {"outcome": MOOD["outcome"], "instrument": MOOD["instrument"]}
    rows = [{**row, **more} for more in (bare, bare | mood) for row in (SEGT, CONTROL)]
    found = preview(engine, order(tmp_path, *rows))
    assert [note.row for note in found.notes if note.rule == "no value"] == [2, 3, 4, 5]
    assert (found.refused, found.lost, found.taken) == (set(), 0, 4)


def test_rows_whose_report_cannot_be_taken_are_refused(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        query = select(report.doi, report.pmid).where(
            report.doi.is_not(None), report.pmid.is_not(None)
        )
        (one, _), (_, other) = connection.execute(query.order_by(report.key).limit(2))
    found = preview(engine, order(tmp_path, SEGT, {**CONTROL, "report": f"{one} PMID {other}"}))

    assert found.refused == {3}
    assert found.lost == 0
    assert (3, "no passage") in {(n.row, n.rule) for n in found.notes if n.fate is Fate.REFUSED}


def test_a_study_of_the_store_gets_results_beside_its_own(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        label = connection.scalar(select(study.label).where(study.key == "goodwin-2001"))
        before = connection.execute(select(study.table).where(study.key == "goodwin-2001")).one()
    own = {"study": str(label), "arm": "SEGT"}
    found = bring(engine, order(tmp_path, {**SEGT, **own}))

    with engine.connect() as connection:
        results = connection.scalars(
            select(measurement.key).where(measurement.key.startswith("goodwin-2001/made-up."))
        ).all()
        after = connection.execute(select(study.table).where(study.key == "goodwin-2001")).one()
    assert [(each.key, each.by) for each in found.matched] == [("goodwin-2001", "its name")]
    assert len(results) == 1
    assert after == before
