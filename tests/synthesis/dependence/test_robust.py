import re
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.synthesis.dependence.multilevel import three_level
from kb.synthesis.dependence.robust import KINDS, Robust, robust
from kb.synthesis.dependence.working_model import WorkingModel, working_model
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.pooling import pool

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
DESIGN = np.column_stack([np.ones(15), YEAR, WEEKS])
MODERATORS = {"year": YEAR, "weeks": WEEKS}


def columns(design: Array) -> dict[str, Any]:
    """The columns of a design, of which the first is of ones, as moderators."""
    return {"moderators": {f"x{i}": column for i, column in enumerate(design.T[1:], 1)}}


def ordinary(yi: Array, design: Array, cluster: list[Any]) -> WorkingModel:
    """Least squares without weights: every effect has a variance of 1."""
    effects = Effects.of(yi, np.ones(yi.size))
    return working_model(effects, cluster, **columns(design))


def errors(result: Robust) -> list[float]:
    return [each.se for each in result.coefficients]


# R 4.2.2, metafor 3.8-1, clubSandwich 0.5.8. The fits f are rma.mv(yi, V, mods = X,
# intercept = FALSE, random = ~ 1 | study/effect, sigma2 = s) with V = diag(vi), or
# vcalc(vi, cluster = study, obs = effect, rho = 0.6), and s at the REML maximum. CR0 and CR1 are
# > robust(f, cluster = study, adjust = FALSE); robust(f, cluster = study, adjust = TRUE)
# and CR2, with its df and p, is
# > coef_test(f, vcov = vcovCR(f, cluster = study, type = "CR2"), test = "Satterthwaite")
EXPECTED: dict[tuple[str, str], tuple[list[float], list[float], list[float]]] = {
    ("three-level", "CR0"): ([0.12229889132381369], [5], [0.079026754129779844]),
    ("three-level", "CR1"): ([0.13397172307185121], [5], [0.10078364449890562]),
    ("three-level", "CR2"): ([0.13343970502377789], [4.3994084427742859], [0.10749371481453669]),
    ("CHE", "CR0"): ([0.11717765116717611], [5], [0.079598337586446563]),
    ("CHE", "CR1"): ([0.12836168555946784], [5], [0.1014578812781473]),
    ("CHE", "CR2"): ([0.12747924687437776], [4.2569138333765606], [0.1095604233297696]),
    ("moderators", "CR0"): (
        [56.2919392923896424463, 0.0280501496132767106, 0.0066468942478286122],
        [3, 3, 3],
        [0.380797199795878838, 0.380321326972694385, 0.068232057450213379],
    ),
    ("moderators", "CR1"): (
        [79.6088239995803519378, 0.0396689020096903516, 0.0094001279929389371],
        [3, 3, 3],
        [0.52100221422660631, 0.52055785578253788, 0.14272881310239205],
    ),
    ("moderators", "CR2"): (
        [81.842182597273477995, 0.040777845068337412, 0.007783691875976319],
        [2.1025376839198544, 2.1027040163894579, 2.3804903889886955],
        [0.55073113016803821, 0.55027605876249830, 0.11954778752137364],
    ),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "three-level": {},
    "CHE": {"rho": 0.6},
    "moderators": {"moderators": MODERATORS},
}


@pytest.mark.parametrize(("fit", "kind"), EXPECTED)
def test_a_three_level_model_is_as_metafor_and_clubsandwich_have_it(fit: str, kind: str) -> None:
    multilevel = three_level(EFFECTS, STUDY, **OPTIONS[fit])
    result = robust(multilevel, kind=kind)
    se, df, p = EXPECTED[fit, kind]
    assert errors(result) == pytest.approx(se, rel=1e-8)
    assert [each.df for each in result.coefficients] == pytest.approx(df, rel=1e-8)
    assert [each.p for each in result.coefficients] == pytest.approx(p, rel=1e-8)
    estimates = [each.estimate for each in multilevel.coefficients]
    assert [each.estimate for each in result.coefficients] == pytest.approx(estimates, rel=1e-9)


