from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.synthesis import conversions as convert
from kb.synthesis.effect_sizes.means import standardised_mean_difference
from kb.synthesis.errors import BadOption, BadStudy, BadTable

sds = st.floats(0.1, 50)
sizes = st.integers(2, 2000)
effects = st.floats(-3, 3)
values = st.lists(st.floats(-100, 100), min_size=2, max_size=20)


# mpmath 1.3: gammaprod([m / 2], [(m - 1) / 2]) / sqrt(m / 2) with 40 digits
@pytest.mark.parametrize(
    ("df", "exact"),
    [
        (1.5, 0.39027621886917631),
        (2, 0.56418958354775629),
        (3, 0.72360125455826766),
        (10.5, 0.92652935825375354),
        (40, 0.98111219443669506),
        (99, 0.99240185111442286),
        (99.5, 0.99244014507826257),
        (100, 0.99247805498144487),
        (137, 0.99451386532728443),
        (1000, 0.99924978117971637),
        (100000, 0.99999249997812493),
        (1e09, 0.99999999925),
    ],
)
def test_the_correction_of_hedges_keeps_its_digits(df: float, exact: float) -> None:
    assert float(convert.hedges_correction(df)) == pytest.approx(exact, rel=1e-14)


# Borenstein et al. 2009, ch. 4: J of 98 degrees of freedom
def test_the_correction_of_hedges_is_near_its_approximation() -> None:
    assert float(convert.hedges_correction(98)) == pytest.approx(0.9923, abs=5e-5)


def test_the_correction_of_hedges_needs_more_than_one_degree_of_freedom() -> None:
    assert np.isnan(convert.hedges_correction([1, 0, -3, np.nan])).all()


# Cochrane Handbook 6.5.2.2: a 95% interval of 25 people is 4.128 standard errors wide, of many 3.92
def test_the_interval_of_a_mean_is_as_wide_as_the_handbook_says() -> None:
    assert float(convert.sd_from_ci(0, 4.128, 25)) == pytest.approx(5, abs=5e-3)
    assert float(convert.sd_from_ci(0, 3.92, 100)) == pytest.approx(10, abs=1e-3)


def test_the_interval_of_a_mean_is_read_by_t_in_small_groups_only() -> None:
    small, large = convert.sd_from_ci([0, 0], [4, 4], [59, 60])

    assert small == pytest.approx(np.sqrt(59) * 2 / stats.t.ppf(0.975, 58), rel=1e-12)
    assert large == pytest.approx(np.sqrt(60) * 2 / stats.norm.ppf(0.975), rel=1e-12)
    always_t = convert.sd_from_ci(0, 4, 500, level=0.9, t_below=np.inf)
    assert float(always_t) == pytest.approx(np.sqrt(500) * 2 / stats.t.ppf(0.95, 499), rel=1e-12)


