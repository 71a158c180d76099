"""Copies of a store: whole or not at all, whatever goes on meanwhile."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine

from kb.errors import StoreError
from kb.store.backup import backup, restore
from kb.store.engine import sqlite_url
from kb.store.migrate import Standing, downgrade, upgrade

OpenStore = Callable[[str | URL], Engine]


@pytest.fixture
def mine(own_copy: Path, open_store: OpenStore) -> Engine:
    """Return an engine on a store of the test's own."""
    return open_store(sqlite_url(own_copy))


@pytest.fixture
def folder(own_copy: Path) -> Path:
    """Return the folder of that store."""
    return own_copy.parent


@pytest.fixture(autouse=True)
def nothing_half_made(tmp_path: Path) -> Iterator[None]:
    """Hold every test to leaving no part of a copy behind."""
    yield
    assert list(tmp_path.rglob("*.part*")) == []


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def change(path: Path, version: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        query = "UPDATE store_fact SET value = ? WHERE name = 'data_version'"
        connection.execute(query, [version])
        connection.commit()


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT value FROM store_fact WHERE name = 'data_version'"
        return str(connection.execute(query).fetchone()[0])


def test_backup_holds_the_same(mine: Engine, own_copy: Path, folder: Path) -> None:
    assert backup(mine, folder / "copy.db") == folder / "copy.db"
    assert content(folder / "copy.db") == content(own_copy)


def test_backup_without_a_name_stands_beside_the_store(mine: Engine, folder: Path) -> None:
    first, second = backup(mine), backup(mine)

    assert first.parent == second.parent == folder
    assert first != second
    assert first.name.startswith("store-20")
    assert first.suffix == ".db"


def test_backup_into_a_folder(mine: Engine, folder: Path) -> None:
    (folder / "safe").mkdir()

    assert backup(mine, folder / "safe").parent == folder / "safe"


def test_backup_makes_the_folder_it_is_put_in(mine: Engine, folder: Path) -> None:
    assert backup(mine, folder / "new" / "safe" / "copy.db").is_file()


def test_backup_replaces_nothing(mine: Engine, folder: Path) -> None:
    (folder / "copy.db").write_text("precious")

    with pytest.raises(StoreError, match=r"copy\.db exists\."):
        backup(mine, folder / "copy.db")
    assert (folder / "copy.db").read_text() == "precious"


def test_backup_where_nothing_can_be_written(mine: Engine, folder: Path) -> None:
    (folder / "file").touch()

    with pytest.raises(StoreError, match=r"The folder .*file cannot be made: File exists\."):
        backup(mine, folder / "file" / "copy.db")


def test_backup_while_another_writes_holds_what_was_there_before(
    mine: Engine, own_copy: Path, folder: Path
) -> None:
    before = content(own_copy)
    with closing(sqlite3.connect(own_copy, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM gap")
        backup(mine, folder / "copy.db")
        writer.execute("COMMIT")

    assert content(folder / "copy.db") == before
    assert content(own_copy) != before


def test_backup_of_what_is_no_store(tmp_path: Path, open_store: OpenStore) -> None:
    with pytest.raises(StoreError, match="There is no store"):
        backup(open_store(sqlite_url(tmp_path / "none.db")))

    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="is empty"):
        backup(open_store(sqlite_url(tmp_path / "empty.db")))


def test_server_is_left_to_its_own_tools(postgres_store: Engine, tmp_path: Path) -> None:
    upgrade(postgres_store)

    with pytest.raises(StoreError) as error:
        backup(postgres_store, tmp_path / "copy.db")
    assert "pg_dump" in error.value.remedy
    with pytest.raises(StoreError) as error:
        restore(postgres_store, tmp_path / "copy.db")
    assert "psql" in error.value.remedy


def test_restore_puts_the_backup_back(mine: Engine, own_copy: Path, folder: Path) -> None:
    before = content(own_copy)
    backup(mine, folder / "copy.db")
    change(own_copy, "changed")

    assert restore(mine, folder / "copy.db") is Standing.CURRENT
    assert content(own_copy) == before


def test_restore_where_there_is_no_store_yet(shipped: Path, tmp_path: Path, home: Path) -> None:
    from kb.store.opening import engine_of

    target = tmp_path / "new" / "store.db"
    with engine_of(str(target)) as engine:
        restore(engine, shipped)

    assert content(target) == content(shipped)


def test_restore_of_an_older_version(
    mine: Engine, own_copy: Path, folder: Path, open_store: OpenStore
) -> None:
    backup(mine, folder / "old.db")
    downgrade(open_store(sqlite_url(folder / "old.db")), "r0001")

    assert restore(mine, folder / "old.db") is Standing.OLDER
    assert content(own_copy) == content(folder / "old.db")


def test_restore_refuses_a_newer_version(mine: Engine, own_copy: Path, folder: Path) -> None:
    before = own_copy.read_bytes()
    shutil.copy(own_copy, folder / "newer.db")
    with closing(sqlite3.connect(folder / "newer.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
        connection.commit()

    with pytest.raises(StoreError, match="newer version of kb"):
        restore(mine, folder / "newer.db")
    assert own_copy.read_bytes() == before


def test_older_backup_may_take_the_place_of_a_newer_store(
    mine: Engine, own_copy: Path, folder: Path
) -> None:
    """Whoever goes back to an older program has nothing else to go back to."""
    backup(mine, folder / "copy.db")
    with closing(sqlite3.connect(own_copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
        connection.commit()

    restore(mine, folder / "copy.db")
    assert content(own_copy) == content(folder / "copy.db")


def test_restore_refuses_what_is_no_store(mine: Engine, own_copy: Path, folder: Path) -> None:
    before = own_copy.read_bytes()
    (folder / "notes.txt").write_text("These are notes, and long enough for SQLite. " * 20)
    (folder / "empty.db").touch()
    with closing(sqlite3.connect(folder / "other.db")) as connection:
        connection.execute("CREATE TABLE moz_cookies (id INTEGER)")

    with pytest.raises(StoreError, match=r"There is no backup at .*none\.db\."):
        restore(mine, folder / "none.db")
    for name in ("notes.txt", "empty.db", "other.db"):
        with pytest.raises(StoreError, match=rf"{name} is not an evidence store\."):
            restore(mine, folder / name)
    assert own_copy.read_bytes() == before


def test_restore_refuses_a_backup_that_was_cut_short(
    mine: Engine, own_copy: Path, folder: Path
) -> None:
    before = own_copy.read_bytes()
    (folder / "cut.db").write_bytes(before[: len(before) // 2])

    with pytest.raises(StoreError):
        restore(mine, folder / "cut.db")
    assert own_copy.read_bytes() == before


def test_restore_refuses_to_replace_what_is_no_store(
    shipped: Path, tmp_path: Path, open_store: OpenStore
) -> None:
    (tmp_path / "notes.txt").write_text("These are notes, and long enough for SQLite. " * 20)
    with closing(sqlite3.connect(tmp_path / "cookies.db")) as connection:
        connection.execute("CREATE TABLE moz_cookies (id INTEGER)")

    with pytest.raises(StoreError, match=r"notes\.txt is not a database"):
        restore(open_store(sqlite_url(tmp_path / "notes.txt")), shipped)
    with pytest.raises(StoreError, match="holds tables of something else"):
        restore(open_store(sqlite_url(tmp_path / "cookies.db")), shipped)


def test_restore_replaces_a_damaged_store(
    mine: Engine, own_copy: Path, folder: Path, open_store: OpenStore
) -> None:
    backup(mine, folder / "copy.db")
    mine.dispose()
    whole = own_copy.read_bytes()
    own_copy.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))

    restore(mine, folder / "copy.db")
    assert content(own_copy) == content(folder / "copy.db")


@pytest.mark.parametrize("step", ["copy", "rename"])
def test_store_stays_as_it_was_where_restoring_fails(
    step: str, mine: Engine, own_copy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(mine, folder / "copy.db")
    change(own_copy, "mine")
    before = content(own_copy)

    class Failing(sqlite3.Connection):
        def backup(self, target: Any, **_: Any) -> None:
            super().backup(target, pages=10, progress=self._fail)

        def _fail(self, *_: int) -> None:
            raise sqlite3.OperationalError("disk I/O error")

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(StoreError) as error:
        if step == "copy":
            connect = sqlite3.connect
            patch.setattr(sqlite3, "connect", lambda path: connect(path, factory=Failing))
        else:
            patch.setattr(Path, "replace", fail)
        restore(mine, folder / "copy.db")

    assert ("disk I/O error" if step == "copy" else "No space left") in error.value.problem
    assert content(own_copy) == before


def test_store_that_another_writes_is_not_replaced(
    own_copy: Path, shipped: Path, open_store: OpenStore
) -> None:
    engine = open_store(sqlite_url(own_copy))
    change(own_copy, "mine")
    with closing(sqlite3.connect(own_copy, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kb.store.engine._PATIENCE", 0)
            with pytest.raises(StoreError, match="is in use by another program"):
                restore(engine, shipped)

    assert version(own_copy) == "mine"


def test_what_a_killed_writer_left_is_not_applied_to_the_backup(
    own_copy: Path, shipped: Path, tmp_path: Path, open_store: OpenStore
) -> None:
    """SQLite rolls back the journal of a killed writer into whatever file has its name."""
    crashed = tmp_path / "crashed.db"
    with closing(sqlite3.connect(own_copy, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN")
        writer.execute("UPDATE passage SET quote = 'lost'")
        shutil.copy(own_copy, crashed)
        shutil.copy(f"{own_copy}-journal", f"{crashed}-journal")
        writer.execute("ROLLBACK")

    restore(open_store(sqlite_url(crashed)), shipped)
    assert content(crashed) == content(shipped)
    assert not Path(f"{crashed}-journal").exists()


def test_rights_and_links_survive_a_restore(
    own_copy: Path, shipped: Path, tmp_path: Path, open_store: OpenStore
) -> None:
    own_copy.chmod(0o640)
    link = tmp_path / "link.db"
    link.symlink_to(own_copy)
    change(own_copy, "mine")

    restore(open_store(sqlite_url(link)), shipped)
    assert link.is_symlink()
    assert own_copy.stat().st_mode & 0o777 == 0o640
    assert content(own_copy) == content(shipped)
