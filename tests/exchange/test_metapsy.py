"""Metapsy databases: every row in, told of, or refused; arms, results, effect sizes, their sign."""

import csv
import io
from collections.abc import Iterator, Mapping
from math import isclose, log, pi, sqrt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.exchange.drafts import Fate, Reading, StudyDraft
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers.metapsy import read
from kb.exchange.study_records import rows_of

MADE_UP = Path(__file__).parent / "files" / "made-up-metapsy.csv"
OUTCOME = {"outcome": "made-up outcome"}
ROW = {
    "study": "Madeupson, 2001",
    "condition_arm1": "cbt",
    "condition_arm2": "wl",
    "instrument": "Made-up Scale",
    "time": "post",
}
SCORES = {"mean_arm1": "10", "mean_arm2": "14", "sd_arm1": "4", "sd_arm2": "4"} | {
    "n_arm1": "20",
    "n_arm2": "20",
}


def saved(folder: Path, *rows: Mapping[str, str], delimiter: str = ",") -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="NA", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "made-up.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def reading(folder: Path, *rows: Mapping[str, str], **constants: str) -> Reading:
    return read(open_file(saved(folder, *rows)), OUTCOME | constants)


def only(reading: Reading) -> StudyDraft:
    (study,) = reading.studies()
    return study


def told(reading: Reading, fate: Fate) -> list[tuple[int, str]]:
    return [(note.row, note.rule) for note in reading.notes if note.fate == fate]


@pytest.fixture(name="made_up", scope="module")
def read_made_up() -> Reading:
    return read(open_file(MADE_UP), OUTCOME)


def test_a_database_with_semicolons_and_decimal_commas_is_read_by_study(made_up: Reading) -> None:
    studies = list(made_up.studies())
    assert [study.name for study in studies] == [
        "Madeupson, 2001",
        "Inventor, 2005",
        "Fictional, 2010",
    ]
    assert [sorted(study.words) for study in studies] == [[2, 4], [3], [5]]
    assert made_up.rows == 4
    assert told(made_up, Fate.REFUSED) == []


def test_studies_may_be_asked_for_again_and_are_the_same(made_up: Reading) -> None:
    assert list(made_up.studies()) == list(made_up.studies())
    assert list(made_up.sizes()) == list(made_up.sizes())


def test_arms_of_one_condition_are_told_apart_and_a_shared_control_is_one(made_up: Reading) -> None:
    study = next(made_up.studies())
    assert [(arm.name, arm.role, arm.delivery) for arm in study.arms] == [
        ("cbt (group)", "intervention", "group"),
        ("wl", None, None),
        ("cbt (internet)", "intervention", "individual"),
    ]
    (measured,) = study.measurements
    assert [(each.arm, each.row) for each in measured.arm_results] == [
        ("cbt (group)", 2),
        ("wl", 2),
        ("cbt (internet)", 4),
    ]


def test_a_score_has_mean_sd_and_n_and_no_second_effect(made_up: Reading) -> None:
    study = next(made_up.studies())
    (measured,) = study.measurements
    first = measured.arm_results[0]
    assert (first.mean, first.sd, first.n) == (10.5, 4.0, 20)
    assert measured.contrasts == []
    assert (measured.outcome, measured.instrument) == ("made-up outcome", "Made-up Scale")
    assert measured.instrument_detail == "self-report"
    assert measured.time == "post, 12 weeks"
    assert measured.months == round(12 * 7 / 30.4375, 3)


def test_a_study_has_its_year_country_size_and_report(made_up: Reading) -> None:
    study = next(made_up.studies())
    assert (study.year, study.countries, study.randomised) == (2001, ["Canada"], 66)
    (report,) = study.reports
    assert report.title == "A made-up trial of groups"
    assert report.authors == "Madeupson A, Other B"
    assert (report.container, report.year, report.volume) == ("Made-up Journal", 2001, "12")
    assert (report.issue, report.pages) == ("3", "1-9")
    assert (report.doi, report.pmid) == ("10.99999/made.up", "99999999")
    assert report.note == report.name


