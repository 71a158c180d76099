from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadTable, TooFewStudies
from kb.synthesis.likelihood import (
    fit_statistics,
    likelihood_ratio_tau2,
    likelihood_ratio_test,
    profile_mean,
    profile_tau2,
)
from kb.synthesis.metaregression import regress
from kb.synthesis.pooling import pool

# Thirteen trials of the BCG vaccine against tuberculosis: Colditz GA et al. JAMA 1994;271:698-702,
# as in metadat's dat.bcg: cases and non-cases, vaccinated and not; latitude and year.
TRIALS = [
    (4, 119, 11, 128, 44, 1948),
    (6, 300, 29, 274, 55, 1949),
    (3, 228, 11, 209, 42, 1960),
    (62, 13536, 248, 12619, 52, 1977),
    (33, 5036, 47, 5761, 13, 1973),
    (180, 1361, 372, 1079, 44, 1953),
    (8, 2537, 10, 619, 19, 1973),
    (505, 87886, 499, 87892, 13, 1980),
    (29, 7470, 45, 7232, 27, 1968),
    (17, 1699, 65, 1600, 42, 1961),
    (186, 50448, 141, 27197, 18, 1974),
    (5, 2493, 3, 2338, 33, 1969),
    (27, 16886, 29, 17825, 33, 1976),
]
A, B, C, D, LATITUDE, YEAR = np.array(TRIALS, dtype=float).T
BCG = Effects.of(
    np.log(A / (A + B)) - np.log(C / (C + D)), 1 / A - 1 / (A + B) + 1 / C - 1 / (C + D)
)

# In R: res <- rma(yi, vi, data=dat, method=..., control=list(threshold=1e-14, maxiter=10000)),
#       also with mods = ~ ablat; res$fit.stats: ll, dev, AIC, BIC, AICc of ML, and of REML
POOLED = {
    "ML": (
        (-12.665076348276809, 37.116020970065009, 29.330152696553618, 30.460051411476691),
        (30.530152696553618, -12.224524067523021, 24.449048135046041, 28.449048135046041),
        (29.418861434622041, 29.782381468379374),
    ),
    "REML": (
        (-12.687771662670405, 37.161411598852197, 29.375543325340811, 30.505442040263883),
        (30.575543325340810, -12.202371415493570, 24.404742830987139, 28.404742830987139),
        (29.374556130563139, 29.738076164320471),
    ),
    "EE": (
        (-70.223569904430931, 152.233008082373260, 142.447139808861863, 143.012089166323392),
        (142.810776172498237, -71.228640819794123, 142.457281639588246, 144.457281639588246),
        (144.942188289376247, 144.857281639588251),
    ),
    "DL": (
        (-12.682335781427907, 37.150539836367201, 29.364671562855815, 30.494570277778887),
        (30.564671562855814, -12.202733922227136, 24.405467844454272, 28.405467844454272),
        (29.375281144030271, 29.738801177787604),
    ),
}
WITH_LATITUDE = {
    "ML": (
        (-7.6856655284141304, 27.1571993303396475, 21.3713310568282608, 23.0661791292128697),
        (24.0379977234949251, -8.3517702396919944, 16.7035404793839888, 22.7035404793839888),
        (23.8972262977790990, 26.1321119079554194),
    ),
    "REML": (
        (-7.946573555898488, 27.679015385308361, 21.893147111796978, 23.587995184181587),
        (24.559813778463642, -8.0873200582757292, 16.1746401165514584, 22.1746401165514584),
        (23.3683259349465686, 25.6032115451228890),
    ),
    "EE": (
        (-9.4736108686188736, 30.7330900107491338, 22.9472217372377472, 24.0771204521608198),
        (24.1472217372377465, -11.579353799977238, 23.158707599954475, 27.158707599954475),
        (27.954498145551216, 28.658707599954475),
    ),
}
Statistics = tuple[tuple[float, ...], ...]


def drawn(k: int, seed: int, spread: float = 1.0) -> Effects:
    draw = np.random.default_rng(seed)
    return Effects.of(draw.normal(scale=spread, size=k), draw.uniform(0.1, 2, size=k))


def log_likelihood(effects: Effects, mean: float, tau2: float) -> float:
    return float(np.sum(stats.norm.logpdf(effects.yi, mean, np.sqrt(effects.vi + tau2))))


