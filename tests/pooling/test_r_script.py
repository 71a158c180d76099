"""The script for R: metafor agrees with every number, and no text of a study becomes code.

`pytest tests/cli tests/pooling --update-golden` writes the files under `golden` anew, with R.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base import Base
from kb.errors import KbError
from kb.pooling.answer import PooledAnswer
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool, pool_table
from kb.pooling.r_scripts.r_literals import column_name, comment, number, text, vector
from kb.pooling.r_scripts.r_script import r_script

TABLES = Path(__file__).parent.parent / "reference" / "data"
GOLDEN = Path(__file__).parent / "golden"
AGREES = "metafor agrees with evidence-kb in all of these numbers."

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "effects": ("raudenbush1985", {}),
    "common effect": ("raudenbush1985", {"method": "EE"}),
    "one study": ("edge_k1", {"test": "knha"}),
    "two studies": ("edge_k2", {"test": "adhoc"}),
    "OR, Hartung-Knapp": ("colditz1994", {"measure": "OR", "test": "knha"}),
    "RR, Paule-Mandel, HTS": ("colditz1994", {"measure": "RR", "method": "PM", "level": 90}),
    "RR, HTS": ("colditz1994", {"measure": "RR", "prediction": "HTS", "test": "knha"}),
    "RD, Sidik-Jonkman": ("colditz1994", {"measure": "RD", "method": "SJ", "prediction": "HTS"}),
    "Mantel-Haenszel OR, zero cells": ("edge_zero_cells", {"measure": "OR", "method": "MH"}),
    "Mantel-Haenszel RR, zero cells": ("edge_zero_cells", {"measure": "RR", "method": "MH"}),
    "Mantel-Haenszel RD": ("colditz1994", {"measure": "RD", "method": "MH"}),
    "Mantel-Haenszel rates": ("hart1999", {"measure": "IRR", "method": "MH"}),
    "Peto, zero cells": ("edge_zero_cells", {"measure": "PETO", "method": "PETO"}),
    "Mantel-Haenszel OR, zero cells in the sums": (
        "edge_zero_cells",
        {
            "measure": "OR",
            "method": "MH",
            "add": "0.5,0.5",
            "to": "only0,only0",
            "drop00": "no,yes",
        },
    ),
    "Mantel-Haenszel RD, all corrected": (
        "edge_zero_cells",
        {"measure": "RD", "method": "MH", "add": "1,0.25", "to": "all,all", "drop00": "no,no"},
    ),
    "Peto, zero cells in the sums": (
        "edge_zero_cells",
        {"measure": "PETO", "method": "PETO", "add": "0.5,0.5", "to": "only0,only0"},
    ),
    "OR, all corrected": (
        "edge_zero_cells",
        {"measure": "OR", "method": "DL", "add": 0.25, "to": "all", "drop00": True},
    ),
    "random effects about Mantel-Haenszel OR, zero cells": (
        "edge_zero_cells",
        {"measure": "OR", "method": "MH-DL", "add": "0.5,0.5", "to": "only0,only0", "level": 90},
    ),
    "random effects about Mantel-Haenszel RR, HTS": (
        "edge_zero_cells",
        {"measure": "RR", "method": "MH-DL", "prediction": "HTS", "drop00": True},
    ),
    "random effects about Mantel-Haenszel RD, subgroups": (
        "colditz1994",
        {"measure": "RD", "method": "MH", "model": "random", "subgroup": "alloc"},
    ),
    "SMD of means": ("normand1999", {"measure": "SMD", "method": "DL"}),
    "MD of means": ("normand1999", {"measure": "MD", "method": "ML", "test": "t"}),
    "proportions": ("debruin2009", {"measure": "PLO", "method": "EB"}),
    "correlations": ("molloy2014", {"measure": "ZCOR"}),
    "averaged by trial": ("clusters", {"dependence": "aggregate", "rho": 0.6}),
    "three levels": ("clusters", {"dependence": "three-level"}),
    "three levels, t, no correlation": (
        "clusters",
        {"dependence": "three-level", "rho": 0, "test": "t"},
    ),
    "cluster-robust": ("clusters", {"dependence": "robust"}),
    "subgroups": ("colditz1994", {"measure": "RR", "subgroup": "alloc"}),
    "subgroups, Mantel-Haenszel": (
        "colditz1994",
        {"measure": "OR", "subgroup": "alloc", "method": "MH"},
    ),
    "moderators": ("colditz1994", {"measure": "RR", "moderators": ["ablat,alloc"]}),
    "moderators by trial": (
        "clusters",
        {"dependence": "aggregate", "moderators": ["after1976"], "subgroup": "after1976"},
    ),
}

WRONG = ("estimate", "tau2", "ci_high", "largest difference between weights")

Tables = Callable[[str], Path]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Return where a table is; `clusters` is one in which several effects are of one cluster."""
    folder = tmp_path_factory.mktemp("tables")
    kept = (TABLES / "konstantopoulos2011.csv").read_text(encoding="utf-8")
    made = folder / "clusters.csv"
    made.write_text(kept.replace("district", "cluster", 1), encoding="utf-8")
    return lambda name: made if name == "clusters" else TABLES / f"{name}.csv"