def test_a_reference_of_another_form_is_kept_whole_and_not_taken_apart(made_up: Reading) -> None:
    _, study, _ = made_up.studies()
    (report,) = study.reports
    assert report.title is None
    assert report.authors is None
    assert report.note == "Inventor C. (2005). Made up."


def test_events_are_an_outcome_of_their_own(made_up: Reading) -> None:
    _, study, _ = made_up.studies()
    (measured,) = study.measurements
    assert measured.outcome == "made-up outcome: remission"
    assert [(each.arm, each.events, each.n) for each in measured.arm_results] == [
        ("ipt", 12, 20),
        ("cau", 5, 20),
    ]


def test_an_effect_size_without_data_is_a_contrast_that_says_where_it_comes_from(
    made_up: Reading,
) -> None:
    *_, study = made_up.studies()
    (measured,) = study.measurements
    (contrast,) = measured.contrasts
    assert (contrast.arm, contrast.comparator) == ("act", "wl")
    assert (contrast.statistic, contrast.estimate, contrast.se) == ("SMD", -0.5, 0.2)
    assert contrast.derivation is not None
    assert contrast.derivation.inputs == "g=-0.5; g_se=0.2"
    assert study.countries == ["Canada", "Chile"]


def test_effect_sizes_beside_data_are_stated_with_the_data(made_up: Reading) -> None:
    sizes = list(made_up.sizes())
    assert [(size.row, size.measure, size.estimate) for size in sizes] == [
        (2, "SMD", -0.955),
        (4, "SMD", -0.473),
        (3, "RR", 0.8754687373539),
    ]
    assert sizes[0].data == {
        "m1i": 10.5,
        "sd1i": 4.0,
        "n1i": 20.0,
        "m2i": 14.5,
        "sd2i": 4.2,
        "n2i": 22.0,
    }
    assert sizes[2].data == {"ai": 12.0, "n1i": 20.0, "ci": 5.0, "n2i": 20.0}


def test_the_words_of_a_row_are_its_pairs_without_blanks_in_a_value(made_up: Reading) -> None:
    study = next(made_up.studies())
    pairs = study.words[2].split(" ")
    assert pairs[:3] == ["study=Madeupson,_2001", "condition_arm1=cbt", "condition_arm2=wl"]
    assert "mean_arm1=10,5" in pairs
    assert len(pairs) <= 25
    assert all("=" in pair for pair in pairs)


def test_columns_and_words_that_nothing_takes_are_named(made_up: Reading) -> None:
    ignored = {note.field: note.message for note in made_up.notes if note.fate == Fate.IGNORED}
    assert set(ignored) == {"column 1", "percent_women", "country", "format"}
    assert "'other' (1)" in ignored["country"]
    assert "'self-help' (1)" in ignored["format"]


def test_the_outcome_must_be_said_where_no_column_does(tmp_path: Path) -> None:
    file = open_file(saved(tmp_path, ROW | SCORES))
    with pytest.raises(FileProblem, match="does not name the outcome") as caught:
        read(file, {})
    assert "--set outcome=" in caught.value.remedy


def test_a_column_of_outcomes_is_taken_and_a_row_without_one_refused(tmp_path: Path) -> None:
    rows = [ROW | SCORES | {"outcome": "pain"}, ROW | SCORES]
    found = read(open_file(saved(tmp_path, *rows)), {})
    assert only(found).measurements[0].outcome == "pain"
    assert told(found, Fate.REFUSED) == [(3, "no outcome")]


