"""Tables with metafor's columns: counts, means and effects as results, contrasts, stated sizes."""

from collections.abc import Iterator
from math import exp, isclose, sqrt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.exchange.drafts import Fate, Reading, StudyDraft
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers.metafor import read
from kb.exchange.study_records import rows_of

ARMS = {"approach": "made-up therapy", "comparator": "usual care", "outcome": "pain"}


def reading(folder: Path, text: str, **constants: str) -> Reading:
    path = folder / "made-up.csv"
    path.write_text(text, encoding="utf-8")
    return read(open_file(path), ARMS | constants)


def only(reading: Reading) -> StudyDraft:
    (study,) = reading.studies()
    return study


def told(reading: Reading, fate: Fate) -> list[tuple[int, str]]:
    return [(note.row, note.rule) for note in reading.notes if note.fate == fate]


def test_counts_become_events_of_both_arms(tmp_path: Path) -> None:
    found = reading(tmp_path, "author,year,ai,bi,ci,di\nMadeupson,2001,4,16,8,14\n")
    study = only(found)
    assert (study.name, study.year) == ("Madeupson 2001", 2001)
    assert [(arm.name, arm.role) for arm in study.arms] == [
        ("made-up therapy", "intervention"),
        ("usual care", "control"),
    ]
    (measured,) = study.measurements
    assert measured.outcome == "pain"
    assert [(each.arm, each.events, each.n) for each in measured.arm_results] == [
        ("made-up therapy", 4, 20),
        ("usual care", 8, 22),
    ]
    assert measured.contrasts == []


def test_means_become_results_of_both_arms(tmp_path: Path) -> None:
    text = "slab,m1i,sd1i,n1i,m2i,sd2i,n2i,instrument,time\nA 2001,10.5,4,20,14.5,4.2,22,BPI,post\n"
    (measured,) = only(reading(tmp_path, text)).measurements
    assert [(each.mean, each.sd, each.n) for each in measured.arm_results] == [
        (10.5, 4.0, 20),
        (14.5, 4.2, 22),
    ]
    assert (measured.instrument, measured.time) == ("BPI", "post")


@pytest.mark.parametrize(
    ("measure", "statistic", "estimate"),
    [
        ("SMD", "SMD", -0.4),
        ("smd", "SMD", -0.4),
        ("MD", "MD", -0.4),
        ("RD", "RD", -0.4),
        ("OR", "OR", exp(-0.4)),
        ("PETO", "OR", exp(-0.4)),
        ("HR", "HR", exp(-0.4)),
    ],
    ids=str,
)
def test_effects_become_contrasts_ratios_on_their_natural_scale(
    tmp_path: Path, measure: str, statistic: str, estimate: float
) -> None:
    found = reading(tmp_path, "study,yi,vi\nA 2001,-0.4,0.04\n", measure=measure)
    (contrast,) = only(found).measurements[0].contrasts
    assert contrast.statistic == statistic
    assert contrast.estimate is not None
    assert contrast.se is not None
    assert isclose(contrast.estimate, estimate)
    assert isclose(contrast.se, 0.2)
    assert contrast.derivation is not None
    assert contrast.derivation.inputs == "yi=-0.4; vi=0.04"


def test_the_measure_may_differ_by_row_and_one_that_is_unknown_refuses_it(tmp_path: Path) -> None:
    text = "study,yi,sei,measure\nA,-0.4,0.2,SMD\nB,-0.3,0.1,OR\nC,1,0.1,ZCOR\nD,1,0.1,\n"
    found = reading(tmp_path, text)
    statistics = [study.measurements[0].contrasts[0].statistic for study in found.studies()]
    assert statistics == ["SMD", "OR"]
    assert told(found, Fate.REFUSED) == [(4, "measure unknown"), (5, "measure unknown")]


def test_an_effect_beside_data_is_stated_and_not_stored_twice(tmp_path: Path) -> None:
    text = "study,ai,n1i,ci,n2i,yi,vi\nA,4,20,8,20,-0.6931,0.275\n"
    found = reading(tmp_path, text, measure="RR")
    (size,) = found.sizes()
    assert (size.measure, size.estimate, size.se) == ("RR", -0.6931, sqrt(0.275))
    assert size.data == {"ai": 4.0, "n1i": 20.0, "ci": 8.0, "n2i": 20.0}
    assert only(found).measurements[0].contrasts == []


def test_an_effect_beside_data_of_no_said_measure_is_named_as_not_compared(tmp_path: Path) -> None:
    found = reading(tmp_path, "study,ai,n1i,ci,n2i,yi,vi\nA,4,20,8,20,-0.6931,0.275\n")
    assert list(found.sizes()) == []
    assert told(found, Fate.IGNORED) == [(0, "not compared")]


