import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.dependence.multilevel import TESTS, Multilevel, three_level
from kb.synthesis.dependence.working_covariance import marginal, marginal_block
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable, SynthesisError, TooFewStudies

# A table of our own: five to thirty weeks of follow-up in six studies.
STUDY = ["Ames"] * 3 + ["Boyd"] * 2 + ["Cole"] + ["Dahl"] * 4 + ["Egan"] * 2 + ["Ford"] * 3
YI = [
    *[0.42, 0.11, 0.85, -0.30, 0.18, 0.77, 0.12, 0.45, -0.35, 0.53],
    *[0.41, 1.20, 0.25, -0.61, 0.18],
]
VI = [
    *[0.040, 0.055, 0.062, 0.031, 0.028, 0.090, 0.021, 0.035, 0.026, 0.044],
    *[0.075, 0.081, 0.050, 0.047, 0.066],
]
YEAR = [2001] * 3 + [2008] * 2 + [2011] + [2004] * 4 + [2015] * 2 + [2009] * 3
WEEKS = [4, 12, 26, 4, 12, 8, 4, 8, 12, 26, 6, 12, 6, 12, 24]
EFFECTS = Effects.of(YI, VI)
MODERATORS = {"year": YEAR, "weeks": WEEKS}


def dense(vi: Array, cluster: list[Any], rho: float, between: float, within: float) -> Array:
    same = np.equal.outer(np.array(cluster), np.array(cluster))
    errors = np.where(same, rho * np.sqrt(np.outer(vi, vi)), 0.0)
    np.fill_diagonal(errors, vi)
    return np.asarray(errors + between * same + within * np.eye(vi.size))


def dense_log_likelihood(yi: Array, design: Array, covariance: Array) -> float:
    inverse = np.linalg.inv(covariance)
    information = design.T @ inverse @ design
    residuals = yi - design @ np.linalg.solve(information, design.T @ inverse @ yi)
    log_dets = [np.linalg.slogdet(each)[1] for each in (covariance, information)]
    constant = np.linalg.slogdet(design.T @ design)[1]
    df = design.shape[0] - design.shape[1]
    q = residuals @ inverse @ residuals
    return float(-(df * np.log(2 * np.pi) - constant + sum(log_dets) + q) / 2)


def numbers(fit: Multilevel) -> list[float]:
    first = fit.coefficients[0]
    return [
        fit.levels.between,
        fit.levels.within,
        fit.log_likelihood,
        fit.levels.q,
        fit.levels.i2_between,
        fit.levels.i2_within,
        first.estimate,
        first.se,
        first.p,
    ]


# R 4.2.2, metafor 3.8-1, V = diag(vi) or vcalc(vi, cluster = study, obs = effect, rho = 0.6).
# The components s are those that
# > rma.mv(yi, V, mods = X, intercept = FALSE, random = ~ 1 | study/effect)
# finds, after steps of Fisher scoring on the exact score in R. All else is from
# > rma.mv(yi, V, mods = X, intercept = FALSE, random = ~ 1 | study/effect, sigma2 = s)
# and the I2 from
# > W <- solve(V); P <- W - W %*% X %*% solve(t(X) %*% W %*% X) %*% t(X) %*% W
# > 100 * s / (sum(s) + (k - p) / sum(diag(P)))
THREE_LEVEL = [
    *[0.030119004305265387, 0.141037809641057388, -9.1587802785366783, 62.836737733239985],
    *[14.097883871540290, 66.015949321021651],
    *[0.26914003853362645, 0.13554081493935111, 0.047069397401588789],
]
CHE = [
    *[0.0, 0.16911204434288643, -9.1416190017622938, 109.13370341032736],
    *[0.0, 88.20772013839499],
    *[0.25719941471563995, 0.13285130880938834, 0.052868363948449806],
]


@pytest.mark.parametrize(("rho", "expected"), [(0.0, THREE_LEVEL), (0.6, CHE)])
def test_gives_what_metafor_gives(rho: float, expected: list[float]) -> None:
    fit = three_level(EFFECTS, STUDY, rho=rho)
    assert numbers(fit) == pytest.approx(expected, rel=1e-11)
    assert (fit.k, fit.n_clusters, fit.levels.q_df) == (15, 6, 14)


