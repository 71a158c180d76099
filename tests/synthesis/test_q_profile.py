import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.metaregression import regress
from kb.synthesis.pooling import pool
from kb.synthesis.q_profile import HeterogeneityInterval, q_profile
from tests.synthesis.reference import case, effects

# escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg), metafor 3.8-1
BCG = effects(case("colditz1994"), "RR")  # thirteen trials of the BCG vaccine

MODERATORS = {
    "abl0": np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]) - 33.0,
    "yr": np.array([48, 49, 60, 77, 73, 53, 73, 80, 68, 61, 74, 69, 76]) - 66.0,
    "alloc": np.repeat(["random", "alternate", "random", "systematic"], [4, 2, 3, 4]),
}

STUDIES = st.lists(
    st.tuples(st.integers(-30, 30), st.integers(1, 30)), min_size=2, max_size=12
).map(lambda table: Effects.of(np.array(table).T[0] / 10, np.array(table).T[1] / 20))


def limits(result: HeterogeneityInterval) -> list[float]:
    return [
        result.tau2_low,
        result.tau2_high,
        result.i2_low,
        result.i2_high,
        result.h2_low,
        result.h2_high,
    ]


def generalised_q(effects: Effects, tau2: float) -> float:
    w: Array = 1 / (effects.vi + tau2)
    mean = (w * effects.yi).sum() / w.sum()
    return float((w * (effects.yi - mean) ** 2).sum())


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        # confint(rma(yi, vi, data=d), level=..., control=list(tol=1e-300))$random
        (
            0.80,
            (
                0.17069617508111024,
                0.72671076033763682,
                86.596213252964418,
                96.49182438898967,
                7.4605782595068728,
                28.504844422882478,
            ),
        ),
        (
            0.95,
            (
                0.11971836114126079,
                1.1114790840609292,
                81.920574558596542,
                97.678074957887418,
                5.5311492239676685,
                43.067712430981707,
            ),
        ),
        (
            0.99,
            (
                0.087395431288390751,
                1.6710053732156402,
                76.786175151413701,
                98.44345599383432,
                4.3077778286110355,
                64.244890991765487,
            ),
        ),
    ],
)
def test_limits_are_metafors(level: float, expected: tuple[float, ...]) -> None:
    result = q_profile(BCG, level=level)
    assert limits(result) == pytest.approx(expected, rel=1e-11)
    assert result.level == level
    assert not result.empty


@pytest.mark.parametrize(
    ("moderators", "level", "expected"),
    [
        # d$abl0 <- d$ablat - 33; d$yr <- d$year - 1966; confint(rma(yi, vi, mods=..., data=d,
        # control=list(threshold=1e-15, maxiter=10000)), level=..., control=list(tol=1e-300))$random
        (
            ["abl0"],
            0.95,
            (
                0.016680068320648167,
                0.78483525457549963,
                32.097883235978543,
                95.697443536829326,
                1.4727081387981986,
                23.24199597518065,
            ),
        ),
        (
            ["abl0", "yr"],
            0.80,
            (
                0.055442662722500147,
                0.5583119441431964,
                56.244661680127678,
                92.828680443086625,
                2.2854354197641547,
                13.944435080095804,
            ),
        ),
        (
            ["alloc"],
            0.95,
            (
                0.12433539263481114,
                1.1948262167134593,
                73.110991964343924,
                96.31386740474089,
                3.7189917853196861,
                27.128703977880271,
            ),
        ),
    ],
)
@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_limits_of_what_a_regression_leaves_are_metafors(
    moderators: list[str], level: float, expected: tuple[float, ...], method: str
) -> None:
    fit = regress(BCG, {name: MODERATORS[name] for name in moderators}, method=method)
    assert limits(q_profile(fit, level=level)) == pytest.approx(expected, rel=1e-9)


def test_limits_of_a_pooled_effect_are_those_of_its_effects() -> None:
    assert q_profile(pool(BCG)) == q_profile(BCG)


def test_limits_of_a_regression_on_a_constant_are_those_of_the_effects() -> None:
    fit = regress(BCG, {"one": np.ones(13)}, intercept=False)
    assert limits(q_profile(fit)) == pytest.approx(limits(q_profile(BCG)), rel=1e-9)


def test_a_regression_that_leaves_no_study_has_no_interval() -> None:
    fit = regress(BCG.take([0, 1]), {"x": [1, 2]})
    with pytest.raises(TooFewStudies, match="2 coefficients needs at least 3 studies"):
        q_profile(fit)


