"""The screens of those who curate the evidence and keep the store."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Runner

SEEDS = Path(__file__).parent / "seeds"
BROKEN = """\
study:
  key: broken-1999
  label: Broken 1999
  design: rtc
  colour: blue
  year: soon
"""


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a seed file that can be edited, beside which the commands run."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(SEEDS / "mackie-2024.yaml", tmp_path))


def edit(seed: Path) -> None:
    text = seed.read_text(encoding="utf-8")
    text = text.replace("design_detail: Interviews", "design_detail: Interviews by telephone")
    text = text.replace("key: misinformation", "key: wrong-advice")
    seed.write_text(text, encoding="utf-8")


def test_check_of_a_good_file(seed: Path, kb: "Runner") -> None:
    run = kb(f"check {seed.name}")

    assert (run.code, run.err) == (0, "")
    assert re.fullmatch(r"1 file, \d+ rows, no problem found\n", run.out)


def test_check_of_a_broken_file(seed: Path, kb: "Runner", golden: "Golden") -> None:
    seed.with_name("broken.yaml").write_text(BROKEN, encoding="utf-8")
    run = kb("check broken.yaml")

    assert run.code == 1
    golden("check.txt", run.out + run.err)


def test_load_shows_the_difference_first(
    seed: Path, kb: "Runner", golden: "Golden", store: Path
) -> None:
    edit(seed)
    before = store.read_bytes()
    run = kb(f"load {seed.name} --dry-run")

    assert run.code == 0
    assert re.fullmatch(
        rf"kb: `kb load {seed.name} --seen [0-9a-f]{{12}}` loads this, and nothing else\n", run.err
    )
    golden("load-dry-run.txt", run.out)
    assert store.read_bytes() == before


def test_load_changes_what_it_has_shown(seed: Path, kb: "Runner", store: Path) -> None:
    edit(seed)
    copy = seed.with_name("copy.sqlite")
    shutil.copy(store, copy)

    assert "study mackie-2024" in kb(f"load {seed.name}", db=copy).out
    assert "nothing to change" in kb(f"load {seed.name}", db=copy).out
    assert "Interviews by telephone" in kb("show mackie-2024", db=copy).out


def test_db_status(
    kb: "Runner", golden: "Golden", store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    run = kb("db status")

    assert (run.code, run.err) == (0, "")
    golden("db-status.txt", re.sub(r"r\d{4}", "r0000", run.out.replace(str(store), "STORE")))


def test_info(kb: "Runner", store: Path) -> None:
    run = kb("info")
    words = [line.split() for line in run.out.splitlines()]

    assert (run.code, run.err) == (0, "")
    assert ["data", "version", "own+local"] in words
    assert any("study" in line and "4" in line for line in words)
    assert str(store) in kb("info --format json").out


@pytest.mark.parametrize("line", ["db reset", "db restore kb.sqlite"])
def test_what_replaces_a_store_asks_first(line: str, kb: "Runner", store: Path) -> None:
    before = store.read_bytes()
    run = kb(line)

    assert (run.code, run.out) == (1, "")
    assert "--yes" in run.err
    assert store.read_bytes() == before
