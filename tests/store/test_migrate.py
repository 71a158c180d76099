from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Connection, Engine, inspect, text

from kb.errors import StoreError
from kb.store.engine import reading, sqlite_url, writing
from kb.store.migrate import (
    current_revision,
    downgrade,
    migrating,
    require_current,
    upgrade,
)
from kb_migrations import HEAD

OpenStore = Callable[[str | URL], Engine]


def test_upgrade_makes_the_store_and_its_folder(tmp_path: Path, open_store: OpenStore) -> None:
    engine = open_store(sqlite_url(tmp_path / "new" / "folder" / "store.db"))
    upgrade(engine)

    with reading(engine) as connection:
        require_current(connection)
        assert current_revision(connection) == HEAD


def test_upgrade_of_a_current_store_changes_nothing(sqlite_store: Engine, tmp_path: Path) -> None:
    upgrade(sqlite_store)
    before = (tmp_path / "store.db").read_bytes()
    upgrade(sqlite_store)

    assert (tmp_path / "store.db").read_bytes() == before


def test_store_without_tables_is_not_current(store: Engine) -> None:
    with writing(store) as connection:
        assert current_revision(connection) is None
        with pytest.raises(StoreError, match="is empty"):
            require_current(connection)


def test_older_store_is_named_as_such(store: Engine) -> None:
    upgrade(store, "r0001")

    with reading(store) as connection, pytest.raises(StoreError, match="older version of kb"):
        require_current(connection)


def test_newer_store_is_refused_and_left_alone(store: Engine) -> None:
    upgrade(store)
    with writing(store) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))

    with reading(store) as connection, pytest.raises(StoreError, match="newer version of kb"):
        require_current(connection)
    for change in (upgrade, lambda engine: downgrade(engine, "base")):
        with pytest.raises(StoreError) as error:
            change(store)
        assert "r9999" in error.value.problem
        assert error.value.remedy == "Install the newest evidence-kb."

    with reading(store) as connection:
        assert current_revision(connection) == "r9999"


def test_database_of_another_program_is_refused(store: Engine) -> None:
    with writing(store) as connection:
        connection.execute(text("CREATE TABLE moz_cookies (id INTEGER)"))

    with pytest.raises(StoreError, match="holds tables of something else, such as 'moz_cookies'"):
        upgrade(store)

    with reading(store) as connection:
        assert inspect(connection).get_table_names() == ["moz_cookies"]


def test_failed_migration_leaves_nothing(store: Engine) -> None:
    upgrade(store, "r0001")
    with writing(store) as connection:
        tables = set(inspect(connection).get_table_names())

    with pytest.raises(ZeroDivisionError), migrating(store) as connection:
        connection.execute(text("CREATE TABLE half (key VARCHAR)"))
        connection.execute(text("DROP TABLE search_entry"))
        raise ZeroDivisionError

    with reading(store) as connection:
        assert set(inspect(connection).get_table_names()) == tables


def test_rebuilding_a_parent_keeps_its_children(sqlite_store: Engine) -> None:
    _make_family(sqlite_store)

    with (
        migrating(sqlite_store) as connection,
        _operations(connection).batch_alter_table("parent", recreate="always") as batch,
    ):
        batch.add_column(sa.Column("name", sa.String()))

    with reading(sqlite_store) as connection:
        assert connection.scalar(text("SELECT count(*) FROM child")) == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_migration_may_not_leave_a_reference_to_nothing(sqlite_store: Engine) -> None:
    _make_family(sqlite_store)

    with (
        pytest.raises(StoreError, match="references that point nowhere"),
        migrating(sqlite_store) as connection,
    ):
        connection.execute(text("DELETE FROM parent"))

    with reading(sqlite_store) as connection:
        assert connection.scalar(text("SELECT count(*) FROM parent")) == 1


def test_folder_that_cannot_be_made(tmp_path: Path, open_store: OpenStore) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreError, match="cannot be made"):
        upgrade(open_store(sqlite_url(tmp_path / "file" / "folder" / "store.db")))


def _make_family(engine: Engine) -> None:
    with writing(engine) as connection:
        for statement in (
            "CREATE TABLE parent (key VARCHAR PRIMARY KEY)",
            "CREATE TABLE child (parent VARCHAR REFERENCES parent (key) ON DELETE CASCADE)",
            "INSERT INTO parent VALUES ('one')",
            "INSERT INTO child VALUES ('one')",
        ):
            connection.execute(text(statement))


def _operations(connection: Connection) -> Operations:
    return Operations(MigrationContext.configure(connection))
