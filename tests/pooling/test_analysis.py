"""What stands beside a pooled effect, and what cannot be had of the effects there are."""

import json
from dataclasses import replace
from math import log, sqrt
from typing import Any

import pytest

from kb.pooling.analysing.analysis import Analysis, analyse
from kb.pooling.analysing.engine import NotPooled
from kb.pooling.evidence import Entry, Selection
from kb.pooling.options import PoolOptions
from kb.synthesis.bayes import bayes, half_normal
from kb.synthesis.effects import Effects
from kb.synthesis.measures import MEASURES
from kb.synthesis.pooling import pool
from tests.synthesis.reference import FOLDER

KEYS = {
    *("k", "measure", "model", "method", "test", "level", "estimate", "se", "ci_low", "ci_high"),
    *("statistic", "p", "pi_low", "pi_high", "tau2", "tau2_se", "tau2_low", "tau2_high"),
    *("i2", "h2", "q", "q_df", "q_p"),
}
NUMBERS = ((0.31, 0.04), (0.12, 0.03), (0.55, 0.09), (-0.1, 0.05), (0.42, 0.02), (0.2, 0.06))
TABLES = {
    "ai": (3.0, 0.0, 7.0),
    "bi": (17.0, 25.0, 33.0),
    "ci": (5.0, 2.0, 11.0),
    "di": (16.0, 22.0, 30.0),
}


def entry(i: int, yi: float, vi: float, **details: Any) -> Entry:
    label = f"Alder {1990 + i} (made up)"
    return Entry(label, yi, vi, label, str(i), year=1990 + i, **details)


def chosen(k: int, measure: str = "SMD", **details: Any) -> Selection:
    entries = tuple(entry(i, *NUMBERS[i], **details) for i in range(k))
    return Selection(MEASURES[measure], entries)


def with_values(name: str, *values: object) -> Selection:
    selection = chosen(len(values))
    entries = (
        replace(each, values={name: value})
        for each, value in zip(selection.entries, values, strict=True)
    )
    return replace(selection, entries=tuple(entries))


def in_trials(*trials: str) -> Selection:
    selection = chosen(len(trials))
    entries = (
        replace(each, study=trial) for each, trial in zip(selection.entries, trials, strict=True)
    )
    return replace(selection, entries=tuple(entries))


def analysed(selection: Selection, **options: Any) -> Analysis:
    return analyse(selection, PoolOptions.of(**options))


def contributed(selection: Selection, analysis: Analysis) -> float:
    """Return the sum of the effects by their weights."""
    pairs = zip(selection.entries, analysis.weights, strict=True)
    return sum(each.yi * (weight or 0) for each, weight in pairs) / 100


@pytest.mark.parametrize("k", range(1, 7))
@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_every_number_is_there_and_none_is_nan(k: int, method: str) -> None:
    analysis = analysed(chosen(k), method=method, test="knha")
    assert set(analysis.result) == KEYS
    assert analysis.result["k"] == k
    text = json.dumps([analysis.result, analysis.back, analysis.extras()], allow_nan=False)
    assert json.loads(text)[0] == analysis.result


def test_one_study_is_its_own_effect() -> None:
    result = analysed(chosen(1), test="knha").result
    assert (result["estimate"], result["se"], result["test"]) == (0.31, sqrt(0.04), "z")
    assert (
        result["pi_low"] is result["tau2_se"] is result["tau2_low"] is result["tau2_high"] is None
    )
    assert analysed(chosen(1)).weights == (100.0,)


def test_identical_effects_leave_no_statistic_and_a_note() -> None:
    same = Selection(MEASURES["SMD"], (entry(0, 0.5, 0.04), entry(1, 0.5, 0.09)))
    analysis = analysed(same, test="knha")
    assert analysis.result["se"] == 0
    assert analysis.result["statistic"] is None
    assert any("does not mean certainty" in note for note in analysis.notes)
    json.dumps([analysis.result, analysis.extras()], allow_nan=False)


