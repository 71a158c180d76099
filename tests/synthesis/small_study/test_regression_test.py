import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.measures import MEASURES
from kb.synthesis.small_study.regression_test import egger, regression_test

# In R: dat <- escalc(measure="RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg)
#       dat$ni <- with(dat.bcg, tpos + tneg + cpos + cneg)
#       res <- rma(yi, vi, data=dat, ni=dat$ni, control=list(threshold=1e-14, maxiter=10000))
#       regtest(res, predictor=...): zval, pval
META_REGRESSIONS = {
    "sei": (-0.803329193090874583, 0.421784488855278195),
    "vi": (-0.42678112645169236, 0.66953875451670708),
    "ni": (2.048754555987607695, 0.040486121516582582),
    "ninv": (-1.25656282547290110, 0.20891198298735031),
    "sqrtni": (2.357244958743050400, 0.018411097392542215),
    "sqrtninv": (-1.836062404286627592, 0.066348427775927338),
}
# regtest(res, predictor=..., model="lm"): zval, pval
LEAST_SQUARES = {
    "sei": (-1.40128200228933264, 0.18870699508197877),
    "vi": (-0.856813965044408543, 0.409825812146220048),
    "ni": (4.4112216611239301045, 0.0010435896839019964),
    "ninv": (-1.448469560620561758, 0.175384365444501283),
    "sqrtni": (4.2787165248426939357, 0.0013015171881870819),
    "sqrtninv": (-2.625976081932891226, 0.023575907453519236),
}
# est, ci.lb, ci.ub of the same
LIMITS = {
    ("rma", "sei"): (-0.510431874103027705, -1.118223989008736208, 0.097360240802680798),
    ("rma", "vi"): (-0.65535944394861612, -1.10726559841558236, -0.20345328948164998),
    ("rma", "ninv"): (-0.59719325761969744, -0.98254100602383843, -0.21184550921555650),
    ("rma", "sqrtninv"): (-0.409776828845176133, -0.858247845885744542, 0.038694188195392221),
    ("lm", "sei"): (-0.19092864235982013, -0.67533235027608185, 0.29347506555644165),
    ("lm", "vi"): (-0.379953506428270638, -0.726070069766682868, -0.033836943089858462),
    ("lm", "ninv"): (-0.349066427329844664, -0.677056098125482397, -0.021076756534206931),
    ("lm", "sqrtninv"): (-0.127142514903054393, -0.490662215883500175, 0.236377186077391388),
}


def drawn(k: int, seed: int = 1) -> Effects:
    draw = np.random.default_rng(seed)
    return Effects.of(draw.normal(size=k), draw.uniform(0.1, 2, size=k))


def weighted_line(y: Array, x: Array, v: Array) -> tuple[Array, Array, Array]:
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ (design / v[:, None]))
    beta = inverse @ design.T @ (y / v)
    df = y.size - 2
    dispersion = np.sum((y - design @ beta) ** 2 / v) / df
    se = np.sqrt(dispersion * np.diag(inverse))
    return beta, se, 2 * stats.t.sf(np.abs(beta / se), df)


@pytest.mark.parametrize("predictor", META_REGRESSIONS)
def test_the_meta_regression_as_metafor(bcg: Effects, predictor: str) -> None:
    slope = regression_test(bcg, predictor=predictor).slope
    statistic, p = META_REGRESSIONS[predictor]
    assert slope.statistic == pytest.approx(statistic, rel=1e-9)
    assert slope.p == pytest.approx(p, rel=1e-9)
    assert slope.df is None


@pytest.mark.parametrize("predictor", LEAST_SQUARES)
def test_weighted_least_squares_as_metafor(bcg: Effects, predictor: str) -> None:
    slope = regression_test(bcg, model="lm", predictor=predictor).slope
    statistic, p = LEAST_SQUARES[predictor]
    assert slope.statistic == pytest.approx(statistic, rel=1e-11)
    assert slope.p == pytest.approx(p, rel=1e-11)
    assert slope.df == 11


@pytest.mark.parametrize(("model", "predictor"), LIMITS)
def test_the_limit_as_metafor(bcg: Effects, model: str, predictor: str) -> None:
    limit = regression_test(bcg, model=model, predictor=predictor).limit
    assert limit is not None
    assert (limit.estimate, limit.ci_low, limit.ci_high) == pytest.approx(
        LIMITS[model, predictor], rel=1e-9
    )


