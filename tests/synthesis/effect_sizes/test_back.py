import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.synthesis.back import back_transform
from kb.synthesis.effect_sizes import proportions
from kb.synthesis.errors import BadOption, BadTable
from kb.synthesis.measures import MEASURES

SIZES = [29, 15, 33, 20, 10]
every_measure = pytest.mark.parametrize("code", MEASURES)
value = st.integers(-(10**9), 10**9).map(lambda millionths: millionths / 10**6)
length = st.integers(0, 2 * 10**6).map(lambda millionths: millionths / 10**6)
group_size = st.floats(1, 1e6)


@pytest.mark.parametrize("code", ["OR", "RR", "PETO", "IRR", "HR", "ROM"])
def test_logarithms_become_ratios(code: str) -> None:
    assert back_transform(code, [0, math.log(2), -math.inf]).tolist() == [1, 2, 0]


def test_a_limit_too_large_for_a_ratio_is_infinite() -> None:
    assert back_transform("OR", [800, math.inf]).tolist() == [math.inf, math.inf]
    assert back_transform("PLO", [-800, 800]).tolist() == [0, 1]


def test_logits_arcsines_and_fisher_z_come_back() -> None:
    assert back_transform("PLO", math.log(3)) == pytest.approx(0.75)
    assert back_transform("PAS", math.pi / 6) == pytest.approx(0.25)
    assert back_transform("ZCOR", 0.5 * math.log(3)) == pytest.approx(0.5)


@pytest.mark.parametrize("code", ["GEN", "MD", "SMD", "SMDH", "MC", "SMCC", "SMCR", "IRD"])
def test_differences_stay_as_they_are(code: str) -> None:
    assert back_transform(code, [-12.5, 0, 3]).tolist() == [-12.5, 0, 3]


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("PR", 0, 1),
        ("RD", -1, 1),
        ("AS", -math.pi / 2, math.pi / 2),
        ("PAS", 0, 1),
        ("PLO", 0, 1),
        ("PFT", 0, 1),
        ("ZCOR", -1, 1),
        ("OR", 0, math.inf),
    ],
)
def test_limits_are_held_to_what_can_occur(code: str, low: float, high: float) -> None:
    assert back_transform(code, [-math.inf, math.inf], SIZES).tolist() == [low, high]
    assert (back_transform(code, [-900.0, 900.0], SIZES) >= low).all()
    assert (back_transform(code, [-900.0, 900.0], SIZES) <= high).all()


@every_measure
@given(values=st.lists(value | st.sampled_from([-math.inf, math.inf]), min_size=2, max_size=6))
def test_a_larger_value_never_becomes_a_smaller_one(code: str, values: list[float]) -> None:
    result = back_transform(code, sorted(values), SIZES)
    assert (result[1:] >= result[:-1]).all()


@every_measure
@given(
    estimate=st.floats(-3, 3),
    below=length,
    above=length,
    n=group_size,
)
def test_an_estimate_stays_between_its_limits(
    code: str, estimate: float, below: float, above: float, n: float
) -> None:
    low, middle, high = back_transform(code, [estimate - below, estimate, estimate + above], [n])
    assert low <= middle <= high


@every_measure
def test_the_shape_is_kept_and_nothing_else_is_touched(code: str) -> None:
    values = np.array([[0.1, 0.2, 0.3], [0.4, math.nan, 0.6]])
    before = values.copy()
    result = back_transform(MEASURES[code], values, SIZES)
    assert result.shape == (2, 3)
    assert np.isnan(result).tolist() == np.isnan(values).tolist()
    assert np.array_equal(values, before, equal_nan=True)
    assert back_transform(code, 0.2, SIZES).shape == ()


# metafor 3.8-1: transf.ipft.hm(c(-1, .05, .1, .2, .6, pi/4, 1.2, 1.45, 1.5, 1.6),
#   targs=list(ni=c(29, 15, 33, 20, 10)))
def test_the_double_arcsine_comes_back_as_in_metafor() -> None:
    values = [-1, 0.05, 0.1, 0.2, 0.6, math.pi / 4, 1.2, 1.45, 1.5, 1.6]
    assert back_transform("PFT", values, SIZES) == pytest.approx(
        [
            0,
            0,
            0,
            0.018122478571177492,
            0.30893555195400046,
            0.5,
            0.88823703670774523,
            0.99992398047867259,
            1,
            1,
        ],
        rel=1e-12,
        abs=0,
    )


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_double_arcsine_of_a_group_comes_back_as_its_proportion(group: tuple[int, int]) -> None:
    x, n = group
    effects = proportions.double_arcsine([x], [n])
    assert back_transform("PFT", effects.yi, [n])[0] == pytest.approx(x / n, abs=1e-12)


@given(st.floats(0, math.pi / 4), group_size)
def test_the_double_arcsine_comes_back_alike_for_events_and_their_absence(
    distance: float, n: float
) -> None:
    low, high = back_transform("PFT", [math.pi / 4 - distance, math.pi / 4 + distance], [n])
    assert low == pytest.approx(1 - high, abs=1e-12)


@given(st.floats(0.01, math.pi / 2 - 0.01))
def test_the_double_arcsine_in_a_huge_group_comes_back_as_the_arcsine(angle: float) -> None:
    assert back_transform("PFT", angle, [1e9]) == pytest.approx(
        back_transform("PAS", angle), abs=1e-6
    )


@given(st.lists(st.integers(1, 900), min_size=2, max_size=5), st.floats(0.2, 1.3))
def test_the_size_for_the_double_arcsine_is_the_harmonic_mean(
    sizes: list[int], angle: float
) -> None:
    harmonic = len(sizes) / sum(1 / size for size in sizes)
    assert back_transform("PFT", angle, sizes) == pytest.approx(
        back_transform("PFT", angle, [harmonic]), abs=1e-12
    )
    assert back_transform("PFT", angle, [*sizes, math.nan]) == back_transform("PFT", angle, sizes)


@given(st.floats(1e-9, 1e-4), group_size)
def test_the_double_arcsine_keeps_its_digits_near_a_half(distance: float, n: float) -> None:
    assume(n >= 2)
    near, far = back_transform("PFT", math.pi / 4 + np.array([distance, 2 * distance]), [n]) - 0.5
    assert far / near == pytest.approx(2, rel=1e-6)


def test_the_double_arcsine_needs_sizes() -> None:
    with pytest.raises(BadOption, match="needs the sizes of the studies"):
        back_transform("PFT", 0.5)


@pytest.mark.parametrize("sizes", [[], [math.nan], [20, 0], [-3, 8]])
def test_sizes_that_cannot_be_are_refused(sizes: list[float]) -> None:
    with pytest.raises(BadOption, match="must be above zero"):
        back_transform("PFT", 0.5, sizes)


def test_one_size_outside_a_list_is_no_column() -> None:
    with pytest.raises(BadTable, match="The column ni has 0 dimensions"):
        back_transform("PFT", 0.5, 20)


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(BadOption, match="no measure 'COR'"):
        back_transform("COR", 0.5)
