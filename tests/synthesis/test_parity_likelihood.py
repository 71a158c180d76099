"""What else is told of every model of the reference set: likelihoods, and the reader's scale."""

import math
from typing import Any

import pytest
from numpy.typing import ArrayLike

from kb.synthesis.back import back_transform
from kb.synthesis.effects import Effects
from kb.synthesis.likelihood import fit_statistics
from kb.synthesis.metaregression import Regression, regress
from kb.synthesis.options import METHODS
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool
from tests.synthesis.reference import TOLERANCES, Case, case, cases, close, effects, pooled_cases

ITERATIVE = {"ML", "REML", "EB", "PM", "PMM"}
POOLED = [
    (case, measure, method)
    for case in pooled_cases()
    for measure in case.measures
    for method in METHODS
    if method in case.block("uni", measure) and (case.name, method) != ("edge_k1", "REML")
]
TURNED_BACK = [
    (case, measure)
    for case in pooled_cases()
    for measure in case.measures
    if "backtransformed" in case.block("uni", measure)
]
REGRESSIONS = [
    (case, moderators, method)
    for case in cases()
    for moderators, block in case.blocks.get("metareg", {}).items()
    for method in METHODS
    if method in block
]


def moderator(case: Case, name: str, studies: Effects) -> ArrayLike:
    if any(isinstance(row[name], str) for row in case.blocks["rows"]):
        return [case.words(name)[row] or "" for row in studies.rows.tolist()]
    return case.column(name)[studies.rows]


def same_likelihoods(
    result: Pooled | Regression, block: dict[str, Any], method: str, where: str
) -> None:
    rel = TOLERANCES["iterative" if method in ITERATIVE else "closed form"]
    own, full, restricted = (
        fit_statistics(result, restricted=which) for which in (None, False, True)
    )
    assert own.restricted == (method == "REML")
    for name, value in (
        ("logLik_ML", full.log_likelihood),
        ("logLik_REML", restricted.log_likelihood),
        ("AIC", own.aic),
        ("BIC", own.bic),
        ("AICc", own.aicc),
    ):
        close(value, block[name], rel=rel, floor=1, where=f"{where} {name}")


def test_one_study_has_no_restricted_bic_where_metafor_has_minus_infinity() -> None:
    alone = case("edge_k1")
    block = alone.block("uni", "GEN", "REML")

    found = fit_statistics(pool(effects(alone)))

    assert block["BIC"] == -math.inf  # the logarithm of no residual degrees of freedom
    assert found.bic is None
    for name, value in (("logLik_REML", found.log_likelihood), ("AIC", found.aic)):
        close(value, block[name], rel=TOLERANCES["iterative"], floor=1, where=name)


@pytest.mark.parametrize(("case", "measure", "method"), POOLED, ids=str)
def test_likelihoods_of_pooled_effects_are_those_of_metafor(
    case: Case, measure: str, method: str
) -> None:
    result = pool(effects(case, measure), method=method)
    block = case.block("uni", measure, method)
    same_likelihoods(result, block, method, f"{case} {measure} {method}")


@pytest.mark.parametrize(("case", "moderators", "method"), REGRESSIONS, ids=str)
def test_likelihoods_of_regressions_are_those_of_metafor(
    case: Case, moderators: str, method: str
) -> None:
    studies = effects(case)
    table = {name: moderator(case, name, studies) for name in moderators.split("+")}
    result = regress(studies, table, method=method)
    block = case.block("metareg", moderators, method)
    same_likelihoods(result, block, method, f"{case} {moderators} {method}")


@pytest.mark.parametrize(("case", "measure"), TURNED_BACK, ids=str)
def test_results_on_the_scale_of_the_reader_are_those_of_metafor(case: Case, measure: str) -> None:
    studies, block = effects(case, measure), case.block("uni", measure, "backtransformed")
    result = pool(studies, method=block["method"], test=block["test"])
    assert result.prediction is not None
    found = {
        "est": result.estimate.estimate,
        "ci_lb": result.estimate.ci_low,
        "ci_ub": result.estimate.ci_high,
        "pi_lb": result.prediction.low,
        "pi_ub": result.prediction.high,
    }
    values = back_transform(studies.measure, list(found.values()), studies.ni)
    expected = [block[name] for name in found]
    close(values, expected, rel=TOLERANCES["iterative"], where=f"{case} {measure}")
