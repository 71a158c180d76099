import math

import numpy as np
import pytest

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadStudy, TooFewStudies
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool

RANDOM = [method for method in METHODS if method != "EE"]
SAME = Effects.of([0.3, 0.3, 0.3], [0.04, 0.09, 0.01])
LONE = Effects.of([0.5], [0.04], ["Ash"])
PAIR = Effects.of([0.1, 0.4], [0.04, 0.09])
AGREEING = Effects.of([0.1, 0.12, 0.09, 0.11], [0.04, 0.09, 0.01, 0.02])

# rma(c(.1, .4), c(.04, .09), method="DL", test=...), metafor 3.8-1: se, zval, pval, ci.lb, ci.ub
OF_PAIR = {
    "z": (
        0.16641005886756874,
        1.1556254088025606,
        0.24783441033688985,
        -0.13385002973793264,
        0.51846541435331717,
    ),
    "t": (
        0.16641005886756874,
        1.1556254088025606,
        0.45411882819733185,
        -1.9221325858225213,
        2.3067479704379057,
    ),
    "knha": (
        0.13846153846153847,
        1.3888888888888886,
        0.39726541393818599,
        -1.567012963470344,
        1.9516283480857286,
    ),
    "adhoc": (
        0.16641005886756874,
        1.1556254088025606,
        0.45411882819733185,
        -1.9221325858225213,
        2.3067479704379057,
    ),
}


def numbers(result: Pooled) -> list[float | None]:
    estimate, found = result.estimate, result.heterogeneity
    values = [estimate.estimate, estimate.se, estimate.statistic, estimate.df, estimate.p]
    values += [estimate.ci_low, estimate.ci_high]
    values += [found.tau2, found.tau2_se, found.i2, found.h2, found.q, found.q_p]
    if result.prediction:
        values += [result.prediction.low, result.prediction.high, result.prediction.df]
    return values


def says_nothing_of_nan(result: Pooled) -> bool:
    finite = all(value is None or not math.isnan(value) for value in numbers(result))
    return finite and "nan" not in result.summary()


