"""What is exported to metafor's columns is what `kb pool` pools, and R finds the same.

`pytest tests/cli tests/exchange --update-golden` writes the files under `golden` anew.
"""

import csv
import io
import math
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kb.base import Base
from kb.errors import KbError
from kb.exchange.exporting import Wanted, export
from kb.exchange.writers import metafor
from kb.exchange.writers.formats import FORMATS
from kb.pooling.answer import PooledAnswer
from kb.pooling.options import COUNT_METHODS, PoolOptions
from kb.pooling.pooling import pool
from kb.pooling.receipts.receipt import receipt
from kb.synthesis.effect_sizes import escalc

GOLDEN = Path(__file__).parent / "golden"
Asked = tuple[str, dict[str, Any], dict[str, Any]]

CASES: dict[str, Asked] = {
    "survival, shipped": ("shipped", {"outcome": "survival", "approach": "segt"}, {}),
    "survival": ("made up", {"outcome": "survival"}, {}),
    "survival, Hartung-Knapp": ("made up", {"outcome": "survival"}, {"test": "knha"}),
    "survival, common": ("made up", {"outcome": "survival"}, {"model": "common", "level": 90}),
    "pain, SMD": ("made up", {"outcome": "pain"}, {"measure": "SMD", "method": "DL"}),
    "pain, MD": ("made up", {"outcome": "pain"}, {"measure": "MD", "method": "PM"}),
    "mood": ("made up", {"outcome": "mood-disturbance"}, {"measure": "SMD", "method": "ML"}),
    "ideation, OR": ("made up", {"outcome": "suicidal-ideation"}, {"measure": "OR"}),
    "ideation, RR": (
        "made up",
        {"outcome": "suicidal-ideation"},
        {"measure": "RR", "test": "t", "include": ["not-randomised"]},
    ),
}
IN_R = """\
suppressPackageStartupMessages(library(metafor))
for (line in readLines("calls")) {
  dat <- read.csv(sub("\\t.*", "", line))
  res <- eval(parse(text = sub(".*\\t", "", line)))
  cat(sprintf("%.17g", c(res$beta, res$se, res$ci.lb, res$ci.ub, res$tau2, res$k)), "\\n")
}
"""


@pytest.fixture
def answered(base: Base, made_up: Base) -> Any:
    def answer(asked: Asked) -> tuple[Base, PooledAnswer]:
        store, facets, options = asked
        found = base if store == "shipped" else made_up
        return found, pool(found, found.question("results", **facets), PoolOptions.of(**options))

    return answer


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@cache
def rscript() -> str:
    program = shutil.which("Rscript")
    if program is not None:
        needed = [program, "-e", "stopifnot(requireNamespace('metafor'))"]
        if subprocess.run(needed, capture_output=True, check=False).returncode == 0:
            return program
    pytest.skip("R is no requirement of this project, nor its metafor")