@given(sd=sds, n=sizes, mean=effects, level=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_an_interval_leads_back_to_its_standard_deviation(
    sd: float, n: int, mean: float, level: float
) -> None:
    tail = (1 + level) / 2
    c = stats.t.ppf(tail, n - 1) if n < 60 else stats.norm.ppf(tail)
    half = c * sd / np.sqrt(n)

    found = convert.sd_from_ci(mean - half, mean + half, n, level=level)

    assert float(found) == pytest.approx(sd, rel=1e-7)


# Cochrane Handbook 6.5.2.3: a difference of 3.8 with p = 0.008 between 25 and 22 people
def test_a_p_value_leads_to_the_standard_deviation_as_in_the_handbook() -> None:
    t = convert.t_from_p(0.008, 45)
    se = convert.se_from_p(3.8, 0.008, 25, 22)

    assert float(t) == pytest.approx(2.78, abs=5e-3)
    assert float(se) == pytest.approx(1.37, abs=5e-3)
    assert float(convert.sd_from_se_of_difference(se, 25, 22)) == pytest.approx(4.69, abs=2e-2)
    assert float(convert.sd_from_t(3.8, t, 25, 22)) == pytest.approx(
        float(convert.sd_from_se_of_difference(se, 25, 22)), rel=1e-14
    )


@given(seed=st.integers(0, 2**32 - 1), n1=st.integers(3, 40), n2=st.integers(3, 40))
def test_a_t_test_leads_back_to_the_pooled_standard_deviation_and_to_g(
    seed: int, n1: int, n2: int
) -> None:
    random = np.random.default_rng(seed)
    one, other = random.normal(1, 2, n1), random.normal(0, 2, n2)
    test = stats.ttest_ind(one, other)
    difference = one.mean() - other.mean()
    pooled = np.sqrt(((n1 - 1) * one.var(ddof=1) + (n2 - 1) * other.var(ddof=1)) / (n1 + n2 - 2))
    sign = np.sign(difference)
    g = standardised_mean_difference(
        [one.mean()], [one.std(ddof=1)], [n1], [other.mean()], [other.std(ddof=1)], [n2]
    )

    assert float(convert.sd_from_t(difference, test.statistic, n1, n2)) == pytest.approx(pooled)
    assert float(convert.se_from_p(difference, test.pvalue, n1, n2)) == pytest.approx(
        pooled * np.sqrt(1 / n1 + 1 / n2), rel=1e-6
    )
    for d in (
        convert.d_from_t(test.statistic, n1, n2),
        convert.d_from_f(test.statistic**2, n1, n2, sign=sign),
        convert.d_from_p(test.pvalue, n1, n2, sign=sign),
    ):
        assert float(d.value) == pytest.approx(difference / pooled, rel=1e-6, abs=1e-9)
        found = convert.g_from_d(d.value, n1, n2)
        assert float(found.value) == pytest.approx(g.yi[0], rel=1e-6, abs=1e-9)
        assert float(found.variance) == pytest.approx(g.vi[0], rel=1e-6)


# metafor 3.8-1: escalc(measure="SMD", ti=c(2.5, -1.2), n1i=c(20, 8), n2i=c(25, 40))
def test_g_from_t_is_that_of_metafor() -> None:
    d = convert.d_from_t([2.5, -1.2], [20, 8], [25, 40])
    g = convert.g_from_d(d.value, [20, 8], [25, 40])

    np.testing.assert_allclose(g.value, [0.73682921760531683, -0.45713204660212159], rtol=1e-12)
    np.testing.assert_allclose(g.variance, [0.096032414399076255, 0.15217676779198588], rtol=1e-12)


# Borenstein et al. 2009, ch. 4: means 103 and 100, pooled SD 5.0249, 50 people each
def test_d_and_its_variance_are_those_of_the_textbook() -> None:
    t = 3 / (5.0249 * np.sqrt(2 / 50))
    d = convert.d_from_t(t, 50, 50)

    assert float(d.value) == pytest.approx(0.5970, abs=5e-5)
    assert float(d.variance) == pytest.approx(0.0418, abs=5e-5)
    assert float(convert.g_from_d(d.value, 50, 50).value) == pytest.approx(0.5924, abs=5e-5)


# Borenstein et al. 2009, ch. 7; the inputs are rounded to four decimals
def test_log_odds_and_correlations_convert_as_in_the_textbook() -> None:
    d = convert.log_odds_to_d(0.9069, 0.0676)
    log_odds = convert.d_to_log_odds(0.5, 0.0205)
    from_r = convert.r_to_d(0.5, 0.0058)
    r = convert.d_to_r(1.1547, 0.0550)

    assert [float(part) for part in d] == pytest.approx([0.5, 0.0205], abs=2e-4)
    assert [float(part) for part in log_odds] == pytest.approx([0.9069, 0.0676], abs=2e-4)
    assert [float(part) for part in from_r] == pytest.approx([1.1547, 0.0550], abs=2e-4)
    assert [float(part) for part in r] == pytest.approx([0.5, 0.0058], abs=2e-4)


@given(value=effects, variance=st.floats(1e-6, 10))
def test_conversions_between_scales_lead_back(value: float, variance: float) -> None:
    by_odds = convert.log_odds_to_d(*convert.d_to_log_odds(value, variance))
    by_r = convert.r_to_d(*convert.d_to_r(value, variance))

    for found in (by_odds, by_r):
        assert float(found.value) == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert float(found.variance) == pytest.approx(variance, rel=1e-9)


@given(seed=st.integers(0, 2**32 - 1), n1=st.integers(2, 40), n2=st.integers(2, 40))
def test_d_to_r_is_the_correlation_with_the_group(seed: int, n1: int, n2: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.normal(1, 2, n1), random.normal(0, 2, n2)
    within = np.sqrt((one.var() * n1 + other.var() * n2) / (n1 + n2))
    d = (one.mean() - other.mean()) / within

    r = convert.d_to_r(d, 0.1, n1, n2).value

    group = np.repeat([1.0, 0.0], [n1, n2])
    assert float(r) == pytest.approx(np.corrcoef(group, np.concatenate([one, other]))[0, 1])


@given(one=values, other=values)
def test_two_groups_together_are_as_if_computed_from_all_people(
    one: list[float], other: list[float]
) -> None:
    both = np.array(one + other)

    group = convert.combine_groups(
        len(one),
        np.mean(one),
        np.std(one, ddof=1),
        len(other),
        np.mean(other),
        np.std(other, ddof=1),
    )

    assert float(group.n) == both.size
    assert float(group.mean) == pytest.approx(both.mean(), abs=1e-9)
    assert float(group.sd) == pytest.approx(both.std(ddof=1), rel=1e-9, abs=1e-6)


@given(sd1=sds, sd2=sds, r=st.floats(-0.99, 0.99))
def test_the_sd_of_change_leads_back_to_the_correlation(sd1: float, sd2: float, r: float) -> None:
    change = convert.sd_of_change(sd1, sd2, r)

    assert float(convert.correlation_from_change(sd1, sd2, change)) == pytest.approx(r, abs=1e-7)


def test_the_sd_of_change_has_its_limits_at_perfect_correlation() -> None:
    np.testing.assert_array_equal(convert.sd_of_change([5, 5, 3], [3, 5, 3], [1, 1, -1]), [2, 0, 6])
    assert float(convert.correlation_from_change(5, 3, 2)) == 1
    assert float(convert.correlation_from_change(5, 3, 8)) == -1


@given(sd=sds, n=sizes)
def test_the_standard_error_leads_back_to_the_standard_deviation(sd: float, n: int) -> None:
    assert float(convert.sd_from_se(sd / np.sqrt(n), n)) == pytest.approx(sd, rel=1e-14)


# Wan et al. 2014, table 1: the expected range of n standard normal values
@pytest.mark.parametrize(
    ("n", "expected"), [(5, 2.326), (10, 3.078), (25, 3.931), (30, 4.086), (50, 4.498)]
)
def test_the_range_of_normal_values_is_that_of_the_published_table(n: int, expected: float) -> None:
    assert float(convert.from_range(0, 1, expected, n).sd) == pytest.approx(1, abs=0.02)


# sd and means in R: n <- 40; (q3 - q1) / (2 * qnorm((.75 * n - .125) / (n + .25))) and so on, for
# the five numbers 12, 20, 25, 33, 60
def test_five_numbers_give_mean_and_sd_by_the_published_formulas() -> None:
    by_range = convert.from_range(12, 25, 60, 40)
    by_quartiles = convert.from_quartiles(20, 25, 33, 40)
    by_all = convert.from_five_numbers(12, 20, 25, 33, 60, 40)

    assert [float(part) for part in by_range] == pytest.approx(
        [27.210453835737113, 11.129889165417167], rel=1e-13
    )
    assert [float(part) for part in by_quartiles] == pytest.approx(
        [26.064624999999999, 9.9960887192324748], rel=1e-13
    )
    assert [float(part) for part in by_all] == pytest.approx(
        [27.244615938706627, 10.562988942324822], rel=1e-13
    )


def test_the_means_of_wan_are_plain_averages() -> None:
    assert float(convert.from_range(12, 25, 60, 40, mean="wan").mean) == pytest.approx(122 / 4)
    assert float(convert.from_quartiles(20, 25, 33, 40, mean="wan").mean) == pytest.approx(78 / 3)
    five = convert.from_five_numbers(12, 20, 25, 33, 60, 40, mean="wan")
    assert float(five.mean) == pytest.approx((12 + 40 + 50 + 66 + 60) / 8)


@pytest.mark.parametrize("mean", ["luo", "wan"])
@given(centre=effects, spread=sds, n=sizes)
def test_symmetric_summaries_have_their_mean_at_the_median(
    mean: convert.MeanBy, centre: float, spread: float, n: int
) -> None:
    low, first, third, high = (centre + spread * by for by in (-3, -1, 1, 3))
    by_range = convert.from_range(low, centre, high, n, mean=mean)
    by_quartiles = convert.from_quartiles(first, centre, third, n, mean=mean)
    by_all = convert.from_five_numbers(low, first, centre, third, high, n, mean=mean)

    for found in (by_range, by_quartiles, by_all):
        assert float(found.mean) == pytest.approx(centre, abs=1e-9)
    assert float(by_all.sd) == pytest.approx((by_range.sd + by_quartiles.sd) / 2, rel=1e-12)


def test_large_normal_samples_give_back_their_mean_and_sd() -> None:
    n = 100_000
    people = 50 + 10 * stats.norm.ppf((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    low, first, middle, third, high = np.quantile(people, [0, 0.25, 0.5, 0.75, 1])

    for found in (
        convert.from_range(low, middle, high, n),
        convert.from_quartiles(first, middle, third, n),
        convert.from_five_numbers(low, first, middle, third, high, n),
    ):
        assert float(found.mean) == pytest.approx(50, abs=1e-6)
        assert float(found.sd) == pytest.approx(10, rel=1e-3)


def test_columns_are_converted_study_by_study_and_missing_values_stay_missing() -> None:
    found = convert.sd_from_se([1, np.nan, 2], [4, 9, np.nan])

    assert found[0] == 2
    assert np.isnan(found[1:]).all()
    assert np.isnan(convert.d_from_f([4, 4], [9, 9], [9, 9], sign=[np.nan, 1]).value[0])


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: convert.sd_from_se(-1, 9), r"this study: se is -1\. It cannot be below 0"),
        (lambda: convert.sd_from_se([1, -2], 9), r"study 2: se is -2\."),
        (lambda: convert.sd_from_se(1, [9, 0]), r"study 2: n is 0\."),
        (lambda: convert.sd_from_se(np.inf, 9), r"se is inf\. Give a finite number"),
        (lambda: convert.se_from_ci(2, 1), r"high is 1\. It cannot be below the low"),
        (lambda: convert.se_from_ci(1, 2, df=0), r"df is 0\."),
        (lambda: convert.sd_from_ci(1, 2, 1), r"n is 1\. .* at least 2 people"),
        (lambda: convert.se_from_t(3, 0), r"t is 0\. A t of 0 does not tell"),
        (lambda: convert.se_from_p(3, 1, 9, 9), r"p is 1\. A p of 1 does not tell"),
        (lambda: convert.se_from_p(3, 0, 9, 9), r"p is 0\. A p-value is above 0"),
        (lambda: convert.se_from_p(3, 0.1, 1, 1), r"df is 0\. Degrees"),
        (lambda: convert.sd_from_se_of_difference(3, 0, 9), r"n1 is 0\."),
        (lambda: convert.sd_of_change(1, -2, 0.5), r"sd2 is -2\."),
        (lambda: convert.sd_of_change(1, 2, 1.5), r"r is 1\.5\. A correlation is between"),
        (lambda: convert.correlation_from_change(0, 2, 2), r"sd1 is 0\. A constant"),
        (lambda: convert.correlation_from_change(2, 0, 2), r"sd2 is 0\. A constant"),
        (lambda: convert.correlation_from_change(1, 2, 4), r"sd_change is 4\. It lies between"),
        (lambda: convert.combine_groups(9, 1, -1, 9, 1, 1), r"sd1 is -1\."),
        (lambda: convert.from_range(3, 2, 5, 9), r"median is 2\. It cannot be below the minimum"),
        (lambda: convert.from_range(1, 2, 5, 1), r"n is 1\."),
        (lambda: convert.from_quartiles(1, 3, 2, 9), r"q3 is 2\. It cannot be below the median"),
        (
            lambda: convert.from_five_numbers(1, [2, 2], 3, 4, [5, 3], 9),
            r"study 2: maximum is 3\. It cannot be below the q3",
        ),
        (lambda: convert.d_from_f(-1, 9, 9, sign=1), r"f is -1\."),
        (lambda: convert.d_from_p(0.1, 9, 9, sign=0), r"sign is 0\. It is 1 or -1"),
        (lambda: convert.g_from_d(0.1, 1, 2), r"n1 \+ n2 is 3\."),
        (lambda: convert.d_to_log_odds(0.1, -1), r"variance is -1\."),
        (lambda: convert.r_to_d(-1, 0.1), r"r is -1\. A perfect correlation"),
        (lambda: convert.d_to_r(1, 0.1, 9, 0.5), r"n2 is 0\.5\."),
    ],
)
def test_an_error_names_the_value_that_is_wrong(call: Callable[[], Any], what: str) -> None:
    with pytest.raises(BadStudy, match=what):
        call()


@pytest.mark.parametrize("se", ["many", [1, 2]])
def test_values_that_make_no_columns_are_refused(se: Any) -> None:
    with pytest.raises(BadTable, match="se, n are not numbers, or not columns of one length"):
        convert.sd_from_se(se, [1, 2, 3])


def test_a_mean_or_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadOption, match=r"no mean 'hozo'\. Choose luo or wan"):
        convert.from_range(1, 2, 3, 9, mean="hozo")  # type: ignore[call-overload]
    with pytest.raises(BadOption, match="a share between 0 and 1"):
        convert.se_from_ci(1, 2, level=95)