# The same of f = rma(yi, vi, method = "REML", control = list(threshold = 1e-14, maxiter = 1000)),
# whose tau2 is 0.16414196521434801, and of rma(yi, vi, method = "EE").
@pytest.mark.parametrize(
    ("tau2", "kind", "expected"),
    [
        (0.16414196521434801, "CR0", [0.25522865287743096, 0.11407097360652742, 5]),
        (0.16414196521434801, "CR1", [0.25522865287743096, 0.12495849080174298, 5]),
        (0.16414196521434801, "CR2", [0.25522865287743096, 0.1244514447509571, 4.0723326034305067]),
        (0.0, "CR0", [0.17799718319789845, 0.09088144668651435, 5]),
        (0.0, "CR1", [0.17799718319789845, 0.099555636817814097, 5]),
        (0.0, "CR2", [0.17799718319789845, 0.098556580095400678, 3.2784802733761875]),
    ],
)
def test_a_two_level_model_is_as_metafor_and_clubsandwich_have_it(
    tau2: float, kind: str, expected: list[float]
) -> None:
    [mean] = robust(working_model(EFFECTS, STUDY, tau2=tau2), kind=kind).coefficients
    assert [mean.estimate, mean.se, mean.df] == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(
    ("method", "se"), [("REML", 0.1244514447509571), ("EE", 0.098556580095400678)]
)
def test_a_working_model_estimates_tau2_itself(method: str, se: float) -> None:
    [mean] = robust(working_model(EFFECTS, STUDY, method=method)).coefficients
    assert mean.se == pytest.approx(se, rel=1e-9)
    tau2 = pool(EFFECTS, method=method).heterogeneity.tau2
    assert robust(working_model(EFFECTS, STUDY, tau2=tau2)).coefficients == (mean,)


# f <- rma(yi, vi, mods = ~ weeks, method = "REML", control = list(threshold = 1e-15,
# maxiter = 10000)): f$beta, and SE and df_Satt of
# > coef_test(f, vcov = vcovCR(f, cluster = study, type = "CR2"), test = "Satterthwaite")
def test_a_meta_regression_is_as_metafor_and_clubsandwich_have_it() -> None:
    result = robust(working_model(EFFECTS, STUDY, method="REML", moderators={"weeks": WEEKS}))
    assert [each.estimate for each in result.coefficients] == pytest.approx(
        [0.082770374450032283, 0.014927969343516038], rel=1e-9
    )
    assert errors(result) == pytest.approx([0.14691741169052264, 0.0089576490784761386], rel=1e-9)
    assert [each.df for each in result.coefficients] == pytest.approx(
        [3.7593893318140514, 2.6329423230567599], rel=1e-9
    )


@pytest.mark.parametrize("sampling", ["blocks", "variances"])
def test_effects_without_a_moderator_take_their_part_of_the_blocks_along(sampling: str) -> None:
    # The first effect of Ford comes before Dahl's and is left out, and so is all of Cole.
    cluster = ["Boyd", "Ames", "Boyd", "Ford", *STUDY[4:]]
    gone = [i for i in range(15) if i == 3 or cluster[i] == "Cole"]
    left = [i for i in range(15) if i not in gone]
    scale = [None if i in gone else "ab"[i % 2] for i in range(15)]
    root = np.sqrt(VI)
    full = 0.5 * np.outer(root, root) + 0.5 * np.diag(VI)

    def blocks(rows: list[int]) -> list[Array] | None:
        if sampling == "variances":
            return None
        names = dict.fromkeys(cluster[i] for i in rows)
        members = [[i for i in rows if cluster[i] == name] for name in names]
        return [full[np.ix_(each, each)] for each in members]

    whole = working_model(
        EFFECTS, cluster, blocks=blocks(list(range(15))), moderators={"scale": np.array(scale)}
    )
    part = working_model(
        EFFECTS.take(left),
        [cluster[i] for i in left],
        blocks=blocks(left),
        moderators={"scale": np.array(scale)[left]},
    )
    assert whole.clusters.labels == ("Boyd", "Ames", "Dahl", "Egan", "Ford")
    assert robust(whole).coefficients == robust(part).coefficients
    assert robust(whole).summary().splitlines()[-len(gone) :] == [
        f"left out: study {i + 1}: no value for a moderator" for i in gone
    ]


def test_tau2_is_not_estimated_beside_covariance_matrices() -> None:
    sizes = [STUDY.count(name) for name in dict.fromkeys(STUDY)]
    blocks = [np.eye(size) for size in sizes]
    with pytest.raises(BadOption, match="REML takes the effects for independent"):
        working_model(EFFECTS, STUDY, method="REML", blocks=blocks)
    given = working_model(EFFECTS, STUDY, method="REML", tau2=0.5, blocks=blocks)
    np.testing.assert_array_equal(given.blocks[0], 1.5 * np.eye(sizes[0]))


def test_a_method_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadOption, match="There is no method 'OLS'"):
        working_model(EFFECTS, STUDY, method="OLS")


