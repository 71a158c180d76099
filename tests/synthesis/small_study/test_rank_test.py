import math
from fractions import Fraction
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadStudy, TooFewStudies
from kb.synthesis.small_study.rank_test import begg
from kb.synthesis.small_study.regression_test import cautions
from tests.synthesis.reference import case, effects

BCG = effects(case("colditz1994"), "RR")  # thirteen trials of the BCG vaccine
TIED = Effects.of(
    [0.1, 0.3, 0.3, -0.2, 0.5, 0.8, 0.4, 0.05, 0.9, 0.6, 0.7, 0.15],
    [0.01, 0.02, 0.02, 0.03, 0.05, 0.05, 0.05, 0.01, 0.2, 0.1, 0.2, 0.04],
)


def drawn(k: int, seed: int = 1) -> Effects:
    draw = np.random.default_rng(seed)
    return Effects.of(draw.normal(size=k), draw.uniform(0.1, 2, size=k))


def standardised(effects: Effects) -> list[float]:
    mean = np.average(effects.yi, weights=1 / effects.vi)
    return list((effects.yi - mean) / np.sqrt(effects.vi - 1 / np.sum(1 / effects.vi)))


def test_as_metafor() -> None:
    # In R: ranktest(yi, vi, data=dat)
    result = begg(BCG)
    assert result.tau == pytest.approx(0.02564102564102564, rel=1e-13)
    assert result.p == pytest.approx(0.95236190796086628, rel=1e-12)
    assert result.exact
    assert result.notes == ()


def test_the_normal_approximation_as_metafor() -> None:
    # In R: ranktest(yi, vi, data=dat, exact=FALSE)
    result = begg(BCG, exact=False)
    assert result.tau == pytest.approx(0.02564102564102564, rel=1e-13)
    assert result.p == pytest.approx(0.90288494086970994, rel=1e-12)
    assert not result.exact


def test_ties_as_metafor() -> None:
    # In R: ranktest(yi, vi)
    result = begg(TIED)
    assert result.tau == pytest.approx(0.57646135369831375, rel=1e-13)
    assert result.p == pytest.approx(0.011944094158573594, rel=1e-12)
    assert not result.exact


@pytest.mark.parametrize("k", [3, 4, 7, 12, 40, 130])
def test_the_exact_p_value_as_scipy(k: int) -> None:
    effects = drawn(k)
    oracle = stats.kendalltau(standardised(effects), effects.vi, method="exact")
    result = begg(effects)
    assert result.exact
    assert result.tau == pytest.approx(oracle.statistic, rel=1e-13)
    assert result.p == pytest.approx(oracle.pvalue, rel=1e-9)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 4)), min_size=4, max_size=25).filter(
        lambda rows: all(len(set(values)) > 1 for values in zip(*rows, strict=True))
    )
)
def test_ties_as_scipy(rows: list[tuple[int, int]]) -> None:
    effects = Effects.of(*np.array(rows, dtype=float).T)
    oracle = stats.kendalltau(standardised(effects), effects.vi, method="asymptotic")
    result = begg(effects, exact=False)
    assert result.tau == pytest.approx(oracle.statistic, abs=1e-12)
    assert result.p == pytest.approx(oracle.pvalue, rel=1e-9)


def test_the_exact_p_value_counts_the_orders_of_a_few_studies() -> None:
    effects = drawn(6, seed=5)
    score = round((begg(effects).tau or 0) * 15)
    scores = [
        sum(1 if a < b else -1 for a, b in combinations(order, 2))
        for order in permutations(range(6))
    ]
    extreme = Fraction(sum(abs(other) >= abs(score) for other in scores), len(scores))
    assert begg(effects).p == pytest.approx(float(extreme), rel=1e-14)


def test_the_exact_p_value_keeps_its_digits_far_out() -> None:
    k = 40
    effects = Effects.of(np.linspace(-100, 100, k), np.linspace(1, 1.1, k))
    assert begg(effects).tau == 1
    assert begg(effects).p == pytest.approx(2 / math.factorial(k), rel=1e-13)


