import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.small_study.pet_peese import pet_peese


def drawn(k: int, seed: int = 1, mean: float = 0.0) -> Effects:
    draw = np.random.default_rng(seed)
    return Effects.of(mean + draw.normal(size=k), draw.uniform(0.1, 2, size=k))


def weighted_line(y: Array, x: Array, v: Array) -> tuple[Array, Array, Array]:
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ (design / v[:, None]))
    beta = inverse @ design.T @ (y / v)
    df = y.size - 2
    dispersion = np.sum((y - design @ beta) ** 2 / v) / df
    se = np.sqrt(dispersion * np.diag(inverse))
    return beta, se, 2 * stats.t.sf(np.abs(beta / se), df)


def test_pet_as_r(bcg: Effects) -> None:
    # In R: summary(lm(yi ~ sqrt(vi), weights=1/vi, data=dat)), confint of the same
    intercept, slope = pet_peese(bcg).pet.fit.coefficients
    assert intercept.estimate == pytest.approx(-0.19092864235982013, rel=1e-12)
    assert intercept.se == pytest.approx(0.22008494954872537, rel=1e-12)
    assert intercept.p == pytest.approx(0.40418398170559766, rel=1e-12)
    assert intercept.ci_low == pytest.approx(-0.67533235027608174, rel=1e-12)
    assert intercept.ci_high == pytest.approx(0.29347506555644143, rel=1e-12)
    assert slope.estimate == pytest.approx(-2.11204212089329557, rel=1e-12)
    assert slope.se == pytest.approx(1.50722132835700773, rel=1e-12)


def test_peese_as_r(bcg: Effects) -> None:
    # In R: summary(lm(yi ~ vi, weights=1/vi, data=dat)), confint of the same
    intercept, slope = pet_peese(bcg).peese.fit.coefficients
    assert intercept.estimate == pytest.approx(-0.37995350642827064, rel=1e-12)
    assert intercept.se == pytest.approx(0.15725529168220351, rel=1e-12)
    assert intercept.p == pytest.approx(0.034239124272044681, rel=1e-12)
    assert intercept.ci_low == pytest.approx(-0.72607006976668265, rel=1e-12)
    assert intercept.ci_high == pytest.approx(-0.033836943089858573, rel=1e-11)
    assert slope.estimate == pytest.approx(-2.36055760774346224, rel=1e-12)


def test_pet_is_the_estimate_where_it_finds_no_effect(bcg: Effects) -> None:
    result = pet_peese(bcg)
    assert result.chosen == "PET"
    assert result.estimate == result.pet.limit


@given(st.integers(3, 40), st.integers(0, 1000), st.sampled_from([0.0, 0.5, 1.0, 3.0]))
def test_the_rule_takes_peese_where_pet_rejects_at_ten_percent(
    k: int, seed: int, mean: float
) -> None:
    effects = drawn(k, seed, mean)
    pet = weighted_line(effects.yi, effects.sei, effects.vi)
    peese = weighted_line(effects.yi, effects.vi, effects.vi)
    beta, se, p = peese if pet[2][0] < 0.10 else pet
    result = pet_peese(effects)
    assert result.estimate.estimate == pytest.approx(beta[0], rel=1e-8, abs=1e-10)
    assert result.estimate.se == pytest.approx(se[0], rel=1e-8)
    assert result.estimate.p == pytest.approx(p[0], rel=1e-7)


def test_without_a_trend_an_effect_comes_back() -> None:
    sei = np.linspace(0.1, 0.5, 20)
    wiggle = 0.01 * (-1.0) ** np.arange(20)
    result = pet_peese(Effects.of(0.4 + wiggle * sei, sei**2))
    assert result.chosen == "PEESE"
    assert result.estimate.estimate == pytest.approx(0.4, abs=0.005)


def test_a_mere_trend_leaves_no_effect() -> None:
    sei = np.linspace(0.1, 0.5, 20)
    wiggle = 0.3 * (-1.0) ** np.arange(20)
    result = pet_peese(Effects.of(2 * sei + wiggle * sei, sei**2))
    assert result.chosen == "PET"
    assert result.estimate.estimate == pytest.approx(0, abs=0.05)


@given(st.integers(3, 30), st.integers(0, 1000))
def test_mirrored_effects_change_the_sign_alone(k: int, seed: int) -> None:
    effects = drawn(k, seed, 1.0)
    one, other = pet_peese(effects), pet_peese(Effects.of(-effects.yi, effects.vi))
    assert other.chosen == one.chosen
    assert other.estimate.estimate == pytest.approx(-one.estimate.estimate, rel=1e-9)


def test_the_level_is_that_of_the_intervals_alone(bcg: Effects) -> None:
    wide, narrow = pet_peese(bcg, level=0.99), pet_peese(bcg, level=0.5)
    assert wide.chosen == narrow.chosen
    assert wide.estimate.ci_low < narrow.estimate.ci_low < narrow.estimate.ci_high
    assert (wide.estimate.level, wide.peese.slope.level) == (0.99, 0.99)


def test_fewer_than_three_studies_are_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 3 studies"):
        pet_peese(drawn(2))


def test_equal_standard_errors_are_refused() -> None:
    with pytest.raises(BadOption, match="standard error is the same in all studies"):
        pet_peese(Effects.of([0.1, 0.4, 0.2], [0.5, 0.5, 0.5]))


def test_the_summary_says_how_the_estimate_was_chosen(bcg: Effects) -> None:
    assert pet_peese(bcg).summary() == (
        "PET-PEESE, 13 studies: PET finds no effect (p = 0.404 for its intercept, set against "
        "0.1), so PET is the estimate\n"
        "corrected effect: -0.1909 (95% CI -0.6753 to 0.2935); SE 0.2201, t(11) = -0.87, "
        "p = 0.404\n"
        "PET:   -0.1909 (95% CI -0.6753 to 0.2935); SE 0.2201, t(11) = -0.87, p = 0.404\n"
        "PEESE: -0.3800 (95% CI -0.7261 to -0.0338); SE 0.1573, t(11) = -2.42, p = 0.034"
    )


def test_the_summary_warns_of_few_studies_and_names_those_left_out() -> None:
    effects = Effects.of(
        [2.1, 2.4, 1.9, 2.2, np.nan], [0.1, 0.2, 0.3, 0.4, 0.5], ["a", "b", "c", "d", "e"]
    )
    summary = pet_peese(effects).summary()
    assert "PET finds an effect" in summary
    assert "so PEESE is the estimate" in summary
    assert "Sterne et al. 2011" in summary
    assert summary.endswith("left out: e: no effect")
