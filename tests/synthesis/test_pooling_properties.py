"""What holds for any effects and variances, whatever the method and the test."""

from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.measures import MEASURES
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool
from kb.synthesis.prediction import Prediction


@dataclass(frozen=True)
class Way:
    method: str
    test: str

    def __call__(self, yi: Array, vi: Array) -> Pooled:
        return pool(Effects.of(yi, vi), method=self.method, test=self.test)


def studies(least: int = 2) -> st.SearchStrategy[tuple[Array, Array]]:
    effect = st.integers(-5000, 5000).map(lambda number: number / 1000)
    variance = st.floats(-3, 1).map(lambda power: float(np.round(10**power, 4)))
    rows = st.lists(st.tuples(effect, variance), min_size=least, max_size=12)
    return rows.map(lambda table: (np.array(table).T[0], np.array(table).T[1]))


def ways(without: str = "") -> st.SearchStrategy[Way]:
    methods = [method for method in METHODS if method != without]
    return st.builds(Way, st.sampled_from(methods), st.sampled_from(list(TESTS)))


def interval_of(result: Pooled) -> Prediction:
    assert result.prediction is not None
    return result.prediction


def alike(a: Pooled, b: Pooled, *, shift: float = 0, factor: float = 1) -> None:
    """Assert that b is a, moved by `shift` and then measured in units of 1 / factor."""
    size = np.sqrt(a.effects.yi.var() + a.effects.vi.mean())
    close = {"rtol": 1e-7, "atol": 1e-7 * size * abs(factor)}

    def moved(value: float) -> float:
        return (value + shift) * factor

    x, y = a.estimate, b.estimate
    limits = sorted([moved(x.ci_low), moved(x.ci_high)])
    np.testing.assert_allclose(y.estimate, moved(x.estimate), **close)
    np.testing.assert_allclose(y.se, x.se * abs(factor), **close)
    np.testing.assert_allclose([y.ci_low, y.ci_high], limits, **close)
    if a.prediction:
        limits = sorted([moved(a.prediction.low), moved(a.prediction.high)])
        found = interval_of(b)
        np.testing.assert_allclose([found.low, found.high], limits, **close)
    first, second = a.heterogeneity, b.heterogeneity
    np.testing.assert_allclose(
        second.tau2, first.tau2 * factor**2, rtol=1e-7, atol=1e-7 * (size * factor) ** 2
    )
    np.testing.assert_allclose(
        [second.i2, second.h2, second.q, second.q_p],
        [first.i2, first.h2, first.q, first.q_p],
        rtol=1e-6,
        atol=1e-6,
    )


@given(studies(), ways(), st.randoms(use_true_random=False))
def test_the_order_of_the_studies_does_not_matter(
    table: tuple[Array, Array], way: Way, random: Random
) -> None:
    yi, vi = table
    order = np.array(sorted(range(yi.size), key=lambda _: random.random()))
    once, again = way(yi, vi), way(yi[order], vi[order])
    alike(once, again)
    np.testing.assert_allclose(again.weights, once.weights[order], rtol=1e-6, atol=1e-6)


@given(studies(), ways(), st.sampled_from([-100.0, -0.5, 3.0, 1000.0]))
def test_a_shift_of_the_effects_moves_the_mean_and_nothing_else(
    table: tuple[Array, Array], way: Way, shift: float
) -> None:
    yi, vi = table
    alike(way(yi, vi), way(yi + shift, vi), shift=shift)


@given(studies(), ways(), st.sampled_from([1e-6, 0.01, 7.0, 1e5]))
def test_the_unit_of_the_effects_does_not_matter(
    table: tuple[Array, Array], way: Way, factor: float
) -> None:
    yi, vi = table
    alike(way(yi, vi), way(yi * factor, vi * factor**2), factor=factor)


@given(studies(), ways())
def test_turning_the_effects_round_turns_the_result_round(
    table: tuple[Array, Array], way: Way
) -> None:
    yi, vi = table
    there, back = way(yi, vi), way(-yi, vi)
    alike(there, back, factor=-1)
    assert back.estimate.p == pytest.approx(there.estimate.p, rel=1e-6, abs=1e-9)


@given(studies(), ways())
def test_a_ratio_inverts_when_the_arms_change_places(table: tuple[Array, Array], way: Way) -> None:
    yi, vi = table
    back = MEASURES["OR"].back
    there, swapped = way(yi, vi).estimate, way(-yi, vi).estimate
    ratio, low, high = back(np.array([there.estimate, there.ci_low, there.ci_high]))
    inverse = back(np.array([swapped.estimate, swapped.ci_high, swapped.ci_low]))
    assume(np.all(np.isfinite([ratio, low, high])))
    assume(low > 0)
    np.testing.assert_allclose(inverse, [1 / ratio, 1 / low, 1 / high], rtol=1e-5)


@given(studies())
def test_every_study_twice_halves_the_variance_of_a_common_effect(
    table: tuple[Array, Array],
) -> None:
    yi, vi = table
    once = pool(Effects.of(yi, vi), method="EE").estimate
    twice = pool(Effects.of(np.tile(yi, 2), np.tile(vi, 2)), method="EE").estimate
    assert twice.estimate == pytest.approx(once.estimate, rel=1e-12, abs=1e-12)
    assert twice.se**2 == pytest.approx(once.se**2 / 2, rel=1e-12)


