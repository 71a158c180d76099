import math
from string import ascii_uppercase
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.design import Design, design, independent
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadStudy, BadTable, TooFewStudies

NAN = math.nan
SETTINGS = ["clinic", "home", "", "clinic", None, "ward"]


def read(moderators: dict[str, Any], *, intercept: bool = True) -> tuple[Design, list[bool]]:
    """Return the design for as many studies, A, B, C, ..., as the first moderator has values."""
    k = len(next(iter(moderators.values())))
    effects = Effects.of(np.arange(k), np.ones(k), ascii_uppercase[:k])
    columns, complete = design(effects, moderators, intercept=intercept)
    return columns, complete.tolist()


def test_numbers_are_columns_as_they_are() -> None:
    result, complete = read({"year": [1990, 2000, 2010, 2020], "dose": [1.5, NAN, 2, 4]})
    assert result.names == ("intercept", "year", "dose")
    assert result.terms == (("intercept", None), ("year", None), ("dose", None))
    np.testing.assert_array_equal(result.matrix, [[1, 1990, 1.5], [1, 2010, 2], [1, 2020, 4]])
    assert complete == [True, False, True, True]
    assert result.levels == {}
    assert result.moderators == ("year", "dose")


def test_truth_values_are_numbers() -> None:
    assert read({"blind": [True, False]})[0].matrix[:, 1].tolist() == [1, 0]


def test_words_become_indicators_of_all_levels_but_the_first() -> None:
    result, complete = read({"setting": SETTINGS})
    assert result.names == ("intercept", "setting: home", "setting: ward")
    assert result.levels == {"setting": ("clinic", "home", "ward")}
    np.testing.assert_array_equal(result.matrix, [[1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 1]])
    assert complete == [True, True, False, True, False, True]
    assert result.moderators == ("setting",)


