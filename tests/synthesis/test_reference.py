import csv
import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kb.synthesis.measures import MEASURES
from tests.synthesis.reference import (
    FOLDER,
    Case,
    case,
    cases,
    close,
    effects,
    meta,
    numbers,
    pooled_cases,
    refusals,
    scale,
)

METHODS = ("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM")
METHODS_BRIEF = ("EE", "DL", "REML")
METHODS_REGRESSION = ("EE", "DL", "HE", "SJ", "ML", "REML", "EB", "PM")
TESTS = ("z", "t", "knha", "adhoc")
HETEROGENEITY = ("k", "tau2", "se_tau2", "I2", "H2", "QE", "QE_df", "QEp")
LIKELIHOOD = ("logLik_ML", "logLik_REML", "AIC", "BIC", "AICc")
ESTIMATE = ("est", "se", "stat", "pval", "ci_lb", "ci_ub", "ddf")
PREDICTION = ("pi_lb", "pi_ub", "pi_riley_lb", "pi_riley_ub")
EXCLUSION = ("est", "se", "stat", "pval", "ci_lb", "ci_ub", "Q", "Qp", "tau2", "I2", "H2")
INFLUENCE = (
    *("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight_pct"),
    *("dfbetas", "is_infl"),
)
REGRESSION_TESTS = (
    *(f"rma_{method}_{predictor}" for method in METHODS_BRIEF for predictor in ("sei", "vi")),
    *("rma_REML_sei_knha", "lm_sei_egger"),
)
REGRESSION_TESTS_OF_SIZE = ("rma_REML_ni", "rma_REML_ninv", "rma_REML_sqrtni", "rma_REML_sqrtninv")
TRIM_AND_FILL = tuple(f"{method}_{kind}" for method in METHODS_BRIEF for kind in ("L0", "R0", "Q0"))
CLUSTERED_TESTS = ("z", "t", "t_contain", "CR0_metafor", "CR1_metafor", "CR2_clubSandwich")

KINDS = {
    "colditz1994": "2x2",
    "nielweise2007": "2x2",
    "hine1989": "2x2",
    "normand1999": "means",
    "gibson2002": "means",
    "made_change": "change",
    "hart1999": "rates",
    "nielweise2008": "rates",
    "debruin2009": "prop",
    "molloy2014": "corr",
    "raudenbush1985": "gen",
    "konstantopoulos2011": "gen",
    "berkey1998": "gen",
    "edge_zero_cells": "2x2",
    "edge_no_events": "2x2",
    "edge_missing_counts": "2x2",
    "edge_zero_rates": "rates",
    "edge_proportion_bounds": "prop",
    "edge_k1": "gen",
    "edge_k2": "gen",
    "edge_identical": "gen",
    "edge_two_maxima": "gen",
    "edge_wide_variances": "gen",
    "edge_tiny_scale": "gen",
    "edge_missing_effects": "gen",
    "made_survival": "times",
}
MEASURES_OF_KIND = {
    "2x2": ["OR", "RR", "RD", "PETO", "AS"],
    "means": ["MD", "SMD", "SMDH", "ROM"],
    "change": ["MC", "SMCC", "SMCR"],
    "rates": ["IRR", "IRD"],
    "prop": ["PR", "PLO", "PAS", "PFT"],
    "corr": ["ZCOR"],
    "gen": ["GEN"],
}
VARIANTS_OF_KIND = {
    "2x2": {
        *(f"{measure}:to=all" for measure in ("OR", "RR", "RD")),
        *(f"{measure}:to=none" for measure in ("OR", "RR", "RD")),
        *(f"{measure}:to=if0all" for measure in ("OR", "RR", "RD", "PETO", "AS")),
        *(f"{measure}:drop00" for measure in ("OR", "RR", "RD", "PETO", "AS")),
    },
    "means": {"SMD:vtype=UB", "MD:vtype=HO"},
    "change": set(),
    "rates": {"IRR:to=all", "IRD:to=all", "IRR:drop00", "IRD:drop00"},
    "prop": {"PR:to=all", "PLO:to=all"},
    "corr": set(),
}
CORRECTIONS = ("add_half_only0", "drop00_false", "drop00_both")
POOLED_COUNTS = {
    "2x2": {
        "OR": {"default", "correct_false", *CORRECTIONS},
        "RR": {"default", *CORRECTIONS},
        "RD": {"default", *CORRECTIONS},
        "PETO": {"default"},
    },
    "rates": {"IRR": {"default", "correct_false"}, "IRD": {"default"}},
}
SUBGROUPS = {
    "colditz1994": "alloc",
    "hart1999": "prevention",
    "debruin2009": "patients",
    "molloy2014": "design",
    "raudenbush1985": "setting",
    "berkey1998": "outcome",
    "edge_missing_effects": "arm",
}
MODERATORS = {
    "colditz1994": {"ablat", "alloc", "ablat+alloc"},
    "debruin2009": {"scq", "scq+patients"},
    "molloy2014": {"meanage", "design+quality"},
    "raudenbush1985": {"weeks", "weeks+tester"},
    "berkey1998": {"outcome"},
    "edge_missing_effects": {"dose"},
}
WEIGHTS = {"colditz1994": "ablat", "normand1999": "n1i", "raudenbush1985": "ni"}
CLUSTERS = {"konstantopoulos2011": "district", "berkey1998": "trial"}