NUMBERS: list[tuple[Callable[..., Any], tuple[float, ...], dict[str, float]]] = [
    (convert.hedges_correction, (40,), {}),
    (convert.se_from_ci, (1, 2), {}),
    (convert.se_from_ci, (1, 2), {"df": 9}),
    (convert.sd_from_se, (1, 9), {}),
    (convert.sd_from_ci, (1, 2, 20), {}),
    (convert.sd_from_ci, (1, 2, 90), {}),
    (convert.se_from_t, (3, 2), {}),
    (convert.se_from_p, (3, 0.1, 9, 8), {}),
    (convert.sd_from_se_of_difference, (3, 9, 8), {}),
    (convert.sd_from_t, (3, 2, 9, 8), {}),
    (convert.sd_of_change, (3, 4, 0.5), {}),
    (convert.correlation_from_change, (3, 4, 3), {}),
    (convert.combine_groups, (9, 1, 2, 8, 3, 4), {}),
    (convert.from_range, (1, 2, 5, 9), {}),
    (convert.from_quartiles, (1, 2, 5, 9), {}),
    (convert.from_five_numbers, (1, 2, 3, 5, 9, 20), {}),
    (convert.t_from_p, (0.1, 9), {}),
    (convert.d_from_t, (2, 9, 8), {}),
    (convert.d_from_f, (4, 9, 8), {"sign": -1}),
    (convert.d_from_p, (0.1, 9, 8), {"sign": -1}),
    (convert.g_from_d, (0.5, 9, 8), {}),
    (convert.d_to_log_odds, (0.5, 0.1), {}),
    (convert.log_odds_to_d, (0.5, 0.1), {}),
    (convert.r_to_d, (0.5, 0.1), {}),
    (convert.d_to_r, (0.5, 0.1), {}),
]