def restricted_log_likelihood(effects: Effects, tau2: float) -> float:
    """Of the k - 1 contrasts that an orthonormal basis without the mean makes."""
    k = effects.k
    contrasts = np.linalg.qr(np.column_stack([np.ones(k), np.eye(k)[:, 1:]]))[0][:, 1:]
    covariance = contrasts.T @ np.diag(effects.vi + tau2) @ contrasts
    normal = stats.multivariate_normal(np.zeros(k - 1), covariance)
    return float(normal.logpdf(contrasts.T @ effects.yi))


def numbers(of: Callable[..., object], statistics: Statistics) -> None:
    full, restricted = of(restricted=False), of(restricted=True)
    found = [
        getattr(each, name)
        for each in (full, restricted)
        for name in ("log_likelihood", "deviance", "aic", "bic", "aicc")
    ]
    assert found == pytest.approx([each for row in statistics for each in row], rel=1e-9)


@pytest.mark.parametrize("method", POOLED)
def test_the_statistics_of_a_pooled_effect_as_metafor(method: str) -> None:
    result = pool(BCG, method=method)
    numbers(lambda *, restricted: fit_statistics(result, restricted=restricted), POOLED[method])


@pytest.mark.parametrize("method", WITH_LATITUDE)
def test_the_statistics_of_a_regression_as_metafor(method: str) -> None:
    result = regress(BCG, {"latitude": LATITUDE}, method=method)
    numbers(
        lambda *, restricted: fit_statistics(result, restricted=restricted),
        WITH_LATITUDE[method],
    )


@pytest.mark.parametrize(
    ("method", "restricted"), [("REML", True), ("ML", False), ("DL", False), ("EE", False)]
)
def test_the_likelihood_is_restricted_for_reml_alone(method: str, *, restricted: bool) -> None:
    result = pool(BCG, method=method)
    assert fit_statistics(result) == fit_statistics(result, restricted=restricted)
    assert fit_statistics(result).restricted is restricted


@given(st.integers(2, 12), st.integers(0, 1000), st.sampled_from(["ML", "REML", "DL", "SJ"]))
def test_the_likelihoods_are_normal_densities(k: int, seed: int, method: str) -> None:
    effects = drawn(k, seed)
    result = pool(effects, method=method)
    tau2 = result.heterogeneity.tau2
    full = log_likelihood(effects, result.estimate.estimate, tau2)
    assert fit_statistics(result, restricted=False).log_likelihood == pytest.approx(full)
    of_contrasts = restricted_log_likelihood(effects, tau2)
    assert fit_statistics(result, restricted=True).log_likelihood == pytest.approx(of_contrasts)


def test_the_unit_and_the_origin_of_a_moderator_do_not_matter() -> None:
    one = regress(BCG, {"year": YEAR}, method="REML")
    other = regress(BCG, {"year": (YEAR - 1960) / 10}, method="REML")
    expected = fit_statistics(one)
    found = fit_statistics(other)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-9)
    assert found.aicc == pytest.approx(expected.aicc, rel=1e-9)


def test_one_study_has_a_likelihood_and_nothing_left_over() -> None:
    # In R: rma(0.3, 0.04, method=...)$fit.stats
    result = pool(Effects.of([0.3], [0.04]), method="REML")
    full = fit_statistics(result, restricted=False)
    assert full.log_likelihood == pytest.approx(0.69049937922942783, rel=1e-12)
    assert full.deviance == 0
    restricted = fit_statistics(result)
    assert restricted.log_likelihood == pytest.approx(0, abs=1e-12)
    assert restricted.bic is None
    assert "BIC none" in restricted.summary()


def test_the_test_of_heterogeneity_is_half_of_the_chi_squared() -> None:
    # In R: 2 * (logLik(res) - logLik(rma(yi, vi, data=dat, method="ML", tau2=0)))
    result = likelihood_ratio_tau2(pool(BCG, method="ML"))
    assert result.statistic == pytest.approx(115.11698711230824, rel=1e-9)
    assert result.boundary
    assert likelihood_ratio_tau2(pool(BCG, method="REML")).statistic == pytest.approx(
        118.0525388086011, rel=1e-9
    )
    slight = likelihood_ratio_tau2(regress(BCG, {"latitude": LATITUDE}, method="ML"))
    assert slight.statistic == pytest.approx(2 * (-7.6856655284141304 + 9.4736108686188736))
    assert slight.p == pytest.approx(stats.chi2.sf(slight.statistic, 1) / 2, rel=1e-12)


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_without_heterogeneity_the_test_gives_one(method: str) -> None:
    result = likelihood_ratio_tau2(pool(Effects.of([0.1, 0.2, 0.15], [1, 2, 3]), method=method))
    assert (result.statistic, result.p) == (0, 1)


