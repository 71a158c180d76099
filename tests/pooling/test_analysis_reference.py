"""Every pooled analysis of the reference set, from its CSV file: the numbers of R's metafor."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kb.pooling.analysing.analysis import Analysis, analyse
from kb.pooling.evidence import Selection
from kb.pooling.options import PoolOptions
from kb.pooling.tables.table import read_table
from tests.synthesis.reference import (
    FOLDER,
    TOLERANCES,
    Case,
    cases,
    close,
    pooled_cases,
    scale,
)

ITERATIVE = {"ML", "REML", "EB", "PM", "PMM"}
METHODS = ("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM")
TABLES = [(case, measure) for case in pooled_cases() for measure in case.measures]
POOLED = [
    (case, measure, method)
    for case, measure in TABLES
    for method in METHODS
    if method in case.block("uni", measure)
]
READ = [
    (case, measure) for case, measure in TABLES if "backtransformed" in case.block("uni", measure)
]
COUNTED = [
    (case, measure)
    for case in cases()
    if "mh" in case.blocks and str(case) != "edge_no_events"
    for measure in case.block("mh")
]
GROUPED = [case for case in cases() if "subgroup" in case.blocks]
REGRESSED = [
    (case, moderators)
    for case in cases()
    if "metareg" in case.blocks
    for moderators in case.block("metareg")
]
CLUSTERED = [case for case in cases() if "mv" in case.blocks]


def table(case: Case) -> Path:
    return FOLDER / "data" / f"{case}.csv"


def options_of(case: Case, measure: str, **options: Any) -> PoolOptions:
    return PoolOptions.of(measure=None if case.kind == "gen" else measure, **options)


def pooled(case: Case, options: PoolOptions) -> tuple[Selection, Analysis]:
    selection, _ = read_table(table(case), options)
    return selection, analyse(selection, options)


def same(
    analysis: Analysis, names: dict[str, str], block: dict[str, Any], rel: float, where: str
) -> None:
    size = scale(analysis.effects)
    floors = {"tau2": size, "tau2_se": size, "tau2_low": size, "tau2_high": size}
    floors |= {"i2": 100.0, "h2": 1.0, "q": 1.0, "statistic": 1.0}
    for ours, theirs in names.items():
        precision = TOLERANCES["p-value"] if ours in {"p", "q_p"} else rel
        floor = 0.0 if ours in {"p", "q_p", "q_df"} else floors.get(ours, float(np.sqrt(size)))
        close(
            analysis.result[ours],
            block[theirs],
            rel=precision,
            floor=floor,
            where=f"{where} {ours}",
        )


ESTIMATE = {"estimate": "est", "se": "se", "ci_low": "ci_lb", "ci_high": "ci_ub"}
TESTED = {"statistic": "stat", "p": "pval"}
SPREAD = {"i2": "I2", "h2": "H2", "q": "QE", "q_p": "QEp"}
TAU2 = {"tau2": "tau2", "tau2_se": "se_tau2", "q_df": "QE_df"}


@pytest.mark.parametrize(("case", "measure", "method"), POOLED, ids=str)
def test_a_table_is_pooled_as_metafor_does(case: Case, measure: str, method: str) -> None:
    block = case.block("uni", measure, method)
    rel = TOLERANCES["iterative" if method in ITERATIVE else "closed form"]
    for test, tested in block["tests"].items():
        where = f"{case} {measure} {method} {test}"
        _, analysis = pooled(case, options_of(case, measure, method=method, test=test))
        assert analysis.result["k"] == block["k"]
        same(analysis, SPREAD | TAU2, block, rel, where)
        exists = tested["stat"] is not None and np.isfinite(tested["stat"])
        same(analysis, ESTIMATE | (TESTED if exists else {}), tested, rel, where)
        limits = {"pi_low": "pi_lb", "pi_high": "pi_ub"}
        if method == "EE" or block["k"] == 1:
            assert analysis.result["pi_low"] is analysis.result["pi_high"] is None
        else:
            same(analysis, limits, tested, rel, where)


@pytest.mark.parametrize(("case", "measure"), TABLES, ids=str)
def test_limits_of_tau2_are_those_of_metafor(case: Case, measure: str) -> None:
    block = case.block("uni", measure, "Qprofile")
    _, analysis = pooled(case, options_of(case, measure))
    if "error" in block:
        assert analysis.result["tau2_low"] is analysis.result["tau2_high"] is None
        return
    names = {"tau2_low": "tau2_lb", "tau2_high": "tau2_ub"}
    same(analysis, names, block, TOLERANCES["Q-profile"], f"{case} {measure}")


@pytest.mark.parametrize(("case", "measure"), READ, ids=str)
def test_the_readers_scale_is_that_of_metafor(case: Case, measure: str) -> None:
    block = case.block("uni", measure, "backtransformed")
    _, analysis = pooled(case, options_of(case, measure))
    for ours, theirs in (ESTIMATE | {"pi_low": "pi_lb", "pi_high": "pi_ub"}).items():
        if ours != "se" and analysis.back[ours] is not None:
            close(
                analysis.back[ours],
                block[theirs],
                rel=TOLERANCES["iterative"],
                floor=float(np.sqrt(scale(analysis.effects))),
                where=f"{case} {measure} {ours}",
            )


@pytest.mark.parametrize(("case", "measure"), COUNTED, ids=str)
def test_counts_are_pooled_as_metafor_does(case: Case, measure: str) -> None:
    block = case.block("mh", measure, "default")
    method = "PETO" if measure == "PETO" else "MH"
    _, analysis = pooled(case, PoolOptions.of(measure=measure, method=method))
    rel = TOLERANCES["closed form"]
    assert analysis.result["method"] == method
    same(analysis, ESTIMATE | TESTED | SPREAD, block, rel, f"{case} {measure}")


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
@pytest.mark.parametrize("case", GROUPED, ids=str)
def test_subgroups_are_those_of_metafor(case: Case, method: str) -> None:
    factor, rel = case.block("subgroup", "factor"), TOLERANCES["iterative"]
    _, analysis = pooled(case, options_of(case, case.primary, method=method, subgroup=factor))
    rows = {row.level: row for row in analysis.subgroups}
    assert list(rows) == case.block("subgroup", "levels")
    assert [row.k for row in rows.values()] == case.block("subgroup", "k")
    size = scale(analysis.effects)
    for level, block in case.block("subgroup", "per_level", method).items():
        where = f"{case} {method} {level}"
        if method == "EE":
            assert rows[level].tau2 is None, "a common effect has none; metafor says 0"
        else:
            close(rows[level].tau2, block["tau2"], rel=rel, floor=size, where=where)
        close(rows[level].i2, block["I2"], rel=rel, floor=100, where=where)
    between = case.block("subgroup", "between_separate_tau2", method)
    assert analysis.subgroup_test is not None
    assert analysis.subgroup_test.df1 == between["df"]
    close(analysis.subgroup_test.statistic, between["Q"], rel=rel, floor=1, where=f"{case} Q")
    close(analysis.subgroup_test.p, between["p"], rel=TOLERANCES["p-value"], where=f"{case} p")


@pytest.mark.parametrize(("case", "moderators"), REGRESSED, ids=str)
def test_regressions_are_those_of_metafor(case: Case, moderators: str) -> None:
    block, rel = case.block("metareg", moderators, "REML"), TOLERANCES["iterative"]
    names = moderators.split("+")
    _, analysis = pooled(case, options_of(case, case.primary, moderators=names))
    found = analysis.regression
    assert found is not None
    assert found.k == block["k"]
    size = scale(analysis.effects)
    close(found.tau2, block["tau2"], rel=rel, floor=size, where=f"{case} tau2")
    close(found.r2, block["R2"], rel=rel, floor=100, where=f"{case} R2")
    tested = block["tests"]["z"]
    for ours, theirs in (ESTIMATE | {"p": "pval"}).items():
        values = [getattr(each, ours) for each in found.coefficients]
        where = f"{case} {moderators} {ours}"
        close(values, tested[theirs], rel=1e-7, floor=float(np.sqrt(size)), where=where)


def clustered(case: Case, folder: Path) -> Path:
    """Return the table with the name that says which column the trials are in."""
    rows = table(case).read_text(encoding="utf-8").splitlines()
    header = rows[0].split(",")
    header[header.index(case.block("mv", "cluster"))] = "cluster"
    path = folder / "clustered.csv"
    path.write_text("\n".join([",".join(header), *rows[1:]]), encoding="utf-8")
    return path


@pytest.mark.parametrize(("model", "rho"), [("three_level", 0.0), ("che_rho0.6", 0.6)])
@pytest.mark.parametrize("case", CLUSTERED, ids=str)
def test_three_level_models_are_those_of_metafor(
    case: Case, model: str, rho: float, tmp_path: Path
) -> None:
    block, rel = case.block("mv", model), TOLERANCES["clustered"]
    options = PoolOptions.of(dependence="three-level", rho=rho)
    selection, _ = read_table(clustered(case, tmp_path), options)
    analysis = analyse(selection, options)
    same(analysis, ESTIMATE | TESTED, block["z"], rel, f"{case} {model}")
    same(analysis, {"q": "QE", "q_p": "QEp", "i2": "I2_total"}, block, rel, f"{case} {model}")
    size = scale(analysis.effects)
    for ours, theirs in (("between", "sigma2_between"), ("within", "sigma2_within")):
        where = f"{case} {model} {ours}"
        close(analysis.levels[ours], block[theirs], rel=rel, floor=size, where=where)


@pytest.mark.parametrize("case", CLUSTERED, ids=str)
def test_effects_of_a_trial_are_combined_as_in_metafor(case: Case, tmp_path: Path) -> None:
    block = case.block("mv", "aggregate_rho0.6")
    options = PoolOptions.of(dependence="aggregate", rho=0.6, method="EE")
    selection, _ = read_table(clustered(case, tmp_path), options)
    analysis = analyse(selection, options)
    yi, vi = np.array(block["yi"]), np.array(block["vi"])
    assert analysis.result["k"] == yi.size
    close(analysis.result["estimate"], (yi / vi).sum() / (1 / vi).sum(), rel=1e-10, where=str(case))
    close(analysis.result["se"], (1 / vi).sum() ** -0.5, rel=1e-10, where=str(case))
