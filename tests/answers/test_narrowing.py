"""What facets narrow, for each subject, and what a reader is told of what they leave out."""

import pytest
from sqlalchemy import func, select

from kb.answer import Answer
from kb.base import Base
from kb.question import SUBJECTS
from kb.store.relations import factor, inclusion, measurement, participants, strategy


def ask(base: Base, subject: str, **facets: str | list[str]) -> Answer:
    return base.answer(base.question(subject, **facets))


def keys(answer: Answer) -> list[str]:
    return [row["key"] for row in answer.rows]


@pytest.mark.parametrize(
    ("facet", "value", "reason"),
    [
        ("year", ">=1900", "its year is not known"),
        ("n", ">=0", "its number of participants is not known"),
        ("country", "usa,canada,australia,uk", "its country is not known"),
    ],
)
def test_study_is_found_or_named_as_unknown_or_has_another_value(
    facet: str, value: str, reason: str, base: Base
) -> None:
    answer = ask(base, "studies", **{facet: value})
    labels = {row["key"]: row["label"] for row in ask(base, "studies").rows}
    others = set(keys(ask(base, "studies", **{facet: f"!{value.replace(',', ',!')}"})))
    left_out = {item.what for item in answer.left_out}

    assert left_out
    assert {item.reason for item in answer.left_out} == {reason}
    assert left_out <= {labels[key] for key in others}
    assert {labels[key] for key in keys(answer)} & left_out == set()
    if facet != "country":
        assert {labels[key] for key in others} == left_out


def test_study_that_fails_another_facet_is_not_left_out_for_an_unknown_one(base: Base) -> None:
    of_trials = ask(base, "studies", year=">=1900", design="rct")
    trials = {row["label"] for row in ask(base, "studies", design="rct").rows}

    assert {item.what for item in of_trials.left_out} <= trials


def test_instrument_is_unknown_only_where_none_is_named_for_the_outcome(base: Base) -> None:
    """Goodwin 2001 names its instrument for pain, but not for everything that it measured."""
    left_out = {
        item.what for item in ask(base, "studies", outcome="pain", instrument="ies").left_out
    }

    assert "Spiegel 1981 (first Stanford trial)" in left_out
    assert not any(label.startswith("Goodwin") for label in left_out)


def test_number_of_participants_shown_is_the_one_that_is_asked_for(base: Base) -> None:
    for row in ask(base, "studies").rows:
        found = row["key"] in keys(ask(base, "studies", study=row["key"], n=str(row["n"] or 0)))
        assert found == (row["n"] is not None)


def test_number_of_participants_is_of_the_whole_study(base: Base) -> None:
    of_arms = select(participants.study_key).where(participants.arm_key.is_not(None))
    counted = select(participants.number).where(participants.arm_key.is_(None))
    for row in ask(base, "studies", n=">=0").rows:
        own = set(base.keys(counted.where(participants.study_key == row["key"])))
        assert row["n"] in own
    assert base.keys(of_arms)


def test_value_that_is_not_known_is_not_the_one_excluded(base: Base) -> None:
    unknown = {row["key"] for row in ask(base, "studies").rows if row["year"] is None}

    assert unknown
    assert unknown <= set(keys(ask(base, "studies", year="!>=1900")))


def test_studies_are_listed_oldest_first_and_those_of_unknown_year_last(base: Base) -> None:
    years = [row["year"] for row in ask(base, "studies").rows]
    known = [year for year in years if year is not None]

    assert years == [*sorted(known), *[None] * (len(years) - len(known))]


def test_measurements_of_a_study_are_in_the_order_of_their_times(base: Base) -> None:
    rows = ask(base, "results", study="aranda-2006", outcome="quality-of-life").rows

    assert [row["months"] for row in rows] == sorted(row["months"] for row in rows)


def test_outcomes_count_studies_and_not_measurements(base: Base) -> None:
    for row in ask(base, "outcomes").rows:
        query = select(func.count(measurement.study_key.distinct()))
        counted = base.connection.scalar(query.where(measurement.outcome_key == row["key"]))
        assert row["studies"] == counted <= row["measurements"]


@pytest.mark.parametrize("subject", ["factors", "barriers", "facilitators", "themes", "strategies"])
def test_rows_of_reviews_are_counted_where_facets_of_studies_leave_them_out(
    subject: str, base: Base
) -> None:
    everything = ask(base, subject)
    of_reviews = sum(row["review"] is not None for row in everything.rows)
    of_studies = ask(base, subject, year="1900..2100")

    assert of_reviews > 0
    assert all(row["study"] for row in of_studies.rows)
    assert of_studies.left_out[0].what == f"{of_reviews} rows"
    assert of_studies.left_out[0].reason.startswith("stated by reviews")


def test_review_meets_its_own_name(base: Base) -> None:
    rows = ask(base, "factors", review="li-2024").rows
    included = set(base.keys(select(inclusion.study_key).where(inclusion.review_key == "li-2024")))

    assert {row["review"] for row in rows} == {None, "li-2024"}
    assert {row["study"] for row in rows} - {None} <= included


