from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import (
    Table2x2,
)

from kb.synthesis.effect_sizes import counts
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable

MEASURES: dict[str, Callable[..., Effects]] = {
    "OR": counts.odds_ratio,
    "RR": counts.risk_ratio,
    "RD": counts.risk_difference,
    "PETO": counts.peto,
    "AS": counts.arcsine,
}
every_measure = pytest.mark.parametrize("compute", MEASURES.values(), ids=MEASURES)

# An ordinary table, one with a zero, an ordinary small one, one without an event, one with zeros in
# opposite corners, and one with fractions.
AI = [4, 0, 3, 0, 12, 2.5]
BI = [119, 45, 7, 20, 0, 17.5]
CI = [11, 3, 3, 0, 9, 4.25]
DI = [128, 40, 9, 35, 6, 20.75]
NAN = float("nan")

cell = st.integers(0, 400)
table = st.tuples(cell, cell, cell, cell).filter(lambda t: t[0] + t[1] > 0 and t[2] + t[3] > 0)
full_cell = st.integers(1, 400)
full_table = st.tuples(full_cell, full_cell, full_cell, full_cell)


def of_one(compute: Callable[..., Effects], cells: tuple[float, ...], **options: Any) -> Effects:
    return compute(*([count] for count in cells), ["Only 2001"], **options)


def reason(effects: Effects) -> str:
    (left_out,) = effects.left_out
    return left_out.reason


