"""A small evidence base of which every table has a row, and the command line in this process."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, make_url, select

from kb.curation import bookkeeping, checking
from kb.curation.checking import Known
from kb.curation.gathering import gather
from kb.curation.hashing import content_hash
from kb.curation.loading import load
from kb.store.engine import file_of, reading
from kb.store.migrate import upgrade
from kb.store.opening import engine_of
from kb_cli.main import main
from kb_schema.tables import metadata
from tests.conftest import database

HERE = Path(__file__).parent

in_a_file = pytest.mark.parametrize("kind_of_store", ["sqlite"])
"""Marks a test about the file of a store."""


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
        self.name = engine.url.render_as_string(hide_password=False)

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

    def contents(self) -> object:
        """Return all that the store holds, to be compared: its file, or the rows of its tables."""
        file = file_of(self.engine)
        if file is not None:
            return file.read_bytes()
        with reading(self.engine) as connection:
            return [
                sorted(map(str, connection.execute(select(table))))
                for table in metadata.sorted_tables
            ]

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


def fill(engine: Engine, filling: str) -> None:
    """Make the tables, and load the small evidence base: as `sound`, or as what is `shipped`."""
    upgrade(engine)
    if filling == "sound":
        load(engine, HERE / "sound")
    if filling == "shipped":
        with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            seeds = shutil.copytree(HERE / "sound", Path(folder) / "sound")
            ship(seeds, patch)
            load(engine, seeds)


def ship(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let a folder be the evidence that comes with the program."""
    (folder / "VERSION").write_text("2099.1\n", encoding="utf-8")
    for module in (bookkeeping, checking):
        patch.setattr(module, "shipped_seeds", lambda: folder)


@pytest.fixture(scope="session")
def file_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what gives the file of a store to be copied, by what fills it."""
    folder = tmp_path_factory.mktemp("stores")

    @cache
    def make(filling: str) -> Path:
        file = folder / f"{filling}.db"
        with engine_of(str(file)) as engine:
            fill(engine, filling)
        return file

    return make


@pytest.fixture(scope="session")
def database_with(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """Return what gives the name of a database to be copied, by what fills it."""
    with ExitStack() as made:

        @cache
        def make(filling: str) -> str:
            url = made.enter_context(database(postgres_url))
            with engine_of(url) as engine:
                fill(engine, filling)
            return str(make_url(url).database)

        yield make


@pytest.fixture
def filled(
    kind_of_store: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Engine]]:
    """Return what gives a store of either kind, by what fills it."""
    with ExitStack() as opened:

        def open_copy(filling: str) -> Engine:
            if kind_of_store == "sqlite":
                file = request.getfixturevalue("file_with")(filling)
                url = str(shutil.copyfile(file, tmp_path / "store.db"))
            else:
                copied = f"TEMPLATE {request.getfixturevalue('database_with')(filling)}"
                server = request.getfixturevalue("postgres_url")
                url = opened.enter_context(database(server, copied))
            return opened.enter_context(engine_of(url))

        yield open_copy


@pytest.fixture(scope="session")
def empty_file(file_with: Callable[[str], Path]) -> Path:
    """Return an SQLite store with tables and no rows, to be copied."""
    return file_with("empty")


@pytest.fixture
def empty(filled: Callable[[str], Engine]) -> Engine:
    """Return a store of either kind with tables and no rows."""
    return filled("empty")


@pytest.fixture
def own(filled: Callable[[str], Engine], sound: Path) -> Own:
    """Return the small evidence base and a store of either kind into which it is loaded."""
    return Own(filled("sound"), sound)


@pytest.fixture
def as_shipped(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return a function that lets a folder be the evidence that comes with the program."""
    return lambda folder: ship(folder, monkeypatch)


@pytest.fixture
def own_shipped(
    filled: Callable[[str], Engine], sound: Path, as_shipped: Callable[[Path], None]
) -> Own:
    """Return the small evidence base as what comes with the program, and a store of it."""
    as_shipped(sound)
    return Own(filled("shipped"), sound)


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
