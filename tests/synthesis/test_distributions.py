import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.synthesis.distributions import (
    central_quantile,
    chi2_quantile,
    chi2_upper,
    f_upper,
    two_sided_p,
)

DEGREES = [1.0, 2.0, 3.0, 7.0, 30.0, 1e3, 1e6]
LEVELS = [0.01, 0.5, 0.8, 0.95, 0.99, 0.999]
SIZES = np.array([0.1, 0.5, 1, 2, 5, 10, 20, 37, 100, 1e3, 1e5, 1e10, 1e50])


def test_normal_tails_are_scipys_far_out() -> None:
    np.testing.assert_allclose(two_sided_p(SIZES), 2 * stats.norm.sf(SIZES), rtol=1e-13)
    assert two_sided_p(np.array([37.0]))[0] == pytest.approx(1.145e-299, rel=1e-3)


@pytest.mark.parametrize("df", DEGREES)
def test_tails_of_t_are_scipys_far_out(df: float) -> None:
    degrees = np.full(SIZES.shape, df)
    np.testing.assert_allclose(
        two_sided_p(SIZES, degrees), 2 * stats.t.sf(SIZES, df), rtol=1e-9, atol=1e-300
    )


def test_tails_of_t_keep_their_digits_at_few_degrees_of_freedom() -> None:
    # In closed form: 1 df is Cauchy's distribution, 2 df gives 1 - t / sqrt(2 + t^2)
    t = np.array([1.0, 1e3, 1e8, 1e150])
    np.testing.assert_allclose(
        two_sided_p(t, np.ones(4)), 2 / math.pi * np.arctan(1 / t), rtol=1e-14
    )
    exact = 2 / (np.sqrt(2 + t**2) * (np.sqrt(2 + t**2) + t))
    np.testing.assert_allclose(two_sided_p(t, np.full(4, 2.0)), exact, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("df", [None, 1.0, 4.0, 1e6])
def test_a_statistic_of_zero_has_p_one_and_an_infinite_one_p_zero(df: float | None) -> None:
    statistics = np.array([0.0, np.inf, -np.inf])
    degrees = None if df is None else np.full(3, df)
    assert two_sided_p(statistics, degrees).tolist() == [1, 0, 0]


@given(st.floats(0, 1e6), st.sampled_from([None, *DEGREES]))
def test_two_sided_p_does_not_know_the_sign(size: float, df: float | None) -> None:
    degrees = None if df is None else np.array([df, df])
    plus, minus = two_sided_p(np.array([size, -size]), degrees)
    assert plus == minus
    assert 0 <= plus <= 1


def test_t_tends_to_the_normal() -> None:
    size = np.array([0.5, 1.96, 4])
    np.testing.assert_allclose(two_sided_p(size, np.full(3, 1e9)), two_sided_p(size), rtol=1e-6)


@pytest.mark.parametrize("level", LEVELS)
def test_normal_quantiles_are_scipys(level: float) -> None:
    assert central_quantile(level) == pytest.approx(stats.norm.isf((1 - level) / 2), rel=1e-13)


@pytest.mark.parametrize("level", LEVELS)
def test_quantiles_of_t_are_scipys_one_by_one_and_together(level: float) -> None:
    expected = stats.t.isf((1 - level) / 2, DEGREES)
    one_by_one = [float(central_quantile(level, np.asarray(df))) for df in DEGREES]
    assert one_by_one == pytest.approx(expected, rel=1e-10)
    mixed = np.array(DEGREES + DEGREES[::-1])
    together = central_quantile(level, mixed)
    assert together.tolist() == one_by_one + one_by_one[::-1]


@given(st.sampled_from(LEVELS), st.sampled_from([None, 1.0, 3.0, 30.0, 1e3]))
def test_the_tail_beyond_a_quantile_is_what_the_level_leaves(
    level: float, df: float | None
) -> None:
    degrees = None if df is None else np.asarray(df)
    p = two_sided_p(central_quantile(level, degrees), degrees)
    assert float(p) == pytest.approx(1 - level, rel=1e-9)


@pytest.mark.parametrize("df", DEGREES)
def test_chi_squared_is_scipys(df: float) -> None:
    x = np.array([0, 1e-10, 0.1, 1, 10, 100, 500, 1000, 1400])
    np.testing.assert_allclose(chi2_upper(x, df), stats.chi2.sf(x, df), rtol=1e-12)
    for probability in (1e-10, 0.001, 0.025, 0.5, 0.975, 0.999):
        assert float(chi2_quantile(probability, df)) == pytest.approx(
            stats.chi2.ppf(probability, df), rel=1e-12
        )


def test_chi_squared_takes_degrees_of_freedom_one_by_one() -> None:
    x, df = np.array([0.0, 3.0, np.inf]), np.array([1.0, 5.0, 2.0])
    upper = chi2_upper(x, df)
    assert upper[0] == 1
    assert upper[1] == pytest.approx(stats.chi2.sf(3, 5), rel=1e-13)
    assert upper[2] == 0
    np.testing.assert_allclose(chi2_quantile(0.5, df), stats.chi2.median(df), rtol=1e-13)


@pytest.mark.parametrize("df1", [1, 2, 5, 20])
@pytest.mark.parametrize("df2", [1, 2, 10, 1e3, 1e6])
def test_tails_of_f_are_scipys(df1: float, df2: float) -> None:
    for statistic in (0, 1e-5, 0.1, 1, 4, 50, 1e3, 1e5):
        assert f_upper(statistic, df1, df2) == pytest.approx(
            stats.f.sf(statistic, df1, df2), rel=1e-9, abs=1e-300
        )


@given(st.floats(0.01, 50), st.sampled_from([1.0, 3.0, 20.0, 1e3]))
def test_f_with_one_degree_of_freedom_is_t_squared(t: float, df: float) -> None:
    assert f_upper(t * t, 1, df) == pytest.approx(
        float(two_sided_p(np.asarray(t), np.asarray(df))), rel=1e-8, abs=1e-300
    )


@pytest.mark.parametrize(
    ("df", "t", "p"),  # by 50 digits of mpmath
    [
        (100.0, 1e-7, 0.9999999204107626),
        (1e6, 1e-5, 0.9999920211563869),
        (1e6, 0.1, 0.9203443454920431),
    ],
)
def test_p_keeps_its_digits_near_one(df: float, t: float, p: float) -> None:
    assert float(two_sided_p(np.asarray(t), np.asarray(df))) == pytest.approx(p, rel=1e-12)
    assert f_upper(t * t, 1, df) == pytest.approx(p, rel=1e-12)
