from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effect_sizes import change
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadStudy

M1 = [24, 30.5, 9.1, -2]
M2 = [20, 31, 9.1, 1.5]
SD1 = [5, 6.5, 1.2, 2]
SD2 = [4.5, 7, 1.9, 2.5]
R = [0.6, 0.75, -0.2, 1]
N = [30, 12, 3, 251]


# metafor 3.8-1: escalc(measure=, m1i=c(24, 30.5, 9.1, -2), m2i=c(20, 31, 9.1, 1.5),
#   sd1i=c(5, 6.5, 1.2, 2), sd2i=c(4.5, 7, 1.9, 2.5), ri=c(.6, .75, -.2, 1), ni=c(30, 12, 3, 251))
@pytest.mark.parametrize(
    ("code", "effects", "yi", "vi"),
    [
        (
            "MC",
            change.mean_change(M1, M2, SD1, SD2, R, N),
            [4, -0.5, 0, -3.5],
            [0.60833333333333328, 1.9166666666666667, 1.9873333333333332, 0.00099601593625498006],
        ),
        (
            "SMCC",
            change.standardised_by_change(M1, M2, SD1, SD2, R, N),
            [0.91186756338251784, -0.096955012436864024, 0, -6.9789754685527141],
            [0.047191707552486167, 0.083725011434859678, 0.33333333333333331, 0.10100816452322824],
        ),
        (
            "SMCR",
            change.standardised_by_start(M1, M2, SD1, R, N),
            [0.77909998767738031, -0.071535369998136811, 0, -1.7447438671381785],
            [0.03678327984664824, 0.04187988788169876, 0.79999999999999993, 0.00606400629863802],
        ),
    ],
)
def test_effects_are_those_of_metafor(
    code: str, effects: Effects, yi: list[float], vi: list[float]
) -> None:
    np.testing.assert_allclose(effects.yi, yi, rtol=1e-12)
    np.testing.assert_allclose(effects.vi, vi, rtol=1e-12)
    assert effects.measure.code == code
    assert effects.ni is not None
    assert effects.ni.tolist() == N


@given(
    before=st.lists(st.floats(-50, 50), min_size=4, max_size=30),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_change_is_that_of_the_individual_differences(before: list[float], seed: int) -> None:
    start = np.array(before)
    start += np.random.default_rng(seed).normal(0, 1, start.size)
    end = start * 0.5 + np.random.default_rng(seed + 1).normal(1, 3, start.size)
    sd1, sd2 = end.std(ddof=1), start.std(ddof=1)
    r = np.clip(np.corrcoef(end, start)[0, 1], -1, 1)

    effects = change.mean_change([end.mean()], [start.mean()], [sd1], [sd2], [r], [start.size])

    difference = end - start
    np.testing.assert_allclose(effects.yi, difference.mean(), atol=1e-10)
    np.testing.assert_allclose(effects.vi, difference.var(ddof=1) / start.size, rtol=1e-7)


@given(sd=st.floats(0.5, 20), r=st.floats(-0.9, 0.9), n=st.integers(4, 400), gain=st.floats(-9, 9))
def test_a_correlation_of_one_half_makes_both_standardised_changes_equal(
    sd: float, r: float, n: int, gain: float
) -> None:
    by_change = change.standardised_by_change([gain], [0], [sd], [sd], [0.5], [n])
    by_start = change.standardised_by_start([gain], [0], [sd], [0.5], [n])

    np.testing.assert_allclose(by_change.yi, by_start.yi, rtol=1e-12)
    np.testing.assert_allclose(by_change.vi, by_start.vi, rtol=1e-12)


@pytest.mark.parametrize(
    ("measure", "columns", "reason"),
    [
        (change.mean_change, (2, 1, 3, 3, 1, 9), "change is 0"),
        (change.standardised_by_change, (2, 1, 3, 3, 1, 9), "change is 0"),
        (change.standardised_by_change, (1, 1, 0, 0, 0.5, 9), "change is 0"),
        (change.standardised_by_change, (2, 1, 3, 3, 0.5, 2), "more than 2 people"),
        (change.standardised_by_start, (2, 1, 3, 0.5, 1), "more than 2 people"),
        (change.standardised_by_start, (2, 1, 0, 0.5, 9), "at the start is 0"),
        (change.standardised_by_start, (1, 1, 3, 1, 9), "has no variance"),
        (change.mean_change, (2, 1, 1e300, 3, 0.5, 9), "with a variance"),
        (change.standardised_by_change, (2, 1, 1e300, 3, 0.5, 9), "too large to square"),
        (change.standardised_by_start, (1e300, 1, 1e-9, 0.5, 9), "with a variance"),
        (change.standardised_by_start, (1, 1, 3, np.nan, 9), "ri is missing"),
    ],
)
def test_a_study_whose_numbers_give_no_effect_is_set_aside_with_the_reason(
    measure: Callable[..., Effects], columns: tuple[float, ...], reason: str
) -> None:
    effects = measure(*([value] for value in columns), ["Ash"])

    assert effects.k == 0
    (left_out,) = effects.left_out
    assert left_out.label == "Ash"
    assert reason in left_out.reason


@pytest.mark.parametrize(
    ("position", "value", "what"),
    [
        (2, -1, "sd1i is -1"),
        (3, -1, "sd2i is -1"),
        (4, 1.2, r"ri is 1\.2"),
        (4, -1.2, r"ri is -1\.2"),
        (5, 0, "ni is 0"),
        (0, -np.inf, "m1i is infinite"),
    ],
)
def test_an_impossible_value_is_an_error_that_names_the_study(
    position: int, value: float, what: str
) -> None:
    columns = [[2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [0.5, 0.5], [9.0, 9.0]]
    columns[position][1] = value

    measures: list[Callable[..., Effects]] = [change.mean_change, change.standardised_by_change]
    for measure in measures:
        with pytest.raises(BadStudy, match=rf"^Beck: {what}\. "):
            measure(*columns, ["Ash", "Beck"])
