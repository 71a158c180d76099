"""Which effects enter a pool of trials that were made up to be difficult."""

import math
from typing import Any

import pytest

from kb.base import Base
from kb.pooling.evidence import Selection, SetAside
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.pooling.selecting.selection import select_effects


def select(base: Base, options: dict[str, Any] | None = None, **facets: str) -> Selection:
    return select_effects(base, base.question(**facets), PoolOptions.of(**(options or {})))


def aside(selection: Selection, key: str) -> SetAside:
    return next(item for item in selection.set_aside if item.key == key)


def keys(selection: Selection) -> list[str]:
    return [entry.key for entry in selection.entries]


def test_measures_are_never_mixed(made_up: Base) -> None:
    selection = select(made_up, outcome="survival")
    assert keys(selection) == ["alder-1991/survival/hr", "birch-1995/survival/hr"]
    item = aside(selection, "elm-2004/survival/events-segt")
    assert item.reason == "another measure (events by arm); pooled is the hazard ratio"
    assert item.ask == "--measure OR"


def test_a_measure_that_is_asked_for_takes_the_place_of_the_commonest(made_up: Base) -> None:
    selection = select(made_up, {"measure": "OR"}, outcome="survival")
    assert keys(selection) == ["elm-2004/survival/events-segt"]
    assert math.exp(selection.entries[0].yi) == pytest.approx(31 * 11 / (14 * 33))
    assert selection.entries[0].shown == ("31/45", "33/44")


def test_the_whole_trial_comes_before_a_subset(made_up: Base) -> None:
    selection = select(made_up, {"include": ["subsets"]}, outcome="survival")
    item = aside(selection, "alder-1991/survival/hr-young")
    assert item.reason == "a subset (women under 50); the whole trial enters"


def test_a_trial_that_is_not_randomised_enters_only_when_asked_for(made_up: Base) -> None:
    without = aside(select(made_up, outcome="survival"), "gorse-2010/survival/hr")
    assert without.reason == "its study is not a randomised trial"
    assert without.ask == "--include not-randomised"
    included = select(made_up, {"include": ["not-randomised"]}, outcome="survival")
    assert "gorse-2010/survival/hr" in keys(included)
    assert "Gorse 2010 (made up): not a randomised trial." in included.cautions
    named = select(made_up, outcome="survival", design="controlled")
    assert keys(named) == ["gorse-2010/survival/hr"]


def test_what_is_adjusted_only_needs_to_be_asked_for(made_up: Base) -> None:
    selection = select(made_up, outcome="survival")
    assert "cedar-1999" not in {entry.study for entry in selection.entries}
    assert (
        "Survival: an unadjusted hazard ratio with its interval from Cedar 1999 (made up); "
        "or --adjusted."
    ) in selection.unlock
    adjusted = select(made_up, {"adjusted": True}, outcome="survival")
    assert keys(adjusted) == ["cedar-1999/survival/hr-adjusted"]


def test_of_several_instruments_and_times_the_rule_takes_one(made_up: Base) -> None:
    selection = select(made_up, outcome="depression")
    assert selection.entries[0].key == "alder-1991/depression-12m/mean-segt"
    earlier = aside(selection, "alder-1991/depression-3m/mean-segt")
    assert earlier.reason == "an earlier time point (3 months); 12 months enters"
    first = select(made_up, {"rule": ["first"]}, outcome="depression")
    assert first.entries[0].key == "alder-1991/depression-3m/mean-segt"


def test_an_instrument_that_few_trials_used_gives_way(made_up: Base) -> None:
    selection = select(made_up, {"measure": "SMD"}, outcome="depression")
    item = aside(selection, "alder-1991/depression-cesd-12m/mean-segt")
    assert item.reason.startswith("not on the instrument that most trials used")


def test_mean_differences_are_pooled_on_one_scale(made_up: Base) -> None:
    selection = select(made_up, {"measure": "MD"}, outcome="mood-disturbance")
    assert [entry.study for entry in selection.entries] == ["alder-1991", "cedar-1999"]
    assert not any(entry.flipped for entry in selection.entries)
    item = aside(selection, "birch-1995/mood/mean-segt")
    assert item.ask == "--measure SMD"


def test_effects_on_scales_with_opposite_better_ends_are_turned(made_up: Base) -> None:
    selection = select(made_up, outcome="mood-disturbance")
    assert selection.measure is not None
    assert selection.measure.code == "SMD"
    assert [entry.flipped for entry in selection.entries] == [False, True, False]
    assert all(entry.yi < 0 for entry in selection.entries)
    assert selection.favours == "below 0 favours the intervention"


