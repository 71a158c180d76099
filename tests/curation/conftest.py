"""A small evidence base of which every table has a row, and the command line in this process."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, select

from kb.curation import bookkeeping, checking
from kb.curation.checking import Known
from kb.curation.gathering import gather
from kb.curation.hashing import content_hash
from kb.curation.loading import load
from kb.store.engine import open_engine, reading, sqlite_url
from kb.store.migrate import upgrade
from kb_cli.main import main
from kb_schema.tables import metadata

HERE = Path(__file__).parent


class Printed(NamedTuple):
    code: int
    out: str
    err: str


class Own:
    """A copy of the small evidence base that a test may edit and load into a store of its own."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.study = folder / "study.yaml"
        self.review = folder / "review.yaml"
        self.vocabularies = folder / "vocabularies.yaml"

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def load(self, path: Path | None = None) -> list[tuple[str, str, str]]:
        """Load, and return the kind, table and key of every change."""
        difference = load(self.engine, path or self.folder)
        return [(change.kind, change.table, change.key) for change in difference.changes]

    def hash(self) -> str:
        with reading(self.engine) as connection:
            return content_hash(connection)

    def facts(self) -> dict[str, str]:
        facts = metadata.tables["store_fact"]
        with reading(self.engine) as connection:
            rows = connection.execute(select(facts.c.name, facts.c.value))
            return {row.name: row.value for row in rows}

    def keys(self, table: str) -> set[str]:
        with reading(self.engine) as connection:
            return set(connection.scalars(select(metadata.tables[table].c.key)))


@pytest.fixture(scope="session")
def sound_records() -> Known:
    """Return the records of the small evidence base."""
    sound = gather(HERE / "sound")
    assert not sound.problems
    return {
        table: {identity: row.values for identity, row in rows.items()}
        for table, rows in sound.rows.items()
    }


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Return a folder with a copy of the small evidence base."""
    return shutil.copytree(HERE / "sound", tmp_path / "sound")


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite store with tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "store.db"
    engine = open_engine(sqlite_url(file))
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def empty(sqlite_store: Engine, tmp_path: Path, empty_file: Path) -> Engine:
    """Return an SQLite store with tables and no rows."""
    shutil.copyfile(empty_file, tmp_path / "store.db")
    return sqlite_store


@pytest.fixture
def own(empty: Engine, sound: Path) -> Own:
    """Return the small evidence base and an SQLite store into which it is loaded."""
    load(empty, sound)
    return Own(empty, sound)


@pytest.fixture
def own_anywhere(store: Engine, sound: Path) -> Own:
    """Return the small evidence base and a store of either kind into which it is loaded."""
    upgrade(store)
    load(store, sound)
    return Own(store, sound)


@pytest.fixture
def as_shipped(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return a function that lets a folder be the evidence that comes with the program."""

    def ship(folder: Path) -> None:
        (folder / "VERSION").write_text("2099.1\n", encoding="utf-8")
        for module in (bookkeeping, checking):
            monkeypatch.setattr(module, "shipped_seeds", lambda: folder)

    return ship


@pytest.fixture
def own_shipped(empty: Engine, sound: Path, as_shipped: Callable[[Path], None]) -> Own:
    """Return the small evidence base as what comes with the program, and a store of it."""
    as_shipped(sound)
    load(empty, sound)
    return Own(empty, sound)


@pytest.fixture
def kb(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Printed]:
    """Return a function that runs the command line and returns its exit code and output."""

    def run(*arguments: object) -> Printed:
        monkeypatch.setattr(sys, "argv", ["kb", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Printed(int(ended.value.code or 0), printed.out, printed.err)

    return run
