"""Stores of made-up trials to hold against each other."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url, writing
from kb.store.migrate import upgrade

MADE_UP = Path(__file__).parents[1] / "pooling" / "seeds"

Edited = Callable[..., str]
"""Returns a copy of the store in which statements of SQL were carried out."""


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of the vocabularies shipped and of made-up trials; to be read."""
    folder = tmp_path_factory.mktemp("diff") / "seeds"
    shutil.copytree(shipped_seeds() / "vocabularies", folder / "vocabularies")
    shutil.copytree(MADE_UP, folder / "trials")
    return folder


@pytest.fixture(scope="session")
def made_up(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a store of these seeds; to be read."""
    path = tmp_path_factory.mktemp("diff") / "made-up.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    load(engine, seeds)
    engine.dispose()
    return str(path)


@pytest.fixture
def edited(made_up: str, tmp_path: Path) -> Edited:
    """Return what makes a copy of the store and edits it by hand."""

    def edit(*statements: str) -> str:
        path = Path(shutil.copy(made_up, tmp_path / "edited.sqlite"))
        engine = open_engine(sqlite_url(path))
        with writing(engine) as connection:
            for statement in statements:
                assert connection.execute(text(statement)).rowcount == 1
        engine.dispose()
        return str(path)

    return edit
