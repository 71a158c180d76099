"""`kb gaps`: its screens, the same cells in every form, and what is said to mistakes."""

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
    "gaps": "gaps",
    "gaps-narrowed": "gaps --outcome pain,survival,sleep --approach segt,cbt",
    "gaps-nothing": "gaps --rows design --columns delivery --year ..1950",
    "gaps-of-constructs": "gaps --rows construct --columns country --valence barrier",
    "gaps-of-designs": "gaps --rows design --columns delivery --outcome survival",
}
WRONG = (
    "gaps --rows outcom",
    "gaps --columns year",
    "gaps --rows country --columns country",
    "gaps --outcome pian",
)


@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, kb: "Runner", golden: "Golden", monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = kb(SCREENS[name])
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(SCREENS[name])

    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{name}.txt", narrow.out)
    golden(f"{name}.120.txt", wide.out, unless_as=f"{name}.txt")


@pytest.mark.parametrize(
    "line",
    [
        "gaps --approach segt,cbt --outcome pain,survival,sleep",
        "gaps --rows design --outcome pain,survival,sleep,fatigue",
        "gaps --rows country --columns delivery",
    ],
)
def test_no_width_cuts_a_number_off(
    line: str, kb: "Runner", shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(kb(f"{line} --format json", db=shipped).out)
    tallies = [*found["answer"], *found["rows"], found["total"]]
    numbers = [f"{each['participants']:,}" for each in tallies if each["participants"]]

    assert numbers
    for width in range(50, 126, 5):
        monkeypatch.setenv("COLUMNS", str(width))
        screen = kb(line, db=shipped).out
        shown = re.findall(r"n=([\d,]+)|([\d,]+) participants?", " ".join(screen.split()))
        assert set(numbers) <= {one or other for one, other in shown}


def test_screen_of_the_evidence_shipped(
    kb: "Runner", golden: "Golden", shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = kb("gaps", db=shipped)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb("gaps", db=shipped)

    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden("gaps-shipped.txt", narrow.out)
    golden("gaps-shipped.120.txt", wide.out)


def test_what_is_said_to_mistakes(kb: "Runner", golden: "Golden") -> None:
    runs = [(line, kb(line)) for line in WRONG]

    assert [(run.code, run.out) for _, run in runs] == [(1, "")] * len(WRONG)
    golden("gaps-mistakes.txt", "\n".join(f"$ kb {line}\n{run.err}" for line, run in runs))


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    names = [*SCREENS, "gaps-shipped"]
    screens = {f"{name}{width}.txt" for name in names for width in ("", ".120")}

    files = {name for name in golden.files() if name.startswith("gaps")}

    assert files - screens == {"gaps-mistakes.txt", "gaps.csv"}


def read(text: str) -> Any:
    """Read JSON, and refuse what JSON does not know, such as NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_has_the_shape_of_an_answer(kb: "Runner") -> None:
    run = kb("gaps --format json")
    found = read(run.out)

    assert (run.code, run.err) == (0, "")
    parts = ["question", "answer", "count", "left_out", "notes", "data"]
    assert [part for part in found if part in parts] == parts
    assert found["question"]["command"] == "kb gaps --rows approach --columns outcome"
    assert found["count"] == len(found["answer"])
    assert [cell["count"] for cell in found["answer"][: found["empty"]]] == [0] * found["empty"]
    assert all(cell["count"] for cell in found["answer"][found["empty"] :])
    assert {key for cell in found["answer"] for key in cell["studies"]} == {
        study["key"] for study in found["studies"]
    }


def test_the_command_of_a_map_asks_the_same(kb: "Runner") -> None:
    first = read(kb("gaps --columns country --design rct --outcome '!pain' --format json").out)

    again = read(kb(f"{first['question']['command'].removeprefix('kb ')} --format json").out)

    assert again == first


def test_cells_agree_in_every_form(kb: "Runner", golden: "Golden") -> None:
    line = SCREENS["gaps-narrowed"]
    cells = read(kb(f"{line} --format json").out)["answer"]
    text = kb(f"{line} --format csv").out
    in_csv = list(csv.DictReader(io.StringIO(text)))
    markdown = kb(f"{line} --format markdown").out.splitlines()[2:]

    golden("gaps.csv", text)
    assert [(row["row"], row["column"], int(row["studies"])) for row in in_csv] == [
        (cell["row"], cell["column"], cell["count"]) for cell in cells
    ]
    assert [line.split(" | ")[:2] for line in markdown] == [
        [f"| {cell['row_name']}", cell["column_name"]] for cell in cells
    ]


def test_a_terminal_without_unicode_shows_all(process: "Process") -> None:
    run = process(
        "gaps --rows design --columns delivery --outcome survival", PYTHONIOENCODING="ascii"
    )

    assert run.returncode == 0
    assert run.stdout.isascii()
    assert "+ favours intervention" in " ".join(run.stdout.split())
    assert run.stdout == process("gaps --rows design --columns delivery --outcome survival").stdout


def test_colour_only_repeats_what_words_say(process: "Process") -> None:
    coloured = process("gaps", FORCE_COLOR="1", NO_COLOR="", TERM="xterm-256color").stdout

    assert "\x1b[32m1 favours intervention\x1b[0m" in coloured


def test_a_page_is_written_beside_the_answer(kb: "Runner", tmp_path: Path) -> None:
    page = tmp_path / "map.html"
    run = kb(f"gaps --html {page} --format json")

    assert (run.code, run.err) == (0, f"kb: gap map written to {page}\n")
    assert read(run.out)["count"]
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_page_that_cannot_be_written_is_said(kb: "Runner", tmp_path: Path) -> None:
    run = kb(f"gaps --html {tmp_path}/nowhere/map.html")

    assert (run.code, run.out) == (1, "")
    assert "cannot be written" in run.err
