"""A small store of made-up evidence, for tests of what a file brings into it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade

SOUND = Path(__file__).parent.parent / "curation" / "sound"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store file with one made-up trial, First 2001; to be copied."""
    path = tmp_path_factory.mktemp("evidence") / "filled.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    load(engine, SOUND)
    engine.dispose()
    return path


@pytest.fixture
def evidence(filled: Path, tmp_path: Path, open_store: Callable[[str | URL], Engine]) -> Engine:
    """Return a copy of that store, to be changed."""
    path = tmp_path / "evidence.sqlite"
    shutil.copy(filled, path)
    return open_store(sqlite_url(path))


@pytest.fixture
def begun(store: Engine) -> Engine:
    """Return a store of either kind with the vocabularies that come with the program."""
    upgrade(store)
    load(store, shipped_seeds() / "vocabularies")
    return store