@pytest.mark.parametrize("effects", [Effects.of([], []), Effects.of([math.nan], [1])])
def test_no_study_is_too_few(effects: Effects) -> None:
    words = "A pooled effect needs at least 1 study with an effect and its variance; no study has"
    with pytest.raises(TooFewStudies, match=words) as error:
        pool(effects)
    assert (error.value.needed, error.value.found) == (1, 0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_one_study_is_its_own_effect_by_the_normal(method: str, test: str) -> None:
    # rma(0.5, 0.04, test=...), metafor 3.8-1, which falls back to z with a warning
    result = pool(LONE, method=method, test=test)
    estimate, found = result.estimate, result.heterogeneity
    assert estimate.estimate == 0.5
    assert estimate.se == 0.2
    assert estimate.df is None
    assert estimate.p == pytest.approx(0.012419330651552259, rel=1e-13)
    assert estimate.ci_low == pytest.approx(0.1080072030919893, rel=1e-13)
    assert estimate.ci_high == pytest.approx(0.89199279690801092, rel=1e-13)
    assert (found.tau2, found.tau2_se, found.i2, found.h2) == (0, None, 0, 1)
    assert (found.q, found.q_df, found.q_p) == (0, 0, 1)
    assert result.weights.tolist() == [100]
    assert result.test == "z"
    assert says_nothing_of_nan(result)


def test_one_study_is_said_to_be_one() -> None:
    result = pool(LONE, test="knha")
    assert result.notes == (
        "One study: this is its own effect, and its heterogeneity cannot be known.",
        "The interval refers to the normal: t has no degrees of freedom here.",
    )
    assert result.summary().startswith("1 study, ")
    assert len(pool(LONE, test="z").notes) == 1


def test_one_study_predicts_what_it_found() -> None:
    result = pool(LONE)
    assert result.prediction is not None
    assert result.prediction.low == result.estimate.ci_low
    assert result.prediction.high == result.estimate.ci_high
    assert pool(LONE, method="EE").prediction is None


@pytest.mark.parametrize("test", TESTS)
def test_two_studies_are_metafors(test: str) -> None:
    result = pool(PAIR, method="DL", test=test)
    estimate, found = result.estimate, result.heterogeneity
    assert estimate.estimate == pytest.approx(0.19230769230769229, rel=1e-13)
    assert [
        estimate.se,
        estimate.statistic,
        estimate.p,
        estimate.ci_low,
        estimate.ci_high,
    ] == pytest.approx(OF_PAIR[test], rel=1e-12)
    assert estimate.df == (None if test == "z" else 1)
    assert found.q == pytest.approx(0.6923076923076924, rel=1e-13)
    assert found.q_p == pytest.approx(0.40538055645894244, rel=1e-12)
    assert (found.tau2, found.i2, found.h2) == (0, 0, 1)


def test_two_studies_have_an_hts_prediction_by_one_degree_of_freedom() -> None:
    prediction = pool(PAIR, prediction="HTS").prediction
    assert prediction is not None
    assert prediction.df == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("effects", [PAIR, SAME, AGREEING])
def test_small_and_agreeing_sets_give_numbers_in_every_way(
    effects: Effects, method: str, test: str
) -> None:
    assert says_nothing_of_nan(pool(effects, method=method, test=test))


@pytest.mark.parametrize("method", METHODS)
def test_identical_effects_make_a_hartung_knapp_interval_of_no_width(method: str) -> None:
    # rma(c(.3, .3, .3), c(.04, .09, .01), test="knha"), metafor 3.8-1: se 0, zval Inf, pval 0
    result = pool(SAME, method=method, test="knha").estimate
    assert result.estimate == pytest.approx(0.3, rel=1e-15)
    assert (result.se, result.statistic, result.p) == (0, math.inf, 0)
    assert result.ci_low == result.ci_high == result.estimate


def test_identical_effects_of_zero_are_no_evidence_against_zero() -> None:
    result = pool(Effects.of([0, 0, 0], [0.04, 0.09, 0.01]), test="knha").estimate
    assert (result.estimate, result.se, result.statistic, result.p) == (0, 0, 0, 1)


@pytest.mark.parametrize("method", METHODS)
def test_identical_effects_under_the_safeguard_are_as_by_t(method: str) -> None:
    # rma(c(.3, .3, .3), c(.04, .09, .01), test="adhoc"), metafor 3.8-1
    safeguarded = pool(SAME, method=method, test="adhoc").estimate
    assert safeguarded == pool(SAME, method=method, test="t").estimate
    assert safeguarded.p == pytest.approx(0.072827350054469331, rel=1e-12)
    assert safeguarded.ci_low == pytest.approx(-0.068798805407096875, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_identical_effects_have_no_heterogeneity(method: str) -> None:
    found = pool(SAME, method=method).heterogeneity
    assert (found.tau2, found.i2, found.q_p) == (0, 0, 1)
    assert found.q == pytest.approx(0, abs=1e-28)
    assert found.h2 == (pytest.approx(0, abs=1e-28) if method == "EE" else 1)


@pytest.mark.parametrize("method", [method for method in RANDOM if method != "SJ"])
def test_effects_that_agree_better_than_chance_have_a_tau2_of_exactly_zero(method: str) -> None:
    result = pool(AGREEING, method=method)
    common = pool(AGREEING, method="EE")
    assert result.heterogeneity.tau2 == 0
    assert result.heterogeneity.i2 == 0
    assert result.heterogeneity.h2 == 1
    assert result.estimate == common.estimate
    assert result.prediction is not None
    assert result.prediction.low == result.estimate.ci_low
    assert result.prediction.high == result.estimate.ci_high


@pytest.mark.parametrize("method", METHODS)
def test_variances_over_eighteen_orders_of_magnitude(method: str) -> None:
    effects = Effects.of([0.1, 0.5, -2, 3], [1e-9, 1e-3, 1e3, 1e9])
    result = pool(effects, method=method, test="knha")
    assert says_nothing_of_nan(result)
    assert 0.1 <= result.estimate.estimate <= 0.5
    assert result.weights.sum() == pytest.approx(100, rel=1e-14)


def test_a_study_that_outweighs_the_others_loses_no_digits() -> None:
    # Exactly: Q = 0.4^2 / (1e-9 + 1e-3) for two studies
    result = pool(Effects.of([0.1, 0.5], [1e-9, 1e-3]), method="EE").heterogeneity
    assert result.q == pytest.approx(0.16 / (1e-9 + 1e-3), rel=1e-13)
    far = pool(Effects.of([1e6 + 0.1, 1e6 + 0.5], [1e-9, 1e-3]), method="EE").heterogeneity
    assert far.q == pytest.approx(0.16 / (1e-9 + 1e-3), rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_units_do_not_matter(method: str, unit: float) -> None:
    yi, vi = np.array([0.1, 0.9, -0.4, 0.6]), np.array([0.04, 0.09, 0.01, 0.2])
    once = pool(Effects.of(yi, vi), method=method, test="knha")
    scaled = pool(Effects.of(yi * unit, vi * unit**2), method=method, test="knha")
    assert scaled.estimate.estimate == pytest.approx(once.estimate.estimate * unit, rel=1e-10)
    assert scaled.estimate.se == pytest.approx(once.estimate.se * unit, rel=1e-10)
    assert scaled.estimate.p == pytest.approx(once.estimate.p, rel=1e-9)
    assert scaled.heterogeneity.i2 == pytest.approx(once.heterogeneity.i2, rel=1e-9)
    assert scaled.heterogeneity.tau2 == pytest.approx(once.heterogeneity.tau2 * unit**2, rel=1e-9)


def test_rows_without_numbers_are_named_in_the_result() -> None:
    effects = Effects.of(
        [0.1, math.nan, 0.4, 0.2], [0.04, 0.09, math.nan, 0.1], ["Ash", "Birch", "Cedar", "Date"]
    )
    result = pool(effects)
    assert result.k == 2
    assert result.estimate == pool(Effects.of([0.1, 0.2], [0.04, 0.1])).estimate
    assert result.summary().splitlines()[-2:] == [
        "left out: Birch: no effect",
        "left out: Cedar: no variance",
    ]


def test_infinities_never_reach_the_pool() -> None:
    for yi, vi in (([math.inf, 0], [1, 1]), ([0, 0], [math.inf, 1])):
        with pytest.raises(BadStudy, match=r"study 1: .* infinite"):
            pool(Effects.of(yi, vi))


def test_hartung_knapp_may_be_narrower_than_wald_and_the_safeguard_never() -> None:
    se = {test: pool(AGREEING, test=test).estimate.se for test in TESTS}
    assert se["knha"] < se["z"] == se["t"] == se["adhoc"]
