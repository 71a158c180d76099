"""`kb compare` on the command line: its forms, its sources, and what it says to mistakes."""

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Runner

PAIR = "compare goodwin-2001 spiegel-1981"


def test_differences_come_first(kb: "Runner") -> None:
    out = kb(PAIR).out
    places = [
        out.index(title)
        for title in (
            "WHERE THEY DIFFER",
            "WHAT THEY SHARE",
            "KNOWN ONLY FOR A",
            "KNOWN ONLY FOR B",
            "is no difference between them",
        )
    ]

    assert places == sorted(places)


def test_both_stand_side_by_side_where_there_is_room(
    kb: "Runner", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    lines = kb(PAIR).out.splitlines()

    assert any("Canada" in line and "United States" in line for line in lines)


def test_sources_are_those_of_both_sides(kb: "Runner") -> None:
    plain, told = kb(PAIR), kb(f"{PAIR} --sources")

    assert "Sources" not in plain.out
    assert "--sources shows" in plain.out
    sources = told.out.partition("\nSources\n")[2]
    assert "Goodwin et al. 2001" in sources
    assert "Spiegel" in sources


def test_json_has_all_that_is_told(kb: "Runner") -> None:
    told = json.loads(kb(f"{PAIR} --format json").out)

    assert (told["kind"], told["a"]["key"], told["b"]["key"]) == (
        "study",
        "goodwin-2001",
        "spiegel-1981",
    )
    country = next(line for line in told["different"] if line["label"] == "country")
    assert [aspect["compared"] for aspect in country["a"]] == ["Canada"]
    assert country["a"][0]["passage"]["quote"]
    assert told["data"]["hash"]


def test_csv_has_both_sides_with_their_sources(kb: "Runner") -> None:
    rows = list(csv.DictReader(io.StringIO(kb(f"{PAIR} --format csv").out)))
    country = next(row for row in rows if row["label"] == "country")

    assert {row["standing"] for row in rows} == {"different", "shared", "only a", "only b"}
    assert country["a"].startswith("Canada")
    assert country["b"].startswith("United States")
    assert country["a_sources"]
    assert country["b_sources"]


def test_markdown_is_a_table(kb: "Runner") -> None:
    lines = kb(f"{PAIR} --format markdown").out.splitlines()

    assert lines[0] == "| standing | section | label | a | b | a sources | b sources |"
    assert {line.count(" | ") >= 6 for line in lines} == {True}


def test_two_kinds_are_refused(kb: "Runner") -> None:
    run = kb("compare goodwin-2001 segt")

    assert (run.code, run.out) == (1, "")
    assert "'goodwin-2001' is a study, and 'segt' is an approach" in run.err


def test_an_unknown_name_gets_the_nearest(kb: "Runner") -> None:
    run = kb("compare goodwin-2001 spigel-1981")

    assert (run.code, run.out) == (1, "")
    assert "Nearest: spiegel-1981" in run.err
