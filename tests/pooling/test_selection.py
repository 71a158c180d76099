"""Which effects enter a pool of the evidence shipped, and what is said of the others."""

import math
from typing import Any

import pytest
from scipy import stats

from kb.base import Base
from kb.errors import KbError, UnknownValue
from kb.pooling.evidence import Entry, Selection, SetAside
from kb.pooling.options import INCLUDABLE, PoolOptions, UnknownOption
from kb.pooling.selecting.selection import select_effects
from kb.synthesis.effect_sizes import hazards


def select(base: Base, options: dict[str, Any] | None = None, **facets: str) -> Selection:
    return select_effects(base, base.question(**facets), PoolOptions.of(**(options or {})))


def entry(selection: Selection, study: str) -> Entry:
    return next(entry for entry in selection.entries if entry.study == study)


def aside(selection: Selection, key: str) -> SetAside:
    return next(item for item in selection.set_aside if item.key == key)


def hazard_ratios(selection: Selection) -> dict[str, float]:
    return {entry.study: round(math.exp(entry.yi), 6) for entry in selection.entries}


def test_survival_takes_the_unadjusted_hazard_ratios(base: Base) -> None:
    selection = select(base, outcome="survival", approach="segt")
    assert hazard_ratios(selection) == {"goodwin-2001": 1.06, "kissane-2007": 0.92}
    assert selection.measure is not None
    assert selection.measure.code == "HR"
    assert selection.favours == "below 1 favours the intervention"
    item = aside(selection, "goodwin-2001/survival/hr-multivariate")
    assert (item.reason, item.ask) == ("adjusted for covariates", "--adjusted")


def test_the_variance_of_a_hazard_ratio_is_that_of_its_printed_interval(base: Base) -> None:
    best = entry(select(base, outcome="survival", approach="segt"), "goodwin-2001")
    expected = hazards.from_interval([1.06], [0.78], [1.45])
    assert best.yi == pytest.approx(expected.yi[0], rel=1e-12)
    assert best.vi == pytest.approx(expected.vi[0], rel=1e-12)


def test_each_entry_shows_its_participants_and_its_passage(base: Base) -> None:
    best = entry(select(base, outcome="survival", approach="segt"), "goodwin-2001")
    assert best.n == (158, 77)
    assert best.basis == "hazard ratio 1.06 (95 % CI 0.78 to 1.45), univariate, as reported"
    assert "1.06" in best.passages[0]["quote"]
    assert best.values["comparator"] == "Educational materials"
    assert best.values["n"] == 235


def test_adjusted_estimates_take_the_place_of_unadjusted_ones(base: Base) -> None:
    selection = select(base, {"adjusted": True}, outcome="survival", approach="segt")
    assert hazard_ratios(selection) == {"goodwin-2001": 1.23, "kissane-2007": 1.06}
    item = aside(selection, "goodwin-2001/survival/hr-univariate")
    assert item.reason.startswith("not adjusted")
    assert item.ask == ""


def test_individual_times_enter_when_asked_for_with_their_warning(base: Base) -> None:
    asked = {"include": ["individual-times"]}
    selection = select(base, asked, outcome="survival", approach="segt")
    spiegel = entry(selection, "spiegel-1981")
    assert math.exp(spiegel.yi) == pytest.approx(0.48582747, abs=1e-8)  # statsmodels' PHReg
    assert math.sqrt(spiegel.vi) == pytest.approx(0.30503046, abs=1e-8)
    assert spiegel.n == (34, 24)
    assert any("58 of 86" in c and "proportional hazards" in c for c in selection.cautions)
    reported = aside(selection, "spiegel-1981/survival-teaching-data/hr-derived")
    assert reported.reason.startswith("as reported; the effect computed")


def test_individual_times_stay_out_unless_asked_for(base: Base) -> None:
    selection = select(base, outcome="survival", approach="segt")
    item = aside(selection, "spiegel-1981/survival-teaching-data")
    assert "58 individual survival times" in item.what
    assert item.ask == "--include individual-times"
    assert (
        "Survival: a hazard ratio with its interval, of the whole trial, from Spiegel 1981 "
        "(first Stanford trial); or --include individual-times."
    ) in selection.unlock


def test_pain_cannot_be_pooled_and_says_what_would_let_it(base: Base) -> None:
    selection = select(base, outcome="pain", approach="segt")
    assert selection.measure is None
    assert not selection.entries
    assert {row["study"] for row in selection.directions} == {
        "spiegel-1981",
        "classen-2001",
        "goodwin-2001",
    }
    (unlock,) = selection.unlock
    assert unlock.startswith("Pain: means and standard deviations by arm from ")
    assert "Goodwin 2001 (BEST)" in unlock
    assert "Classen 2001 (second Stanford trial)" in unlock


def test_every_measurement_is_an_entry_or_is_set_aside(base: Base) -> None:
    for outcome in ("pain", "survival", "depression", "traumatic-stress"):
        question = base.question("results", outcome=outcome)
        selection = select(base, outcome=outcome)
        told = [entry.key for entry in selection.entries]
        told += [item.key for item in selection.set_aside]
        for row in base.answer(question).rows:
            assert any(key.startswith(row["key"]) for key in told), row["key"]


def test_an_effect_size_of_unknown_kind_stays_out_with_what_would_let_it_in(base: Base) -> None:
    selection = select(base, outcome="traumatic-stress")
    item = aside(selection, "classen-2001/traumatic-stress/es")
    assert "an effect size of unknown kind without its interval" in item.reason
    assert "printed without its sign" in item.reason
    assert item.ask == "--include derived-variances,unsigned"


