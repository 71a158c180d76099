"""What is said of results that are easily taken for more than they are."""

from typing import Any

import pytest

from kb.base import Base
from kb.pooling.evidence import Selection
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.pooling.selecting.selection import select_effects


def select(base: Base, options: dict[str, Any] | None = None, **facets: str) -> Selection:
    return select_effects(base, base.question(**facets), PoolOptions.of(**(options or {})))


@pytest.mark.parametrize(
    ("outcome", "key", "reason"),
    [
        (
            "survival",
            "classen-2001/survival",
            (
                "only medians; p = 0.002 is of an exploratory interaction by receptor status and "
                "is not an effect of the trial"
            ),
        ),
        (
            "survival",
            "kissane-2007/survival-er",
            (
                "only medians of a subset (oestrogen-receptor-negative tumours); p = 0.46 is of a "
                "subset, oestrogen-receptor-negative tumours (subgroup, log rank test); b = 1.14 "
                "with p = 0.71 is of an interaction term of a Cox model by hormone receptor status "
                "and is not an effect of the trial"
            ),
        ),
        (
            "sleep",
            "low-2010/sleep",
            (
                "eta2 = 0.09 is of an interaction with arm by time since metastatic diagnosis and "
                "is not an effect of the trial"
            ),
        ),
        (
            "pain-intensity",
            "spiegel-1981/pain-intensity-12m",
            (
                "only t = 2.5 with p < 0.02; F = 3.1 with p < 0.05 is of a three-way comparison "
                "and is not an effect between two arms"
            ),
        ),
    ],
    ids=["interaction", "subset", "size-of-interaction", "three-way"],
)
def test_a_number_that_is_no_effect_of_the_trial_says_what_it_is(
    base: Base, outcome: str, key: str, reason: str
) -> None:
    (item,) = [item for item in select(base, outcome=outcome).set_aside if item.key == key]
    assert item.reason == f"no effect with its variance: {reason}"


def test_a_derived_variance_that_contradicts_its_finding_is_not_trusted(base: Base) -> None:
    asked = {"include": ["derived-variances", "unsigned"]}
    selection = select(base, asked, outcome="traumatic-stress")
    assert [entry.study for entry in selection.entries] == ["classen-2001"]
    (caution,) = [c for c in selection.cautions if "contradict" in c]
    assert caution.startswith("Classen 2001 (second Stanford trial): the finding calls")
    assert caution.endswith("the derived variance is not to be trusted.")


def test_what_the_rule_does_not_decide_is_named_with_its_value(base: Base) -> None:
    asked = {"include": ["individual-times"], "measure": "RR", "window": "0..12"}
    selection = select(base, asked, outcome="survival")
    (caution,) = [c for c in selection.cautions if "does not decide" in c]
    assert "counted as alive (risk ratio 0.85), which enters" in caution
    assert "counted as dead (risk ratio 0.90)" in caution


def test_survival_times_are_called_the_subset_that_they_are(base: Base) -> None:
    selection = select(base, {"include": ["individual-times"]}, outcome="survival")
    assert any(
        "a subset let in by --include individual-times: the 58 of 86 randomised" in caution
        for caution in selection.cautions
    )
    assert "--include individual-times lets in" in selection.rule[-1]
    without = select(base, outcome="survival")
    assert not any("individual-times" in line for line in (*without.rule, *without.cautions))


def test_the_share_in_one_arm_is_no_comparison(made_up: Base) -> None:
    selection = select(made_up, {"measure": "PR"}, outcome="suicidal-ideation")
    assert selection.cautions[0].endswith("no comparison with another arm.")
    for entry in selection.entries:
        arm = entry.basis.partition(" in one arm: ")[2]
        assert arm
        assert entry.label.endswith(f", {arm}")


@pytest.mark.parametrize(
    ("measure", "needed"),
    [
        ("HR", "a hazard ratio with its interval"),
        ("OR", "events and participants by arm"),
        ("PETO", "events and participants by arm"),
        ("MD", "means and standard deviations by arm"),
        ("ROM", "means and standard deviations by arm"),
        ("PR", "events and participants of the intervention arm"),
    ],
)
def test_what_would_unlock_more_fits_the_measure(base: Base, measure: str, needed: str) -> None:
    unlock = select(base, {"measure": measure}, outcome="survival").unlock
    assert any(f"Survival: {needed} from Cunningham 1998" in sentence for sentence in unlock)


@pytest.mark.parametrize("measure", ["ZCOR", "IRR", "MC", "GEN"])
def test_nothing_unlocks_a_measure_that_no_trial_of_the_store_gives(
    base: Base, measure: str
) -> None:
    selection = select(base, {"measure": measure}, outcome="survival")
    assert selection.unlock == ()
    assert f"({measure})" in selection.cautions[0]


@pytest.mark.parametrize("dependence", ["three-level", "robust"])
def test_dependence_without_dependent_effects_still_gets_a_verdict(
    base: Base, dependence: str
) -> None:
    options = PoolOptions.of(dependence=dependence, measure="HR")
    answer = pool(base, base.question(outcome="survival", approach="segt"), options)
    if answer.analysis is None:
        assert answer.verdict.status == "not poolable"
        assert "--dependence" in answer.verdict.reasons[0]
    assert answer.selection.directions
    assert answer.selection.set_aside
