"""Leave-one-out, cumulative and influence analyses of the reference set, number by number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from kb.synthesis.effects import Effects
from kb.synthesis.estimates import Estimate
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.sensitivity.cumulative import cumulative
from kb.synthesis.sensitivity.influence import influence
from kb.synthesis.sensitivity.leave_one_out import leave_one_out
from tests.synthesis.reference import TOLERANCES, Case, cases, close, effects, scale

METHODS = ("EE", "DL", "REML")


def analysed(block: str) -> list[tuple[Case, str]]:
    return [(case, method) for case in cases() if block in case.blocks for method in METHODS]


def tolerance(method: str) -> float:
    return TOLERANCES["iterative" if method == "REML" else "closed form"]


def same_results(
    found: Sequence[tuple[Estimate, Heterogeneity]],
    block: dict[str, Any],
    studies: Effects,
    method: str,
    where: str,
) -> None:
    size = scale(studies)
    root = float(np.sqrt(size))
    floors = {
        "est": root,
        "se": root,
        "ci_lb": root,
        "ci_ub": root,
        "stat": 1.0,
        "Q": 1.0,
        "tau2": size,
        "I2": 100.0,
        "H2": 1.0,
    }
    numbers = {
        "est": [each.estimate for each, _ in found],
        "se": [each.se for each, _ in found],
        "ci_lb": [each.ci_low for each, _ in found],
        "ci_ub": [each.ci_high for each, _ in found],
        "stat": [each.statistic for each, _ in found],
        "Q": [each.q for _, each in found],
        "tau2": [each.tau2 for _, each in found],
        "I2": [each.i2 for _, each in found],
        "H2": [each.h2 for _, each in found],
    }
    for name, values in numbers.items():
        rel, floor = tolerance(method), floors[name]
        close(values, block[name], rel=rel, floor=floor, where=f"{where} {name}")
    for name, values in (
        ("pval", [each.p for each, _ in found]),
        ("Qp", [each.q_p for _, each in found]),
    ):
        close(values, block[name], rel=TOLERANCES["p-value"], where=f"{where} {name}")


@pytest.mark.parametrize(("case", "method"), analysed("leave1out"), ids=str)
def test_results_without_each_study_are_those_of_metafor(case: Case, method: str) -> None:
    studies, block = effects(case), case.block("leave1out", method)

    result = leave_one_out(studies, method=method)

    assert [row.label for row in result.studies] == list(studies.labels)
    found = [(row.estimate, row.heterogeneity) for row in result.studies]
    same_results(found, block, studies, method, f"{case} {method}")


@pytest.mark.parametrize(("case", "method"), analysed("cumul"), ids=str)
def test_results_as_studies_come_in_are_those_of_metafor(case: Case, method: str) -> None:
    studies, block = effects(case), case.block("cumul")
    by_year = block["order_by"].startswith("year")
    years = case.column("year")[studies.rows] if by_year else None

    result = cumulative(studies, years, method=method)

    order = [position - 1 for position in block["order"]]
    assert [step.label for step in result.steps] == [studies.labels[i] for i in order]
    assert [step.k for step in result.steps] == list(range(1, studies.k + 1))
    found = [(step.estimate, step.heterogeneity) for step in result.steps]
    same_results(found, block[method], studies, method, f"{case} {method}")


@pytest.mark.parametrize(("case", "method"), analysed("influence"), ids=str)
def test_influence_of_each_study_is_that_of_metafor(case: Case, method: str) -> None:
    studies, block = effects(case), case.block("influence", method)

    rows = influence(studies, method=method).studies

    assert [row.label for row in rows] == list(studies.labels)
    for name, attribute, floor in (
        ("rstudent", "rstudent", 1.0),
        ("dffits", "dffits", 1.0),
        ("cook_d", "cooks_distance", 1.0),
        ("cov_r", "covariance_ratio", 1.0),
        ("tau2_del", "tau2", scale(studies)),
        ("QE_del", "q", 1.0),
        ("hat", "hat", 1.0),
        ("weight_pct", "weight", 100.0),
        ("dfbetas", "dfbetas", 1.0),
    ):
        found, where = [getattr(row, attribute) for row in rows], f"{case} {method} {name}"
        close(found, block[name], rel=TOLERANCES["influence"], floor=floor, where=where)


@pytest.mark.parametrize(("case", "method"), analysed("influence"), ids=str)
def test_influential_studies_are_those_of_metafor(case: Case, method: str) -> None:
    rows = influence(effects(case), method=method).studies

    assert [row.is_influential for row in rows] == case.block("influence", method, "is_infl")
