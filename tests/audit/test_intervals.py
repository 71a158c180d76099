"""Intervals and p values held against each other."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.audit.intervals import Printed, printed


@pytest.mark.parametrize(
    ("effect", "p"),
    [
        (Printed("OR", 1.46, 1.07, 1.99), 0.0168),
        (Printed("OR", 1.03, 0.42, 2.52), 0.948),
        (Printed("RR", 0.81, 0.70, 0.94), 0.0051),
        (Printed("MD", 1.96, 0.0, 3.92), 0.05),
        (Printed("RR", 1.0, 0.5, 2.0), 1.0),
    ],
    ids=repr,
)
def test_the_p_value_that_an_interval_implies(effect: Printed, p: float) -> None:
    assert effect.fits
    assert effect.implied_p == pytest.approx(p, rel=0.01)


@pytest.mark.parametrize(
    ("effect", "fits"),
    [
        (Printed("HR", 0.92, 0.69, 1.26), True),  # within a unit of the last digit
        (Printed("HR", 0.83, 0.68, 1.10), False),
        (Printed("OR", 2.0, 1.0, 1.5), False),  # outside
        (Printed("MD", 2.0, 1.0, 3.0), True),
        (Printed("MD", 1.5, 1.0, 3.0), False),
        (Printed("OR", 2.0, 1.01, 3.0), False),  # symmetric, yet not on the log scale
        (Printed("OR", 0.01, 0.01, 0.02), True),
    ],
    ids=repr,
)
def test_whether_an_estimate_is_in_the_middle(effect: Printed, *, fits: bool) -> None:
    assert effect.fits is fits


@pytest.mark.parametrize(
    ("p", "relation", "fits"),
    [
        (0.017, "=", True),
        (0.02, "=", True),
        (0.06, "=", False),
        (0.05, "<", True),
        (0.001, "<", False),
        (0.05, "<=", True),
        (0.05, ">", False),
        (0.001, ">", True),
    ],
)
def test_whether_a_printed_p_value_fits(p: float, relation: str, *, fits: bool) -> None:
    assert Printed("OR", 1.46, 1.07, 1.99, 95.0, p, relation).p_fits is fits


@given(
    st.sampled_from(["OR", "MD"]),
    st.floats(-2, 2),
    st.floats(0.05, 1),
    st.sampled_from([90.0, 95.0, 99.0]),
)
def test_what_a_program_prints_always_fits(
    statistic: str, estimate: float, se: float, level: float
) -> None:
    quantile = {90.0: 1.644854, 95.0: 1.959964, 99.0: 2.575829}[level]
    back = math.exp if statistic == "OR" else float
    low, high = estimate - quantile * se, estimate + quantile * se
    numbers = [round(back(x), 2) for x in (estimate, low, high)]
    assume(statistic == "MD" or min(numbers) > 0)
    p = math.erfc(abs(estimate) / se / math.sqrt(2))
    effect = Printed(statistic, numbers[0], numbers[1], numbers[2], level, round(p, 3))

    assert effect.fits
    assert effect.p_fits


@pytest.mark.parametrize(
    "row",
    [
        {"statistic": "OR", "estimate": 1.0, "ci_low": None, "ci_high": 2.0},
        {"statistic": "OR", "estimate": 1.0, "ci_low": -1.0, "ci_high": 2.0},
        {"statistic": "eta2", "estimate": 0.1, "ci_low": 0.0, "ci_high": 0.2},
        {"statistic": "p", "estimate": None, "ci_low": None, "ci_high": None},
    ],
    ids=["no limit", "below 0", "no scale", "p alone"],
)
def test_what_has_no_interval_of_the_usual_kind_is_not_judged(row: dict[str, object]) -> None:
    assert printed(row) is None