TRIM_AND_FILL_BY_Q0 = {
    ("gibson2002", "trimfill", "EE_Q0"),
    ("gibson2002", "trimfill", "DL_Q0"),
    ("berkey1998", "trimfill", "EE_Q0"),
    ("edge_proportion_bounds", "trimfill", "EE_Q0"),
    *(("edge_missing_effects", "trimfill", f"{method}_Q0") for method in METHODS_BRIEF),
}
NO_EVENTS = {
    *(("edge_no_events", "mh", measure, "drop00_both") for measure in ("OR", "RR", "RD")),
    ("edge_no_events", "mh", "PETO", "default"),
}
TOO_SMALL_TO_INVERT = {
    *(("nielweise2008", "regtest", f"rma_{method}_vi") for method in METHODS_BRIEF),
    *(("edge_tiny_scale", "regtest", name) for name in REGRESSION_TESTS if name.startswith("rma")),
    *(("edge_tiny_scale", "trimfill", name) for name in TRIM_AND_FILL),
}
NOTHING_TO_ANALYSE = {
    ("edge_k1", "uni", "GEN", "Qprofile"),
    *(("edge_identical", "trimfill", name) for name in TRIM_AND_FILL),
}
REFUSED = TRIM_AND_FILL_BY_Q0 | NO_EVENTS | TOO_SMALL_TO_INVERT | NOTHING_TO_ANALYSE

REMADE = ("colditz1994", "berkey1998", "made_survival")

every_pooled_case = pytest.mark.parametrize("case", pooled_cases(), ids=str)


def expected_tests(method: str, *, primary: bool) -> tuple[str, ...]:
    if method == "EE":
        return ("z", "t")
    return TESTS if primary else ("z", "knha")


def used(case: Case) -> int:
    return len(case.block("rows_used"))


def test_every_case_of_every_kind_is_there() -> None:
    assert {each.name: each.kind for each in cases()} == KINDS


def test_every_measure_is_covered() -> None:
    covered = {measure for each in cases() for measure in each.measures}

    assert covered == set(MEASURES) - {"HR"}


def test_metafor_refuses_these_analyses_and_no_others() -> None:
    assert {(each.name, *path) for each in cases() for path in refusals(each.blocks)} == REFUSED


