from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effect_sizes import means
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable

M1 = [103, 12.5, 4.2]
SD1 = [5.5, 4, 1.1]
N1 = [50, 18, 6]
M2 = [100, 14, 3.9]
SD2 = [4.5, 6, 0.7]
N2 = [50, 25, 4]

MEASURES: list[Callable[..., Effects]] = [
    means.mean_difference,
    means.standardised_mean_difference,
    means.standardised_mean_difference_unequal,
    means.log_ratio_of_means,
]

group = st.tuples(
    st.floats(1, 100), st.floats(0.1, 50), st.integers(3, 5000)
)  # mean, standard deviation, size


# metafor 3.8-1: escalc(measure=, vtype=, m1i=c(103, 12.5, 4.2), sd1i=c(5.5, 4, 1.1),
#   n1i=c(50, 18, 6), m2i=c(100, 14, 3.9), sd2i=c(4.5, 6, .7), n2i=c(50, 25, 4))
@pytest.mark.parametrize(
    ("measure", "options", "yi", "vi"),
    [
        (
            means.mean_difference,
            {},
            [3, -1.5, 0.30000000000000027],
            [1.01, 2.3288888888888888, 0.32416666666666666],
        ),
        (
            means.mean_difference,
            {"vtype": "HO"},
            [3, -1.5, 0.30000000000000027],
            [1.01, 2.6475880758807593, 0.39166666666666672],
        ),
        (
            means.standardised_mean_difference,
            {},
            [0.59243962303478725, -0.27971646498401498, 0.27932021922674727],
            [0.041754923534708006, 0.096465338122801531, 0.42056765591011053],
        ),
        (
            means.standardised_mean_difference,
            {"vtype": "UB"},
            [0.59243962303478725, -0.27971646498401498, 0.27932021922674727],
            [0.041823260184680258, 0.096552138028850071, 0.42287794089724678],
        ),
        (
            means.standardised_mean_difference_unequal,
            {},
            [0.59243962303478725, -0.28875438917850638, 0.29373577117327637],
            [0.042024623321950012, 0.091489454794721953, 0.39311810578490253],
        ),
        (
            means.log_ratio_of_means,
            {},
            [0.029558802241544429, -0.11332868530700312, 0.074107972153722043],
            [9.7527052502592148e-05, 0.013035827664399093, 0.019486262618130752],
        ),
    ],
)
def test_effects_are_those_of_metafor(
    measure: Callable[..., Effects], options: dict[str, Any], yi: list[float], vi: list[float]
) -> None:
    effects = measure(M1, SD1, N1, M2, SD2, N2, **options)

    np.testing.assert_allclose(effects.yi, yi, rtol=1e-12)
    np.testing.assert_allclose(effects.vi, vi, rtol=1e-11)
    assert effects.ni is not None
    assert effects.ni.tolist() == [100, 43, 10]


def test_the_worked_example_of_borenstein_chapter_4() -> None:
    first = [103], [5.5], [50], [100], [4.5], [50]

    difference = means.mean_difference(*first, vtype="HO")
    g = means.standardised_mean_difference(*first)

    assert difference.yi[0] == 3
    assert difference.vi[0] == pytest.approx(1.01)
    assert g.yi[0] == pytest.approx(0.5924, abs=5e-5)


@pytest.mark.parametrize(
    ("measure", "code"), list(zip(MEASURES, ["MD", "SMD", "SMDH", "ROM"], strict=True))
)
def test_effects_know_what_they_measure(measure: Callable[..., Effects], code: str) -> None:
    assert measure(M1, SD1, N1, M2, SD2, N2).measure.code == code


