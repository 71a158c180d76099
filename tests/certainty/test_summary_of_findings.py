"""A summary of findings: a row for each outcome, and each outcome without one named with why."""

import json
import math
import shlex
from typing import Any

import pytest

from kb.base import Base
from kb.certainty.summary_of_findings import PAGE, OutcomeRow
from kb.errors import KbError, UnknownValue


def row_of(base: Base, outcome: str, **asked: Any) -> OutcomeRow:
    (row,) = base.sof(outcome=outcome, **asked).rows
    return row


def test_row_has_the_pooled_effect_of_kb_pool(rated: Base) -> None:
    row = row_of(rated, "depression", test="knha")
    back = rated.pool(outcome="depression", test="knha").analysis.back  # type: ignore[union-attr]

    assert row.effect == (back["estimate"], back["ci_low"], back["ci_high"])
    assert row.as_dict()["relative"]["measure"] == "mean difference"
    assert shlex.split(row.as_dict()["command"])[:2] == ["kb", "pool"]


def test_absolute_effect_of_a_hazard_ratio_by_hand(rated: Base) -> None:
    row = row_of(rated, "overall-survival", approach="segt", baseline="40%")
    (found,) = row.absolute
    assert row.effect is not None

    assert found.control == pytest.approx(400)
    assert found.intervention == pytest.approx(1000 * (1 - 0.6 ** row.effect[0]))
    assert found.low == pytest.approx(1000 * (1 - 0.6 ** row.effect[1]))
    assert found.high == pytest.approx(1000 * (1 - 0.6 ** row.effect[2]))
    assert (found.event, found.source) == ("the unwanted event", "a stated risk of 40%")


def test_risk_of_the_control_arms_stands_beside_the_stated_one(rated: Base) -> None:
    """Of 60, 98 and 44 women in control arms 3, 5 and 4 had such thoughts."""
    row = row_of(rated, "suicidal-ideation", baseline=["20%", "pain=50%"])

    assert [each.source for each in row.absolute] == [
        "a stated risk of 20%",
        "the risk in the control arms, 12 of 202",
    ]
    assert row.absolute[1].control == pytest.approx(1000 * 12 / 202)
    assert row.effect is not None
    odds = row.effect[0] * 12 / 190
    assert row.absolute[1].intervention == pytest.approx(1000 * odds / (1 + odds))


def test_baseline_of_one_outcome_is_not_taken_for_another(rated: Base) -> None:
    found = rated.sof(outcome=["overall-survival", "suicidal-ideation"], baseline="survival=30%")

    assert all("stated" not in each.source for row in found.rows for each in row.absolute)
    assert any("baseline risk 30% of Survival is not used" in note for note in found.notes)


def test_missing_baseline_is_asked_for(rated: Base) -> None:
    found = rated.sof(outcome="overall-survival")

    assert found.rows[0].absolute == ()
    assert any("--baseline 20%" in note for note in found.notes)


def test_difference_of_means_has_what_matters_beside_it(rated: Base) -> None:
    row = row_of(rated, "depression")

    assert row.absolute == ()
    assert 1.5 in {each["value_low"] for each in row.important}
    assert all(each["passage"]["quote"] for each in row.important)


def test_standardised_difference_is_put_in_points_by_a_deviation_of_the_store(rated: Base) -> None:
    row = row_of(rated, "mood-disturbance", approach="segt")
    assert row.effect is not None
    (points,) = row.points

    assert points["sd"] == 5.369
    assert points["estimate"] == pytest.approx(row.effect[0] * 5.369)
    assert points["passage"]["report"] == "metapsy-tools"


def test_participants_are_counted_once_a_trial(rated: Base) -> None:
    """Of several effects of a trial the one on most of its participants counts."""
    row = row_of(rated, "depression", dependence="aggregate", approach="segt")

    assert row.answer.selection.k > row.answer.selection.trials
    assert row.participants == (55 + 54 + 64 + 63 + 92 + 90, 3)


def test_where_nothing_is_pooled_there_are_directions_and_no_number(rated: Base) -> None:
    row = row_of(rated, "fatigue", approach="segt", baseline="20%")
    data = row.as_dict()

    assert (data["relative"], data["absolute"], data["in_points"]) == (None, [], [])
    assert [trial["label"] for trial in row.directions["favours-intervention"]] == [
        "Alder 1991 (made up)"
    ]
    assert [trial["label"] for trial in row.directions["no-difference"]] == ["Birch 1995 (made up)"]


def test_one_trial_is_not_a_pooled_effect(rated: Base) -> None:
    row = row_of(rated, "sleep", approach="segt")

    assert row.effect is None
    assert list(row.trials) == ["birch-1995"]
    assert row.unpooled == (
        "only Birch 1995 (made up) has a mean difference with its variance: "
        "kb pool --approach segt --outcome sleep"
    )