# Viechtbauer W. J Stat Softw 2010;36(3), p. 12: the log risk ratios of the BCG trials.
def test_log_risk_ratios_of_the_bcg_trials_are_the_published_ones() -> None:
    effects = counts.risk_ratio(
        [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
        [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
        [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
        [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
    )
    yi = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694]
    vi = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564]
    assert effects.yi[:9] == pytest.approx(yi, abs=5e-5)
    assert effects.vi[:9] == pytest.approx(vi, abs=5e-5)
    assert effects.yi[9:] == pytest.approx([-1.3713, -0.3394, 0.4459, -0.0173], abs=5e-5)
    assert effects.vi[9:] == pytest.approx([0.0730, 0.0124, 0.5325, 0.0714], abs=5e-5)


# metafor 3.8-1: escalc(measure=, ai=c(4, 0, 3, 0, 12, 2.5), bi=c(119, 45, 7, 20, 0, 17.5),
#   ci=c(11, 3, 3, 0, 9, 4.25), di=c(128, 40, 9, 35, 6, 20.75))
@pytest.mark.parametrize(
    ("code", "yi", "vi"),
    [
        (
            "OR",
            [
                -0.93869414087039216,
                -2.0623205008997245,
                0.25131442828090622,
                0.54910781033700751,
                2.8393862031632979,
                -0.3602828853149318,
            ],
            [
                0.35712495225362872,
                2.332383665716999,
                0.92063492063492069,
                4.0769495018893851,
                2.3391093117408905,
                0.74062974587425334,
            ],
        ),
        (
            "RR",
            [
                -0.88931133392020545,
                -1.9903619116261475,
                0.18232155679395445,
                0.5389965007326869,
                0.48207621048000482,
                -0.30748469974796055,
            ],
            [
                0.32558476500396133,
                2.24124788255223,
                0.48333333333333334,
                3.9246031746031749,
                0.045840080971659911,
                0.54529411764705882,
            ],
        ),
        (
            "RD",
            [
                -0.046616365444229972,
                -0.068675889328063233,
                0.049999999999999989,
                0.0099206349206349201,
                0.36778846153846156,
                -0.045000000000000012,
            ],
            [
                0.00078006866485593796,
                0.001897771364306662,
                0.036624999999999998,
                0.0014872360246273699,
                0.017920471941496926,
                0.011112749999999999,
            ],
        ),
        (
            "PETO",
            [
                -0.86038334731641941,
                -1.5991100974354262,
                0.2406250000000002,
                0.56547619047619058,
                1.9392482517482512,
                -0.34509803921568627,
            ],
            [
                0.28283618192835874,
                1.0353950271164631,
                0.88229166666666681,
                4.2976190476190474,
                0.7351398601398601,
                0.69019607843137254,
            ],
        ),
        (
            "AS",
            [
                -0.10383557709525237,
                -0.26730724292373198,
                0.056040964765405321,
                0,
                0.68471920300228284,
                -0.063621659055695667,
            ],
            [
                0.003831081476282389,
                0.01136950904392765,
                0.045833333333333337,
                0.019642857142857142,
                0.0375,
                0.0225,
            ],
        ),
    ],
)
def test_effects_are_those_of_metafor(code: str, yi: list[float], vi: list[float]) -> None:
    effects = MEASURES[code](AI, BI, CI, DI)
    assert effects.yi == pytest.approx(yi, rel=1e-12)
    assert effects.vi == pytest.approx(vi, rel=1e-12)
    assert effects.ni is not None
    assert effects.ni.tolist() == [262, 88, 22, 55, 27, 45]
    assert effects.measure.code == code


# metafor 3.8-1: escalc("OR", to="all"), with the tables above; "if0all" gives the same
@pytest.mark.parametrize("to", ["all", "if0all"])
def test_a_correction_of_all_tables_is_that_of_metafor(to: str) -> None:
    effects = counts.odds_ratio(AI, BI, CI, DI, to=to)
    assert effects.yi == pytest.approx(
        [
            -0.86565710562922149,
            -2.0623205008997245,
            0.23638877806423053,
            0.54910781033700751,
            2.8393862031632979,
            -0.29354719190417899,
        ],
        rel=1e-12,
    )
    assert effects.vi == pytest.approx(
        [
            0.32532904596548784,
            2.332383665716999,
            0.81002506265664154,
            4.0769495018893851,
            2.3391093117408905,
            0.64647402820777433,
        ],
        rel=1e-12,
    )


# metafor 3.8-1: escalc("OR", add=0.25, drop00=TRUE) and escalc("AS", add=0.5), tables above
def test_another_correction_is_that_of_metafor() -> None:
    effects = counts.odds_ratio(AI, BI, CI, DI, add=0.25, drop00=True)
    assert effects.rows.tolist() == [0, 1, 2, 4, 5]
    assert effects.yi[[1, 3]] == pytest.approx([-2.6820420237428997, 3.4997782103346018], rel=1e-12)
    assert effects.vi[[1, 3]] == pytest.approx([4.354636475703014, 4.3497407611693326], rel=1e-12)
    asked = counts.arcsine(AI, BI, CI, DI, add=0.5)
    assert asked.yi[[1, 3]] == pytest.approx(
        [-0.18147071547759508, 0.036796666878428252], rel=1e-12
    )


@every_measure
@given(full_table)
def test_without_a_zero_only_all_corrects(
    compute: Callable[..., Effects], cells: tuple[float, ...]
) -> None:
    plain = of_one(compute, cells, to="none")
    for to in ("only0", "if0all", "treatment"):
        corrected = of_one(compute, cells, add=0.5, to=to)
        assert (corrected.yi, corrected.vi) == (plain.yi, plain.vi)
    assert of_one(compute, cells, add=0.5, to="all").vi != plain.vi


@every_measure
@given(table)
def test_adding_is_the_same_as_counting_more(
    compute: Callable[..., Effects], cells: tuple[float, ...]
) -> None:
    corrected = of_one(compute, cells, add=0.5, to="all")
    counted = of_one(compute, tuple(count + 0.5 for count in cells), to="none")
    assert corrected.yi == counted.yi
    assert corrected.vi == counted.vi


@every_measure
@given(table)
def test_exchanging_the_groups_changes_the_sign(
    compute: Callable[..., Effects], cells: tuple[float, ...]
) -> None:
    ai, bi, ci, di = cells
    for to in ("only0", "treatment"):
        forward = of_one(compute, cells, add=0.5, to=to)
        backward = of_one(compute, (ci, di, ai, bi), add=0.5, to=to)
        assert forward.yi == pytest.approx(-backward.yi, rel=1e-9, abs=1e-12)
        assert forward.vi == pytest.approx(backward.vi, rel=1e-12)


@pytest.mark.parametrize("code", ["OR", "RD", "PETO", "AS"])
@given(cells=table)
def test_counting_the_absence_of_the_event_changes_the_sign(
    code: str, cells: tuple[float, ...]
) -> None:
    ai, bi, ci, di = cells
    event = of_one(MEASURES[code], cells, add=0.5)
    absence = of_one(MEASURES[code], (bi, ai, di, ci), add=0.5)
    assert event.yi == pytest.approx(-absence.yi, rel=1e-9, abs=1e-12)
    assert event.vi == pytest.approx(absence.vi, rel=1e-12)


@every_measure
@given(full_cell, full_cell, st.integers(1, 20), st.integers(1, 20))
def test_equal_risks_are_no_effect(
    compute: Callable[..., Effects], events: int, others: int, first: int, second: int
) -> None:
    cells = (events * first, others * first, events * second, others * second)
    assert of_one(compute, cells).yi == pytest.approx(0, abs=1e-12)


@given(full_table)
def test_the_odds_ratio_is_the_risk_ratio_of_events_over_that_of_their_absence(
    cells: tuple[float, ...],
) -> None:
    ai, bi, ci, di = cells
    events, absences = (of_one(counts.risk_ratio, c).yi for c in (cells, (bi, ai, di, ci)))
    assert of_one(counts.odds_ratio, cells).yi == pytest.approx(events - absences, abs=1e-12)


def test_the_variance_of_a_risk_ratio_keeps_its_digits_when_nearly_all_have_the_event() -> None:
    effects = counts.risk_ratio([1e9], [1], [1e9], [1])
    assert effects.vi[0] == pytest.approx(2 / (1e9 * (1e9 + 1)), rel=1e-14)


@given(full_table)
def test_ratios_are_those_of_statsmodels(cells: tuple[int, ...]) -> None:
    oracle = Table2x2(np.reshape(cells, (2, 2)).astype(float))
    for compute, log_ratio, se in (
        (counts.odds_ratio, oracle.log_oddsratio, oracle.log_oddsratio_se),
        (counts.risk_ratio, oracle.log_riskratio, oracle.log_riskratio_se),
    ):
        effects = of_one(compute, cells)
        assert effects.yi == pytest.approx(log_ratio, rel=1e-9, abs=1e-12)
        assert effects.sei == pytest.approx(se, rel=1e-9)


# Sweeting, Sutton & Lambert 2004: with R the ratio of control to treatment, k_T = 1 / (R + 1) and
# k_C = R / (R + 1); here R = 3, so that 1/4 is added to the first arm and 3/4 to the second.
def test_treatment_arm_correction_is_shared_out_by_the_size_of_the_arms() -> None:
    corrected = of_one(counts.odds_ratio, (0, 20, 4, 56), to="treatment")
    expected = of_one(counts.odds_ratio, (0.25, 20.25, 4.75, 56.75), to="none")
    assert corrected.yi == pytest.approx(expected.yi, rel=1e-14)
    assert corrected.vi == pytest.approx(expected.vi, rel=1e-14)


@pytest.mark.parametrize("code", ["OR", "RR", "RD", "PETO"])
@given(n1=st.integers(1, 500), n2=st.integers(1, 500))
def test_treatment_arm_correction_shows_no_effect_where_there_is_no_event(
    code: str, n1: int, n2: int
) -> None:
    corrected = of_one(MEASURES[code], (0, n1, 0, n2), to="treatment")
    assert corrected.yi == pytest.approx(0, abs=1e-12)


@every_measure
@given(cell, cell, st.data())
def test_treatment_arm_correction_of_equal_arms_adds_the_same_to_every_cell(
    compute: Callable[..., Effects], ai: int, bi: int, data: st.DataObject
) -> None:
    assume(ai + bi > 0)
    ci = data.draw(st.integers(0, ai + bi))
    equal = (ai, bi, ci, ai + bi - ci)
    shared = of_one(compute, equal, add=0.5, to="treatment")
    everywhere = of_one(compute, equal, add=0.5, to="only0")
    assert shared.yi == pytest.approx(everywhere.yi, rel=1e-12, abs=1e-14)
    assert shared.vi == pytest.approx(everywhere.vi, rel=1e-12)


@pytest.mark.parametrize(
    ("code", "cells", "options", "why"),
    [
        ("OR", (0, 5, 2, 3), {"to": "none"}, "a count is zero: the log odds ratio is not defined"),
        ("OR", (0, 5, 0, 3), {"add": 0}, "a count is zero: the log odds ratio is not defined"),
        ("RR", (0, 5, 2, 3), {"to": "none"}, "a count is zero: the log risk ratio is not defined"),
        (
            "RR",
            (5, 0, 3, 0),
            {"to": "none"},
            "a count is zero: the variance of the log risk ratio is zero",
        ),
        (
            "RD",
            (5, 0, 0, 3),
            {"to": "none"},
            "a count is zero: the variance of the risk difference is zero",
        ),
        (
            "PETO",
            (0, 5, 0, 3),
            {"to": "none"},
            "a count is zero: the log odds ratio (Peto) is not defined",
        ),
        (
            "PETO",
            (0.2, 0.1, 0.3, 0.1),
            {},
            "these numbers give no log odds ratio (Peto) with a variance",
        ),
        ("AS", (0, 0, 3, 4), {}, "nobody is in the first group"),
        ("OR", (1, 3, 0, 0), {"to": "none"}, "nobody is in the second group"),
        ("OR", (0, 0, 3, 4), {"to": "treatment"}, "nobody is in the first group"),
        ("OR", (0, 0, 0, 0), {"to": "treatment"}, "nobody is in the first group"),
        (
            "RR",
            (0, 5, 0, 3),
            {"drop00": True},
            "the groups have no event, or nothing else, and drop00 is set",
        ),
        (
            "RD",
            (5, 0, 3, 0),
            {"drop00": True},
            "the groups have no event, or nothing else, and drop00 is set",
        ),
        ("OR", (1, NAN, 3, 4), {}, "bi is missing"),
        ("AS", (NAN, 2, 3, NAN), {"drop00": True}, "ai, di are missing"),
    ],
)
def test_a_study_without_an_effect_is_set_aside_with_the_reason(
    code: str, cells: tuple[float, ...], options: dict[str, Any], why: str
) -> None:
    effects = of_one(MEASURES[code], cells, **options)
    assert effects.k == 0
    assert reason(effects) == why
    assert effects.left_out[0].label == "Only 2001"


def test_single_zeros_need_no_correction_for_a_difference_of_risks() -> None:
    effects = of_one(counts.risk_difference, (0, 5, 2, 3), to="none")
    assert effects.yi == pytest.approx(-0.4)
    assert effects.vi == pytest.approx(0.4 * 0.6 / 5)


# metafor 3.8-1: escalc("OR", ai=c(0, 3), bi=c(0, 5), ci=c(2, 4), di=c(6, 4))
def test_a_group_of_nobody_is_corrected_as_in_metafor() -> None:
    effects = counts.odds_ratio([0, 3], [0, 5], [2, 4], [6, 4])
    assert effects.yi == pytest.approx([0.95551144502743635, -0.51082562376599072], rel=1e-12)
    assert effects.vi == pytest.approx([4.5538461538461545, 1.0333333333333332], rel=1e-12)


def test_tables_set_aside_by_drop00_do_not_start_a_correction_of_all() -> None:
    ai, bi, ci, di = [0, 4], [9, 7], [0, 6], [8, 5]
    dropped = counts.odds_ratio(ai, bi, ci, di, to="if0all", drop00=True)
    assert dropped.yi == counts.odds_ratio(ai[1:], bi[1:], ci[1:], di[1:], to="none").yi


def test_rows_keep_their_names_and_places() -> None:
    effects = counts.odds_ratio(AI, BI, CI, DI, ["A", "B", "C", "D", "E", "F"], to="none")
    assert list(effects.labels) == ["A", "C", "F"]
    assert effects.rows.tolist() == [0, 2, 5]
    assert [left_out.label for left_out in effects.left_out] == ["B", "D", "E"]
    assert effects.ni is not None
    assert effects.ni.tolist() == [262, 22, 45]


def test_columns_that_are_given_are_not_changed() -> None:
    ai, bi, ci, di = (np.array(column, dtype=float) for column in (AI, BI, CI, DI))
    counts.odds_ratio(ai, bi, ci, di, drop00=True)
    assert [column.tolist() for column in (ai, bi, ci, di)] == [AI, BI, CI, DI]


@every_measure
def test_no_study_gives_no_effects(compute: Callable[..., Effects]) -> None:
    for to in ("only0", "if0all", "treatment"):
        assert compute([], [], [], [], to=to).k == 0


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ((3, -1, 2, 4), "Only 2001: bi is -1. A count is not negative; correct it."),
        ((3, 1, np.inf, 4), "Only 2001: ci is infinite. Leave it empty, or correct it."),
        ((3, NAN, -0.5, 4), "Only 2001: ci is -0.5. A count is not negative; correct it."),
    ],
)
@every_measure
def test_a_count_that_cannot_be_is_refused_by_name(
    compute: Callable[..., Effects], cells: tuple[float, ...], message: str
) -> None:
    with pytest.raises(BadStudy) as caught:
        of_one(compute, cells)
    assert str(caught.value) == message


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(BadTable, match="The column ci has 1 values for 2 studies"):
        counts.odds_ratio([1, 2], [3, 4], [5], [6, 7])


