"""`kb brief`: its screens, the same statements in every form, and what is said to mistakes."""

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Process, Runner

SCREENS = {
    "brief-nothing": "brief harm",
    "brief-of-an-approach": "brief segt",
    "brief-of-an-outcome": "brief pain",
    "brief-of-both": "brief segt pain",
    "brief-of-one-trial": "brief cognitive-existential",
}
WRONG = (
    "brief",
    "brief sgt",
    "brief segt pian",
    "brief segt canada",
    "brief existential support",
    "brief segt --outcome pian",
    "brief segt --approach '!cbt'",
)


@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    name: str, kb: "Runner", golden: "Golden", shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = kb(SCREENS[name], db=shipped)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(SCREENS[name], db=shipped)

    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{name}.txt", narrow.out)
    golden(f"{name}.120.txt", wide.out)


def test_the_document(kb: "Runner", golden: "Golden", shipped: Path) -> None:
    run = kb("brief segt pain --format markdown", db=shipped)

    assert (run.code, run.err) == (0, "")
    golden("brief.md", run.out)


def test_every_footnote_of_the_document_is_there_once(kb: "Runner", shipped: Path) -> None:
    text = kb("brief segt --format markdown", db=shipped).out
    cited = set(re.findall(r"\[\^(\d+)\](?!:)", text))
    notes = re.findall(r"^\[\^(\d+)\]:", text, re.MULTILINE)

    assert sorted(cited, key=int) == notes


def test_what_is_said_to_mistakes(kb: "Runner", golden: "Golden") -> None:
    runs = [(line, kb(line)) for line in WRONG]

    assert [(run.code, run.out) for _, run in runs] == [(1, "")] * len(WRONG)
    golden("brief-mistakes.txt", "\n".join(f"$ kb {line}\n{run.err}" for line, run in runs))


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    screens = {f"{name}{width}.txt" for name in SCREENS for width in ("", ".120")}
    files = {name for name in golden.files() if name.startswith("brief")}

    assert files - screens == {"brief-mistakes.txt", "brief.md"}


def read(text: str) -> Any:
    """Read JSON, and refuse what JSON does not know, such as NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_has_the_shape_of_an_answer(kb: "Runner", shipped: Path) -> None:
    run = kb("brief segt --format json", db=shipped)
    found = read(run.out)

    assert (run.code, run.err) == (0, "")
    assert list(found) == ["question", "title", "answer", "count", "sources", "data"]
    assert found["question"]["command"] == "kb brief --approach segt"
    again = read(kb("brief --approach segt --format json", db=shipped).out)
    assert again == found


def test_statements_agree_in_every_form(kb: "Runner", shipped: Path) -> None:
    texts = [each["text"] for each in told(kb("brief segt pain --format json", db=shipped).out)]
    rows = list(csv.DictReader(io.StringIO(kb("brief segt pain --format csv", db=shipped).out)))
    screen = " ".join(kb("brief segt pain", db=shipped).out.split())

    assert [row["statement"] for row in rows] == texts
    assert all(" ".join(text.split()) in screen for text in texts)


def told(text: str) -> list[Any]:
    """Return the statements of a brief in JSON."""
    parts = read(text)["answer"]
    return [each for part in parts for block in part["blocks"] for each in block["statements"]]


def test_every_command_of_a_brief_runs(kb: "Runner", shipped: Path) -> None:
    commands = {
        each["command"]
        for topic in ("segt", "pain", "cognitive-existential", "harm")
        for each in told(kb(f"brief {topic} --format json", db=shipped).out)
        if each["command"]
    }

    assert len(commands) > 30
    for command in sorted(commands):
        run = kb(command.removeprefix("kb "), db=shipped)
        assert (run.code, run.err) == (0, ""), command


def test_a_count_is_that_of_the_command_beside_it(kb: "Runner", shipped: Path) -> None:
    statements = told(kb("brief segt --format json", db=shipped).out)
    studies, claims = (
        next(each for each in statements if (each["command"] or "").startswith(command))
        for command in ("kb studies", "kb audit")
    )

    def count(statement: Any) -> int:
        line = f"{statement['command'].removeprefix('kb ')} --format json"
        return int(read(kb(line, db=shipped).out)["count"])

    assert f"holds {count(studies)} studies" in studies["text"]
    assert f"do not agree with others: {count(claims)}." in claims["text"]


def test_a_terminal_without_unicode_shows_all(process: "Process", shipped: Path) -> None:
    run = process("brief segt", PYTHONIOENCODING="ascii", KB_DATABASE_URL=str(shipped))

    assert run.returncode == 0
    assert run.stdout.isascii()
    assert "-> pooled here: kb pool" in run.stdout


def test_a_page_is_written_beside_the_answer(kb: "Runner", tmp_path: Path) -> None:
    page = tmp_path / "brief.html"
    run = kb(f"brief segt --html {page} --format json")

    assert (run.code, run.err) == (0, f"kb: brief written to {page}\n")
    assert read(run.out)["count"]
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_page_that_cannot_be_written_is_said(kb: "Runner", tmp_path: Path) -> None:
    run = kb(f"brief segt --html {tmp_path}/nowhere/brief.html")

    assert (run.code, run.out) == (1, "")
    assert "cannot be written" in run.err