# Without weights and with clusters of one, CR0, CR1 and CR2 are HC0, HC1 and HC2 (MacKinnon JG,
# White H. J Econom 1985;29:305-325).
@pytest.mark.parametrize(("kind", "hc"), [("CR0", "HC0"), ("CR1", "HC1"), ("CR2", "HC2")])
def test_clusters_of_one_give_the_errors_that_are_robust_to_heteroscedasticity(
    kind: str, hc: str
) -> None:
    yi = np.array(YI)
    result = robust(ordinary(yi, DESIGN, list(range(15))), kind=kind)
    other = sm.OLS(yi, DESIGN).fit(cov_type=hc)
    assert [each.estimate for each in result.coefficients] == pytest.approx(other.params, rel=1e-8)
    assert errors(result) == pytest.approx(other.bse, rel=1e-8)


def test_without_weights_cr0_is_the_clustered_error_of_least_squares() -> None:
    yi, codes = np.array(YI), np.unique(STUDY, return_inverse=True)[1]
    other = sm.OLS(yi, DESIGN).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}
    )
    result = robust(ordinary(yi, DESIGN, STUDY), kind="CR0")
    assert errors(result) == pytest.approx(other.bse, rel=1e-8)


def test_in_a_balanced_table_cr2_is_the_standard_error_of_the_mean_of_cluster_means() -> None:
    table = np.array([[1.0, 1.4, 2.1], [3.0, 2.2, 3.3], [0.1, 1.0, 0.2], [5.0, 4.1, 4.6]])
    block = np.full((3, 3), 0.3) + 0.2 * np.eye(3)
    effects = Effects.of(table.ravel(), np.full(12, 0.5))
    model = working_model(effects, np.repeat(np.arange(4), 3).tolist(), blocks=[block] * 4)
    for kind, divisor in (("CR0", 4), ("CR1", 3), ("CR2", 3)):
        [mean] = robust(model, kind=kind).coefficients
        squares = ((table.mean(axis=1) - table.mean()) ** 2).sum()
        assert mean.estimate == pytest.approx(table.mean(), rel=1e-14)
        assert mean.se == pytest.approx(np.sqrt(squares / divisor / 4), rel=1e-12)
        assert mean.df == pytest.approx(3, rel=1e-12)


def test_cr2_of_two_groups_of_unweighted_clusters_is_welchs_variance_and_df() -> None:
    # With one value per cluster and equal working variances the variance of the difference of two
    # means is s1²/n1 + s2²/n2, and Satterthwaite's df are for equal variances.
    yi = np.array([1.0, 2.5, 0.3, 4.0, 3.1, 5.2, 2.2])
    treated = np.array([0, 0, 0, 1, 1, 1, 1.0])
    model = ordinary(yi, np.column_stack([np.ones(7), treated]), list(range(7)))
    difference = robust(model).coefficients[1]
    first, second = yi[:3].var(ddof=1) / 3, yi[3:].var(ddof=1) / 4
    assert difference.estimate == pytest.approx(yi[3:].mean() - yi[:3].mean(), rel=1e-12)
    assert difference.se == pytest.approx(np.sqrt(first + second), rel=1e-12)
    df = (1 / 3 + 1 / 4) ** 2 / ((1 / 3) ** 2 / 2 + (1 / 4) ** 2 / 3)
    assert difference.df == pytest.approx(df, rel=1e-12)


tables = st.tuples(
    st.lists(st.integers(1, 4), min_size=4, max_size=8),
    st.integers(0, 2**32 - 1),
    st.sampled_from(list(KINDS)),
)


def simulated(
    table: tuple[list[int], int, str],
) -> tuple[Array, Array, list[int], Array, list[Array]]:
    sizes, seed, _ = table
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    roots = [random.normal(size=(size, size)) for size in sizes]
    blocks = [np.asarray(root @ root.T + np.eye(len(root))) for root in roots]
    design = np.column_stack([np.ones(cluster.size), random.normal(size=cluster.size)])
    vi = np.concatenate([np.diag(block) for block in blocks])
    return random.normal(size=cluster.size), vi, cluster.tolist(), design, blocks