def test_the_level_is_in_percent_and_serves_every_interval() -> None:
    narrow, wide = (analysed(chosen(4), level=level) for level in (80, 0.95))
    assert (narrow.result["level"], wide.result["level"]) == (80.0, 95.0)
    for low, high in (("ci_low", "ci_high"), ("pi_low", "pi_high"), ("tau2_low", "tau2_high")):
        inner = narrow.result[high] - narrow.result[low]
        assert inner < wide.result[high] - wide.result[low]
    rows = zip(narrow.panel, wide.panel, strict=True)
    assert all(
        (a.ci_high or 0) - (a.ci_low or 0) < (b.ci_high or 0) - (b.ci_low or 0) for a, b in rows
    )


def test_a_ratio_is_told_on_the_readers_scale() -> None:
    analysis = analysed(chosen(3, "HR"))
    assert analysis.back["measure"] == "hazard ratio"
    for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        assert log(analysis.back[name]) == pytest.approx(analysis.result[name])


@pytest.mark.parametrize("dependence", ["one", "aggregate", "three-level", "robust"])
def test_effects_by_their_weights_are_the_pooled_effect(dependence: str) -> None:
    selection = in_trials("a", "a", "b", "c", "c", "d")
    analysis = analysed(selection, dependence=dependence)
    assert sum(weight or 0 for weight in analysis.weights) == pytest.approx(100)
    assert contributed(selection, analysis) == pytest.approx(analysis.result["estimate"])


class TestPanel:
    def test_is_for_two_to_five_studies(self) -> None:
        assert [len(analysed(chosen(k)).panel) for k in range(1, 7)] == [0, 4, 4, 4, 4, 0]
        assert "small_k" not in analysed(chosen(6)).extras()

    def test_has_the_numbers_of_each_analysis(self) -> None:
        selection = chosen(4)
        analysis = analysed(selection, method="DL")
        for row, test in zip(analysis.panel, ("z", "knha", "adhoc"), strict=False):
            one = pool(analysis.effects, method="DL", test=test).estimate
            assert (row.estimate, row.ci_low, row.ci_high) == (
                one.estimate,
                one.ci_low,
                one.ci_high,
            )
        posterior = bayes(analysis.effects, tau_prior=half_normal(0.5)).mu
        last = analysis.panel[-1]
        assert (last.estimate, last.ci_low) == (posterior.median, posterior.low)

    def test_of_a_common_effect_is_by_reml_and_says_so(self) -> None:
        common, random = (analysed(chosen(4), method=method) for method in ("EE", "REML"))
        assert common.panel == random.panel
        assert any("REML" in note for note in common.notes)
        assert random.notes == ()

    def test_of_mean_differences_has_a_prior_by_the_standard_deviation(self) -> None:
        """Arms of 20 and 30 and a variance of 3 are a standard deviation of 6."""
        entries = tuple(entry(i, yi, 3.0, n=(20, 30)) for i, yi in enumerate((1.0, 2.5, 4.0)))
        analysis = analysed(Selection(MEASURES["MD"], entries))
        posterior = bayes(analysis.effects, tau_prior=half_normal(3)).mu
        assert analysis.panel[-1].ci_low == pytest.approx(posterior.low)
        assert "scale 3, half of the studies' standard deviation" in analysis.panel[-1].when

    @pytest.mark.parametrize("measure", ["MD", "RD", "GEN", "PR"])
    def test_has_no_bayesian_row_where_no_prior_makes_sense(self, measure: str) -> None:
        analysis = analysed(chosen(3, measure))
        assert [row.name for row in analysis.panel][-1] != "Bayesian"
        assert any("no Bayesian interval" in note for note in analysis.notes)

    def test_is_not_for_methods_that_pool_counts(self) -> None:
        selection = replace(chosen(3, "OR"), counts=TABLES)
        assert analysed(selection, method="MH").panel == ()


