from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import ArrayLike

from kb.synthesis.effect_sizes import (
    change,
    columns_of,
    correlations,
    counts,
    escalc,
    hazards,
    means,
    proportions,
    rates,
)
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable
from kb.synthesis.measures import MEASURES

Columns: TypeAlias = dict[str, list[float]]

CELLS: Columns = {"ai": [4, 0, 3], "bi": [119, 45, 7], "ci": [11, 3, 3], "di": [128, 40, 9]}
SIZES: Columns = {"ai": [4, 0, 3], "n1i": [123, 45, 10], "ci": [11, 3, 3], "n2i": [139, 43, 12]}
RATES: Columns = {"x1i": [30, 0], "t1i": [5430, 100], "x2i": [41, 6], "t2i": [2651, 120]}
MEANS: Columns = {
    "m1i": [103, 12.5],
    "sd1i": [5.5, 4],
    "n1i": [50, 18],
    "m2i": [100, 14],
    "sd2i": [4.5, 6],
    "n2i": [50, 25],
}
CHANGE: Columns = {
    "m1i": [30, 12],
    "m2i": [24, 13],
    "sd1i": [6, 4],
    "sd2i": [7, 5],
    "ri": [0.5, 0.7],
    "ni": [40, 25],
}
START: Columns = {name: CHANGE[name] for name in ("m1i", "m2i", "sd1i", "ri", "ni")}
GROUP: Columns = {"xi": [11, 0, 33], "ni": [29, 15, 33]}
CORRELATIONS: Columns = {"ri": [0.5, -0.3], "ni": [28, 103]}
INTERVALS: Columns = {"hr": [0.7, 1.2], "ci_low": [0.5, 0.9], "ci_high": [0.98, 1.6]}
LOG_RANK: Columns = {"o_minus_e": [-3.2, 1.5], "v": [10.2, 7.9]}

FUNCTIONS: list[tuple[str, Callable[..., Effects], Columns]] = [
    ("OR", counts.odds_ratio, CELLS),
    ("RR", counts.risk_ratio, CELLS),
    ("RD", counts.risk_difference, CELLS),
    ("PETO", counts.peto, CELLS),
    ("AS", counts.arcsine, CELLS),
    ("IRR", rates.rate_ratio, RATES),
    ("IRD", rates.rate_difference, RATES),
    ("HR", hazards.from_interval, INTERVALS),
    ("HR", hazards.from_observed_minus_expected, LOG_RANK),
    ("MD", means.mean_difference, MEANS),
    ("SMD", means.standardised_mean_difference, MEANS),
    ("SMDH", means.standardised_mean_difference_unequal, MEANS),
    ("ROM", means.log_ratio_of_means, MEANS),
    ("MC", change.mean_change, CHANGE),
    ("SMCC", change.standardised_by_change, CHANGE),
    ("SMCR", change.standardised_by_start, START),
    ("PR", proportions.raw, GROUP),
    ("PLO", proportions.logit, GROUP),
    ("PAS", proportions.arcsine, GROUP),
    ("PFT", proportions.double_arcsine, GROUP),
    ("ZCOR", correlations.fisher_z, CORRELATIONS),
]


def equal(first: Effects, second: Effects) -> bool:
    return (
        first.yi.tolist() == second.yi.tolist()
        and first.vi.tolist() == second.vi.tolist()
        and list(first.labels) == list(second.labels)
        and first.measure == second.measure
    )


@pytest.mark.parametrize(("code", "compute", "table"), FUNCTIONS)
def test_a_measure_is_computed_by_its_function(
    code: str, compute: Callable[..., Effects], table: Columns
) -> None:
    labels = ["Ade 1999", "Bo 2001", "Cy 2003"][: len(next(iter(table.values())))]
    effects = escalc(code, table, labels)
    assert effects.measure is MEASURES[code]
    assert equal(effects, compute(*table.values(), labels))
    assert equal(effects, escalc(code.lower(), dict(reversed(table.items())), labels))


def test_there_is_a_function_for_every_measure() -> None:
    assert {code for code, *_ in FUNCTIONS} | {"GEN"} == set(MEASURES)
    for code in MEASURES:
        assert columns_of(code)


@pytest.mark.parametrize("code", ["OR", "RR", "RD", "PETO", "AS"])
def test_sizes_of_the_groups_serve_as_well_as_the_people_without_the_event(code: str) -> None:
    choices: list[dict[str, Any]] = [{}, {"to": "treatment"}, {"drop00": True}]
    for options in choices:
        assert equal(escalc(code, CELLS, **options), escalc(code, SIZES, **options))


@pytest.mark.parametrize("code", ["PR", "PLO", "PAS", "PFT"])
def test_people_without_the_event_serve_as_well_as_the_size_of_the_group(code: str) -> None:
    split: Columns = {"xi": GROUP["xi"], "mi": [18, 15, 0]}
    assert equal(escalc(code, GROUP), escalc(code, split))


def test_effects_that_are_given_are_taken_with_variances_or_standard_errors() -> None:
    variances = escalc("GEN", {"yi": [0.2, 0.5], "vi": [0.04, 0.25]})
    errors = escalc("GEN", {"yi": [0.2, 0.5], "sei": [0.2, 0.5]})
    assert variances.yi.tolist() == errors.yi.tolist() == [0.2, 0.5]
    assert errors.vi == pytest.approx(variances.vi)
    assert errors.measure is MEASURES["GEN"]


