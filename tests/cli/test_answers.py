"""What every asking command promises: the same rows in every form, and JSON of one shape."""

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from kb.question import SUBJECTS
from kb.store.opening import open_base

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runner

PARTS = ["question", "answer", "count", "left_out", "notes", "data"]
OTHERS = ("ask pain", "search self-hypnosis", "trace goodwin-2001", "terms design")


def read(text: str) -> Any:
    """Read JSON, and refuse what JSON does not know, such as NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("line", [*SUBJECTS, *OTHERS])
def test_json_is_one_object_of_one_shape(line: str, kb: "Runner") -> None:
    run = kb(f"{line} --format json")
    found = read(run.out)

    assert (run.code, run.err) == (0, "")
    assert [part for part in found if part in PARTS] == PARTS
    assert set(found) - set(PARTS) <= {"nearby"}
    assert found["count"] == len(found["answer"]) > 0
    assert len(found["data"]["hash"]) == 64
    assert found["data"]["version"] == "own+local"
    assert found["question"]["command"].startswith("kb ")


@pytest.mark.parametrize("line", ["summary", "show goodwin-2001"])
def test_json_names_its_data(line: str, kb: "Runner") -> None:
    assert read(kb(f"{line} --format json").out)["data"]["version"] == "own+local"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_json_is_what_the_library_answers(subject: str, kb: "Runner", store: "Path") -> None:
    with open_base(str(store)) as base:
        answer = base.answer(base.question(subject, approach="segt"))

    assert read(kb(f"{subject} --approach segt --format json").out) == answer.as_dict()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_rows_agree_in_every_form(subject: str, kb: "Runner") -> None:
    keys = [row["key"] for row in read(kb(f"{subject} --format json").out)["answer"]]
    in_csv = [row["key"] for row in cells(kb(f"{subject} --format csv").out)]
    heading, _, table = kb(subject).out.partition("\n")
    markdown = kb(f"{subject} --format markdown").out

    assert keys
    assert list(dict.fromkeys(in_csv)) == keys
    assert heading.startswith(f"{len(keys)} ")
    assert [key for key in keys if f"| {key} |" not in markdown] == []
    if subject in {"studies", "results", "interventions", "outcomes", "instruments", "reviews"}:
        assert [key for key in keys if key not in table] == []


@pytest.mark.parametrize(
    "line", ["studies", "studies --outcome pain", "results --study goodwin-2001"]
)
def test_rows_of_studies_have_key_and_label(line: str, kb: "Runner") -> None:
    rows = read(kb(f"{line} --format json").out)["answer"]
    in_csv = cells(kb(f"{line} --format csv").out)

    assert all(row["key"] and row["label"] for row in [*rows, *in_csv])


def test_json_holds_what_the_table_only_begins(kb: "Runner") -> None:
    found = read(kb("search women --limit 1 --format json").out)

    assert len(found["answer"]) == 1
    assert found["count"] > 1
    assert f"--limit {found['count']} shows all" in kb("search women --limit 1").out


def keys(kb: "Runner", line: str) -> list[str]:
    return [row["key"] for row in read(kb(f"{line} --format json").out)["answer"]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("studies", "spiegel-1981 goodwin-2001 cosa-2023-leaders mackie-2024"),
        ("studies --design rct", "spiegel-1981 goodwin-2001"),
        ("studies --design '!rct'", "cosa-2023-leaders mackie-2024"),
        ("studies --country usa,australia", "spiegel-1981 cosa-2023-leaders"),
        ("studies --country usa --country australia", "spiegel-1981 cosa-2023-leaders"),
        ("studies --country 'usa, canada' --country '!usa'", "goodwin-2001"),
        ("studies --design rct --country canada", "goodwin-2001"),
        ("studies --year ..2000", "spiegel-1981"),
        ("studies --year 2001", "goodwin-2001"),
        ("studies --n '>=100'", "goodwin-2001"),
        ("studies --n '<50' --year 2024..", "mackie-2024"),
        ("studies --approach 'supportive-expressive group therapy'", "spiegel-1981 goodwin-2001"),
        ("studies --outcome PAIN", "spiegel-1981 goodwin-2001"),
        ("studies --study 'Goodwin et al. 2001'", "goodwin-2001"),
    ],
)
def test_facets_narrow(line: str, expected: str, kb: "Runner") -> None:
    assert keys(kb, line) == expected.split()


def test_an_answer_without_rows_is_an_answer(kb: "Runner") -> None:
    line = "studies --outcome pain --year ..1970"
    found = read(kb(f"{line} --format json").out)

    assert (kb(line).code, found["count"], found["answer"]) == (0, 0, [])
    assert found["notes"] == ["No studies have outcome pain, year <=1970."]
    assert [near["command"] for near in found["nearby"]] == ["kb studies --outcome pain"]


@pytest.mark.parametrize("near", ["pain", "phobia"])
def test_an_unknown_value_names_the_nearest(near: str, kb: "Runner") -> None:
    run = kb("studies --outcome pian --format json")

    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("kb: No outcome is called 'pian'.\n")
    assert near in run.err


def test_words_and_flags_ask_the_same(kb: "Runner") -> None:
    words = read(kb("ask which RCTs measured pain with SEGT? --format json").out)
    flags = read(kb("studies --design rct --outcome pain --approach segt --format json").out)

    assert words["question"] == flags["question"]
    assert words["answer"] == flags["answer"]
