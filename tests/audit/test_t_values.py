"""Whether a printed t value and its p value fit; p values by R's `2 * pt(-abs(t), df)`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.audit.t_values import PrintedT, printed_t

ROW: dict[str, object] = {
    "statistic": "t",
    "estimate": 2.17,
    "n": 54,
    "p": 0.03,
    "p_relation": "<",
    "adjusted": False,
    "arm_key": "alder/group",
    "comparator_arm_key": "alder/control",
}


@pytest.mark.parametrize(
    ("t", "n", "implied"),
    [(2.17, 54, 0.034597571), (2.5, 54, 0.015611778), (-2.5, 54, 0.015611778)],
)
def test_the_implied_p_value_is_that_of_r(t: float, n: int, implied: float) -> None:
    assert PrintedT(t, n, 0.05, "=").implied_p == pytest.approx(implied, rel=1e-6)


@pytest.mark.parametrize(
    ("t", "p", "relation", "fits"),
    [(2.17, 0.03, "<", False), (2.17, 0.035, "=", True), (2.5, 0.02, "<", True)],
)
def test_whether_a_printed_p_value_fits(t: float, p: float, relation: str, *, fits: bool) -> None:
    assert PrintedT(t, 54, p, relation).p_fits is fits


@given(st.floats(-6, 6), st.integers(3, 500))
def test_what_a_program_prints_always_fits(t: float, n: int) -> None:
    p = 2 * stats.t.sf(abs(t), n - 2)

    assert PrintedT(round(t, 2), n, round(p, 3), "=").p_fits


def test_a_t_value_between_two_arms_is_judged() -> None:
    assert printed_t(ROW) == PrintedT(2.17, 54, 0.03, "<")


@pytest.mark.parametrize(
    "other",
    [{"statistic": "F"}, {"n": None}, {"p": None}, {"adjusted": True}, {"arm_key": None}, {"n": 2}],
    ids=str,
)
def test_what_tells_too_little_is_not_judged(other: dict[str, object]) -> None:
    assert printed_t(ROW | other) is None
