"""Kappa and ICC(2,1): the values of R, and what is said where they have none."""

import json
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.exchange.agreement import Coefficient, icc, kappa

REFERENCE = json.loads(
    (Path(__file__).parent / "reference" / "agreement.json").read_text(encoding="utf-8")
)
Z = 1.959963984540054
NUMBERS = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


def cases(name: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{name}-{place}") for place, case in enumerate(REFERENCE[name], 1)
    ]


@pytest.mark.parametrize("case", cases("kappa"))
def test_kappa_is_that_of_r(case: dict[str, Any]) -> None:
    found = kappa(list(zip(case["a"], case["b"], strict=True)))

    assert found.pairs == len(case["a"])
    assert found.value == pytest.approx(case["value"], abs=1e-12)
    if case["se"] == 0:
        assert (found.low, found.high) == (None, None)
        assert found.no_interval == "one of them used one category"
    else:
        assert found.low == pytest.approx(max(-1, case["value"] - Z * case["se"]), rel=1e-9)
        assert found.high == pytest.approx(min(1, case["value"] + Z * case["se"]), rel=1e-9)


@pytest.mark.parametrize("case", cases("icc"))
def test_icc_is_that_of_r(case: dict[str, Any]) -> None:
    found = icc(list(zip(case["a"], case["b"], strict=True)))

    assert found.value == pytest.approx(case["value"], rel=1e-9)
    assert found.low == pytest.approx(case["low"], rel=1e-9)
    assert found.high == pytest.approx(case["high"], rel=1e-9)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [([], "no pair of filled cells"), ([("a", "a")] * 5, "one category alone")],
    ids=["nothing", "one-category"],
)
def test_kappa_without_a_value_says_why(pairs: list[tuple[str, str]], said: str) -> None:
    assert kappa(pairs) == Coefficient(len(pairs), undefined=said)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([], "fewer than two pairs"),
        ([(3.0, 4.0)], "fewer than two pairs"),
        ([(3.0, 3.0)] * 4, "all values are the same"),
        ([(1.0, 2.0), (2.0, 1.0)], "no variance between rows"),
    ],
    ids=["nothing", "one-pair", "one-value", "no-variance"],
)
def test_icc_without_a_value_says_why(pairs: list[tuple[float, float]], said: str) -> None:
    assert icc(pairs) == Coefficient(len(pairs), undefined=said)


def test_perfect_agreement_is_one_without_an_interval() -> None:
    assert kappa([("a", "a"), ("b", "b")]) == Coefficient(2, 1.0, no_interval="no cell differs")
    assert icc([(0.1, 0.1), (0.3, 0.3)]) == Coefficient(2, 1.0, no_interval="no cell differs")


def test_a_constant_shift_lowers_absolute_agreement() -> None:
    """Consistency would be 1; of 1, 2, 3 and the same plus 1 the mean squares are 2, 1.5 and 0."""
    found = icc([(1.0, 2.0), (2.0, 3.0), (3.0, 4.0)])

    assert found.value == pytest.approx(2 / (2 + 2 * 1.5 / 3))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=30))
def test_kappa_is_the_same_either_way_round(pairs: list[tuple[str, str]]) -> None:
    one, other = kappa(pairs), kappa([(b, a) for a, b in pairs])

    assert one.undefined == other.undefined
    if one.value is not None and other.value is not None:
        assert isclose(one.value, other.value, abs_tol=1e-12)
        assert -1 <= one.value <= 1
    if one.low is not None and one.high is not None and one.value is not None:
        assert -1 <= one.low <= one.value <= one.high <= 1


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=20),
    st.sampled_from([1e-150, 0.01, 1000.0, 1e150]),
)
def test_icc_does_not_depend_on_the_unit(pairs: list[tuple[float, float]], unit: float) -> None:
    found, other = icc(pairs), icc([(a * unit, b * unit) for a, b in pairs])

    assume(found.value is not None and abs(found.value) < 1e3)
    assert found.value is not None
    assert found.value <= 1
    assert other.value is not None
    assert isclose(found.value, other.value, rel_tol=1e-6, abs_tol=1e-6)
