import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from kb.synthesis.effects import Effects, LeftOut, column
from kb.synthesis.errors import BadStudy, BadTable, SynthesisError
from kb.synthesis.measures import MEASURES

NAN, INF = math.nan, math.inf


def test_effects_are_kept_as_given() -> None:
    effects = Effects.of([0.1, -2], [1, 4], ["Ash", "Birch"], measure=MEASURES["MD"], ni=[10, 20])
    assert effects.k == 2
    assert effects.yi.tolist() == [0.1, -2]
    assert effects.vi.tolist() == [1, 4]
    assert effects.sei.tolist() == [1, 2]
    assert tuple(effects.labels) == ("Ash", "Birch")
    assert effects.rows.tolist() == [0, 1]
    assert effects.ni is not None
    assert effects.ni.tolist() == [10, 20]
    assert effects.measure.code == "MD"
    assert effects.left_out == ()


def test_the_effects_are_no_window_on_the_columns_given() -> None:
    yi, vi = np.array([1.0, 2]), np.array([1.0, 1])
    effects = Effects.of(yi, vi)
    yi[0] = 9
    vi[0] = 9
    assert effects.yi[0] == 1
    assert effects.vi[0] == 1


def test_studies_without_names_are_numbered_by_row() -> None:
    effects = Effects.of([1, NAN, 3], [1, 1, 1])
    assert list(effects.labels) == ["study 1", "study 3"]
    complete = Effects.of([1, 2, 3], [1, 1, 1])
    assert list(complete.labels) == ["study 1", "study 2", "study 3"]
    assert complete.labels[-1] == "study 3"
    assert complete.labels[1:] == ["study 2", "study 3"]
    with pytest.raises(IndexError):
        complete.labels[3]


def test_rows_without_effect_or_variance_are_set_aside_with_the_reason() -> None:
    effects = Effects.of(
        [1, NAN, 3, NAN, 5], [1, 1, NAN, NAN, 1], list("abcde"), ni=[10, 20, 30, 40, 50]
    )
    assert effects.yi.tolist() == [1, 5]
    assert tuple(effects.labels) == ("a", "e")
    assert effects.rows.tolist() == [0, 4]
    assert effects.ni is not None
    assert effects.ni.tolist() == [10, 50]
    assert list(map(str, effects.left_out)) == [
        "b: no effect",
        "c: no variance",
        "d: no effect and no variance",
    ]


def test_reasons_given_by_row_take_the_place_of_the_general_ones() -> None:
    effects = Effects.of(
        [NAN, 2, NAN], [1, 1, 1], list("abc"), reasons={2: "no events in either arm"}
    )
    assert effects.left_out == (
        LeftOut("a", "no effect"),
        LeftOut("c", "no events in either arm"),
    )


def test_nothing_usable_is_no_error_here() -> None:
    assert Effects.of([], []).k == 0
    nothing = Effects.of([NAN], [1])
    assert nothing.k == 0
    assert len(nothing.left_out) == 1


@pytest.mark.parametrize(
    ("effect", "variance", "words"),
    [
        (INF, 1, "the effect is infinite"),
        (-INF, 1, "the effect is infinite"),
        (1, INF, "the sampling variance is infinite"),
        (1, 0, "the sampling variance is 0"),
        (1, -0.5, r"the sampling variance is -0\.5"),
        (1, -INF, "the sampling variance is infinite"),
    ],
)
def test_values_that_cannot_be_weighed_are_refused_by_the_name_of_the_study(
    effect: float, variance: float, words: str
) -> None:
    with pytest.raises(BadStudy, match=rf"^Birch: {words}\. \w.*\.$") as error:
        Effects.of([0, effect, NAN], [1, variance, 1], ["Ash", "Birch", "Cedar"])
    assert error.value.label == "Birch"
    assert isinstance(error.value, SynthesisError)


def test_the_first_of_several_bad_studies_is_named() -> None:
    with pytest.raises(BadStudy, match=r"^study 2: "):
        Effects.of([1, 1, 1], [1, 0, -1])


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([1, 2], [1], "yi has 2 values and vi has 1"),
        ([1, "two"], [1, 1], "The column yi holds something that is not a number"),
        ([1, 2], [[1, 1]], "The column vi has 2 dimensions"),
        (1, [1], "The column yi has 0 dimensions"),
        ([[1], [2, 3]], [1, 1], "The column yi holds something that is not a number"),
    ],
)
def test_columns_that_make_no_table_are_refused(yi: ArrayLike, vi: ArrayLike, words: str) -> None:
    with pytest.raises(BadTable, match=words):
        Effects.of(yi, vi)


def test_labels_and_sizes_must_be_one_per_study() -> None:
    with pytest.raises(BadTable, match="There are 1 labels for 2 studies"):
        Effects.of([1, 2], [1, 1], ["Ash"])
    with pytest.raises(BadTable, match="The column ni has 3 values for 2 studies"):
        Effects.of([1, 2], [1, 1], ni=[1, 2, 3])


def test_a_missing_value_may_be_none() -> None:
    given: list[Any] = [1, None]
    assert np.isnan(column("yi", given)[1])


def test_take_by_position_by_mask_and_by_slice_of_positions() -> None:
    effects = Effects.of(
        [1, NAN, 3, 4], [1, 1, 2, 3], list("abcd"), measure=MEASURES["OR"], ni=[5, 6, 7, 8]
    )
    backwards = effects.take([2, 0])
    assert backwards.yi.tolist() == [4, 1]
    assert backwards.vi.tolist() == [3, 1]
    assert tuple(backwards.labels) == ("d", "a")
    assert backwards.rows.tolist() == [3, 0]
    assert backwards.ni is not None
    assert backwards.ni.tolist() == [8, 5]
    assert backwards.measure.code == "OR"
    assert backwards.left_out == effects.left_out
    assert effects.take([True, False, True]).yi.tolist() == [1, 4]
    assert effects.take(np.arange(1, 3)).rows.tolist() == [2, 3]


def test_take_of_numbered_studies_keeps_their_numbers() -> None:
    effects = Effects.of([1, 2, 3], [1, 1, 1]).take([2])
    assert tuple(effects.labels) == ("study 3",)
    assert effects.ni is None


@given(st.lists(st.sampled_from([0.5, NAN]), max_size=8), st.data())
def test_every_row_is_used_or_left_out(yi: Sequence[float], data: st.DataObject) -> None:
    vi = data.draw(st.lists(st.sampled_from([2.0, NAN]), min_size=len(yi), max_size=len(yi)))
    effects = Effects.of(yi, vi)
    usable = [i for i, row in enumerate(zip(yi, vi, strict=True)) if not any(map(math.isnan, row))]
    assert effects.rows.tolist() == usable
    assert effects.k + len(effects.left_out) == len(yi)
