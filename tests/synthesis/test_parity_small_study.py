"""Small-study effects: every test and every trim and fill of the reference set."""

import numpy as np
import pytest

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption
from kb.synthesis.small_study.failsafe import FailSafeN, orwin, rosenberg, rosenthal
from kb.synthesis.small_study.rank_test import begg
from kb.synthesis.small_study.regression_test import RegressionTest, egger, regression_test
from kb.synthesis.small_study.trim_and_fill import TrimAndFill, trim_and_fill
from tests.synthesis.reference import TOLERANCES, Case, case, cases, close, effects, scale

TESTED = [case for case in cases() if "regtest" in case.blocks]

# metafor takes a predictor of order 1e-6 for a constant and refuses, on trim and fill as well. So
# these are its answers where the unit is as much smaller, in the unit of the case: statistic, p and
# limit of regtest(fit, predictor = ...)
#     s <- 1e6; fit <- rma(yi * s, vi * s^2, method = "EE", control = list(threshold = 1e-13))
# with s <- 1e3 for the rate differences, escalc("IRD", ...), of nielweise2008.
IN_A_SMALLER_UNIT = {
    ("edge_tiny_scale", "rma_EE_sei"): (
        1.7784068547043432,
        0.075337057693694004,
        -1.0291296921718512e-09,
    ),
    ("edge_tiny_scale", "rma_EE_vi"): (
        1.9664753804117183,
        0.049243723492019012,
        5.4326123128119771e-07,
    ),
    ("edge_tiny_scale", "rma_DL_sei"): (
        1.0450876192288736,
        0.29598247564292079,
        -4.1299673583795182e-07,
    ),
    ("edge_tiny_scale", "rma_DL_vi"): (
        1.0677281101698692,
        0.28564317455278315,
        4.9062739556697693e-07,
    ),
    ("edge_tiny_scale", "rma_REML_sei"): (
        1.0779487328306343,
        0.28105663571488343,
        -4.1478951615156634e-07,
    ),
    ("edge_tiny_scale", "rma_REML_vi"): (
        1.0527170646342479,
        0.29247068526889125,
        4.920099498629705e-07,
    ),
    ("edge_tiny_scale", "rma_REML_sei_knha"): (
        1.0826547590557567,
        0.35821663065674425,
        -4.1478951615156634e-07,
    ),
    ("nielweise2008", "rma_EE_vi"): (
        -0.8500786431034989,
        0.39528136451842905,
        -0.00081614284244088621,
    ),
    ("nielweise2008", "rma_DL_vi"): (
        -0.87732547280782325,
        0.38030988029139401,
        -0.00077424474534285265,
    ),
    ("nielweise2008", "rma_REML_vi"): (
        -0.9280896383335574,
        0.35336107399922129,
        -0.00066394514457534365,
    ),
}
# k0 and the estimate of trimfill(fit, estimator = ...); the side is left in all.
FILLED_IN_A_SMALLER_UNIT = {
    "EE_L0": (2, 7.0909090909090916e-07),
    "EE_R0": (0, 1.0569620253164555e-06),
    **dict.fromkeys(("DL_L0", "DL_R0", "DL_Q0"), (0, 1.2998497089246194e-06)),
    **dict.fromkeys(("REML_L0", "REML_R0", "REML_Q0"), (0, 1.3114239812433368e-06)),
}
ON_A_LINE = [("edge_identical", "rma_REML_sei_knha"), ("edge_identical", "lm_sei_egger")]
WITHOUT_Q0 = [
    ("gibson2002", "EE_Q0"),
    ("gibson2002", "DL_Q0"),
    ("berkey1998", "EE_Q0"),
    ("edge_proportion_bounds", "EE_Q0"),
    ("edge_tiny_scale", "EE_Q0"),
    ("edge_missing_effects", "EE_Q0"),
    ("edge_missing_effects", "DL_Q0"),
    ("edge_missing_effects", "REML_Q0"),
]
REGRESSIONS = [
    (case, form)
    for case in TESTED
    for form in case.block("regtest")
    if (case.name, form) not in {*IN_A_SMALLER_UNIT, *ON_A_LINE}
]
FILLINGS = [
    (case, form)
    for case in TESTED
    for form in case.block("trimfill")
    if (case.name, form) not in WITHOUT_Q0
    and case.name not in {"edge_identical", "edge_tiny_scale"}
]


def tolerance(form: str) -> float:
    return TOLERANCES["iterative" if "REML" in form else "closed form"]


def regression(studies: Effects, form: str) -> RegressionTest:
    model, method, *rest = form.split("_")
    if model == "lm":
        return egger(studies)
    predictor, test = (*rest, "z")[:2]
    return regression_test(studies, predictor=predictor, method=method, test=test)


def filling(studies: Effects, form: str) -> TrimAndFill:
    method, estimator = form.split("_")
    return trim_and_fill(studies, estimator=estimator, method=method)


@pytest.mark.parametrize(("case", "form"), REGRESSIONS, ids=str)
def test_regression_tests_are_those_of_metafor(case: Case, form: str) -> None:
    block, studies, where = case.block("regtest", form), effects(case), f"{case} {form}"
    result = regression(studies, form)
    rel = tolerance(form)
    close(result.slope.statistic, block["stat"], rel=rel, floor=1, where=f"{where} stat")
    close(result.slope.p, block["pval"], rel=TOLERANCES["p-value"], where=f"{where} pval")
    close(result.slope.df, block["ddf"], rel=0, where=f"{where} ddf")
    if block["limit_est"] is None:
        assert result.limit is None
        return
    assert result.limit is not None
    root = float(np.sqrt(scale(studies)))
    for name, value in (
        ("limit_est", result.limit.estimate),
        ("limit_ci_lb", result.limit.ci_low),
        ("limit_ci_ub", result.limit.ci_high),
    ):
        close(value, block[name], rel=rel, floor=root, where=f"{where} {name}")


