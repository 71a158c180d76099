"""Answers as data frames: the rows of the CSV, with types of their own."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import kb
from kb.flat import flat
from kb.frames import frame
from kb.question import SUBJECTS

WITHOUT_PANDAS = """
import sys
import kb
with kb.open(sys.argv[1]) as base:
    assert base.ask("which RCTs measured pain with SEGT?").rows
    assert base.studies()._repr_html_()
    assert "pandas" not in sys.modules
    assert len(base.studies().to_frame()) == base.studies().count
    assert "pandas" in sys.modules
"""


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_frame_has_the_rows_and_columns_of_the_csv(subject: str, base: kb.Base) -> None:
    answer = getattr(base, subject)()
    headers, rows = flat(answer)
    made = answer.to_frame()

    assert list(made.columns) == list(headers)
    assert made.shape == (len(rows), len(headers))
    for place, header in enumerate(headers):
        for row, value in zip(rows, made[header], strict=True):
            assert value == row[place] or (pd.isna(value) and row[place] is None)


def test_whole_numbers_stay_whole_where_some_are_missing(base: kb.Base) -> None:
    made = base.results().to_frame()

    assert made["n"].isna().any()
    assert made["n"].dtype == "Int64"
    assert made["adjusted"].dtype == "boolean"
    assert made["estimate"].dtype == "float64"


def test_each_column_has_a_type_of_its_own() -> None:
    headers = ["whole", "number", "truth", "text", "nothing"]
    made = frame((headers, [[1, 2, True, "a", None], [None, 0.5, None, None, None]]))

    assert [str(kind) for kind in made.dtypes[:3]] == ["Int64", "float64", "boolean"]
    assert made["text"].tolist()[0] == "a"
    assert made["text"].isna().tolist() == [False, True]
    assert made["nothing"].isna().all()
    assert frame((headers, [])).shape == (0, 5)


def test_an_answer_without_rows_is_an_empty_frame(base: kb.Base) -> None:
    assert base.studies(outcome="pain", country="uk").to_frame().empty


def test_pandas_is_loaded_only_for_a_frame(shipped: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_PANDAS, shipped], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
