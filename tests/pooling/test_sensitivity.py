"""What a pooled answer depends on: metafor's numbers, and what is said where there are none."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.pooling.analysing.analysis import analyse
from kb.pooling.answer import PooledAnswer, TableFile
from kb.pooling.evidence import Entry, Selection, Verdict
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool_table
from kb.pooling.sensitivities.sensitivity import Sensitivity, sensitivity
from kb.synthesis.measures import measure_of
from tests.synthesis.reference import TOLERANCES, case, close

DATA = Path(__file__).parents[1] / "reference" / "data"
BCG = DATA / "colditz1994.csv"
METHODS = ("EE", "DL", "REML")


def of_table(path: Path, **options: Any) -> Sensitivity:
    return sensitivity(pool_table(path, PoolOptions.of(**options)))


def of_entries(entries: list[Entry], code: str = "SMD", **options: Any) -> Sensitivity:
    """Return the sensitivity of made-up entries, as if they came from a file."""
    selection = Selection(measure_of(code), tuple(entries))
    how = PoolOptions.of(measure=code, **options)
    answer = PooledAnswer(
        question=None,
        file=TableFile("made-up.csv", "0" * 64),
        options=how,
        data=None,
        verdict=Verdict("poolable"),
        selection=selection,
        analysis=analyse(selection, how),
    )
    return sensitivity(answer)


def made_up(
    label: str, yi: float, vi: float = 0.1, *, year: int | None = None, study: str = ""
) -> Entry:
    return Entry(f"{label} (made up)", yi, vi, study or label, label.lower(), year=year)


ALDER = made_up("Alder", -0.2, 0.04, year=1991)
BIRCH = made_up("Birch", -0.5, 0.09, year=1995)
CEDAR = made_up("Cedar", 0.1, 0.02, year=1995)
ELM = made_up("Elm", -0.9, 0.12)


def same(rows: Any, block: Any, method: str) -> None:
    """Assert that rows of JSON hold what metafor has."""
    tolerance = TOLERANCES["iterative" if method == "REML" else "closed form"]
    for ours, theirs in {
        "estimate": "est",
        "se": "se",
        "ci_low": "ci_lb",
        "ci_high": "ci_ub",
        "tau2": "tau2",
        "i2": "I2",
        "q": "Q",
    }.items():
        found = [row[ours] for row in rows]
        close(found, block[theirs], rel=tolerance, floor=1.0, where=f"{method} {ours}")


@pytest.mark.parametrize("method", METHODS)
def test_leave_one_out_is_that_of_metafor(method: str) -> None:
    rows = of_table(BCG, measure="RR", method=method).as_dict()["sensitivity"]["leave_one_out"]

    assert [row["without"] for row in rows] == list(case("colditz1994").labels)
    same(rows, case("colditz1994").block("leave1out", method), method)


@pytest.mark.parametrize("method", METHODS)
def test_cumulative_is_that_of_metafor_by_year(method: str) -> None:
    block = case("colditz1994").block("cumul")
    rows = of_table(BCG, measure="RR", method=method).as_dict()["sensitivity"]["cumulative"]

    labels = case("colditz1994").labels
    assert [row["label"] for row in rows] == [labels[place - 1] for place in block["order"]]
    assert [row["k"] for row in rows] == list(range(1, 14))
    same(rows, block[method], method)


@pytest.mark.parametrize("method", METHODS)
def test_influence_is_that_of_metafor(method: str) -> None:
    block = case("colditz1994").block("influence", method)
    rows = of_table(BCG, measure="RR", method=method).as_dict()["sensitivity"]["influence"]

    for ours, theirs in {
        "rstudent": "rstudent",
        "dffits": "dffits",
        "cooks_distance": "cook_d",
        "covariance_ratio": "cov_r",
        "dfbetas": "dfbetas",
        "weight": "weight_pct",
    }.items():
        found = [row[ours] for row in rows]
        close(found, block[theirs], rel=TOLERANCES["influence"], floor=1.0, where=ours)
    assert [bool(row["influential_by"]) for row in rows] == block["is_infl"]


def test_every_estimator_gives_what_metafor_gives() -> None:
    block = case("colditz1994").block("uni", "RR")
    rows = of_table(BCG, measure="RR").as_dict()["sensitivity"]["estimators"]

    assert {row["method"] for row in rows} == set(block) - {"Qprofile", "backtransformed"}
    for row in rows:
        theirs = block[row["method"]]
        rel = TOLERANCES["iterative"]
        close(row["tau2"], theirs["tau2"], rel=rel, floor=1.0, where=row["method"])
        close(row["i2"], theirs["I2"], rel=rel, floor=1.0, where=row["method"])


@pytest.mark.parametrize("test", ["z", "t", "knha", "adhoc"])
def test_the_estimator_of_the_answer_gives_the_answer(test: str) -> None:
    found = of_table(BCG, measure="RR", method="DL", test=test, level=90)
    [row] = [row for row in found.as_dict()["sensitivity"]["estimators"] if row["method"] == "DL"]

    answer = found.answer.as_dict()["result"]
    for name in ("estimate", "ci_low", "ci_high", "tau2"):
        assert row[name] == pytest.approx(answer[name], rel=1e-12)
    assert row["test"] == test


def test_hartung_knapp_is_not_used_for_the_common_effect() -> None:
    rows = of_table(BCG, measure="RR", test="knha").estimators

    assert [row.test for row in rows if row.method == "EE"] == ["z"]
    assert {row.test for row in rows if row.method != "EE"} == {"knha"}


def test_the_readers_scale_stands_beside_that_of_analysis() -> None:
    [first, *_] = of_table(BCG, measure="RR").as_dict()["sensitivity"]["leave_one_out"]

    assert first["back"]["estimate"] == pytest.approx(0.4931, abs=1e-4)
    assert first["estimate"] == pytest.approx(-0.7071, abs=1e-4)


def test_studies_come_in_by_year_then_by_name_and_undated_ones_last() -> None:
    found = of_entries([ELM, CEDAR, BIRCH, ALDER])

    assert found.cumulative is not None
    assert [(step.label, step.key) for step in found.cumulative.steps] == [
        ("Alder (made up)", 1991),
        ("Birch (made up)", 1995),
        ("Cedar (made up)", 1995),
        ("Elm (made up)", None),
    ]
    assert "Without a year, and so the last to come in: Elm (made up)." in found.notes


def test_without_any_year_the_rows_keep_their_order() -> None:
    entries = [replace(entry, year=None) for entry in (CEDAR, ALDER, BIRCH)]
    found = of_entries(entries)

    assert found.cumulative is not None
    assert [step.label[0] for step in found.cumulative.steps] == ["C", "A", "B"]
    assert found.notes == ("The trials have no years, so they come in as they stand in the table.",)


def test_of_one_study_nothing_is_varied() -> None:
    found = of_table(DATA / "edge_k1.csv")

    assert found.notes == ("Nothing is pooled here, so there is nothing to vary; see the verdict.",)
    assert found.as_dict()["sensitivity"] == {}
    assert (found.leave_one_out, found.small_study, found.estimators) == (None, None, ())


def test_of_two_studies_some_parts_are_refused_with_a_reason() -> None:
    found = of_entries([ALDER, BIRCH])
    parts = found.as_dict()["sensitivity"]

    assert len(parts["leave_one_out"]) == len(parts["cumulative"]) == len(parts["baujat"]) == 2
    assert parts["influence"] is parts["small_study"] is None
    assert [note.partition(" need")[0] for note in found.notes] == [
        "Influence diagnostics",
        "A look at small-study effects",
    ]


def test_of_three_studies_all_parts_are_made() -> None:
    parts = of_entries([ALDER, BIRCH, CEDAR]).as_dict()["sensitivity"]

    assert all(parts.values())
    assert all(parts["small_study"].values())
    assert "fewer than ten studies" in parts["small_study"]["notes"][0]


def test_a_test_that_cannot_be_made_leaves_the_others() -> None:
    equal = [replace(entry, vi=0.1) for entry in (ALDER, BIRCH, CEDAR)]
    found = of_entries(equal).small_study

    assert found is not None
    assert (found.egger, found.pet_peese) == (None, None)
    assert found.begg is not None
    assert any("same in all studies" in note for note in found.notes)


@pytest.mark.parametrize("method", ["MH", "PETO"])
def test_what_stands_in_for_a_method_for_counts_is_said(method: str) -> None:
    found = of_table(BCG, measure="OR", method=method)

    assert found.method == "EE"
    assert found.notes[0].startswith("The common effect by inverse variance stands here")


def test_subgroups_are_said_to_be_left_aside() -> None:
    found = of_table(BCG, measure="RR", subgroup="alloc")

    assert found.notes == (
        "All parts are of the pooled effect of all trials, whatever their subgroup.",
    )
    assert found.leave_one_out is not None
    assert found.leave_one_out.k == 13


@pytest.mark.parametrize("dependence", ["aggregate", "three-level", "robust"])
def test_a_trial_is_left_out_with_all_its_effects(dependence: str) -> None:
    twice = [replace(BIRCH, label=f"Birch, scale {name} (made up)") for name in "AB"]
    found = of_entries([ALDER, *twice, CEDAR], dependence=dependence)

    assert found.effects is not None
    assert found.effects.k == 3
    assert found.leave_one_out is not None
    [without] = [row for row in found.leave_one_out.studies if "Birch" in row.label]
    expected = of_entries([ALDER, CEDAR]).answer.as_dict()["result"]["estimate"]
    assert without.estimate.estimate == pytest.approx(expected, rel=1e-9)
    assert "averaged with a correlation of 0.5" in found.notes[0]


@pytest.mark.parametrize("test", ["z", "knha"])
@pytest.mark.parametrize(
    "name",
    ["edge_identical", "edge_tiny_scale", "edge_two_maxima", "edge_wide_variances", "edge_k2"],
)
def test_json_never_holds_nan(name: str, test: str) -> None:
    found = of_table(DATA / f"{name}.csv", test=test).as_dict()

    assert json.loads(json.dumps(found, allow_nan=False)) == found


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-5, 5), st.floats(1e-4, 10), st.none() | st.integers(1980, 2020)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["EE", "DL", "PM", "SJ"]),
    st.sampled_from(["z", "knha", "adhoc"]),
)
def test_any_effects_give_valid_json(
    effects: list[tuple[float, float, int | None]], method: str, test: str
) -> None:
    entries = [
        made_up(f"Alder {place}", yi, vi, year=year) for place, (yi, vi, year) in enumerate(effects)
    ]
    found = of_entries(entries, method=method, test=test)

    json.dumps(found.as_dict(), allow_nan=False)
    if found.cumulative is not None:
        last = found.cumulative.steps[-1].estimate.estimate
        assert last == pytest.approx(found.answer.as_dict()["result"]["estimate"], abs=1e-7)
