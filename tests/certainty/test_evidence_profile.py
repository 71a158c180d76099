"""An evidence profile: what stands behind each theme, and what people judged of it."""

import json

from kb.base import Base
from kb.certainty.evidence_profile import ThemeRow
from kb.certainty.ratings import COMPONENTS


def row_of(base: Base, theme: str) -> ThemeRow:
    return next(row for row in base.cerqual(theme=theme).rows if row.key == theme)


def test_studies_are_counted_with_their_reports_and_reviews_stand_apart(rated: Base) -> None:
    row = row_of(rated, "social-connectedness")

    assert row.reports == {
        "rowan-2015": ["Rowan & Maker 2015", "Rowan & Maker 2016"],
        "sorrel-2018": ["Sorrel & Maker 2018"],
    }
    assert list(row.studies.values()) == ["Rowan 2015 (made up)", "Sorrel 2018 (made up)"]
    assert row.reviews == {"Maple 2020 (made up)": ["Groups connect. (2 of 3 studies)"]}


def test_facts_that_help_to_judge_are_those_of_studies_alone(rated: Base) -> None:
    row = row_of(rated, "social-connectedness")

    assert row.voices == {"patients": 1, "members": 1, "caregivers": 1}
    assert row.countries == {"Canada": 1}
    assert row.deliveries == {"group": 1}
    assert row.definition == "Being with others who live with the same illness."


def test_each_component_is_judged_or_is_not(rated: Base) -> None:
    row = row_of(rated, "social-connectedness")
    (rating,) = row.ratings
    judged = row.components(rating)

    assert list(judged) == list(COMPONENTS)
    assert [each["concern"] for each in judged.values() if each] == [
        "minor",
        "no or very minor",
        "moderate",
        "serious",
    ]
    assert (rating["level"], rating["reasons"]) == (
        "moderate",
        "Few studies, and all of them rich.",
    )
    assert set(row.components(None).values()) == {None}


def test_theme_that_nobody_rated_has_no_rating(rated: Base) -> None:
    row = row_of(rated, "talk-of-death")

    assert row.ratings == ()
    assert row.as_dict()["confidence"] == []


def test_rated_theme_without_a_finding_has_a_row(rated: Base) -> None:
    row = row_of(rated, "hope")

    assert row.studies == {}
    assert row.ratings[0]["level"] == "very low"
    assert "hope" not in {row.key for row in rated.cerqual(approach="segt").rows}


def test_facets_of_studies_narrow_it_and_say_what_they_do_not_reach(rated: Base) -> None:
    found = rated.cerqual(approach="segt")

    assert {study for row in found.rows for study in row.studies} == {"rowan-2015"}
    assert "stated by reviews" in found.left_out[0].reason


def test_profile_holds_every_statement_of_kb_themes(base: Base) -> None:
    told = sorted(row["key"] for row in base.themes().rows)
    found = base.cerqual()

    assert sorted(each["key"] for row in found.rows for each in row.findings) == told
    assert found.rated == 0
    assert found.command == "kb cerqual"
    json.dumps(found.as_dict(), allow_nan=False)


def test_frame_has_a_row_for_each_theme(rated: Base) -> None:
    frame = rated.cerqual().to_frame()

    assert list(frame["theme"]) == ["social-connectedness", "talk-of-death", "hope"]
    assert list(frame["studies"]) == [2, 1, 0]
    assert frame["coherence"][0] == "no or very minor: Both say the same."
