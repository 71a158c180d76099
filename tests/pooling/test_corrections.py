"""Counts of zero: what --add, --to and --drop00 do to effects and sums, and what is said of it."""

import json
import math
from contextlib import AbstractContextManager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from kb.base import Base
from kb.errors import KbError
from kb.pooling.analysing.engine import NotPooled
from kb.pooling.answer import PooledAnswer
from kb.pooling.multiverses.multiverse import explore_table
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool, pool_table
from kb.pooling.receipts.receipt import identity, receipt
from kb.pooling.receipts.replay import replay
from kb.pooling.sensitivities.sensitivity import sensitivity
from kb.synthesis import mantel_haenszel, mantel_haenszel_random
from kb.synthesis.effect_sizes import escalc

TRIALS = """\
study,ai,n1i,ci,n2i
Alder 1991 (made up),0,20,3,20
Birch 1992 (made up),0,30,0,30
Cedar 1993 (made up),5,40,8,40
Dogwood 1994 (made up),9,61,4,58
"""
AI, BI, CI, DI = [0, 0, 5, 9], [20, 30, 35, 52], [3, 0, 8, 4], [17, 30, 32, 54]
REVMAN: dict[str, Any] = {"add": "0.5,0.5", "to": "only0,only0"}
EMPTY = "A study without events in both arms, or with nothing else,"
PAIRS: dict[str, Any] = {"add": (0.5, 0.5), "to": ("only0", "only0")}


@pytest.fixture
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("trials.csv")
    path.write_text(TRIALS, encoding="utf-8")
    return path


def of_table(path: Path, **options: Any) -> PooledAnswer:
    return pool_table(path, PoolOptions.of(**options))


def effect(answer: PooledAnswer) -> tuple[float, float, float]:
    assert answer.analysis is not None
    result = answer.analysis.result
    return result["estimate"], result["se"], result["q"]


def told(flags: str, what: str) -> str:
    return f"Counts of zero ({flags}): for the effects of single studies {what}."


def store_of_none() -> AbstractContextManager[Base]:
    raise AssertionError("a receipt of a table asks no store")


@pytest.mark.parametrize(
    "pair",
    [{}, *({"drop00": pair} for pair in ((True, True), (False, True), (False, False)))],
    ids=str,
)
def test_the_sums_of_mantel_haenszel_are_corrected_as_asked(
    pair: dict[str, Any], trials: Path
) -> None:
    answer = of_table(trials, measure="OR", method="MH", **pair, **REVMAN)
    expected = mantel_haenszel.odds_ratio(AI, BI, CI, DI, **PAIRS, **pair)
    assert expected.estimate is not None
    assert expected.heterogeneity is not None
    found = (expected.estimate.estimate, expected.estimate.se, expected.heterogeneity.q)
    assert effect(answer) == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_random_effects_are_about_the_mantel_haenszel_estimate(measure: str, trials: Path) -> None:
    answer = of_table(trials, measure=measure, method="MH", model="random", **REVMAN)
    expected = mantel_haenszel_random.pool(measure, AI, BI, CI, DI, **PAIRS)
    assert answer.analysis is not None
    assert effect(answer)[0] == pytest.approx(expected.estimate.estimate, rel=1e-12)
    assert answer.analysis.result["tau2"] == pytest.approx(expected.heterogeneity.tau2, rel=1e-12)
    assert answer.analysis.result["k"] == 3
    assert answer.analysis.result["model"] == "random"
    assert [weight is None for weight in answer.analysis.weights] == [False, True, False, False]
    assert any("Not pooled: Birch 1992" in note for note in answer.analysis.notes)


@pytest.mark.parametrize(
    ("options", "corrections"),
    [
        ({"add": 0.25, "to": "all"}, {"add": 0.25, "to": "all"}),
        ({"add": 1}, {"add": 1}),
        ({"drop00": True}, {"drop00": True}),
    ],
    ids=str,
)
def test_the_effects_of_single_studies_are_corrected_by_the_first(
    options: dict[str, Any], corrections: dict[str, Any], trials: Path
) -> None:
    answer = of_table(trials, measure="RR", **options)
    table = {"ai": AI, "bi": BI, "ci": CI, "di": DI}
    expected = escalc("RR", table, None, **corrections)
    assert [entry.yi for entry in answer.entries] == pytest.approx(expected.yi.tolist(), rel=1e-12)
    assert [entry.vi for entry in answer.entries] == pytest.approx(expected.vi.tolist(), rel=1e-12)
    assert len(answer.selection.set_aside) == len(expected.left_out)


