import math
import re
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.synthesis import mantel_haenszel, peto
from kb.synthesis.errors import BadOption, BadStudy, BadTable, SynthesisError, TooFewStudies
from kb.synthesis.mantel_haenszel import MantelHaenszel, MantelHaenszelMany
from kb.synthesis.peto import Peto, PetoMany

Numbers = NDArray[np.float64]
Rows = NDArray[np.intp]
Options = dict[str, Any]

# Vaccination against tuberculosis: dat.bcg of metadat, tpos, tneg, cpos and cneg.
BCG = (
    [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
)
THIRDS = [1, 1, 2, 2, 2, 1, 3, 3, 3, 3, 2, 1, 3]

SINGLE: dict[str, Callable[..., MantelHaenszel]] = {
    "OR": mantel_haenszel.odds_ratio,
    "RR": mantel_haenszel.risk_ratio,
    "RD": mantel_haenszel.risk_difference,
    "IRR": mantel_haenszel.rate_ratio,
    "IRD": mantel_haenszel.rate_difference,
}
VARIANTS: list[Options] = [
    {},
    {"correct": False, "level": 0.8},
    {"drop00": (False, False)},
    {"drop00": (True, True)},
    {"add": (0.5, 0.25), "to": ("all", "all")},
    {"add": (0.5, 0.5), "to": ("if0all", "only0")},
    {"add": (0.25, 1), "to": ("none", "if0all")},
    {"add": (1, 0.5), "to": ("if0all", "if0all"), "drop00": (False, True)},
]

# Ragged groups in any order, full of zero cells, double zeros, empty arms and missing counts.
count = st.one_of(st.just(0.0), st.integers(2, 40).map(float))
cell = st.one_of(count, count, count, count, count, count, count, st.just(math.nan))
studies = st.lists(
    st.tuples(st.integers(0, 5), cell, count, count, count), min_size=1, max_size=25
).map(lambda rows: np.array(rows, dtype=float).T)


def columns_of(measure: str, cells: Numbers) -> Numbers:
    """Make times at risk, which are above zero, of the people without an event."""
    if measure in {"IRR", "IRD"}:
        return np.asarray(cells + np.array([[0], [1.5], [0], [0.5]]))
    return cells


def numbers_of(result: MantelHaenszel | Peto) -> dict[str, float]:
    """Return all numbers of a result by the names that the columns give them."""
    found: dict[str, float] = {"k": result.k, "k_yi": result.k_yi}
    if result.k_pos is not None:
        found["k_pos"] = result.k_pos
    if result.estimate is not None:
        for name in ("estimate", "se", "statistic", "p", "ci_low", "ci_high"):
            found[name] = getattr(result.estimate, name)
    if result.heterogeneity is not None:
        for name in ("i2", "h2", "q", "q_df", "q_p"):
            found[name] = getattr(result.heterogeneity, name)
    return found


def assert_columns(batch: MantelHaenszelMany | PetoMany, i: int, found: dict[str, float]) -> None:
    for name, values in batch.columns._asdict().items():
        assert values.shape == (len(batch),)
        assert values[i] == pytest.approx(found.get(name, math.nan), rel=1e-12, nan_ok=True)


def assert_tests(batch: MantelHaenszelMany, i: int, single: MantelHaenszel) -> None:
    for name in ("cochran", "mantel_haenszel", "breslow_day", "tarone"):
        many, one = getattr(batch.tests, name), getattr(single, name)
        expected = (math.nan,) * 3 if one is None else astuple(one)
        assert (many.statistic[i], many.df[i], many.p[i]) == pytest.approx(
            expected, rel=1e-12, nan_ok=True
        )


def assert_same(item: MantelHaenszel | Peto, single: MantelHaenszel | Peto, rows: Rows) -> None:
    assert numbers_of(item) == pytest.approx(numbers_of(single), rel=1e-12)
    assert item.rows.tolist() == rows[single.rows].tolist()
    assert item.effects.rows.tolist() == rows[single.effects.rows].tolist()
    assert list(item.labels) == list(single.labels)
    assert (item.weights is None) == (single.weights is None)
    if item.weights is not None and single.weights is not None:
        assert item.weights == pytest.approx(single.weights, rel=1e-12)
    assert item.summary() == single.summary()


def groups_of(group: Numbers) -> list[tuple[int, Rows, list[str]]]:
    """Return, in the order of appearance, every group's number, rows and names of rows."""
    labels = dict.fromkeys(group.tolist())
    rows = [np.flatnonzero(group == label) for label in labels]
    return [(i, at, [f"study {row + 1}" for row in at.tolist()]) for i, at in enumerate(rows)]


@pytest.mark.parametrize("measure", SINGLE)
@settings(max_examples=200)
@given(options=st.sampled_from(VARIANTS), table=studies)
def test_a_batch_of_ragged_groups_is_a_loop_of_single_ones(
    measure: str, options: Options, table: Numbers
) -> None:
    group, cells = table[0], columns_of(measure, table[1:])
    ai, bi, ci, di = cells
    batch = mantel_haenszel.pool_many(measure, ai, bi, ci, di, group, **options)
    for i, rows, names in groups_of(group):
        try:
            single = SINGLE[measure](*cells[:, rows], names, **options)
        except TooFewStudies:
            assert batch.columns.k[i] == 0
            assert np.isnan([values[i] for values in batch.columns[3:]]).all()
            with pytest.raises(TooFewStudies, match="Mantel-Haenszel"):
                batch[i]
            continue
        assert_columns(batch, i, numbers_of(single))
        assert_tests(batch, i, single)
        assert_same(batch[i], single, rows)


@given(drop00=st.tuples(st.booleans(), st.booleans()), table=studies)
def test_a_batch_by_petos_method_is_a_loop_of_single_ones(
    drop00: tuple[bool, bool], table: Numbers
) -> None:
    group, cells = table[0], table[1:]
    ai, bi, ci, di = cells
    batch = peto.pool_many(ai, bi, ci, di, group, drop00=drop00, level=0.9)
    for i, rows, names in groups_of(group):
        try:
            a, b, c, d = cells[:, rows]
            single = peto.pool(a, b, c, d, names, drop00=drop00, level=0.9)
        except SynthesisError as error:
            assert batch.columns.k_pos[i] == 0
            assert np.isnan([values[i] for values in batch.columns[3:]]).all()
            with pytest.raises(type(error), match=re.escape(str(error))):
                batch[i]
            continue
        assert_columns(batch, i, numbers_of(single))
        assert_same(batch[i], single, rows)


# In R: rma.mh(measure=, ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg, subset=thirds==i),
# metafor 3.8-1: beta, se, QE, I2
@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (
            "OR",
            [
                (
                    -0.970824446636347149,
                    0.094567446219469359,
                    6.1037719034261348,
                    50.850063739831803,
                ),
                (
                    -0.772741601934689326,
                    0.078066391489096984,
                    44.670939772031701,
                    93.284224564538277,
                ),
                (-0.1201197252115116, 0.0571429820585376, 38.5281273906024921, 89.6179745269020032),
            ],
        ),
        (
            "RR",
            [
                (
                    -0.808754468718202446,
                    0.080104726286111358,
                    6.1501351310815284,
                    51.220584002478056,
                ),
                (
                    -0.767398006359242713,
                    0.078570031636317622,
                    44.189394978284930,
                    93.211040790501357,
                ),
                (
                    -0.119383982113116183,
                    0.056609557605031294,
                    38.244429947149385,
                    89.540960590790164,
                ),
            ],
        ),
        (
            "RD",
            [
                (
                    -0.054322925213258107,
                    0.0052295485252761512,
                    2288.3349479706094,
                    99.86890031100296,
                ),
                (
                    -0.0048589698348097191,
                    0.0005094722040501551,
                    105.53503609381261,
                    97.15734213866935,
                ),
                (
                    -0.00063617413857331221,
                    0.00030257688250977005,
                    42.3308318160849524,
                    90.550622729600903,
                ),
            ],
        ),
        (
            "PETO",
            [
                (
                    -0.935003823207369966,
                    0.088992847361325761,
                    5.5834846225993857,
                    46.270112612876638,
                ),
                (-0.75981117585690949, 0.07584515824215575, 38.70315809438550, 92.24869455695607),
                (
                    -0.120898181998056700,
                    0.057278897082760759,
                    44.405982181631948,
                    90.992204645673709,
                ),
            ],
        ),
    ],
)
def test_groups_as_subsets_in_metafor(
    measure: str, expected: list[tuple[float, float, float, float]]
) -> None:
    batch: MantelHaenszelMany | PetoMany
    if measure == "PETO":
        batch = peto.pool_many(*BCG, THIRDS)
    else:
        batch = mantel_haenszel.pool_many(measure, *BCG, THIRDS)
    columns = batch.columns
    assert batch.groups.labels.tolist() == [1, 2, 3]
    assert columns.k.tolist() == columns.k_yi.tolist() == [4, 4, 5]
    found = zip(columns.estimate, columns.se, columns.q, columns.i2, strict=True)
    for numbers, wanted in zip(found, expected, strict=True):
        assert numbers == pytest.approx(wanted, rel=1e-11)