# The same with test = "z"; test = "t"; test = "t", dfs = "contain": ddf, ci.lb, ci.ub, and pi.lb,
# pi.ub of predict().
@pytest.mark.parametrize(
    ("test", "df", "limits"),
    [
        (
            "z",
            None,
            [
                *[0.0034849228172897928, 0.53479515424996316],
                *[-0.58412691451346366, 1.12240699158071644],
            ],
        ),
        (
            "t",
            14,
            [
                *[-0.02156609701782447, 0.55984617408507731],
                *[-0.66458916086543807, 1.20286923793269107],
            ],
        ),
        (
            "contain",
            5,
            [
                *[-0.07927871833681277, 0.61755879540406566],
                *[-0.84995834682079585, 1.38823842388804874],
            ],
        ),
    ],
)
def test_intervals_are_those_of_metafor(test: str, df: float | None, limits: list[float]) -> None:
    fit = three_level(EFFECTS, STUDY, test=test)
    mean, prediction = fit.coefficients[0], fit.prediction
    assert prediction is not None
    assert mean.df == prediction.df == df
    found = [mean.ci_low, mean.ci_high, prediction.low, prediction.high]
    assert found == pytest.approx(limits, rel=1e-10)


def test_moderators_are_as_metafor_has_them_with_a_year_that_is_not_centred() -> None:
    # X = cbind(1, year, weeks), test = "t", dfs = "contain".
    fit = three_level(EFFECTS, STUDY, moderators=MODERATORS, test="contain")
    levels = fit.levels
    assert [levels.between, levels.within] == pytest.approx(
        [0.082283776387144653, 0.119836976391420283], rel=1e-9
    )
    assert [levels.i2_between, levels.i2_within] == pytest.approx(
        [33.705210164352465, 49.087811134594524], rel=1e-9
    )
    assert [levels.q, levels.q_p] == pytest.approx(
        [58.032510430464029, 5.1420653744167591e-08], rel=1e-9
    )
    assert fit.log_likelihood == pytest.approx(-7.7925277556524168, rel=1e-9)
    assert [each.estimate for each in fit.coefficients] == pytest.approx(
        [-57.698717302084844505, 0.028784267308341386, 0.018566697478681948], rel=1e-9
    )
    assert [each.se for each in fit.coefficients] == pytest.approx(
        [72.853754849074690014, 0.036283783071021355, 0.014794317110979203], rel=1e-9
    )
    assert [each.p for each in fit.coefficients] == pytest.approx(
        [0.48621770901259326, 0.48554959203752623, 0.23337383164694611], rel=1e-9
    )
    assert [each.df for each in fit.coefficients] == [3, 3, 12]
    assert fit.prediction is None


# The example of Konstantopoulos 2011: district, effect and variance of 56 schools. In metafor
# rma.mv(yi, vi, random = ~ 1 | district/school) prints sigma2 0.0651 and 0.0327, QE 578.8640,
# estimate 0.1847, se 0.0846.
SCHOOLS = """
11 -0.18 0.118; 11 -0.22 0.118; 11 0.23 0.144; 11 -0.30 0.144;
12 0.13 0.014; 12 -0.26 0.014; 12 0.19 0.015; 12 0.32 0.024;
18 0.45 0.023; 18 0.38 0.043; 18 0.29 0.012;
27 0.16 0.020; 27 0.65 0.004; 27 0.36 0.004; 27 0.60 0.007;
56 0.08 0.019; 56 0.04 0.007; 56 0.19 0.005; 56 -0.06 0.004;
58 -0.18 0.020; 58 0.00 0.018; 58 0.00 0.019; 58 -0.28 0.022; 58 -0.04 0.020; 58 -0.30 0.021;
58 0.07 0.006; 58 0.00 0.007; 58 0.05 0.007; 58 -0.08 0.007; 58 -0.09 0.007;
71 0.30 0.015; 71 0.98 0.011; 71 1.19 0.010;
86 -0.07 0.001; 86 -0.05 0.001; 86 -0.01 0.001; 86 0.02 0.001; 86 -0.03 0.001; 86 0.00 0.001;
86 0.01 0.001; 86 -0.10 0.001;
91 0.50 0.010; 91 0.66 0.011; 91 0.20 0.010; 91 0.00 0.009; 91 0.05 0.013; 91 0.07 0.013;
108 -0.52 0.031; 108 0.70 0.031; 108 -0.03 0.030; 108 0.27 0.030; 108 -0.34 0.030;
644 0.12 0.087; 644 0.61 0.082; 644 0.04 0.067; 644 -0.05 0.067
"""