@pytest.mark.parametrize(("name", "form"), IN_A_SMALLER_UNIT)
def test_regression_tests_do_not_depend_on_the_unit(name: str, form: str) -> None:
    assert "error" in case(name).block("regtest", form)
    statistic, p, limit = IN_A_SMALLER_UNIT[name, form]
    studies, rel = effects(case(name)), tolerance(form)
    result = regression(studies, form)
    close(result.slope.statistic, statistic, rel=rel, floor=1, where="stat")
    close(result.slope.p, p, rel=TOLERANCES["p-value"], where="pval")
    assert result.limit is not None
    root = float(np.sqrt(scale(studies)))
    close(result.limit.estimate, limit, rel=rel, floor=root, where="limit_est")


@pytest.mark.parametrize(("name", "form"), ON_A_LINE)
def test_effects_on_a_line_do_not_scatter_where_metafor_divides_rounding_errors(
    name: str, form: str
) -> None:
    with pytest.raises(BadOption, match=r"straight line|exactly on the model"):
        regression(effects(case(name)), form)


@pytest.mark.parametrize("case", TESTED, ids=str)
def test_rank_tests_are_those_of_metafor(case: Case) -> None:
    studies = effects(case)
    for name, exact in (("exact_where_possible", True), ("asymptotic", False)):
        found, block = begg(studies, exact=exact), case.block("ranktest", name)
        where = f"{case} {name}"
        close(found.tau, block["tau"], rel=TOLERANCES["closed form"], floor=1, where=f"{where} tau")
        close(found.p, block["pval"], rel=TOLERANCES["p-value"], where=f"{where} pval")


@pytest.mark.parametrize(("case", "form"), FILLINGS, ids=str)
def test_trim_and_fill_is_that_of_metafor(case: Case, form: str) -> None:
    block, studies = case.block("trimfill", form), effects(case)

    result = filling(studies, form)

    size, rel, where = scale(studies), tolerance(form), f"{case} {form}"
    root = float(np.sqrt(size))
    assert (result.side, result.k0, result.adjusted.k) == (block["side"], block["k0"], block["k"])
    estimate, heterogeneity = result.adjusted.estimate, result.adjusted.heterogeneity
    for name, value, floor in (
        ("se_k0", result.k0_se, 1.0),
        ("p_k0", result.p, 0.0),
        ("est", estimate.estimate, root),
        ("se", estimate.se, root),
        ("ci_lb", estimate.ci_low, root),
        ("ci_ub", estimate.ci_high, root),
        ("tau2", heterogeneity.tau2, size),
        ("I2", heterogeneity.i2, 100.0),
        ("QE", heterogeneity.q, 1.0),
    ):
        close(value, block[name], rel=rel, floor=floor, where=f"{where} {name}")
    found = np.array(sorted(zip(result.filled.yi, result.filled.vi, strict=True)))
    wanted = np.array(sorted(zip(block["filled_yi"], block["filled_vi"], strict=True)))
    close(found[..., :1], wanted[..., :1], rel=rel, floor=root, where=f"{where} filled_yi")
    close(found[..., 1:], wanted[..., 1:], rel=0, where=f"{where} filled_vi")


@pytest.mark.parametrize(("name", "form"), WITHOUT_Q0)
def test_q0_is_refused_where_it_is_no_number_as_in_metafor(name: str, form: str) -> None:
    assert "error" in case(name).block("trimfill", form)
    with pytest.raises(BadOption, match="Q0 has no value"):
        filling(effects(case(name)), form)


@pytest.mark.parametrize("form", case("edge_identical").block("trimfill"))
def test_identical_effects_lack_nothing_where_metafor_has_no_ranks(form: str) -> None:
    assert "error" in case("edge_identical").block("trimfill", form)
    result = filling(effects(case("edge_identical")), form)
    assert result.k0 == 0
    assert result.adjusted is result.observed


@pytest.mark.parametrize("form", FILLED_IN_A_SMALLER_UNIT)
def test_trim_and_fill_does_not_depend_on_the_unit(form: str) -> None:
    tiny = case("edge_tiny_scale")
    assert "error" in tiny.block("trimfill", form)
    studies, (k0, estimate) = effects(tiny), FILLED_IN_A_SMALLER_UNIT[form]
    result, root = filling(studies, form), float(np.sqrt(scale(studies)))
    assert (result.side, result.k0) == ("left", k0)
    rel = tolerance(form)
    close(result.adjusted.estimate.estimate, estimate, rel=rel, floor=root, where=form)


@pytest.mark.parametrize("case", TESTED, ids=str)
def test_failsafe_numbers_are_those_of_metafor(case: Case) -> None:
    studies = effects(case)
    for name, function in (("Rosenthal", rosenthal), ("Orwin", orwin), ("Rosenberg", rosenberg)):
        found: FailSafeN = function(studies)
        block, where = case.block("fsn", name), f"{case} {name}"
        assert found.n == block["fsnum"]
        close(
            found.target,
            block["target"],
            rel=TOLERANCES["closed form"],
            floor=float(np.sqrt(scale(studies))),
            where=f"{where} target",
        )
        close(found.p, block["pval"], rel=TOLERANCES["p-value"], where=f"{where} pval")