def test_effects_that_grow_with_the_variance_give_a_tau_of_one() -> None:
    result = begg(Effects.of([0, 1, 5], [1, 2, 3]))
    assert result.tau == 1
    assert result.p == pytest.approx(1 / 3)


@given(st.integers(3, 30), st.integers(0, 1000), st.floats(0.01, 100))
def test_the_unit_does_not_matter(k: int, seed: int, scale: float) -> None:
    effects = drawn(k, seed)
    other = begg(Effects.of(effects.yi * scale, effects.vi * scale**2))
    assert other == begg(effects)


@given(st.integers(3, 30), st.integers(0, 1000))
def test_mirrored_effects_change_the_sign_alone(k: int, seed: int) -> None:
    effects = drawn(k, seed)
    one, other = begg(effects), begg(Effects.of(-effects.yi, effects.vi))
    assert one.tau is not None
    assert other.tau == -one.tau
    assert other.p == one.p


def test_the_exact_and_the_normal_p_value_come_together_as_studies_grow() -> None:
    differences = []
    for k in (10, 50, 400):
        exact, normal = begg(drawn(k, 3)).p, begg(drawn(k, 3), exact=False).p
        assert exact is not None
        assert normal is not None
        differences.append(abs(exact / normal - 1))
    assert all(later < earlier for earlier, later in pairwise(differences))


def test_beyond_500_studies_the_p_value_is_that_of_the_normal() -> None:
    assert begg(drawn(500)).exact
    assert not begg(drawn(501)).exact


@pytest.mark.parametrize("yi", [[0.3, 0.3, 0.3, 0.3], [0.1, 0.1, 0.1, 0.1]])
def test_equal_effects_have_no_rank_correlation(yi: list[float]) -> None:
    result = begg(Effects.of(yi, [0.1, 0.2, 0.3, 0.7]))
    assert result.tau is None
    assert result.p is None
    assert result.notes[0] == "The effects are all equal, so they have no order."
    assert result.notes[1:] == cautions(4)
    assert "there is no rank correlation" in result.summary()


def test_equal_variances_have_no_rank_correlation() -> None:
    result = begg(Effects.of([0.3, 0.1, 0.2], [1, 1, 1]))
    assert result.tau is None
    assert result.notes[0] == "The variances are all equal, so they have no order."


def test_fewer_than_three_studies_are_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 3 studies"):
        begg(Effects.of([0.3, 0.1], [1, 2]))


def test_fewer_than_ten_studies_carry_a_warning() -> None:
    assert begg(drawn(9)).notes == cautions(9)
    assert "Sterne et al. 2011" in begg(drawn(9)).notes[0]
    assert begg(drawn(10)).notes == ()


def test_a_study_that_is_the_mean_is_named() -> None:
    with pytest.raises(BadStudy, match="giant: its variance is so far below"):
        begg(Effects.of([0.3, 0.1, 0.2], [1e-30, 1, 2], ["giant", "a", "b"]))


def test_the_summary_says_how_the_p_value_was_found() -> None:
    assert begg(BCG).summary() == (
        "Begg and Mazumdar's rank correlation test, 13 studies: Kendall's tau 0.026, p = 0.952 "
        "(exact)"
    )
    assert "(normal approximation)" in begg(TIED).summary()
    assert begg(drawn(9)).summary().endswith("(Sterne et al. 2011, BMJ 343:d4002).")


def test_a_study_without_an_effect_is_named() -> None:
    effects = Effects.of([0.1, np.nan, 0.3, 0.5], [0.1, 0.2, 0.3, 0.4], ["A", "B", "C", "D"])
    result = begg(effects)
    assert result.left_out == effects.left_out
    assert result.summary().splitlines()[-1] == "left out: B: no effect"
