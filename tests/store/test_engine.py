import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, text

from kb.errors import StoreError
from kb.store.engine import name_of, open_engine, reading, sqlite_url, writing
from kb.store.migrate import upgrade

OpenStore = Callable[[str | URL], Engine]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("store.db", "The address of the store is not a database URL."),
        ("", "The address of the store is not a database URL."),
        ("postgresql://host:port/name", "The address of the store is not a database URL."),
        ("mysql://host/name", "A store cannot be kept in 'mysql'."),
    ],
)
def test_address_of_no_store_is_refused(url: str, problem: str) -> None:
    with pytest.raises(StoreError) as error:
        open_engine(url)

    assert error.value.problem == problem
    assert "sqlite:///PATH" in error.value.remedy


def test_reading_creates_no_file(sqlite_store: Engine, tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match=r"There is no store at .*store\.db\."),
        reading(sqlite_store),
    ):
        pass

    assert not (tmp_path / "store.db").exists()


def test_path_may_hold_any_character(tmp_path: Path, open_store: OpenStore) -> None:
    engine = open_store(sqlite_url(tmp_path / "50% off? #1 & ü.db"))
    upgrade(engine)

    assert (tmp_path / "50% off? #1 & ü.db").stat().st_size > 0


def test_references_are_enforced(store: Engine) -> None:
    with writing(store) as connection:
        connection.execute(text("CREATE TABLE parent (key VARCHAR PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (key VARCHAR REFERENCES parent (key))"))

    with (
        pytest.raises(Exception, match=r"(?i)foreign key"),
        writing(store) as connection,
    ):
        connection.execute(text("INSERT INTO child VALUES ('nobody')"))


def test_failed_write_leaves_nothing(store: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(store) as connection:
        connection.execute(text("CREATE TABLE half (key VARCHAR)"))
        connection.execute(text("INSERT INTO half VALUES ('made')"))
        raise ZeroDivisionError

    with writing(store) as connection:
        connection.execute(text("CREATE TABLE half (key VARCHAR)"))
        assert connection.execute(text("SELECT * FROM half")).all() == []


def test_file_that_is_no_database(tmp_path: Path, open_store: OpenStore) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes, and long enough that SQLite looks at them. " * 10)
    engine = open_store(sqlite_url(path))

    for use in (reading, writing):
        with pytest.raises(StoreError, match=r"notes\.txt is not a database\."), use(engine) as c:
            c.execute(text("SELECT * FROM sqlite_master"))
    with pytest.raises(StoreError, match=r"notes\.txt is not a database\."):
        upgrade(engine)

    assert path.read_text().startswith("These are notes")


def test_read_only_store_is_read_and_not_written(tmp_path: Path, open_store: OpenStore) -> None:
    path = tmp_path / "store.db"
    sqlite3.connect(path).execute("CREATE TABLE words (word)").connection.close()
    engine = open_store(f"sqlite:///file:{path}?mode=ro&uri=true")

    with reading(engine) as connection:
        assert connection.execute(text("SELECT * FROM words")).all() == []
    with pytest.raises(StoreError) as error, writing(engine) as connection:
        connection.execute(text("INSERT INTO words VALUES ('more')"))

    assert "may not be written" in error.value.problem
    assert "work on a copy" in error.value.remedy


def test_store_in_a_folder_that_does_not_exist(tmp_path: Path, open_store: OpenStore) -> None:
    with (
        pytest.raises(StoreError, match="cannot be opened"),
        writing(open_store(sqlite_url(tmp_path / "nowhere" / "store.db"))),
    ):
        pass


def test_store_that_another_program_writes(tmp_path: Path, open_store: OpenStore) -> None:
    path = tmp_path / "store.db"
    engine = open_store(sqlite_url(path).update_query_dict({"timeout": "0"}))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="is in use by another program"), writing(engine):
        pass

    other.close()


def test_server_that_does_not_answer(open_store: OpenStore) -> None:
    engine = open_store("postgresql://kb:secret@127.0.0.1:1/evidence")

    with pytest.raises(StoreError) as error, reading(engine):
        pass

    assert "cannot be reached" in error.value.problem
    assert "secret" not in str(error.value)
    assert name_of(engine) == "postgresql+psycopg://kb:***@127.0.0.1:1/evidence"