@pytest.mark.parametrize(
    ("constants", "says"),
    [
        ({"outcome": "x", "colour": "red"}, "nothing called 'colour'"),
        ({"outcome": "x", "instrument": "y"}, "has a column 'instrument'"),
        ({"outcome": "x", "sign": "plus"}, "sign cannot be 'plus'"),
        ({"outcome": "x", "better": "more"}, "better cannot be 'more'"),
    ],
    ids=["unknown", "taken", "sign", "better"],
)
def test_constants_that_have_no_use_are_refused(
    tmp_path: Path, constants: dict[str, str], says: str
) -> None:
    with pytest.raises(FileProblem, match=says):
        read(open_file(saved(tmp_path, ROW | SCORES)), constants)


def test_a_table_that_is_no_database_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="no column condition_arm1, condition_arm2"):
        read(open_file(saved(tmp_path, {"study": "A", "yi": "1"})), OUTCOME)


def test_constants_stand_for_columns_that_are_not_there(tmp_path: Path) -> None:
    row = {name: value for name, value in (ROW | SCORES).items() if name != "time"}
    found = reading(tmp_path, row, time="6 months", design="rct", cancer="breast", better="lower")
    study = only(found)
    assert (study.design, study.cancers) == ("rct", ["breast"])
    assert study.measurements[0].time == "6 months"
    assert study.measurements[0].favours_low is True


def test_columns_are_found_in_any_case_and_with_or_without_a_point(tmp_path: Path) -> None:
    row = {name.upper(): value for name, value in (ROW | SCORES).items()} | {"g": "-0.98"}
    assert [size.estimate for size in reading(tmp_path, row).sizes()] == [-0.98]


@pytest.mark.parametrize(
    ("g", "estimate"), [("-0.98", 0.4), ("0.98", -0.4)], ids=["as-is", "turned"]
)
def test_the_sign_of_sizes_without_data_is_that_of_those_with_data(
    tmp_path: Path, g: str, estimate: float
) -> None:
    other = ROW | {"study": "Other, 2002", ".g": "0.4", ".g_se": "0.2"}
    found = reading(tmp_path, ROW | SCORES | {".g": g}, other)
    *_, study = found.studies()
    assert study.measurements[0].contrasts[0].estimate == estimate


def test_a_sign_is_learned_by_instrument(tmp_path: Path) -> None:
    turned = ROW | SCORES | {".g": "0.98", "instrument": "Another Scale", "study": "B, 2002"}
    plain = ROW | SCORES | {".g": "-0.98"}
    alone = ROW | {".g": "0.4", "instrument": "Another Scale", "study": "C, 2003"}
    *_, study = reading(tmp_path, plain, turned, alone).studies()
    assert study.measurements[0].contrasts[0].estimate == -0.4


def test_a_size_whose_sign_nothing_tells_is_refused_until_it_is_said(tmp_path: Path) -> None:
    row = ROW | {".g": "0.4", ".g_se": "0.2"}
    assert told(reading(tmp_path, row), Fate.REFUSED) == [(2, "direction unknown")]
    said = only(reading(tmp_path, row, sign="arm2-arm1"))
    assert said.measurements[0].contrasts[0].estimate == -0.4


def test_a_log_risk_ratio_without_events_is_a_ratio_on_its_natural_scale(tmp_path: Path) -> None:
    row = ROW | {"precalc_log_rr": "0.6931471805599453", "precalc_log_rr_se": "0.3"}
    (contrast,) = only(reading(tmp_path, row)).measurements[0].contrasts
    assert contrast.statistic == "RR"
    assert contrast.estimate is not None
    assert isclose(contrast.estimate, 2, rel_tol=1e-12)
    assert contrast.se == 0.3


def test_changes_from_baseline_are_a_derived_difference_and_never_final_means(
    tmp_path: Path,
) -> None:
    changes = {name.replace("_arm", "_change_arm"): value for name, value in SCORES.items()}
    (measured,) = only(reading(tmp_path, ROW | changes)).measurements
    assert measured.arm_results == []
    (contrast,) = measured.contrasts
    assert contrast.analysis == "change from baseline"
    assert contrast.n == 40
    assert contrast.derivation is not None
    assert "change" in contrast.derivation.formula
    # R: metafor::escalc("SMD", m1i=10, sd1i=4, n1i=20, m2i=14, sd2i=4, n2i=20)
    assert contrast.estimate is not None
    assert contrast.se is not None
    assert isclose(contrast.estimate, -0.980110402131, rel_tol=1e-11)
    assert isclose(contrast.se, 0.334675521968, rel_tol=1e-11)


