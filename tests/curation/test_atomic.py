"""A load that fails at any instant leaves the store as it was."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text
from sqlalchemy.exc import DBAPIError

from kb.curation import indexing, loading
from kb.curation.changing import Changing
from kb.curation.loading import load
from kb.errors import KbError, StoreError
from kb.store.engine import sqlite_url, writing
from kb_schema.tables import metadata
from tests.curation.conftest import Own, in_a_file


@pytest.fixture
def edited(own: Own) -> Own:
    """Return a store and files that add, change and remove rows of it."""
    return edit(own)


def edit(own: Own) -> Own:
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    own.edit(own.study, "quote: median survival 17.9 months", "quote: it was 17.9 months")
    own.edit(own.study, "  synonyms: [best]\n", "  synonyms: [finest]\n")
    own.edit(own.study, "doi: 10.1000/first", "doi: 10.1000/cochrane")
    own.edit(own.vocabularies, "doi: 10.1000/cochrane", "doi: 10.1000/first")
    own.edit(own.study, "        - {arm: segt, months: 17.9, died: true, passage: *survival}\n", "")
    return own


class Interruption:
    """Raises an error at the n-th statement that writes to a store."""

    def __init__(self, engine: Engine, at: int, error: BaseException) -> None:
        self.engine, self.left, self.error = engine, at, error

    def __enter__(self) -> "Interruption":
        event.listen(self.engine, "before_cursor_execute", self.strike)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self.strike)

    def strike(self, *arguments: Any) -> None:
        if arguments[2].startswith(("INSERT", "UPDATE", "DELETE")):
            self.left -= 1
            if self.left == 0:
                raise self.error


def writes_of(own: Own) -> int:
    """Return how many statements a load writes with; the store is put back after it."""
    counter = Interruption(own.engine, 0, RuntimeError())

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    event.listen(own.engine, "commit", stop)
    with pytest.raises(KeyboardInterrupt), counter:
        own.load()
    event.remove(own.engine, "commit", stop)
    return -counter.left


def test_failure_at_any_statement_leaves_a_store_as_it_was(edited: Own) -> None:
    own = edited
    before, facts = own.hash(), own.facts()
    writes = writes_of(own)

    assert writes > 15, "tables, words to search and facts"
    assert (own.hash(), own.facts()) == (before, facts), "it is not written before the commit"
    for at in range(1, writes + 1):
        with pytest.raises(KeyboardInterrupt), Interruption(own.engine, at, KeyboardInterrupt()):
            own.load()
        assert (own.hash(), own.facts()) == (before, facts), f"struck at statement {at}"
    own.load()

    assert own.hash() != before
    assert own.load() == []


@in_a_file
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("struck"), MemoryError()])
def test_failure_of_any_kind_leaves_the_file_as_it_was(
    edited: Own, tmp_path: Path, error: BaseException
) -> None:
    before = (tmp_path / "store.db").read_bytes()
    writes = writes_of(edited)

    for at in (1, writes // 2, writes):
        with pytest.raises(type(error)), Interruption(edited.engine, at, error):
            edited.load()
        assert (tmp_path / "store.db").read_bytes() == before
        assert [path.name for path in tmp_path.glob("store.db*")] == ["store.db"]


def test_failure_while_the_words_to_search_are_gathered(
    edited: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = edited.contents()

    def fail(*_: object) -> Iterator[dict[str, str]]:
        raise KeyboardInterrupt

    monkeypatch.setattr(indexing, "_entries", fail)
    with pytest.raises(KeyboardInterrupt):
        edited.load()

    assert edited.contents() == before


@in_a_file
def test_process_that_is_killed_leaves_the_old_data(edited: Own, tmp_path: Path) -> None:
    """The pages are on disk already when the process dies; SQLite takes them back."""
    before = edited.hash()
    edited.engine.dispose()
    script = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from kb.curation import loading\n"
        "from kb.curation.changing import Changing\n"
        "from kb.store.engine import open_engine, sqlite_url\n"
        "def die(change):\n"
        "    change.connection.exec_driver_sql('PRAGMA cache_spill = ON')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Changing.finish = die\n"
        f"engine = open_engine(sqlite_url(Path({str(tmp_path / 'store.db')!r})))\n"
        "from sqlalchemy import event\n"
        "event.listen(engine, 'connect', lambda c, _: c.execute('PRAGMA cache_size = 1'))\n"
        f"loading.load(engine, Path({str(edited.folder)!r}))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)

    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "store.db-journal").exists(), "it died in the middle of the transaction"
    assert edited.hash() == before
    edited.load()
    assert edited.hash() != before


@in_a_file
def test_full_disk(edited: Own, tmp_path: Path) -> None:
    """The limit on pages gives the error that a full disk gives."""
    many = "".join(f"  - {{key: t{n}, name: {'long ' * 40}}}\n" for n in range(2000))
    (edited.folder / "many.yaml").write_text(f"outcomes:\n{many}", encoding="utf-8")
    before = (tmp_path / "store.db").read_bytes()
    edited.engine.dispose()
    pages = len(before) // 4096 + 10

    def limit(dbapi: Any, _: object) -> None:
        dbapi.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(edited.engine, "connect", limit)
    with pytest.raises(StoreError) as refused:
        edited.load()

    assert (
        refused.value.problem == f"The store {tmp_path / 'store.db'} has no room left on its disk."
    )
    assert refused.value.remedy == "Make room and try again."
    assert (tmp_path / "store.db").read_bytes() == before


@in_a_file
def test_store_that_is_being_written(edited: Own, tmp_path: Path) -> None:
    before = (tmp_path / "store.db").read_bytes()
    edited.engine.dispose()
    event.listen(edited.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout = 1"))

    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is in use by another program"):
            edited.load()
        assert load(edited.engine, edited.folder, dry_run=True), "a dry run only reads"

    assert (tmp_path / "store.db").read_bytes() == before


@in_a_file
def test_file_that_may_not_be_written(
    edited: Own, tmp_path: Path, open_store: Callable[..., Engine]
) -> None:
    """Root may write everything, so the file is opened as one that may only be read."""
    before = (tmp_path / "store.db").read_bytes()
    address = f"sqlite:///file:{tmp_path / 'store.db'}?mode=ro&uri=true"
    engine = open_store(address)

    with pytest.raises(StoreError, match="may not be written"):
        load(engine, edited.folder)

    assert load(engine, edited.folder, dry_run=True), "a dry run only reads"
    assert (tmp_path / "store.db").read_bytes() == before


@in_a_file
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_file_without_the_right_to_write(edited: Own, tmp_path: Path) -> None:
    (tmp_path / "store.db").chmod(0o444)

    with pytest.raises(StoreError, match="may not be written"):
        edited.load()


def test_file_that_is_no_database(
    sound: Path, tmp_path: Path, open_store: Callable[..., Engine]
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes.\n" * 100, encoding="utf-8")

    with pytest.raises(StoreError, match="is not a database"):
        load(open_store(sqlite_url(file)), sound)

    assert file.read_text(encoding="utf-8") == "These are notes.\n" * 100


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE alembic_version SET version_num = 'r9999'", "newer version of kb"),
        ("UPDATE alembic_version SET version_num = 'r0001'", "older version of kb"),
        ("DELETE FROM alembic_version", "holds tables|is empty"),
    ],
)
def test_store_of_another_version(edited: Own, change: str, told: str) -> None:
    with writing(edited.engine) as connection:
        connection.execute(text(change))
    before = edited.contents()

    for dry_run in (True, False):
        with pytest.raises(StoreError, match=told):
            load(edited.engine, edited.folder, dry_run=dry_run)

    assert edited.contents() == before


def test_row_that_the_database_refuses(edited: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a check ever miss something, the constraints of the database still hold."""
    before = edited.contents()
    edited.edit(edited.study, "design: rct", "design: rtc")
    monkeypatch.setattr(loading, "note_problems", lambda *_: None)

    with pytest.raises(KbError) as refused:
        edited.load()

    assert "refuses a row" in refused.value.problem
    assert refused.value.remedy.startswith("Nothing was written.")
    assert edited.contents() == before


def test_refusal_that_nobody_foresaw_is_not_hidden(
    edited: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = edited.contents()

    def fail(change: Changing) -> None:
        change.connection.execute(text("SELECT nothing FROM nowhere"))

    monkeypatch.setattr(Changing, "finish", fail)
    with pytest.raises(DBAPIError):
        edited.load()

    assert edited.contents() == before


def test_two_loads_at_once_end_in_one_of_them_after_the_other(own: Own) -> None:
    """The second waits for the first; neither sees half of the other."""
    entries = metadata.tables["store_fact"]
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from kb.curation.loading import load\n"
        "from kb.store.engine import open_engine\n"
        "load(open_engine(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    address = own.engine.url.render_as_string(hide_password=False)
    with writing(own.engine) as connection:
        second = subprocess.Popen([sys.executable, "-c", script, address, str(own.folder)])
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(4)
        connection.execute(insert(entries), {"name": "first", "value": "was here"})

    assert second.wait(60) == 0
    assert own.facts()["first"] == "was here"
    assert own.load() == []
