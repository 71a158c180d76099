"""Open what is to be compared: a store, or a folder of seed files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.base import Base
from kb.store.engine import open_engine, reading
from kb.store.keeping import existing
from kb.store.migrate import require_current, upgrade
from kb.store.opening import options_for


@contextmanager
def opened(name: str) -> Iterator[Base]:
    """Yield the base of that name: the path of an SQLite file, a database URL, or a folder.

    A folder of seed files is loaded into a store in memory. Raises `StoreError` where there is no
    store, or one of another version of the tables, and `SeedProblems` where the files are not fit
    to load.
    """
    if "://" not in name and Path(name).expanduser().is_dir():
        with _loaded(Path(name).expanduser()) as base:
            yield base
        return
    with existing(name) as engine, reading(engine) as connection:
        require_current(connection, options_for(name))
        yield Base(connection)


@contextmanager
def _loaded(folder: Path) -> Iterator[Base]:
    from kb.curation.loading import load

    engine = open_engine("sqlite://")
    try:
        upgrade(engine)
        load(engine, folder)
        with reading(engine) as connection:
            yield Base(connection)
    finally:
        engine.dispose()
