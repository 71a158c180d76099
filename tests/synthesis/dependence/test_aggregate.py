import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.dependence.aggregate import aggregate
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.measures import MEASURES

YI = [0.5, 0.2, -0.1, 0.8, 0.3, 0.4]
VI = [0.04, 0.09, 0.05, 0.2, 0.1, 0.02]
CLUSTER = ["b", "a", "b", "c", "a", "b"]

# d <- escalc(measure="GEN", yi=c(.5,.2,-.1,.8,.3,.4), vi=c(.04,.09,.05,.2,.1,.02),
#             data=data.frame(id=c("b","a","b","c","a","b")))
# aggregate(d, cluster=id, struct="CS", rho=rho, weighted=weighted)     (metafor 3.8-1)
METAFOR = [
    (
        0.6,
        True,
        [0.41634336843599878, 0.24343470190652414, 0.8],
        [0.019645731437560321, 0.07563223403684162, 0.2],
    ),
    (
        0.6,
        False,
        [0.26666666666666666, 0.25, 0.8],
        [0.026172676542107753, 0.075960498941515409, 0.2],
    ),
    (
        -0.3,
        True,
        [0.30328292319475364, 0.2479750608320607, 0.8],
        [0.0043296070836381208, 0.0331685035708453244, 0.2],
    ),
    (
        -0.3,
        False,
        [0.26666666666666666, 0.25, 0.8],
        [0.0052469950622794576, 0.0332697505292422965, 0.2],
    ),
]

sizes = st.floats(0.01, 100)
effect = st.floats(-10, 10)


@pytest.mark.parametrize(("rho", "weighted", "yi", "vi"), METAFOR)
def test_the_combined_effects_are_those_of_metafor(
    rho: float, *, weighted: bool, yi: list[float], vi: list[float]
) -> None:
    found = aggregate(Effects.of(YI, VI), CLUSTER, rho=rho, weighted=weighted)
    np.testing.assert_allclose(found.yi, yi, rtol=1e-12)
    np.testing.assert_allclose(found.vi, vi, rtol=1e-12)


@given(
    rows=st.lists(st.tuples(effect, sizes, st.sampled_from("abc")), min_size=1, max_size=8),
    share=st.floats(0.02, 0.98),
    weighted=st.booleans(),
)
def test_each_cluster_is_estimated_with_its_covariance_matrix(
    rows: list[tuple[float, float, str]], share: float, *, weighted: bool
) -> None:
    yi, vi, names = (list(column) for column in zip(*rows, strict=True))
    largest = max(names.count(name) for name in names)
    lowest = -1 / max(largest - 1, 1)
    rho = lowest + share * (1 - lowest)
    found = aggregate(Effects.of(yi, vi), names, rho=rho, weighted=weighted)
    for label, y_found, v_found in zip(found.labels, found.yi, found.vi, strict=True):
        own = np.array([name == label for name in names])
        y, sd = np.array(yi)[own], np.sqrt(np.array(vi)[own])
        cov = np.outer(sd, sd) * np.where(np.eye(y.size) == 1, 1, rho)
        weight = np.linalg.solve(cov, np.ones(y.size)) if weighted else np.ones(y.size)
        weight = weight / weight.sum()
        size = np.abs(weight).sum() * max(np.abs(y).max(), 1)
        assert y_found == pytest.approx(weight @ y, rel=1e-8, abs=1e-8 * size)
        assert v_found == pytest.approx(weight @ cov @ weight, rel=1e-8)


def test_clusters_keep_the_order_in_which_they_first_appear() -> None:
    found = aggregate(Effects.of(YI, VI), CLUSTER, rho=0.5)
    assert tuple(found.labels) == ("b", "a", "c")
    assert found.rows.tolist() == [0, 1, 3]


def test_a_study_with_one_effect_keeps_it() -> None:
    found = aggregate(Effects.of(YI, VI), CLUSTER, rho=0.5)
    assert (found.yi[2], found.vi[2]) == pytest.approx((0.8, 0.2), rel=1e-15)


def test_equal_effects_of_equal_variance_become_more_precise_the_less_they_correlate() -> None:
    effects = Effects.of([0.3, 0.3, 0.3], [0.1, 0.1, 0.1])
    found = [aggregate(effects, ["a"] * 3, rho=rho) for rho in (0.0, 0.5, 0.999999)]
    assert [each.yi[0] for each in found] == pytest.approx([0.3, 0.3, 0.3], rel=1e-14)
    assert [each.vi[0] for each in found] == pytest.approx(
        [0.1 / 3, 0.2 / 3, 0.1 * 2.999998 / 3], rel=1e-9
    )


def test_independent_errors_are_weighed_by_inverse_variance() -> None:
    found = aggregate(Effects.of([1.0, 4.0], [1.0, 0.5]), [7, 7], rho=0)
    assert (found.yi[0], found.vi[0]) == pytest.approx((3.0, 1 / 3), rel=1e-14)
    assert tuple(found.labels) == ("7",)


def test_least_squares_is_never_less_precise_than_the_mean() -> None:
    effects = Effects.of(YI, VI)
    for rho in (-0.4, 0.0, 0.3, 0.9):
        weighted = aggregate(effects, CLUSTER, rho=rho).vi
        plain = aggregate(effects, CLUSTER, rho=rho, weighted=False).vi
        assert (weighted <= plain * (1 + 1e-12)).all()


def test_a_common_shift_moves_the_effects_and_no_digits_are_lost() -> None:
    near = aggregate(Effects.of(YI, VI), CLUSTER, rho=0.6)
    far = aggregate(Effects.of(np.array(YI) + 2.0**30, VI), CLUSTER, rho=0.6)
    np.testing.assert_allclose(far.yi - 2.0**30, near.yi, atol=1e-6)
    np.testing.assert_array_equal(far.vi, near.vi)


def test_measure_and_left_out_rows_are_kept_and_the_sample_size_is_the_largest_known() -> None:
    effects = Effects.of(
        [0.5, np.nan, 0.1, 0.2],
        [0.1, 0.1, 0.1, 0.1],
        ["x", "y", "x", "z"],
        measure=MEASURES["SMD"],
        ni=[40, 50, 60, np.nan],
    )
    found = aggregate(effects, ["x", "x", "z"], rho=0.6)
    assert found.measure is MEASURES["SMD"]
    assert found.left_out == (LeftOut("y", "no effect"),)
    assert found.rows.tolist() == [0, 3]
    assert found.ni is not None
    np.testing.assert_array_equal(found.ni, [60, np.nan])


@pytest.mark.parametrize("rho", [1.0, -0.5, 1.2, float("nan")])
def test_a_correlation_that_three_errors_cannot_have_is_refused_with_the_bounds(rho: float) -> None:
    with pytest.raises(BadOption, match=r"above -0\.5 and below 1"):
        aggregate(Effects.of(YI, VI), CLUSTER, rho=rho)


def test_an_effect_without_a_cluster_is_refused_by_name() -> None:
    with pytest.raises(BadStudy, match="study 2"):
        aggregate(Effects.of([1, 2], [1, 1]), ["a", None], rho=0.5)


def test_as_many_clusters_as_effects_are_asked_for() -> None:
    with pytest.raises(BadTable, match="1 cluster labels for 2 effects"):
        aggregate(Effects.of([1, 2], [1, 1]), ["a"], rho=0.5)


def test_no_effects_cannot_be_combined() -> None:
    with pytest.raises(TooFewStudies, match="needs at least 1 effect; there are none"):
        aggregate(Effects.of([], []), [], rho=0.5)
