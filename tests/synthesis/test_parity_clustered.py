"""Effects in clusters: every model of the reference set, number by number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from kb.synthesis.dependence.aggregate import aggregate
from kb.synthesis.dependence.multilevel import Multilevel, three_level
from kb.synthesis.dependence.robust import robust
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import Estimate
from tests.synthesis.reference import TOLERANCES, Case, cases, close, effects, numbers, scale

CLUSTERED = [case for case in cases() if "mv" in case.blocks]
RHO = {"three_level": 0.0, "three_level_metareg": 0.0, "che_rho0.6": 0.6}
MODELS = [(case, model) for case in CLUSTERED for model in RHO]
TESTS = {"z": "z", "t": "t", "t_contain": "contain"}
ROBUST = {"CR0_metafor": "CR0", "CR1_metafor": "CR1", "CR2_clubSandwich": "CR2"}
REL = TOLERANCES["clustered"]


def clusters(case: Case, studies: Effects) -> list[str | None]:
    names = case.words(case.block("mv", "cluster"))
    return [names[row] for row in studies.rows.tolist()]


def moderator(case: Case, name: str, studies: Effects) -> ArrayLike:
    if any(isinstance(row[name], str) for row in case.blocks["rows"]):
        return [case.words(name)[row] or "" for row in studies.rows.tolist()]
    return case.column(name)[studies.rows]


def fitted(case: Case, model: str, studies: Effects, test: str = "z") -> Multilevel:
    cluster = clusters(case, studies)
    moderators = case.block("mv", model).get("mods")
    if moderators is None:
        return three_level(studies, cluster, rho=RHO[model], test=test)
    table = {moderators: moderator(case, moderators, studies)}
    return three_level(studies, cluster, rho=RHO[model], moderators=table, test=test)


def same_coefficients(
    found: Sequence[Estimate], block: dict[str, Any], size: float, where: str
) -> None:
    root = float(np.sqrt(size))
    for name, values, floor in (
        ("est", [each.estimate for each in found], root),
        ("se", [each.se for each in found], root),
        ("ci_lb", [each.ci_low for each in found], root),
        ("ci_ub", [each.ci_high for each in found], root),
        ("stat", [each.statistic for each in found], 1.0),
    ):
        close(values, block[name], rel=REL, floor=floor, where=f"{where} {name}")
    p = [each.p for each in found]
    close(p, block["pval"], rel=TOLERANCES["p-value"], where=f"{where} pval")
    ddf = np.broadcast_to(np.atleast_1d(np.array(block["ddf"], dtype=float)), len(found))
    close(numbers([each.df for each in found]), ddf, rel=REL, where=f"{where} ddf")


@pytest.mark.parametrize(("case", "model"), MODELS, ids=str)
def test_variance_components_are_those_of_metafor(case: Case, model: str) -> None:
    studies, block = effects(case), case.block("mv", model)
    size = scale(studies)

    result = fitted(case, model, studies)

    levels, where = result.levels, f"{case} {model}"
    assert (result.k, result.n_clusters) == (block["k"], block["n_clusters"])
    for name, value, floor in (
        ("sigma2_between", levels.between, size),
        ("sigma2_within", levels.within, size),
        ("I2_total", levels.i2, 100.0),
        ("I2_between", levels.i2_between, 100.0),
        ("I2_within", levels.i2_within, 100.0),
        ("QE", levels.q, 1.0),
        ("logLik_REML", result.log_likelihood, 1.0),
    ):
        close(value, block[name], rel=REL, floor=floor, where=f"{where} {name}")
    close(levels.q_p, block["QEp"], rel=TOLERANCES["p-value"], where=f"{where} QEp")


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(("case", "model"), MODELS, ids=str)
def test_coefficients_and_tests_are_those_of_metafor(case: Case, model: str, test: str) -> None:
    studies = effects(case)
    result = fitted(case, model, studies, TESTS[test])
    block = case.block("mv", model, test)
    same_coefficients(result.coefficients, block, scale(studies), f"{case} {model} {test}")


@pytest.mark.parametrize("test", ROBUST)
@pytest.mark.parametrize(("case", "model"), MODELS, ids=str)
def test_robust_standard_errors_are_those_of_metafor_and_clubsandwich(
    case: Case, model: str, test: str
) -> None:
    studies = effects(case)
    result = robust(fitted(case, model, studies), kind=ROBUST[test])
    block = case.block("mv", model, test)
    same_coefficients(result.coefficients, block, scale(studies), f"{case} {model} {test}")


@pytest.mark.parametrize(("case", "model"), MODELS, ids=str)
def test_predictions_and_moderators_are_those_of_metafor(case: Case, model: str) -> None:
    studies, block = effects(case), case.block("mv", model)

    result = fitted(case, model, studies)

    where = f"{case} {model}"
    if "names" not in block:
        assert result.prediction is not None
        limits = [result.prediction.low, result.prediction.high]
        root = float(np.sqrt(scale(studies)))
        close(limits, [block["pi_lb"], block["pi_ub"]], rel=REL, floor=root, where=where)
        return
    assert result.prediction is None
    assert len(result.design.names) == len(block["names"])
    (moderator,) = result.coefficients[1:]  # QM of one moderator is its z squared
    close(moderator.statistic**2, block["QM"], rel=REL, floor=1, where=f"{where} QM")
    close(moderator.p, block["QMp"], rel=TOLERANCES["p-value"], where=f"{where} QMp")


@pytest.mark.parametrize("case", CLUSTERED, ids=str)
def test_aggregated_effects_are_those_of_metafor(case: Case) -> None:
    studies, block = effects(case), case.block("mv", "aggregate_rho0.6")

    result = aggregate(studies, clusters(case, studies), rho=0.6)

    assert list(result.labels) == block["cluster"]
    rel = TOLERANCES["closed form"]
    close(result.yi, block["yi"], rel=rel, floor=result.sei, where=f"{case} yi")
    close(result.vi, block["vi"], rel=rel, where=f"{case} vi")
