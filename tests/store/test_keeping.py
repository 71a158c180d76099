"""Upgrade, downgrade, restore and reset: what is done, what is said, what is refused."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from kb.errors import StoreError
from kb.store.backup import backup
from kb.store.engine import reading, writing
from kb.store.keeping import (
    downgrade_store,
    existing,
    reset_store,
    restore_store,
    upgrade_store,
)
from kb.store.migrate import current_revision, upgrade
from kb.store.opening import open_base
from kb_migrations import HEAD

Change = Callable[[str], str]
UPGRADE = pytest.param(upgrade_store, id="upgrade")
DOWNGRADE = pytest.param(lambda name: downgrade_store(name, "r0001"), id="downgrade")
RESET = pytest.param(lambda name: reset_store(name, print), id="reset")


@pytest.fixture(autouse=True)
def nothing_half_made(tmp_path: Path) -> Iterator[None]:
    """Hold every test to leaving no part of a copy behind."""
    yield
    assert list(tmp_path.rglob("*.part*")) == []


def content(path: Path | str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_downgrade_and_upgrade_each_make_a_backup_first(own_copy: Path) -> None:
    name = str(own_copy)
    before = content(name)

    told = downgrade_store(name, "r0001")
    saved = re.fullmatch(rf"Took {name} from {HEAD} back to r0001\. The backup is (.*)\.", told)
    assert saved
    assert content(saved[1]) == before

    older = content(name)
    told = upgrade_store(name)
    saved = re.fullmatch(rf"Upgraded {name} from r0001 to {HEAD}\. The backup is (.*)\.", told)
    assert saved
    assert content(saved[1]) == older

    with open_base(name) as base:
        assert base.answer(base.question(text="hypnosis")).rows


def test_nothing_to_do_is_said_and_no_backup_made(own_copy: Path) -> None:
    name = str(own_copy)

    assert upgrade_store(name) == f"The store {name} is at {HEAD} already."
    assert downgrade_store(name, HEAD) == f"The store {name} is at {HEAD} already."
    downgrade_store(name, "r0001")
    assert downgrade_store(name, HEAD) == f"The store {name} is at r0001 already."
    assert len(list(own_copy.parent.glob("store-*"))) == 1


def test_revision_that_does_not_exist(own_copy: Path) -> None:
    with pytest.raises(StoreError) as error:
        downgrade_store(str(own_copy), "r7")

    assert error.value.problem == "There is no revision 'r7'."
    assert error.value.remedy.startswith("The revisions are r0001, ")


@pytest.mark.parametrize("change", [UPGRADE, DOWNGRADE])
def test_store_that_is_not_there(change: Change, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store at .*none\.db"):
        change(str(tmp_path / "none.db"))


@pytest.mark.parametrize("change", [UPGRADE, DOWNGRADE, RESET])
def test_database_of_another_program_is_left_alone(change: Change, store: Engine) -> None:
    with writing(store) as connection:
        connection.execute(text("CREATE TABLE moz_cookies (id INTEGER)"))

    with pytest.raises(StoreError, match="holds tables of something else"):
        change(store.url.render_as_string(hide_password=False))
    with reading(store) as connection:
        assert connection.execute(text("SELECT * FROM moz_cookies")).all() == []


@pytest.mark.parametrize("change", [UPGRADE, DOWNGRADE])
def test_store_of_a_newer_version_is_left_alone(change: Change, store: Engine) -> None:
    upgrade(store)
    with writing(store) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))

    with pytest.raises(StoreError, match="newer version of kb"):
        change(store.url.render_as_string(hide_password=False))
    with reading(store) as connection:
        assert current_revision(connection) == "r9999"


def test_upgrade_fills_an_empty_file_with_tables(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    name = str(tmp_path / "empty.db")

    assert upgrade_store(name) == f"Upgraded {name} from nothing to {HEAD}."
    assert list(tmp_path.glob("empty-*")) == []


def test_server_is_upgraded_without_a_backup(postgres_store: Engine) -> None:
    upgrade(postgres_store, "r0001")
    name = postgres_store.url.render_as_string(hide_password=False)

    assert upgrade_store(name).endswith(f"from r0001 to {HEAD}.")
    assert downgrade_store(name, "r0001").endswith(f"from {HEAD} back to r0001.")


def test_restore_of_an_older_backup_says_what_is_next(own_copy: Path, tmp_path: Path) -> None:
    name = str(own_copy)
    downgrade_store(name, "r0001")
    with existing(name) as engine:
        copy = backup(engine, tmp_path / "old.db")
    upgrade_store(name)

    assert restore_store(name, copy) == (
        f"Restored {name} from {copy}. "
        f"It is of an older version: run `kb db upgrade --db {name}` next."
    )
    upgrade_store(name)
    assert restore_store(name, own_copy) == f"Restored {name} from {own_copy}."
    with open_base(name) as base:
        assert base.answer(base.question()).rows


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_reset_brings_the_evidence_shipped_back(
    kind: str, request: pytest.FixtureRequest, shipped: Path
) -> None:
    if kind == "sqlite":
        name = str(request.getfixturevalue("own_copy"))
    else:
        store: Engine = request.getfixturevalue("postgres_store")
        name = store.url.render_as_string(hide_password=False)
        upgrade(store)
    with existing(name) as engine, writing(engine) as connection:
        connection.execute(text("DELETE FROM store_fact"))
        connection.execute(text("INSERT INTO store_fact VALUES ('data_version', 'own')"))

    told: list[str] = []
    assert reset_store(name, told.append).endswith(" anew.")
    assert told[-1] == "reading and loading the evidence"
    with open_base(str(shipped)) as expected, open_base(name) as base:
        assert base.data == expected.data


def test_reset_that_fails_leaves_the_store_as_it_was(
    own_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own_copy.read_bytes()

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("kb.curation.loading.load", fail)
    with pytest.raises(ZeroDivisionError):
        reset_store(str(own_copy), print)

    assert own_copy.read_bytes() == before
