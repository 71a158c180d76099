"""`kb pool`: every screen at 80 columns and at 120, the files it writes, and what it refuses.

`--update-golden` writes the screens anew; read what changed before it is committed.
"""

import csv
import io
import json
import re
from collections.abc import Iterable
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from kb.pooling.options import CORRECTED, COUNT_METHODS, DEPENDENCE, INCLUDABLE, MODELS, RULES
from kb.synthesis.measures import MEASURES
from kb.synthesis.options import METHODS, PREDICTIONS, TESTS
from kb_cli.main import app
from kb_cli.pooling_options import VALUES

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Process, Runner

DATA = Path(__file__).parents[1] / "reference" / "data"
BCG = DATA / "colditz1994.csv"

MADE_UP = {
    "two": "pool --outcome survival",
    "three": "pool --outcome depression --method DL --test knha",
    "by-subgroup": "pool --outcome survival --include not-randomised --subgroup design",
    "adjusted": "pool --outcome survival --adjusted",
    "odds-ratios": "pool --outcome survival --measure OR",
    "opposite-ends": "pool --outcome mood-disturbance --sources",
    "no-events": "pool --outcome suicidal-ideation",
    "no-events-mantel-haenszel": "pool --outcome suicidal-ideation --method MH",
    "one": "pool --outcome sleep",
    "arms": "pool --outcome pain --design rct --sources",
    "none": "pool --outcome fatigue --sources",
    "all-effects": "pool --outcome depression --dependence aggregate --measure SMD",
    "spoken": "pool --outcome survival --spoken --sources",
    "none-spoken": "pool --outcome fatigue --spoken",
}
SHIPPED = {
    "survival": "pool --outcome survival --approach segt",
    "survival-individual-times": (
        "pool --outcome survival --approach segt --include individual-times --sources"
    ),
    "pain": "pool --outcome pain --approach segt --sources",
    "traumatic-stress": "pool --outcome traumatic-stress --approach segt",
}
TABLES = {
    "table": "pool --data colditz1994.csv --measure RR",
    "table-by-subgroup": (
        "pool --data colditz1994.csv --measure RR --subgroup alloc --moderator ablat"
    ),
    "table-means": "pool --data normand1999.csv --measure MD --level 90 --prediction HTS",
    "table-revman": (
        "pool --data edge_zero_cells.csv --measure OR --method MH --model random --add 0.5,0.5 "
        "--to only0,only0 --drop00 true"
    ),
    "table-revman-spoken": (
        "pool --data edge_zero_cells.csv --measure RR --method MH --add 0.5,0.5 --to only0,only0 "
        "--drop00 false,true --spoken"
    ),
    "table-proportions": "pool --data debruin2009.csv --measure PLO",
}
WRONG = (
    "pool",
    "pool --design rct",
    "pool --outcome pian",
    "pool --outcome survival --measure HRR",
    "pool --outcome survival --method REMLL",
    "pool --outcome survival --model mixed",
    "pool --outcome survival --model common --method DL",
    "pool --outcome survival --test wald",
    "pool --outcome survival --level 200",
    "pool --outcome survival --prediction none",
    "pool --outcome survival --window soon",
    "pool --outcome survival --rule best",
    "pool --outcome survival --include everything",
    "pool --outcome survival --dependence many",
    "pool --outcome survival --rho 3",
    "pool --outcome survival --add half",
    "pool --outcome survival --to if0all",
    "pool --outcome survival --drop00 perhaps",
    "pool --outcome suicidal-ideation --method MH-DL --measure PETO",
    "pool --outcome survival --exclude nobody",
    "pool --outcome survival --figure funnel",
    "pool --outcome survival --figure baujat --plot nowhere.svg",
    "pool --data colditz1994.csv --outcome pain",
    "pool --data colditz1994.csv",
    "pool --data nowhere.csv",
    "pool --data .",
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

    assert (narrow.err, wide.err) == ("", "")
    assert (narrow.code, wide.code) == (0, 0)
    if "--spoken" not in line:
        assert max(map(len, narrow.out.splitlines())) <= 80
        assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"pool-{name}.txt", narrow.out)
    golden(f"pool-{name}.120.txt", wide.out, unless_as=f"pool-{name}.txt")


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    names = [*MADE_UP, *SHIPPED, *TABLES]
    screens = {f"pool-{name}{width}.txt" for name in names for width in ("", ".120")}
    kept = {name for name in golden.files() if name.startswith("pool")}

    assert kept - screens == {"pool-ascii.txt", "pool-mistakes.txt", "pool.csv", "pool.md"}