@pytest.mark.parametrize(
    "beside",
    [
        SCORES | {"mean_change_arm1": "-3"},
        {"mean_change_arm1": "-3", "sd_change_arm1": "2"},
        SCORES | {".log_rr": "0.3"},
    ],
    ids=["change-beside-scores", "half-a-change", "ratio-beside-scores"],
)
def test_numbers_that_have_no_place_are_told(tmp_path: Path, beside: dict[str, str]) -> None:
    found = reading(tmp_path, ROW | beside)
    assert (2, "value left out") in told(found, Fate.WARNED)


def test_a_given_size_beside_data_is_stated_where_no_computed_one_is(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES | {"precalc_g": "-0.98", "precalc_g_se": "0.33"})
    assert [(size.estimate, size.se) for size in found.sizes()] == [(-0.98, 0.33)]


def test_a_row_that_says_the_same_again_is_refused(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES, ROW | SCORES)
    assert told(found, Fate.REFUSED) == [(3, "doubled row")]
    assert list(only(found).words) == [2]


def test_other_values_of_one_arm_become_a_measurement_of_their_own(tmp_path: Path) -> None:
    rows = [
        ROW | SCORES | {"completer": "itt"},
        ROW | SCORES | {"completer": "completer", "n_arm1": "15"},
        ROW | SCORES | {"completer": "completer", "n_arm1": "14", "n_arm2": "13"},
    ]
    found = reading(tmp_path, *rows)
    measured = only(found).measurements
    assert [each.instrument_detail for each in measured] == [None, "completer", "cbt v wl"]
    assert told(found, Fate.WARNED) == [
        (3, "values of an arm differ"),
        (4, "values of an arm differ"),
    ]
    assert [len(each.arm_results) for each in measured] == [2, 2, 2]


def test_two_arms_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES | {"condition_arm2": "cbt"})
    assert told(found, Fate.REFUSED) == [(2, "arms not told apart")]
    told_apart = {"condition_arm2": "cbt", "multi_arm1": "group", "multi_arm2": "web"}
    study = only(reading(tmp_path, ROW | SCORES | told_apart))
    assert [arm.name for arm in study.arms] == ["cbt (group)", "cbt (web)"]


@pytest.mark.parametrize(
    ("said", "sessions"),
    [(("12", "12"), 12), (("12", "NA"), 12), (("NA", "NA"), None)],
)
def test_rows_that_agree_on_sessions_tell_them(
    tmp_path: Path, said: tuple[str, str], sessions: int | None
) -> None:
    found = reading(tmp_path, *_with_sessions(said))
    assert only(found).arms[0].sessions == sessions
    assert told(found, Fate.WARNED) == []


@pytest.mark.parametrize("said", [("12", "10"), ("8.5", "8.5"), ("-3", "NA")])
def test_sessions_that_are_no_one_whole_number_are_left_out_and_said(
    tmp_path: Path, said: tuple[str, str]
) -> None:
    found = reading(tmp_path, *_with_sessions(said))
    assert only(found).arms[0].sessions is None
    assert [rule for _, rule in told(found, Fate.WARNED)] == ["value left out"]


def _with_sessions(said: tuple[str, str]) -> list[dict[str, str]]:
    times = zip(("post", "fu"), said, strict=True)
    return [ROW | SCORES | {"time": time, "n_sessions_arm1": number} for time, number in times]


