"""`kb history` on the command line. All evidence in these tests is made up."""

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.curation import recording
from kb.curation.loading import load
from kb.curation.undoing import undo
from kb.errors import UnknownValue
from kb.store.engine import open_engine, sqlite_url, writing
from kb.store.migrate import upgrade
from kb.store.opening import open_base
from kb_schema.tables import metadata

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Runner

SOUND = Path(__file__).parent.parent / "curation" / "sound"
BEGIN = datetime(2026, 1, 30, 9, 15, tzinfo=UTC)
SCREENS = {
    "history": "history",
    "history-of-a-study": "history first-2001",
    "history-of-a-result": "history first-2001/survival/hr",
    "history-of-a-term": "history made-up-mood",
    "history-of-a-table": "history --table outcome",
}
UNDOABLE = ("undo 1", "undo 2", "undo 4", "undo 9", "undo 3 --apply --seen 0123456789ab")
"""Command lines that are refused in the store of these tests once event 4 is undone."""


UNDO_SCREENS = {"undo.txt", "undo.120.txt", "undo-mistakes.txt"}


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store of two days of work by two people, beside the files that they loaded."""
    monkeypatch.chdir(tmp_path)
    moments = (BEGIN + timedelta(hours=9 * step) for step in range(10))
    monkeypatch.setattr(recording, "now", lambda: next(moments).isoformat(timespec="seconds"))
    shutil.copytree(SOUND, "evidence")
    Path("mood.yaml").write_text(
        "outcomes: [{key: made-up-mood, name: Made-up mood, synonyms: [spirits]}]\n", "utf-8"
    )
    engine = open_engine(sqlite_url(tmp_path / "store.sqlite"))
    upgrade(engine)
    monkeypatch.setenv("KB_CURATOR", "anna")
    load(engine, Path("evidence"))
    load(engine, Path("mood.yaml"))
    monkeypatch.setenv("KB_CURATOR", "bert")
    study = Path("evidence/study.yaml")
    edited = study.read_text("utf-8").replace("estimate: 1.06", "estimate: 1.07")
    edited = edited.replace("  synonyms: [best]\n", "").replace(
        "quote: median survival 17.9 months", "quote: it was 17.9 months"
    )
    study.write_text(edited, "utf-8")
    load(engine, Path("evidence"))
    undo(engine, 2, apply=True)
    engine.dispose()
    return tmp_path / "store.sqlite"


def test_undo_shows_what_it_would_change(
    changed: Path, kb: "Runner", golden: "Golden", monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = kb("undo 3", db=changed)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb("undo 3", db=changed)

    assert narrow.code == wide.code == 0
    assert max(map(len, narrow.out.splitlines())) <= 80
    golden("undo.txt", f"{narrow.out}{narrow.err}")
    golden("undo.120.txt", f"{wide.out}{wide.err}", unless_as="undo.txt")


def test_what_is_said_where_nothing_can_be_undone(
    changed: Path, kb: "Runner", golden: "Golden"
) -> None:
    kb("undo 4 --apply", db=changed)
    runs = [(line, kb(line, db=changed)) for line in UNDOABLE]

    assert [(run.code, run.out) for _, run in runs] == [(1, "")] * len(UNDOABLE)
    golden("undo-mistakes.txt", "\n".join(f"$ kb {line}\n{run.err}" for line, run in runs))


@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    name: str, changed: Path, kb: "Runner", golden: "Golden", monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = kb(SCREENS[name], db=changed)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(SCREENS[name], db=changed)

    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{name}.txt", narrow.out)
    golden(f"{name}.120.txt", wide.out, unless_as=f"{name}.txt")


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    stems = {name.partition(".")[0] for name in golden.files() if name.startswith("history")}

    assert stems == set(SCREENS)
    assert {name for name in golden.files() if name.startswith("undo")} <= UNDO_SCREENS


def test_events_as_data(changed: Path, kb: "Runner") -> None:
    found = json.loads(kb("history --format json", db=changed).out)
    filling, mood, edit, undone = found["events"]

    assert found["question"] == {"command": "kb history"}
    assert (filling["by"], filling["source"], filling["counts"]) == ("anna", "evidence", None)
    assert (mood["undone_by"], undone["undoes"]) == (4, 2)
    assert mood["counts"] == {"added": 2, "changed": 0, "removed": 0}
    assert edit["at"] == "2026-01-31T03:15:00+00:00"
    assert undone["data_hash"] == found["data"]["hash"]


def test_changes_as_data(changed: Path, kb: "Runner") -> None:
    found = json.loads(kb("history first-2001/survival/hr --format json", db=changed).out)
    (change,) = found["changes"]

    assert change["fields"]["estimate"] == {"before": 1.06, "after": 1.07}
    assert (change["event"], change["by"], change["change"]) == (3, "bert", "changed")
    assert found["began"] == "It came with evidence (event 1, 2026-01-30 09:15 UTC)."


def test_history_of_a_study_has_all_that_belongs_to_it(changed: Path, kb: "Runner") -> None:
    out = kb("history first-2001 --format csv", db=changed).out
    rows = list(csv.DictReader(io.StringIO(out)))

    assert {row["table"] for row in rows} == {
        "contrast",
        "measurement",
        "survival_time",
        "synonym",
    }
    assert {row["event"] for row in rows} == {"3"}
    estimate = next(row for row in rows if row["field"] == "estimate")
    assert (estimate["before"], estimate["after"]) == ("1.06", "1.07")


def test_history_from_a_day_on(changed: Path, kb: "Runner") -> None:
    def numbers(since: str) -> list[int]:
        out = kb(f"history --since {since} --format json", db=changed).out
        return [each["event"] for each in json.loads(out)["events"]]

    assert numbers("2026-01-30") == [1, 2, 3, 4]
    assert numbers("2026-01-31") == [3, 4]
    assert numbers("2026-01-30T23:00+05:00") == [2, 3, 4], "times of a zone are taken to UTC"
    assert kb("history --since 2027-01-01", db=changed).out == "No such event is recorded.\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("history first-2002", "No record has or had the key 'first-2002'.\n    Nearest: "),
        ("history --table contrasts", "There is no table 'contrasts'.\n    Nearest: contrast"),
        ("history --since yesterday", "'yesterday' is not a day or a time.\n    Write a day"),
    ],
)
def test_what_means_nothing(line: str, told: str, changed: Path, kb: "Runner") -> None:
    run = kb(line, db=changed)

    assert (run.code, run.out) == (1, "")
    assert run.err.startswith(f"kb: {told}")


def test_history_in_python(changed: Path) -> None:
    with open_base(str(changed)) as base:
        assert [each.kind for each in base.history().events] == ["load", "load", "load", "undo"]
        (change,) = base.history("made-up-mood", table="outcome", since="2026-01-31").changes
        assert (change.kind, change.fields["name"]) == ("removed", ("Made-up mood", None))
        with pytest.raises(UnknownValue):
            base.history("made-up-moods")


def test_store_that_was_filled_before_there_was_a_history(changed: Path, kb: "Runner") -> None:
    engine = open_engine(sqlite_url(changed))
    with writing(engine) as connection:
        for name in ("record_change", "event"):
            connection.execute(metadata.tables[name].delete())
    engine.dispose()

    assert kb("history", db=changed).out == "No such event is recorded.\n"
    assert kb("history first-2001", db=changed).out == (
        "0 changes  of first-2001 and what belongs to it\n"
        "It was there before this store kept a history.\n"
    )