def test_r_finds_the_same_pooled_effect_in_every_case(answered: Any, tmp_path: Path) -> None:
    expected, calls = [], []
    for number, asked in enumerate(CASES.values()):
        base, answer = answered(asked)
        text, _ = metafor.write_pooled(base, answer)
        (tmp_path / f"{number}.csv").write_text(text, encoding="utf-8")
        calls.append(f"{number}.csv\t{metafor.call_in_r(answer)}\n")
        result = answer.analysis.result
        tau2 = result["tau2"] or 0.0
        shown = [result[name] for name in ("estimate", "se", "ci_low", "ci_high")]
        expected.append([*shown, tau2, result["k"]])
    (tmp_path / "calls").write_text("".join(calls), encoding="utf-8")
    (tmp_path / "script.R").write_text(IN_R, encoding="utf-8")
    ended = subprocess.run(
        [rscript(), "--vanilla", "script.R"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stderr

    found = [[float(n) for n in line.split()] for line in ended.stdout.splitlines()]
    assert len(found) == len(CASES)
    for case, theirs, ours in zip(CASES, found, expected, strict=True):
        assert theirs == pytest.approx(ours, rel=1e-6, abs=1e-5), case
        assert theirs[0] == pytest.approx(ours[0], rel=1e-6), case
        assert ours[-1] >= 2, case


@pytest.mark.parametrize("case", CASES)
def test_rows_are_the_entries_with_all_their_digits(case: str, answered: Any) -> None:
    base, answer = answered(CASES[case])
    text, number = metafor.write_pooled(base, answer)
    rows = rows_of(text)

    assert number == len(rows) == answer.selection.k
    assert [float(row["yi"]) for row in rows] == [entry.yi for entry in answer.entries]
    assert [float(row["vi"]) for row in rows] == [entry.vi for entry in answer.entries]
    assert [row["slab"] for row in rows] == [entry.label for entry in answer.entries]
    assert {row["receipt"] for row in rows} == {receipt(answer)["id"]}
    assert {row["measure"] for row in rows} == {answer.selection.measure.code}


@pytest.mark.parametrize(
    ("case", "columns"),
    [
        ("pain, SMD", ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")),
        ("mood", ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")),
        ("ideation, OR", ("ai", "bi", "ci", "di")),
        ("ideation, RR", ("ai", "bi", "ci", "di")),
    ],
)
def test_the_columns_of_the_arms_give_the_effects(
    case: str, columns: tuple[str, ...], answered: Any
) -> None:
    base, answer = answered(CASES[case])
    rows = rows_of(metafor.write_pooled(base, answer)[0])
    whole = [row for row in rows if all(row.get(name, "NA") != "NA" for name in columns)]
    assert whole
    code = answer.selection.measure.code
    effects = escalc(code, {name: [float(row[name]) for row in whole] for name in columns})
    for row, yi, vi in zip(whole, effects.yi.tolist(), effects.vi.tolist(), strict=True):
        turned = row["flipped"] == "TRUE" and answer.selection.counts is None
        assert (-yi if turned else yi) == pytest.approx(float(row["yi"]), abs=1e-12)
        assert vi == pytest.approx(float(row["vi"]), abs=1e-12)


def test_the_export_is_kept(base: Base, answered: Any, request: pytest.FixtureRequest) -> None:
    _, answer = answered(CASES["survival, shipped"])
    text, _ = metafor.write_pooled(base, answer)
    path = GOLDEN / "survival-segt.csv"
    kept = text.replace(receipt(answer)["id"], "#" * 16)
    if request.config.getoption("--update-golden", default=False):
        path.write_text(kept, encoding="utf-8", newline="")

    assert path.read_text(encoding="utf-8") == kept


def test_no_call_is_told_where_one_call_does_not_do(made_up: Base) -> None:
    question = made_up.question("results", outcome="suicidal-ideation")

    for method in COUNT_METHODS:
        measure = "PETO" if method == "PETO" else "OR"
        counted = pool(made_up, question, PoolOptions.of(measure=measure, method=method))
        assert metafor.call_in_r(counted) == ""


def test_without_an_outcome_every_comparison_is_written(made_up: Base) -> None:
    wanted = Wanted(FORMATS["metafor"], made_up.question("results"))
    written = export(made_up, wanted, None)
    rows = rows_of(written.text)

    assert written.count == len(rows)
    juniper = next(row for row in rows if row["key"] == "juniper-2016/mood/segt")
    shown = {name: juniper[name] for name in ("m1i", "sd1i", "n1i", "m2i", "n2i", "yi", "better")}
    assert shown == {
        "m1i": "-3.25",
        "sd1i": "7.1",
        "n1i": "41",
        "m2i": "1e-05",
        "n2i": "39",
        "yi": "NA",
        "better": "lower",
    }
    assert float(juniper["sd2i"]) == pytest.approx(1.2 * math.sqrt(39))
    assert juniper["sd_computed_from"] == "standard errors"
    assert "1 result left out: individual survival times" in " ".join(written.notes)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("classen-2001/traumatic-stress/es", "3 results left out: effect size of a kind that"),
        ("classen-2001/mood/es-secondary", "3 results left out: effect size of a kind that"),
        ("rodin-2018/depression-3m/d", "2 results left out: apparently printed without its sign"),
        (
            "rodin-2018/depression-3m/difference",
            "2 results left out: apparently printed without its sign",
        ),
        ("kissane-2003/overall-effect/d", "1 result left out: which arm it favours is not said"),
    ],
)
def test_no_measure_or_sign_is_claimed_that_no_source_states(
    key: str, reason: str, base: Base
) -> None:
    written = export(base, Wanted(FORMATS["metafor"], base.question("results")), None)
    rows = rows_of(written.text)

    assert key not in {row["key"] for row in rows}
    assert "goodwin-2001/cost/md" in {row["key"] for row in rows}
    assert reason in " ".join(written.notes)


def test_text_cannot_act_as_a_formula_and_numbers_stay_numbers(made_up: Base) -> None:
    wanted = Wanted(FORMATS["metafor"], made_up.question("results", study="juniper-2016"))
    (row,) = rows_of(export(made_up, wanted, None).text)

    assert row["quote"].startswith("'-a made-up quote")
    assert row["m1i"] == "-3.25"


def test_options_of_pooling_need_an_outcome(made_up: Base) -> None:
    options = PoolOptions.of(measure="OR")
    with pytest.raises(KbError, match="It is not said what to pool, and --measure OR"):
        export(made_up, Wanted(FORMATS["metafor"], made_up.question("results"), options), None)


def test_without_an_effect_nothing_is_written(base: Base) -> None:
    question = base.question("results", outcome="mood-disturbance")
    with pytest.raises(KbError, match="no effect to export: No trial has an effect"):
        export(base, Wanted(FORMATS["metafor"], question), None)