def test_a_derived_variance_names_its_formula(base: Base) -> None:
    asked = {"include": ["derived-variances", "unsigned"]}
    (classen,) = select(base, asked, outcome="traumatic-stress").entries
    n1, n2 = 102 * 64 / 125, 102 * 61 / 125
    assert classen.yi == -0.25
    assert classen.vi == pytest.approx((n1 + n2) / (n1 * n2) + 0.25**2 / (2 * (n1 + n2)))
    assert "variance (n1 + n2)/(n1 n2) + d²/(2(n1 + n2))" in classen.basis
    assert "102 analysed, split as 64 and 61 were randomised" in classen.basis
    assert "sign from the finding in words" in classen.basis


def test_a_mean_difference_without_sign_and_interval_takes_both_from_what_is_said(
    base: Base,
) -> None:
    asked = {"include": ["derived-variances", "unsigned"], "measure": "MD"}
    selection = select(base, asked, outcome="depression", study="rodin-2018")
    (rodin,) = selection.entries
    assert rodin.yi == -1.09
    assert math.sqrt(rodin.vi) == pytest.approx(1.09 / stats.t.isf(0.02, 303))
    assert "p = 0.04 with 303 degrees of freedom (randomised)" in rodin.basis


def test_kinds_of_an_outcome_that_are_pooled_together_are_named(base: Base) -> None:
    asked = {"include": ["derived-variances", "unsigned"]}
    selection = select(base, asked, outcome="distress")
    assert (
        "The outcomes differ: Traumatic stress symptoms (Classen 2001 (second Stanford trial)); "
        "Depressive symptoms or disorder (Rodin 2018 (CALM))."
    ) in selection.cautions


@pytest.mark.parametrize("include", [[], list(INCLUDABLE)], ids=["strict", "everything"])
def test_every_outcome_has_a_selection_of_finite_effects(base: Base, include: list[str]) -> None:
    for outcome in base.vocabulary.terms("outcome"):
        selection = select(base, {"include": include}, outcome=outcome)
        for entry in selection.entries:
            assert math.isfinite(entry.yi)
            assert 0 < entry.vi < math.inf
            assert entry.passages
        labels = [entry.label for entry in selection.entries]
        assert len(labels) == len(set(labels)) == selection.trials


def test_an_effect_whose_direction_is_unclear_never_enters(base: Base) -> None:
    asked = {"include": ["derived-variances", "unsigned"]}
    selection = select(base, asked, outcome="psychological-symptoms", study="kissane-2003")
    item = aside(selection, "kissane-2003/overall-effect/d")
    assert item.reason == "which arm it favours is not said"
    assert item.ask == ""


def test_events_of_being_alive_favour_the_intervention_above_one(base: Base) -> None:
    asked = {"include": ["individual-times"], "measure": "OR", "rule": ["first"]}
    selection = select(base, asked, outcome="survival", study="spiegel-1981")
    assert selection.favours == "above 1 favours the intervention"
    assert selection.counts == {"ai": (24,), "bi": (10,), "ci": (20,), "di": (4,)}


def test_nothing_after_the_year_asked_for_enters(base: Base) -> None:
    selection = select(base, {"as_of": 2001}, outcome="survival", approach="segt")
    assert [entry.study for entry in selection.entries] == ["goodwin-2001"]
    item = aside(selection, "kissane-2007/survival/hr-univariate")
    assert item.reason == "published in 2007, after 2001"
    assert "kissane-2007" not in {row["study"] for row in selection.directions}


def test_what_came_out_later_is_still_lacking_of_an_older_trial(base: Base) -> None:
    selection = select(base, {"as_of": 2001}, outcome="survival", approach="segt")
    (unlock,) = selection.unlock
    assert unlock == (
        "Survival: a hazard ratio with its interval from Spiegel 1981 (first Stanford trial)."
    )


def test_what_is_excluded_is_named(base: Base) -> None:
    key = "goodwin-2001/survival/hr-univariate"
    selection = select(base, {"exclude": [key]}, outcome="survival", approach="segt")
    assert aside(selection, key).reason == "left out as asked (--exclude)"


def test_an_unknown_key_to_exclude_is_an_error_with_the_nearest(base: Base) -> None:
    with pytest.raises(UnknownValue, match="goodwin-2010") as caught:
        select(base, {"exclude": ["goodwin-2010"]}, outcome="survival")
    assert "goodwin-2001" in caught.value.remedy


def test_without_an_outcome_there_is_nothing_to_pool(base: Base) -> None:
    with pytest.raises(KbError, match="What is to be pooled is not said"):
        select(base, approach="segt")


@pytest.mark.parametrize("option", ["subgroup", "moderators"])
def test_a_column_that_studies_do_not_have_is_an_error(base: Base, option: str) -> None:
    value: Any = "colour" if option == "subgroup" else ["colour"]
    with pytest.raises(UnknownOption, match="colour"):
        select(base, {option: value}, outcome="survival")


def test_both_kinds_of_store_give_the_same_selection(
    base_on_sqlite: Base, base_on_postgres: Base
) -> None:
    for outcome in ("survival", "depression", "pain"):
        here, there = (select(base, outcome=outcome) for base in (base_on_sqlite, base_on_postgres))
        assert here == there
