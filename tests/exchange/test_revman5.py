"""RevMan 5 files: made-up reviews of every kind of data, as drafts."""

import re
from contextlib import suppress
from math import exp, log, sqrt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.exchange.drafts import (
    Fate,
    MeasurementDraft,
    Reading,
    ReviewDraft,
    RiskOfBiasDraft,
    StudyDraft,
)
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers import revman5
from tests.exchange.revman_files import (
    LABELS,
    MADE_UP,
    STUDIES,
    Record,
    accounted,
    analysis,
    rm5,
    saved,
)


def reading(folder: Path, content: bytes | str) -> Reading:
    return revman5.read(saved(folder, "made-up.rm5", content), {})


def read(folder: Path, *analyses: Record, **parts: str) -> Reading:
    return reading(folder, rm5(analyses, **parts))


def study(found: Reading, name: str = "Ash 2001") -> StudyDraft:
    return next(each for each in found.studies() if each.name == name)


def measured(found: Reading, name: str = "Ash 2001") -> MeasurementDraft:
    (only,) = study(found, name).measurements
    return only


def review(found: Reading) -> ReviewDraft:
    assert found.review is not None
    return found.review


def rules(found: Reading, fate: Fate) -> list[str]:
    return [note.rule for note in found.notes if note.fate == fate]


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-8", "UTF-16"])
def test_every_kind_of_data_is_read_in_every_code(encoding: str, tmp_path: Path) -> None:
    found = reading(tmp_path, rm5(encoding=encoding))
    assert [each.name for each in found.studies()] == list(STUDIES)
    assert found.rows == len(accounted(found)) == sum(len(a["data"]["study"]) for a in MADE_UP) + 6
    subgroups = sum(len(made.get("subgroups", {})) for made in MADE_UP)
    assert len(review(found).pools) == len(MADE_UP) + subgroups


def test_counts_become_the_results_of_arms(tmp_path: Path) -> None:
    found = measured(read(tmp_path, analysis("1.1")))
    assert found.outcome == "Made-up relapse, odds"
    results = [(each.arm, each.events, each.n, each.mean) for each in found.arm_results]
    assert results == [(LABELS[0], 12, 60, None), (LABELS[1], 20, 62, None)]
    assert found.contrasts == []


def test_the_arms_have_their_roles(tmp_path: Path) -> None:
    arms = study(read(tmp_path, analysis("1.1"))).arms
    assert [(arm.name, arm.role) for arm in arms] == [
        (LABELS[0], "intervention"),
        (LABELS[1], "control"),
    ]


def test_means_become_the_results_of_arms(tmp_path: Path) -> None:
    first, second = measured(read(tmp_path, analysis("1.6"))).arm_results
    assert (first.mean, first.sd, first.n, first.events) == (10.2, 4.1, 58, None)
    assert (second.mean, second.sd, second.n) == (12.0, 4.6, 60)


