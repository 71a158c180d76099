"""Ratings come from seed files alone, each with its reasons."""

from kb.base import Base
from kb.certainty.ratings import COMPONENTS, DOMAINS, ratings
from kb.pages import page
from kb_schema.codes import CertaintyDomain


def test_rating_comes_with_its_reasons_in_the_order_of_grade(rated: Base) -> None:
    found = ratings(rated, outcomes=["overall-survival"])

    assert [row["key"] for row in found] == ["maple-2020/survival"]
    assert found[0]["level"] == "low"
    assert found[0]["review_label"] == "Maple 2020 (made up)"
    assert found[0]["of_approach_name"] == "Supportive-expressive group therapy"
    assert [(each["domain"], each["steps"]) for each in found[0]["domains"]] == [
        ("risk of bias", -1),
        ("inconsistency", 0),
        ("imprecision", -1),
    ]
    assert found[0]["passage"]["locator"] == "table 3"


def test_all_ratings_are_told_where_nothing_narrows_them(rated: Base) -> None:
    assert [row["key"] for row in ratings(rated)] == [
        "maple-2020/connectedness",
        "maple-2020/hope",
        "maple-2020/sleep-large",
        "maple-2020/survival",
    ]


def test_rating_of_one_approach_is_not_told_of_another(rated: Base) -> None:
    """A rating of all that a review covers is told of any approach."""
    of_cbt = ratings(rated, outcomes=["overall-survival", "sleep"], approaches=["cbt"])

    assert [row["key"] for row in of_cbt] == ["maple-2020/sleep-large"]
    assert of_cbt[0]["of_approach"] is None


def test_outcomes_and_themes_together_are_either(rated: Base) -> None:
    found = ratings(rated, outcomes=["sleep"], themes=["hope"])

    assert [row["key"] for row in found] == ["maple-2020/hope", "maple-2020/sleep-large"]
    assert ratings(rated, reviews=["goodwin-2001"]) == []


def test_every_domain_of_the_schema_has_its_place() -> None:
    assert {*DOMAINS, *COMPONENTS} == {domain.value for domain in CertaintyDomain}


def test_shipped_evidence_holds_no_rating(base: Base) -> None:
    """Nobody has rated it; a rating there must come with who rated it and why."""
    assert ratings(base) == []


def test_page_of_a_review_shows_its_ratings_with_their_reasons(rated: Base) -> None:
    sections = {
        section.heading: section.facts for section in page(rated, "review:maple-2020").sections
    }
    told = [(fact.label, fact.value) for fact in sections["Certainty"]]

    place = told.index(
        ("Overall survival", "low (GRADE), with Supportive-expressive group therapy")
    )
    assert told[place + 1 : place + 5] == [
        ("because", "risk of bias, -1: Two trials lost many women to follow-up."),
        ("because", "inconsistency, no step: The effects are alike."),
        ("because", "imprecision, -1: The interval holds benefit and harm."),
        ("because", "Rated from high, for the trials are randomised."),
    ]
    assert ("Hope", "very low (GRADE-CERQual)") in told