def test_one_scale_keeps_its_own_better_end(made_up: Base) -> None:
    selection = select(made_up, outcome="sleep")
    assert selection.entries[0].yi == pytest.approx(0.5)
    assert selection.favours == "above 0 favours the intervention"


def test_reports_that_disagree_are_both_told_of(made_up: Base) -> None:
    selection = select(made_up, outcome="depression")
    item = aside(selection, "birch-1995/depression-12m/mean-segt")
    assert item.reason == "disagrees with means 7.6 v 8.3 in Birch & Maker 1997, which enters"
    (caution,) = [c for c in selection.cautions if "disagree" in c]
    assert "8 v 8.3 in Birch & Maker 1995" in caution


def test_arms_that_share_a_control_are_one_comparison(made_up: Base) -> None:
    selection = select(made_up, outcome="pain", design="rct")
    item = aside(selection, "fir-2006/pain/mean-cbt")
    assert item.reason.startswith("shares its control arm with supportive-expressive group")
    assert item.ask == "--dependence aggregate"


def test_which_arm_enters_is_not_decided_by_the_rule_and_told(made_up: Base) -> None:
    selection = select(made_up, outcome="pain", design="rct")
    (caution,) = [c for c in selection.cautions if "does not decide" in c]
    assert caution == (
        "Fir 2006 (made up): the rule does not decide between means 3.4 v 4.3, "
        "supportive-expressive group v waiting list (mean difference -0.90), which enters, and "
        "means 3 v 4.3, cognitive behavioural group v waiting list (mean difference -1.30)."
    )
    assert selection.undecided == ("fir-2006/pain/mean-cbt",)
    most = select(made_up, {"rule": ["most-favourable"]}, outcome="pain", design="rct")
    assert most.undecided == ("fir-2006/pain/mean-segt",)
    assert select(made_up, outcome="depression", design="rct").undecided == ()


def test_of_many_trials_the_undecided_effects_are_told_in_one_sentence(
    made_up: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.pooling.selecting.selection._MOST_COMPARED", 0)
    selection = select(made_up, outcome="pain", design="rct")
    (caution,) = [c for c in selection.cautions if "does not decide" in c]
    assert caution == (
        "Fir 2006 (made up): the rule does not decide between several results of each; the effect "
        "least in favour of the intervention enters, and kb multiverse tries the other extreme."
    )


def test_a_note_on_a_result_is_no_caution(made_up: Base) -> None:
    answer = pool(made_up, made_up.question(outcome="pain", approach="segt"), PoolOptions.of())
    noted = {study["key"]: study["notes"] for study in answer.as_dict()["studies"]}
    assert noted["fir-2006/pain/mean-segt"] == ["Extracted by two made-up readers."]
    assert not any("Extracted" in reason for reason in answer.verdict.reasons)


def test_all_effects_of_a_trial_enter_as_one_cluster_with_names_of_their_own(
    made_up: Base,
) -> None:
    selection = select(made_up, {"dependence": "aggregate"}, outcome="pain")
    fir = [entry for entry in selection.entries if entry.study == "fir-2006"]
    assert [entry.label for entry in fir] == [
        "Fir 2006 (made up), cognitive behavioural group",
        "Fir 2006 (made up), supportive-expressive group",
    ]
    assert selection.trials == 2


def test_dependent_effects_hold_each_result_once(made_up: Base) -> None:
    selection = select(made_up, {"dependence": "robust"}, outcome="depression")
    assert [entry.label for entry in selection.entries] == [
        "Alder 1991 (made up), 3 months",
        "Alder 1991 (made up), 12 months",
        "Birch 1995 (made up)",
        "Cedar 1999 (made up)",
    ]


def test_the_comparison_is_the_one_that_is_asked_for(made_up: Base) -> None:
    selection = select(made_up, outcome="pain", approach="cbt")
    assert keys(selection) == ["fir-2006/pain/mean-cbt"]
    item = aside(selection, "fir-2006/pain/mean-segt")
    assert item.reason == "its intervention is not the one asked for: supportive-expressive group"


def test_zero_events_in_one_arm_are_corrected_and_said(made_up: Base) -> None:
    selection = select(made_up, outcome="suicidal-ideation")
    alder = selection.entries[0]
    assert alder.yi == pytest.approx(math.log(0.5 * 57.5 / (60.5 * 3.5)))
    assert any("1/2 was added" in c and "Alder" in c for c in selection.cautions)
    assert selection.counts is not None
    assert selection.counts["ai"] == (0, 2, 1)


def test_zero_events_in_both_arms_tell_nothing_of_a_ratio(made_up: Base) -> None:
    selection = select(made_up, outcome="suicidal-ideation")
    item = aside(selection, "birch-1995/ideation/events-segt")
    assert item.reason == "no participant of either arm had the event, or all had it"
    differences = select(made_up, {"measure": "RD"}, outcome="suicidal-ideation")
    assert differences.entries[1].yi == 0


def test_proportions_of_single_arms_are_had_when_asked_for(made_up: Base) -> None:
    selection = select(made_up, {"measure": "PLO"}, outcome="suicidal-ideation")
    assert [entry.n for entry in selection.entries] == [
        (60, None),
        (70, None),
        (100, None),
        (45, None),
    ]
    assert selection.favours == ""
    assert selection.entries[2].yi == pytest.approx(math.log(2 / 98))


def test_a_window_holds_the_time_points(made_up: Base) -> None:
    selection = select(made_up, {"window": "0..6"}, outcome="depression")
    assert [entry.time for entry in selection.entries] == ["3 months", "6 months"]
    item = aside(selection, "alder-1991/depression-12m/mean-segt")
    assert item.reason == "measured at 12 months, outside the window 0..6"


def test_a_measurement_without_an_effect_says_what_there_is(made_up: Base) -> None:
    selection = select(made_up, outcome="fatigue")
    assert aside(selection, "alder-1991/fatigue").reason.endswith("only p = 0.03")
    assert aside(selection, "birch-1995/fatigue").reason.endswith("only medians")
    assert [(row["p"], row["n"], row["n_of"]) for row in selection.directions] == [
        ("p = 0.03", 120, "randomised in the study"),
        ("", 131, "in the arms"),
    ]


def test_risk_of_bias_stands_beside_the_effect(made_up: Base) -> None:
    selection = select(made_up, outcome="survival")
    assert selection.entries[0].bias == (
        ("missing outcome data", "some concerns"),
        ("randomisation process", "low"),
    )


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("interaction", "an interaction, not an effect of the intervention"),
        ("or", "it contradicts the finding in words, which favours the intervention"),
        ("unnamed", "which arm the estimate is of is not said"),
        (
            "mean-segt-again",
            "an arm is shown more than once, and which of its values belong together is not said",
        ),
    ],
    ids=lambda value: value.split()[0],
)
def test_results_that_are_no_effect_or_cannot_be_trusted_stay_out_for_good(
    made_up: Base, key: str, reason: str
) -> None:
    selection = select(made_up, outcome="hopelessness")
    item = aside(selection, f"hazel-2012/hopelessness/{key}")
    assert (item.reason, item.ask) == (reason, "")