def test_sizes_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    found = reading(tmp_path, "study,ai,bi,n1i,ci,n2i\nA,4,16,21,8,20\n")
    assert told(found, Fate.WARNED) == [(2, "sizes differ")]


def test_the_sizes_beside_an_effect_are_that_of_its_comparison(tmp_path: Path) -> None:
    text = "study,yi,sei,n1i,n2i\nA,-0.5,0.2,20,22\nB,-0.4,0.2,20,NA\n"
    found = reading(tmp_path, text, measure="SMD")
    contrasts = [study.measurements[0].contrasts[0] for study in found.studies()]
    assert [contrast.n for contrast in contrasts] == [42, None]
    assert told(found, Fate.WARNED) == [(3, "half a result")]


def test_effects_that_differ_for_one_comparison_are_both_kept_and_told(tmp_path: Path) -> None:
    text = (
        "study,yi,sei,time,measure\n"
        "A,-0.1,0.3,post,SMD\nA,0.7,0.3,post,SMD\nA,0.7,0.3,later,SMD\nA,0.7,0.3,post,MD\n"
    )
    found = reading(tmp_path, text)
    post, _ = only(found).measurements
    assert [(each.row, each.estimate) for each in post.contrasts] == [(2, -0.1), (3, 0.7), (5, 0.7)]
    (note,) = (note for note in found.notes if note.fate is Fate.WARNED)
    assert (note.row, note.rule) == (3, "effects differ")
    assert "It gives SMD 0.7 (SE 0.3), and row 2 SMD -0.1 (SE 0.3)" in note.message


def test_the_time_may_be_told_in_months(tmp_path: Path) -> None:
    text = "study,ai,n1i,ci,n2i,months,time_weeks\nA,4,20,8,20,6,NA\nA,3,20,7,20,12,52\n"
    found = reading(tmp_path, text)
    told_months = [(each.time, each.months) for each in only(found).measurements]
    assert told_months == [(None, 6.0), ("52 weeks", 12.0)]
    assert found.notes == ()


def test_a_time_that_is_another_in_weeks_and_in_months_is_told(tmp_path: Path) -> None:
    found = reading(tmp_path, "study,ai,n1i,ci,n2i,months,time_weeks\nA,4,20,8,20,6,12\n")
    assert only(found).measurements[0].months == 6.0
    assert [(note.field, note.rule) for note in found.notes] == [("months", "times differ")]


EMPTY = "study,year,m1i,sd1i,n1i,m2i,sd2i,n2i\n"


@pytest.mark.parametrize(
    "rows",
    [
        "A,2001,NA,NA,40,NA,NA,41\nA,2001,NA,NA,38,NA,NA,41\n",
        "A,2001,1,2,9,3,2,9\nA,2002,1,2,9,3,2,9\n",
    ],
    ids=["without-values", "another-year"],
)
def test_a_row_that_adds_nothing_to_another_is_in_nevertheless(tmp_path: Path, rows: str) -> None:
    found = reading(tmp_path, EMPTY + rows)
    assert rows_of(only(found)) == {2, 3}
    assert told(found, Fate.REFUSED) == []


def test_rows_are_doubled_only_if_their_cells_are(tmp_path: Path) -> None:
    rows = '"12,5",3,40,14,3,41\n', '"11,5",3,40,14,3,41\n', '"11,5",3,40,14,3,41\n'
    found = reading(tmp_path, EMPTY + "".join(f"A,2001,{row}" for row in rows))
    assert [note.message for note in found.notes if note.fate is Fate.REFUSED] == [
        "It says the same as row 3."
    ]
    assert rows_of(only(found)) == {2, 3}


def test_rows_of_another_measure_are_not_doubled(tmp_path: Path) -> None:
    found = reading(tmp_path, "study,yi,vi,measure\nA,-0.4,0.04,SMD\nA,-0.4,0.04,MD\n")
    assert [each.statistic for each in only(found).measurements[0].contrasts] == ["SMD", "MD"]
    assert found.notes == ()


def test_arms_may_be_named_in_columns(tmp_path: Path) -> None:
    path = tmp_path / "made-up.csv"
    path.write_text("study,arm1,arm2,yi,vi,measure,outcome\nA,SEGT,education,-0.4,0.04,SMD,pain\n")
    study = only(read(open_file(path), {}))
    assert [(arm.name, arm.role) for arm in study.arms] == [
        ("SEGT", "intervention"),
        ("education", None),
    ]


