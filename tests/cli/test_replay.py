"""`kb replay` on the command line: what it says, in which form, and how it ends."""

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runner

TRIALS = """\
study,yi,vi
Alder 1991 (made up),0.10,0.04
Birch 1992 (made up),0.35,0.02
"""
IDENTICAL = """\
Identical  receipt ################ of kb pool --data trials.csv
The effects and the result are the same.
## numbers of the result compared: the same to the last digit.
"""


@pytest.fixture
def kept(kb: "Runner", tmp_path: "Path", monkeypatch: pytest.MonkeyPatch) -> "Path":
    """Return the receipt of a table, which stands beside it in the present folder."""
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "trials.csv"
    table.write_text(TRIALS, encoding="utf-8")
    assert kb("pool --data trials.csv --receipt kept.json").code == 0
    return tmp_path / "kept.json"


def id_of(kept: "Path") -> str:
    return str(json.loads(kept.read_text(encoding="utf-8"))["id"])


def test_what_is_the_same_is_said_in_three_lines(kb: "Runner", kept: "Path") -> None:
    run = kb("replay kept.json")

    assert (run.code, run.err) == (0, "")
    assert re.sub(r"(?m)^\d\d|[0-9a-f]{16}", lambda m: "#" * len(m[0]), run.out) == IDENTICAL


def test_what_changed_is_shown_as_then_and_now(kb: "Runner", kept: "Path") -> None:
    (kept.parent / "trials.csv").write_text(TRIALS.replace("0.35", "0.36"), encoding="utf-8")

    run = kb("replay kept.json")

    lines = [line.rstrip() for line in run.out.splitlines()]
    assert (run.code, run.err) == (1, "")
    assert lines[0] == f"Changed  receipt {id_of(kept)} of kb pool --data trials.csv"
    assert lines[1] == "The data changed."
    assert [line for line in lines if line.istitle() or line.startswith("Effects")] == [
        "Data",
        "Effects and what was set aside",
        "Result",
    ]
    assert any(
        line.split() == ["Birch", "1992", "(made", "up):", "yi", "0.35", "0.36"] for line in lines
    )
    assert "on the scale of analysis" in lines
    assert any(line.startswith("  estimate") for line in lines)
    assert max(map(len, lines)) <= 80


def test_a_receipt_that_was_altered_fails(kb: "Runner", kept: "Path") -> None:
    kept.write_text(kept.read_text(encoding="utf-8").replace("0.35", "0.53", 1), encoding="utf-8")

    run = kb("replay kept.json")

    assert run.code == 1
    assert run.out.startswith(f"Altered  receipt {id_of(kept)}")
    assert "it was altered after it was written" in " ".join(run.out.split())


def test_a_table_that_is_gone_is_told_and_can_be_named(kb: "Runner", kept: "Path") -> None:
    (kept.parent / "trials.csv").rename(kept.parent / "moved.csv")

    lost = kb("replay kept.json")

    assert lost.code == 1
    assert lost.out.startswith("Not repeatable")
    assert "trials.csv" in lost.out.splitlines()[-1]
    assert kb("replay kept.json --data moved.csv").code == 0


def test_json_and_csv_have_every_change(kb: "Runner", kept: "Path") -> None:
    (kept.parent / "trials.csv").write_text(TRIALS.replace("0.35", "0.36"), encoding="utf-8")

    told = json.loads(kb("replay kept.json --format json").out)
    rows = list(csv.DictReader(io.StringIO(kb("replay kept.json --format csv").out)))

    assert told["status"] == "changed"
    assert told["receipt"]["id"] == id_of(kept)
    assert [(c["what"], c["field"] or "") for c in told["changes"]] == [
        (row["what"], row["field"]) for row in rows
    ]
    assert {"where": "evidence", "field": "yi", "then": 0.35, "now": 0.36}.items() <= told[
        "changes"
    ][1].items()


def test_a_receipt_cannot_speak_to_the_terminal(kb: "Runner", kept: "Path") -> None:
    content = json.loads(kept.read_text(encoding="utf-8"))
    content["question"]["command"] = "kb \x1b[31mpool\x07 \u202e"
    content["studies"][0]["label"] = "\x1b]0;owned\x07"
    content["software"]["\x9b31m"] = "\x1b[2J"
    kept.write_text(json.dumps(content), encoding="utf-8")

    out = kb("replay kept.json").out

    assert all(character.isprintable() or character == "\n" for character in out)


def test_a_file_that_is_no_receipt_is_said(kb: "Runner", kept: "Path") -> None:
    run = kb("replay trials.csv")

    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("kb: trials.csv is not a receipt: it is not JSON")
    assert "kb pool --receipt FILE" in run.err


def test_a_receipt_of_the_store_is_replayed_on_it(kb: "Runner", kept: "Path") -> None:
    assert kb("pool --outcome survival --receipt store.json").code == 0

    run = kb("replay store.json")

    assert (run.code, run.out.splitlines()[0].split()[0]) == (0, "Identical")