def test_under_the_hypothesis_half_of_the_statistics_are_zero_and_five_percent_are_rejected() -> (
    None
):
    draw = np.random.default_rng(3)
    vi = draw.uniform(0.5, 1.5, size=60)
    tests = [
        likelihood_ratio_tau2(pool(Effects.of(draw.normal(scale=np.sqrt(vi)), vi), method="REML"))
        for _ in range(600)
    ]
    zero = np.mean([test.statistic == 0 for test in tests])
    rejected = np.mean([test.p < 0.05 for test in tests])
    assert zero == pytest.approx(0.53, abs=0.06)
    assert rejected == pytest.approx(0.05, abs=0.025)


def test_nested_models_as_metafor() -> None:
    # In R: anova(rma(yi, vi, mods = ~ ablat + year, method="ML"), rma(yi, vi, mods = ~ ablat, ...))
    full = regress(BCG, {"latitude": LATITUDE, "year": YEAR}, method="ML")
    reduced = regress(BCG, {"latitude": LATITUDE}, method="ML")
    result = likelihood_ratio_test(full, reduced)
    assert result.statistic == pytest.approx(0.079100601368033097, rel=1e-7)
    assert result.p == pytest.approx(0.77851996768047615, rel=1e-8)
    assert (result.df, result.boundary) == (1, False)
    # and with method="FE", mods = ~ ablat against none
    one = likelihood_ratio_test(
        regress(BCG, {"latitude": LATITUDE}, method="EE"), pool(BCG, method="EE")
    )
    assert one.statistic == pytest.approx(121.49991807162412, rel=1e-12)
    assert one.p == pytest.approx(2.9701362122495754e-28, rel=1e-10)


def test_a_common_effect_comparison_is_the_fall_of_q() -> None:
    full, reduced = regress(BCG, {"year": YEAR}, method="EE"), pool(BCG, method="EE")
    fall = reduced.heterogeneity.q - full.heterogeneity.q
    assert likelihood_ratio_test(full, reduced).statistic == pytest.approx(fall, rel=1e-10)


def test_restricted_likelihoods_are_not_compared() -> None:
    full, reduced = regress(BCG, {"year": YEAR}), pool(BCG)
    with pytest.raises(BadOption, match="two models fitted by ML, or two with a common effect"):
        likelihood_ratio_test(full, reduced)
    with pytest.raises(BadOption, match="not EE and ML"):
        likelihood_ratio_test(regress(BCG, {"year": YEAR}, method="ML"), pool(BCG, method="EE"))


def test_models_that_are_not_nested_are_not_compared() -> None:
    year = regress(BCG, {"year": YEAR}, method="ML")
    latitude = regress(BCG, {"latitude": LATITUDE}, method="ML")
    both = regress(BCG, {"latitude": LATITUDE, "year": YEAR}, method="ML")
    square = regress(BCG, {"square": LATITUDE**2}, method="ML")
    for full, reduced in [(year, latitude), (latitude, both), (both, square), (year, year)]:
        with pytest.raises(BadOption, match="is not a part of the one with"):
            likelihood_ratio_test(full, reduced)


def test_models_of_different_studies_are_not_compared() -> None:
    some = np.where(np.arange(13) == 4, np.nan, YEAR)
    with pytest.raises(BadTable, match=r"not of the same studies \(12 and 13\)"):
        likelihood_ratio_test(regress(BCG, {"year": some}, method="ML"), pool(BCG, method="ML"))


def test_the_profile_interval_of_tau2_as_metafor() -> None:
    # In R: confint(res, type="PL", control=list(tol=1e-15)), with mods = ~ ablat for the others
    found = [
        (interval.estimate, interval.low, interval.high)
        for method in ("ML", "REML")
        for result in (pool(BCG, method=method), regress(BCG, {"x": LATITUDE}, method=method))
        for interval in (profile_tau2(result),)
    ]
    expected = [
        (0.28002813726864378, 0.10507738080893336, 0.83391247682410319),
        (0.034351442481241473, 0, 0.24504581723819119),
        (0.31324325813648085, 0.11526610574805432, 0.96469532651420897),
        (0.07634796395520270, 0.0058066347326024351, 0.44321596513366190),
    ]
    assert [each for row in found for each in row] == pytest.approx(
        [each for row in expected for each in row], rel=1e-9
    )


