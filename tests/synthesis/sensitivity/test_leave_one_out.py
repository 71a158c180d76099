import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.measures import MEASURES
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.leave_one_out import leave_one_out, without_each

STUDIES = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=2, max_size=8)
METHODS = st.sampled_from(["EE", "DL", "PM", "REML"])


def effects_of(studies: list[tuple[float, float]]) -> Effects:
    yi, vi = zip(*studies, strict=True)
    return Effects.of(yi, vi)


def test_common_effect_is_metafors(bcg: Effects) -> None:
    # r <- rma(yi, vi, data=escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg),
    #          method="EE"); leave1out(r), rows 1, 7 and 13
    rows = [leave_one_out(bcg, method="EE").studies[i] for i in (0, 6, 12)]
    assert [row.estimate.estimate for row in rows] == pytest.approx(
        [-0.42796108964187823, -0.42146409453503458, -0.43999402956529715], rel=1e-12
    )
    assert [row.estimate.se for row in rows] == pytest.approx(
        [0.040601145938919982, 0.040648499370980098, 0.040972044659416104], rel=1e-12
    )
    assert [row.estimate.ci_low for row in rows] == pytest.approx(
        [-0.5075378734132161, -0.50113368932775459, -0.52029776147071938], rel=1e-12
    )
    assert [row.estimate.p for row in rows] == pytest.approx(
        [5.6130008615420332e-26, 3.4488453570554041e-25, 6.6847629139989329e-27], rel=1e-9
    )
    assert [row.heterogeneity.q for row in rows] == pytest.approx(
        [151.5825727471086, 145.82963814506516, 149.78842382543434], rel=1e-12
    )


def test_random_effects_with_hartung_knapp_is_metafors(bcg: Effects) -> None:
    # leave1out(rma(yi, vi, data=d, method="DL", test="knha")), rows 1, 7 and 13
    rows = [leave_one_out(bcg, method="DL", test="knha").studies[i] for i in (0, 6, 12)]
    assert [row.label for row in rows] == ["Aronson", "Vandiviere", "Comstock 1976"]
    assert [row.estimate.estimate for row in rows] == pytest.approx(
        [-0.70512519841745114, -0.6556939493553221, -0.77892374005707254], rel=1e-12
    )
    assert [row.estimate.p for row in rows] == pytest.approx(
        [0.0038434322920047671, 0.0040035792231716306, 0.0015074894328062976], rel=1e-10
    )
    assert [row.estimate.ci_high for row in rows] == pytest.approx(
        [-0.27953255717213005, -0.25738595333996955, -0.36988783240107104], rel=1e-11
    )
    assert [row.heterogeneity.tau2 for row in rows] == pytest.approx(
        [0.31217149904067859, 0.30057127632259167, 0.31770327992381425], rel=1e-12
    )
    assert [row.heterogeneity.i2 for row in rows] == pytest.approx(
        [92.743229118856732, 92.456951728113282, 92.656308332064725], rel=1e-12
    )
    assert [row.heterogeneity.h2 for row in rows] == pytest.approx(
        [13.780233886100779, 13.25723983136956, 13.61712943867585], rel=1e-12
    )
    assert [row.heterogeneity.q_p for row in rows] == pytest.approx(
        [7.0778599767807972e-27, 1.0582090159355596e-25, 1.6464399663921876e-26], rel=1e-9
    )


@given(STUDIES, METHODS)
def test_each_row_is_the_pooled_effect_of_the_others(
    studies: list[tuple[float, float]], method: str
) -> None:
    effects = effects_of(studies)
    for i, row in enumerate(leave_one_out(effects, method=method, test="adhoc").studies):
        others = pool(effects.take(np.arange(effects.k) != i), method=method, test="adhoc")
        assert row.estimate.estimate == pytest.approx(others.estimate.estimate, rel=1e-8, abs=1e-8)
        assert row.estimate.ci_low == pytest.approx(others.estimate.ci_low, rel=1e-8, abs=1e-8)
        assert row.estimate.df == others.estimate.df
        assert row.heterogeneity.tau2 == pytest.approx(
            others.heterogeneity.tau2, rel=1e-7, abs=1e-8
        )


