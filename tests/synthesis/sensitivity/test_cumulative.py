from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadStudy, BadTable, TooFewStudies
from kb.synthesis.measures import MEASURES
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.cumulative import cumulative

STUDIES = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=1, max_size=8)
METHODS = st.sampled_from(["EE", "DL", "PM", "REML"])


def effects_of(studies: list[tuple[float, float]]) -> Effects:
    yi, vi = zip(*studies, strict=True)
    return Effects.of(yi, vi)


def test_cumulative_by_year_is_metafors(bcg: Effects, years: list[int]) -> None:
    # cumul(rma(yi, vi, data=d, method="DL"), order=dat.bcg$year), steps 1, 2, 3 and 13
    result = cumulative(bcg, years, method="DL")
    steps = [result.steps[i] for i in (0, 1, 2, 12)]
    assert [step.estimate.estimate for step in steps] == pytest.approx(
        [-0.88931133392020523, -1.3250034422448751, -0.96153532186821022, -0.71411722207322725],
        rel=1e-12,
    )
    assert [step.estimate.se for step in steps] == pytest.approx(
        [0.57060035489295069, 0.34898877228738301, 0.23350096090599698, 0.1787420895354031],
        rel=1e-12,
    )
    assert [step.heterogeneity.tau2 for step in steps] == pytest.approx(
        [0, 0, 0.075439865860435829, 0.30876026286237612], rel=1e-11
    )
    assert [step.heterogeneity.q for step in steps] == pytest.approx(
        [0, 0.9314790774491557, 3.1879116411930606, 152.23300808237326], rel=1e-11
    )
    assert [step.heterogeneity.i2 for step in steps] == pytest.approx(
        [0, 0, 37.263003962948304, 92.117346854562044], rel=1e-11
    )


def test_studies_come_in_by_their_key_and_ties_keep_the_order_of_rows(
    bcg: Effects, years: list[int]
) -> None:
    result = cumulative(bcg, years, method="EE")
    assert [step.label for step in result.steps][5:9] == [
        "Coetzee & Berjak",
        "Comstock & Webster",
        "Frimodt-Moller",
        "Vandiviere",
    ]
    assert [step.key for step in result.steps] == sorted(years)
    assert [step.k for step in result.steps] == list(range(1, 14))
    assert [step.label for step in result.steps] == list(result.effects.labels)


@given(STUDIES, METHODS)
def test_last_step_is_the_pooled_effect(studies: list[tuple[float, float]], method: str) -> None:
    effects = effects_of(studies)
    last = cumulative(effects, method=method, test="t", level=0.9).steps[-1]
    whole = pool(effects, method=method, test="t", level=0.9)
    assert last.estimate.estimate == pytest.approx(whole.estimate.estimate, rel=1e-8, abs=1e-8)
    assert last.estimate.ci_high == pytest.approx(whole.estimate.ci_high, rel=1e-8, abs=1e-8)
    assert last.estimate.level == 0.9
    assert last.heterogeneity.tau2 == pytest.approx(whole.heterogeneity.tau2, rel=1e-7, abs=1e-8)


@given(STUDIES)
def test_each_step_is_the_pooled_effect_so_far(studies: list[tuple[float, float]]) -> None:
    effects = effects_of(studies)
    for step in cumulative(effects, method="DL").steps:
        so_far = pool(effects.take(np.arange(step.k)), method="DL").estimate
        assert step.estimate.estimate == pytest.approx(so_far.estimate, rel=1e-9, abs=1e-9)


@given(STUDIES)
def test_common_effect_grows_more_precise_with_every_study(
    studies: list[tuple[float, float]],
) -> None:
    errors = [step.estimate.se for step in cumulative(effects_of(studies), method="EE").steps]
    assert all(before > after for before, after in pairwise(errors))


@given(STUDIES)
def test_order_of_the_rows_changes_nothing_where_keys_differ(
    studies: list[tuple[float, float]],
) -> None:
    effects, keys = effects_of(studies), np.arange(len(studies))
    turned = cumulative(effects.take(keys[::-1]), keys[::-1], method="EE")
    assert [step.estimate for step in turned.steps] == [
        step.estimate for step in cumulative(effects, keys, method="EE").steps
    ]


def test_without_keys_the_rows_are_the_order(bcg: Effects) -> None:
    result = cumulative(bcg)
    assert [step.label for step in result.steps] == list(bcg.labels)
    assert {step.key for step in result.steps} == {None}
    assert "at the first study, Aronson:" in result.summary()


def test_missing_key_names_its_study() -> None:
    effects = Effects.of([0.1, 0.2], [0.1, 0.1], ["A", "B"])
    with pytest.raises(BadStudy, match=r"^B: there is nothing to order it by"):
        cumulative(effects, [2001, np.nan])


@pytest.mark.parametrize("key", [np.inf, -np.inf])
def test_infinite_key_names_its_study(key: float) -> None:
    effects = Effects.of([0.1, 0.2], [0.1, 0.1], ["A", "B"])
    with pytest.raises(BadStudy, match=r"^B: there is an infinite number to order it by"):
        cumulative(effects, [2001, key])


def test_keys_that_do_not_fit_are_refused(bcg: Effects) -> None:
    with pytest.raises(BadTable, match="2 values for 13 studies"):
        cumulative(bcg, [1, 2])


def test_no_study_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="cumulative meta-analysis"):
        cumulative(Effects.of([], []))


def test_summary_says_since_when_the_interval_excludes_no_effect(
    bcg: Effects, years: list[int]
) -> None:
    summary = cumulative(bcg, years, method="DL").summary()
    assert "since Ferguson & Simes (1949), study 2 of 13, came in" in summary
    assert "repeat" not in summary
    assert "Every step looks at the same question again" in summary


def test_summary_says_when_the_interval_includes_no_effect() -> None:
    effects = Effects.of([0.5, -0.4, np.nan], [0.03, 0.09, 0.1], ["A", "B", "C"])
    summary = cumulative(effects).summary()
    assert "With all studies the interval includes no effect." in summary
    assert "left out: C: no effect" in summary


def test_single_study_needs_no_warning_of_repeated_looks() -> None:
    result = cumulative(Effects.of([0.9], [0.04], measure=MEASURES["PR"]))
    assert result.notes == ()
    assert "1 study" in result.summary()
    assert "no effect" not in result.summary()
