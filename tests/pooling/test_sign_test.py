"""The vote count by direction of effect."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from kb.base import Record
from kb.pooling.sign_test import BY_SUBGROUP, SignTest, sign_test

FOR = "favours-intervention"
AGAINST = "favours-control"


def rows(*directions: tuple[str, str]) -> list[Record]:
    return [{"study": s, "direction": direction, "apart": None} for s, direction in directions]


def split(intervention: int, control: int, others: Iterable[str] = ()) -> list[Record]:
    directions = [FOR] * intervention + [AGAINST] * control + list(others)
    return rows(*((f"trial {place}", told) for place, told in enumerate(directions)))


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_p_value_is_that_of_the_exact_binomial_test(intervention: int, control: int) -> None:
    found = sign_test(split(intervention, control))

    if intervention + control < 2:
        assert found is None
    else:
        assert found is not None
        expected = binomtest(intervention, intervention + control).pvalue
        assert found.p == pytest.approx(expected, rel=1e-12)


def test_trials_without_a_clear_direction_are_left_out() -> None:
    found = sign_test(split(3, 1, ["no-difference", "mixed", "unclear"]))

    assert found == SignTest(3, 1, 3, 0.625)


def test_a_trial_has_one_vote_and_none_where_its_outcomes_differ() -> None:
    directions = rows(
        ("Alder", FOR), ("Alder", FOR), ("Birch", FOR), ("Cedar", FOR), ("Cedar", "no-difference")
    )

    assert sign_test(directions) == SignTest(2, 0, 1, 0.5)


def test_what_stands_apart_has_no_vote_but_the_trial_keeps_its_other_rows() -> None:
    apart = [{**row, "apart": BY_SUBGROUP} for row in rows(("Alder", AGAINST), ("Elm", FOR))]

    assert sign_test([*split(2, 0), *rows(("Alder", FOR)), *apart]) == SignTest(3, 0, 0, 0.25)


@pytest.mark.parametrize("directions", [[], split(1, 0), split(0, 1, ["mixed"] * 5)])
def test_fewer_than_two_clear_directions_are_not_counted(directions: list[Record]) -> None:
    assert sign_test(directions) is None