def test_a_nameless_arm_with_a_result_is_refused_and_one_without_is_not(tmp_path: Path) -> None:
    nameless = {"condition_arm1": "NA"}
    half = {"mean_arm1": "NA", "sd_arm1": "NA", "n_arm1": "NA"}
    assert told(reading(tmp_path, ROW | SCORES | nameless), Fate.REFUSED) == [
        (2, "arm without a name")
    ]
    found = reading(tmp_path, ROW | SCORES | nameless | half)
    assert [each.arm for each in only(found).measurements[0].arm_results] == ["wl"]
    assert told(found, Fate.WARNED) == [(2, "no comparison")]


def test_rows_of_one_arm_each_that_are_compared_are_not_said_to_be_of_no_comparison(
    tmp_path: Path,
) -> None:
    first = ROW | SCORES | dict.fromkeys(("condition_arm2", "mean_arm2", "sd_arm2", "n_arm2"), "NA")
    other = ROW | SCORES | dict.fromkeys(("condition_arm1", "mean_arm1", "sd_arm1", "n_arm1"), "NA")
    together = reading(tmp_path, first, other)
    (measured,) = only(together).measurements
    assert [(each.row, each.arm) for each in measured.arm_results] == [(2, "cbt"), (3, "wl")]
    assert told(together, Fate.WARNED) == []

    apart = reading(tmp_path, first, other | {"time": "fu"})
    assert told(apart, Fate.WARNED) == [(2, "no comparison"), (3, "no comparison")]
    another = reading(tmp_path, first | {"condition_arm2": "usual care"}, other)
    assert told(another, Fate.WARNED) == [(2, "no comparison")]


def test_a_row_whose_arms_other_rows_show_is_in(tmp_path: Path) -> None:
    usual = {"condition_arm2": "usual care", "mean_arm2": "15"}
    between = SCORES | usual | {"condition_arm1": "wl", "mean_arm1": "14"}
    found = reading(tmp_path, ROW | SCORES, ROW | SCORES | usual, ROW | between)
    assert rows_of(only(found)) == {2, 3, 4}
    assert found.notes == ()


def test_the_sizes_beside_a_given_effect_are_not_said_to_be_lost(tmp_path: Path) -> None:
    given = {"precalc_g": "-0.4", "precalc_g_se": "0.2", "n_arm1": "20", "n_arm2": "22"}
    found = reading(tmp_path, ROW | given, sign="arm1-arm2")
    assert only(found).measurements[0].contrasts[0].n == 42
    assert told(found, Fate.WARNED) == []


@pytest.mark.parametrize(("weeks", "time"), [("1", "post, 1 week"), ("1.5", "post, 1.5 weeks")])
def test_one_week_is_no_weeks(weeks: str, time: str, tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES | {"time_weeks": weeks})
    assert only(found).measurements[0].time == time


def test_a_row_without_values_says_that_the_outcome_was_measured(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW)
    assert only(found).measurements[0].outcome == "made-up outcome"
    assert told(found, Fate.WARNED) == [(2, "no comparison")]


def test_a_cell_that_is_no_number_is_missing_and_told(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES | {"sd_arm1": "four", "n_arm2": "20.5"})
    results = only(found).measurements[0].arm_results
    assert (results[0].sd, results[1].n) == (None, None)
    assert told(found, Fate.WARNED) == [(2, "not a number"), (2, "not a number")]


def test_a_size_and_an_sd_without_a_mean_are_told(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES | {"mean_arm2": "NA"})
    assert (2, "half a result") in told(found, Fate.WARNED)


def test_a_second_effect_size_is_told_where_rounding_does_not_explain_it(tmp_path: Path) -> None:
    data = ROW | SCORES | {".g": "-0.980132"}
    assert told(reading(tmp_path, data | {"precalc_g": "-0.98"}), Fate.WARNED) == []
    differing = data | {"precalc_g": "0.98", "g_data_source": "Adjusted MD"}
    found = reading(tmp_path, differing)
    assert told(found, Fate.WARNED) == [(2, "two effect sizes")]
    assert any("Adjusted MD" in note.message for note in found.notes)