@settings(max_examples=40)
@given(st.integers(2, 15), st.integers(0, 500), st.sampled_from(["ML", "REML"]))
def test_at_the_limits_of_tau2_the_likelihood_has_lost_the_quantile(
    k: int, seed: int, method: str
) -> None:
    effects = drawn(k, seed)
    result = pool(effects, method=method)
    interval = profile_tau2(result)

    def height(tau2: float) -> float:
        if method == "REML":
            return restricted_log_likelihood(effects, tau2)
        mean = np.average(effects.yi, weights=1 / (effects.vi + tau2))
        return log_likelihood(effects, float(mean), tau2)

    lost = stats.chi2.ppf(0.95, 1) / 2
    top = height(result.heterogeneity.tau2)
    assert 0 <= interval.low <= interval.estimate < interval.high
    assert top - height(interval.high) == pytest.approx(lost, rel=1e-8)
    if interval.low > 0:
        assert top - height(interval.low) == pytest.approx(lost, rel=1e-8)
    else:
        assert top - height(0) <= lost * (1 + 1e-9)


def test_a_likelihood_with_two_hills_gives_the_outermost_limits() -> None:
    effects = Effects.of([-0.01, 0, 0, 0.01, 0.6, 10.6], [0.01, 0.01, 0.01, 0.01, 0.6, 2.9])
    result = pool(effects, method="ML")
    interval = profile_tau2(result)

    def lost(tau2: float) -> float:
        mean = np.average(effects.yi, weights=1 / (effects.vi + tau2))
        top = log_likelihood(effects, result.estimate.estimate, result.heterogeneity.tau2)
        return 2 * (top - log_likelihood(effects, float(mean), tau2))

    critical = stats.chi2.ppf(0.95, 1)
    assert result.heterogeneity.tau2 == 0
    assert lost(0.3) > critical > lost(10.8)
    assert interval.low == 0
    assert interval.high > 10.8
    assert lost(interval.high) == pytest.approx(critical, rel=1e-9)


@settings(max_examples=25)
@given(st.integers(2, 12), st.integers(0, 200), st.sampled_from([0.3, 1.0, 3.0]))
def test_at_the_limits_of_the_mean_the_best_tau2_has_lost_the_quantile(
    k: int, seed: int, spread: float
) -> None:
    effects = drawn(k, seed, spread)
    result = pool(effects, method="ML")
    interval = profile_mean(result)
    assert interval.estimate == pytest.approx(result.estimate.estimate, rel=1e-9, abs=1e-12)
    top = log_likelihood(effects, result.estimate.estimate, result.heterogeneity.tau2)
    for limit in (interval.low, interval.high):
        grid = np.linspace(0, 2 * float(np.max((effects.yi - limit) ** 2)), 400)
        heights = [log_likelihood(effects, limit, tau2) for tau2 in grid.tolist()]
        at = int(np.argmax(heights))
        bounds = (grid[max(at - 1, 0)], grid[min(at + 1, grid.size - 1)])
        best = optimize.minimize_scalar(
            lambda tau2, limit=limit: -log_likelihood(effects, limit, tau2),
            bounds=bounds,
            method="bounded",
            options={"xatol": 1e-10},
        )
        lost = 2 * (top - max(-float(best.fun), heights[0]))
        assert lost == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-6)


def test_without_heterogeneity_in_large_studies_the_profile_interval_is_walds() -> None:
    effects = Effects.of(0.2 + 1e-4 * np.cos(np.arange(400)), np.full(400, 0.04))
    result = pool(effects, method="ML")
    interval = profile_mean(result)
    assert interval.low == pytest.approx(result.estimate.ci_low, rel=1e-3)
    assert interval.high == pytest.approx(result.estimate.ci_high, rel=1e-3)


@given(st.integers(2, 12), st.integers(0, 200))
@settings(max_examples=20)
def test_mirrored_effects_mirror_the_interval_of_the_mean(k: int, seed: int) -> None:
    effects = drawn(k, seed)
    one = profile_mean(pool(effects, method="ML"))
    other = profile_mean(pool(Effects.of(-effects.yi, effects.vi), method="ML"))
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), rel=1e-9)