@pytest.mark.parametrize("predictor", ["ni", "sqrtni"])
def test_a_predictor_that_grows_with_the_study_has_no_limit(bcg: Effects, predictor: str) -> None:
    result = regression_test(bcg, predictor=predictor)
    assert result.limit is None
    assert "limit" not in result.summary()


def test_options_of_the_meta_regression_as_metafor(bcg: Effects) -> None:
    # In R: regtest(rma(yi, vi, data=dat, test="knha")), the same with method="FE", and with
    # method="DL" and level=90
    knha = regression_test(bcg, test="knha").slope
    assert knha.statistic == pytest.approx(-0.78115413360181718, rel=1e-9)
    assert knha.p == pytest.approx(0.45119667995375701, rel=1e-9)
    assert knha.df == 11
    common = regression_test(bcg, method="FE").slope
    assert common.statistic == pytest.approx(-4.8019462450234638, rel=1e-12)
    narrow = regression_test(bcg, method="DL", level=0.9)
    assert narrow.slope.statistic == pytest.approx(-0.837908440484427253, rel=1e-12)
    assert narrow.limit is not None
    assert narrow.limit.ci_low == pytest.approx(-1.000365555688710550, rel=1e-12)
    assert narrow.limit.ci_high == pytest.approx(-0.012332521802218888, rel=1e-10)


@given(st.integers(3, 40), st.integers(0, 1000))
def test_egger_as_the_normal_equations_of_weighted_least_squares(k: int, seed: int) -> None:
    effects = drawn(k, seed)
    beta, se, p = weighted_line(effects.yi, effects.sei, effects.vi)
    result = egger(effects)
    assert result.slope.statistic == pytest.approx(beta[1] / se[1], rel=1e-8, abs=1e-10)
    assert result.slope.p == pytest.approx(p[1], rel=1e-8)
    assert result.limit is not None
    assert result.limit.se == pytest.approx(se[0], rel=1e-9)


def test_egger_as_the_regression_of_deviates_on_precision(bcg: Effects) -> None:
    # Egger et al. 1997: the intercept of yi / sei on 1 / sei
    oracle = stats.linregress(1 / bcg.sei, bcg.yi / bcg.sei)
    result = egger(bcg)
    assert result.slope.estimate == pytest.approx(oracle.intercept, rel=1e-12)
    assert result.slope.se == pytest.approx(oracle.intercept_stderr, rel=1e-12)
    assert result.limit is not None
    assert result.limit.estimate == pytest.approx(oracle.slope, rel=1e-12)


@given(st.integers(3, 30), st.integers(0, 1000), st.floats(0.01, 100))
def test_the_unit_does_not_matter(k: int, seed: int, scale: float) -> None:
    effects = drawn(k, seed)
    one, other = egger(effects), egger(Effects.of(effects.yi * scale, effects.vi * scale**2))
    assert other.slope.estimate == pytest.approx(one.slope.estimate, rel=1e-9, abs=1e-10)
    assert other.slope.p == pytest.approx(one.slope.p, rel=1e-8)
    assert one.limit is not None
    assert other.limit is not None
    assert other.limit.estimate == pytest.approx(one.limit.estimate * scale, rel=1e-8, abs=1e-10)


@given(st.permutations(range(12)))
def test_the_order_does_not_matter(order: list[int]) -> None:
    effects = drawn(12)
    one, other = egger(effects), egger(effects.take(order))
    assert other.slope.statistic == pytest.approx(one.slope.statistic, rel=1e-9)


@given(st.integers(3, 30), st.integers(0, 1000))
def test_mirrored_effects_change_the_sign_alone(k: int, seed: int) -> None:
    effects = drawn(k, seed)
    one, other = egger(effects), egger(Effects.of(-effects.yi, effects.vi))
    assert other.slope.statistic == pytest.approx(-one.slope.statistic, rel=1e-9, abs=1e-12)
    assert other.slope.p == pytest.approx(one.slope.p, rel=1e-9)


def test_a_shift_of_all_effects_moves_the_limit_alone(bcg: Effects) -> None:
    one, other = egger(bcg), egger(Effects.of(bcg.yi + 5, bcg.vi))
    assert other.slope.estimate == pytest.approx(one.slope.estimate, rel=1e-9)
    assert one.limit is not None
    assert other.limit is not None
    assert other.limit.estimate == pytest.approx(one.limit.estimate + 5, rel=1e-12)


def test_fewer_than_three_studies_are_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 3 studies"):
        egger(drawn(2))