ZERO = "each table with a zero"
SAID: dict[str, tuple[dict[str, Any], list[str]]] = {
    "default": ({}, []),
    "revman": (
        {"method": "MH", **REVMAN},
        [told("--add and --to", f"1/2 was added to the counts of {ZERO}, in the sums likewise")],
    ),
    "second-for-none": (
        {"method": "MH", "add": "0.5,0.5"},
        [told("--add", f"1/2 was added to the counts of {ZERO}, in the sums nothing was added")],
    ),
    "all": (
        {"method": "DL", "add": 0.25, "to": "all", "drop00": True},
        [
            told("--add, --to and --drop00", "0.25 was added to the counts of every table"),
            f"{EMPTY} is left out (--drop00).",
        ],
    ),
    "no-sums": (
        {"method": "REML", **REVMAN, "drop00": "no"},
        [
            told(
                "--add, --to and --drop00",
                f"1/2 was added to the counts of {ZERO}; REML has no sums, which the second values "
                "are for",
            ),
            f"{EMPTY} is kept (--drop00).",
        ],
    ),
    "none": (
        {"method": "MH", "drop00": "false,true", "to": "none"},
        [
            told("--to and --drop00", "nothing was added, in the sums likewise"),
            f"{EMPTY} has no part in the sums (--drop00).",
        ],
    ),
}


@pytest.mark.parametrize(("options", "sentences"), SAID.values(), ids=SAID)
def test_the_rule_says_what_was_done_where_it_was_asked_for(
    options: dict[str, Any], sentences: list[str], trials: Path
) -> None:
    assert list(of_table(trials, measure="OR", **options).selection.rule) == sentences


def test_cautions_say_what_was_added_and_who_enters(trials: Path) -> None:
    lead = "Alder 1991 (made up) and Birch 1992 (made up): an arm has no events or nothing else: "

    def cautions(**options: Any) -> tuple[str, ...]:
        return of_table(trials, measure="OR", **options).selection.cautions

    zero, empty = cautions(method="MH", **REVMAN)
    assert (
        zero
        == f"{lead}1/2 was added to each of its four counts for its own effect, and in the sums."
    )
    assert empty.endswith("it entered all the same.")
    zero, empty = cautions(method="MH-DL")
    assert zero.endswith("each of its four counts. --method MH takes the counts as they are.")
    assert empty.endswith("it has no part in the pooled effect.")
    assert cautions(method="MH-DL", **REVMAN)[1].endswith(
        "it entered the Mantel-Haenszel sums alone."
    )
    zero, empty = cautions(method="MH-DL", drop00="false", add=0.25)
    assert zero == f"{lead}0.25 was added to each of its four counts."
    assert empty.endswith("it entered all the same.")
    (empty,) = cautions(method="MH")
    assert empty.endswith("it has no part in the sums.")


def test_effects_without_counts_are_not_corrected_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "effects.csv"
    path.write_text("study,yi,vi\nAlder (made up),0.1,0.2\nBirch (made up),0.2,0.3\n")
    answer = of_table(path, measure="OR", add=0.25)
    assert answer.selection.rule == (
        "--add: these effects do not come from counts, so nothing was corrected.",
    )
    assert of_table(path, measure="OR").entries == answer.entries


def test_a_measure_without_counts_is_not_pooled_so(tmp_path: Path, trials: Path) -> None:
    effects = tmp_path / "effects.csv"
    effects.write_text("study,yi,vi\nAlder (made up),0.1,0.2\nBirch (made up),0.2,0.3\n")
    with pytest.raises(NotPooled, match="pools counts, and these effects do not come from counts"):
        of_table(effects, measure="OR", method="MH-DL")
    with pytest.raises(NotPooled, match="--method MH-DL does not pool the arcsine difference"):
        of_table(trials, measure="AS", method="MH-DL")
    with pytest.raises(KbError, match="several measures"):
        of_table(trials, method="MH-DL")


def test_the_store_is_corrected_too(made_up: Base) -> None:
    question = made_up.question(outcome="suicidal-ideation")
    plain = pool(made_up, question, PoolOptions.of(measure="OR", method="MH"))
    revman = pool(made_up, question, PoolOptions.of(measure="OR", method="MH", **REVMAN))
    kept = pool(made_up, question, PoolOptions.of(measure="OR", drop00="false"))
    assert plain.selection.counts == revman.selection.counts
    counts = revman.selection.counts
    assert counts is not None
    ai, bi, ci, di = (counts[name] for name in ("ai", "bi", "ci", "di"))
    expected = mantel_haenszel.odds_ratio(ai, bi, ci, di, **PAIRS)
    assert expected.estimate is not None
    assert effect(revman)[0] == pytest.approx(expected.estimate.estimate, rel=1e-12)
    assert effect(revman)[0] != pytest.approx(effect(plain)[0], rel=1e-6)
    assert "in the sums likewise" in revman.selection.rule[-1]
    own = "1/2 was added to each of its four counts for its own effect, nothing in the sums."
    assert any(caution.endswith(own) for caution in plain.selection.cautions)
    studies = {entry.study for entry in kept.entries} - {entry.study for entry in plain.entries}
    assert studies == {"birch-1995"}


