from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effect_sizes import rates
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable

X1, T1 = [30, 0, 0, 7.5], [54308.8, 100, 50, 200]
X2, T2 = [41, 6, 0, 3], [26516.5, 120, 80, 150]
NAN = float("nan")

both = pytest.mark.parametrize("compute", [rates.rate_ratio, rates.rate_difference])
count = st.integers(0, 300)
time = st.floats(0.5, 1e5)


# metafor 3.8-1: escalc(measure=, to=, x1i=c(30, 0, 0, 7.5), t1i=c(54308.8, 100, 50, 200),
#   x2i=c(41, 6, 0, 3), t2i=c(26516.5, 120, 80, 150))
@pytest.mark.parametrize(
    ("compute", "to", "yi", "vi"),
    [
        (
            rates.rate_ratio,
            "only0",
            [-1.029293780725606, -2.3826278006675818, 0.47000362924573569, 0.62860865942237387],
            [0.057723577235772358, 2.1538461538461537, 4, 0.46666666666666667],
        ),
        (
            rates.rate_ratio,
            "all",
            [-1.0248858393067399, -2.3826278006675818, 0.47000362924573569, 0.53899650073268734],
            [0.056883270788070317, 2.1538461538461537, 4, 0.4107142857142857],
        ),
        (
            rates.rate_difference,
            "only0",
            [-0.00099381041361422959, -0.049166666666666671, 0.00375, 0.0175],
            [6.8482532515401696e-08, 0.00050138888888888889, 0.000278125, 0.00032083333333333334],
        ),
        (
            rates.rate_difference,
            "if0all",
            [-0.001003459986416448, -0.049166666666666671, 0.00375, 0.016666666666666666],
            [6.9363167232127454e-08, 0.00050138888888888889, 0.000278125, 0.00035555555555555557],
        ),
    ],
)
def test_effects_are_those_of_metafor(
    compute: Callable[..., Effects], to: str, yi: list[float], vi: list[float]
) -> None:
    effects = compute(X1, T1, X2, T2, to=to)
    assert effects.yi == pytest.approx(yi, rel=1e-12)
    assert effects.vi == pytest.approx(vi, rel=1e-12, abs=0)
    assert effects.ni == pytest.approx([80825.3, 220, 130, 350])


@both
@given(count, time, count, time)
def test_exchanging_the_groups_changes_the_sign(
    compute: Callable[..., Effects], x1: int, t1: float, x2: int, t2: float
) -> None:
    forward, backward = compute([x1], [t1], [x2], [t2]), compute([x2], [t2], [x1], [t1])
    assert forward.yi == pytest.approx(-backward.yi, rel=1e-9, abs=1e-12)
    assert forward.vi == pytest.approx(backward.vi, rel=1e-12)


@given(count, time, count, time, st.sampled_from([12.0, 365.25, 1e-3]))
def test_the_unit_of_time_is_of_no_account_to_a_ratio_and_scales_a_difference(
    x1: int, t1: float, x2: int, t2: float, unit: float
) -> None:
    first, second = ([x1], [t1], [x2], [t2]), ([x1], [t1 * unit], [x2], [t2 * unit])
    ratios = [rates.rate_ratio(*columns) for columns in (first, second)]
    assert ratios[0].yi == pytest.approx(ratios[1].yi, rel=1e-9, abs=1e-12)
    assert ratios[0].vi == ratios[1].vi
    differences = [rates.rate_difference(*columns) for columns in (first, second)]
    assert differences[0].yi == pytest.approx(differences[1].yi * unit, rel=1e-9, abs=1e-12)
    assert differences[0].vi == pytest.approx(differences[1].vi * unit**2, rel=1e-12)


@pytest.mark.parametrize(
    ("compute", "x1", "x2", "options", "why"),
    [
        (
            rates.rate_ratio,
            0,
            3,
            {"to": "none"},
            "a count is zero: the log incidence rate ratio is not defined",
        ),
        (
            rates.rate_difference,
            0,
            0,
            {"to": "none"},
            "a count is zero: the variance of the incidence rate difference is zero",
        ),
        (
            rates.rate_ratio,
            0,
            0,
            {"drop00": True},
            "there was no event in either group, and drop00 is set",
        ),
        (rates.rate_ratio, NAN, 2, {}, "x1i is missing"),
    ],
)
def test_a_study_without_an_effect_is_set_aside_with_the_reason(
    compute: Callable[..., Effects], x1: float, x2: float, options: dict[str, Any], why: str
) -> None:
    effects = compute([x1, 5], [10, 20], [x2, 6], [30, 40], ["Ade 1999", "Bo 2001"], **options)
    assert list(effects.labels) == ["Bo 2001"]
    assert list(map(str, effects.left_out)) == [f"Ade 1999: {why}"]


def test_a_zero_in_one_group_needs_no_correction_for_a_difference() -> None:
    effects = rates.rate_difference([0], [10], [3], [30], to="none")
    assert (effects.yi[0], effects.vi[0]) == pytest.approx((-0.1, 3 / 900))


def test_studies_set_aside_by_drop00_do_not_start_a_correction_of_all() -> None:
    dropped = rates.rate_ratio([0, 4], [9, 7], [0, 6], [8, 5], to="if0all", drop00=True)
    assert dropped.yi == rates.rate_ratio([4], [7], [6], [5], to="none").yi


@both
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((-1, 10, 2, 20), "Ade 1999: x1i is -1. A count is not negative; correct it."),
        ((1, 10, 2, 0), "Ade 1999: t2i is 0. A person-time is above zero; correct it."),
        ((1, -3, 2, 5), "Ade 1999: t1i is -3. A person-time is above zero; correct it."),
        ((1, np.inf, 2, 5), "Ade 1999: t1i is infinite. Leave it empty, or correct it."),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(
    compute: Callable[..., Effects], values: tuple[float, ...], message: str
) -> None:
    with pytest.raises(BadStudy) as caught:
        compute(*([value] for value in values), ["Ade 1999"])
    assert str(caught.value) == message


@both
def test_columns_of_unequal_length_are_refused(compute: Callable[..., Effects]) -> None:
    with pytest.raises(BadTable, match="The column x2i has 2 values for 1 studies"):
        compute([1], [2], [3, 4], [5])


@both
def test_the_correction_by_arms_is_for_tables_alone(compute: Callable[..., Effects]) -> None:
    with pytest.raises(BadOption, match="only0, all, if0all, none"):
        compute([1], [2], [3], [4], to="treatment")