def test_means_whose_differences_are_pooled_are_in_one_unit(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.6"))
    units = {r.unit for each in found.studies() for m in each.measurements for r in m.arm_results}
    assert units == {"that of analysis 1.6"}
    text = rm5([analysis("1.6")]).replace(b"<CONT_OUTCOME", b'<CONT_OUTCOME UNITS="points"')
    assert measured(reading(tmp_path, text)).arm_results[0].unit == "points"


def test_means_that_are_standardised_first_take_their_unit_from_where_they_are_not(
    tmp_path: Path,
) -> None:
    standardised = {**analysis("1.7"), "name": "Made-up distress"}
    assert measured(read(tmp_path, standardised)).arm_results[0].unit is None
    both = read(tmp_path, standardised, analysis("2.1"))
    assert measured(both).arm_results[0].unit == "that of analysis 2.1"


def test_a_study_without_events_is_read_though_it_is_not_in_the_pool(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.1"))
    assert [each.events for each in measured(found, "Elm 2005").arm_results] == [0, 0]
    (pool,) = review(found).pools
    assert "Elm 2005" not in [member.study for member in pool.members]


def test_generic_ratios_come_on_their_natural_scale_with_how_they_were_computed(
    tmp_path: Path,
) -> None:
    (contrast,) = measured(read(tmp_path, analysis("1.8"))).contrasts
    assert contrast.statistic == "HR"
    assert contrast.estimate == pytest.approx(exp(-0.35))
    assert contrast.se == 0.14
    assert contrast.ci_low == pytest.approx(exp(-0.35 - 1.959963984540054 * 0.14), rel=1e-14)
    assert contrast.ci_level == 95
    assert contrast.derivation is not None
    assert contrast.derivation.inputs == "logarithm -0.35, standard error 0.14"


def without_estimate(text: bytes) -> bytes:
    return text.replace(b"ESTIMATE=", b"FORMERLY=")


def test_an_effect_alone_is_read_on_the_scale_that_its_interval_tells(tmp_path: Path) -> None:
    natural = reading(tmp_path, without_estimate(rm5([analysis("1.8")])))
    (contrast,) = measured(natural).contrasts
    assert contrast.estimate == pytest.approx(exp(-0.35))


def test_an_effect_that_is_a_logarithm_is_known_by_its_interval(tmp_path: Path) -> None:
    made = analysis("1.8")
    rows = {
        name: [log(value) for value in values]
        if name in {"estimate", "ci_low", "ci_high"}
        else values
        for name, values in made["rows"].items()
    }
    found = reading(tmp_path, without_estimate(rm5([{**made, "rows": rows}])))
    (contrast,) = measured(found).contrasts
    assert contrast.estimate == pytest.approx(exp(-0.35))


def test_an_effect_on_an_unknown_scale_is_refused(tmp_path: Path) -> None:
    made = analysis("1.8")
    rows = {**made["rows"], "ci_high": [9.0, 9.0, 9.0, 9.0]}
    found = reading(tmp_path, without_estimate(rm5([{**made, "rows": rows}])))
    assert rules(found, Fate.REFUSED) == ["no data"] * 4
    assert "does not tell whether its estimate is a logarithm" in found.notes[0].message
    assert review(found).pools[0].members == ()


def test_observed_minus_expected_gives_a_hazard_ratio_and_keeps_the_counts(tmp_path: Path) -> None:
    found = measured(read(tmp_path, analysis("1.9")))
    (contrast,) = found.contrasts
    assert contrast.statistic == "HR"
    assert contrast.estimate == pytest.approx(exp(-5.2 / 14.6))
    assert contrast.se == pytest.approx(1 / sqrt(14.6))
    assert contrast.derivation is not None
    assert contrast.derivation.formula.startswith("exp((O - E) / V)")
    assert contrast.derivation.inputs == "O - E = -5.2, V = 14.6"
    assert [(each.events, each.n) for each in found.arm_results] == [(30, 60), (37, 62)]


def test_subgroups_that_group_studies_are_no_populations_and_have_pools_of_their_own(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, analysis("1.2"))
    (first, _) = measured(found).arm_results
    assert first.population is None
    assert first.note == "in the subgroup 'online' of analysis 1.2"
    assert [pool.subgroup for pool in review(found).pools] == [None, "online", "in person"]
    assert [len(pool.members) for pool in review(found).pools] == [5, 3, 2]


def test_subgroups_are_populations_where_there_is_no_total(tmp_path: Path) -> None:
    found = read(tmp_path, {**analysis("1.2"), "totals": "SUB"})
    assert {each.population for each in measured(found).arm_results} == {"online"}
    assert {each.population for each in measured(found, "Fir 2006").arm_results} == {"in person"}


def test_subgroups_are_populations_of_a_study_that_is_in_several(tmp_path: Path) -> None:
    made = analysis("1.2")
    studies = ["Ash 2001", *made["data"]["study"][1:5], "Ash 2001"]
    found = read(tmp_path, {**made, "data": {**made["data"], "study": studies}})
    results = measured(found).arm_results
    assert [each.population for each in results] == ["online"] * 2 + ["in person"] * 2
    assert {each.population for each in measured(found, "Elm 2005").arm_results} == {None}


def test_what_a_pool_states_comes_with_its_settings(tmp_path: Path) -> None:
    made = analysis("1.7")
    (pool,) = review(read(tmp_path, made)).pools
    assert (pool.statistic, pool.model, pool.method) == ("SMD", "random", "IV")
    assert (pool.estimator, pool.test, pool.ci_level) == ("DL", "z", 95.0)
    assert (pool.estimate, pool.ci_low, pool.tau2, pool.q) == tuple(
        made["pool"][name] for name in ("estimate", "ci_low", "tau2", "q")
    )
    assert pool.participants == 58 + 115 + 30 + 77 + 60 + 112 + 31 + 80
    assert pool.members[0].data == {
        "m1i": 10.2,
        "sd1i": 4.1,
        "n1i": 58,
        "m2i": 12.0,
        "sd2i": 4.6,
        "n2i": 60,
    }


@pytest.mark.parametrize(
    ("totals", "subgroups"),
    [("YES", [None, "online", "in person"]), ("SUB", ["online", "in person"]), ("NO", [])],
)
def test_totals_that_are_off_are_no_results(
    totals: str, subgroups: list[str | None], tmp_path: Path
) -> None:
    found = read(tmp_path, {**analysis("1.2"), "totals": totals})
    assert [pool.subgroup for pool in review(found).pools] == subgroups


def test_swapped_events_are_stored_as_entered_and_pooled_as_swapped(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.5"))
    assert measured(found).arm_results[0].events == 12
    (pool,) = review(found).pools
    assert pool.members[0].data["ai"] == 60 - 12
    assert rules(found, Fate.WARNED) == ["events swapped"]


def test_a_pooled_ratio_that_is_not_above_zero_is_none(tmp_path: Path) -> None:
    made = analysis("1.8")
    logs = {**made["pool"], "estimate": -0.2, "ci_low": -0.4, "ci_high": 0.1}
    found = read(tmp_path, {**made, "pool": logs})
    assert review(found).pools == []
    assert rules(found, Fate.WARNED) == ["no pooled result"]


@pytest.mark.parametrize("empty", ["", "0.0"])
def test_a_result_that_revman_did_not_compute_is_none(empty: str, tmp_path: Path) -> None:
    """As in the public example of R's meta, whose second analysis has data and no numbers."""
    made = analysis("1.6")
    made = {**made, "pool": dict.fromkeys(made["pool"], empty)}
    text = rm5([made]).replace(f"=\"'{empty}'\"".encode(), f'="{empty}"'.encode())
    found = reading(tmp_path, text)
    assert review(found).pools == []
    assert rules(found, Fate.WARNED) == ["no pooled result"]
    assert len(measured(found).arm_results) == 2


def test_the_same_data_in_another_analysis_are_taken_once(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.6"), analysis("2.1"))
    assert len(measured(found).arm_results) == 2
    assert rules(found, Fate.REFUSED) == ["same data again"] * 4
    assert "has the data of analysis 1.6 again" in found.notes[0].message
    assert accounted(found) == set(range(1, found.rows + 1))
    assert len(review(found).pools) == 2


def test_the_same_data_in_two_subgroups_are_taken_once(tmp_path: Path) -> None:
    made = analysis("1.2")
    both = {name: [values[0], values[0]] for name, values in made["data"].items()}
    both["subgroup"] = ["online", "in person"]
    rows = {name: [values[0], values[0]] for name, values in made["rows"].items()}
    found = read(tmp_path, {**made, "data": both, "rows": rows})
    assert len(measured(found).arm_results) == 2
    assert rules(found, Fate.REFUSED) == ["same data again"]


def test_other_data_of_the_same_outcome_and_arms_are_kept_apart(tmp_path: Path) -> None:
    first = analysis("1.6")
    data = {**first["data"], "m1i": [1.0, 2.0, 3.0, 4.0]}
    found = read(tmp_path, first, {**first, "number": "2.1", "data": data})
    populations = [(each.population, each.mean) for each in measured(found).arm_results]
    assert populations == [
        (None, 10.2),
        (None, 12.0),
        ("analysis 2.1", 1.0),
        ("analysis 2.1", 12.0),
    ]
    assert rules(found, Fate.WARNED) == ["other data for the same"] * 4


def test_labels_that_revman_sets_do_not_make_two_comparisons_one(tmp_path: Path) -> None:
    other = {**analysis("2.1"), "name": "Made-up mood"}
    label = f"<GROUP_LABEL_1>{LABELS[0]}".encode()
    text = rm5([analysis("1.6"), other]).replace(label, b"<GROUP_LABEL_1>Experimental")
    assert [arm.name for arm in study(reading(tmp_path, text)).arms] == [
        "Experimental (Made-up group against usual care)",
        LABELS[1],
        "Experimental (The same again)",
    ]


def test_a_standard_deviation_of_zero_is_none(tmp_path: Path) -> None:
    made = analysis("1.6")
    found = read(tmp_path, {**made, "data": {**made["data"], "sd1i": [0.0, 1.0, 1.0, 1.0]}})
    assert (measured(found).arm_results[0].mean, measured(found).arm_results[0].sd) == (10.2, None)
    assert rules(found, Fate.WARNED) == ["no standard deviation"]


def test_a_row_without_people_is_refused(tmp_path: Path) -> None:
    made = analysis("1.1")
    zeros = {name: [0, *made["data"][name][1:]] for name in ("ai", "n1i", "ci", "n2i")}
    found = read(tmp_path, {**made, "data": {**made["data"], **zeros}})
    assert rules(found, Fate.REFUSED) == ["no data"]
    assert study(found).measurements == []
    assert accounted(found) == set(range(1, found.rows + 1))


@pytest.mark.parametrize("wrong", ["12.5", "-3", "made up"])
def test_a_count_that_is_none_refuses_its_row(wrong: str, tmp_path: Path) -> None:
    text = rm5([analysis("1.1")]).replace(b'EVENTS_1="12"', f'EVENTS_1="{wrong}"'.encode())
    found = reading(tmp_path, text)
    (note,) = [each for each in found.notes if each.fate == Fate.REFUSED]
    assert "Ash 2001" in note.message
    assert study(found).measurements == []


def test_a_measure_that_the_base_has_not_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, {**analysis("1.8"), "effect": "Rate Ratio"})
    assert rules(found, Fate.REFUSED) == ["no data"] * 4
    assert "no statistic for 'Rate Ratio'" in found.notes[0].message
    assert review(found).pools == []


def test_free_text_says_that_an_outcome_was_measured(tmp_path: Path) -> None:
    other = (
        '<OTHER_OUTCOME NO="1" TOTALS="NO"><NAME>Made-up cost</NAME>'
        '<OTHER_DATA STUDY_ID="STD-Ash-2001"><TR><TD>Twice as much.</TD></TR></OTHER_DATA>'
        "</OTHER_OUTCOME>"
    )
    text = rm5([analysis("1.1")]).replace(b"</COMPARISON>", f"{other}</COMPARISON>".encode())
    found = reading(tmp_path, text)
    cost = study(found).measurements[1]
    assert (cost.outcome, cost.arm_results, cost.contrasts) == ("Made-up cost", [], [])
    assert study(found).words[cost.row] == "STUDY=Ash_2001 TEXT=Twice_as_much."
    assert rules(found, Fate.EXPLAINED) == ["free text"]


INCLUDED = """
<STUDY DATA_SOURCE="PUB" ID="STD-Ash-2001" NAME="Ash 2001" YEAR="2001">
<REFERENCE PRIMARY="YES" TYPE="JOURNAL_ARTICLE"><AU>Ash B, Made-Up CD</AU><TI>A made-up trial</TI>
<SO>Made-up Journal</SO><YR>2001</YR><VL>3</VL><NO>2</NO><PG>11-19</PG>
<IDENTIFIERS><IDENTIFIER TYPE="DOI" VALUE="10.5555/made.up"/>
<IDENTIFIER TYPE="PUBMED" VALUE="99999901"/></IDENTIFIERS></REFERENCE>
<REFERENCE PRIMARY="NO" TYPE="CONFERENCE_PROC"><AU>Ash B</AU><TI>The same on a poster</TI>
<YR>2000</YR></REFERENCE>
<REFERENCE PRIMARY="NO" TYPE="OTHER"><IDENTIFIERS/></REFERENCE>
<IDENTIFIERS><IDENTIFIER TYPE="CLINICALTRIALS" VALUE="NCT00000000"/></IDENTIFIERS>
</STUDY>
"""
CHARACTERISTICS = """
<CHARACTERISTICS_OF_STUDIES><CHARACTERISTICS_OF_INCLUDED_STUDIES>
<INCLUDED_CHAR STUDY_ID="STD-Ash-2001"><CHAR_METHODS><P>Made-up <B>trial</B></P></CHAR_METHODS>
<CHAR_PARTICIPANTS><P>Nobody</P></CHAR_PARTICIPANTS><CHAR_INTERVENTIONS/>
<CHAR_OUTCOMES><P>Relapse</P></CHAR_OUTCOMES><CHAR_NOTES><P>Made up</P></CHAR_NOTES>
</INCLUDED_CHAR></CHARACTERISTICS_OF_INCLUDED_STUDIES></CHARACTERISTICS_OF_STUDIES>
<MAIN_TEXT><P>Made-up text</P></MAIN_TEXT>
"""
ITEMS = """
<QUALITY_ITEM ID="QIT-01" LEVEL="STUDY" NO="1"><NAME>Random sequence generation</NAME>
<QUALITY_ITEM_DATA>
<QUALITY_ITEM_DATA_ENTRY RESULT="YES" STUDY_ID="STD-Ash-2001"><DESCRIPTION><P>By a made-up
table</P></DESCRIPTION></QUALITY_ITEM_DATA_ENTRY>
<QUALITY_ITEM_DATA_ENTRY RESULT="UNKNOWN" STUDY_ID="STD-Birch-2002"><DESCRIPTION/>
</QUALITY_ITEM_DATA_ENTRY></QUALITY_ITEM_DATA></QUALITY_ITEM>
<QUALITY_ITEM ID="QIT-03" LEVEL="GROUP" NO="3"><NAME>Blinding</NAME><QUALITY_ITEM_DATA>
<QUALITY_ITEM_DATA_ENTRY_GROUP ID="QIG-01"><NAME>Mood</NAME></QUALITY_ITEM_DATA_ENTRY_GROUP>
<QUALITY_ITEM_DATA_ENTRY GROUP_ID="QIG-01" RESULT="NO" STUDY_ID="STD-Ash-2001"><DESCRIPTION/>
</QUALITY_ITEM_DATA_ENTRY></QUALITY_ITEM_DATA></QUALITY_ITEM>
"""


def test_a_study_comes_with_its_references_and_characteristics(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.1"), included=INCLUDED, more=CHARACTERISTICS)
    ash = study(found)
    first, second = ash.reports
    assert (first.title, first.doi, first.pmid) == (
        "A made-up trial",
        "10.5555/made.up",
        "99999901",
    )
    assert (first.authors, first.container, first.year) == (
        "Ash B, Made-Up CD",
        "Made-up Journal",
        2001,
    )
    assert (first.volume, first.issue, first.pages) == ("3", "2", "11-19")
    assert (second.title, second.kind) == ("The same on a poster", "paper-conference")
    assert (ash.year, ash.registration, ash.design_detail) == (2001, "NCT00000000", "Made-up trial")
    assert ash.characteristics == {
        "baseline": "Participants: Nobody",
        "other": "Outcomes: Relapse Notes: Made up",
    }
    assert "MAIN_TEXT" in [note.field for note in found.notes if note.fate == Fate.IGNORED]


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("2001", 2001),
        ("2001a", 2001),
        (" published 2001 ", 2001),
        ("", None),
        ("20015", None),
        ("1999-2001", None),
        ("1066", None),
        ("in press", None),
    ],
)
def test_a_study_is_of_the_one_year_that_the_file_names(
    tmp_path: Path, written: str, year: int | None
) -> None:
    included = INCLUDED.replace('YEAR="2001"', f'YEAR="{written}"')
    found = read(tmp_path, analysis("1.1"), included=included)
    assert study(found).year == year
    unclear = [note.row for note in found.notes if note.rule == "no year"]
    assert unclear == ([] if year or not written else [study(found).row])


def test_long_texts_are_cut_and_said(tmp_path: Path) -> None:
    long = "<P>" + "made up " * 300 + "</P>"
    more = CHARACTERISTICS.replace("<P>Nobody</P>", long).replace("<P>Relapse</P>", long)
    more = more.replace("<P>Made-up <B>trial</B></P>", long)
    items = ITEMS.replace("By a made-up\ntable", long)
    found = read(tmp_path, analysis("1.1"), included=INCLUDED, more=more, items=items)
    ash = study(found)
    told = [(note.row, note.field) for note in found.notes if note.rule == "long text"]
    assert told == [
        (ash.row, "CHAR_METHODS"),
        (ash.row, "CHAR_PARTICIPANTS"),
        (ash.row, "CHAR_OUTCOMES"),
        (ash.risk_of_bias[0].row, "DESCRIPTION"),
    ]


def test_a_long_footnote_is_cut_and_said(tmp_path: Path) -> None:
    text = rm5([analysis("1.1")])
    footnoted = re.sub(
        rb"(<DICH_DATA[^>]*)/>", rb"\1>" + b"made up " * 300 + b"</DICH_DATA>", text, count=1
    )
    assert footnoted != text
    found = reading(tmp_path, footnoted)
    assert [(note.row, note.field) for note in found.notes if note.rule == "long text"] == [
        (1, "FOOTNOTE")
    ]


def test_the_authors_of_a_reference_are_all_taken_however_many(tmp_path: Path) -> None:
    names = ", ".join(["Madeup AB"] * 300)
    found = read(tmp_path, analysis("1.1"), included=INCLUDED.replace("Ash B, Made-Up CD", names))
    assert study(found).reports[0].authors == names


def test_signs_of_less_and_more_are_not_taken_for_tags(tmp_path: Path) -> None:
    more = CHARACTERISTICS.replace("<P>Nobody</P>", "<P>Age &lt;65 or &gt;18 &lt;b&gt;years</P>")
    found = read(tmp_path, analysis("1.1"), included=INCLUDED, more=more)
    assert study(found).characteristics["baseline"] == "Participants: Age <65 or >18 years"


def test_studies_that_the_file_does_not_list_are_known_by_their_data(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.1"), included=INCLUDED)
    assert [each.name for each in found.studies()] == list(STUDIES)


def test_risk_of_bias_is_kept_in_revmans_words(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.1"), items=ITEMS)
    sequence, blinding = study(found).risk_of_bias
    assert sequence == RiskOfBiasDraft(
        sequence.row, "RoB 1", "Random sequence generation", "Low risk", "By a made-up table"
    )
    assert (blinding.domain, blinding.judgement) == ("Blinding (Mood)", "High risk")
    assert study(found, "Birch 2002").risk_of_bias == []
    assert rules(found, Fate.EXPLAINED) == ["not judged"]
    assert accounted(found) == set(range(1, found.rows + 1))


def test_judgements_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    odd = ITEMS.replace('RESULT="YES"', 'RESULT="MAYBE"').replace("STD-Birch-2002", "STD-Yew-2007")
    odd = odd.replace(
        '<QUALITY_ITEM_DATA_ENTRY RESULT="UNKNOWN"', '<QUALITY_ITEM_DATA_ENTRY RESULT="NO"'
    )
    found = read(tmp_path, analysis("1.1"), items=odd)
    refused = [note for note in found.notes if note.fate == Fate.REFUSED]
    assert [(note.rule, note.message) for note in refused] == [
        ("unknown judgement", "Ash 2001: 'MAYBE' is without a judgement."),
        ("unknown study", "'STD-Yew-2007' is none of the included studies."),
    ]
    assert accounted(found) == set(range(1, found.rows + 1))


def test_characteristics_of_no_study_are_said(tmp_path: Path) -> None:
    other = CHARACTERISTICS.replace("STD-Ash-2001", "STD-Yew-2007")
    found = read(tmp_path, analysis("1.1"), more=other)
    (note,) = [note for note in found.notes if note.rule == "unknown study"]
    assert (note.fate, note.field) == (Fate.WARNED, "INCLUDED_CHAR")


def test_the_review_is_a_report_of_its_own(tmp_path: Path) -> None:
    cover = (
        "<TITLE>A made-up review</TITLE><CREATORS><PERSON><FIRST_NAME>Anna</FIRST_NAME>"
        "<LAST_NAME>Made-Up</LAST_NAME></PERSON></CREATORS>"
        '<DATES><LAST_CITATION_ISSUE ISSUE="4" YEAR="2011"/></DATES>'
    )
    text = rm5([analysis("1.1")]).decode().replace("<TITLE>A made-up review</TITLE>", cover)
    found = review(reading(tmp_path, text.replace('DOI=""', 'DOI="10.5555/made.up.review"')))
    assert found.report is not None
    assert (found.title, found.year, found.report.doi) == (
        "A made-up review",
        2011,
        "10.5555/made.up.review",
    )
    assert found.report.authors == "Made-Up A"


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    found = reading(tmp_path, rm5())
    assert list(found.studies()) == list(found.studies())


def test_another_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="no review of RevMan 5: it begins with <made_up>"):
        reading(tmp_path, "<made_up/>")


def test_the_design_may_be_given(tmp_path: Path) -> None:
    found = revman5.read(saved(tmp_path, "made-up.rm5", rm5()), {"design": "rct"})
    assert {each.design for each in found.studies()} == {"rct"}


@pytest.mark.parametrize(("better", "low"), [("lower", True), ("higher", False)])
def test_the_better_end_may_be_given(better: str, tmp_path: Path, *, low: bool) -> None:
    found = revman5.read(saved(tmp_path, "made-up.rm5", rm5()), {"better": better})
    assert {each.favours_low for draft in found.studies() for each in draft.measurements} == {low}


def test_a_better_end_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="better cannot be 'left'"):
        revman5.read(saved(tmp_path, "made-up.rm5", rm5()), {"better": "left"})


def favouring(number: str, left: str, right: str) -> bytes:
    labels = f"<GRAPH_LABEL_1>{left}</GRAPH_LABEL_1><GRAPH_LABEL_2>{right}</GRAPH_LABEL_2>"
    text = rm5([analysis(number)])
    return text.replace(b"<GROUP_LABEL_1>", labels.encode() + b"<GROUP_LABEL_1>")


@pytest.mark.parametrize(
    ("left", "right", "low"),
    [
        (f"Favours {LABELS[0]}", f"Favours {LABELS[1]}", True),
        (f"favors {LABELS[1].lower()}", f"favors {LABELS[0].lower()}", False),
        ("Favours control", "Favours experimental", False),
        ("Favours treatment", "Favours control", True),
        ("Favours experimental", "Favours control", None),
        ("Favours control", "Favours control", None),
        ("", "", None),
        ("Less", "More", None),
    ],
)
def test_labels_that_an_author_set_tell_the_better_end(
    left: str, right: str, tmp_path: Path, *, low: bool | None
) -> None:
    """'Favours experimental' on the left is what RevMan writes by itself, on any outcome."""
    assert measured(reading(tmp_path, favouring("1.6", left, right))).favours_low is low


def test_the_labels_of_swapped_events_are_of_those_without(tmp_path: Path) -> None:
    text = favouring("1.5", f"Favours {LABELS[1]}", f"Favours {LABELS[0]}")
    assert measured(reading(tmp_path, text)).favours_low is True


def test_labels_that_contradict_each_other_tell_nothing(tmp_path: Path) -> None:
    first = favouring("1.6", f"Favours {LABELS[0]}", f"Favours {LABELS[1]}")
    second = favouring("2.1", f"Favours {LABELS[1]}", f"Favours {LABELS[0]}")
    comparison = second[second.index(b"<COMPARISON") : second.index(b"</ANALYSES_AND_DATA>")]
    text = first.replace(b"</ANALYSES_AND_DATA>", comparison + b"</ANALYSES_AND_DATA>")
    found = reading(tmp_path, text)
    assert measured(found).favours_low is None
    assert rules(found, Fate.WARNED) == ["direction not clear"]


def test_other_constants_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="takes no value for year"):
        revman5.read(saved(tmp_path, "made-up.rm5", rm5()), {"year": "2001"})


def test_analyses_of_mean_differences_that_share_a_study_are_in_one_unit(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.6"), analysis("3.9"))
    (only,) = measured(found, "Elm 2005").arm_results[:1]
    assert only.unit == "that of analysis 1.6"


def test_analyses_of_mean_differences_without_a_common_study_are_in_units_of_their_own(
    tmp_path: Path,
) -> None:
    made = analysis("1.6")
    other = {**made, "number": "2.1", "data": {**made["data"], "m1i": [1.0, 2.0, 3.0, 4.0]}}
    units = {
        result.population: result.unit
        for result in measured(read(tmp_path, made, other)).arm_results
    }
    assert units == {None: "that of analysis 1.6", "analysis 2.1": "that of analysis 2.1"}


def test_mean_differences_that_were_entered_as_such_are_in_one_unit(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("3.7"))
    details = {
        each.measurements[0].instrument_detail for each in found.studies() if each.measurements
    }
    assert details == {"unit: that of analysis 3.7"}
    contrast = measured(found).contrasts[0]
    assert (contrast.estimate, contrast.se, contrast.derivation) == (-1.4, 0.61, None)


def test_a_ratio_with_a_huge_error_has_no_interval(tmp_path: Path) -> None:
    made = analysis("1.8")
    found = read(tmp_path, {**made, "data": {**made["data"], "sei": [900.0, 1.0, 1.0, 1.0]}})
    (contrast,) = measured(found).contrasts
    assert (contrast.se, contrast.ci_low, contrast.ci_level) == (900.0, None, None)


@pytest.mark.parametrize(("number", "ci_high"), [("1.8", 2.0), ("3.7", 2.0)])
def test_an_interval_that_its_standard_error_does_not_give_is_said(
    number: str, ci_high: float, tmp_path: Path
) -> None:
    made = analysis(number)
    rows = {**made["rows"], "ci_high": [ci_high, *made["rows"]["ci_high"][1:]]}
    found = read(tmp_path, {**made, "rows": rows})
    (note,) = [each for each in found.notes if each.fate == Fate.WARNED]
    assert (note.row, note.rule) == (1, "interval and error contradict")
    assert "'Ash 2001' has an interval that its standard error does not give" in note.message


def test_swapped_events_in_subgroups_are_said_once(tmp_path: Path) -> None:
    found = read(tmp_path, {**analysis("3.3"), "swapped": True})
    assert rules(found, Fate.WARNED) == ["events swapped"]


def test_a_result_of_zeros_over_nothing_says_so(tmp_path: Path) -> None:
    made = analysis("1.6")
    text = rm5([{**made, "pool": dict.fromkeys(made["pool"], 0.0)}])
    found = reading(tmp_path, text.replace(b'ESTIMABLE="YES" WEIGHT', b'ESTIMABLE="NO" WEIGHT'))
    (note,) = [each for each in found.notes if each.rule == "no pooled result"]
    assert note.message.endswith("give no result either. No study with data enters it.")


# What is odd, old or hostile: a note or an error, never silence


def old(text: bytes) -> str:
    """Return a review with what the data need alone, as early versions and other programs write."""
    needed = r"NAME|NO|ID|STUDY_ID|(?:EVENTS|TOTAL|MEAN|SD)_[12]|O_E|VAR|ESTIMATE|SE|EFFECT_MEASURE"
    return re.sub(rf' (?!(?:{needed})=)[A-Z_0-9]+="[^"]*"', "", text.decode())


def test_attributes_that_an_early_revman_does_not_write_have_its_defaults(tmp_path: Path) -> None:
    text = old(rm5([analysis("3.4"), analysis("1.6")])).replace('encoding="ISO-8859-1" ', "")
    assert "METHOD" not in text
    found = reading(tmp_path, text)
    assert [len(each.measurements) for each in found.studies()] == [2, 2, 2, 2, 1, 1]
    assert review(found).pools == []
    assert "the file states no pooled result" in found.notes[0].message
    assert rules(found, Fate.WARNED) == ["no pooled result"] * 2


def test_an_analysis_without_data_is_said(tmp_path: Path) -> None:
    made = analysis("1.6")
    empty: Record = {name: [] for name in made["data"]}
    found = read(tmp_path, {**made, "data": empty, "rows": {name: [] for name in made["rows"]}})
    (note,) = found.notes
    assert (note.rule, note.message) == (
        "analysis without data",
        "Analysis 1.6 Made-up distress has no data.",
    )
    assert review(found).pools == []


def test_an_outcome_of_an_unknown_kind_is_said(tmp_path: Path) -> None:
    text = rm5([analysis("1.1")]).replace(b"DICH_OUTCOME", b"DICHOTOMOUS_OUTCOME")
    found = reading(tmp_path, text)
    (note,) = found.notes
    assert note.rule == "unknown kind of outcome"
    assert "'Made-up relapse, odds' is a DICHOTOMOUS_OUTCOME" in note.message


def test_data_of_a_study_that_is_not_listed_are_taken_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, analysis("1.1"), included=INCLUDED)
    notes = [note for note in found.notes if note.rule == "study not listed"]
    assert len(notes) == len(STUDIES) - 1
    assert "'Birch 2002' is none of the studies" in notes[0].message
    assert notes[0].fate == Fate.WARNED


def test_a_row_without_a_study_is_refused_and_makes_none(tmp_path: Path) -> None:
    text = rm5([analysis("1.1")]).replace(b'STUDY_ID="STD-Ash-2001"', b"")
    found = reading(tmp_path, text)
    assert rules(found, Fate.REFUSED) == ["no data"]
    assert "names no study" in found.notes[0].message
    assert [each.name for each in found.studies()] == list(STUDIES)
    assert accounted(found) == set(range(1, found.rows + 1))


def test_an_identifier_that_two_studies_have_is_the_first_one_s(tmp_path: Path) -> None:
    twice = INCLUDED + INCLUDED.replace('NAME="Ash 2001"', 'NAME="Yew 2007"')
    found = read(tmp_path, analysis("1.1"), included=twice)
    assert "Yew 2007" not in [each.name for each in found.studies()]
    assert len(study(found).reports) == 2
    (note,) = [note for note in found.notes if note.fate == Fate.REFUSED]
    assert (note.rule, note.message) == (
        "identifier twice",
        "'Yew 2007' has the identifier of a study before.",
    )


def test_numbers_of_analyses_that_are_there_twice_are_two_analyses(tmp_path: Path) -> None:
    second = {**analysis("1.3"), "number": "1.1"}
    found = read(tmp_path, analysis("1.1"), second)
    assert [pool.name for pool in review(found).pools] == [
        "1.1 Made-up relapse, odds",
        "1.1 Made-up relapse, Peto",
    ]


@pytest.mark.parametrize(
    ("attribute", "wrong", "said"),
    [
        ("MEAN_1", "10,2", "'10,2' is not a number, for RevMan writes its decimals behind a point"),
        ("SD_1", "1_0", "'1_0' is not a number"),
        ("TOTAL_1", "58.5", "'58.5' is not a count"),
        ("TOTAL_1", "1e30", "'1e30' is not a count"),
        ("MEAN_1", "1e999", "'1e999' is too large"),
        ("WEIGHT", "much", "'much' is not a number"),
    ],
)
def test_a_number_that_is_none_refuses_its_row_and_says_which(
    attribute: str, wrong: str, said: str, tmp_path: Path
) -> None:
    text = rm5([analysis("1.6")]).decode()
    changed = re.sub(rf'{attribute}="[^"]*"', f'{attribute}="{wrong}"', text, count=1)
    found = reading(tmp_path, changed)
    (note,) = [each for each in found.notes if each.fate == Fate.REFUSED]
    assert note.message == f"Analysis 1.6, 'Ash 2001': {said}."


def test_a_stated_number_that_is_none_is_said(tmp_path: Path) -> None:
    made = analysis("1.6")
    text = rm5([{**made, "pool": {**made["pool"], "estimate": "comma"}}])
    found = reading(tmp_path, text.replace(b"\"'comma'\"", b'"-0,59"'))
    assert review(found).pools == []
    (note,) = found.notes
    assert note.rule == "no pooled result"
    assert "'-0,59' is not a number" in note.message


@pytest.mark.parametrize("level", ["0", "100", "-5", "much", "1e9"])
def test_a_level_that_is_none_is_the_usual_one(level: str, tmp_path: Path) -> None:
    text = rm5([analysis("1.8")]).replace(b'CI_STUDY="95"', f'CI_STUDY="{level}"'.encode())
    found = reading(tmp_path, text.replace(b'CI_TOTAL="95"', f'CI_TOTAL="{level}"'.encode()))
    assert measured(found).contrasts[0].ci_level == 95
    assert review(found).pools[0].ci_level == 95


def test_a_result_of_zeros_is_said_to_be_none_with_what_the_rows_give(tmp_path: Path) -> None:
    """As in the public example of R's meta, whose second analysis has data and no numbers."""
    made = analysis("1.6")
    found = read(tmp_path, {**made, "pool": dict.fromkeys(made["pool"], 0.0)})
    (note,) = found.notes
    assert note.message == (
        "Analysis 1.6 Made-up distress: the file states 0 [0, 0], which RevMan writes where it has "
        "not computed a result: it is not taken for one. The rows of the file, which are taken, "
        "give MD -0.590644 [-1.32222, 0.140933] (inverse variance)."
    )


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(data=st.data())
def test_a_changed_file_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(rm5([analysis("1.2"), analysis("1.8")], encoding="UTF-8"))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.sampled_from(b'09-.eN"<>= \xff'))
    path = tmp_path / "changed.rm5"
    path.write_bytes(content)
    with suppress(FileProblem):
        found = revman5.read(open_file(path), {})
        assert accounted(found) >= set(range(1, found.rows + 1))
