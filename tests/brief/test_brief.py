"""A brief says nothing without what it rests on, and says the same as the commands behind it."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base import Base
from kb.brief import brief, topic_of
from kb.brief.brief import Block, Brief, Statement
from kb.brief.implementing import share
from kb.brief.wording import joined, number
from kb.curation.loading import load
from kb.errors import UnknownValue
from kb.store.opening import engine_of, open_base

RATED = Path(__file__).parent / "seeds"


@pytest.fixture(scope="module")
def briefs(base: Base) -> dict[str, Brief]:
    """Return the brief on every approach and every outcome."""
    keys = [*base.vocabulary.terms("approach"), *base.vocabulary.terms("outcome")]
    return {key: base.brief(key) for key in keys}


def block(found: Brief, section: str, heading: str) -> Block:
    """Return the one block of a section whose heading begins so."""
    [part] = [part for part in found.sections if part.key == section]
    [one] = [block for block in part.blocks if block.heading.startswith(heading)]
    return one


def in_short(found: Brief, about: str) -> Statement:
    """Return the one statement in short about something."""
    [one] = [each for each in found.sections[0].blocks[0].statements if each.about == about]
    return one


def test_every_statement_rests_on_a_source_or_a_command(briefs: dict[str, Brief]) -> None:
    for found in briefs.values():
        for statement in found.statements:
            assert statement.passages or statement.command.startswith("kb ")
            assert statement.text


def test_every_marker_leads_to_one_source(briefs: dict[str, Brief]) -> None:
    for found in briefs.values():
        cited = [number for each in found.statements for number in found.markers(each)]
        reports = [source.report for source in found.sources]

        assert sorted(set(cited)) == [source.number for source in found.sources]
        assert len(reports) == len(set(reports))
        assert list(dict.fromkeys(reports)) == reports
        for statement in found.statements:
            meant = {found.sources[number - 1].report for number in found.markers(statement)}
            assert meant == {passage["report"] for passage in statement.passages}


def test_sources_are_numbered_as_they_are_cited(briefs: dict[str, Brief]) -> None:
    for found in briefs.values():
        highest = 0
        for statement in found.statements:
            new = [number for number in found.markers(statement) if number > highest]
            assert new == list(range(highest + 1, highest + 1 + len(new)))
            highest += len(new)


def test_text_is_whole(briefs: dict[str, Brief]) -> None:
    for found in briefs.values():
        for statement in found.statements:
            for said in (statement.about, statement.text, statement.mark, statement.how):
                assert not re.search(r"\bNone\b(?! of)|\bnan\b|\s\s|\.\.|\(\)|[{}]", said)
            assert statement.text.endswith((".", "?", ")"))


def test_each_brief_is_about_what_was_named(base: Base, briefs: dict[str, Brief]) -> None:
    for table in ("approach", "outcome"):
        for key, term in base.vocabulary.terms(table).items():
            assert briefs[key].topic.as_dict()["facets"] == {table: [key]}
            assert briefs[key].topic.title == term.name


def test_in_short_comes_first_and_is_short(briefs: dict[str, Brief]) -> None:
    for found in briefs.values():
        assert found.sections[0].key == "in-short"
        assert 3 <= len(found.sections[0].blocks[0].statements) <= 10


@settings(max_examples=10)
@given(st.data())
def test_pairs_say_what_kb_studies_finds(base: Base, data: st.DataObject) -> None:
    approach, outcome = (
        data.draw(st.sampled_from(sorted(base.vocabulary.terms(table))))
        for table in ("approach", "outcome")
    )
    found = base.brief(approach=approach, outcome=outcome)
    count = base.studies(approach=approach, outcome=outcome).count

    first = found.sections[0].blocks[0].statements[0].text
    held = re.match(r"This base holds (no|\d+) stud", first)
    assert held is not None
    assert held[1] == (str(count) if count else "no")
    assert all(each.passages or each.command for each in found.statements)


def test_trials_are_counted_and_not_reports(briefs: dict[str, Brief]) -> None:
    """Spiegel 1981, Classen 2001, Goodwin 2001 and Kissane 2007, told of in many more reports."""
    first = briefs["segt"].sections[0].blocks[0].statements[0]

    people = 86 + 125 + 235 + 227
    assert f"7 studies, 4 of them randomised trials ({people} participants)." in first.text


def test_a_pooled_effect_is_that_of_kb_pool(base: Base, briefs: dict[str, Brief]) -> None:
    back = base.pool(outcome="survival", approach="segt").as_dict()["back"]
    told = in_short(briefs["segt"], "Survival")

    shown = f"{back['estimate']:.2f} (95% CI {back['ci_low']:.2f} to {back['ci_high']:.2f})"
    assert f"2 of 4 trials pooled: hazard ratio {shown}" in told.text
    assert told.command == "kb pool --approach segt --outcome survival"
    assert told.mark == "pooled with 5 cautions, which the command lists; certainty not yet rated"
    assert "Most cautious interval: 0.24 to 4.00." in told.text
    assert "Of the trials not pooled 1 favours the intervention, 1 finds no difference" in told.text
    pooled = base.pool(outcome="survival", approach="segt")
    entered = {passage["report"] for entry in pooled.entries for passage in entry.passages}
    assert entered < {passage["report"] for passage in told.passages}


def test_trials_without_a_number_are_told_beside_the_pool(briefs: dict[str, Brief]) -> None:
    told = block(briefs["segt"], "effects", "Randomised trials").statements[0]

    assert "favours the intervention in Spiegel 1981; no difference in Classen 2001" in told.text
    assert "(safeguarded Hartung-Knapp) is 0.24 to 4.00" in told.text


def test_one_trial_stands_alone(briefs: dict[str, Brief]) -> None:
    found = briefs["cognitive-existential"]
    told = in_short(found, "Survival")

    assert "1 study, a randomised trial (303 participants)" in next(found.statements).text
    assert told.text.startswith("One trial alone: hazard ratio 1.35 (95% CI 0.76 to 2.39).")
    assert "benefit and harm are both possible" in told.text


def test_no_study_is_said(briefs: dict[str, Brief]) -> None:
    found = briefs["harm"]
    said = [each.text for each in found.statements]

    assert said[0].startswith("This base holds no study of it")
    assert any(text.startswith("No randomised trial in this base tells an effect") for text in said)
    assert not any("pooled:" in text for text in said)


def test_harm_that_nobody_measured_is_said(briefs: dict[str, Brief]) -> None:
    assert (
        "None of the studies is known here to have measured harm."
        in in_short(briefs["segt"], "How surely").text
    )


def test_its_own_studies_are_told_apart(base: Base, briefs: dict[str, Brief]) -> None:
    found = briefs["segt"]
    reports = {
        row["passage"]["report"]
        for subject in (base.themes, base.factors, base.strategies)
        for row in subject(approach="segt").rows
    }

    for section, heading in (
        ("valued", "In its own studies"),
        ("factors", "In the way, by CFIR construct, in its own studies"),
        ("factors", "Helps, in its own studies"),
        ("strategies", "Done in its own studies"),
    ):
        for statement in block(found, section, heading).statements:
            assert {passage["report"] for passage in statement.passages} <= reports


def test_inferred_codes_are_marked(base: Base, briefs: dict[str, Brief]) -> None:
    curated = {
        (row["construct_name"], row["statement"])
        for row in base.factors().rows
        if row["coded_by"] == "curators"
    }
    [part] = [part for part in briefs["segt"].sections if part.key == "factors"]
    told = [each for one in part.blocks for each in one.statements if each.about]

    assert told
    for statement in told:
        inferred = any(
            name == statement.about and statement.text.startswith(text) for name, text in curated
        )
        assert (statement.mark == "coding inferred") == inferred


def test_experts_shares_come_with_their_caveat(briefs: dict[str, Brief]) -> None:
    chosen = block(briefs["segt"], "strategies", "Chosen by experts").statements

    assert "not evidence that a strategy works" in chosen[0].text
    assert "Involve patients/consumers and family members (71 %)" in chosen[1].text
    assert "Conduct local needs assessment (50 % or more)" in chosen[1].text
    assert chosen[1].mark == "expert opinion"


@pytest.mark.parametrize(
    ("percent", "level", "said"),
    [
        (71.0, "1", "71 %"),
        (None, "1", "50 % or more"),
        (None, "2", "20 to 49 %"),
        (None, "1 or 2", "20 % or more"),
        (None, None, "share not known"),
    ],
)
def test_a_share_is_told_as_far_as_it_is_known(
    percent: float | None, level: str | None, said: str
) -> None:
    assert share({"endorsement_percent": percent, "level": level}) == said


def test_directions_are_those_of_kb_pool(base: Base, briefs: dict[str, Brief]) -> None:
    rows = base.pool(outcome="pain", approach="segt").selection.directions
    found = base.brief("segt pain")
    told = block(found, "effects", "What each trial found").statements

    assert [each.text for each in told] == [row["statement"] for row in rows]
    assert [each.mark for each in told] == [
        row["direction"].replace("-", " ").replace("favours ", "favours the ") for row in rows
    ]
    assert "of 3 trials 1 favours the intervention, 2 are mixed" in " ".join(
        each.text for each in briefs["pain"].sections[0].blocks[0].statements
    )


def test_disagreements_touch_the_outcome(briefs: dict[str, Brief]) -> None:
    topics = [
        each.about for each in block(briefs["quality-of-life"], "unknown", "Where").statements
    ]

    assert "Whether groups improve quality of life (Li Zhicheng (undated))" in topics
    assert not any("women were randomised" in topic for topic in topics)


def test_words_and_facets_ask_the_same(base: Base) -> None:
    asked = [
        topic_of(base, "segt pain", {}),
        topic_of(base, "pain in SEGT", {}),
        topic_of(base, "segt", {"outcome": ["pain"]}),
        topic_of(base, "", {"approach": ["segt"], "outcome": ["pain"]}),
    ]

    assert {each.command for each in asked} == {"kb brief --approach segt --outcome pain"}
    assert asked[0].title == "Supportive-expressive group therapy: Pain"


@pytest.mark.parametrize(
    ("words", "problem", "remedy"),
    [
        ("sgt", "No approach or outcome is called 'sgt'.", "Nearest: segt"),
        ("segt pian", "No approach or outcome is called 'pian'.", "Nearest: pain"),
        ("segt canada", "'canada' is of the facet country", "kb studies --approach segt"),
        ("", "It is not said what the brief is about.", "kb brief segt"),
        ("not segt", "It is not said what the brief is about.", "kb brief segt"),
    ],
)
def test_what_a_brief_cannot_be_about(base: Base, words: str, problem: str, remedy: str) -> None:
    with pytest.raises(UnknownValue) as refused:
        base.brief(words)

    assert problem in refused.value.problem
    assert remedy in refused.value.remedy


def test_a_topic_cannot_leave_out(base: Base) -> None:
    with pytest.raises(UnknownValue, match="cannot leave out 'cbt'"):
        base.brief("segt", approach="!cbt")


def test_ratings_are_told_where_people_entered_them(own_copy: Path) -> None:
    """Two made-up ratings: of survival with SEGT, and of a theme."""
    with engine_of(str(own_copy)) as engine:
        load(engine, RATED)
    with open_base(str(own_copy)) as base:
        found = base.brief("segt")

    survival = in_short(found, "Survival")
    assert "certainty low (GRADE, Made-up rating" in survival.mark
    assert "made-up-rating" in {passage["report"] for passage in survival.passages}
    assert "1 of 9 effects have a rating of certainty" in in_short(found, "How surely").text
    marks = [
        each.mark
        for part in found.sections
        if part.key == "valued"
        for one in part.blocks
        for each in one.statements
        if each.about == "Existential support"
    ]
    assert any("confidence moderate (GRADE-CERQual, Made-up rating" in mark for mark in marks)


def test_the_same_on_both_kinds_of_store(base: Base, base_on_postgres: Base) -> None:
    for words in ("segt", "pain", "survival"):
        assert base_on_postgres.brief(words).as_dict() == base.brief(words).as_dict()


def test_plain_data_and_rows_hold_every_statement(briefs: dict[str, Brief]) -> None:
    found = briefs["segt"]
    plain = found.as_dict()
    headers, rows = found.flat()

    told = [
        each for part in plain["answer"] for one in part["blocks"] for each in one["statements"]
    ]
    assert [each["text"] for each in told] == [each.text for each in found.statements]
    assert [row[headers.index("statement")] for row in rows] == [each["text"] for each in told]
    assert plain["count"] == len(told) == len(rows)


@given(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0]))
def test_a_number_is_shown_as_no_effect_only_where_it_is(value: float, null: float) -> None:
    shown = float(number(value, null))

    assert shown != null or abs(value - null) < 1e-7
    assert abs(shown - value) <= max(0.005, 0.05 * abs(value)) + 1e-12


@pytest.mark.parametrize(
    ("parts", "said"),
    [([], ""), (["a"], "a"), (["a", "b", "a"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_a_list_in_a_sentence(parts: Sequence[str], said: str) -> None:
    assert joined(parts) == said


def test_brief_is_what_python_asks_for(base: Base) -> None:
    assert base.brief("segt").as_dict() == brief(base, topic_of(base, "segt", {})).as_dict()


def test_how_much_was_read_is_said_where_it_counts(briefs: dict[str, Brief]) -> None:
    found = briefs["segt"]
    behind = {
        passage["report"]: passage["seen"]
        for statement in found.sections[0].blocks[0].statements
        if statement.about == "Survival"
        for passage in statement.passages
    }

    assert "full-text" not in behind.values()
    assert "none was read in full" in in_short(found, "How surely").text
    assert in_short(found, "Next, for a guideline").text.startswith("Read the trials' reports")


def test_who_decides_on_a_service_is_told_what_has_a_number(briefs: dict[str, Brief]) -> None:
    told = in_short(briefs["segt"], "Next, for those who decide on a service").text

    assert told.startswith("Of 9 outcomes told of here 1 has a number, and no clear effect;")


def test_one_statement_is_not_that_of_all_studies_under_its_heading(
    briefs: dict[str, Brief],
) -> None:
    shown = [each.text for each in briefs["segt"].statements if "an example; " in each.text]

    assert any("9 studies come under this construct" in text for text in shown)
    assert any("5 studies come under this theme" in text for text in shown)