@pytest.mark.parametrize("case", cases(), ids=str)
def test_the_rows_are_those_of_the_table(case: Case) -> None:
    with (FOLDER / "data" / f"{case.name}.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))

    assert len(table) == len(case.block("rows")) == case.block("k")
    for written, row in zip(table, case.block("rows"), strict=True):
        assert set(written) == set(row)
        for name, text in written.items():
            value = row[name]
            read = float(text) if text and isinstance(value, int | float) else text or None
            assert value == read, f"{row}: {name}"


def test_every_table_is_used_and_its_source_is_named() -> None:
    tables = {path.stem for path in (FOLDER / "data").glob("*.csv")}
    sources = (FOLDER / "data" / "SOURCES.md").read_text(encoding="utf-8")

    assert tables == set(KINDS)
    assert [name for name in tables if f"`{name}.csv`" not in sources] == []


@every_pooled_case
def test_every_measure_and_option_has_effect_sizes(case: Case) -> None:
    assert case.measures == MEASURES_OF_KIND[case.kind]
    if case.kind != "gen":
        variants = VARIANTS_OF_KIND[case.kind]
        assert set(case.block("escalc")) == {*case.measures, *variants}


@every_pooled_case
def test_every_method_and_test_is_there_for_every_measure(case: Case) -> None:
    assert set(case.block("uni")) == set(case.measures)
    for measure in case.measures:
        block = case.block("uni", measure)
        primary = measure == case.primary
        wanted = METHODS if primary else METHODS_BRIEF
        assert set(block) - {"Qprofile", "backtransformed"} == set(wanted)
        assert "Qprofile" in block
        for method in wanted:
            assert {*HETEROGENEITY, *LIKELIHOOD} <= set(block[method])
            tests = block[method]["tests"]
            assert tuple(tests) == expected_tests(method, primary=primary)
            for test in tests.values():
                assert set(ESTIMATE) <= set(test)
                assert method == "EE" or set(PREDICTION) <= set(test)


@every_pooled_case
def test_a_measure_with_a_scale_of_its_own_is_turned_back(case: Case) -> None:
    turned_back = {
        measure for measure in case.measures if "backtransformed" in case.block("uni", measure)
    }

    assert turned_back == {
        code
        for code in case.measures
        if MEASURES[code].reported != MEASURES[code].name and code != "PR"
    } | ({"PFT"} & set(case.measures))


@every_pooled_case
def test_counts_and_rates_are_pooled_by_mantel_haenszel_and_peto(case: Case) -> None:
    wanted = POOLED_COUNTS.get(case.kind)

    assert ("mh" in case.blocks) == (wanted is not None)
    if wanted is not None:
        assert {measure: set(runs) for measure, runs in case.block("mh").items()} == wanted


@every_pooled_case
def test_sensitivity_and_small_study_analyses_are_there_from_three_studies(case: Case) -> None:
    names = {"leave1out", "influence", "regtest", "ranktest", "trimfill", "fsn"}

    assert names & set(case.blocks) == (names if used(case) >= 3 else set())
    if used(case) < 3:
        return
    for method in METHODS_BRIEF:
        assert set(case.block("leave1out", method)) == set(EXCLUSION)
        assert set(case.block("influence", method)) == set(INFLUENCE)
    sized = case.kind in {"2x2", "means", "change", "prop", "corr"} or "ni" in case.block("rows")[0]
    of_size = REGRESSION_TESTS_OF_SIZE if sized else ()
    assert set(case.block("regtest")) == {*REGRESSION_TESTS, *of_size}
    assert set(case.block("trimfill")) == set(TRIM_AND_FILL)
    assert set(case.block("ranktest")) == {"exact_where_possible", "asymptotic"}
    assert set(case.block("fsn")) == {"Rosenthal", "Orwin", "Rosenberg"}


@every_pooled_case
def test_cumulative_analyses_are_there_from_two_studies(case: Case) -> None:
    assert ("cumul" in case.blocks) == (used(case) >= 2)
    if used(case) >= 2:
        assert set(case.block("cumul")) == {"order_by", "order", *METHODS_BRIEF}
        for method in METHODS_BRIEF:
            assert set(case.block("cumul", method)) == set(EXCLUSION)


@every_pooled_case
def test_weights_of_ones_own_are_there(case: Case) -> None:
    assert "unweighted_REML" in case.blocks
    assert ("weights" in case.blocks) == (case.name in WEIGHTS)
    if case.name in WEIGHTS:
        assert set(case.block("weights")) == {"column", *METHODS_BRIEF}
        assert case.block("weights", "column") == WEIGHTS[case.name]


@every_pooled_case
def test_moderators_are_there(case: Case) -> None:
    assert ("subgroup" in case.blocks) == (case.name in SUBGROUPS)
    if case.name in SUBGROUPS:
        assert case.block("subgroup", "factor") == SUBGROUPS[case.name]
        for name in ("per_level", "between_separate_tau2", "between_common_tau2"):
            assert set(case.block("subgroup", name)) == set(METHODS_BRIEF)
    assert set(case.blocks.get("metareg", {})) == MODERATORS.get(case.name, set())
    for model in case.blocks.get("metareg", {}).values():
        assert set(model) == {"coding", "k", "names", *METHODS_REGRESSION}


@every_pooled_case
def test_clusters_are_there(case: Case) -> None:
    assert ("mv" in case.blocks) == (case.name in CLUSTERS)
    if case.name not in CLUSTERS:
        return
    models = {"three_level", "three_level_metareg", "che_rho0.6"}
    assert set(case.block("mv")) == {"cluster", "aggregate_rho0.6", *models}
    assert case.block("mv", "cluster") == CLUSTERS[case.name]
    for model in models:
        assert set(CLUSTERED_TESTS) <= set(case.block("mv", model))


def test_survival_is_there() -> None:
    block = case("made_survival").block("survival")

    assert set(block) == {"cox_efron", "logrank"}


@pytest.mark.parametrize(
    ("case", "measure"),
    [(case, measure) for case in pooled_cases() for measure in case.measures],
    ids=str,
)
def test_the_effects_of_a_measure_are_those_that_were_pooled(case: Case, measure: str) -> None:
    assert effects(case, measure).k == case.block("uni", measure, "EE", "k")
    if measure == case.primary:
        assert (effects(case).rows + 1).tolist() == case.block("rows_used")


def test_the_scale_is_the_larger_of_the_two_variances() -> None:
    assert scale(effects(case("edge_k1"))) == 0.031
    assert scale(effects(case("edge_k2"))) == pytest.approx((0.35 + 0.12) ** 2 / 2)
    assert scale(effects(case("edge_identical"))) == pytest.approx(0.29 / 3)


def test_infinite_values_and_missing_ones_are_read_as_such() -> None:
    knapp_hartung = case("edge_identical").block("uni", "GEN", "REML", "tests", "knha")

    assert knapp_hartung["stat"] == math.inf
    assert case("edge_missing_effects").words("yi")[1] is None
    assert math.isnan(case("edge_missing_effects").column("yi")[1])


def test_numbers_agree_within_the_share_allowed_or_below_the_floor() -> None:
    close(1.0 + 1e-10, 1.0, rel=1e-9)
    close(1e-12, 0.0, rel=1e-9, floor=1.0)
    close([1.0, math.inf, math.nan], [1.0, math.inf, None], rel=0.0)
    close(None, None, rel=0.0)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1.0 + 1e-8, 1.0),
        (1e-12, 0.0),
        (math.inf, 1.0),
        (1.0, math.inf),
        (-math.inf, math.inf),
        (None, 0.0),
        (0.0, None),
        ([1.0, 2.0], [1.0]),
    ],
)
def test_numbers_that_differ_are_told(actual: Any, expected: Any) -> None:
    with pytest.raises(AssertionError, match="the estimate"):
        close(actual, expected, rel=1e-9, where="the estimate")


