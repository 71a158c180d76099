"""The survival times of the reference set, and whether every block of it has a parity test."""

import ast
from pathlib import Path

import pytest

from kb.synthesis.cox import cox, log_rank
from tests.synthesis.reference import TOLERANCES, Case, cases, close

TABLE = {"dataset", "kind", "k", "primary", "measures", "inputs", "rows", "rows_used"}
TRIALS = [case for case in cases() if "survival" in case.blocks]


@pytest.mark.parametrize("case", TRIALS, ids=str)
def test_log_hazard_ratios_are_those_of_coxph(case: Case) -> None:
    block = case.block("survival", "cox_efron")

    result = cox(case.column("time"), case.column("event"), case.column("group"))

    rel = TOLERANCES["iterative"]
    close(result.log_hazard_ratio, block["est"], rel=rel, floor=block["se"], where=f"{case} est")
    close(result.se, block["se"], rel=rel, where=f"{case} se")
    ratio = 2 * (block["loglik"] - block["loglik_null"])
    close(result.likelihood_ratio.statistic, ratio, rel=rel, floor=1, where=f"{case} LR")


@pytest.mark.parametrize("case", TRIALS, ids=str)
def test_log_rank_tests_are_those_of_survdiff(case: Case) -> None:
    block = case.block("survival", "logrank")
    columns = (case.column("time"), case.column("event"), case.column("group"))

    result = log_rank(*columns)

    rel = TOLERANCES["closed form"]
    close(result.o_minus_e, block["o_minus_e"], rel=rel, floor=1, where=f"{case} O - E")
    close(result.v, block["v"], rel=rel, where=f"{case} V")
    assert result.test is not None
    close(result.test.statistic, block["chisq"], rel=rel, floor=1, where=f"{case} chisq")
    close(result.test.p, block["p"], rel=TOLERANCES["p-value"], where=f"{case} p")
    trial = cox(*columns)
    assert trial.log_rank == result
    assert trial.treated.events == block["observed"]
    expected = trial.treated.events - result.o_minus_e
    close(expected, block["expected"], rel=rel, where=f"{case} expected")


def blocks() -> set[str]:
    parts = {
        name
        for each in cases()
        for measure in each.measures
        for name, part in each.block("uni", measure).items()
        if "tests" not in part
    }
    return (parts | {name for each in cases() for name in each.blocks}) - TABLE


def words(source: str) -> set[str]:
    nodes = ast.walk(ast.parse(source))
    return {
        each.value for each in nodes if isinstance(each, ast.Constant) and type(each.value) is str
    }


def test_every_block_has_a_parity_test() -> None:
    paths = Path(__file__).parent.glob("test_parity_*.py")
    named = set[str]().union(*(words(path.read_text(encoding="utf-8")) for path in paths))

    assert len(blocks()) > 15
    assert blocks() - named == set()