def parts(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


def test_every_conversion_is_tried_with_numbers_and_columns() -> None:
    tried = {of.__name__ for of, _, _ in NUMBERS}
    assert tried == {name for name in convert.__all__ if name[0].islower()}


@pytest.mark.parametrize(("of", "values", "options"), NUMBERS)
def test_numbers_give_numbers_and_columns_give_columns(
    of: Callable[..., Any], values: tuple[float, ...], options: dict[str, float]
) -> None:
    numbers = parts(of(*values, **options))
    assert {type(number) for number in numbers} == {float}

    columns = parts(of(*([value] * 3 for value in values), **options))
    mixed = parts(of([values[0]] * 3, *values[1:], **options))
    for number, column, other in zip(numbers, columns, mixed, strict=True):
        assert column.shape == other.shape == (3,)
        np.testing.assert_allclose(column, number, rtol=1e-15)
        np.testing.assert_array_equal(other, column)


@pytest.mark.parametrize("df", [1, 3, 5])
def test_a_p_value_too_small_for_a_t_is_refused(df: float) -> None:
    with pytest.raises(BadStudy, match=r"^this study: p is .*e-32.\. No t can be told"):
        convert.t_from_p(5e-324 if df == 5 else 1e-320, df)
    with pytest.raises(BadStudy, match=r"^study 2: p is"):
        convert.t_from_p([0.1, 5e-324], df)


def test_a_small_p_value_keeps_its_t() -> None:
    # of 1 degree of freedom t is the cotangent of p pi / 2
    assert convert.t_from_p(1e-300, 1) == pytest.approx(2 / np.pi * 1e300, rel=1e-12)