@given(studies(), ways())
def test_heterogeneity_is_never_negative_and_i2_below_a_hundred(
    table: tuple[Array, Array], way: Way
) -> None:
    found = way(*table).heterogeneity
    assert found.tau2 >= 0
    assert 0 <= found.i2 < 100
    assert found.q >= 0
    assert 0 <= found.q_p <= 1
    assert found.h2 >= (0 if way.method == "EE" else 1)


@given(studies(), ways())
def test_the_mean_lies_among_the_effects_and_the_weights_are_shares(
    table: tuple[Array, Array], way: Way
) -> None:
    yi, vi = table
    result = way(yi, vi)
    assert yi.min() - 1e-9 <= result.estimate.estimate <= yi.max() + 1e-9
    assert (result.weights > 0).all()
    assert result.weights.sum() == pytest.approx(100, rel=1e-12)
    most = np.flatnonzero(result.weights >= result.weights.max() * (1 - 1e-12))
    assert vi.argmin() in most


@given(studies(), st.sampled_from(list(METHODS)))
def test_the_intervals_of_the_tests_lie_inside_each_other(
    table: tuple[Array, Array], method: str
) -> None:
    estimates = {test: Way(method, test)(*table).estimate for test in TESTS}
    width = {name: each.ci_high - each.ci_low for name, each in estimates.items()}
    assert width["z"] < width["t"]
    assert width["adhoc"] >= width["t"]
    assert width["adhoc"] >= width["knha"]
    assert width["adhoc"] == pytest.approx(max(width["t"], width["knha"]), rel=1e-12)


@given(studies(), ways(without="EE"), st.sampled_from(["metafor", "HTS"]))
def test_the_prediction_interval_contains_the_confidence_interval(
    table: tuple[Array, Array], way: Way, prediction: str
) -> None:
    effects = Effects.of(*table)
    result = pool(effects, method=way.method, test=way.test, prediction=prediction)
    found = interval_of(result)
    assert found.low <= result.estimate.ci_low
    assert found.high >= result.estimate.ci_high


@given(studies(), ways(without="EE"))
def test_without_heterogeneity_random_effects_are_the_common_effect(
    table: tuple[Array, Array], way: Way
) -> None:
    random = way(*table)
    assume(random.heterogeneity.tau2 == 0)
    assert random.estimate == Way("EE", way.test)(*table).estimate
    np.testing.assert_array_equal(random.weights, Way("EE", way.test)(*table).weights)


@given(studies(least=3), ways(without="EE"))
def test_studies_without_sampling_error_are_averaged(table: tuple[Array, Array], way: Way) -> None:
    yi, vi = table
    assume(yi.std() > 0.1)
    result = way(yi, vi * 1e-12)
    assert result.estimate.estimate == pytest.approx(yi.mean(), abs=1e-6)
    assert result.heterogeneity.i2 > 99.99


@given(studies(least=3))
def test_studies_without_sampling_error_show_the_variance_of_the_true_effects(
    table: tuple[Array, Array],
) -> None:
    yi, vi = table
    assume(yi.std() > 0.1)
    for method in ("HE", "REML", "PM", "EB"):
        found = Way(method, "z")(yi, vi * 1e-12).heterogeneity
        assert found.tau2 == pytest.approx(yi.var(ddof=1), rel=1e-6)
    found = Way("ML", "z")(yi, vi * 1e-12).heterogeneity
    assert found.tau2 == pytest.approx(yi.var(), rel=1e-6)


@given(studies(), st.sampled_from(list(TESTS)))
def test_paule_mandel_and_empirical_bayes_are_the_same(
    table: tuple[Array, Array], test: str
) -> None:
    alike(Way("PM", test)(*table), Way("EB", test)(*table))


@given(st.integers(2, 12), st.data(), st.floats(0.001, 10))
def test_where_all_variances_are_equal_the_methods_agree(
    k: int, data: st.DataObject, variance: float
) -> None:
    yi = np.array(data.draw(st.lists(st.integers(-50, 50), min_size=k, max_size=k))) / 10
    vi = np.full(k, variance)
    truth = max(0, yi.var(ddof=1) - variance)
    for method in ("DL", "HE", "REML", "PM", "EB"):
        found = Way(method, "z")(yi, vi)
        assert found.heterogeneity.tau2 == pytest.approx(truth, rel=1e-9, abs=1e-9)
        assert found.estimate.estimate == pytest.approx(yi.mean(), abs=1e-12)
    found = Way("ML", "z")(yi, vi)
    assert found.heterogeneity.tau2 == pytest.approx(
        max(0, yi.var() - variance), rel=1e-9, abs=1e-9
    )
    found = Way("HS", "z")(yi, vi)
    assert found.heterogeneity.tau2 == pytest.approx(
        max(0, yi.var() - variance), rel=1e-9, abs=1e-9
    )


@given(studies())
def test_hartung_knapp_with_equal_weights_is_the_t_test_of_the_effects(
    table: tuple[Array, Array],
) -> None:
    yi, vi = table
    assume(yi.std() > 0.01)
    result = Way("EE", "knha")(yi, np.full(yi.size, vi[0])).estimate
    assert result.se == pytest.approx(yi.std(ddof=1) / np.sqrt(yi.size), rel=1e-9)
