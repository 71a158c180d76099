import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.small_study.failsafe import FailSafeN, orwin, rosenberg, rosenthal
from tests.synthesis.reference import case, effects

BCG = effects(case("colditz1994"), "RR")  # thirteen trials of the BCG vaccine
NONE = Effects.of([math.nan], [math.nan])

samples = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 10)), min_size=1, max_size=20).map(
    lambda rows: Effects.of(*np.array(rows).T)
)


def test_rosenthal_as_metafor() -> None:
    # In R: fsn(yi, vi, data=dat, type="Rosenthal")
    result = rosenthal(BCG)
    assert result.n == 598
    assert result.p == pytest.approx(8.813956896261146e-30, rel=1e-10)
    assert rosenthal(BCG, alpha=0.01).n == 293


def test_orwin_as_metafor() -> None:
    # In R: fsn(yi, vi, data=dat, type="Orwin")
    result = orwin(BCG)
    assert result.n == 13
    assert result.average == pytest.approx(-0.74065038121093618, rel=1e-14)
    assert result.target == pytest.approx(-0.37032519060546809, rel=1e-14)


def test_orwin_takes_a_target_on_the_side_of_the_average() -> None:
    # In R: fsn(yi, vi, data=dat, type="Orwin", target=log(0.95))
    assert orwin(BCG, math.log(0.95)).n == 175
    assert orwin(BCG, -math.log(0.95)) == orwin(BCG, math.log(0.95))


def test_rosenberg_as_metafor() -> None:
    # In R: fsn(yi, vi, data=dat, type="Rosenberg")
    result = rosenberg(BCG)
    assert result.n == 370
    assert result.p == pytest.approx(2.2886293069731579e-26, rel=1e-10)
    assert result.average == pytest.approx(-0.43028516365409103, rel=1e-14)
    assert rosenberg(BCG, alpha=0.01).n == 209


@given(samples)
def test_so_many_null_results_bring_stouffers_p_to_alpha(effects: Effects) -> None:
    n = rosenthal(effects).n
    assert n is not None
    z = effects.yi / effects.sei
    assert abs(np.sum(z)) / math.sqrt(effects.k + n) <= 1.6448536269514722 * (1 + 1e-8)
    if n > 0:
        assert abs(np.sum(z)) / math.sqrt(effects.k + n - 1) > 1.6448536269514722 * (1 - 1e-8)


@given(samples, st.floats(0.01, 2))
def test_so_many_null_studies_bring_the_average_to_the_target(
    effects: Effects, target: float
) -> None:
    n = orwin(effects, target).n
    assert n is not None
    total = abs(float(np.sum(effects.yi)))
    assert total / (effects.k + n) <= target * (1 + 1e-6)
    if n > 0:
        assert total / (effects.k + n - 1) > target * (1 - 1e-6)


@given(samples)
def test_the_side_of_the_effects_does_not_matter(effects: Effects) -> None:
    mirrored = Effects.of(-effects.yi, effects.vi)
    assert rosenthal(mirrored) == rosenthal(effects)
    assert orwin(mirrored).n == orwin(effects).n
    assert rosenberg(mirrored).n == rosenberg(effects).n


def test_orwin_halves_the_average_with_as_many_studies_again() -> None:
    assert orwin(Effects.of([0.2, 0.9, 0.4], [1, 1, 1])).n == 3


def test_no_studies_are_needed_where_nothing_is_significant() -> None:
    effects = Effects.of([0.1, -0.1, 0.05], [1, 1, 1])
    assert rosenthal(effects).n == 0
    assert rosenberg(effects).n == 0


def test_no_studies_are_needed_where_the_average_is_zero() -> None:
    assert orwin(Effects.of([0.5, -0.5], [1, 1])).n == 0


def test_no_number_of_studies_brings_an_average_to_zero() -> None:
    result = orwin(BCG, 0)
    assert result.n is None
    assert "No number of unseen studies" in result.summary()


@pytest.mark.parametrize("alpha", [0, 0.5, -1, 5, math.nan])
def test_alpha_is_a_share_below_one_half(alpha: float) -> None:
    with pytest.raises(BadOption, match="alpha is a share"):
        rosenthal(BCG, alpha=alpha)
    with pytest.raises(BadOption, match="alpha is a share"):
        rosenberg(BCG, alpha=alpha)


@pytest.mark.parametrize("target", [math.nan, math.inf])
def test_a_target_is_finite(target: float) -> None:
    with pytest.raises(BadOption, match="The target is"):
        orwin(BCG, target)


def test_without_studies_there_is_no_number() -> None:
    for method in (rosenthal, orwin, rosenberg):
        with pytest.raises(TooFewStudies, match="at least 1 study"):
            method(NONE)


def test_the_summary_says_what_the_number_means_and_warns_of_it() -> None:
    assert rosenthal(BCG).summary() == (
        "Fail-safe N (Rosenthal), 13 studies: 598 unseen studies without effect would bring the "
        "one-sided p-value, now p < 0.001, to 0.05. The number rests on unseen studies that "
        "average to no effect, and no size of it means safety; it is best not relied on "
        "(Becker 2005)."
    )
    assert "the average effect from -0.7407 to -0.3703." in orwin(BCG).summary()
    assert "the two-sided p-value" in rosenberg(BCG).summary()
    assert ", 1 study: 1 unseen study" in orwin(Effects.of([1], [1])).summary()


@pytest.mark.parametrize("of", [rosenthal, orwin, rosenberg])
def test_a_study_without_an_effect_is_named(of: Callable[[Effects], FailSafeN]) -> None:
    effects = Effects.of([0.5, np.nan, 0.7], [0.1, 0.2, 0.1], ["A", "B", "C"])
    assert of(effects).k == 2
    assert of(effects).summary().splitlines()[-1] == "left out: B: no effect"


@pytest.mark.parametrize("of", [rosenthal, rosenberg])
def test_alpha_is_given_by_name(of: Callable[..., FailSafeN]) -> None:
    with pytest.raises(TypeError):
        of(BCG, 0.05)