def test_a_difference_is_told_with_both_numbers_and_its_place() -> None:
    with pytest.raises(AssertionError) as told:
        close([1.0, 2.5], [1.0, 2.0], rel=1e-9, where="RR REML est")

    assert str(told.value).startswith("RR REML est: 1 of 2 differ\n  [1] ")
    assert "off by 0.5 where 2e-09 is allowed" in str(told.value)


def test_remaking_the_reference_gives_the_same_numbers(tmp_path: Path) -> None:
    made_with = {name: meta()[name] for name in ("metafor", "clubSandwich", "survival")}
    rscript = shutil.which("Rscript")
    if rscript is None or versions_of(rscript, list(made_with)) != made_with:
        pytest.skip(
            "R is no requirement of this project: the reference is remade only where Rscript has "
            + ", ".join(f"{name} {version}" for name, version in made_with.items())
        )
    remade = tmp_path / "reference.json"

    command = [rscript, str(FOLDER / "make_reference.R"), str(remade), *REMADE]
    subprocess.run(command, check=True)

    made = json.loads(remade.read_text(encoding="utf-8"))["cases"]
    kept = json.loads((FOLDER / "reference.json").read_text(encoding="utf-8"))["cases"]
    assert tuple(made) == REMADE
    for name in REMADE:
        assert_same(made[name], kept[name], name)


def versions_of(rscript: str, packages: list[str]) -> dict[str, str]:
    """Return the versions of R packages, none if one of them is missing."""
    script = (
        f"for (p in c({', '.join(map(repr, packages))})) cat(p, format(packageVersion(p)), '\\n')"
    )
    answer = subprocess.run([rscript, "-e", script], capture_output=True, text=True, check=False)
    lines = (line.split() for line in answer.stdout.splitlines())
    return dict(lines) if answer.returncode == 0 else {}


def assert_same(made: Any, kept: Any, where: str) -> None:
    if isinstance(kept, dict):
        assert list(made) == list(kept), where
        for key in kept:
            assert_same(made[key], kept[key], f"{where}/{key}")
    elif isinstance(kept, list):
        assert len(made) == len(kept), where
        for i, (one, other) in enumerate(zip(made, kept, strict=True)):
            assert_same(one, other, f"{where}[{i}]")
    elif isinstance(kept, float) and isinstance(made, int | float):
        close(numbers([made]), [kept], rel=1e-10, floor=1e-2, where=where)
    else:
        assert made == kept, where