def test_fewer_than_ten_studies_carry_a_warning() -> None:
    assert "Sterne et al. 2011, BMJ 343:d4002" in egger(drawn(9)).summary()
    assert egger(drawn(10)).notes == ()


@pytest.mark.parametrize("predictor", ["sei", "vi", "ni", "sqrtninv"])
@pytest.mark.parametrize("spread", [0, 1e-9])
def test_studies_of_the_same_size_are_refused(predictor: str, spread: float) -> None:
    sizes = 0.2 * (1 + spread * np.arange(4))
    effects = Effects.of([0.1, 0.3, 0.2, 0.6], sizes, ni=sizes)
    with pytest.raises(BadOption, match="is the same in all studies"):
        regression_test(effects, predictor=predictor)


def test_missing_sample_sizes_are_asked_for() -> None:
    with pytest.raises(BadTable, match="The predictor ninv needs the total sample sizes ni"):
        regression_test(drawn(12), predictor="ninv")


def test_a_study_without_its_size_is_left_out_by_name(bcg: Effects) -> None:
    assert bcg.ni is not None
    sizes = np.where(np.arange(13) == 3, np.nan, bcg.ni)
    some = Effects.of(bcg.yi, bcg.vi, bcg.labels, ni=sizes)
    result = regression_test(some, predictor="ni")
    assert result.k == 12
    assert "left out: Hart & Sutherland" in result.summary()
    known = np.arange(13) != 3
    assert result.slope == regression_test(bcg.take(known), predictor="ni").slope
    assert regression_test(some, predictor="sei").k == 13


@pytest.mark.parametrize("size", [0, -3, np.inf])
def test_a_sample_size_that_cannot_be_is_named(size: float) -> None:
    effects = Effects.of([0.1, 0.3, 0.2], [0.1, 0.2, 0.3], ["a", "b", "c"], ni=[9, size, 30])
    with pytest.raises(BadStudy, match=f"b: the sample size is {size:g}"):
        regression_test(effects, predictor="sqrtninv")


def test_too_few_known_sizes_are_refused() -> None:
    effects = Effects.of([0.1, 0.3, 0.2], [0.1, 0.2, 0.3], ni=[9, np.nan, 30])
    with pytest.raises(
        TooFewStudies, match="on the sample size needs at least 3 studies with a sample"
    ):
        regression_test(effects, predictor="ni")


def test_effects_on_a_line_have_no_scatter_to_test_by() -> None:
    effects = Effects.of([0.5, 0.5, 0.5, 0.5], [0.1, 0.2, 0.3, 0.4])
    with pytest.raises(BadOption, match=r"least squares leaves no.*model rma with the test z"):
        egger(effects)
    with pytest.raises(BadOption, match=r"exactly on the model.*test z or adhoc"):
        regression_test(effects, test="knha")
    assert regression_test(effects, test="adhoc").slope.se > 0
    assert regression_test(effects).slope.estimate == pytest.approx(0, abs=1e-12)


def test_options_that_do_not_exist_are_refused() -> None:
    with pytest.raises(BadOption, match="no model 'glm'"):
        regression_test(drawn(5), model="glm")
    with pytest.raises(BadOption, match="no predictor 'precision'"):
        regression_test(drawn(5), predictor="precision")


@pytest.mark.parametrize(("code", "source"), [("OR", "Peters"), ("SMD", "Pustejovsky")])
def test_a_measure_correlated_with_its_standard_error_carries_a_warning(
    code: str, source: str
) -> None:
    drawing = drawn(12)
    effects = Effects.of(drawing.yi, drawing.vi, measure=MEASURES[code], ni=np.arange(20, 80, 5))
    assert any(source in note for note in egger(effects).notes)
    assert regression_test(effects, predictor="sqrtninv").notes == ()


def test_the_summary_says_what_was_tested(bcg: Effects) -> None:
    assert egger(bcg).summary() == (
        "Regression test for funnel plot asymmetry, 13 studies, weighted least squares with "
        "multiplicative dispersion\n"
        "slope on the standard error: -2.1120 (95% CI -5.4294 to 1.2053); SE 1.5072, "
        "t(11) = -1.40, p = 0.189\n"
        "limit as the standard error falls to 0: -0.1909 (95% CI -0.6753 to 0.2935); SE 0.2201, "
        "t(11) = -0.87, p = 0.404"
    )
    assert (
        regression_test(bcg)
        .summary()
        .startswith(
            "Regression test for funnel plot asymmetry, 13 studies, random effects, restricted "
            "maximum likelihood; intervals: Wald, normal\n"
        )
    )
