import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import timeout_from_conninfo
from sqlalchemy import URL, Engine, event, text

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


@pytest.fixture
def mute() -> Iterator[int]:
    """Return the port of a server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("options", "variable", "waited"),
    [("", "", 10), ("?connect_timeout=3", "", 3), ("", "4", 4)],
    ids=["by itself", "by its URL", "by the environment"],
)
def test_server_is_waited_for(
    options: str, variable: str, waited: int, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCONNECT_TIMEOUT", variable)
    engine = open_store(f"postgresql://kb@127.0.0.1:1/evidence{options}")
    asked: list[int] = []

    @event.listens_for(engine, "do_connect")
    def note(_dialect: object, _record: object, _arguments: object, given: dict[str, Any]) -> None:
        asked.append(timeout_from_conninfo({"connect_timeout": variable or None} | given))

    with pytest.raises(StoreError, match="cannot be reached"), reading(engine):
        pass
    assert asked == [waited]


def test_server_that_never_answers(mute: int, open_store: OpenStore) -> None:
    engine = open_store(f"postgresql://kb:secret@127.0.0.1:{mute}/evidence?connect_timeout=2")

    with pytest.raises(StoreError) as error, reading(engine):
        pass

    assert error.value.problem.endswith("cannot be reached: connection timeout expired.")
    assert error.value.remedy == "Check that the server runs, and the address, user and password."
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("sslmode=require", "SSL"),
        ("made_up=1", 'invalid connection option "made_up"'),
        ("password=secret&made_up=1", r"/postgres\?made_up=1 cannot"),
    ],
    ids=["what the server lacks", "what nobody knows", "a password"],
)
def test_options_of_a_url_go_to_the_server(
    options: str, told: str, postgres_url: str, open_store: OpenStore
) -> None:
    with (
        pytest.raises(StoreError, match=told) as error,
        reading(open_store(f"{postgres_url}?{options}")),
    ):
        pass

    assert "cannot be reached" in error.value.problem
    assert "secret" not in str(error.value)


def test_server_that_another_program_writes(
    postgres_store: Engine, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.store.engine._PATIENCE", 0.05)
    other = open_store(postgres_store.url)

    with (
        writing(postgres_store),
        pytest.raises(StoreError, match="is being written by another program") as error,
        writing(other),
    ):
        pass

    assert error.value.remedy == "Try again when that program is done."


def test_user_of_a_server_who_may_not_read(postgres_store: Engine, open_store: OpenStore) -> None:
    upgrade(postgres_store)
    with (
        as_user(postgres_store, "made_up_stranger") as url,
        pytest.raises(StoreError) as error,
        reading(open_store(url)) as connection,
    ):
        connection.execute(text("SELECT * FROM study"))

    assert error.value.problem.endswith("permission denied for table study.")
    assert error.value.remedy.startswith("Ask the owner of the database for the right")


def test_user_of_a_server_who_may_only_read(postgres_store: Engine, open_store: OpenStore) -> None:
    upgrade(postgres_store)
    with as_user(postgres_store, "made_up_reader") as url:
        with writing(postgres_store) as connection:
            connection.execute(text("GRANT SELECT ON store_fact TO made_up_reader"))
        with reading(open_store(url)) as connection:
            assert connection.execute(text("SELECT * FROM store_fact")).all() == []
        with pytest.raises(StoreError) as error, writing(open_store(url)):
            pass

    assert error.value.problem.endswith("may not be written by 'made_up_reader', only asked.")
    assert error.value.remedy == "'kb' may write it and can give others the right."


def test_server_that_may_only_be_read(postgres_store: Engine, open_store: OpenStore) -> None:
    upgrade(postgres_store)
    follower = postgres_store.url.update_query_dict(
        {"options": "-c default_transaction_read_only=on"}
    )

    with (
        pytest.raises(StoreError, match="may only be read") as error,
        writing(open_store(follower)) as connection,
    ):
        connection.execute(text("INSERT INTO store_fact VALUES ('data_version', '1')"))

    assert error.value.remedy.startswith("Write to the server that others follow")


@contextmanager
def as_user(engine: Engine, name: str) -> Iterator[URL]:
    """Yield the URL of a store for a user who may do nothing yet."""
    with writing(engine) as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
    yield engine.url.set(username=name)
    with writing(engine) as connection:
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))