def test_what_is_said_to_mistakes(kb: "Runner", golden: "Golden", poolable: Path) -> None:
    runs = {line: kb(line, db=poolable) for line in WRONG}

    assert [line for line, run in runs.items() if (run.code, run.out) != (1, "")] == []
    golden("pool-mistakes.txt", "\n".join(f"$ kb {line}\n{run.err}" for line, run in runs.items()))


@pytest.mark.parametrize("width", [30, 40, 60, 100, 200])
def test_every_width_is_drawn(
    width: int, kb: "Runner", poolable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    run = kb("pool --outcome survival", db=poolable)

    assert (run.code, run.err) == (0, "")
    assert "0.80 [0.55, 1.16]" in run.out


def test_a_terminal_without_unicode_gets_an_aligned_plot(
    process: "Process", golden: "Golden", poolable: Path
) -> None:
    run = process(
        f"pool --outcome survival --db {poolable}", PYTHONIOENCODING="ascii", COLUMNS="80"
    )

    assert run.returncode == 0
    assert run.stdout.isascii()
    golden("pool-ascii.txt", run.stdout)


@pytest.mark.parametrize("variable", ["NO_COLOR", ""])
def test_a_pipe_gets_no_escape_codes(variable: str, process: "Process", poolable: Path) -> None:
    run = process(
        f"pool --outcome survival --db {poolable}", **({variable: "1"} if variable else {})
    )

    assert run.returncode == 0
    assert "\x1b" not in run.stdout


def test_colour_has_a_word_beside_it(process: "Process", poolable: Path) -> None:
    def coloured(outcome: str) -> list[tuple[str, str]]:
        line = f"pool --outcome {outcome} --db {poolable}"
        run = process(line, NO_COLOR="", FORCE_COLOR="1", TERM="xterm")
        return re.findall(r"\x1b\[((?:1;)?3[1-3])m([^\x1b]*)", run.stdout)

    assert coloured("survival") == [("1;33", "Verdict: poolable with cautions")]
    assert coloured("fatigue") == [
        ("1;31", "Verdict: not poolable"),
        ("32", "favours intervention"),
        ("33", "no difference"),
    ]


def test_json_is_the_answer(kb: "Runner", poolable: Path) -> None:
    found = json.loads(kb("pool --outcome survival --format json", db=poolable).out)

    assert found["question"]["command"] == "kb pool --outcome survival"
    assert found["verdict"]["status"] == "poolable with cautions"
    assert [study["label"] for study in found["studies"]] == [
        "Alder 1991 (made up)",
        "Birch 1995 (made up)",
    ]
    assert {"result", "back", "left_out", "selection", "directions", "reported"} <= set(found)


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_rows_end_with_the_pooled_effect(
    form: str, kb: "Runner", golden: "Golden", poolable: Path
) -> None:
    run = kb(f"pool --outcome survival --format {form}", db=poolable)

    assert run.err.startswith("kb: poolable with cautions: Two trials (Alder 1991 (made up) and ")
    golden({"csv": "pool.csv", "markdown": "pool.md"}[form], run.out)


def test_what_may_not_be_pooled_has_no_pooled_row(kb: "Runner", poolable: Path) -> None:
    def labels(outcome: str) -> list[str]:
        text = kb(f"pool --outcome {outcome} --format csv", db=poolable).out
        return [row["label"] for row in csv.DictReader(io.StringIO(text))]

    assert labels("sleep") == ["Birch 1995 (made up)"]
    assert labels("fatigue") == []


def test_rows_have_the_numbers_of_the_screen(kb: "Runner") -> None:
    text = kb("pool --data colditz1994.csv --measure RR --format csv").out
    *studies, pooled = csv.DictReader(io.StringIO(text))

    assert float(pooled["yi"]) == pytest.approx(-0.7145323, abs=1e-6)
    assert float(pooled["estimate"]) == pytest.approx(0.4894, abs=1e-4)
    assert sum(float(study["weight"]) for study in studies) == pytest.approx(100)


def test_the_plot_has_the_numbers_of_the_data(
    kb: "Runner", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    screen = kb("pool --data colditz1994.csv --measure RR").out.splitlines()
    found = json.loads(kb("pool --data colditz1994.csv --measure RR --format json").out)
    studies = {study["label"]: study for study in found["studies"]}
    rows = {label: next(line for line in screen if line.startswith(label)) for label in studies}

    for label, study in studies.items():
        reach = 1.959964 * study["vi"] ** 0.5
        low, high = exp(study["yi"] - reach), exp(study["yi"] + reach)
        shown = [float(number) for number in re.findall(r"[\d.]+", rows[label])[-3:]]
        assert shown == pytest.approx([exp(study["yi"]), low, high], abs=0.005)
        assert f" {study['weight']:.1f}% " in rows[label]
        assert f" {study['n_intervention']:,}/{study['n_control']:,} " in rows[label]


def test_a_table_needs_no_store(kb: "Runner", tmp_path: Path) -> None:
    run = kb("pool --data colditz1994.csv --measure RR", db=tmp_path / "none.sqlite")

    assert (run.code, run.err) == (0, "")
    assert not (tmp_path / "none.sqlite").exists()


def test_files_are_written_and_told_of(kb: "Runner", poolable: Path, tmp_path: Path) -> None:
    names = ("receipt.json", "pool.R", "forest.svg")
    receipt, script, plot = (tmp_path / name for name in names)
    run = kb(
        f"pool --outcome survival --receipt {receipt} --r-script {script} --plot {plot}",
        db=poolable,
    )
    kept = json.loads(receipt.read_text(encoding="utf-8"))

    assert run.code == 0
    assert run.err.splitlines() == [
        f"kb: forest plot written to {plot}",
        f"kb: receipt {kept['id']} written to {receipt}",
        f"kb: R script written to {script}",
    ]
    assert "rma(" in script.read_text(encoding="utf-8")
    assert "<svg" in plot.read_text(encoding="utf-8")


def test_another_figure_is_drawn_when_named(
    kb: "Runner", poolable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[str, Path]] = []
    monkeypatch.setattr("kb_cli.figures.draw", lambda figure, _, path: drawn.append((figure, path)))
    kb(f"pool --outcome survival --plot {tmp_path}/f.png --figure funnel", db=poolable)

    assert drawn == [("funnel", tmp_path / "f.png")]


@pytest.mark.parametrize("flag", ["--test", "--interval"])
def test_the_interval_has_two_names(flag: str, kb: "Runner", poolable: Path) -> None:
    found = json.loads(kb(f"pool --outcome survival {flag} knha --format json", db=poolable).out)

    assert found["result"]["test"] == "knha"


def test_options_have_the_values_of_the_engine() -> None:
    known: dict[str, Iterable[str]] = {
        "measure": MEASURES,
        "model": MODELS,
        "method": [*METHODS, *COUNT_METHODS],
        "test": TESTS,
        "prediction": PREDICTIONS,
        "rule": RULES,
        "include": INCLUDABLE,
        "dependence": DEPENDENCE,
        "to": CORRECTED,
    }

    assert {name: set(values) for name, values in VALUES.items()} == {
        name: set(values) for name, values in known.items()
    }


def test_values_are_completed_also_after_a_comma() -> None:
    options = typer.main.get_command(app).commands["pool"].params  # type: ignore[attr-defined]
    include = next(option for option in options if option.name == "include")
    offered = include.shell_complete(None, "subsets,uns")

    assert [item.value for item in offered] == ["subsets,unsigned"]


@pytest.mark.parametrize("form", ["--spoken", "--format markdown", "--format table"])
def test_what_reviews_report_says_which_way_is_good(form: str, kb: "Runner", shipped: Path) -> None:
    told = " ".join(kb(f"pool --outcome survival --approach segt {form}", db=shipped).out.split())

    assert "RR 0.82 (0.67 to 1.00), favours intervention" in told
    assert "Odds of survival, so above 1 favours the intervention" in told
    assert "HR 0.59 (0.49 to 0.71), favours intervention, Cancer-specific survival" in told
    assert "Not advanced disease" in told
    assert "our reading" in told


def test_a_vote_names_what_it_does_not_count(kb: "Runner", shipped: Path) -> None:
    out = kb("pool --outcome depression --include not-randomised", db=shipped).out

    told = " ".join(out.split())
    assert "Horowitz 1996 (spouses) favours intervention (a statement)" in told
    assert "Not counted: Horowitz 1996 (spouses) (not a randomised trial; of spouses" in told


def test_strata_are_called_so_in_the_table_of_directions(kb: "Runner", shipped: Path) -> None:
    told = " ".join(kb("pool --outcome mood --spoken", db=shipped).out.split())

    assert "Goodwin 2001 (BEST): by subgroup only, Mood disturbance" in told
    assert "3-month follow-up: no difference" in told
