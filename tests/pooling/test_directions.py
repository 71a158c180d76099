"""The effect-direction table of the evidence shipped: what is a direction of a trial."""

from typing import Any

from kb.base import Base, Record
from kb.pooling.options import PoolOptions
from kb.pooling.selecting.selection import select_effects
from kb.pooling.sign_test import BY_SUBGROUP, sign_test


def rows(base: Base, options: dict[str, Any] | None = None, **facets: str) -> tuple[Record, ...]:
    made = PoolOptions.of(**(options or {}))
    return select_effects(base, base.question(**facets), made).directions


def row(found: tuple[Record, ...], study: str) -> Record:
    (one,) = [row for row in found if row["study"] == study]
    return one


def test_times_that_point_different_ways_are_listed_each_with_its_direction(base: Base) -> None:
    edelman = row(rows(base, outcome="depression"), "edelman-1999")
    assert edelman["direction"] == "mixed"
    assert edelman["time"] is None
    assert edelman["instrument"] == "Profile of Mood States"
    assert edelman["by"] == [
        {"of": "3-month follow-up", "direction": "no-difference"},
        {"of": "6-month follow-up", "direction": "no-difference"},
        {"of": "after therapy", "direction": "favours-intervention"},
    ]


def test_instruments_that_agree_are_named_with_the_p_value_of_each(base: Base) -> None:
    calm = row(rows(base, outcome="depression"), "calm-spi-2020")
    assert calm["instrument"] == "Beck Depression Inventory; Patient Health Questionnaire-9"
    assert (calm["direction"], calm["p"], calm["by"]) == (
        "no-difference",
        "p = 0.62; p = 0.998",
        [],
    )


def test_strata_of_an_interaction_are_no_direction_of_the_trial(base: Base) -> None:
    goodwin = row(rows(base, outcome="mood-disturbance"), "goodwin-2001")
    assert goodwin["apart"] == BY_SUBGROUP
    assert {part["of"] for part in goodwin["by"]} == {
        "women less distressed at baseline",
        "women more distressed at baseline",
    }


def test_a_finding_is_adjusted_only_where_that_is_asked_for(base: Base) -> None:
    goodwin = row(rows(base, outcome="survival"), "goodwin-2001")
    assert (goodwin["analysis"], goodwin["n"], goodwin["n_of"]) == (
        "univariate",
        235,
        "in the comparison",
    )
    adjusted = row(rows(base, {"adjusted": True}, outcome="survival"), "goodwin-2001")
    assert adjusted["analysis"] == "multivariate"
    assert adjusted["n_of"] == "in the arms"


def test_only_randomised_trials_in_patients_have_a_vote(base: Base) -> None:
    found = rows(base, {"include": ["not-randomised"]}, outcome="depression")
    horowitz = row(found, "horowitz-1996")
    assert horowitz["direction"] == "favours-intervention"
    assert horowitz["apart"] == "not a randomised trial; of spouses, not of patients"
    assert sign_test(found) == sign_test(rows(base, outcome="depression"))


def test_a_trend_is_a_statement_and_no_test(base: Base) -> None:
    kissane = row(rows(base, outcome="anxiety"), "kissane-2003")
    assert kissane["basis"] == "statement"
    assert kissane["statement"].startswith("A trend, and no more")