def test_the_tests_of_groups_as_of_subsets_in_metafor() -> None:
    # In R: res[c("CO", "MH", "BD", "TA")] of the odds ratios above
    tests = mantel_haenszel.pool_many("OR", *BCG, THIRDS).tests
    for test, expected in (
        (tests.cochran, [109.510058565536411, 99.608025226171961, 4.3350884814347026]),
        (tests.mantel_haenszel, [109.453629902998827, 99.600466472450648, 4.3349480727363225]),
        (tests.breslow_day, [6.860871478259102041, 45.967284056168339, 43.5487205720966344]),
        (tests.tarone, [6.860870808501587703, 45.913451269226570, 43.5484850688218330]),
    ):
        assert test.statistic == pytest.approx(expected, rel=1e-9)
    assert tests.cochran.df.tolist() == [1, 1, 1]
    assert tests.tarone.df.tolist() == [3, 3, 4]


def test_groups_are_in_the_order_of_their_first_study_and_may_be_named() -> None:
    batch = mantel_haenszel.pool_many(
        "RD", [1, 9, 1], [9, 1, 9], [1, 1, 3], [9, 9, 7], ["pear", "fig", "pear"]
    )
    assert batch.groups.labels.tolist() == ["pear", "fig"]
    assert batch.columns.estimate == pytest.approx([-0.1, 0.8], rel=1e-14)
    assert [result.labels for result in batch] == [("study 1", "study 3"), ("study 2",)]
    assert [result.k for result in batch] == [2, 1]
    assert batch[-1].k == 1
    with pytest.raises(IndexError):
        batch[2]