@pytest.mark.parametrize("add", [-0.5, NAN, np.inf])
@pytest.mark.parametrize("to", ["only0", "treatment"])
def test_a_correction_that_takes_away_or_has_no_end_is_refused(add: float, to: str) -> None:
    with pytest.raises(BadOption, match=r"adds nothing or something.* Try 0\.5"):
        counts.odds_ratio([1], [2], [3], [4], add=add, to=to)


def test_an_unknown_correction_is_refused_with_those_that_exist() -> None:
    with pytest.raises(BadOption, match=r"'only'.* only0, all, if0all, none, treatment"):
        counts.odds_ratio([1], [2], [3], [4], to="only")


@given(st.lists(table, min_size=1, max_size=8), st.sampled_from(["only0", "all", "treatment"]))
def test_a_study_gets_the_same_effect_alone_and_among_others(
    tables: list[tuple[float, ...]], to: str
) -> None:
    ai, bi, ci, di = np.array(tables, dtype=float).T
    together = counts.odds_ratio(ai, bi, ci, di, to=to)
    alone = [of_one(counts.odds_ratio, cells, to=to) for cells in tables]
    assert together.yi.tolist() == [effects.yi[0] for effects in alone]


@given(table, st.integers(2, 50))
def test_a_larger_study_of_the_same_risks_has_the_same_effect_and_less_variance(
    cells: tuple[int, ...], times: int
) -> None:
    assume(all(cells))
    for compute in MEASURES.values():
        small = of_one(compute, cells)
        large = of_one(compute, tuple(count * times for count in cells))
        if small.measure.code != "PETO":
            assert large.yi == pytest.approx(small.yi, rel=1e-9, abs=1e-12)
        assert large.vi == pytest.approx(small.vi / times, rel=0.5)