def test_gives_the_published_example_of_schools_in_districts() -> None:
    rows = [row.split() for row in SCHOOLS.split(";")]
    effects = Effects.of([float(row[1]) for row in rows], [float(row[2]) for row in rows])
    fit = three_level(effects, [row[0] for row in rows])
    mean = fit.coefficients[0]
    assert (fit.k, fit.n_clusters) == (56, 11)
    assert (round(fit.levels.between, 4), round(fit.levels.within, 4)) == (0.0651, 0.0327)
    assert (round(mean.estimate, 4), round(mean.se, 4)) == (0.1847, 0.0846)
    assert round(fit.levels.q, 4) == 578.8640


def test_in_a_balanced_table_the_components_are_those_of_analysis_of_variance() -> None:
    yi = np.array([[1.0, 1.4, 2.1], [3.0, 2.2, 3.3], [0.1, 1.0, 0.2], [5.0, 4.1, 4.6]])
    v, n = 0.05, 3
    fit = three_level(Effects.of(yi.ravel(), np.full(12, v)), np.repeat(np.arange(4), n).tolist())
    within = yi.var(axis=1, ddof=1).mean()
    between = n * yi.mean(axis=1).var(ddof=1)
    assert fit.levels.within == pytest.approx(within - v, rel=1e-10)
    assert fit.levels.between == pytest.approx((between - within) / n, rel=1e-10)
    assert fit.coefficients[0].estimate == pytest.approx(yi.mean(), rel=1e-12)
    assert fit.coefficients[0].se == pytest.approx(np.sqrt(between / 12), rel=1e-10)


def test_alike_effects_have_no_variance_anywhere() -> None:
    fit = three_level(Effects.of([0.3] * 4, [0.1, 0.2, 0.3, 0.1]), ["a", "a", "b", "b"])
    assert (fit.levels.between, fit.levels.within, fit.levels.i2) == (0.0, 0.0, 0.0)
    assert fit.coefficients[0].estimate == pytest.approx(0.3, rel=1e-14)
    assert sum("estimated as zero" in note for note in fit.notes) == 2


def test_with_components_of_zero_it_is_the_common_effect() -> None:
    vi = np.array([0.5, 0.2, 0.3, 0.4])
    yi = np.array([0.30, 0.31, 0.29, 0.30])
    fit = three_level(Effects.of(yi, vi), ["a", "a", "b", "b"])
    assert (fit.levels.between, fit.levels.within) == (0.0, 0.0)
    mean = (yi / vi).sum() / (1 / vi).sum()
    assert fit.coefficients[0].estimate == pytest.approx(mean, rel=1e-14)
    assert fit.coefficients[0].se == pytest.approx((1 / vi).sum() ** -0.5, rel=1e-14)
    assert fit.levels.q == pytest.approx(((yi - mean) ** 2 / vi).sum(), rel=1e-11)


tables = st.tuples(
    st.lists(st.integers(1, 5), min_size=2, max_size=6).filter(lambda sizes: max(sizes) > 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.05, 1.0]),
    st.sampled_from([0.0, 0.05, 1.0]),
    st.sampled_from([0.0, 0.6, 0.9, -0.2]),
)


def simulated(
    table: tuple[list[int], int, float, float, float],
) -> tuple[Array, Array, list[int], float]:
    sizes, seed, between, within, rho = table
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    k = cluster.size
    vi = np.exp(random.normal(-3, 1, k))
    own = random.normal(0, np.sqrt(vi + within))
    yi = 0.2 + random.normal(0, np.sqrt(between), len(sizes))[cluster] + own
    return yi, vi, cluster.tolist(), rho


@settings(max_examples=15)
@given(tables)
def test_no_components_are_more_likely(table: tuple[list[int], int, float, float, float]) -> None:
    yi, vi, cluster, rho = simulated(table)
    fit = three_level(Effects.of(yi, vi), cluster, rho=rho)
    one = np.ones((yi.size, 1))

    def loss(components: Array) -> float:
        between, within = np.abs(components)
        return -dense_log_likelihood(yi, one, dense(vi, cluster, rho, between, within))

    found = np.array([fit.levels.between, fit.levels.within])
    assert fit.log_likelihood == pytest.approx(-loss(found), rel=1e-9, abs=1e-9)
    for start in (np.array([1, 0.01]), np.array([0.01, 1])):
        best = minimize(loss, start, method="Nelder-Mead")
        assert fit.log_likelihood >= -best.fun - 1e-8