def test_a_group_without_any_event_leaves_the_others_their_results() -> None:
    table = ([0, 5, 0, 7], [10, 15, 12, 23], [0, 8, 0, 9], [11, 12, 14, 21])
    ratios = mantel_haenszel.pool_many("OR", *table, [0, 1, 0, 1])
    assert np.isnan(ratios.columns.estimate).tolist() == [True, False]
    assert ratios.columns.k.tolist() == [2, 2]
    assert ratios.columns.k_yi.tolist() == [0, 2]
    assert ratios.columns.k_pos.tolist() == [0, 2]
    assert np.isnan(ratios.tests.cochran.p).tolist() == [True, False]
    assert ratios[0].estimate is None
    assert "There is no pooled odds ratio" in ratios[0].summary()
    by_peto = peto.pool_many(*table, [0, 1, 0, 1])
    assert np.isnan(by_peto.columns.estimate).tolist() == [True, False]
    with pytest.raises(SynthesisError, match="In no study do events and non-events both occur"):
        by_peto[0]


def test_zeros_of_one_group_do_not_correct_another() -> None:
    table = ([0, 5, 6, 7], [10, 15, 12, 23], [4, 8, 5, 9], [11, 12, 14, 21])
    options: Options = {"add": (0.5, 0.5), "to": ("if0all", "if0all")}
    batch = mantel_haenszel.pool_many("OR", *table, [0, 0, 1, 1], **options)
    plain = mantel_haenszel.pool_many("OR", *table, [0, 0, 1, 1], to=("none", "none"))
    assert batch.columns.estimate[0] != pytest.approx(plain.columns.estimate[0], rel=1e-3)
    assert batch.columns.estimate[1] == plain.columns.estimate[1]
    assert batch.columns.q[1] == plain.columns.q[1]