def test_excluded_review_is_left_out_with_the_studies_that_it_includes(base: Base) -> None:
    rows = ask(base, "factors", review="!li-2024").rows
    included = set(base.keys(select(inclusion.study_key).where(inclusion.review_key == "li-2024")))

    assert "li-2024" not in {row["review"] for row in rows}
    assert {row["review"] for row in rows} - {None}
    assert not {row["study"] for row in rows} & included


def test_status_of_inclusions_says_nothing_of_what_reviews_state(base: Base) -> None:
    answer = ask(base, "factors", status="inferred")

    assert all(row["study"] for row in answer.rows)
    assert answer.left_out[0].reason.startswith("stated by reviews")


@pytest.mark.parametrize(
    ("subject", "word"),
    [("factors", "funding"), ("themes", "belonging"), ("strategies", "leaders")],
)
def test_words_are_held_to_the_rows_themselves(subject: str, word: str, base: Base) -> None:
    everything = set(keys(ask(base, subject)))
    with_word = set(keys(ask(base, subject, text=word)))
    without = set(keys(ask(base, subject, text=f"!{word}")))

    assert with_word
    assert without
    assert with_word & without == set()
    assert with_word | without == everything


def test_factors_of_studies_come_before_those_of_reviews(base: Base) -> None:
    places: dict[str, list[bool]] = {}
    for row in ask(base, "factors").rows:
        places.setdefault(row["construct"], []).append(row["review"] is not None)

    assert all(of_reviews == sorted(of_reviews) for of_reviews in places.values())


def test_factor_says_who_said_it_and_how_surely_it_is_coded(base: Base) -> None:
    answer = ask(base, "barriers")
    coded = sum(row["coded_by"] == "curators" for row in answer.rows)

    assert answer.notes[0].startswith(f"{coded} of {answer.count} were coded to CFIR 2.0")
    assert all(row["voice"] and row["passage"]["quote"] for row in answer.rows)
    for row in answer.rows:
        query = select(factor.statement).where(factor.key == row["key"])
        assert base.connection.scalar(query) == row["statement"]


def test_facet_that_says_nothing_of_strategies_is_named(base: Base) -> None:
    by_valence = ask(base, "strategies", valence="barrier")
    by_construct = ask(base, "strategies", construct="!funding")
    everything = keys(ask(base, "strategies"))

    assert keys(by_valence) == keys(by_construct) == everything
    assert by_valence.left_out[0].as_dict() == {
        "what": "--valence",
        "reason": "does not narrow strategies",
    }
    assert "not excluded by it" in by_construct.left_out[0].reason


def test_reported_strategies_for_a_barrier_match_what_experts_chose(base: Base) -> None:
    rows = ask(base, "strategies", domain="inner-setting").rows
    reported = {row["eric"] for row in rows if row["kind"] == "reported"}
    chosen = {row["eric"] for row in rows if row["kind"] == "chosen by experts"}

    assert reported
    assert reported <= chosen
    query = select(func.count()).select_from(strategy.table)
    assert len(ask(base, "strategies").rows) == base.connection.scalar(query)


def test_experts_choices_fall_and_none_is_zero(base: Base) -> None:
    rows = ask(base, "strategies", construct="innovation.adaptability").rows
    shares = [row["endorsement_percent"] for row in rows if row["kind"] == "chosen by experts"]

    assert shares == sorted(shares, reverse=True)
    assert min(shares) > 0


@pytest.mark.parametrize("status", ["confirmed", "probable", "inferred"])
def test_reviews_with_an_inclusion_of_a_status(status: str, base: Base) -> None:
    everything = {row["key"]: row["included"] for row in ask(base, "reviews").rows}
    having = set(keys(ask(base, "reviews", status=status)))

    assert having == {key for key, included in everything.items() if included[status]}
    assert set(keys(ask(base, "reviews", status=f"!{status}"))) == set(everything) - having


def test_reviews_of_a_study_hold_it_with_the_status_asked_for(base: Base) -> None:
    query = select(inclusion.review_key).where(inclusion.study_key == "classen-2001")

    assert set(keys(ask(base, "reviews", study="classen-2001"))) == set(base.keys(query))
    for status in ("confirmed", "probable", "inferred"):
        of_status = set(base.keys(query.where(inclusion.status == status)))
        assert set(keys(ask(base, "reviews", study="classen-2001", status=status))) == of_status


def test_excluded_review_is_not_listed(base: Base) -> None:
    everything = keys(ask(base, "reviews"))

    assert keys(ask(base, "reviews", review="!cochrane-2013")) == [
        key for key in everything if key != "cochrane-2013"
    ]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_row_has_its_passage(subject: str, base: Base) -> None:
    """Outcomes and instruments are terms, counted from rows that have one."""
    for row in ask(base, subject).rows:
        assert subject in {"outcomes", "instruments"} or row["passage"]["quote"]
