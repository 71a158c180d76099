"""Every pooled analysis of the reference set, number by number."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.estimates import Estimate
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.options import METHODS
from kb.synthesis.pooling import pool, pool_many
from kb.synthesis.prediction import Prediction
from kb.synthesis.q_profile import q_profile
from tests.synthesis.reference import TOLERANCES, Case, close, effects, pooled_cases, scale

ITERATIVE = {"ML", "REML", "EB", "PM", "PMM"}
TABLES = [(case, measure) for case in pooled_cases() for measure in case.measures]
POOLED = [
    (case, measure, method)
    for case, measure in TABLES
    for method in METHODS
    if method in case.block("uni", measure)
]
WEIGHTED = [case for case in pooled_cases() if "weights" in case.blocks]


def tolerance(method: str) -> float:
    return TOLERANCES["iterative" if method in ITERATIVE else "closed form"]


def same_heterogeneity(
    found: Heterogeneity, block: dict[str, Any], studies: Effects, method: str, where: str
) -> None:
    rel = tolerance(method)
    size = scale(studies)
    numbers: list[tuple[str, float | None, float]] = [
        ("tau2", found.tau2, size),
        ("se_tau2", found.tau2_se, size),
        ("I2", found.i2, 100),
        ("H2", found.h2, 1),
        ("QE", found.q, 1),
        ("QE_df", found.q_df, 0),
    ]
    for name, value, floor in numbers:
        close(value, block[name], rel=rel, floor=floor, where=f"{where} {name}")
    close(found.q_p, block["QEp"], rel=TOLERANCES["p-value"], where=f"{where} QEp")


def same_estimate(
    found: Estimate, block: dict[str, Any], studies: Effects, method: str, where: str
) -> None:
    rel, size = tolerance(method), float(np.sqrt(scale(studies)))
    numbers: list[tuple[str, float | None, float]] = [
        ("est", found.estimate, size),
        ("se", found.se, size),
        ("ci_lb", found.ci_low, size),
        ("ci_ub", found.ci_high, size),
        ("stat", found.statistic, 1),
        ("ddf", found.df, 0),
    ]
    if block["stat"] is None:  # metafor divides 0 by 0 where all effects are 0
        assert (found.estimate, found.se, found.statistic, found.p) == (0, 0, 0, 1)
        numbers = numbers[:4]
    else:
        close(found.p, block["pval"], rel=TOLERANCES["p-value"], where=f"{where} pval")
    for name, value, floor in numbers:
        close(value, block[name], rel=rel, floor=floor, where=f"{where} {name}")


def same_prediction(
    found: Prediction | None, limits: ArrayLike, studies: Effects, method: str, where: str
) -> None:
    assert found is not None
    size = float(np.sqrt(scale(studies)))
    close([found.low, found.high], limits, rel=tolerance(method), floor=size, where=where)


@pytest.mark.parametrize(("case", "measure", "method"), POOLED, ids=str)
def test_heterogeneity_is_that_of_metafor(case: Case, measure: str, method: str) -> None:
    studies, block = effects(case, measure), case.block("uni", measure, method)
    result = pool(studies, method=method)
    assert result.k == block["k"]
    same_heterogeneity(result.heterogeneity, block, studies, method, f"{case} {measure} {method}")


@pytest.mark.parametrize(("case", "measure", "method"), POOLED, ids=str)
def test_mean_test_and_intervals_are_those_of_metafor(
    case: Case, measure: str, method: str
) -> None:
    studies = effects(case, measure)
    for test, block in case.block("uni", measure, method, "tests").items():
        where = f"{case} {measure} {method} {test}"
        result = pool(studies, method=method, test=test)
        same_estimate(result.estimate, block, studies, method, where)
        if method == "EE":
            assert result.prediction is None
            continue
        same_prediction(
            result.prediction, [block["pi_lb"], block["pi_ub"]], studies, method, f"{where} pi"
        )
        hts = pool(studies, method=method, test=test, prediction="HTS")
        limits = [block["pi_riley_lb"], block["pi_riley_ub"]]
        same_prediction(hts.prediction, limits, studies, method, f"{where} pi_riley")


@pytest.mark.parametrize("method", METHODS)
def test_all_cases_in_one_batch_are_those_of_metafor(method: str) -> None:
    tables = [(case, measure) for case, measure, known in POOLED if known == method]
    studies = [effects(case, measure) for case, measure in tables]
    batch = pool_many(
        np.concatenate([each.yi for each in studies]),
        np.concatenate([each.vi for each in studies]),
        np.repeat(np.arange(len(studies)), [each.k for each in studies]),
        method=method,
    )
    for (case, measure), own, result in zip(tables, studies, batch, strict=True):
        block, where = case.block("uni", measure, method), f"{case} {measure} {method}"
        same_heterogeneity(result.heterogeneity, block, own, method, where)
        same_estimate(result.estimate, block["tests"]["z"], own, method, where)


@pytest.mark.parametrize(("case", "measure"), TABLES, ids=str)
def test_intervals_of_the_heterogeneity_are_those_of_metafor(case: Case, measure: str) -> None:
    studies, block = effects(case, measure), case.block("uni", measure, "Qprofile")
    if "error" in block:
        with pytest.raises(TooFewStudies):
            q_profile(studies)
        return
    found, size = q_profile(studies), scale(studies)
    for name, limits, floor in (
        ("tau2", (found.tau2_low, found.tau2_high), size),
        ("I2", (found.i2_low, found.i2_high), 1.0),
        ("H2", (found.h2_low, found.h2_high), 1.0),
    ):
        expected = [block[f"{name}_lb"], block[f"{name}_ub"]]
        where = f"{case} {measure} {name}"
        close(limits, expected, rel=TOLERANCES["Q-profile"], floor=floor, where=where)
    assert found.empty == (block["ub_sign"] == "<")


@pytest.mark.parametrize("case", WEIGHTED, ids=str)
def test_weights_from_a_column_are_as_in_metafor(case: Case) -> None:
    studies, blocks = effects(case), dict(case.block("weights"))
    weights = case.column(blocks.pop("column"))[studies.rows]
    for method, block in blocks.items():
        for test, expected in block["tests"].items():
            result = pool(studies, method=method, test=test, weights=weights)
            where = f"{case} {method} {test}"
            same_heterogeneity(result.heterogeneity, block, studies, method, where)
            same_estimate(result.estimate, expected, studies, method, where)
            if method != "EE":
                limits = [expected["pi_lb"], expected["pi_ub"]]
                same_prediction(result.prediction, limits, studies, method, where)


@pytest.mark.parametrize("case", pooled_cases(), ids=str)
def test_equal_weights_are_as_in_metafor(case: Case) -> None:
    studies, block = effects(case), case.block("unweighted_REML")
    result = pool(studies, weights="equal")
    same_estimate(result.estimate, block, studies, "REML", str(case))
    close(
        result.heterogeneity.tau2,
        block["tau2"],
        rel=TOLERANCES["iterative"],
        floor=scale(studies),
        where=f"{case} tau2",
    )