def test_effects_and_directions_lead_to_their_passages(rated: Base) -> None:
    row = row_of(rated, "overall-survival", approach="segt")
    beside = [trial for trials in row.directions.values() for trial in trials]

    assert {each["report"] for each in row.passages} == {"alder-1991", "birch-1995"}
    assert all(trial["passages"] for trial in beside)


def test_trials_that_are_not_pooled_stand_beside_those_that_are(rated: Base) -> None:
    row = row_of(rated, "overall-survival", approach="segt")
    told = {trial["study"] for trials in row.directions.values() for trial in trials}

    assert row.trials.keys() == {"alder-1991", "birch-1995"}
    assert told == {"cedar-1999", "elm-2004"}
    assert row.is_rated


def test_rated_outcome_has_no_suggestion_and_an_unrated_one_no_rating(rated: Base) -> None:
    survival, depression = rated.sof(outcome=["overall-survival", "depression"]).rows

    assert survival.suggestions == ()
    assert [rating["level"] for rating in survival.ratings] == ["low"]
    assert (depression.ratings, len(depression.suggestions)) == ((), 4)


def test_rating_of_what_is_below_an_outcome_is_shown_and_rates_it_not(rated: Base) -> None:
    row = row_of(rated, "survival")

    assert [rating["outcome"] for rating in row.ratings] == ["overall-survival"]
    assert not row.is_rated
    assert row.suggestions
    assert row.holds == ("Overall survival",)


def test_rating_of_another_approach_is_not_taken(rated: Base) -> None:
    assert row_of(rated, "pain", approach="cbt").ratings == ()
    assert rated.sof(outcome="overall-survival", approach="cbt").rows == ()


def test_rating_is_told_although_no_study_is_on_it(rated: Base) -> None:
    """A rating that somebody entered never goes unseen for want of a trial."""
    found = rated.sof(approach="cbt")
    (sleep,) = [row for row in found.rows if row.key == "sleep"]

    assert sleep.is_rated
    assert not sleep.trials
    assert "sleep" not in {row.key for row in rated.sof(approach="cbt", country="canada").rows}


def test_every_outcome_measured_has_a_row_or_a_reason(base: Base) -> None:
    found = base.sof()
    names = [row.name for row in found.rows] + [item.what for item in found.left_out]

    assert len(found.rows) == PAGE
    assert sorted(names) == sorted(row["label"] for row in base.outcomes().rows)
    assert all(item.reason for item in found.left_out)


def test_named_outcomes_are_shown_however_many(base: Base) -> None:
    every = [row["key"] for row in base.outcomes().rows]
    found = base.sof(outcome=every)

    assert len(found.rows) > PAGE
    assert len(found.rows) + len(found.left_out) == len(every)
    assert {item.reason for item in found.left_out} == {
        "measured, but there is no number that may enter and no direction of effect"
    }


def test_outcome_that_nobody_measured_is_told(base: Base) -> None:
    found = base.sof(outcome="fatigue", approach="segt")

    assert found.rows == ()
    assert [item.as_dict() for item in found.left_out] == [
        {"what": "Fatigue", "reason": "no study asked for measured it"}
    ]
    assert base.sof(year="..1950").notes[0].startswith("No study in the store meets")


def test_answer_is_plain_data_without_nan(base: Base, rated: Base) -> None:
    for each in (base, rated):
        text = json.dumps(each.sof(baseline="20%").as_dict(), allow_nan=False)
        assert "NaN" not in text


def test_command_asks_the_same(rated: Base) -> None:
    found = rated.sof(approach="segt", baseline=["20%", "pain=0.3"], test="knha")

    assert found.command == "kb sof --approach segt --baseline 20% --baseline pain=0.3 --test knha"


def test_frame_has_a_row_for_each_outcome_and_risk(rated: Base) -> None:
    frame = rated.sof(outcome=["suicidal-ideation", "fatigue"], baseline="20%").to_frame()

    assert list(frame["outcome"]) == ["suicidal-ideation", "suicidal-ideation", "fatigue"]
    assert math.isclose(frame["control_per_1000"][0], 200)
    assert set(frame["certainty"]) == {"not yet rated"}


@pytest.mark.parametrize("name", ["subgroup", "outcom", "data"])
def test_names_that_mean_nothing_are_refused(name: str, rated: Base) -> None:
    with pytest.raises(UnknownValue, match=f"'{name}'"):
        rated.sof(**{name: "approach"})


def test_nothing_goes_with_an_option_that_does_not_exist(rated: Base) -> None:
    with pytest.raises(KbError, match="XX"):
        rated.sof(outcome="pain", method="XX")


def test_both_kinds_of_store_give_the_same(base_on_sqlite: Base, base_on_postgres: Base) -> None:
    def told(store: Base) -> list[Any]:
        return [
            store.sof(baseline="20%").as_dict()["answer"],
            store.cerqual().as_dict()["answer"],
        ]

    assert told(base_on_postgres) == told(base_on_sqlite)
