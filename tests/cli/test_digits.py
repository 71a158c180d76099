"""Numbers of effects: limits are never shown as no effect, what cannot be shown is said."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool_table
from kb_cli.render.axis import Interval
from kb_cli.render.effects import Digits, effect_texts
from kb_cli.render.pooled import Shown, prediction_sentence, result_sentence


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0.86, 287.4, 16.2), "16 [0.86, 287]"),
        (Interval(0.86, 87.4, 16.2), "16.2 [0.86, 87.4]"),
        (Interval(0.996, 1.4, 1.2), "1.20 [0.996, 1.40]"),
        (Interval(0.7, 1.00004, 0.9), "0.90 [0.70, 1.00004]"),
        (Interval(1.0, 1.4, 1.2), "1.20 [1.00, 1.40]"),
        (Interval(0.8, 1.2, 0.998), "1.00 [0.80, 1.20]"),
    ],
    ids=["very-wide", "wide", "below", "above", "at", "estimate"],
)
def test_ratios_keep_the_digits_that_matter(interval: Interval, text: str) -> None:
    assert effect_texts([interval], 1.0) == [text]


def test_a_limit_of_a_difference_is_not_shown_as_zero() -> None:
    assert effect_texts([Interval(-0.004, 40.0, 18.0)], 0.0) == ["18.0 [-0.004, 40.0]"]


@given(st.floats(0.01, 100), st.floats(0.01, 1e6), st.sampled_from([0.0, 1.0]))
def test_a_limit_lies_on_its_own_side_of_no_effect(low: float, width: float, null: float) -> None:
    digits = Digits.of([Interval(low, low + width, low)], null)
    for value in (low, low + width):
        shown = float(digits.limit(value))
        assert abs(value - null) < 1e-7 or (shown < null, shown > null) == (
            value < null,
            value > null,
        )


def shown_of(folder: Path, rows: str) -> Shown:
    path = folder / "made_up.csv"
    path.write_text(f"slab,yi,vi\n{rows}")
    answer = pool_table(path, PoolOptions.of(measure="OR"))
    assert answer.analysis is not None
    return Shown(answer, answer.analysis)


def test_a_prediction_interval_without_tau2_is_said_to_be_the_confidence_interval(
    tmp_path: Path,
) -> None:
    same = prediction_sentence(shown_of(tmp_path, "A,0.1,0.04\nB,0.1,0.05\n"))
    assert same.endswith(
        "it equals the confidence interval because tau² was estimated as 0, which so few studies "
        "hardly allow to know."
    )
    differing = prediction_sentence(shown_of(tmp_path, "A,0.1,0.01\nB,0.9,0.01\nC,-0.4,0.01\n"))
    assert differing.endswith("where the true effect of a new study is to be expected.")


def test_an_effect_beyond_all_numbers_is_said(tmp_path: Path) -> None:
    shown = shown_of(tmp_path, "A,100000,0.04\nB,0.1,0.05\n")
    (note,) = (note for note in shown.analysis.notes if note.startswith("A: "))
    assert "above 1e308" in note
    assert note.endswith("The log odds ratio is 100000, with the variance 0.04.")
    assert shown.analysis.back["estimate"] is None
    assert note in shown.answer.as_dict()["notes"]
    assert "The log odds ratio is 5" in result_sentence(shown)


def test_a_common_effect_model_has_no_tau2_in_its_subgroups(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv"
    path.write_text("slab,yi,vi,kind\nA,0.1,0.01,x\nB,0.9,0.01,x\nC,0.2,0.02,y\nD,0.4,0.02,y\n")
    told = {
        method: pool_table(
            path, PoolOptions.of(measure="SMD", method=method, subgroup="kind")
        ).as_dict()
        for method in ("EE", "REML")
    }
    assert [row["tau2"] for row in told["EE"]["subgroups"]["levels"]] == [None, None]
    assert told["EE"]["result"]["tau2"] == 0
    assert None not in [row["tau2"] for row in told["REML"]["subgroups"]["levels"]]