class TestSubgroups:
    def test_are_pooled_alone_and_tested(self) -> None:
        selection = with_values("mode", "group", "group", "alone", "group", "alone")
        analysis = analysed(selection, subgroup="mode")
        alone, group = analysis.subgroups
        assert (alone.level, alone.members, group.members) == ("alone", (2, 4), (0, 1, 3))
        one = pool(analysis.effects.take([0, 1, 3]))
        assert (group.estimate, group.tau2) == (one.estimate.estimate, one.heterogeneity.tau2)
        test = analysis.subgroup_test
        assert test is not None
        assert (test.df1, test.df2) == (1, None)
        levels = analysis.extras()["subgroups"]["levels"]
        assert levels[0]["studies"] == ["Alder 1992 (made up)", "Alder 1994 (made up)"]

    def test_name_the_studies_of_no_kind(self) -> None:
        selection = with_values("mode", "group", None, "alone", "group", "alone")
        analysis = analysed(selection, subgroup="mode")
        assert [row.members for row in analysis.subgroups] == [(2, 4), (0, 3)]
        assert "In no subgroup, for want of one mode: Alder 1991 (made up)." in analysis.notes

    def test_of_one_kind_have_no_test(self) -> None:
        analysis = analysed(with_values("mode", "group", "group"), subgroup="mode")
        assert analysis.subgroup_test is None
        assert any("needs two" in note for note in analysis.notes)

    def test_of_identical_effects_have_no_test_by_hartung_and_knapp(self) -> None:
        entries = (entry(0, 0.1, 0.1), entry(1, 0.1, 0.2), entry(2, 0.3, 0.1), entry(3, 0.6, 0.1))
        kinds = ("a", "a", "b", "b")
        selection = Selection(
            MEASURES["SMD"],
            tuple(
                replace(each, values={"kind": kind})
                for each, kind in zip(entries, kinds, strict=True)
            ),
        )
        analysis = analysed(selection, subgroup="kind", test="knha")
        assert analysis.subgroup_test is None
        assert any("standard error is 0 in a" in note for note in analysis.notes)

    def test_by_mantel_and_haenszel_are_of_their_own_counts(self) -> None:
        selection = replace(with_values("kind", "a", "b", "a"), counts=TABLES)
        selection = replace(selection, measure=MEASURES["OR"])
        analysis = analysed(selection, method="MH", subgroup="kind")
        first = replace(
            selection,
            entries=(selection.entries[0], selection.entries[2]),
            counts={name: (values[0], values[2]) for name, values in TABLES.items()},
        )
        assert analysis.subgroups[0].estimate == analysed(first, method="MH").result["estimate"]

    def test_of_a_column_that_is_not_there_name_those_that_are(self) -> None:
        with pytest.raises(NotPooled, match="no 'modes'") as caught:
            analysed(with_values("mode", "group", "alone"), subgroup="modes")
        assert caught.value.remedy == "They have mode, year."


class TestModerators:
    def test_may_be_the_year(self) -> None:
        analysis = analysed(chosen(6), moderators=["year"])
        assert analysis.regression is not None
        assert [each.name for each in analysis.regression.coefficients] == ["intercept", "year"]
        assert any("Cochrane Handbook asks for 10" in note for note in analysis.notes)

    def test_name_the_studies_that_lack_one(self) -> None:
        analysis = analysed(with_values("dose", 1, 2, None, 4.5, 3), moderators=["dose"])
        assert analysis.regression is not None
        assert analysis.regression.k == 4
        assert any("Alder 1992 (made up)" in note for note in analysis.notes)

    def test_may_be_words(self) -> None:
        analysis = analysed(with_values("mode", "a", "b", "a", "b", ""), moderators=["mode"])
        assert analysis.extras()["moderators"]["k"] == 4
        assert analysis.regression is not None
        assert analysis.regression.coefficients[1].name == "mode: b"

    def test_are_not_for_methods_that_pool_counts(self) -> None:
        with pytest.raises(NotPooled, match="no moderators"):
            analysed(replace(chosen(3, "OR"), counts=TABLES), method="MH", moderators=["year"])


