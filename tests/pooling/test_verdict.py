"""Whether effects may be pooled, and why."""

import pytest

from kb.base import Base
from kb.pooling.analysing.analysis import analyse
from kb.pooling.evidence import Entry, Selection, Verdict
from kb.pooling.options import PoolOptions
from kb.pooling.selecting.selection import select_effects
from kb.pooling.verdict import judge
from kb.synthesis.measures import MEASURES


def of_effects(
    *effects: tuple[float, float], dependence: str = "one", clusters: int = 0
) -> Verdict:
    entries = tuple(
        Entry(f"Trial {i} (made up)", yi, vi, f"trial-{i % clusters if clusters else i}", str(i))
        for i, (yi, vi) in enumerate(effects)
    )
    options = PoolOptions.of(dependence=dependence)
    selection = Selection(MEASURES["SMD"], entries)
    return judge(selection, analyse(selection, options) if entries else None, options)


def of_question(base: Base, **facets: str) -> Verdict:
    options = PoolOptions()
    selection = select_effects(base, base.question(**facets), options)
    return judge(selection, analyse(selection, options) if selection.entries else None, options)


def test_no_trial_is_not_poolable() -> None:
    verdict = of_effects()
    assert verdict.status == "not poolable"
    assert not verdict.is_poolable
    assert verdict.reasons == (
        "No trial has a standardised mean difference with its variance that may enter.",
    )


def test_one_trial_is_not_poolable_and_shows_its_own_effect() -> None:
    verdict = of_effects((0.2, 0.04))
    assert verdict.status == "not poolable"
    (reason,) = verdict.reasons
    assert reason == (
        "Only Trial 0 (made up) has a standardised mean difference with its variance; "
        "shown is its own effect."
    )


def test_several_effects_of_one_trial_are_not_poolable() -> None:
    verdict = of_effects((0.2, 0.04), (0.3, 0.05), dependence="aggregate", clusters=1)
    (reason,) = verdict.reasons
    assert reason == (
        "All 2 effects are of one study (Trial 0 (made up) and Trial 1 (made up)); "
        "to pool takes two."
    )


@pytest.mark.parametrize(("k", "word"), [(2, "Two"), (3, "Three")])
def test_two_or_three_trials_tell_little_of_heterogeneity(k: int, word: str) -> None:
    verdict = of_effects(*[(0.2 + i / 50, 0.04) for i in range(k)])
    assert verdict.status == "poolable with cautions"
    assert verdict.reasons[0].startswith(f"{word} trials (Trial 0 (made up)")


def test_several_trials_that_agree_are_poolable() -> None:
    verdict = of_effects(*[(0.2 + i / 100, 0.04) for i in range(6)])
    assert verdict.status == "poolable"
    assert verdict.reasons == ()


def test_considerable_heterogeneity_is_a_caution() -> None:
    verdict = of_effects(*[(i, 0.04) for i in range(6)])
    assert any("I² is" in reason for reason in verdict.reasons)


def test_a_prediction_interval_that_holds_no_effect_is_a_caution() -> None:
    verdict = of_effects(
        (0.0, 0.02), (0.2, 0.02), (0.5, 0.02), (0.9, 0.02), (0.4, 0.02), (0.6, 0.02)
    )
    assert any(reason.startswith("The prediction interval") for reason in verdict.reasons)


def test_effects_that_depend_on_each_other_are_a_caution() -> None:
    effects = [(0.2 + i / 100, 0.04) for i in range(8)]
    verdict = of_effects(*effects, dependence="robust", clusters=4)
    (reason,) = verdict.reasons
    assert reason == (
        "4 trials have several effects, which depend on each other. Pooled are all effects, with "
        "cluster-robust variances; rho = 0.5 is an assumption."
    )


def test_survival_is_poolable_with_cautions_that_name_the_trials(base: Base) -> None:
    verdict = of_question(base, outcome="survival", approach="segt")
    assert verdict.status == "poolable with cautions"
    assert "educational materials (goodwin 2001 (best))" in " ".join(verdict.reasons).lower()
    assert any("seen only in an abstract" in reason for reason in verdict.reasons)
    assert any("was measured is not said" in reason for reason in verdict.reasons)
    assert verdict.unlock


def test_pain_is_not_poolable(base: Base) -> None:
    verdict = of_question(base, outcome="pain", approach="segt")
    assert verdict.status == "not poolable"
    assert verdict.reasons == ("No trial has an effect with its variance that may enter.",)


def of_means(*spreads: float, measure: str = "MD") -> Verdict:
    """Return the verdict on two arms of ten each, with these standard deviations."""
    entries = tuple(
        Entry(f"Trial {i} (made up)", i / 100, sd**2 * (1 / 10 + 1 / 10), f"t{i}", "", n=(10, 10))
        for i, sd in enumerate(spreads)
    )
    selection = Selection(MEASURES[measure], entries)
    return judge(selection, analyse(selection, PoolOptions()), PoolOptions())


def test_means_that_are_hardly_on_one_scale_are_a_caution() -> None:
    reasons = of_means(0.5, 0.6, 0.55, 2.1).reasons
    (told,) = [reason for reason in reasons if reason.startswith("Standard deviations")]
    assert told.startswith(
        "Standard deviations reach from 0.5 (Trial 0 (made up)) to 2.1 (Trial 3 (made up)): "
    )
    assert told.endswith("--measure SMD needs none.")


@pytest.mark.parametrize(
    "verdict", [of_means(0.5, 0.6, 0.55, 1.9), of_means(0.5, 0.6, 0.55, 2.1, measure="SMD")]
)
def test_means_on_one_scale_or_none_are_no_caution(verdict: Verdict) -> None:
    assert not any(reason.startswith("Standard deviations") for reason in verdict.reasons)
