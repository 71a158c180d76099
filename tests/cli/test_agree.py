"""`kb agree`: the screens, the other forms, and the adjudicated sheet."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.exchange.template.columns import EXAMPLE
from tests.exchange.extractions import ANNA, BEN, SEGT, saved

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Runner


@pytest.fixture(name="here")
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with the sheets of two made-up people."""
    example = {**SEGT, "study": f"{EXAMPLE} 2001"}
    saved(tmp_path / "anna.csv", (*ANNA, example))
    saved(tmp_path / "ben.csv", BEN)
    (tmp_path / "other.csv").write_text("id,word\n1,a\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_how_far_two_people_agree(
    kb: "Runner", golden: "Golden", monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = kb("agree anna.csv ben.csv")
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb("agree anna.csv ben.csv")

    golden("agree.txt", narrow.out)
    golden("agree.120.txt", wide.out)
    assert (narrow.code, narrow.err) == (0, "")


@pytest.mark.usefixtures("here")
def test_a_sheet_agrees_with_itself(kb: "Runner", golden: "Golden") -> None:
    golden("agree-with-itself.txt", kb("agree ben.csv ben.csv").out)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("form", "name"), [("csv", "agree.csv"), ("markdown", "agree.md")])
def test_what_differs_as_a_table(form: str, name: str, kb: "Runner", golden: "Golden") -> None:
    ended = kb(f"agree anna.csv ben.csv --format {form}")
    golden(name, ended.out)
    if form == "csv":
        found = [row["finding"] for row in csv.DictReader(io.StringIO(ended.out))]
        assert found == ["differs"] * 4 + ["only in a", "only in b"]


@pytest.mark.usefixtures("here")
def test_json_holds_all_of_it(kb: "Runner") -> None:
    found = json.loads(kb("agree anna.csv ben.csv --format json").out)

    assert (found["rows_in_both"], len(found["differences"])) == (3, 4)
    (n,) = (column for column in found["columns"] if column["column"] == "n")
    assert (n["compared"], n["agreed"], n["coefficient"]) == (3, 2, "ICC(2,1)")
    assert n["ci_low"] < n["value"] < n["ci_high"] <= 1
    (p,) = (column for column in found["columns"] if column["column"] == "p")
    assert (p["value"], p["undefined"]) == (None, "fewer than two pairs")
    assert [(row["row"], row["which_differs_in"]) for row in found["only_in_a"]] == [(5, "time")]


def test_the_adjudicated_sheet_is_written_beside_the_screen(
    here: Path, kb: "Runner", golden: "Golden"
) -> None:
    screen = kb("agree anna.csv ben.csv").out
    ended = kb("agree anna.csv ben.csv --output adjudicated.csv")

    assert ended.out == screen
    golden("agree-adjudicated.csv", (here / "adjudicated.csv").read_text(encoding="utf-8-sig"))
    golden("agree-adjudicated.txt", ended.err)
    imported = kb("import adjudicated.csv")
    golden("agree-import.txt", imported.out)
    assert imported.code == 1
    assert "Still to be decided: n, sd, quote" in " ".join(imported.out.split())


@pytest.mark.usefixtures("here")
def test_mistakes(kb: "Runner", golden: "Golden") -> None:
    kb("agree anna.csv ben.csv --output adjudicated.csv")
    screens = []
    for line in (
        "agree anna.csv bella.csv",
        "agree anna.csv other.csv",
        "agree anna.csv ben.csv --by author",
        "agree anna.csv ben.csv --output adjudicated.json",
        "agree anna.csv ben.csv --output adjudicated.csv",
        "agree adjudicated.csv ben.csv",
    ):
        ended = kb(line)
        screens.append(f"$ kb {line}\n{ended.err}")
        assert (ended.code, ended.out) == (1, "")

    golden("agree-mistakes.txt", "\n".join(screens))
