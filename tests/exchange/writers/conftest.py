"""A store of trials that were made up, some of their texts hostile to spreadsheets."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kb.base import Base
from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade
from kb.store.opening import open_base

HERE = Path(__file__).parent
POOLABLE = HERE.parents[1] / "pooling" / "seeds"


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite store with tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def new_store(
    empty_file: Path, tmp_path: Path, open_store: Callable[..., Engine]
) -> Callable[[str], Engine]:
    """Return what makes an empty store of a name."""

    def make(name: str) -> Engine:
        return open_store(sqlite_url(Path(shutil.copy(empty_file, tmp_path / f"{name}.db"))))

    return make


@pytest.fixture(scope="session")
def made_up_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a store of made-up trials, with the vocabularies shipped; to be read."""
    path = Path(shutil.copy(empty_file, tmp_path_factory.mktemp("made-up") / "store.db"))
    engine = open_engine(sqlite_url(path))
    for folder in (shipped_seeds() / "vocabularies", POOLABLE, HERE / "seeds"):
        load(engine, folder)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def made_up(made_up_file: Path) -> Iterator[Base]:
    """Return the made-up trials, open for asking."""
    with open_base(str(made_up_file)) as base:
        yield base


@pytest.fixture(scope="session", params=["shipped", "made up"])
def any_base(request: pytest.FixtureRequest) -> Base:
    """Return the evidence shipped, then the made-up trials."""
    fixture = "base_on_sqlite" if request.param == "shipped" else "made_up"
    found: Base = request.getfixturevalue(fixture)
    return found