@settings(max_examples=15)
@given(tables)
def test_estimate_and_se_are_generalised_least_squares_at_the_components(
    table: tuple[list[int], int, float, float, float],
) -> None:
    yi, vi, cluster, rho = simulated(table)
    fit = three_level(Effects.of(yi, vi), cluster, rho=rho)
    levels = fit.levels
    weights = np.linalg.inv(dense(vi, cluster, rho, levels.between, levels.within)).sum(axis=0)
    assert fit.coefficients[0].estimate == pytest.approx(weights @ yi / weights.sum(), abs=1e-10)
    assert fit.coefficients[0].se == pytest.approx(weights.sum() ** -0.5, rel=1e-10)


@settings(max_examples=12)
@given(tables, st.randoms(use_true_random=False))
def test_order_of_effects_and_names_of_clusters_do_not_matter(
    table: tuple[list[int], int, float, float, float], random: Any
) -> None:
    yi, vi, cluster, rho = simulated(table)
    mixed = list(range(yi.size))
    random.shuffle(mixed)
    first = three_level(Effects.of(yi, vi), cluster, rho=rho)
    names = [f"study {9 - cluster[i]}" for i in mixed]
    second = three_level(Effects.of(yi[mixed], vi[mixed]), names, rho=rho)
    assert numbers(second) == pytest.approx(numbers(first), rel=1e-7, abs=1e-9)


@settings(max_examples=12)
@given(tables, st.sampled_from([1e-6, 1e-3, 1e5]))
def test_components_follow_the_units(
    table: tuple[list[int], int, float, float, float], unit: float
) -> None:
    yi, vi, cluster, rho = simulated(table)
    first = three_level(Effects.of(yi, vi), cluster, rho=rho)
    second = three_level(Effects.of(yi * unit, vi * unit**2), cluster, rho=rho)
    levels, scaled = first.levels, second.levels
    assert scaled.between / unit**2 == pytest.approx(levels.between, rel=1e-7, abs=1e-9)
    assert scaled.within / unit**2 == pytest.approx(levels.within, rel=1e-7, abs=1e-9)
    mean, scaled_mean = first.coefficients[0], second.coefficients[0]
    assert scaled_mean.se / unit == pytest.approx(mean.se, rel=1e-7)
    assert scaled_mean.estimate / unit == pytest.approx(mean.estimate, rel=1e-7, abs=1e-8)
    assert (scaled.i2, scaled.q) == pytest.approx((levels.i2, levels.q), rel=1e-7, abs=1e-9)


@settings(max_examples=12)
@given(tables)
def test_effects_of_the_other_sign_give_the_estimate_of_the_other_sign(
    table: tuple[list[int], int, float, float, float],
) -> None:
    yi, vi, cluster, rho = simulated(table)
    first = three_level(Effects.of(yi, vi), cluster, rho=rho)
    second = three_level(Effects.of(-yi, vi), cluster, rho=rho)
    assert second.coefficients[0].estimate == pytest.approx(-first.coefficients[0].estimate)
    assert second.levels.between == pytest.approx(first.levels.between, rel=1e-9, abs=1e-12)
    assert second.levels.within == pytest.approx(first.levels.within, rel=1e-9, abs=1e-12)


def test_a_centred_year_gives_the_same_slope() -> None:
    raw = three_level(EFFECTS, STUDY, moderators={"year": YEAR})
    shifted = three_level(EFFECTS, STUDY, moderators={"year": np.array(YEAR) - 2008.0})
    assert raw.coefficients[1].estimate == pytest.approx(shifted.coefficients[1].estimate, rel=1e-9)
    assert raw.coefficients[1].se == pytest.approx(shifted.coefficients[1].se, rel=1e-9)
    assert raw.log_likelihood - shifted.log_likelihood == pytest.approx(0, abs=1e-9)


def test_variances_over_nine_orders_of_magnitude_are_managed() -> None:
    vi = np.geomspace(1e-9, 1, 10)
    yi = np.array([0.1, 0.5, 0.2, 0.9, -0.4, 1.2, 0.3, 0.0, 2.0, -1.0])
    cluster = [0, 1, 0, 1, 2, 2, 0, 1, 2, 3]
    fit = three_level(Effects.of(yi, vi), cluster, rho=0.5)
    covariance = dense(vi, cluster, 0.5, fit.levels.between, fit.levels.within)
    expected = dense_log_likelihood(yi, np.ones((10, 1)), covariance)
    assert fit.log_likelihood == pytest.approx(expected, rel=1e-10)
    assert fit.levels.total > 0