def test_rows_that_cannot_be_summed_are_left_out_by_name() -> None:
    table = ([5, math.nan, 0, 4], [9, 8, 0, 7], [7, 6, 0, 9], [8, 5, 0, 9])
    batches: list[MantelHaenszelMany | PetoMany] = [
        mantel_haenszel.pool_many("RR", *table, [0, 0, 1, 0]),
        peto.pool_many(*table, [0, 0, 1, 0]),
    ]
    for batch in batches:
        assert list(map(str, batch.left_out)) == [
            "study 2: missing ai",
            "study 3: nobody in either arm",
        ]
        assert batch.columns.k.tolist() == [2, 0]
        assert [study.label for study in batch[0].left_out] == ["study 2"]
        with pytest.raises(TooFewStudies):
            batch[1]


def test_the_code_of_a_measure_may_be_small() -> None:
    small, large = (mantel_haenszel.pool_many(code, *BCG, THIRDS) for code in ("rr", "RR"))
    assert small.measure is large.measure
    assert small.columns.estimate.tolist() == large.columns.estimate.tolist()


@pytest.mark.parametrize("code", ["SMD", "PETO", "odds"])
def test_a_measure_without_a_mantel_haenszel_method_is_refused(code: str) -> None:
    with pytest.raises(BadOption, match=f"no Mantel-Haenszel method for '{code}'. It pools OR, RR"):
        mantel_haenszel.pool_many(code, *BCG, THIRDS)


@pytest.mark.parametrize(
    "options", [{"add": (-1, 0)}, {"to": ("some", "none")}, {"to": ("none", "some")}, {"level": 95}]
)
def test_options_that_do_not_exist_are_refused(options: Options) -> None:
    with pytest.raises(BadOption):
        mantel_haenszel.pool_many("IRR", *BCG, THIRDS, **options)


@pytest.mark.parametrize("group", [[1], [[1] * 13], []])
def test_every_study_has_a_group(group: list[int]) -> None:
    with pytest.raises(BadTable, match=r"group labels for 13 studies\. Give one per study"):
        mantel_haenszel.pool_many("OR", *BCG, group)
    with pytest.raises(BadTable, match=r"group labels for 13 studies\. Give one per study"):
        peto.pool_many(*BCG, group)


def test_a_batch_has_a_study() -> None:
    with pytest.raises(TooFewStudies, match="at least 1 study"):
        mantel_haenszel.pool_many("OR", [], [], [], [], [])
    with pytest.raises(TooFewStudies, match="at least 1 study"):
        peto.pool_many([], [], [], [], [])


def test_a_number_that_cannot_be_counted_is_refused_by_its_row() -> None:
    with pytest.raises(BadStudy, match="study 2: ci is -7"):
        mantel_haenszel.pool_many("OR", [5, 2], [20, 30], [9, -7], [18, 31], [0, 1])
    with pytest.raises(BadStudy, match="study 1: t2i is 0"):
        mantel_haenszel.pool_many("IRD", [5, 2], [20, 30], [9, 7], [0, 31], [0, 1])
    with pytest.raises(BadOption):
        peto.pool_many(*BCG, THIRDS, level=0)