class TestDependence:
    def test_combined_effects_count_as_one_trial(self) -> None:
        analysis = analysed(in_trials("a", "a", "b", "c"), dependence="aggregate")
        assert analysis.result["k"] == 3
        assert any("taken to correlate by 0.5: a (2)" in note for note in analysis.notes)

    def test_a_trial_of_several_kinds_is_in_no_subgroup(self) -> None:
        selection = in_trials("a", "a", "b", "c", "c")
        kinds = ("x", "y", "x", "y", "y")
        entries = tuple(
            replace(each, values={"kind": kind})
            for each, kind in zip(selection.entries, kinds, strict=True)
        )
        analysis = analysed(
            replace(selection, entries=entries), dependence="aggregate", subgroup="kind"
        )
        assert [row.members for row in analysis.subgroups] == [(2,), (3, 4)]

    def test_three_levels_are_told_apart(self) -> None:
        analysis = analysed(in_trials("a", "a", "b", "b", "c", "d"), dependence="three-level")
        assert analysis.result["model"] == "three-level"
        levels = analysis.extras()["three_level"]
        assert levels["trials"] == 4
        assert levels["between"] + levels["within"] == analysis.result["tau2"]

    @pytest.mark.parametrize(
        ("rho", "expected"),
        [
            (0.2, (0.187782211879, 0.085158571455, 0.05266195523, -0.00262979451, 0.099539194653)),
            (
                0.5,
                (0.190519505856, 0.086114018164, 0.05253505645, -0.00255204561, 0.103020556035),
            ),
            (0.8, (0.191384811862, 0.086886725427, 0.053941013311, -0.003978604692, 0.10760495126)),
        ],
        ids=["0.2", "0.5", "0.8"],
    )
    def test_robust_numbers_are_those_of_club_sandwich(
        self, rho: float, expected: tuple[float, ...]
    ) -> None:
        """metafor 3.8.1 with clubSandwich: `robust_effects.R` beside this file prints them."""
        lines = (FOLDER / "data" / "konstantopoulos2011.csv").read_text().splitlines()[1:]
        rows = [line.split(",") for line in lines]
        entries = tuple(Entry(row[0], float(row[1]), float(row[2]), row[3], row[0]) for row in rows)
        selection = Selection(MEASURES["GEN"], entries)
        result = analysed(selection, dependence="robust", rho=rho).result
        found = (result["estimate"], result["se"], result["p"], result["ci_low"], result["tau2"])
        assert found == pytest.approx(expected, rel=1e-6)
        assert (result["test"], result["model"]) == ("CR2", "three-level")

    def test_rho_plays_no_part_where_every_trial_has_one_effect(self) -> None:
        found = analysed(in_trials("a", "b", "c", "d"), dependence="robust")
        assert found.result["model"] == "random"
        assert found.notes[-1] == "Every trial has one effect here, so --rho plays no part."

    @pytest.mark.parametrize("dependence", ["three-level", "robust"])
    def test_its_notes_speak_of_trials(self, dependence: str) -> None:
        found = analysed(in_trials("a", "a", "b", "b", "c", "d"), dependence=dependence)
        assert found.notes[-1].startswith("The sampling errors of the effects of one trial")
        assert not any("cluster " in note or "clusters" in note for note in found.notes)

    def test_three_levels_need_a_trial_with_several_effects(self) -> None:
        with pytest.raises(NotPooled) as caught:
            analysed(in_trials("a", "b", "c"), dependence="three-level")
        assert caught.value.problem == (
            "Every trial has one effect here, so there is nothing for --dependence three-level to "
            "tell apart."
        )
        assert caught.value.remedy == "Leave it out."

    @pytest.mark.parametrize("dependence", ["three-level", "robust"])
    @pytest.mark.parametrize(
        "options",
        [{"method": "MH"}, {"test": "knha"}, {"subgroup": "year"}, {"moderators": ["year"]}],
        ids=["method", "test", "subgroup", "moderators"],
    )
    def test_what_it_does_not_go_with_is_refused(
        self, dependence: str, options: dict[str, Any]
    ) -> None:
        with pytest.raises(NotPooled) as caught:
            analysed(in_trials("a", "a", "b"), dependence=dependence, **options)
        assert caught.value.remedy

    def test_three_levels_are_by_reml_alone(self) -> None:
        with pytest.raises(NotPooled, match="by REML alone, not by DL"):
            analysed(in_trials("a", "a", "b"), dependence="three-level", method="DL")

    def test_counts_are_not_combined(self) -> None:
        selection = replace(in_trials("a", "a", "b"), counts=TABLES, measure=MEASURES["OR"])
        with pytest.raises(NotPooled, match="cannot combine"):
            analysed(selection, dependence="aggregate", method="MH")


