import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effect_sizes import proportions
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadTable
from kb.synthesis.measures import MEASURES
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.multiverse import multiverse

STUDIES = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=2, max_size=8)


def effects_of(studies: list[tuple[float, float]]) -> Effects:
    yi, vi = zip(*studies, strict=True)
    return Effects.of(yi, vi)


def test_all_combinations_are_analysed_or_skipped(bcg: Effects, bcg_odds: Effects) -> None:
    result = multiverse(
        {"RR": bcg, "OR": bcg_odds},
        rules={"all": bcg.labels, "first six": bcg.labels[:6]},
    )
    assert len(result.specifications) + len(result.skipped) == 2 * 4 * 3 * 2
    assert {(one.method, one.test) for one in result.skipped} == {("EE", "knha"), ("EE", "adhoc")}
    assert str(result.skipped[0]) == (
        "RR, EE, knha, all: Hartung-Knapp is made for random effects, not for a common effect"
    )
    assert (
        len({(row.measure, row.method, row.test, row.rule) for row in result.specifications}) == 40
    )


def test_rows_are_metafors(bcg: Effects) -> None:
    # rma(yi, vi, data=d, method="DL", test="z" and "knha"): beta, ci.lb, ci.ub
    normal, knha = multiverse({"RR": bcg}, methods=["DL"], tests=["z", "knha"]).specifications
    assert (normal.estimate.estimate, normal.estimate.ci_low, normal.estimate.ci_high) == (
        pytest.approx((-0.71411722207322692, -1.0644452800840507, -0.36378916406240319), rel=1e-11)
    )
    assert (knha.estimate.ci_low, knha.estimate.ci_high) == pytest.approx(
        (-1.1078213541683284, -0.3204130899781254), rel=1e-11
    )


@given(STUDIES, st.data())
def test_each_row_is_the_pooled_effect_of_its_specification(
    studies: list[tuple[float, float]], data: st.DataObject
) -> None:
    effects = effects_of(studies)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=effects.k, max_size=effects.k)))
    result = multiverse(
        {"A": effects},
        rules={"all": np.ones(effects.k, bool), "some": mask},
        level=0.9,
        prediction="HTS",
    )
    for row in result.specifications:
        chosen = effects if row.rule == "all" else effects.take(mask)
        alone = pool(chosen, method=row.method, test=row.test, level=0.9, prediction="HTS")
        assert row.k == alone.k
        assert row.estimate.estimate == pytest.approx(alone.estimate.estimate, rel=1e-8, abs=1e-8)
        assert row.estimate.ci_low == pytest.approx(alone.estimate.ci_low, rel=1e-7, abs=1e-7)
        assert row.tau2 == pytest.approx(alone.heterogeneity.tau2, rel=1e-7, abs=1e-8)
        assert row.i2 == pytest.approx(alone.heterogeneity.i2, rel=1e-6, abs=1e-6)
        assert (row.prediction is None) == (row.method == "EE")
        if row.prediction and alone.prediction:
            assert row.prediction.high == pytest.approx(alone.prediction.high, rel=1e-7, abs=1e-7)


def test_curve_is_in_the_order_of_the_estimates_of_one_measure(
    bcg: Effects, bcg_odds: Effects
) -> None:
    result = multiverse({"RR": bcg, "OR": bcg_odds}, tests=["z"])
    for name in ("RR", "OR"):
        curve = result.curve(name)
        assert {row.measure for row in curve} == {name}
        assert [row.estimate.estimate for row in curve] == sorted(
            row.estimate.estimate for row in curve
        )
    assert [row.measure for row in result.specifications] == ["RR"] * 4 + ["OR"] * 4
    with pytest.raises(BadOption, match=r"no measure 'RD' here\. There are RR, OR"):
        result.curve("RD")


def test_names_of_the_same_method_count_once(bcg: Effects) -> None:
    result = multiverse({"RR": bcg}, methods=["FE", "EE", "PM", "EB"], tests=["z", "Z"])
    assert [row.method for row in result.specifications] == ["PM", "EE"]
    assert [(one.method, one.reason) for one in result.skipped] == [
        ("EB", "EB is the same estimate as PM; it would count twice")
    ]


def test_empirical_bayes_alone_is_a_specification(bcg: Effects) -> None:
    assert [row.method for row in multiverse({"RR": bcg}, methods=["EB"]).specifications] == [
        "EB"
    ] * 3


def test_rules_that_leave_too_few_studies_or_repeat_one_are_skipped(bcg: Effects) -> None:
    result = multiverse(
        {"RR": bcg},
        methods=["REML"],
        tests=["z"],
        rules={
            "all": bcg.labels,
            "again": [True] * 13,
            "one": [bcg.labels[0]],
            "none": [],
        },
    )
    assert [row.rule for row in result.specifications] == ["all"]
    assert {one.rule: one.reason for one in result.skipped} == {
        "again": "the same studies as by the rule 'all'; it would count twice",
        "one": "fewer than two studies: there is nothing to pool",
        "none": "fewer than two studies: there is nothing to pool",
    }


