import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.design import design, independent
from kb.synthesis.errors import BadTable

NAN = math.nan
SETTINGS = ["clinic", "home", "", "clinic", None, "ward"]


def test_numbers_are_columns_as_they_are() -> None:
    result = design({"year": [1990, 2000], "dose": [1.5, NAN]})
    assert result.names == ("intercept", "year", "dose")
    assert result.terms == (("intercept", None), ("year", None), ("dose", None))
    np.testing.assert_array_equal(result.matrix, [[1, 1990, 1.5], [1, 2000, NAN]])
    assert result.levels == {}


def test_truth_values_are_numbers() -> None:
    assert design({"blind": [True, False]}).matrix[:, 1].tolist() == [1, 0]


def test_words_become_indicators_of_all_levels_but_the_first() -> None:
    result = design({"setting": SETTINGS})  # type: ignore[dict-item]
    assert result.names == ("intercept", "setting: home", "setting: ward")
    assert result.levels == {"setting": ("clinic", "home", "ward")}
    np.testing.assert_array_equal(
        result.matrix,
        [[1, 0, 0], [1, 1, 0], [1, NAN, NAN], [1, 0, 0], [1, NAN, NAN], [1, 0, 1]],
    )


def test_without_an_intercept_the_first_words_have_an_indicator_for_every_level() -> None:
    result = design({"kind": ["b", "a"], "size": ["s", "l"]}, intercept=False)
    assert result.names == ("kind: a", "kind: b", "size: s")
    np.testing.assert_array_equal(result.matrix, [[0, 1, 1], [1, 0, 0]])


def test_without_an_intercept_numbers_stand_alone() -> None:
    result = design({"year": [1990, 2000]}, intercept=False)
    assert result.names == ("year",)
    assert result.matrix.tolist() == [[1990], [2000]]


def test_a_row_for_values_of_the_moderators() -> None:
    result = design({"year": [1990, 2000, 2010], "kind": ["a", "b", "c"]})
    assert result.row({"year": 1995, "kind": "b"}).tolist() == [1, 1995, 1, 0]
    assert result.row({"kind": "a", "year": 0}).tolist() == [1, 0, 0, 0]


def test_a_row_needs_every_moderator_and_levels_that_exist() -> None:
    result = design({"year": [1990, 2000, 2010], "kind": ["a", "b", "c"]})
    with pytest.raises(BadTable, match="There is no value for the moderator kind"):
        result.row({"year": 1995})
    with pytest.raises(BadTable, match=r"kind has no level 'd'\. Its levels are a, b, c"):
        result.row({"year": 1995, "kind": "d"})


def test_take_keeps_rows_and_columns() -> None:
    result = design({"year": [1990, 2000], "kind": ["a", "b"]})
    part = result.take(np.array([False, True]), np.array([True, False, True]))
    assert part.names == ("intercept", "kind: b")
    assert part.matrix.tolist() == [[1, 1]]
    assert part.levels == result.levels


def test_moderators_must_be_columns_of_one_length() -> None:
    words = "Give at least one moderator, each with one value for every study"
    with pytest.raises(BadTable, match=words):
        design({})
    with pytest.raises(BadTable, match=words):
        design({"year": [1990, 2000], "dose": [1]})


def test_columns_that_combine_others_are_found_in_order() -> None:
    x, y = np.array([1.0, 2, 4, 8]), np.array([0.0, 1, 0, 1])
    matrix = np.column_stack([np.ones(4), x, 2 * x - 3, y, x + y, np.zeros(4)])
    assert independent(matrix).tolist() == [True, True, False, True, False, False]


def test_no_more_columns_than_rows_are_independent() -> None:
    matrix = np.random.default_rng(1).normal(size=(3, 5))
    assert independent(matrix).tolist() == [True, True, True, False, False]


@given(st.floats(1e-6, 1e6), st.integers(0, 3000))
def test_neither_unit_nor_origin_hides_a_column(unit: float, origin: int) -> None:
    x = np.array([0.0, 1, 3, 4, 9])
    matrix = np.column_stack([np.ones(5), (x + origin) * unit])
    assert independent(matrix).tolist() == [True, True]
