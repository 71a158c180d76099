"""A store of trials that were made up to show every way of pooling, and of not pooling."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.base import Base
from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade
from kb.store.opening import open_base

SEEDS = Path(__file__).parent / "seeds"


@pytest.fixture(scope="session")
def pooling_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a store of made-up trials, with the vocabularies shipped; to be read."""
    path = tmp_path_factory.mktemp("pooling") / "kb.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    load(engine, shipped_seeds() / "vocabularies")
    load(engine, SEEDS)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def made_up(pooling_store: Path) -> Iterator[Base]:
    """Return the made-up trials, open for asking."""
    with open_base(str(pooling_store)) as base:
        yield base
