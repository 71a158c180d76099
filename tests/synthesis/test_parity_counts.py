"""Mantel-Haenszel's and Peto's methods on every table of counts of the reference set."""

from collections.abc import Callable
from typing import Any

import pytest

from kb.synthesis import mantel_haenszel, peto
from kb.synthesis.errors import SynthesisError, TooFewStudies
from kb.synthesis.estimates import Estimate
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.mantel_haenszel import MantelHaenszel
from tests.synthesis.reference import TOLERANCES, Case, case, cases, close

POOLED: dict[str, Callable[..., MantelHaenszel]] = {
    "OR": mantel_haenszel.odds_ratio,
    "RR": mantel_haenszel.risk_ratio,
    "RD": mantel_haenszel.risk_difference,
    "IRR": mantel_haenszel.rate_ratio,
    "IRD": mantel_haenszel.rate_difference,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "correct_false": {"correct": False},
    "add_half_only0": {"add": (0.5, 0.5), "to": ("only0", "only0")},
    "drop00_false": {"drop00": (False, False)},
    "drop00_both": {"drop00": (True, True)},
}
COUNTED = [case for case in cases() if "mh" in case.blocks]
ANALYSES = [
    (case, measure, variant)
    for case in COUNTED
    for measure in POOLED
    for variant in case.block("mh").get(measure, ())
]
WITHOUT_EVENTS = [
    (case("edge_no_events"), measure, variant)
    for measure, variant in (
        ("OR", "default"),
        ("OR", "correct_false"),
        ("OR", "drop00_false"),
        ("RR", "default"),
        ("RR", "drop00_false"),
        ("RD", "default"),
        ("RD", "drop00_false"),
    )
]
REFUSED = [(case("edge_no_events"), measure, "drop00_both") for measure in ("OR", "RR", "RD")]
POOLINGS = [each for each in ANALYSES if each not in [*WITHOUT_EVENTS, *REFUSED]]
BY_PETO = [case for case in COUNTED if case.kind == "2x2" and case.name != "edge_no_events"]
TESTED_WITH = {"OR": "OR", "RR": "OR", "RD": "OR", "IRR": "IRR", "IRD": "IRR"}
TESTS = {"CO": "cochran", "MH": "mantel_haenszel", "BD": "breslow_day", "TA": "tarone"}
REL = TOLERANCES["closed form"]


def table(case: Case) -> list[Any]:
    return [*case.inputs.values(), case.labels]


def same_estimate(found: Estimate, block: dict[str, Any], where: str) -> None:
    for name, value, floor in (
        ("est", found.estimate, found.se),
        ("se", found.se, 0.0),
        ("ci_lb", found.ci_low, found.se),
        ("ci_ub", found.ci_high, found.se),
        ("stat", found.statistic, 1.0),
    ):
        close(value, block[name], rel=REL, floor=floor, where=f"{where} {name}")
    close(found.p, block["pval"], rel=TOLERANCES["p-value"], where=f"{where} pval")


def same_heterogeneity(found: Heterogeneity, block: dict[str, Any], where: str) -> None:
    for name, value, floor in (
        ("QE", found.q, 1.0),
        ("I2", found.i2, 100.0),
        ("H2", found.h2, 1.0),
    ):
        close(value, block[name], rel=REL, floor=floor, where=f"{where} {name}")
    close(found.q_p, block["QEp"], rel=TOLERANCES["p-value"], where=f"{where} QEp")


@pytest.mark.parametrize(("case", "measure", "variant"), POOLINGS, ids=str)
def test_mantel_haenszel_effects_are_those_of_metafor(
    case: Case, measure: str, variant: str
) -> None:
    block, where = case.block("mh", measure, variant), f"{case} {measure} {variant}"

    result = POOLED[measure](*table(case), **OPTIONS[variant])

    assert (result.k, result.k_yi) == (block["k"], block["k_yi"])
    assert result.estimate is not None
    assert result.heterogeneity is not None
    same_estimate(result.estimate, block, where)
    same_heterogeneity(result.heterogeneity, block, where)


@pytest.mark.parametrize(("case", "measure", "variant"), [*POOLINGS, *WITHOUT_EVENTS], ids=str)
def test_tests_of_association_and_of_equal_effects_are_those_of_metafor(
    case: Case, measure: str, variant: str
) -> None:
    block, where = dict(case.block("mh", measure, variant)), f"{case} {measure} {variant}"
    # metafor gives the tests of no association with the ratio only, but they know no measure
    ratio = case.block("mh", TESTED_WITH[measure], variant)
    block |= {name: ratio[name] for name in ("CO", "COp", "MH", "MHp")}

    result = POOLED[measure](*table(case), **OPTIONS[variant])

    for name, attribute in TESTS.items():
        found = getattr(result, attribute)
        statistic, p = (None, None) if found is None else (found.statistic, found.p)
        close(statistic, block[name], rel=REL, floor=1, where=f"{where} {name}")
        close(p, block[f"{name}p"], rel=TOLERANCES["p-value"], where=f"{where} {name}p")
    assert result.k_pos == block["k_pos"]


@pytest.mark.parametrize(("case", "measure", "variant"), WITHOUT_EVENTS, ids=str)
def test_without_events_there_is_no_ratio_and_a_difference_of_zero(
    case: Case, measure: str, variant: str
) -> None:
    block = case.block("mh", measure, variant)

    result = POOLED[measure](*table(case), **OPTIONS[variant])

    assert (result.k, result.k_yi) == (block["k"], block["k_yi"])
    if measure != "RD":  # metafor has a Q of 0, or none: there is no effect to scatter about
        assert block["est"] is None
        assert (result.estimate, result.heterogeneity) == (None, None)
        assert any("There is no pooled" in note for note in result.notes)
        return
    found = result.estimate
    assert found is not None
    assert (found.estimate, found.se, found.ci_low, found.ci_high) == (0, 0, 0, 0)
    assert [block[name] for name in ("est", "se", "ci_lb", "ci_ub")] == [0, 0, 0, 0]
    assert (found.statistic, found.p, block["stat"]) == (0, 1, None)  # metafor divides 0 by 0
    assert result.heterogeneity is not None
    same_heterogeneity(result.heterogeneity, block, f"{case} {measure} {variant}")


@pytest.mark.parametrize(("case", "measure", "variant"), REFUSED, ids=str)
def test_without_any_study_there_is_no_analysis_as_in_metafor(
    case: Case, measure: str, variant: str
) -> None:
    with pytest.raises(TooFewStudies):
        POOLED[measure](*table(case), **OPTIONS[variant])


@pytest.mark.parametrize("case", BY_PETO, ids=str)
def test_peto_odds_ratios_are_those_of_metafor(case: Case) -> None:
    block = case.block("mh", "PETO", "default")

    result = peto.pool(*table(case))

    assert (result.k, result.k_yi, result.k_pos) == (block["k"], block["k_yi"], block["k_pos"])
    same_estimate(result.estimate, block, f"{case} PETO")
    same_heterogeneity(result.heterogeneity, block, f"{case} PETO")


def test_without_events_peto_has_nothing_to_compare_as_in_metafor() -> None:
    eventless = case("edge_no_events")

    assert "error" in eventless.block("mh", "PETO", "default")
    with pytest.raises(SynthesisError, match="events and non-events"):
        peto.pool(*table(eventless))