@settings(max_examples=40)
@given(tables)
def test_it_is_the_sandwich_of_full_matrices(table: tuple[list[int], int, str]) -> None:
    yi, vi, cluster, x, blocks = simulated(table)
    kind = table[2]
    model = working_model(Effects.of(yi, vi), cluster, blocks=blocks, **columns(x))
    result = robust(model, kind=kind)
    members = [np.flatnonzero(np.array(cluster) == each) for each in sorted(set(cluster))]
    m = np.zeros((yi.size, yi.size))
    for rows, block in zip(members, blocks, strict=True):
        m[np.ix_(rows, rows)] = block
    w = np.linalg.inv(m)
    bread = np.linalg.inv(x.T @ w @ x)
    hat = np.eye(yi.size) - x @ bread @ x.T @ w
    left = hat @ m @ hat.T
    outer = []
    for rows, block in zip(members, blocks, strict=True):
        adjustment = np.eye(rows.size)
        if kind == "CR2":
            root = np.linalg.cholesky(block)
            values, vectors = np.linalg.eigh(root.T @ left[np.ix_(rows, rows)] @ root)
            adjustment = root @ vectors @ np.diag(values**-0.5) @ vectors.T @ root.T
        outer.append(hat[rows].T @ adjustment.T @ w[np.ix_(rows, rows)] @ x[rows] @ bread)
    n, p = len(members), 2
    factor = n / (n - p) if kind == "CR1" else 1
    covariance = factor * sum(np.outer(g.T @ yi, g.T @ yi) for g in outer)
    assert result.covariance == pytest.approx(covariance, rel=1e-8, abs=1e-12)
    for i, estimate in enumerate(result.coefficients):
        g = np.column_stack([each[:, i] for each in outer])
        middle = g.T @ m @ g
        satterthwaite = np.trace(middle) ** 2 / (middle**2).sum()
        assert estimate.df == pytest.approx(satterthwaite if kind == "CR2" else n - p, rel=1e-8)


@settings(max_examples=30)
@given(tables)
def test_cr2_is_unbiased_where_the_working_covariance_is_right(
    table: tuple[list[int], int, str],
) -> None:
    yi, vi, cluster, design, blocks = simulated(table)

    def covariance(effects: Array) -> Array:
        model = working_model(Effects.of(effects, vi), cluster, blocks=blocks, **columns(design))
        return robust(model).covariance

    m = np.zeros((yi.size, yi.size))
    ends = np.cumsum([0, *map(len, blocks)])
    for start, block in zip(ends.tolist(), blocks, strict=False):
        m[start : start + len(block), start : start + len(block)] = block
    expected = sum(covariance(column) for column in np.linalg.cholesky(m).T)
    bread = np.linalg.inv(design.T @ np.linalg.inv(m) @ design)
    assert expected == pytest.approx(bread, rel=1e-7, abs=1e-10)


@settings(max_examples=20)
@given(tables, st.randoms(use_true_random=False))
def test_order_of_effects_does_not_matter(table: tuple[list[int], int, str], random: Any) -> None:
    yi, vi, cluster, design, _ = simulated(table)
    mixed = list(range(yi.size))
    random.shuffle(mixed)
    kind = table[2]
    first = working_model(Effects.of(yi, vi), cluster, **columns(design))
    second = working_model(
        Effects.of(yi[mixed], vi[mixed]), [cluster[i] for i in mixed], **columns(design[mixed])
    )
    a, b = robust(first, kind=kind), robust(second, kind=kind)
    assert a.covariance == pytest.approx(b.covariance, rel=1e-7, abs=1e-12)
    dfs = [each.df for each in a.coefficients]
    assert [each.df for each in b.coefficients] == pytest.approx(dfs, rel=1e-7)


@settings(max_examples=20)
@given(tables, st.sampled_from([1e-6, 1e-3, 1e5]))
def test_errors_follow_the_units(table: tuple[list[int], int, str], unit: float) -> None:
    yi, vi, cluster, design, _ = simulated(table)
    first = robust(working_model(Effects.of(yi, vi), cluster, **columns(design)), kind=table[2])
    effects = Effects.of(yi * unit, vi * unit**2)
    second = robust(working_model(effects, cluster, **columns(design)), kind=table[2])
    scaled = [each / unit for each in errors(second)]
    assert scaled == pytest.approx(errors(first), rel=1e-8)