@given(STUDIES, st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_q_at_a_limit_is_a_quantile_of_chi_squared(effects: Effects, level: float) -> None:
    result = q_profile(effects, level=level)
    tail, df = (1 - level) / 2, effects.k - 1
    for limit, quantile in (
        (result.tau2_low, stats.chi2.isf(tail, df)),
        (result.tau2_high, stats.chi2.ppf(tail, df)),
    ):
        if limit > 0:
            assert generalised_q(effects, limit) == pytest.approx(quantile, rel=1e-9)
        else:
            assert generalised_q(effects, 0) <= quantile * (1 + 1e-12)


@given(STUDIES)
def test_intervals_of_higher_levels_contain_those_of_lower_ones(effects: Effects) -> None:
    results = [q_profile(effects, level=level) for level in (0.5, 0.8, 0.95, 0.99)]
    for inner, outer in pairwise(results):
        assert outer.tau2_low <= inner.tau2_low
        assert outer.tau2_high >= inner.tau2_high
        assert outer.i2_low <= inner.i2_low
        assert outer.i2_high >= inner.i2_high


@given(STUDIES, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_paule_mandel_estimates_lie_inside(effects: Effects, level: float) -> None:
    result = q_profile(effects, level=level)
    for method in ("PM", "PMM"):
        found = pool(effects, method=method).heterogeneity
        assert result.tau2_low <= found.tau2 * (1 + 1e-9)
        assert result.tau2_high >= found.tau2 * (1 - 1e-9)
        assert result.i2_low <= found.i2 * (1 + 1e-9)
        assert result.i2_high >= found.i2 * (1 - 1e-9)


@given(STUDIES)
def test_limits_of_i2_and_h2_go_with_those_of_tau2(effects: Effects) -> None:
    result = q_profile(effects)
    for tau2, i2, h2 in (
        (result.tau2_low, result.i2_low, result.h2_low),
        (result.tau2_high, result.i2_high, result.h2_high),
    ):
        assert (tau2 == 0) == (i2 == 0) == (h2 == 1)
        assert 0 <= i2 < 100
        assert i2 == pytest.approx(100 * (1 - 1 / h2), rel=1e-9, abs=1e-9)


def test_effects_that_agree_better_than_chance_have_an_empty_interval_and_say_so() -> None:
    result = q_profile(Effects.of([0.3, 0.3, 0.3], [0.04, 0.09, 0.01]))
    assert result.empty
    assert limits(result) == [0, 0, 0, 0, 1, 1]
    assert result.summary().endswith("(the effects agree better than chance would)")


def test_agreement_within_chance_is_no_empty_interval() -> None:
    result = q_profile(Effects.of([0.1, 0.2, 0.4], [0.04, 0.09, 0.01]))
    assert result.tau2_low == 0
    assert result.tau2_high > 0
    assert not result.empty


def test_two_studies_of_equal_variance_by_hand() -> None:
    # Q(tau2) = gap^2 / (2 (v + tau2)), so tau2 = gap^2 / (2 quantile) - v
    result = q_profile(Effects.of([0, 5], [0.1, 0.1]))
    assert result.tau2_low == pytest.approx(12.5 / stats.chi2.ppf(0.975, 1) - 0.1, rel=1e-12)
    assert result.tau2_high == pytest.approx(12.5 / stats.chi2.ppf(0.025, 1) - 0.1, rel=1e-12)


@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_the_unit_does_not_matter(unit: float) -> None:
    scaled = q_profile(Effects.of(BCG.yi * unit, BCG.vi * unit**2))
    once = q_profile(BCG)
    assert scaled.tau2_low == pytest.approx(once.tau2_low * unit**2, rel=1e-10)
    assert scaled.tau2_high == pytest.approx(once.tau2_high * unit**2, rel=1e-10)
    assert scaled.i2_high == pytest.approx(once.i2_high, rel=1e-10)


def test_the_interval_covers_the_true_variance_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    vi, tau2 = np.array([0.05, 0.1, 0.3, 0.8, 0.2, 0.02]), 0.25
    covered = 0
    for _ in range(1000):
        result = q_profile(Effects.of(rng.normal(0, np.sqrt(vi + tau2)), vi), level=0.8)
        covered += result.tau2_low <= tau2 <= result.tau2_high
    assert abs(covered / 1000 - 0.8) < 4 * math.sqrt(0.8 * 0.2 / 1000)


@pytest.mark.parametrize("k", [0, 1])
def test_fewer_than_two_studies_are_too_few(k: int) -> None:
    with pytest.raises(TooFewStudies, match="An interval for tau² needs at least 2 studies"):
        q_profile(Effects.of([0.1] * k, [0.1] * k))


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(BadOption, match="between 0 and 1"):
        q_profile(BCG, level=level)


def test_summary_is_one_line() -> None:
    assert q_profile(BCG).summary() == (
        "95% CI by Q-profile: tau² 0.1197 to 1.111; I² 81.9% to 97.7%"
    )
