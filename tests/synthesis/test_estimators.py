"""Each estimator of tau2 against its own equation, solved here by other means."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.estimators import ESTIMATORS
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.options import METHODS
from kb.synthesis.pooling import pool

YI = np.array([0.9, -0.3, 2.5, 0.1, -1.8, 0.6])
VI = np.array([0.30, 0.05, 0.80, 0.02, 0.11, 0.45])


def found(method: str, yi: Array = YI, vi: Array = VI) -> Heterogeneity:
    return pool(Effects.of(yi, vi), method=method).heterogeneity


def projection(weights: Array) -> Array:
    """Return P = W - W 1 (1'W1)^-1 1'W in full."""
    return np.asarray(np.diag(weights) - np.outer(weights, weights) / weights.sum())


def q_of(tau2: float, yi: Array = YI, vi: Array = VI) -> float:
    return float(yi @ projection(1 / (vi + tau2)) @ yi)


def root(function: Callable[[float], float]) -> float:
    return float(optimize.brentq(function, 0, 1e3, xtol=1e-14, rtol=1e-14))


def test_every_method_but_the_common_effect_has_an_estimator() -> None:
    assert list(ESTIMATORS) == [method for method in METHODS if method != "EE"]


def test_dersimonian_laird_equates_q_with_its_expectation() -> None:
    p = projection(1 / VI)
    tau2 = (q_of(0) - 5) / np.trace(p)
    assert found("DL").tau2 == pytest.approx(tau2, rel=1e-13)
    assert found("DL").i2 == pytest.approx(100 * (q_of(0) - 5) / q_of(0), rel=1e-13)
    assert found("DL").h2 == pytest.approx(q_of(0) / 5, rel=1e-13)


def test_hedges_subtracts_the_mean_variance_from_the_variance_of_the_effects() -> None:
    assert found("HE").tau2 == pytest.approx(YI.var(ddof=1) - VI.mean(), rel=1e-13)


def test_hunter_schmidt_takes_k_from_q() -> None:
    assert found("HS").tau2 == pytest.approx((q_of(0) - 6) / (1 / VI).sum(), rel=1e-13)


def test_the_correction_of_hunter_schmidt_inflates_q() -> None:
    assert found("HSk").tau2 == pytest.approx((6 / 5 * q_of(0) - 6) / (1 / VI).sum(), rel=1e-13)


def test_sidik_jonkman_starts_from_the_variance_of_the_effects() -> None:
    first = YI.var()
    ratios = VI / first
    v = 1 / (ratios + 1)
    mean = (v * YI).sum() / v.sum()
    assert found("SJ").tau2 == pytest.approx((v * (YI - mean) ** 2).sum() / 5, rel=1e-13)


def test_paule_mandel_sets_the_generalised_q_to_its_mean() -> None:
    tau2 = root(lambda value: q_of(value) - 5)
    assert found("PM").tau2 == pytest.approx(tau2, rel=1e-12)
    assert found("EB").tau2 == found("PM").tau2


def test_the_median_unbiased_form_sets_the_generalised_q_to_its_median() -> None:
    tau2 = root(lambda value: q_of(value) - float(stats.chi2.median(5)))
    assert found("PMM").tau2 == pytest.approx(tau2, rel=1e-12)
    assert found("PMM").tau2 > found("PM").tau2


def test_maximum_likelihood_is_the_top_of_the_normal_likelihood() -> None:
    def minus(tau2: float) -> float:
        w = 1 / (VI + tau2)
        mean = (w * YI).sum() / w.sum()
        return -float(np.sum(stats.norm.logpdf(YI, mean, np.sqrt(VI + tau2))))

    top = optimize.minimize_scalar(minus, bounds=(0, 50), method="bounded", options={"xatol": 1e-9})
    assert found("ML").tau2 == pytest.approx(float(top.x), rel=1e-6)


def test_restricted_likelihood_is_that_of_contrasts_between_the_effects() -> None:
    contrasts = np.eye(6)[1:] - np.eye(6)[:-1]

    def minus(tau2: float) -> float:
        covariance = contrasts @ np.diag(VI + tau2) @ contrasts.T
        return -float(stats.multivariate_normal(np.zeros(5), covariance).logpdf(contrasts @ YI))

    top = optimize.minimize_scalar(minus, bounds=(0, 50), method="bounded", options={"xatol": 1e-9})
    assert found("REML").tau2 == pytest.approx(float(top.x), rel=1e-6)


def test_standard_errors_of_the_likelihoods_are_by_the_expected_information() -> None:
    restricted, full = found("REML"), found("ML")
    p, w = projection(1 / (VI + restricted.tau2)), np.diag(1 / (VI + full.tau2))
    assert restricted.tau2_se == pytest.approx(np.sqrt(2 / np.trace(p @ p)), rel=1e-12)
    assert full.tau2_se == pytest.approx(np.sqrt(2 / np.trace(w @ w)), rel=1e-12)


@pytest.mark.parametrize(
    ("method", "factor"), [("DL", 1.0), ("HS", 1.0), ("HSk", 1.2), ("HE", 1.0)]
)
def test_standard_errors_of_the_moment_estimators_are_those_of_their_quadratic_form(
    method: str, factor: float
) -> None:
    result = found(method)
    weights = np.ones(6) if method == "HE" else 1 / VI
    p = projection(weights)
    divisor = {"DL": np.trace(p), "HE": 5.0}.get(method, np.sum(1 / VI))
    spread = p @ np.diag(VI + result.tau2)
    expected = factor * np.sqrt(2 * np.trace(spread @ spread)) / divisor
    assert result.tau2_se == pytest.approx(expected, rel=1e-12)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8), st.floats(0.01, 5))
def test_sidik_jonkman_is_above_zero_unless_the_effects_are_identical(
    effects: list[float], variance: float
) -> None:
    yi = np.array(effects)
    tau2 = found("SJ", yi, np.full(yi.size, variance)).tau2
    if yi.std() > 1e-6:
        assert tau2 > 0
    if yi.std() == 0:
        assert tau2 == pytest.approx(0, abs=1e-25)


@given(st.floats(0.1, 100))
def test_two_studies_of_equal_variance_leave_half_their_squared_difference(gap: float) -> None:
    yi, vi = np.array([0, gap]), np.full(2, 0.01)
    truth = max(0, gap**2 / 2 - 0.01)
    for method in ("DL", "HE", "REML", "PM", "EB"):
        assert found(method, yi, vi).tau2 == pytest.approx(truth, rel=1e-9, abs=1e-12)
