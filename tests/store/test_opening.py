"""How a store comes to be, which one is meant, and what is refused."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text

from kb.base import DataState
from kb.errors import StoreError
from kb.store.engine import file_of, open_engine, reading, sqlite_url, writing
from kb.store.migrate import downgrade, upgrade
from kb.store.opening import ENVIRONMENT, default_file, locate, open_base, state_of

Powerless = Callable[[], AbstractContextManager[None]]
Crash = Callable[[str], AbstractContextManager[None]]

ASK = """
from kb.store.opening import open_base
with open_base() as base:
    print(base.data.hash, len(base.answer(base.question()).rows))
"""
DIE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from kb.store.opening import open_base

def die(*arguments):
    if sys.argv[1] in str(arguments):
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", die)
sys.addaudithook(lambda name, arguments: name == "os.rename" and die("rename"))
with open_base():
    pass
"""


def state_at(path: Path) -> DataState:
    with open_base(str(path)) as base:
        return base.data


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def ready_made(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test the loading of evidence, where something else is at stake."""

    def copy(engine: Engine, tell: object) -> None:
        path = file_of(engine)
        assert path is not None
        shutil.copyfile(shipped, path)

    monkeypatch.setattr("kb.store.opening._fill", copy)


def test_first_question_makes_the_store_and_says_so(shipped: Path) -> None:
    told: list[str] = []
    with open_base(tell=told.append) as base:
        assert base.answer(base.question()).rows
        assert base.data == state_at(shipped)

    assert told == [
        f"making a store at {default_file()}",
        "setting up its tables",
        "reading and loading the evidence",
    ]
    told.clear()
    with open_base(tell=told.append):
        assert told == []
    assert files_in(default_file().parent) == ["kb.sqlite"]


def test_store_is_kept_in_the_data_folder_of_the_user(home: Path) -> None:
    assert default_file() == home / "data" / "evidence-kb" / "kb.sqlite"


def test_name_comes_before_environment_and_environment_before_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate() == sqlite_url(default_file())

    monkeypatch.setenv(ENVIRONMENT, "  ")
    assert locate() == sqlite_url(default_file())

    monkeypatch.setenv(ENVIRONMENT, "postgresql://kb@host/evidence")
    assert locate() == "postgresql://kb@host/evidence"
    assert locate("other.db") == sqlite_url(tmp_path / "other.db")

    monkeypatch.setenv(ENVIRONMENT, "~/mine.db")
    assert locate() == sqlite_url(Path.home() / "mine.db")


def test_environment_is_asked(monkeypatch: pytest.MonkeyPatch, own_copy: Path) -> None:
    monkeypatch.setenv(ENVIRONMENT, f"sqlite:///{own_copy}")

    with open_base() as base:
        assert base.answer(base.question()).rows
    assert not default_file().exists()


def test_path_may_be_odd_and_its_folder_missing(
    tmp_path: Path, shipped: Path, ready_made: None
) -> None:
    path = tmp_path / "my data" / "naïve 50% #1? &;'\"" / "the [store].db"

    assert state_at(path) == state_at(shipped)
    assert files_in(path.parent) == ["the [store].db"]


@pytest.mark.parametrize("stage", ["CREATE TABLE finding", "INSERT INTO finding"])
def test_crash_while_a_store_is_made_leaves_nothing(stage: str, crashing: Crash) -> None:
    with crashing(stage), open_base():
        pass

    assert files_in(default_file().parent) == []


def test_crash_before_the_store_is_put_in_its_place(
    monkeypatch: pytest.MonkeyPatch, shipped: Path, ready_made: None
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(StoreError, match="cannot be written: Input/output error"), open_base():
            pass
    assert files_in(default_file().parent) == []

    assert state_at(default_file()) == state_at(shipped)


@pytest.mark.parametrize("stage", ["CREATE TABLE finding", "INSERT INTO finding", "rename"])
def test_killed_maker_does_not_stop_the_next(stage: str, shipped: Path, ready_made: None) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE, stage], check=False)
    left = [path for path in default_file().parent.iterdir() if path.suffix == ".part"]

    assert killed.returncode == -9
    assert len(left) == 1
    assert not default_file().exists()

    long_ago = time.time() - 7200
    os.utime(left[0], (long_ago, long_ago))
    assert state_at(default_file()) == state_at(shipped)
    assert files_in(default_file().parent) == ["kb.sqlite"]


def test_part_of_another_maker_at_work_is_left_alone(
    shipped: Path, tmp_path: Path, ready_made: None
) -> None:
    (tmp_path / ".store.db.1234.part").touch()
    (tmp_path / "store.db.part").touch()

    assert state_at(tmp_path / "store.db") == state_at(shipped)
    assert files_in(tmp_path) == [".store.db.1234.part", "home", "store.db", "store.db.part"]


@pytest.mark.parametrize("there", ["nothing", "an empty file"])
def test_two_at_once_both_succeed(there: str, shipped: Path) -> None:
    if there != "nothing":
        default_file().parent.mkdir(parents=True)
        default_file().touch()

    assert ask_twice_at_once() == [state_at(shipped).hash] * 2
    assert files_in(default_file().parent) == ["kb.sqlite"]


def test_store_made_meanwhile_is_kept(own_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was faster may have added to the store already."""
    elsewhere = own_copy.rename(own_copy.with_name("faster.db"))
    with closing(sqlite3.connect(elsewhere)) as faster:
        faster.execute("UPDATE store_fact SET value = 'own' WHERE name = 'data_version'")
        faster.commit()

    def overtaken(engine: Engine, tell: object) -> None:
        upgrade(engine)
        shutil.copy(elsewhere, own_copy)

    monkeypatch.setattr("kb.store.opening._fill", overtaken)

    assert state_at(own_copy).version == "own"


def test_empty_file_is_filled(tmp_path: Path, shipped: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()

    assert state_of(str(path))["state"] == "empty; the first question fills it"
    assert state_at(path) == state_at(shipped)
    assert state_of(str(path))["state"] == "current"


def test_store_whose_loading_was_cut_short_is_filled(
    store: Engine, shipped: Path, crashing: Crash
) -> None:
    upgrade(store)
    name = store.url.render_as_string(hide_password=False)
    with crashing("INSERT INTO finding"), open_base(name):
        pass

    assert state_of(name)["state"] == "empty; the first question fills it"
    with open_base(name) as base:
        assert base.data == state_at(shipped)


def test_folder_in_the_place_of_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error, open_base(str(tmp_path)):
        pass

    assert error.value.problem == f"The store {tmp_path} is a folder."
    assert error.value.remedy == "Name a file in it."


def test_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes, and long enough that SQLite looks at them. " * 10)

    with pytest.raises(StoreError, match=r"notes\.txt is not a database\."), open_base(str(path)):
        pass
    assert path.read_text().startswith("These are notes")


@pytest.mark.parametrize("revision", [None, "1a2b3c"])
def test_database_of_another_program(store: Engine, revision: str | None) -> None:
    """It may well keep its version as we do: many programs use Alembic."""
    with writing(store) as connection:
        connection.execute(text("CREATE TABLE moz_cookies (id INTEGER)"))
        if revision:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR)"))
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{revision}')"))
    name = store.url.render_as_string(hide_password=False)

    with pytest.raises(StoreError) as error, open_base(name):
        pass

    assert "holds tables of something else, such as 'moz_cookies'" in error.value.problem
    assert error.value.remedy == "Name an empty database or another file."
    assert state_of(name)["state"] == "a database of something else"


def test_store_of_a_newer_version(own_copy: Path) -> None:
    with closing(sqlite3.connect(own_copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
        connection.commit()

    with pytest.raises(StoreError) as error, open_base(str(own_copy)):
        pass

    assert "newer version of kb (tables r9999" in error.value.problem
    assert error.value.remedy == "Install the newest evidence-kb."
    assert state_of(str(own_copy))["state"] == "newer than this program"


def test_store_of_an_older_version_names_the_command_to_type(
    own_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_copy = own_copy.rename(own_copy.with_name("my store.db"))
    engine = open_engine(sqlite_url(own_copy))
    downgrade(engine, "r0001")
    engine.dispose()

    command = f"kb db upgrade --db '{own_copy}'"
    with pytest.raises(StoreError) as error, open_base(str(own_copy)):
        pass
    assert "older version of kb (tables r0001" in error.value.problem
    assert error.value.remedy == f"Run `{command}`; it makes a backup first."
    assert state_of(str(own_copy))["state"] == f"older than this program; run `{command}`"

    monkeypatch.setenv(ENVIRONMENT, str(own_copy))
    with pytest.raises(StoreError, match="Run `kb db upgrade`; it makes a backup"), open_base():
        pass


def test_password_is_not_repeated() -> None:
    with (
        pytest.raises(StoreError) as error,
        open_base("postgresql://kb:secret@127.0.0.1:1/evidence"),
    ):
        pass

    assert "secret" not in str(error.value)


@pytest.mark.parametrize("folder_mode", [0o777, 0o555], ids=["file", "file-and-folder"])
def test_store_that_may_only_be_read_is_asked(
    folder_mode: int, shipped: Path, public_folder: Path, powerless: Powerless
) -> None:
    path = Path(shutil.copy(shipped, public_folder / "store.db"))
    path.chmod(0o444)
    public_folder.chmod(folder_mode)

    with powerless():
        assert not os.access(path, os.W_OK, effective_ids=True)
        with open_base(str(path)) as base:
            assert base.answer(base.question(outcome="pain")).rows
            assert base.page("goodwin-2001").sections
    assert files_in(public_folder) == ["store.db"]


def test_store_that_may_not_be_read(
    shipped: Path, public_folder: Path, powerless: Powerless
) -> None:
    path = Path(shutil.copy(shipped, public_folder / "store.db"))
    path.chmod(0o000)

    with powerless(), pytest.raises(StoreError, match=r"store\.db cannot be opened"):
        state_at(path)


def test_folder_that_may_not_be_entered(public_folder: Path, powerless: Powerless) -> None:
    closed = public_folder / "closed"
    closed.mkdir(mode=0o000)

    with powerless(), pytest.raises(StoreError) as error:
        state_at(closed / "store.db")

    assert error.value.problem.endswith("cannot be reached: Permission denied.")


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("store.db", "{}/store.db cannot be written: Permission denied."),
        ("new/store.db", "The folder {}/new cannot be made: Permission denied."),
    ],
)
def test_place_where_no_store_can_be_made(
    place: str, problem: str, public_folder: Path, powerless: Powerless
) -> None:
    public_folder.chmod(0o555)

    with powerless(), pytest.raises(StoreError) as error:
        state_at(public_folder / place)

    assert error.value.problem == problem.format(public_folder)
    assert error.value.remedy == "Name another place with --db or KB_DATABASE_URL."
    assert files_in(public_folder) == []


def test_missing_store_is_told_of_and_not_made() -> None:
    state = state_of()

    assert state["store"] == str(default_file())
    assert state["state"] == "not made yet; the first question makes it"
    assert not default_file().parent.exists()


def test_postgresql_database_is_filled_with_the_same(
    postgres_store: Engine, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, postgres_store.url.render_as_string(hide_password=False))

    assert state_of()["state"] == "empty; the first question fills it"
    assert ask_twice_at_once() == [state_at(shipped).hash] * 2
    with open_base() as base:
        assert base.data == state_at(shipped)
    assert state_of()["state"] == "current"


def test_older_postgresql_store_is_backed_up_by_its_own_tools(postgres_store: Engine) -> None:
    upgrade(postgres_store, "r0001")

    with (
        pytest.raises(StoreError) as error,
        open_base(postgres_store.url.render_as_string(hide_password=False)),
    ):
        pass

    assert "kb db upgrade --db postgresql" in error.value.remedy
    assert error.value.remedy.endswith("back it up first.")


def test_store_in_memory(shipped: Path, open_store: Callable[[str | URL], Engine]) -> None:
    with open_base("sqlite://") as base:
        assert base.data == state_at(shipped)


def test_reader_on_a_server_sees_one_instant(postgres_store: Engine) -> None:
    upgrade(postgres_store)
    count = text("SELECT count(*) FROM store_fact")
    with reading(postgres_store) as reader:
        assert reader.scalar(count) == 0
        with writing(postgres_store) as connection:
            connection.execute(text("INSERT INTO store_fact VALUES ('data_version', '1')"))
        assert reader.scalar(count) == 0

    with reading(postgres_store) as reader:
        assert reader.scalar(count) == 1


def ask_twice_at_once() -> list[str]:
    """Put the same question in two processes; return the hashes of the data they saw."""
    command = [sys.executable, "-c", ASK]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].split() for process in running]

    assert [process.returncode for process in running] == [0, 0]
    assert all(int(studies) > 0 for _, studies in said)
    return [digest for digest, _ in said]
