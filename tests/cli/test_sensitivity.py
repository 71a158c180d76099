"""`kb sensitivity` and `kb multiverse`: screens at 80 columns and at 120, and what they refuse.

`--update-golden` writes the screens anew; read what changed before it is committed.
"""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Process, Runner

DATA = Path(__file__).parents[1] / "reference" / "data"

MADE_UP = {
    "sensitivity-two": "sensitivity --outcome survival",
    "sensitivity-three": "sensitivity --outcome depression --test knha",
    "sensitivity-as-of": "sensitivity --outcome depression --as-of 1995",
    "sensitivity-counts": "sensitivity --outcome suicidal-ideation --method MH",
    "sensitivity-one": "sensitivity --outcome sleep",
    "sensitivity-none": "sensitivity --outcome fatigue",
    "multiverse-effects": "multiverse --outcome depression --measure MD",
    "multiverse-measures": "multiverse --outcome suicidal-ideation --test z",
    "multiverse-arms": "multiverse --outcome pain --measure MD --method REML",
    "multiverse-none": "multiverse --outcome fatigue",
}
SHIPPED = {
    "sensitivity-survival": (
        "sensitivity --outcome survival --approach segt --include individual-times"
    ),
    "multiverse-survival": "multiverse --outcome survival --approach segt",
}
TABLES = {
    "sensitivity-table": "sensitivity --data colditz1994.csv --measure RR",
    "multiverse-table": "multiverse --data colditz1994.csv",
}
FORMATS = {
    "sensitivity.csv": "sensitivity --data colditz1994.csv --measure RR --format csv",
    "multiverse.md": "multiverse --data colditz1994.csv --measure RR --format markdown",
}
WRONG = (
    "sensitivity",
    "sensitivity --outcome pian",
    "sensitivity --outcome survival --figure forest",
    "sensitivity --data colditz1994.csv",
    "sensitivity --data colditz1994.csv --outcome pain",
    "sensitivity --data nowhere.csv",
    "multiverse",
    "multiverse --outcome survival --subgroup design",
    "multiverse --outcome survival --dependence robust",
    "multiverse --outcome survival --method REMLL",
    "multiverse --data colditz1994.csv --measure SMD",
    "multiverse --data nowhere.csv",
    "multiverse --data colditz1994.csv --adjusted",
)


@pytest.fixture(autouse=True)
def in_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables be named without their folder."""
    monkeypatch.chdir(DATA)


@pytest.mark.parametrize("name", [*MADE_UP, *SHIPPED, *TABLES])
def test_screen(
    name: str,
    kb: "Runner",
    golden: "Golden",
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    line = {**MADE_UP, **SHIPPED, **TABLES}[name]
    db = request.getfixturevalue("shipped" if name in SHIPPED else "poolable")
    narrow = kb(line, db=db)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(line, db=db)

    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{name}.txt", narrow.out)
    golden(f"{name}.120.txt", wide.out, unless_as=f"{name}.txt")


@pytest.mark.parametrize("name", FORMATS)
def test_format(name: str, kb: "Runner", golden: "Golden") -> None:
    run = kb(FORMATS[name])

    assert (run.code, run.err) == (0, "")
    golden(name, run.out)


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    names = [*MADE_UP, *SHIPPED, *TABLES]
    screens = {f"{name}{width}.txt" for name in names for width in ("", ".120")}
    kept = {name for name in golden.files() if name.startswith(("sensitivity", "multiverse"))}

    assert kept - screens - set(FORMATS) == {"sensitivity-ascii.txt", "sensitivity-mistakes.txt"}


def test_what_is_said_to_mistakes(kb: "Runner", golden: "Golden", poolable: Path) -> None:
    runs = {line: kb(line, db=poolable) for line in WRONG}

    assert [line for line, run in runs.items() if (run.code, run.out) != (1, "")] == []
    told = "\n".join(f"$ kb {line}\n{run.err}" for line, run in runs.items())
    golden("sensitivity-mistakes.txt", told)


def test_json_holds_every_part(kb: "Runner") -> None:
    found = json.loads(kb("sensitivity --data colditz1994.csv --measure RR --format json").out)

    assert found["question"]["command"] == "kb sensitivity --data colditz1994.csv --measure RR"
    assert found["verdict"]["status"] == "poolable with cautions"
    assert len(found["sensitivity"]["leave_one_out"]) == found["result"]["k"] == 13
    assert found["data"] is None


def test_json_of_a_multiverse_gives_the_command_of_each_specification(kb: "Runner") -> None:
    found = json.loads(kb("multiverse --data colditz1994.csv --format json").out)

    assert found["question"]["command"] == "kb multiverse --data colditz1994.csv"
    assert found["count"] == len(found["specifications"]) == 34
    row = next(row for row in found["specifications"] if row["test"] == "knha")
    again = json.loads(kb(f"{row['command'].removeprefix('kb ')} --format json").out)
    assert again["back"]["estimate"] == pytest.approx(row["back"]["estimate"], rel=1e-9)
    assert again["back"]["ci_low"] == pytest.approx(row["back"]["ci_low"], rel=1e-9)


def test_csv_of_a_multiverse_has_a_row_for_each_specification(kb: "Runner") -> None:
    rows = list(
        csv.DictReader(io.StringIO(kb("multiverse --data colditz1994.csv --format csv").out))
    )

    assert len(rows) == 34
    assert {row["measure"] for row in rows} == {"OR", "RR", "RD"}


@pytest.mark.parametrize("command", ["sensitivity", "multiverse"])
def test_a_table_needs_no_store(command: str, kb: "Runner", tmp_path: Path) -> None:
    db = tmp_path / "none.sqlite"

    assert kb(f"{command} --data colditz1994.csv --measure RR", db=db).code == 0
    assert not db.exists()


@pytest.mark.parametrize("width", [40, 60, 100, 200])
@pytest.mark.parametrize("command", ["sensitivity", "multiverse"])
def test_every_width_is_drawn(
    command: str, width: int, kb: "Runner", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    run = kb(f"{command} --data colditz1994.csv --measure RR")

    assert (run.code, run.err) == (0, "")
    assert "0.49 [0.34, 0.70]" in run.out
    assert max(map(len, run.out.splitlines())) <= width


def test_a_terminal_without_unicode_gets_its_own_marks(
    process: "Process", golden: "Golden"
) -> None:
    run = process(
        "sensitivity --data colditz1994.csv --measure RR", PYTHONIOENCODING="ascii", COLUMNS="80"
    )

    assert run.returncode == 0
    assert run.stdout.isascii()
    assert "?" not in run.stdout
    golden("sensitivity-ascii.txt", run.stdout)


@pytest.mark.parametrize("figure", ["leave-one-out", "cumulative", "baujat"])
def test_a_figure_is_written(figure: str, kb: "Runner", tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    run = kb(f"sensitivity --data colditz1994.csv --measure RR --plot {path} --figure {figure}")

    assert run.code == 0
    assert run.err == f"kb: {figure} plot written to {path}\n"
    assert "Aronson 1948" in path.read_text(encoding="utf-8")


def test_the_specification_curve_is_written(kb: "Runner", tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    run = kb(f"multiverse --data colditz1994.csv --measure RR --plot {path}")

    assert (run.code, run.err) == (0, f"kb: multiverse plot written to {path}\n")
    assert path.read_text(encoding="utf-8").startswith("<?xml")
