"""Two people who change one store at once. All evidence in these tests is made up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.curation.loading import load
from kb.store.engine import writing
from tests.curation.conftest import Own
from tests.curation.test_changing import rows_of
from tests.curation.test_undo import state

SCRIPT = """
import sys
from pathlib import Path
from kb.curation.loading import load
from kb.errors import KbError
from kb.store.engine import open_engine

print("ready", flush=True)
try:
    load(open_engine(sys.argv[1]), Path(sys.argv[2]), seen=sys.argv[3] or None)
except KbError as error:
    sys.exit(f"{error.problem} {error.remedy}")
"""


@pytest.fixture
def folders(own: Own, tmp_path: Path) -> list[Path]:
    """Return the files of two people, each with terms and a number of their own."""
    found = []
    for name, estimate in (("anna", "1.07"), ("bert", "1.08")):
        folder = tmp_path / name
        folder.mkdir()
        terms = "".join(f"  - {{key: {name}-{n}, name: Made-up {n}}}\n" for n in range(80))
        (folder / "terms.yaml").write_text(f"outcomes:\n{terms}", encoding="utf-8")
        study = own.study.read_text(encoding="utf-8")
        edited = study.replace("estimate: 1.06", f"estimate: {estimate}")
        (folder / "study.yaml").write_text(edited, encoding="utf-8")
        found.append(folder)
    return found


def load_at_once(own: Own, folders: list[Path], seen: str = "") -> dict[str, tuple[int, str]]:
    """Load each folder in a process of its own; each begins before the other has ended.

    Returns how each ended, and what it said.
    """
    address = own.engine.url.render_as_string(hide_password=False)
    with writing(own.engine):
        processes = {
            folder.name: subprocess.Popen(
                [sys.executable, "-c", SCRIPT, address, folder, seen],
                env={**os.environ, "KB_CURATOR": folder.name},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for folder in folders
        }
        for process in processes.values():
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
    ended = {name: process.communicate() for name, process in processes.items()}
    return {name: (processes[name].returncode, said) for name, (_, said) in ended.items()}


def test_both_are_done_one_after_the_other(own: Own, folders: list[Path]) -> None:
    assert load_at_once(own, folders) == {"anna": (0, ""), "bert": (0, "")}
    events = rows_of(own.engine, "event")[1:]
    order = [next(f for f in folders if f.name == each["made_by"].split()[0]) for each in events]
    hashes = [each["data_hash"] for each in events]

    assert sorted(order) == folders
    assert own.hash() == state(own)["data_hash"] == hashes[-1]
    assert {f"{name}-{n}" for name in ("anna", "bert") for n in range(80)} <= own.keys("outcome")
    assert own.load(order[1]) == [], "the last word is whose load came last"
    assert own.load(order[0]) == [("changed", "contrast", "first-2001/survival/hr")]


def test_second_of_two_who_looked_at_the_same_state_is_told_of_the_first(
    own: Own, folders: list[Path]
) -> None:
    seen = load(own.engine, folders[0], dry_run=True).state
    ended = load_at_once(own, folders, seen)
    (first,) = [name for name, (code, _) in ended.items() if code == 0]
    (second,) = [name for name, (code, _) in ended.items() if code == 1]
    by = rows_of(own.engine, "event")[-1]

    said = ended[second][1]
    assert by["made_by"].split()[0] == first
    assert f"The evidence has changed since you looked at '{seen}': event {by['id']}, " in said
    assert f"{by['made_by']}, load of " in said
    assert said.endswith("Look at the preview again.\n")
    assert not [key for key in own.keys("outcome") if key.startswith(second)]
    assert own.hash() == state(own)["data_hash"] == by["data_hash"]