def test_a_size_of_events_is_the_corrected_log_odds_ratio_as_metapsy_computes_it(
    tmp_path: Path,
) -> None:
    events = {"event_arm1": "12", "event_arm2": "5", "totaln_arm1": "20", "totaln_arm2": "20"}
    g = log(12 * 15 / (8 * 5)) * sqrt(3) / pi * (1 - 3 / (4 * 40 - 9))
    assert told(reading(tmp_path, ROW | events | {".g": repr(-g)}), Fate.WARNED) == []
    found = reading(tmp_path, ROW | events | {".g": repr(g + 0.1)})
    assert told(found, Fate.WARNED) == [(2, "size not of events")]


def test_five_judgements_in_the_words_of_rob_2_are_its_domains(tmp_path: Path) -> None:
    judged = {f"rob_d{i}": "Low" for i in range(1, 5)} | {"rob_d5": "Some Concerns", "rob": "High"}
    study = only(reading(tmp_path, ROW | SCORES | judged))
    assert [(each.tool, each.domain, each.judgement) for each in study.risk_of_bias] == [
        ("RoB 2", "Randomisation process", "Low"),
        ("RoB 2", "Deviations from intended interventions", "Low"),
        ("RoB 2", "Missing outcome data", "Low"),
        ("RoB 2", "Measurement of the outcome", "Low"),
        ("RoB 2", "Selection of the reported result", "Some Concerns"),
        ("RoB 2", "Overall", "High"),
    ]


def test_judgements_of_an_unknown_tool_are_left_out_and_named(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES | {"rob": "3"})
    assert only(found).risk_of_bias == []
    assert [note.field for note in found.notes if note.fate == Fate.IGNORED] == ["rob"]


def test_what_rows_of_a_study_disagree_on_is_left_out_and_told(tmp_path: Path) -> None:
    second = {"instrument": "Another Scale", "n_randomized": "50"}
    found = reading(tmp_path, ROW | SCORES | {"n_randomized": "40"}, ROW | SCORES | second)
    assert only(found).randomised is None
    assert told(found, Fate.WARNED) == [(3, "rows differ")]


def test_a_reference_of_another_year_is_told(tmp_path: Path) -> None:
    found = reading(tmp_path, ROW | SCORES | {"full_ref": "Madeupson A. Made up. 1987"})
    assert told(found, Fate.WARNED) == [(2, "year of the reference")]


def test_rows_of_a_study_need_not_stand_together(tmp_path: Path) -> None:
    rows = [
        ROW | SCORES | {"study": study, "instrument": instrument}
        for instrument in ("One", "Two")
        for study in ("A, 2001", "B, 2002")
    ]
    studies = list(reading(tmp_path, *rows).studies())
    assert [sorted(study.words) for study in studies] == [[2, 4], [3, 5]]


CELLS = st.sampled_from(["", "NA", "1", "2.5", "-3", "1e400", "x", "cbt", "Low", "2001", "=1+1"])
COLUMNS = [*ROW, *SCORES, "multi_arm1", ".g", "precalc_g", ".log_rr", "event_arm1", "totaln_arm1"]


def accounted(reading: Reading) -> Iterator[int]:
    """Yield the rows that are in a draft, and those that are refused."""
    for study in reading.studies():
        yield from rows_of(study)
    yield from (note.row for note in reading.notes if note.fate == Fate.REFUSED)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=6))
def test_every_row_is_in_a_draft_or_refused_and_none_is_both(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    try:
        found = reading(tmp_path_factory.mktemp("rows"), *rows)
    except FileProblem:
        return
    assert len(list(accounted(found))) == found.rows
    assert len(set(accounted(found))) == found.rows


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_reading_or_a_file_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "made-up.csv"
    path.write_bytes(b"study;condition_arm1;condition_arm2;mean_arm1;.g\n" + data)
    try:
        found = read(open_file(path), OUTCOME)
    except FileProblem:
        return
    assert len(list(accounted(found))) == found.rows