@pytest.mark.parametrize("rho", [0.0, 0.7, -0.3])
@pytest.mark.parametrize("between", [0.0, 0.4, 1e8])
def test_whitening_and_traces_are_those_of_the_full_matrix(rho: float, between: float) -> None:
    vi = np.array([0.1, 0.4, 0.2, 0.9, 0.3, 0.5])
    cluster = ["a", "a", "a", "b", "c", "c"]
    covariance = marginal(Clusters(cluster), vi, rho=rho, between=between, within=0.05)
    full = dense(vi, cluster, rho, between, 0.05)
    root = covariance.whiten(np.eye(6))
    assert np.linalg.inv(root) @ np.linalg.inv(root).T == pytest.approx(full, rel=1e-7)
    assert covariance.pull(np.eye(6)) == pytest.approx(root.T, abs=1e-14)
    inverse = root.T @ root
    assert covariance.trace_inverse == pytest.approx(np.trace(inverse), rel=1e-12)
    assert covariance.trace_inverse_squared == pytest.approx((inverse**2).sum(), rel=1e-12)
    assert covariance.log_determinant == pytest.approx(np.linalg.slogdet(full)[1], rel=1e-7)
    block = marginal_block(vi[:3], rho=rho, between=between, within=0.05)
    assert block == pytest.approx(full[:3, :3], rel=1e-14)


def test_one_cluster_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="needs at least 2 clusters; there is 1"):
        three_level(Effects.of([0.1, 0.2], [0.1, 0.1]), ["a", "a"])


def test_no_effect_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="needs at least 2 clusters; there are none"):
        three_level(Effects.of([], []), [])


def test_clusters_of_one_effect_each_are_sent_to_the_two_level_model() -> None:
    with pytest.raises(BadOption, match=r"cannot be told apart.*two-level"):
        three_level(Effects.of([0.1, 0.2, 0.5], [0.1] * 3), ["a", "b", "c"])


def test_as_many_coefficients_as_effects_are_refused() -> None:
    moderators = {"x": [0, 1, 0], "z": [0, 0, 1]}
    with pytest.raises(TooFewStudies, match="3 coefficients needs at least 4 effects; there are 3"):
        three_level(Effects.of([0.1, 0.2, 0.4], [0.1] * 3), ["a", "a", "b"], moderators=moderators)


@pytest.mark.parametrize(
    "column", [[1, 1, 1, 0, 0, 0], [1, 2, 3, 1, 2, 3]], ids=["cluster", "position"]
)
def test_columns_that_leave_nothing_to_tell_the_components_by_are_refused(
    column: list[int],
) -> None:
    effects = Effects.of([0.1, 0.5, 0.3, 0.2, 0.6, 0.9], [0.1] * 6)
    cluster = ["a", "a", "a", "b", "b", "b"]
    moderators: dict[str, Any] = {"kind": [f"kind {value}" for value in column]}
    if max(column) > 1:
        moderators |= {"first": [1, 0, 0, 0, 0, 0], "second": [0, 1, 0, 0, 0, 0]}
    with pytest.raises(BadOption, match="cannot be told apart in this design"):
        three_level(effects, cluster, moderators=moderators)


@pytest.mark.parametrize("missing", [None, float("nan"), "", "  "])
def test_an_effect_without_a_cluster_is_named(missing: object) -> None:
    effects = Effects.of([0.1, 0.2, 0.3], [0.1] * 3, ["pain", "mood", "sleep"])
    with pytest.raises(BadStudy, match="mood: it belongs to no cluster"):
        three_level(effects, ["a", missing, "a"])


def test_cluster_labels_must_be_as_many_as_effects() -> None:
    with pytest.raises(BadTable, match="2 cluster labels for 15 effects"):
        three_level(EFFECTS, ["a", "b"])


@pytest.mark.parametrize("rho", [1.0, 1.5, -1 / 3, -0.9, float("nan")])
def test_a_correlation_that_no_cluster_can_have_is_refused_with_its_bounds(rho: float) -> None:
    with pytest.raises(BadOption, match=re.escape("between -0.3333 and 1")):
        three_level(EFFECTS, STUDY, rho=rho)


def test_a_column_that_says_the_same_is_left_out_and_said() -> None:
    fit = three_level(
        EFFECTS, STUDY, moderators={**MODERATORS, "since 2000": np.array(YEAR) - 2000.0}
    )
    assert "Left out, as combinations of other columns: since 2000." in fit.summary()
    assert numbers(fit) == numbers(three_level(EFFECTS, STUDY, moderators=MODERATORS))