class TestCounts:
    def test_are_needed(self) -> None:
        with pytest.raises(NotPooled, match="pools counts") as caught:
            analysed(chosen(3, "OR"), method="MH")
        assert "ai, bi, ci, di" in caught.value.remedy

    def test_of_other_measures_are_not_pooled(self) -> None:
        for method in ("MH", "PETO"):
            with pytest.raises(NotPooled, match="does not pool the standardised mean difference"):
                analysed(chosen(3), method=method)

    def test_give_petos_odds_ratio(self) -> None:
        analysis = analysed(replace(chosen(3, "OR"), counts=TABLES), method="PETO")
        assert (analysis.measure.code, analysis.result["measure"]) == ("PETO", "PETO")
        assert analysis.result["pi_low"] is None

    def test_have_no_other_test_than_the_normal(self) -> None:
        analysis = analysed(replace(chosen(3, "OR"), counts=TABLES), method="MH", test="knha")
        assert analysis.result["test"] == "z"
        assert any("no test knha" in note for note in analysis.notes)

    @pytest.mark.parametrize("measure", ["OR", "RR"])
    def test_without_an_event_give_no_ratio(self, measure: str) -> None:
        nothing = {"ai": (0.0,) * 3, "bi": (9.0,) * 3, "ci": (0.0,) * 3, "di": (8.0,) * 3}
        with pytest.raises(NotPooled, match="There is no pooled") as caught:
            analysed(replace(chosen(3, measure), counts=nothing), method="MH")
        assert caught.value.remedy == "Choose another measure: a difference can be pooled."

    def test_without_an_event_in_a_subgroup_leave_it_without_an_effect(self) -> None:
        selection = replace(with_values("kind", "a", "b", "a"), measure=MEASURES["OR"])
        counts = {**TABLES, "ai": (0.0, 4.0, 0.0), "ci": (0.0, 3.0, 0.0)}
        analysis = analysed(replace(selection, counts=counts), method="PETO", subgroup="kind")
        assert [row.level for row in analysis.subgroups] == ["b"]
        notes = " ".join(analysis.notes)
        assert "The subgroup a is not pooled. In no study do events and non-events" in notes
        assert "There is no test between subgroups" in notes


class TestErrorsOfTheEngine:
    def test_are_two_sentences_with_the_study_in_the_first(self) -> None:
        selection = Selection(MEASURES["SMD"], (replace(entry(0, 0.1, 0.0), label="Elm et al. 1"),))
        with pytest.raises(NotPooled) as caught:
            analysed(selection)
        assert caught.value.problem == "Elm et al. 1: the sampling variance is 0."
        assert caught.value.remedy.startswith("A variance is above zero")

    def test_without_a_remedy_are_one_sentence(self) -> None:
        with pytest.raises(NotPooled) as caught:
            analysed(Selection(MEASURES["OR"], ()))
        assert caught.value.problem


def test_proportions_are_turned_back_by_the_sizes_of_the_studies() -> None:
    sized = tuple(entry(i, yi, 0.01, n=(30, None)) for i, yi in enumerate((0.8, 0.7)))
    analysis = analysed(Selection(MEASURES["PFT"], sized))
    assert analysis.back["measure"] == "proportion"
    assert 0 < analysis.back["ci_low"] < analysis.back["estimate"] < analysis.back["ci_high"] < 1
    with pytest.raises(NotPooled, match="sizes of the studies"):
        analysed(Selection(MEASURES["PFT"], (entry(0, 0.8, 0.01),)))


def test_the_effects_are_those_of_the_entries_in_their_order() -> None:
    selection = chosen(3)
    effects = analysed(selection).effects
    assert isinstance(effects, Effects)
    assert list(effects.labels) == [each.label for each in selection.entries]
    assert effects.yi.tolist() == [each.yi for each in selection.entries]
