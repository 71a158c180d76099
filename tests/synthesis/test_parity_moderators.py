"""Every subgroup analysis and meta-regression of the reference set, number by number."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from kb.synthesis.effects import Effects
from kb.synthesis.metaregression import Omnibus, Regression, regress
from kb.synthesis.subgroups import subgroup_analysis
from tests.synthesis.reference import TOLERANCES, Case, cases, close, effects, scale

ITERATIVE = {"ML", "REML", "EB", "PM"}
REGRESSIONS = [
    (case, moderators, method)
    for case in cases()
    for moderators, block in case.blocks.get("metareg", {}).items()
    for method, results in block.items()
    if isinstance(results, dict)
]
SUBGROUPS = [
    (case, method)
    for case in cases()
    if "subgroup" in case.blocks
    for method in case.block("subgroup", "per_level")
]


def tolerance(method: str) -> float:
    return TOLERANCES["iterative" if method in ITERATIVE else "closed form"]


def values(case: Case, name: str, studies: Effects) -> ArrayLike:
    rows = [case.blocks["rows"][row] for row in studies.rows.tolist()]
    if any(isinstance(row[name], str) for row in rows):
        words = case.words(name)
        return [words[row] or "" for row in studies.rows.tolist()]
    return case.column(name)[studies.rows]


def same_omnibus(found: Omnibus | None, block: dict[str, Any], rel: float, where: str) -> None:
    assert found is not None
    close(found.statistic, block["QM"], rel=rel, floor=1, where=f"{where} QM")
    assert (found.df1, found.df2) == (block["QM_df1"], block["QM_df2"])
    close(found.p, block["QMp"], rel=TOLERANCES["p-value"], where=f"{where} QMp")


def same_residual(
    result: Regression, block: dict[str, Any], size: float, rel: float, where: str
) -> None:
    found = result.heterogeneity
    numbers: list[tuple[str, float | None, float]] = [
        ("tau2", found.tau2, size),
        ("se_tau2", found.tau2_se, size),
        ("I2", found.i2, 100),
        ("H2", found.h2, 1),
        ("QE", found.q, 1),
        ("R2", result.r2, 1),
    ]
    for name, value, floor in numbers:
        close(value, block[name], rel=rel, floor=floor, where=f"{where} {name}")
    assert found.q_df == block["QE_df"]
    close(found.q_p, block["QEp"], rel=TOLERANCES["p-value"], where=f"{where} QEp")


@pytest.mark.parametrize(("case", "moderators", "method"), REGRESSIONS, ids=str)
def test_regressions_are_those_of_metafor(case: Case, moderators: str, method: str) -> None:
    studies, block = effects(case), case.block("metareg", moderators, method)
    table = {name: values(case, name, studies) for name in moderators.split("+")}
    rel = tolerance(method)
    for test, expected in block["tests"].items():
        result = regress(studies, table, method=method, test=test)
        where = f"{case} {moderators} {method} {test}"
        size = scale(result.effects)
        assert result.k == block["k"]
        assert len(result.coefficients) == block["p"]
        same_residual(result, block, size, rel, where)
        for name, attribute in (
            ("est", "estimate"),
            ("se", "se"),
            ("ci_lb", "ci_low"),
            ("ci_ub", "ci_high"),
        ):
            found = [getattr(each, attribute) for each in result.coefficients]
            floor = float(np.sqrt(size))
            close(found, expected[name], rel=rel, floor=floor, where=f"{where} {name}")
        p = [each.p for each in result.coefficients]
        close(p, expected["pval"], rel=TOLERANCES["p-value"], where=f"{where} pval")
        for each in result.coefficients:
            close(each.df, expected["ddf"], rel=0, where=f"{where} ddf")
        same_omnibus(result.omnibus, expected, rel, where)


@pytest.mark.parametrize(("case", "method"), SUBGROUPS, ids=str)
def test_subgroups_of_their_own_tau2_are_those_of_metafor(case: Case, method: str) -> None:
    studies, block = effects(case), case.block("subgroup")
    kinds = [case.words(block["factor"])[row] for row in studies.rows.tolist()]
    result = subgroup_analysis(studies, kinds, method=method)
    rel, size = tolerance(method), scale(studies)

    assert [each.level for each in result.subgroups] == block["levels"]
    assert [each.k for each in result.subgroups] == block["k"]
    for each in result.subgroups:
        expected = block["per_level"][method][each.level]
        where = f"{case} {method} {each.level}"
        assert each.heterogeneity is not None
        close(each.heterogeneity.tau2, expected["tau2"], rel=rel, floor=size, where=where)
        close(each.heterogeneity.q, expected["QE"], rel=rel, floor=1, where=where)
        limits = [each.estimate.estimate, each.estimate.ci_low, each.estimate.ci_high]
        metafors = [expected["tests"]["z"][name] for name in ("est", "ci_lb", "ci_ub")]
        close(limits, metafors, rel=rel, floor=float(np.sqrt(size)), where=where)
    between = block["between_separate_tau2"][method]
    close(result.between.statistic, between["Q"], rel=rel, floor=1, where=f"{case} Q")
    close(result.between.p, between["p"], rel=TOLERANCES["p-value"], where=f"{case} p")
    assert result.between.df1 == between["df"]


@pytest.mark.parametrize(("case", "method"), SUBGROUPS, ids=str)
def test_subgroups_of_a_common_tau2_are_those_of_metafor(case: Case, method: str) -> None:
    studies, block = effects(case), case.block("subgroup")
    kinds = [case.words(block["factor"])[row] for row in studies.rows.tolist()]
    result = subgroup_analysis(studies, kinds, method=method, common_tau2=True)
    expected = block["between_common_tau2"][method]
    rel, size = tolerance(method), scale(studies)

    for name, attribute in (
        ("level_est", "estimate"),
        ("level_se", "se"),
        ("level_ci_lb", "ci_low"),
        ("level_ci_ub", "ci_high"),
    ):
        found = [getattr(each.estimate, attribute) for each in result.subgroups]
        where = f"{case} {method} {name}"
        close(found, expected[name], rel=rel, floor=float(np.sqrt(size)), where=where)
    assert result.residual is not None
    close(result.residual.tau2, expected["tau2"], rel=rel, floor=size, where=f"{case} tau2")
    close(result.residual.q, expected["QE"], rel=rel, floor=1, where=f"{case} QE")
    close(result.between.statistic, expected["Q"], rel=rel, floor=1, where=f"{case} Q")
    close(result.between.p, expected["p"], rel=TOLERANCES["p-value"], where=f"{case} p")