def test_of_reported_effects_and_of_none_nothing_is_corrected(made_up: Base) -> None:
    rule = {
        outcome: pool(
            made_up, made_up.question(outcome=outcome), PoolOptions.of(add=1)
        ).selection.rule[3:]
        for outcome in ("survival", "fatigue")
    }
    said = "--add: these effects do not come from counts, so nothing was corrected."
    assert rule == {"survival": (said,), "fatigue": ()}


def test_a_single_arm_is_corrected_too(made_up: Base) -> None:
    question = made_up.question(outcome="suicidal-ideation")
    plain = pool(made_up, question, PoolOptions.of(measure="PLO"))
    more = pool(made_up, question, PoolOptions.of(measure="PLO", add=1))
    shown = {entry.label: (entry.shown or ("0/0",))[0].split("/") for entry in more.entries}
    assert len(plain.entries) == len(more.entries) > 0
    for entry in more.entries:
        events, people = map(int, shown[entry.label])
        zero = 1 if events in {0, people} else 0
        logit = math.log((events + zero) / (people - events + zero))
        assert entry.yi == pytest.approx(logit, rel=1e-12)


def test_python_takes_the_pairs_as_they_are(made_up: Base) -> None:
    answer = made_up.pool(outcome="suicidal-ideation", measure="OR", method="MH", **PAIRS)
    assert answer.command().endswith("--measure OR --method MH --add 0.5,0.5 --to only0,only0")
    assert answer.as_dict()["question"]["options"]["add"] == [0.5, 0.5]


def test_a_receipt_is_replayed_with_its_corrections(trials: Path, tmp_path: Path) -> None:
    kept = receipt(of_table(trials, measure="OR", method="MH-DL", **REVMAN))
    path = tmp_path / "kept.json"
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert replay(path, store_of_none).status == "identical"


def test_a_receipt_from_before_there_were_corrections_still_holds(
    trials: Path, tmp_path: Path
) -> None:
    kept = deepcopy(receipt(of_table(trials, measure="OR", method="MH")))
    for name in ("add", "to", "drop00"):
        del kept["question"]["options"][name]
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({**kept, "id": identity(kept)}), encoding="utf-8")
    assert replay(path, store_of_none).status == "identical"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("add", 0.5),
        ("add", [0.5]),
        ("add", [True, 0.5]),
        ("to", ["only0", 1]),
        ("to", "only0,none"),
        ("drop00", [1, 0]),
    ],
    ids=str,
)
def test_a_receipt_whose_corrections_cannot_be_is_refused(
    name: str, value: object, trials: Path, tmp_path: Path
) -> None:
    kept = deepcopy(receipt(of_table(trials, measure="OR", method="MH")))
    kept["question"]["options"][name] = value
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({**kept, "id": identity(kept)}), encoding="utf-8")
    with pytest.raises(KbError, match=f"'{name}' is missing or not what it should be"):
        replay(path, store_of_none)


def test_what_depends_on_single_studies_is_shown_by_dersimonian_and_laird(trials: Path) -> None:
    found = sensitivity(of_table(trials, measure="OR", method="MH-DL", **REVMAN))
    assert found.method == "DL"
    assert found.notes[0].startswith("The mean of random effects by DerSimonian-Laird stands here")
    assert found.as_dict()["question"]["command"].endswith("--add 0.5,0.5 --to only0,only0")


def test_a_multiverse_holds_the_corrections_that_are_named(trials: Path) -> None:
    asked: dict[str, Any] = {"measure": "OR", **REVMAN}
    found = explore_table(trials, PoolOptions.of(**asked), set(asked))
    methods = {one.method for one in found.multiverse.specifications}
    assert {"MH", "PETO", "DL"} <= methods
    assert "MH-DL" not in methods
    for one in found.multiverse.specifications:
        again = pool_table(trials, found.options_of(one))
        assert effect(again)[0] == pytest.approx(one.estimate.estimate, rel=1e-9)
        assert "--add 0.5,0.5 --to only0,only0" in found.row(one)["command"]


def test_a_multiverse_of_random_effects_about_mantel_haenszel_is_one_specification(
    trials: Path,
) -> None:
    asked: dict[str, Any] = {"measure": "OR", "method": "MH-DL"}
    (one,) = explore_table(trials, PoolOptions.of(**asked), set(asked)).multiverse.specifications
    result = of_table(trials, **asked).as_dict()["result"]
    assert one.k == result["k"]
    assert one.tau2 == pytest.approx(result["tau2"])
    assert one.prediction is not None
    assert one.prediction.high == pytest.approx(result["pi_high"])