def test_studies_are_matched_by_label_whatever_their_order(bcg: Effects, bcg_odds: Effects) -> None:
    rules = {"three": {"Aronson", "Vandiviere", "TPT Madras"}}
    turned = bcg_odds.take(np.arange(13)[::-1])
    mixed = multiverse({"RR": bcg, "OR": turned}, tests=["z"], rules=rules)
    plain = multiverse({"RR": bcg, "OR": bcg_odds}, tests=["z"], rules=rules)
    assert [row.estimate.estimate for row in mixed.specifications] == pytest.approx(
        [row.estimate.estimate for row in plain.specifications], rel=1e-9
    )


def test_a_study_that_a_measure_lacks_is_named() -> None:
    whole = Effects.of([0.1, 0.2, 0.4], [0.1, 0.1, 0.2], ["A", "B", "C"])
    lacking = Effects.of([0.1, np.nan], [0.1, 0.1], ["A", "B"], reasons={1: "no events"})
    result = multiverse({"X": whole, "Y": lacking}, rules={"first two": ["A", "B"]})
    assert result.notes[1:] == ("not in Y: B: no events; C",)
    assert result.curve("Y") == ()
    assert "Y: no specification" in result.summary()


def test_a_label_that_no_study_has_is_refused(bcg: Effects) -> None:
    with pytest.raises(BadTable, match="'low risk' includes 'Smith 2001'"):
        multiverse({"RR": bcg}, rules={"low risk": ["Aronson", "Smith 2001"]})


def test_masks_must_fit_the_studies(bcg: Effects, bcg_odds: Effects) -> None:
    with pytest.raises(BadTable, match=r"shape \(2,\)"):
        multiverse({"RR": bcg}, rules={"short": [True, False]})
    with pytest.raises(BadTable, match="same studies in the same order"):
        multiverse(
            {"RR": bcg, "OR": bcg_odds.take(np.arange(12))}, rules={"mask": np.ones(13, bool)}
        )


def test_two_studies_of_one_name_are_refused() -> None:
    twins = Effects.of([0.1, 0.2], [0.1, 0.1], ["A", "A"])
    with pytest.raises(BadTable, match="X: 2 studies are called 'A'"):
        multiverse({"X": twins})


def test_nothing_to_combine_is_refused(bcg: Effects) -> None:
    for inputs, methods, tests in (({}, ["EE"], ["z"]), ({"RR": bcg}, [], ["z"])):
        with pytest.raises(BadOption, match="at least one measure, one method and one test"):
            multiverse(inputs, methods=methods, tests=tests)


def test_no_study_at_all_gives_no_specification() -> None:
    result = multiverse({"X": Effects.of([], [])}, methods=["DL"], tests=["z"])
    assert result.specifications == ()
    assert [one.reason for one in result.skipped] == [
        "fewer than two studies: there is nothing to pool"
    ]


def test_summary_reports_each_measure_on_its_own_scale(bcg: Effects, bcg_odds: Effects) -> None:
    risk_difference = Effects.of(
        [0.1, -0.2], [0.1, 0.1], ["Aronson", "Vandiviere"], measure=MEASURES["RD"]
    )
    proportion = Effects.of(
        [0.1, 0.2], [0.01, 0.01], ["Aronson", "Vandiviere"], measure=MEASURES["PR"]
    )
    summary = multiverse(
        {"RR": bcg, "RD": risk_difference, "PR": proportion}, methods=["EE", "DL"], tests=["z"]
    ).summary()
    # exp of the common effect and of DL's mean of the log risk ratio
    assert f"RR: 2 specifications; risk ratio {np.exp(-0.71411722207322692):.4g} to " in summary
    assert "p < 0.05 in 100%; below no effect (1) in 100%, above in 0%" in summary
    assert "RD: 2 specifications; risk difference -0.05 to -0.05" in summary
    assert "p < 0.05 in 0%; below no effect (0) in 100%" in summary
    assert "proportion 0.15 to 0.15, median 0.15\n" in summary
    assert "do not add up to a test" in summary


def test_a_double_arcsine_is_not_called_a_proportion() -> None:
    effects = proportions.double_arcsine([5, 9], [20, 30], ["A", "B"])
    summary = multiverse({"PFT": effects}, methods=["EE"], tests=["z"]).summary()
    assert "1 specification; double arcsine of the proportion 0." in summary


def test_the_effects_are_named_as_elsewhere(bcg: Effects) -> None:
    assert multiverse(effects={"RR": bcg}, methods=["EE"], tests=["z"]).specifications[0].k == 13
