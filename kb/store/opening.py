"""Which store is meant, and how it comes to be when there is none yet."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Engine, make_url, select

from kb.base import Base
from kb.store.engine import file_of, open_engine, reading, sqlite_url
from kb.store.migrate import current_revision, refuse_strangers, require_current
from kb.store.relations import store_fact

ENVIRONMENT = "KB_DATABASE_URL"
Tell = Callable[[str], None]
"""Takes a sentence on what is being done, for the person who waits."""


def default_file() -> Path:
    """Return where the store is kept when no other is named."""
    from platformdirs import user_data_path

    return user_data_path("evidence-kb") / "kb.sqlite"


def locate(name: str | None = None) -> URL:
    """Return the URL of the store that is meant: by name, by environment, or the user's own.

    A name is a path of an SQLite file or a database URL.
    """
    meant = name or os.environ.get(ENVIRONMENT, "").strip()
    if not meant:
        return sqlite_url(default_file())
    if "://" in meant:
        return make_url(meant)
    return sqlite_url(Path(meant).expanduser().absolute())


@contextmanager
def open_base(name: str | None = None, tell: Tell = lambda _: None) -> Iterator[Base]:
    """Open a store for asking; where there is none yet, make one from the evidence shipped.

    Raises `StoreError` where it cannot be opened or is of another version.
    """
    engine = open_engine(locate(name))
    try:
        if not _filled(engine):
            create(engine, tell)
        with reading(engine) as connection:
            require_current(connection)
            yield Base(connection)
    finally:
        engine.dispose()


def create(engine: Engine, tell: Tell = lambda _: None) -> None:
    """Make a store from the evidence that comes with the program: whole, or not at all."""
    path = file_of(engine)
    if path is None or path.exists():
        _fill(engine, tell)
        return
    tell(f"Making a store at {path}")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    half_made = open_engine(sqlite_url(part))
    try:
        _fill(half_made, tell)
        half_made.dispose()
        part.replace(path)
    finally:
        half_made.dispose()
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _fill(engine: Engine, tell: Tell) -> None:
    from kb.curation.bookkeeping import shipped_seeds
    from kb.curation.loading import load
    from kb.store.migrate import upgrade

    tell("Setting up its tables")
    upgrade(engine)
    tell("Reading and loading the evidence")
    load(engine, shipped_seeds())


def _filled(engine: Engine) -> bool:
    """Return whether a store is there with anything in it."""
    path = file_of(engine)
    if path is not None and not path.exists():
        return False
    with reading(engine) as connection:
        revision = current_revision(connection)
        if revision is None:
            refuse_strangers(connection)
            return False
        return connection.scalar(select(store_fact.value).limit(1)) is not None
