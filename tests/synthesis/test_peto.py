import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.errors import BadOption, BadStudy, SynthesisError, TooFewStudies
from kb.synthesis.mantel_haenszel import odds_ratio
from kb.synthesis.peto import pool

# Vaccination against tuberculosis: dat.bcg of metadat, tpos, tneg, cpos and cneg.
BCG = (
    [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
)
# Without events in either arm, in one arm, and with nothing else.
SPARSE = (
    [0, 0, 2, 1, 0, 5, 12],
    [25, 40, 58, 32, 10, 0, 0],
    [0, 1, 4, 0, 0, 6, 12],
    [24, 40, 54, 30, 12, 3, 0],
)

cells = st.lists(st.tuples(*[st.integers(1, 200)] * 4), min_size=1, max_size=8).map(
    lambda rows: np.array(rows, dtype=float).T
)


def test_as_metafor() -> None:
    # In R: rma.peto(ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg), metafor 3.8-1
    result = pool(*BCG)
    assert result.estimate.estimate == pytest.approx(-0.47444631094063633, rel=1e-13)
    assert result.estimate.se == pytest.approx(0.040659080744648281, rel=1e-13)
    assert result.estimate.statistic == pytest.approx(-11.668889267819587, rel=1e-13)
    assert result.heterogeneity.q == pytest.approx(167.73016751148941, rel=1e-12)
    assert result.heterogeneity.q_df == 12
    assert result.heterogeneity.q_p == pytest.approx(1.389754347184333e-29, rel=1e-10)
    assert result.heterogeneity.i2 == pytest.approx(92.845651931291371, rel=1e-12)
    assert result.weights[:3] == pytest.approx(
        [0.58449411801866547, 1.3655919192328245, 0.56155674347503193], rel=1e-12
    )
    assert (result.k, result.k_yi, result.k_pos) == (13, 13, 13)
    assert not result.left_out
    assert not result.notes


# In R: rma.peto(ai=a, bi=b, ci=c, di=d, drop00=): k, k.yi, k.pos, QEp
@pytest.mark.parametrize(
    ("drop00", "k", "k_yi", "p"),
    [
        ((True, False), 7, 4, 0.20152113308950137),
        ((False, False), 7, 7, 0.59290313345561618),
        ((True, True), 4, 4, 0.20152113308950137),
    ],
)
def test_double_zeros_as_metafor(drop00: tuple[bool, bool], k: int, k_yi: int, p: float) -> None:
    result = pool(*SPARSE, drop00=drop00)
    assert (result.k, result.k_yi, result.k_pos) == (k, k_yi, 4)
    assert result.estimate.estimate == pytest.approx(0.001169496447083087, rel=1e-10)
    assert result.estimate.se == pytest.approx(0.6302297111167291, rel=1e-13)
    assert result.heterogeneity.q == pytest.approx(4.6236675904003821, rel=1e-12)
    assert result.heterogeneity.q_p == pytest.approx(p, rel=1e-12)


def test_an_arm_without_people_counts_for_the_degrees_of_freedom_as_in_metafor() -> None:
    # In R: rma.peto(ai=c(tpos, 0), bi=c(tneg, 0), ci=c(cpos, 7), di=c(cneg, 9)): QE, QEp, I2, H2
    ai, bi, ci, di = BCG
    result = pool([*ai, 0], [*bi, 0], [*ci, 7], [*di, 9])
    assert (result.k, result.k_yi, result.k_pos) == (14, 14, 13)
    assert result.estimate == pool(*BCG).estimate
    found = result.heterogeneity
    assert (found.q, found.q_p, found.i2, found.h2) == pytest.approx(
        (167.73016751148941, 5.3384348506101972e-29, 92.249456258898988, 12.902320577806877),
        rel=1e-11,
    )


@given(cells)
def test_the_pooled_effect_is_the_inverse_variance_mean_of_its_studies(
    columns: np.ndarray,
) -> None:
    result = pool(*columns)
    weights = 1 / result.effects.vi
    mean = np.average(result.effects.yi, weights=weights)
    assert result.estimate.estimate == pytest.approx(mean, abs=1e-12)
    assert result.estimate.se == pytest.approx(np.sum(weights) ** -0.5, rel=1e-12)
    assert result.weights == pytest.approx(100 * weights / np.sum(weights))


@given(cells)
def test_the_test_of_no_effect_is_that_of_mantel_and_haenszel(columns: np.ndarray) -> None:
    other = odds_ratio(*columns, correct=False).mantel_haenszel
    assert other is not None
    assert pool(*columns).estimate.statistic ** 2 == pytest.approx(other.statistic, abs=1e-9)


@given(cells)
def test_exchanged_arms_or_outcomes_change_the_sign_alone(columns: np.ndarray) -> None:
    a, b, c, d = columns
    one = pool(a, b, c, d)
    for other in (pool(c, d, a, b), pool(b, a, d, c)):
        assert other.estimate.estimate == pytest.approx(-one.estimate.estimate, abs=1e-12)
        assert other.estimate.se == pytest.approx(one.estimate.se, rel=1e-12)
        assert other.heterogeneity.q == pytest.approx(one.heterogeneity.q, rel=1e-9, abs=1e-9)


def test_one_study_has_no_heterogeneity() -> None:
    result = pool([7], [33], [12], [29])
    assert (result.heterogeneity.q, result.heterogeneity.q_df, result.heterogeneity.q_p) == (
        0,
        0,
        1,
    )


def test_tables_without_weight_are_named() -> None:
    result = pool(*SPARSE, labels=list("ABCDEFG"))
    assert result.notes == ("No weight, for want of events, non-events or an arm: A, E, G.",)
    assert result.weights[[0, 4, 6]] == pytest.approx([0, 0, 0])
    assert result.notes[0] in result.summary()


def test_dropped_tables_are_named() -> None:
    result = pool(*SPARSE, labels=list("ABCDEFG"), drop00=(True, True))
    assert [study.label for study in result.left_out] == ["A", "E", "G"]
    assert list(result.labels) == list("BCDF")
    assert list(result.rows) == [1, 2, 3, 5]


def test_incomplete_tables_are_left_out_by_name() -> None:
    result = pool([5, math.nan, 7], [20, 30, 41], [9, 7, 12], [18, 31, 29], list("ABC"))
    assert list(map(str, result.left_out)) == ["B: missing ai"]
    assert result.summary().endswith("left out: B: missing ai")


def test_one_person_in_one_arm_has_no_weight() -> None:
    one, other = pool([5, 1], [20, 0], [9, 0], [18, 0]), pool([5], [20], [9], [18])
    assert one.estimate == other.estimate


def test_no_event_anywhere_leaves_nothing_to_compare() -> None:
    with pytest.raises(SynthesisError, match="In no study do events and non-events both occur"):
        pool([0, 0], [21, 31], [0, 0], [22, 28])


def test_without_a_study_nothing_is_pooled() -> None:
    with pytest.raises(TooFewStudies, match="Peto's method needs at least 1 study"):
        pool([], [], [], [])
    with pytest.raises(TooFewStudies, match="Peto's method needs at least 1 study"):
        pool([0], [21], [0], [22], drop00=(True, True))


def test_a_count_below_zero_is_refused_by_name() -> None:
    with pytest.raises(BadStudy, match="B: ci is -7"):
        pool([5, 2], [20, 30], [9, -7], [18, 31], list("AB"))


def test_a_level_is_a_share() -> None:
    with pytest.raises(BadOption):
        pool(*BCG, level=95)


def test_the_summary_is_in_the_fields_words() -> None:
    assert pool(*BCG).summary().splitlines() == [
        "13 studies, Peto's method",
        (
            "log odds ratio (Peto): -0.4744 (95% CI -0.5541 to -0.3948); SE 0.0407, z = -11.67, "
            "p < 0.001"
        ),
        "odds ratio (Peto): 0.6222 (95% CI 0.5746 to 0.6738)",
        "I² 92.8%; Q(12) = 167.73, p < 0.001",
    ]