@given(STUDIES, METHODS)
def test_copies_of_a_study_are_left_out_with_the_same_result(
    studies: list[tuple[float, float]], method: str
) -> None:
    rows = leave_one_out(effects_of([*studies, studies[0]]), method=method).studies
    first, copy = rows[0], rows[-1]
    assert first.estimate.estimate == pytest.approx(copy.estimate.estimate, rel=1e-7, abs=1e-7)
    assert first.estimate.se == pytest.approx(copy.estimate.se, rel=1e-7)


@given(STUDIES)
def test_order_of_the_studies_changes_nothing(
    studies: list[tuple[float, float]],
) -> None:
    order = np.random.default_rng(len(studies)).permutation(len(studies))
    effects = effects_of(studies)
    given_order = {row.label: row for row in leave_one_out(effects, method="DL").studies}
    for row in leave_one_out(effects.take(order), method="DL").studies:
        same = given_order[row.label]
        assert row.estimate.estimate == pytest.approx(same.estimate.estimate, rel=1e-9, abs=1e-9)
        assert row.heterogeneity.q == pytest.approx(same.heterogeneity.q, rel=1e-9, abs=1e-9)


def test_many_studies_are_left_out_in_batches_with_the_same_result() -> None:
    generator = np.random.default_rng(20)
    effects = Effects.of(generator.normal(size=300), generator.uniform(0.1, 1, 300))
    columns = without_each(effects, method="DL")
    assert columns.estimate.shape == (300,)
    for i in (0, 217, 218, 219, 299):
        others = pool(effects.take(np.arange(300) != i), method="DL")
        assert columns.estimate[i] == pytest.approx(others.estimate.estimate, rel=1e-12)
        assert columns.tau2[i] == pytest.approx(others.heterogeneity.tau2, rel=1e-12)


def test_two_studies_leave_single_ones_with_a_note() -> None:
    result = leave_one_out(Effects.of([0.1, 0.4], [0.04, 0.09]), test="knha")
    assert [row.estimate.estimate for row in result.studies] == [0.4, 0.1]
    assert [row.estimate.df for row in result.studies] == [None, None]
    assert [row.heterogeneity.tau2_se for row in result.studies] == [None, None]
    assert "single study" in result.notes[-1]


def test_one_study_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 2 studies"):
        leave_one_out(Effects.of([0.1], [0.04]))


def test_unknown_method_is_refused(bcg: Effects) -> None:
    with pytest.raises(BadOption, match="no method 'XX'"):
        leave_one_out(bcg, method="XX")


def test_summary_names_the_studies_at_the_ends(bcg: Effects) -> None:
    summary = leave_one_out(bcg, method="DL").summary()
    # In R: leave1out(rma(yi, vi, data=d, method="DL")), rows 4 and 8
    assert "-0.7901 (without TPT Madras) and -0.6187 (without Hart & Sutherland)" in summary
    assert "excludes no effect, and so it does without any one of them" in summary


def test_summary_names_the_studies_on_which_the_conclusion_rests() -> None:
    effects = Effects.of([0.5, 0.1, np.nan], [0.03, 0.09, 0.1], ["A", "B", "C"])
    summary = leave_one_out(effects, method="EE").summary()
    assert "With all studies the interval excludes no effect; this changes without A." in summary
    assert "left out: C: no effect" in summary


def test_summary_is_silent_on_no_effect_where_there_is_no_such_value() -> None:
    effects = Effects.of([0.5, 0.4], [0.03, 0.09], measure=MEASURES["PR"])
    assert "no effect" not in leave_one_out(effects).summary()