@pytest.mark.parametrize("missing", [None, float("nan"), "", " "])
def test_words_are_moderators_and_an_effect_without_one_is_left_out_by_name(missing: Any) -> None:
    # The effect that is left out is the first of its cluster, so the order of clusters changes.
    scale = ["a", "b", "a", missing, "b", "a", "a", "b", "a", "b", "a", "b", "b", "a", "b"]
    mixed = ["Boyd", "Ames", "Boyd", "Ford", *STUDY[4:]]
    fit = three_level(EFFECTS, mixed, moderators={"scale": scale}, rho=0.3)

    rows = [i for i in range(15) if i != 3]
    words = [scale[i] for i in rows]
    other = three_level(
        Effects.of([YI[i] for i in rows], [VI[i] for i in rows]),
        [mixed[i] for i in rows],
        moderators={"b": [word == "b" for word in words]},
        rho=0.3,
    )
    assert numbers(fit) == numbers(other)
    assert (fit.k, fit.n_clusters) == (14, 6)
    assert fit.design.names == ("intercept", "scale: b")
    assert fit.summary().endswith("left out: study 4: no value for a moderator")
    assert len(fit.working.blocks) == 6


def test_without_an_intercept_words_have_a_mean_each() -> None:
    scale = ["a", "b", "a", "a", "b"] * 3
    means = three_level(EFFECTS, STUDY, moderators={"scale": scale}, intercept=False)
    contrast = three_level(EFFECTS, STUDY, moderators={"scale": scale})
    assert means.design.names == ("scale: a", "scale: b")
    first, second = (each.estimate for each in means.coefficients)
    intercept, difference = (each.estimate for each in contrast.coefficients)
    assert (first, second - first) == pytest.approx((intercept, difference), rel=1e-9)


def test_an_infinite_moderator_is_named_with_its_effect() -> None:
    weeks = [*WEEKS[:4], np.inf, *WEEKS[5:]]
    with pytest.raises(BadStudy, match="study 5: the moderator weeks is infinite"):
        three_level(EFFECTS, STUDY, moderators={"weeks": weeks})


@pytest.mark.parametrize(
    "options",
    [
        {"moderators": {"x": np.ones((15, 1))}},
        {"moderators": {"x": np.ones(14)}},
        {"moderators": {}},
        {"moderators": {"x": np.zeros(15)}, "intercept": False},
        {"test": "knha"},
        {"level": 95},
    ],
)
def test_a_bad_option_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SynthesisError):
        three_level(EFFECTS, STUDY, **options)


def test_containment_leaves_at_least_one_degree_of_freedom() -> None:
    effects = Effects.of([0.1, 0.5, 0.3, 0.9, 0.6, 0.2, 0.8], [0.1] * 7)
    x = [1.0, 2.0, 3.0, 1.5, 2.5, 3.5, 1.7]
    fit = three_level(effects, list("aaabbbb"), moderators={"x": x}, test="contain")
    assert [each.df for each in fit.coefficients] == [1, 5]


@pytest.mark.parametrize("test", TESTS)
def test_the_summary_says_what_was_done(test: str) -> None:
    fit = three_level(EFFECTS, STUDY, rho=0.6, test=test)
    text = fit.summary()
    assert text.startswith("15 effects in 6 clusters, three-level model by restricted maximum")
    assert "correlated by 0.6" in text
    assert TESTS[test] in text
    assert "95% prediction interval" in text
    assert "6 clusters are few" in text
    assert "The variance between clusters is estimated as zero" in text


def test_the_summary_names_every_coefficient_and_what_was_left_out() -> None:
    effects = Effects.of([*YI, np.nan], [*VI, 0.1], [f"effect {i}" for i in range(16)])
    fit = three_level(effects, STUDY, moderators=MODERATORS)
    text = fit.summary()
    assert all(f"\n{name}" in text for name in ("intercept", *MODERATORS))
    assert "left out: effect 15: no effect" in text
    assert "prediction" not in text


def test_more_clusters_bring_no_note_on_their_number() -> None:
    random = np.random.default_rng(5)
    effects = Effects.of(random.normal(0, 1, 24), np.full(24, 0.05))
    fit = three_level(effects, np.repeat(np.arange(12), 2).tolist())
    assert not any("are few" in note for note in fit.notes)
