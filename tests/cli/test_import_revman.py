"""`kb import` of reviews of RevMan: what they state beside what their rows give. All is made up."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.exchange.naming import slug
from kb.store.opening import open_base
from tests.exchange.revman_files import Record, analysis, package, rm5

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Runner

NUMBERS = ("1.1", "1.2", "1.5", "1.6", "1.7", "2.1", "3.1", "3.3", "3.7")
TOLD = "--new-terms --set design=rct --set better=lower"
ITEMS = (
    '<QUALITY_ITEM NO="1"><NAME>Allocation concealment</NAME><QUALITY_ITEM_DATA>'
    '<QUALITY_ITEM_DATA_ENTRY RESULT="YES" STUDY_ID="STD-Ash-2001"><DESCRIPTION><P>Made-up '
    "envelopes</P></DESCRIPTION></QUALITY_ITEM_DATA_ENTRY></QUALITY_ITEM_DATA></QUALITY_ITEM>"
)


def off(number: str) -> Record:
    """Return an analysis that states another upper limit than its rows give."""
    made = analysis(number)
    return {**made, "pool": {**made["pool"], "ci_high": made["pool"]["ci_high"] + 0.1}}


def empty(number: str) -> Record:
    """Return an analysis whose result was not computed."""
    made = analysis(number)
    return {**made, "pool": dict.fromkeys(made["pool"], 0.0)}


MADE = [*map(analysis, NUMBERS), off("3.2"), empty("3.4")]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside a review in both formats."""
    monkeypatch.chdir(tmp_path)
    Path("made-up-review.rm5").write_bytes(rm5(MADE, items=ITEMS))
    Path("made-up-package.zip").write_bytes(package(MADE))
    return tmp_path


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ["revman-review.rm5", "revman-package.zip"])
def test_screen(name: str, kb: "Runner", golden: "Golden", monkeypatch: pytest.MonkeyPatch) -> None:
    line = f"import {name.replace('revman', 'made-up')} {TOLD}"
    narrow = kb(line)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(line)
    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{Path(name).stem}.txt", narrow.out)
    golden(f"{Path(name).stem}.120.txt", wide.out)


@pytest.mark.usefixtures("files")
def test_every_stated_result_is_in_json_beside_what_its_rows_give(kb: "Runner") -> None:
    found = json.loads(kb(f"import made-up-review.rm5 {TOLD} --format json").out)
    stated = {each["name"]: each for each in found["stated_results"]}
    assert len(stated) == len(MADE) - 1 + 4
    assert {each["verdict"] for each in stated.values()} == {"agrees", "differs"}
    same = stated["3.1 Made-up depression"]
    assert (same["pool_flags"], same["pool_differs"]) == (
        ["--measure", "OR", "--method", "MH"],
        None,
    )
    zeros = stated["1.1 Made-up relapse, odds"]
    assert zeros["pool_flags"][4:] == ["--add", "0.5,0.5", "--to", "only0,only0"]
    assert zeros["pool_differs"] is None
    assert "as they were entered" in stated["1.5 Made-up remission"]["pool_differs"]
    differs = stated["3.2 Made-up anxiety"]
    (upper,) = [value for value in differs["values"] if not value["agrees"]]
    assert upper["what"] == "upper limit"
    assert upper["stated"] == pytest.approx(upper["computed"] + 0.1)


@pytest.mark.usefixtures("files")
def test_all_shows_every_stated_result(kb: "Runner") -> None:
    few = kb(f"import made-up-review.rm5 {TOLD}").out
    every = kb(f"import made-up-review.rm5 {TOLD} --all").out
    assert "more that agrees; --all shows them" in few
    assert "more that agree" not in every
    assert "3.7 Made-up mood" in every


@pytest.mark.parametrize("name", ["made-up-review.rm5", "made-up-package.zip"])
def test_what_the_screen_says_to_type_gives_the_stated_result(
    name: str, files: Path, store: Path, kb: "Runner"
) -> None:
    own = shutil.copy(store, files / "own.sqlite")
    told = json.loads(kb(f"import {name} {TOLD} --format json", db=own).out)
    assert kb(f"import {name} {TOLD} --apply", db=own).code == 0
    flags = {each["name"]: " ".join(each["pool_flags"]) for each in told["stated_results"]}
    digits = 1e-9 if name.endswith("rm5") else 1e-6
    for number in ("1.1", "1.2", "3.1"):
        made = analysis(number)
        asked = flags[f"{number} {made['name']}"]
        line = f"pool --outcome {slug(made['name'])} {asked} --format json"
        back = json.loads(kb(line, db=own).out)["back"]
        for end in ("estimate", "ci_low", "ci_high"):
            assert back[end] == pytest.approx(made["pool"][end], abs=digits)
    stated = analysis("3.1")["pool"]
    with open_base(str(own)) as base:
        (reported,) = base.pool(outcome="made-up-depression", measure="OR", method="MH").reported
    assert reported["estimate"] == pytest.approx(stated["estimate"], abs=digits)
    assert reported["lacking"] == []