class Unknown:
    """A missing value as in pandas: it compares to nothing, not even to itself."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> "Unknown":  # type: ignore[override]
        return self

    def __bool__(self) -> bool:
        raise TypeError

    def __repr__(self) -> str:
        return "Unknown"


MISSING = [None, NAN, "", "  ", np.float32("nan"), np.datetime64("NaT"), Unknown()]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
@pytest.mark.parametrize("kind", [list, lambda values: np.array(values, dtype=object)])
def test_what_is_missing_among_words_is_no_level(missing: object, kind: Any) -> None:
    result, complete = read({"setting": kind(["home", missing, " clinic"])})
    assert result.levels == {"setting": ("clinic", "home")}
    assert complete == [True, False, True]


@pytest.mark.parametrize("missing", [None, NAN, Unknown()], ids=repr)
def test_numbers_stay_numbers_where_some_are_missing(missing: object) -> None:
    result, complete = read({"year": [1990, missing, 2010]})
    assert result.matrix.tolist() == [[1, 1990], [1, 2010]]
    assert complete == [True, False, True]


def test_without_an_intercept_the_first_words_have_an_indicator_for_every_level() -> None:
    table = {"kind": ["b", "a", "a", "b"], "size": ["s", "l", "s", "l"]}
    result, _ = read(table, intercept=False)
    assert result.names == ("kind: a", "kind: b", "size: s")
    np.testing.assert_array_equal(result.matrix, [[0, 1, 1], [1, 0, 0], [1, 0, 1], [0, 1, 0]])


def test_without_an_intercept_numbers_stand_alone() -> None:
    result, _ = read({"year": [1990, 2000]}, intercept=False)
    assert result.names == ("year",)
    assert result.matrix.tolist() == [[1990], [2000]]


TABLE = {"year": [1990, 2000, 2010, 2015], "kind": ["a", "b", "c", "b"]}


def test_a_row_for_values_of_the_moderators() -> None:
    result, _ = read(TABLE)
    assert result.row({"year": 1995, "kind": "b"}).tolist() == [1, 1995, 1, 0]
    assert result.row({"kind": "a", "year": 0}).tolist() == [1, 0, 0, 0]


def test_a_row_needs_every_moderator_and_levels_that_exist() -> None:
    result, _ = read(TABLE)
    with pytest.raises(BadTable, match="There is no value for the moderator kind"):
        result.row({"year": 1995})
    with pytest.raises(BadTable, match="There is no value for the moderator year"):
        result.row({"kind": "a"})
    with pytest.raises(BadTable, match=r"kind has no level 'd'\. Its levels are a, b, c"):
        result.row({"year": 1995, "kind": "d"})


@pytest.mark.parametrize("value", [NAN, math.inf, "early"])
def test_a_row_needs_numbers_for_numbers(value: float | str) -> None:
    result, _ = read(TABLE)
    with pytest.raises(BadTable, match=r"of the moderator year is no finite number"):
        result.row({"year": value, "kind": "a"})


def test_a_level_of_which_no_study_is_left_has_no_row_and_is_noted() -> None:
    result, complete = read({"kind": ["a", "a", "b", "c", "c"], "dose": [1, 2, NAN, 3, 5]})
    assert complete == [True, True, False, True, True]
    assert result.names == ("intercept", "kind: c", "dose")
    assert result.notes == ("No study is left of kind: b.",)
    with pytest.raises(BadTable, match="kind: b has no estimate of its own: no study of it has"):
        result.row({"kind": "b", "dose": 1})


def test_a_reference_of_which_no_study_is_left_gives_its_place_to_the_next_level() -> None:
    result, _ = read({"kind": ["a", "b", "b", "c"], "dose": [NAN, 2, 4, 3]})
    assert result.names == ("intercept", "kind: c", "dose")
    assert result.row({"kind": "b", "dose": 1}).tolist() == [1, 0, 1]
    with pytest.raises(BadTable, match="kind: a has no estimate of its own"):
        result.row({"kind": "a", "dose": 1})


def test_a_level_whose_column_is_dropped_has_a_row_only_where_the_others_give_it() -> None:
    table = {"site": ["x", "x", "y", "y", "z"], "drug": ["p", "p", "q", "q", "p"]}
    result, _ = read(table)
    assert result.names == ("intercept", "site: y", "site: z")
    assert result.dropped == (("drug", "q"),)
    assert result.notes == ("Left out, as combinations of other columns: drug: q.",)
    assert result.row({"site": "y", "drug": "q"}).tolist() == [1, 1, 0]
    assert result.row({"site": "z", "drug": "p"}).tolist() == [1, 0, 1]
    for site, drug in (("x", "q"), ("y", "p"), ("z", "q")):
        with pytest.raises(BadTable, match="drug: q has no estimate of its own"):
            result.row({"site": site, "drug": drug})


@given(st.integers(0, 2**32 - 1))
def test_every_study_has_the_row_of_its_own_moderators(seed: int) -> None:
    random = np.random.default_rng(seed)
    year = random.integers(1950, 2020, 8)
    site, drug = random.choice(["x", "y", "z"], 8), random.choice(["p", "q", "r"], 8)
    table = {"year": year, "site": site, "drug": drug, "age": 2020.5 - year, "dose": year * 1e-6}
    result, _ = read(table)
    for i in range(8):
        own = {name: values[i] for name, values in table.items()}
        np.testing.assert_allclose(result.row(own), result.matrix[i], rtol=1e-12)


def test_a_number_that_is_dropped_has_a_row_only_where_it_is_what_it_was() -> None:
    year = np.array([1948.0, 1960, 1977, 1981])
    result, _ = read({"year": year, "age": 2000 - year, "seven": np.full(4, 7.0)})
    assert result.names == ("intercept", "year")
    assert result.row({"year": 1955, "age": 45, "seven": 7}).tolist() == [1, 1955]
    with pytest.raises(BadTable, match="age has no estimate of its own"):
        result.row({"year": 1955, "age": 46, "seven": 7})
    with pytest.raises(BadTable, match="seven has no estimate of its own"):
        result.row({"year": 1955, "age": 45, "seven": 8})


def test_words_that_are_all_the_same_are_noted() -> None:
    result, complete = read({"kind": ["a", "a", ""], "year": [1990, 2000, 2010]})
    assert result.names == ("intercept", "year")
    assert complete == [True, True, False]
    assert result.notes == ("All studies have the same kind: a.",)
    with pytest.raises(BadTable, match="kind has no level 'b'"):
        result.row({"kind": "b", "year": 2000})


def test_a_moderator_of_another_length_is_named() -> None:
    with pytest.raises(BadTable, match="The moderator dose has 1 values for 2 studies"):
        read({"year": [1990, 2000], "dose": [1]})


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (np.ones((2, 2)), "dose has 2 dimensions"),
        (3.0, "dose has 0 dimensions"),
        ([[1, 2], [3]], "dose has values that are lists"),
    ],
)
def test_a_moderator_that_is_no_column_is_named(values: object, what: str) -> None:
    with pytest.raises(BadTable, match=what):
        read({"year": [1990, 2000], "dose": values})


@pytest.mark.parametrize("infinite", [math.inf, -math.inf])
def test_an_infinite_moderator_is_named_with_its_study(infinite: float) -> None:
    with pytest.raises(BadStudy, match="B: the moderator dose is infinite"):
        read({"dose": [1, infinite, 3]})


def test_no_moderator_may_be_called_intercept() -> None:
    with pytest.raises(BadTable, match="A moderator cannot be called intercept"):
        read({"intercept": [1, 2, 3]})


def test_there_must_be_a_moderator() -> None:
    with pytest.raises(BadTable, match="There is no moderator"):
        design(Effects.of([1, 2], [1, 1]), {})


def test_columns_of_zeros_alone_are_no_design() -> None:
    with pytest.raises(BadTable, match="All values of dose, year are 0"):
        read({"dose": [0, 0], "year": [0, 0]}, intercept=False)
    assert read({"dose": [0, 0], "year": [0, 1]}, intercept=False)[0].names == ("year",)


@pytest.mark.parametrize("missing", [[NAN, NAN], ["", " "], [None, None]])
def test_a_moderator_that_no_study_has_leaves_too_few_studies(missing: list[Any]) -> None:
    with pytest.raises(
        TooFewStudies, match="needs at least 1 study that has all of them; there are none"
    ):
        read({"dose": missing})


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