def test_two_studies_of_one_author_and_year_stay_two(tmp_path: Path) -> None:
    text = "study,author,year,ai,n1i,ci,n2i\n1,A,2001,4,20,8,20\n2,A,2001,5,30,9,30\n"
    assert [study.name for study in reading(tmp_path, text).studies()] == ["A 2001", "A 2001 (2)"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("study,n\nA,1\n", "none of metafor's columns"),
        ("yi,vi\n1,1\n", "does not name its studies"),
        ("study,yi,vi\nA,1,1\n", "does not say measure"),
        ("study,arm1,ai,ci\nA,x,1,1\n", "has a column 'arm1', so approach cannot be set"),
    ],
    ids=["no-effect", "no-study", "no-measure", "taken"],
)
def test_a_table_that_does_not_say_enough_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FileProblem, match=says):
        reading(tmp_path, text)


def test_a_column_without_a_name_that_is_needed_is_pointed_at(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="does not name its studies") as raised:
        reading(tmp_path, '"","ai","n1i","ci","n2i",""\n"Madeup 2001",4,20,8,22,"x"\n')
    assert raised.value.remedy.endswith("Without a name: column 1, column 6.")


def test_what_is_to_be_set_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "made-up.csv"
    path.write_text("study,yi,vi\nA,1,1\n")
    with pytest.raises(FileProblem, match="outcome, approach, comparator, measure") as caught:
        read(open_file(path), {})
    assert "--set outcome=... --set approach=..." in caught.value.remedy


@pytest.mark.parametrize(
    ("constant", "value"), [("measure", "GEN"), ("better", "more"), ("colour", "red")]
)
def test_a_constant_that_means_nothing_is_refused(
    tmp_path: Path, constant: str, value: str
) -> None:
    with pytest.raises(FileProblem):
        reading(tmp_path, "study,ai,ci\nA,1,1\n", **{constant: value})


@pytest.mark.parametrize("name", ["Total", "TOTALS", "Sub-total", "subtotal", "Overall", "pooled"])
def test_the_sum_of_rows_is_no_study(tmp_path: Path, name: str) -> None:
    rows = f"study,ai,n1i,ci,n2i\nMadeup 2001,4,20,8,22\n{name},4,20,8,22\n"
    found = reading(tmp_path, rows)
    assert only(found).name == "Madeup 2001"
    assert told(found, Fate.REFUSED) == [(3, "no study")]


def test_a_number_that_is_no_year_is_said(tmp_path: Path) -> None:
    found = reading(tmp_path, "study,year,ai,n1i,ci,n2i\nMadeup,45123,4,20,8,22\n")
    assert only(found).year is None
    assert told(found, Fate.WARNED) == [(2, "year left out")]


def test_a_decimal_comma_is_read_and_other_columns_are_named(tmp_path: Path) -> None:
    found = reading(tmp_path, "study;yi;vi;ablat\nA;-0,4;0,04;44\n", measure="SMD", better="lower")
    assert only(found).measurements[0].contrasts[0].estimate == -0.4
    assert only(found).measurements[0].favours_low is True
    assert [note.field for note in found.notes if note.fate == Fate.IGNORED] == ["ablat"]


def accounted(reading: Reading) -> Iterator[int]:
    """Yield the rows that are in a draft, and those that are refused."""
    for study in reading.studies():
        yield from rows_of(study)
    yield from (note.row for note in reading.notes if note.fate == Fate.REFUSED)


COLUMNS = [
    *("study", "author", "year", "measure", "ai", "bi", "n1i", "ci", "di", "n2i"),
    *("m1i", "sd1i", "m2i", "sd2i", "yi", "vi", "sei"),
]
CELLS = st.sampled_from(["", "NA", "0", "1", "2", "-3", "0.5", "1e300", "A", "SMD", "OR", "2001"])


@settings(deadline=None)
@given(rows=st.lists(st.tuples(*[CELLS] * len(COLUMNS)), min_size=1, max_size=5))
def test_every_row_is_in_a_draft_or_refused_and_none_is_both(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    text = "\n".join(",".join(row) for row in (COLUMNS, *rows))
    try:
        found = reading(tmp_path_factory.mktemp("rows"), text)
    except FileProblem:
        return
    list(found.sizes())
    assert len(list(accounted(found))) == len(set(accounted(found))) == found.rows


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_reading_or_a_file_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "made-up.csv"
    path.write_bytes(b"study,ai,n1i,ci,n2i,yi\n" + data)
    try:
        found = read(open_file(path), ARMS)
    except FileProblem:
        return
    assert len(list(accounted(found))) == found.rows
