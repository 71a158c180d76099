"""A store of made-up trials, with a made-up review that rates them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.base import Base
from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade
from kb.store.opening import open_base

RATINGS = Path(__file__).parent / "seeds"
TRIALS = Path(__file__).parents[1] / "pooling" / "seeds"


@pytest.fixture(scope="session")
def rated_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a store of made-up trials and made-up ratings; to be read."""
    path = tmp_path_factory.mktemp("certainty") / "kb.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    for folder in (shipped_seeds() / "vocabularies", TRIALS, RATINGS):
        load(engine, folder)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def rated(rated_store: Path) -> Iterator[Base]:
    """Return the made-up trials and ratings, open for asking."""
    with open_base(str(rated_store)) as base:
        yield base