@given(st.integers(2, 12), st.integers(0, 200), st.floats(1e-3, 1e3))
@settings(max_examples=20)
def test_the_unit_scales_the_intervals(k: int, seed: int, scale: float) -> None:
    effects = drawn(k, seed)
    one = pool(effects, method="ML")
    other = pool(Effects.of(scale * effects.yi, scale**2 * effects.vi), method="ML")
    tau2, scaled = profile_tau2(one), profile_tau2(other)
    assert scaled.high == pytest.approx(scale**2 * tau2.high, rel=1e-8)
    assert scaled.low == pytest.approx(scale**2 * tau2.low, rel=1e-6, abs=1e-10 * scale**2)
    assert profile_mean(other).high == pytest.approx(scale * profile_mean(one).high, rel=1e-8)


def test_a_higher_level_gives_a_wider_interval() -> None:
    result = pool(BCG, method="ML")
    for profile in (profile_tau2(result), profile_mean(result)):
        assert profile.level == 0.95
    wide, narrow = profile_tau2(result, level=0.99), profile_tau2(result, level=0.8)
    assert wide.low < narrow.low < narrow.high < wide.high
    mean_wide, mean_narrow = profile_mean(result, level=0.99), profile_mean(result, level=0.8)
    assert mean_wide.low < mean_narrow.low < mean_narrow.high < mean_wide.high


def test_methods_that_maximise_no_likelihood_are_refused() -> None:
    for of in (likelihood_ratio_tau2, profile_tau2):
        with pytest.raises(BadOption, match="fitted by ML or REML, not DL"):
            of(pool(BCG, method="DL"))
    with pytest.raises(BadOption, match="fitted by ML, not REML"):
        profile_mean(pool(BCG))


def test_one_study_has_no_profile_and_no_test() -> None:
    result = pool(Effects.of([0.3], [0.04]), method="ML")
    for of in (likelihood_ratio_tau2, profile_tau2, profile_mean):
        with pytest.raises(TooFewStudies, match="needs at least 2 studies"):
            of(result)


def test_a_level_that_is_no_share_is_refused() -> None:
    with pytest.raises(BadOption, match="between 0 and 1"):
        profile_tau2(pool(BCG), level=95)


def test_the_summaries_are_sentences_of_the_field() -> None:
    result = pool(BCG, method="ML")
    assert fit_statistics(result).summary() == (
        "log-likelihood -12.665 (2 parameters); deviance 37.12, AIC 29.33, BIC 30.46, AICc 30.53"
    )
    assert likelihood_ratio_tau2(result).summary() == (
        "likelihood-ratio test of tau² = 0: 115.12 against 0 and chi²(1), mixed half and half, "
        "p < 0.001"
    )
    full = regress(BCG, {"latitude": LATITUDE, "year": YEAR}, method="ML")
    reduced = regress(BCG, {"latitude": LATITUDE}, method="ML")
    assert likelihood_ratio_test(full, reduced).summary() == (
        "likelihood-ratio test of the moderator year: 0.08 against chi²(1), p = 0.779"
    )
    assert profile_tau2(pool(BCG)).summary() == (
        "tau² 0.3132 (95% CI by restricted profile likelihood 0.1153 to 0.9647)"
    )
    assert profile_mean(result).summary().startswith("mean -0.7112 (95% CI by profile likelihood ")


def test_a_likelihood_ratio_test_says_what_it_tests() -> None:
    both = regress(BCG, {"latitude": LATITUDE, "year": YEAR}, method="ML")
    alone = regress(BCG, {"latitude": LATITUDE}, method="ML")
    assert likelihood_ratio_tau2(both).of == "tau² = 0"
    assert likelihood_ratio_test(both, alone).of == "the moderator year"
    assert likelihood_ratio_test(both, pool(BCG, method="ML")).of == "the moderators latitude, year"
    half = regress(BCG, {"when": np.where(YEAR < 1960, "early", "late")}, method="ML")
    words = np.where(YEAR < 1960, "early", np.where(YEAR < 1970, "later", "latest"))
    finer = regress(BCG, {"when": words}, method="ML")
    assert likelihood_ratio_test(finer, half).of == "the moderator when"
