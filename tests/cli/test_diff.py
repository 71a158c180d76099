"""`kb diff` on the command line: what it says, in which form, and how it ends."""

import csv
import io
import json
import re
import shutil
from contextlib import closing
from sqlite3 import connect
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Golden, Runner

EDITS = {
    "effect": "UPDATE contrast SET estimate = 0.75, ci_low = 0.6, ci_high = 0.93 "
    "WHERE key = 'birch-1995/survival/hr'",
    "label": "UPDATE study SET label = 'Birch (made up, renamed)' WHERE key = 'birch-1995'",
    "outcome": "UPDATE measurement SET outcome_key = 'fatigue' WHERE key = 'birch-1995/sleep'",
}
_ASKED = re.compile(r"(?<=of )\d+(?= (?:asked of|audited in) both)")


@pytest.fixture
def stores(poolable: "Path", tmp_path: "Path", monkeypatch: pytest.MonkeyPatch) -> "Path":
    """Return the present folder, with a store and copies of it that were edited."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(poolable, "old.sqlite")
    for name, edit in EDITS.items():
        with closing(connect(shutil.copy(poolable, f"{name}.sqlite"))) as store:
            assert store.execute(edit).rowcount == 1
            store.commit()
    return tmp_path


@pytest.mark.parametrize("name", EDITS)
def test_screen(
    name: str,
    kb: "Runner",
    golden: "Golden",
    stores: "Path",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    narrow = kb(f"diff old.sqlite {name}.sqlite")
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(f"diff old.sqlite {name}.sqlite")

    assert narrow.code == wide.code == 1
    assert narrow.err == wide.err == "kb: asking both stores the same questions\n"
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"diff-{name}.txt", _ASKED.sub("##", narrow.out))
    golden(f"diff-{name}.120.txt", _ASKED.sub("##", wide.out), unless_as=f"diff-{name}.txt")


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    kept = {name for name in golden.files() if name.startswith("diff")}

    assert kept <= {f"diff-{name}{width}.txt" for name in EDITS for width in ("", ".120")}


def test_a_store_is_the_same_as_itself(kb: "Runner", stores: "Path") -> None:
    run = kb("diff old.sqlite old.sqlite")

    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("The same\n")
    assert run.out.endswith("Every row of evidence is the same, and so is every answer.\n")


def test_json_has_every_row_and_the_rule(kb: "Runner", stores: "Path") -> None:
    run = kb("diff old.sqlite effect.sqlite --format json")
    told = json.loads(run.out)

    assert run.code == 1
    assert told["counts"] == {"contrast": {"changed": 1}}
    assert [(row["key"], row["field"], row["then"], row["now"]) for row in told["rows"]] == [
        ("birch-1995/survival/hr", "estimate", 1.12, 0.75),
        ("birch-1995/survival/hr", "ci_low", 0.8, 0.6),
        ("birch-1995/survival/hr", "ci_high", 1.57, 0.93),
    ]
    assert told["pooled"]["rule"].startswith("A pooled effect moved where")
    assert "crossed the null" in told["pooled"]["moved"][0]["how"]


def test_csv_has_a_row_for_each_value(kb: "Runner", stores: "Path") -> None:
    rows = list(csv.DictReader(io.StringIO(kb("diff old.sqlite outcome.sqlite --format csv").out)))

    assert {(row["what"], row["where"], row["then"], row["now"]) for row in rows} >= {
        ("question", "kb studies --outcome sleep", "1", "0"),
        ("row", "measurement", "sleep", "fatigue"),
    }


def test_markdown_is_a_table(kb: "Runner", stores: "Path") -> None:
    lines = kb("diff old.sqlite label.sqlite --format markdown").out.splitlines()

    assert lines[0] == "| what | how | where | key | field | then | now |"
    assert len(lines) == 3


def test_what_is_no_store_is_said(kb: "Runner", stores: "Path") -> None:
    run = kb("diff old.sqlite nowhere.sqlite")

    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("kb: There is no store at ")
