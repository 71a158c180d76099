import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool, pool_many

LARGEST = 60
REPEATS = 3  # more studies than one block holds


def ragged() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(20260101)
    sizes = np.tile(np.arange(1, LARGEST + 1), REPEATS)
    group = rng.permutation(np.repeat(rng.permutation(sizes.size), sizes))
    vi = 10 ** rng.uniform(-3, 1, group.size)
    tau = np.where(rng.random(sizes.size) < 0.3, 0, 10 ** rng.uniform(-1.5, 1, sizes.size))
    yi = 0.3 + rng.normal(0, np.sqrt(vi + tau[group] ** 2))
    return yi, vi, group


YI, VI, GROUP = ragged()
APPEARANCE = list(dict.fromkeys(GROUP.tolist()))
ROWS = [np.flatnonzero(np.equal(GROUP, label)) for label in APPEARANCE]
SETS = [Effects.of(YI[rows], VI[rows]) for rows in ROWS]


def numbers(result: Pooled) -> list[float | None]:
    estimate, found, prediction = result.estimate, result.heterogeneity, result.prediction
    values = [estimate.estimate, estimate.se, estimate.statistic, estimate.df, estimate.p]
    values += [estimate.ci_low, estimate.ci_high, estimate.level]
    values += [found.tau2, found.tau2_se, found.i2, found.h2, found.q, found.q_df, found.q_p]
    if prediction is None:
        return values
    return [*values, prediction.low, prediction.high, prediction.df, prediction.level]


def same(many: Pooled, one: Pooled) -> None:
    a, b = numbers(many), numbers(one)
    assert [value is None for value in a] == [value is None for value in b]
    np.testing.assert_allclose(
        [value for value in a if value is not None],
        [value for value in b if value is not None],
        rtol=1e-12,
        atol=1e-13,
    )
    np.testing.assert_allclose(many.weights, one.weights, rtol=1e-12)
    assert (many.method, many.test, many.notes) == (one.method, one.test, one.notes)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_a_batch_of_ragged_groups_is_a_loop_of_single_ones(method: str, test: str) -> None:
    batch = pool_many(YI, VI, GROUP, method=method, test=test)
    assert len(batch) == LARGEST * REPEATS
    for many, effects in zip(batch, SETS, strict=True):
        same(many, pool(effects, method=method, test=test))


def test_level_and_prediction_reach_every_group() -> None:
    batch = pool_many(YI, VI, GROUP, level=0.8, prediction="HTS")
    for many, effects in zip(batch, SETS, strict=True):
        same(many, pool(effects, level=0.8, prediction="HTS"))


def test_groups_are_in_the_order_of_their_first_study_and_may_be_named() -> None:
    batch = pool_many([1, 5, 2, 6, 3], [1, 1, 1, 1, 1], ["pear", "fig", "pear", "fig", "nut"])
    assert batch.groups.labels.tolist() == ["pear", "fig", "nut"]
    assert batch.columns.estimate.tolist() == [1.5, 5.5, 3]
    assert [result.k for result in batch] == [2, 2, 1]
    assert batch[1].effects.yi.tolist() == [5, 6]
    assert list(batch[1].effects.labels) == ["study 2", "study 4"]
    assert batch.weights == pytest.approx([50, 50, 50, 50, 100])


def test_the_columns_are_the_numbers_of_the_items() -> None:
    batch = pool_many(YI, VI, GROUP, method="DL", test="knha")
    for i in (0, 17, len(batch) - 1):
        item = batch[i]
        assert item.estimate.estimate == batch.columns.estimate[i]
        assert item.estimate.ci_high == batch.columns.ci_high[i]
        assert item.heterogeneity.tau2 == batch.columns.tau2[i]
        assert item.heterogeneity.q_p == batch.columns.q_p[i]
    np.testing.assert_array_equal(batch[-1].effects.yi, batch[len(batch) - 1].effects.yi)
    with pytest.raises(IndexError):
        batch[len(batch)]


def test_an_item_reads_like_a_single_result() -> None:
    yi, vi = [0.1, 0.9, -0.4], [0.04, 0.09, 0.01]
    batch = pool_many(yi, vi, ["a", "a", "a"], test="adhoc")
    assert batch[0].summary() == pool(Effects.of(yi, vi), test="adhoc").summary()


def test_where_a_number_does_not_exist_the_column_has_nan_and_the_item_none() -> None:
    batch = pool_many([0.1, 0.9, 0.5], [0.04, 0.09, 0.01], [1, 1, 2], method="REML", test="t")
    assert np.isnan(batch.columns.df).tolist() == [False, True]
    assert np.isnan(batch.columns.tau2_se).tolist() == [False, True]
    assert batch[0].estimate.df == 1
    assert batch[1].estimate.df is None
    assert batch[1].heterogeneity.tau2_se is None
    common = pool_many([0.1, 0.9], [0.04, 0.09], [1, 1], method="EE")
    assert common[0].prediction is None


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = np.random.default_rng(5).permutation(GROUP.size)
    batch = pool_many(YI, VI, GROUP)
    shuffled = pool_many(YI[order], VI[order], GROUP[order])
    position = {label: i for i, label in enumerate(shuffled.groups.labels.tolist())}
    again = shuffled.columns.estimate[[position[label] for label in batch.groups.labels.tolist()]]
    np.testing.assert_allclose(again, batch.columns.estimate, rtol=1e-10)


def test_every_group_of_one_study_is_that_study() -> None:
    batch = pool_many(YI, VI, np.arange(YI.size), test="knha")
    np.testing.assert_array_equal(batch.columns.estimate, YI)
    np.testing.assert_array_equal(batch.columns.se, np.sqrt(VI))
    assert np.isnan(batch.columns.df).all()


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([1, np.nan, 1], [1, 1, 1], r"study 2: no effect\. Leave such rows out of a batch"),
        ([1, 1, 1], [1, 1, np.nan], r"study 3: no variance\. Leave such rows out of a batch"),
        ([1, 1, 1], [1, 0, 1], r"study 2: the sampling variance is 0\."),
        ([1, 1, np.inf], [1, 1, 1], r"study 3: the effect is infinite\."),
    ],
)
def test_a_bad_row_is_named(yi: ArrayLike, vi: ArrayLike, words: str) -> None:
    with pytest.raises(BadStudy, match=words):
        pool_many(yi, vi, [1, 1, 2])


def test_groups_must_be_one_per_study() -> None:
    with pytest.raises(BadTable, match="There are 2 group labels for 3 studies"):
        pool_many([1, 2, 3], [1, 1, 1], ["a", "b"])


def test_a_bad_option_is_refused_before_any_work() -> None:
    with pytest.raises(BadOption, match="There is no method 'BLUE'"):
        pool_many([1], [1], [1], method="BLUE")


def test_no_rows_at_all_are_too_few() -> None:
    with pytest.raises(TooFewStudies, match="needs at least 1 study"):
        pool_many([], [], [])


@pytest.mark.parametrize("labels", [["a", None, "a"], [np.nan, 1, 1], [None, None, "a"]], ids=str)
def test_a_row_without_a_group_is_named(labels: list[object]) -> None:
    row = 1 + next(i for i, label in enumerate(labels) if label not in {"a", 1})
    with pytest.raises(BadTable, match=f"Row {row} belongs to no group"):
        pool_many([1, 2, 3], [1, 1, 1], labels)  # type: ignore[arg-type]