@pytest.fixture(scope="module")
def survival(base: Base) -> PooledAnswer:
    question = base.question("results", outcome="survival", approach="segt")
    return pool(base, question, PoolOptions.of())


@cache
def rscript() -> str:
    """Return the program that runs R, where it has what the scripts need."""
    program = shutil.which("Rscript")
    needed = "stopifnot(requireNamespace('metafor'), requireNamespace('clubSandwich'))"
    if program is not None:
        tried = subprocess.run([program, "-e", needed], capture_output=True, check=False)
        if tried.returncode == 0:
            return program
    pytest.skip("R is no requirement of this project, nor its metafor and clubSandwich")


def run(
    script: str, folder: Path, locale: str = "C.UTF-8", *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder of its own."""
    path = folder / "script.R"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [rscript(), "--vanilla", str(path), *arguments],
        cwd=folder,
        env={"LC_ALL": locale, "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


IN_TURN = """\
for (path in commandArgs(trailingOnly = TRUE)) {
  cat("\\fscript", path, "\\n")
  tryCatch(source(path, local = new.env()), error = function(e) cat(conditionMessage(e), "\\n"))
}
"""
"""Runs many scripts in one R, each in an environment of its own."""


@pytest.fixture(scope="module")
def printed(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what R prints for every case, and for every number that was made wrong."""
    folder = tmp_path_factory.mktemp("scripts")
    scripts = {
        **{
            case: r_script(pool_table(tables(t), PoolOptions.of(**o)))
            for case, (t, o) in CASES.items()
        },
        **{wrong: broken(tables, wrong) for wrong in WRONG},
    }
    paths = [folder / f"{place}.R" for place in range(len(scripts))]
    for path, script in zip(paths, scripts.values(), strict=True):
        path.write_text(script, encoding="utf-8")
    ended = run(IN_TURN, folder, "C.UTF-8", *map(str, paths))
    assert ended.returncode == 0, ended.stderr
    return dict(zip(scripts, ended.stdout.split("\fscript")[1:], strict=True))


@pytest.mark.parametrize("case", CASES)
def test_metafor_agrees(case: str, printed: dict[str, str]) -> None:
    assert printed[case].splitlines()[-1] == AGREES


@pytest.mark.parametrize("wrong", WRONG)
def test_a_number_that_metafor_does_not_find_stops_the_script(
    wrong: str, printed: dict[str, str]
) -> None:
    assert printed[wrong].splitlines()[-1].startswith(f"metafor differs in {wrong}")


def broken(tables: Tables, wrong: str) -> str:
    """Return a script in which one of our numbers is another."""
    script = r_script(pool_table(tables("raudenbush1985"), PoolOptions.of()))
    place = next(i for i, name in enumerate(compared(script)) if name.startswith(wrong)) + 1
    return script.replace("theirs <-", f"ours[{place}] <- ours[{place}] + 1e-4\ntheirs <-")


@pytest.mark.parametrize("case", CASES)
def test_the_script_holds_every_effect_to_its_last_digit(case: str, tables: Tables) -> None:
    name, options = CASES[case]
    answer = pool_table(tables(name), PoolOptions.of(**options))

    script = r_script(answer)

    assert f"yi = {vector(entry.yi for entry in answer.entries)}" in script
    assert f"vi = {vector(entry.vi for entry in answer.entries)}" in script
    assert float(number(answer.entries[0].yi)) == answer.entries[0].yi
    for column, values in (answer.selection.counts or {}).items():
        assert f"{column} = {vector(values)}" in script


def compared(script: str) -> list[str]:
    names = script.partition("number <- c(")[2].partition(")\n")[0]
    return re.findall(r'"([^"]*)"', names)


def test_every_number_of_the_result_is_compared(survival: PooledAnswer) -> None:
    assert survival.analysis is not None
    result = {name for name, value in survival.analysis.result.items() if value is not None}
    described = {"k", "measure", "model", "method", "test", "level", "q_df"}

    assert result - described <= set(compared(r_script(survival)))


def test_where_there_is_nothing_to_pool_there_is_no_script(tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"
    path.write_text("study,yi,vi\nAlder 1991 (made up),NA,NA\n", encoding="utf-8")

    with pytest.raises(KbError, match="no effect to pool"):
        r_script(pool_table(path, PoolOptions.of()))


HOSTILE = (
    'quote " and \\ backslash',
    '"); system("touch owned"); ("',
    "'); file.create('owned') #",
    "two # signs # here",
    "per cent %s {x} `y`",
    "Köhler & Müller – “quoted” 1999",
    "emoji \U0001f600 and \u2028 separator",
    "tab\tand \x1b[31m red",
    "\\u0041 \\x41 \\n",
)


def test_no_label_becomes_code(tmp_path: Path) -> None:
    rows = [
        f'"{label.replace(chr(34), 2 * chr(34))}",0.1,0.0{i}' for i, label in enumerate(HOSTILE, 1)
    ]
    path = tmp_path / "trials.csv"
    header = "study,yi,vi\n"
    path.write_text(header + "\n".join(rows).replace("\x1b", "") + "\n", encoding="utf-8")
    answer = pool_table(path, PoolOptions.of(method="EE"))
    labels = [entry.label for entry in answer.entries]
    expected = "\n".join(" ".join(str(ord(c)) for c in label) for label in labels)

    script = r_script(answer) + "for (x in dat$label) cat(utf8ToInt(x), '\\n')\n"

    for locale in ("C.UTF-8", "C"):
        ended = run(script, tmp_path, locale)
        assert ended.returncode == 0, ended.stderr
        told = ended.stdout.partition(f"{AGREES}\n")[2]
        assert [line.strip() for line in told.splitlines()] == expected.splitlines()
    assert not (tmp_path / "owned").exists()


@given(st.text())
def test_text_is_one_string_in_ascii(value: str) -> None:
    written = text(value)

    assert written.isascii()
    assert written.isprintable()
    assert re.fullmatch(r'"([^"\\]|\\[nrt"\\]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"', written)


@given(st.text())
def test_a_comment_is_nothing_but_comment(told: str) -> None:
    lines = re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", comment(told))

    assert all(line.startswith("# ") for line in lines if line)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_has_all_its_digits(value: float) -> None:
    assert float(number(value)) == value


@given(st.lists(st.text(), unique=True, max_size=6))
def test_column_names_are_names_and_differ(names: list[str]) -> None:
    taken = ["yi", "vi", "column"]
    for name in names:
        taken.append(column_name(name, taken))

    assert len(set(taken)) == len(taken)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in taken)
    assert column_name("if", []) == "column"
    assert column_name("year", ["yi"]) == "year"


def masked(script: str) -> str:
    """Return a script without the state of the data and of the program."""
    return re.sub(r"(?s)(# Written by) .*?(?=\n# Verdict)", r"\1 #", script)


def test_the_script_for_survival_is_the_one_kept(
    survival: PooledAnswer, request: pytest.FixtureRequest
) -> None:
    held("survival-segt.R", masked(r_script(survival)), request)


def test_what_r_prints_for_survival_is_what_is_kept(
    survival: PooledAnswer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    ended = run(r_script(survival), tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"script.R", "home"}
    held("survival-segt.out", ended.stdout, request)


def test_what_r_printed_for_survival_is_what_is_found(survival: PooledAnswer) -> None:
    printed = (GOLDEN / "survival-segt.out").read_text(encoding="utf-8")
    rows = re.findall(r"^ (\w+) +(-?[\d.]+) +(-?[\d.]+) *$", printed, re.MULTILINE)
    by_metafor = {name: float(theirs) for name, _, theirs in rows}

    assert survival.analysis is not None
    assert {"estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "q", "pi_low"} <= set(
        by_metafor
    )
    for name, theirs in by_metafor.items():
        assert survival.analysis.result[name] == pytest.approx(theirs, rel=1e-8, abs=1e-9)


def held(name: str, written: str, request: pytest.FixtureRequest) -> None:
    """Compare text with a file that is kept, or write the file."""
    path = GOLDEN / name
    if request.config.getoption("--update-golden", default=False):
        path.write_text(written, encoding="utf-8", newline="")
    assert written == path.read_text(encoding="utf-8")
