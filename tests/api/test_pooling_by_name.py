"""Pooling from Python: facets and options by name, tables of one's own, frames and notebooks."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kb
from kb.base import Base
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from tests.api.test_html import HOSTILE, Read, shown

TRIALS = Path(__file__).parents[1] / "reference" / "data" / "bcg.csv"
FEW = pd.DataFrame(
    {
        "study": ["Alder 1991 (made up)", "Birch 1995 (made up)", "Cedar 1999 (made up)"],
        "ai": [4, 6, 3],
        "bi": [119, 300, 228],
        "ci": [11, 29, 11],
        "di": [128, 274, 209],
    }
)


def test_facets_and_options_are_given_in_one_call(base: Base) -> None:
    asked = base.pool(
        outcome="survival", approach="segt", test="knha", include="individual-times", level=90
    )
    options = PoolOptions.of(test="knha", include=["individual-times"], level=90)
    question = base.question("results", outcome="survival", approach="segt")

    assert isinstance(asked, kb.PooledAnswer)
    assert asked.as_dict() == pool(base, question, options).as_dict()
    assert asked.command() == (
        "kb pool --approach segt --outcome survival --test knha --level 90 "
        "--include individual-times"
    )


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("outcme", "outcome"), ("metod", "method"), ("moderator", "moderators"), ("asof", "as_of")],
)
def test_a_name_that_is_neither_names_the_nearest(name: str, nearest: str, base: Base) -> None:
    with pytest.raises(kb.KbError) as error:
        base.pool(**{"outcome": "survival", name: "x"})

    assert error.value.problem == f"There is no facet or option of pooling '{name}'."
    assert error.value.remedy.startswith("Nearest: ")
    assert nearest in error.value.remedy


def test_names_like_nothing_are_answered_with_all_there_are(base: Base) -> None:
    with pytest.raises(kb.KbError, match=r"There are design, .*, as_of, add, to, drop00, model\."):
        base.pool(zzz=1)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"approach": "segt"}, "It is not said what to pool."),
        ({"outcome": "survival", "method": "XX"}, "There is no method 'XX'."),
        ({"outcome": "survival", "include": ["all"]}, "'all' is nothing that --include takes."),
        ({"outcome": "surviva"}, "No outcome is called 'surviva'."),
    ],
    ids=["no outcome", "method", "include", "outcome"],
)
def test_what_cannot_be_pooled_is_said(asked: dict[str, Any], problem: str, base: Base) -> None:
    with pytest.raises(kb.KbError) as error:
        base.pool(**asked)
    assert error.value.problem == problem
    assert error.value.remedy


def test_words_are_pooled_as_facets_are(base: Base) -> None:
    asked = base.ask("what is the pooled hazard ratio for survival with SEGT?")
    command = "kb pool --approach segt --outcome survival --measure HR"

    assert isinstance(asked, kb.PooledAnswer)
    assert asked.notes == (f"Understood as: {command}",)
    assert asked.command() == command
    same = base.pool(outcome="survival", approach="segt", measure="HR")
    assert asked.selection.entries == same.selection.entries
    assert asked.as_dict()["question"]["notes"] == list(asked.notes)
    assert asked.as_dict() | {"question": None} == same.as_dict() | {"question": None}


def test_words_that_were_not_used_are_told_beside_a_pooled_effect(base: Base) -> None:
    asked = base.ask("pool survival flibberty")
    assert asked.notes[1:] == ("Words not used: flibberty.",)


def test_a_frame_has_a_row_for_each_effect_on_both_scales(base: Base) -> None:
    frame = base.pool(outcome="survival", approach="segt").to_frame()
    best = frame[frame["study"] == "goodwin-2001"].to_dict("records")[0]

    assert frame["label"].tolist() == [
        "Goodwin 2001 (BEST)",
        "Kissane 2007 (Melbourne SEGT trial)",
    ]
    assert (best["measure"], best["citation"]) == ("hazard ratio", "Goodwin et al. 2001")
    assert (best["n_intervention"], best["n_control"]) == (158, 77)
    assert [best["estimate"], best["ci_low"], best["ci_high"]] == pytest.approx(
        [1.06, 0.78, 1.45], abs=0.005
    )
    assert best["yi"] == pytest.approx(0.058268908)
    assert frame["weight"].sum() == pytest.approx(100)
    kinds = {name: str(frame[name].dtype) for name in ("yi", "weight", "year", "flipped")}
    assert kinds == {"yi": "float64", "weight": "float64", "year": "Int64", "flipped": "boolean"}


def test_where_nothing_enters_the_frame_is_empty_with_its_columns(base: Base) -> None:
    frame = base.pool(outcome="pain", approach="segt").to_frame()
    assert len(frame) == 0
    assert {"label", "yi", "vi", "weight", "estimate", "basis", "citation"} <= set(frame.columns)


def test_own_intervals_are_at_the_level_asked_for(base: Base) -> None:
    asked = {"outcome": "survival", "approach": "segt"}
    wide, narrow = (base.pool(**asked, level=level).to_frame() for level in (95, 80))
    assert (wide["ci_low"] < narrow["ci_low"]).tolist() == [True, True]
    assert (narrow["ci_high"] < wide["ci_high"]).tolist() == [True, True]


def test_a_table_is_pooled_from_a_file_and_from_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"
    FEW.to_csv(path, index=False)
    of_file = kb.pool_table(path, measure="RR", method="DL")
    of_frame = kb.pool_table(FEW, measure="RR", method="DL")

    assert of_file.analysis is not None
    assert of_frame.analysis is not None
    assert of_file.analysis.result == of_frame.analysis.result
    assert of_file.entries == of_frame.entries == kb.pool_table(str(path), measure="RR").entries
    assert of_file.file is not None
    assert of_frame.file is not None
    assert of_frame.file.sha256 == of_file.file.sha256
    assert of_frame.command() == "kb pool --data 'data frame' --measure RR --method DL"
    assert of_frame.to_frame()["shown_intervention"].tolist() == ["4/123", "6/306", "3/231"]


def test_what_a_frame_lacks_is_missing_in_the_table() -> None:
    effects = pd.DataFrame({"slab": ["a", "b"], "yi": [0.1, None], "vi": [0.2, 0.3]})
    answer = kb.pool_table(effects)

    assert [entry.label for entry in answer.entries] == ["a"]
    assert [item.label for item in answer.selection.set_aside] == ["b"]


@pytest.mark.parametrize(
    ("frame", "options", "told"),
    [
        (FEW, {"mesure": "OR"}, "There is no option of pooling 'mesure'. Nearest: measure."),
        (FEW, {"outcome": "pain"}, "There is no option of pooling 'outcome'."),
        (FEW.head(0), {}, "data frame has no rows."),
    ],
    ids=["option", "facet", "no rows"],
)
def test_what_is_wrong_with_a_table_is_said(
    frame: pd.DataFrame, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(kb.KbError) as error:
        kb.pool_table(frame, **options)
    assert str(error.value).startswith(told)


def test_a_notebook_shows_the_verdict_the_effects_and_the_pooled_row(base: Base) -> None:
    answer = base.pool(outcome="survival", approach="segt")
    read = shown(answer)
    cells = read.within("td")

    assert read.within("strong") == [answer.verdict.status.capitalize()]
    assert read.within("code") == ["kb pool --approach segt --outcome survival"]
    assert set(answer.verdict.reasons) <= set(read.within("p"))
    pooled = cells.index("Pooled")
    assert cells[pooled + 1 : pooled + 4] == ["0.99", "0.79 to 1.22", answer.selection.favours]
    assert "interval: Wald, normal." in " ".join(read.within("p"))
    assert f"Left out ({len(answer.selection.set_aside)})" in read.within("summary")
    told = read.within("li")
    for item in answer.selection.set_aside:
        assert f"{item.label}, {item.what}: {item.reason}" in told
    assert all(any(row["review_label"] in text for text in told) for row in answer.reported)


def test_what_is_not_poolable_is_shown_with_directions_and_no_pooled_row(base: Base) -> None:
    answer = base.pool(outcome="pain", approach="segt")
    read = shown(answer)

    assert read.within("strong") == ["Not poolable"]
    assert "Pooled" not in read.within("td")
    assert [row["statement"] for row in answer.selection.directions] == [
        cell
        for cell in read.within("td")
        if cell in {d["statement"] for d in answer.selection.directions}
    ]
    assert set(answer.verdict.unlock) <= set(read.within("li"))


def test_hostile_labels_are_text() -> None:
    hostile = pd.DataFrame(
        {"slab": [HOSTILE, f"{HOSTILE} 2", "c"], "yi": [0.1, 0.2, None], "vi": [0.1, 0.1, 0.1]}
    )
    html = kb.pool_table(hostile)._repr_html_()
    read = Read(html)

    assert "<script" not in html
    assert any(HOSTILE in cell for cell in read.within("td"))


def test_plain_data_can_be_written_as_json(base: Base) -> None:
    answer = base.pool(outcome="survival", approach="segt")
    assert json.loads(json.dumps(answer.as_dict(), allow_nan=False))["result"]["k"] == 2