def test_a_control_that_is_compared_with_the_intervention_is_turned(made_up: Base) -> None:
    selection = select(made_up, outcome="coping")
    (entry,) = selection.entries
    assert entry.yi == 2
    assert entry.basis.endswith("the source compares the control arm with the intervention")
    item = aside(selection, "hazel-2012/coping/misprint")
    assert item.reason == "its interval from 3.5 to 4.5 does not hold the estimate 2"


def test_an_event_of_which_nobody_says_whether_it_is_good_stays_out(made_up: Base) -> None:
    item = aside(select(made_up, outcome="service-use"), "hazel-2012/service-use/events-segt")
    assert item.reason.startswith("which of its ends is better for the participant is not said")
    assert "kb import --words" in item.reason


def test_opposite_events_are_turned_for_odds_and_kept_apart_for_risks(made_up: Base) -> None:
    odds = select(made_up, outcome="satisfaction", approach="segt")
    assert [entry.flipped for entry in odds.entries] == [False, True]
    assert odds.entries[1].yi == pytest.approx(math.log(10 * 26 / (30 * 15)))
    assert odds.counts is not None
    assert [odds.counts[name][1] for name in ("ai", "bi", "ci", "di")] == [10, 30, 15, 26]
    risks = select(made_up, {"measure": "RR"}, outcome="satisfaction", approach="segt")
    item = aside(risks, "iris-2014/satisfaction/events-segt")
    assert item.reason == "its better end is the higher, that of most the lower"


def test_two_interventions_are_compared_only_where_one_is_asked_for(made_up: Base) -> None:
    item = aside(select(made_up, outcome="satisfaction"), "iris-2014/satisfaction/events-cbt")
    assert item.reason.startswith("it compares two interventions")
    (cbt,) = select(made_up, outcome="satisfaction", approach="cbt").entries
    assert cbt.shown == ("26/41", "30/40")


def test_groups_that_were_randomised_as_such_are_a_caution(made_up: Base) -> None:
    selection = select(made_up, outcome="satisfaction")
    assert any("whole groups were randomised" in caution for caution in selection.cautions)