@pytest.mark.parametrize("measure", MEASURES)
@given(one=group, other=group)
def test_exchanging_the_groups_changes_only_the_sign(
    measure: Callable[..., Effects],
    one: tuple[float, float, int],
    other: tuple[float, float, int],
) -> None:
    columns = [[value] for value in (*one, *other)]
    there, back = measure(*columns), measure(*columns[3:], *columns[:3])

    np.testing.assert_allclose(there.yi, -back.yi, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(there.vi, back.vi, rtol=1e-12)


@pytest.mark.parametrize("measure", MEASURES[1:])
@given(one=group, other=group, unit=st.floats(1e-3, 1e3))
def test_standardised_effects_and_ratios_do_not_depend_on_the_unit(
    measure: Callable[..., Effects],
    one: tuple[float, float, int],
    other: tuple[float, float, int],
    unit: float,
) -> None:
    factors = (unit, unit, 1, unit, unit, 1)
    columns = [[value] for value in (*one, *other)]
    scaled = [[value * by] for value, by in zip((*one, *other), factors, strict=True)]

    np.testing.assert_allclose(measure(*scaled).yi, measure(*columns).yi, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(measure(*scaled).vi, measure(*columns).vi, rtol=1e-9)


@given(one=group, other=group)
def test_equal_standard_deviations_and_sizes_make_both_standardised_differences_equal(
    one: tuple[float, float, int], other: tuple[float, float, int]
) -> None:
    mean, sd, size = ([value] for value in one)
    columns = mean, sd, size, [other[0]], sd, size

    np.testing.assert_allclose(
        means.standardised_mean_difference(*columns).yi,
        means.standardised_mean_difference_unequal(*columns).yi,
        rtol=1e-12,
    )


@given(one=group, other=group)
def test_the_unbiased_variance_differs_little_in_large_studies(
    one: tuple[float, float, int], other: tuple[float, float, int]
) -> None:
    many = [10_000_000]
    columns = [one[0]], [one[1]], many, [other[0]], [other[1]], many

    np.testing.assert_allclose(
        means.standardised_mean_difference(*columns).vi,
        means.standardised_mean_difference(*columns, vtype="UB").vi,
        rtol=1e-5,
    )


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("position", range(6))
def test_a_study_with_a_missing_value_is_set_aside_by_name(
    measure: Callable[..., Effects], position: int
) -> None:
    columns = [[2.0, 3.0, 4.0] for _ in range(6)]
    columns[position][1] = np.nan

    effects = measure(*columns, ["A", "B", "C"])

    assert effects.labels == ("A", "C")
    names = ["m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"]
    assert [str(study) for study in effects.left_out] == [f"B: {names[position]} is missing"]


@pytest.mark.parametrize(
    ("measure", "options", "row", "reason"),
    [
        (means.mean_difference, {}, (1, 0, 9, 2, 0, 9), "without a variance"),
        (means.mean_difference, {"vtype": "HO"}, (1, 0, 9, 2, 3, 1), "without a variance"),
        (means.mean_difference, {"vtype": "HO"}, (1, 3, 1, 2, 3, 1), "no pooled variance"),
        (means.standardised_mean_difference, {}, (1, 0, 9, 2, 0, 9), "deviation is 0"),
        (means.standardised_mean_difference, {}, (2, 0, 9, 2, 0, 9), "deviation is 0"),
        (means.standardised_mean_difference, {}, (1, 1, 1, 2, 1, 2), "more than 3 people"),
        (means.standardised_mean_difference_unequal, {}, (1, 0, 9, 2, 0, 9), "deviations are 0"),
        (means.standardised_mean_difference_unequal, {}, (1, 1, 1, 2, 1, 9), "one person"),
        (means.standardised_mean_difference_unequal, {}, (1, 0, 1, 2, 1, 9), "one person"),
        (means.log_ratio_of_means, {}, (1, 1, 9, -2, 1, 9), "opposite signs"),
        (means.log_ratio_of_means, {}, (0, 1, 9, 2, 1, 9), "a mean is 0"),
        (means.log_ratio_of_means, {}, (1, 1, 9, 0, 1, 9), "a mean is 0"),
        (means.log_ratio_of_means, {}, (1, 0, 9, 2, 0, 9), "without a variance"),
    ],
)
def test_a_study_whose_numbers_give_no_effect_is_set_aside_with_the_reason(
    measure: Callable[..., Effects],
    options: dict[str, Any],
    row: tuple[float, ...],
    reason: str,
) -> None:
    usable = (1, 1, 10, 2, 1, 10)
    columns = [list(pair) for pair in zip(row, usable, strict=True)]

    effects = measure(*columns, **options)

    assert effects.rows.tolist() == [1]
    (left_out,) = effects.left_out
    assert left_out.label == "study 1"
    assert reason in left_out.reason


# metafor 3.8-1: escalc(measure="SMD", m1i=7, sd1i=2, n1i=1, m2i=6.1, sd2i=1.8, n2i=18)
def test_a_group_of_one_person_has_a_standardised_mean_difference() -> None:
    effects = means.standardised_mean_difference([7], [2], [1], [6.1], [1.8], [18])

    assert effects.yi[0] == pytest.approx(0.4775557528067677, rel=1e-12)
    assert effects.vi[0] == pytest.approx(1.061557121267104, rel=1e-12)


def test_means_that_are_both_negative_have_a_ratio() -> None:
    effects = means.log_ratio_of_means([-4], [1], [30], [-5], [1.4], [29])

    assert effects.yi[0] == pytest.approx(np.log(0.8), rel=1e-14)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("position", "value", "what"),
    [
        (1, -1, "sd1i is -1"),
        (4, -0.5, "sd2i is -0.5"),
        (2, 0, "n1i is 0"),
        (5, -3, "n2i is -3"),
        (0, np.inf, "m1i is infinite"),
        (4, np.inf, "sd2i is infinite"),
    ],
)
def test_an_impossible_value_is_an_error_that_names_the_study(
    measure: Callable[..., Effects], position: int, value: float, what: str
) -> None:
    columns = [[2.0, 3.0] for _ in range(6)]
    columns[position][1] = value

    with pytest.raises(BadStudy, match=rf"^Beck: {what}\. ") as error:
        measure(*columns, ["Ash", "Beck"])
    assert error.value.label == "Beck"


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(BadTable, match="sd1i has 1 values for 2 studies"):
        means.mean_difference([1, 2], [1], [9, 9], [1, 2], [1, 1], [9, 9])


@pytest.mark.parametrize("measure", MEASURES[:2])
def test_a_variance_that_does_not_exist_is_refused_with_those_that_do(
    measure: Callable[..., Effects],
) -> None:
    with pytest.raises(BadOption, match=r"no vtype 'XX' here\. Choose one of LS, "):
        measure(M1, SD1, N1, M2, SD2, N2, vtype="XX")


@pytest.mark.parametrize("measure", MEASURES)
def test_numbers_too_large_to_square_are_set_aside(measure: Callable[..., Effects]) -> None:
    effects = measure([1], [1e300], [9], [2], [1e300], [9], ["Ash"])

    assert effects.k == 0
    assert [study.label for study in effects.left_out] == ["Ash"]