def test_options_are_those_of_the_function() -> None:
    assert equal(
        escalc("OR", CELLS, to="all", add=0.25),
        counts.odds_ratio(CELLS["ai"], CELLS["bi"], CELLS["ci"], CELLS["di"], to="all", add=0.25),
    )
    assert escalc("SMD", MEANS, vtype="UB").vi[0] != escalc("SMD", MEANS).vi[0]
    assert escalc("HR", INTERVALS, level=0.9).vi[0] > escalc("HR", INTERVALS).vi[0]


@pytest.mark.parametrize(
    ("code", "table", "message"),
    [
        (
            "OR",
            {"ai": [1], "bi": [2], "ci": [3]},
            (
                "OR is computed from the columns ai, bi, ci and di or from ai, n1i, ci and n2i; "
                "the table has ai, bi and ci. Give exactly those needed."
            ),
        ),
        (
            "ZCOR",
            CORRELATIONS | {"year": [1999, 2001]},
            (
                "ZCOR is computed from the columns ri and ni; the table has ri, ni and year. "
                "Give exactly those needed."
            ),
        ),
        (
            "HR",
            {"hr": [0.7]},
            (
                "HR is computed from the columns hr, ci_low and ci_high or from hr and p or from "
                "o_minus_e and v or from yi and vi or from yi and sei; "
                "the table has hr. Give exactly those needed."
            ),
        ),
        (
            "GEN",
            {},
            (
                "GEN is computed from the columns yi and vi or from yi and sei; "
                "the table has none. Give exactly those needed."
            ),
        ),
    ],
)
def test_missing_and_surplus_columns_are_refused_with_those_needed(
    code: str, table: dict[str, ArrayLike], message: str
) -> None:
    with pytest.raises(BadTable) as caught:
        escalc(code, table)
    assert str(caught.value) == message


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(BadOption, match="no measure 'COR'"):
        escalc("COR", CORRELATIONS)


@pytest.mark.parametrize(
    ("code", "table", "message"),
    [
        (
            "OR",
            SIZES,
            "OR from ai, n1i, ci and n2i has no option 'vtype'. It has add, to and drop00.",
        ),
        ("ZCOR", CORRELATIONS, "ZCOR from ri and ni has no option 'vtype'. It has none."),
    ],
)
def test_an_option_of_another_measure_is_refused_with_those_that_exist(
    code: str, table: dict[str, ArrayLike], message: str
) -> None:
    with pytest.raises(BadOption) as caught:
        escalc(code, table, vtype="UB")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("code", "table", "message"),
    [
        (
            "RR",
            {"ai": [12], "n1i": [10], "ci": [1], "n2i": [10]},
            (
                "Ade 1999: ai has 12 events in a group of 10. "
                "There cannot be more events than people; correct one of them."
            ),
        ),
        (
            "RR",
            {"ai": [1], "n1i": [10], "ci": [1.5], "n2i": [1]},
            (
                "Ade 1999: ci has 1.5 events in a group of 1. "
                "There cannot be more events than people; correct one of them."
            ),
        ),
        (
            "RR",
            {"ai": [-1], "n1i": [10], "ci": [1], "n2i": [10]},
            "Ade 1999: ai is -1. A count is not negative; correct it.",
        ),
        (
            "PLO",
            {"xi": [1], "mi": [-2]},
            "Ade 1999: mi is -2. A count is not negative; correct it.",
        ),
        (
            "GEN",
            {"yi": [1], "sei": [-2]},
            "Ade 1999: the standard error is -2. A standard error is above zero; correct it.",
        ),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(
    code: str, table: dict[str, ArrayLike], message: str
) -> None:
    with pytest.raises(BadStudy) as caught:
        escalc(code, table, ["Ade 1999"])
    assert str(caught.value) == message


def test_a_missing_number_of_either_form_sets_the_study_aside() -> None:
    effects = escalc("OR", SIZES | {"n1i": [123, np.nan, 10]})
    assert effects.rows.tolist() == [0, 2]
    assert list(map(str, effects.left_out)) == ["study 2: n1i is missing"]
    effects = escalc("GEN", {"yi": [0.2, 0.5], "sei": [np.nan, 0.5]})
    assert effects.rows.tolist() == [1]
    assert list(map(str, effects.left_out)) == ["study 1: sei is missing"]


def test_hazard_ratios_come_with_p_values_or_as_logarithms() -> None:
    ratios, p, labels = [0.7, 1.2, np.nan], [0.02, 0.4, 0.1], ["Ash", "Beck", "Cole"]
    by_p = escalc("HR", {"hr": ratios, "p": p}, labels)
    expected = hazards.from_p_value(ratios, p, labels)
    np.testing.assert_array_equal(by_p.yi, expected.yi)
    np.testing.assert_array_equal(by_p.vi, expected.vi)
    assert by_p.left_out == expected.left_out

    for table in ({"yi": by_p.yi, "vi": by_p.vi}, {"yi": by_p.yi, "sei": by_p.sei}):
        logs = escalc("HR", table, labels[:2])
        assert logs.measure.code == "HR"
        np.testing.assert_array_equal(logs.yi, by_p.yi)
        np.testing.assert_allclose(logs.vi, by_p.vi, rtol=1e-15)


def test_a_log_hazard_ratio_without_its_standard_error_says_so() -> None:
    effects = escalc("HR", {"yi": [-0.2, 0.1], "sei": [0.1, np.nan]}, ["Ash", "Beck"])
    assert [str(study) for study in effects.left_out] == ["Beck: sei is missing"]
    with pytest.raises(BadStudy, match="Beck: the standard error is -1"):
        escalc("HR", {"yi": [-0.2, 0.1], "sei": [0.1, -1]}, ["Ash", "Beck"])