# In R the same of f <- rma.mv(yi, vi, mods = ~ I(study == "Egan")).
EGAN = {
    "CR0": [0.079553392616913271, 0.079553392616913285],
    "CR1": [0.097432609609366033, 0.097432609609366047],
    "CR2": [0.087497440010940314, 0.088797010762762918],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_coefficient_that_one_cluster_determines_has_a_note(kind: str) -> None:
    model = working_model(EFFECTS, STUDY, moderators={"Egan": [name == "Egan" for name in STUDY]})
    result = robust(model, kind=kind)
    assert errors(result) == pytest.approx(EGAN[kind], rel=1e-9)
    assert any("Egan rests in part on a single cluster" in note for note in result.notes)
    assert not any("intercept rests" in note for note in result.notes)


def test_a_coefficient_that_single_clusters_determine_is_refused_by_name() -> None:
    effects = Effects.of([0.1, 0.2, 0.4, 0.3], [0.1] * 4)
    model = working_model(effects, list("aabb"), moderators={"b": [0, 0, 1, 1]})
    with pytest.raises(BadOption, match="The coefficient intercept rests on single clusters"):
        robust(model)


def test_one_cluster_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 2 clusters; there is 1"):
        robust(working_model(Effects.of([0.1, 0.2], [0.1, 0.1]), ["a", "a"]))


@pytest.mark.parametrize("kind", ["CR0", "CR1"])
def test_as_many_coefficients_as_clusters_leave_no_degrees_of_freedom(kind: str) -> None:
    effects = Effects.of([0.1, 0.2, 0.4, 0.3], [0.1] * 4)
    model = working_model(effects, list("aabb"), moderators={"x": [0, 1, 0, 2]})
    with pytest.raises(TooFewStudies, match="2 coefficients needs at least 3 clusters"):
        robust(model, kind=kind)


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadOption, match=re.escape("CR0, CR1, CR2")):
        robust(working_model(EFFECTS, STUDY), kind="CR3")


@pytest.mark.parametrize("tau2", [-0.1, float("inf"), float("nan")])
def test_a_tau2_that_is_no_variance_is_refused(tau2: float) -> None:
    with pytest.raises(BadOption, match="not below zero"):
        working_model(EFFECTS, STUDY, tau2=tau2)


def test_covariance_matrices_must_be_one_per_cluster() -> None:
    with pytest.raises(BadTable, match="1 covariance matrices for 6 clusters"):
        working_model(EFFECTS, STUDY, blocks=[np.eye(3)])


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (np.eye(3), r"Boyd: its covariance matrix has shape \(3, 3\) for 2 effects"),
        ([[1.0, 0.2], [0.3, 1.0]], "Boyd: its covariance matrix is not symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "Boyd: its covariance matrix is not symmetric"),
        ([[1.0, np.nan], [np.nan, 1.0]], "Boyd: its covariance matrix is not symmetric"),
    ],
)
def test_a_matrix_that_is_no_covariance_is_named_by_its_cluster(block: Any, message: str) -> None:
    effects = Effects.of([0.1, 0.2, 0.3], [0.1] * 3)
    with pytest.raises(BadStudy, match=message):
        working_model(effects, ["Ames", "Boyd", "Boyd"], blocks=[[[0.1]], block])


def test_the_summary_says_what_was_done_and_warns_of_few_degrees_of_freedom() -> None:
    text = robust(three_level(EFFECTS, STUDY, moderators=MODERATORS)).summary()
    assert text.startswith("15 effects in 6 clusters; standard errors: bias-reduced")
    assert all(f"\n{name}" in text for name in ("intercept", *MODERATORS))
    assert "weeks: 2.4 degrees of freedom; below 4" in text


def test_the_summary_warns_of_few_clusters_where_the_errors_are_for_many() -> None:
    assert (
        "6 clusters are few for CR1" in robust(working_model(EFFECTS, STUDY), kind="CR1").summary()
    )


def test_the_summary_names_what_was_left_out() -> None:
    effects = Effects.of([0.1, 0.3, np.nan, 0.2], [0.1] * 4, ["pain", "mood", "sleep", "work"])
    text = robust(working_model(effects, ["a", "b", "c"])).summary()
    assert "left out: sleep: no effect" in text


def test_enough_clusters_bring_no_note() -> None:
    random = np.random.default_rng(5)
    effects = Effects.of(random.normal(0, 1, 100), np.full(100, 0.05))
    model = working_model(effects, np.repeat(np.arange(50), 2).tolist())
    assert all(robust(model, kind=kind).notes == () for kind in KINDS)


def test_the_level_widens_the_interval() -> None:
    model = working_model(EFFECTS, STUDY)
    [narrow], [wide] = (robust(model, level=level).coefficients for level in (0.8, 0.99))
    assert wide.ci_low < narrow.ci_low < narrow.ci_high < wide.ci_high
    assert (narrow.level, wide.level) == (0.8, 0.99)
