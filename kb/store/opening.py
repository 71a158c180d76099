"""Which store is meant, and how it comes to be when there is none yet."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Engine, make_url, select

from kb.base import Base
from kb.store.engine import file_of, name_of, open_engine, reading, sqlite_url
from kb.store.migrate import current_revision, refuse_strangers, require_current
from kb.store.relations import store_fact
from kb_migrations import HEAD, REVISIONS

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
    with open_store(name, tell) as engine, reading(engine) as connection:
        yield Base(connection)


@contextmanager
def open_store(name: str | None = None, tell: Tell = lambda _: None) -> Iterator[Engine]:
    """Yield the engine of a store of this version, made first where there is none yet."""
    engine = open_engine(locate(name))
    try:
        if not _filled(engine):
            create(engine, tell)
        yield engine
    finally:
        engine.dispose()


def create(engine: Engine, tell: Tell = lambda _: None) -> None:
    """Make a store from the evidence that comes with the program: whole, or not at all."""
    path = file_of(engine)
    if path is None or path.exists():
        _fill(engine, tell)
    else:
        make_file(path, tell)


def make_file(path: Path, tell: Tell = lambda _: None) -> None:
    """Make an SQLite store at `path`, in the place of what is there once it is whole."""
    tell(f"making a store at {path}")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    engine = open_engine(sqlite_url(part))
    try:
        _fill(engine, tell)
        engine.dispose()
        part.replace(path)
    finally:
        engine.dispose()
        with suppress(OSError):
            part.unlink(missing_ok=True)


def state_of(name: str | None = None) -> dict[str, str]:
    """Return which store is meant, whether it is there, and the version of its tables."""
    engine = open_engine(locate(name))
    path = file_of(engine)
    state = {"store": name_of(engine), "tables of this program": HEAD}
    if path is not None and not path.exists():
        return {**state, "state": "not made yet; the first question makes it"}
    try:
        with reading(engine) as connection:
            revision = current_revision(connection)
    finally:
        engine.dispose()
    if revision is None:
        words = "empty"
    elif revision == HEAD:
        words = "current"
    else:
        words = "older; run kb db upgrade" if revision in REVISIONS else "newer than this program"
    return {**state, "tables of the store": revision or "none", "state": words}


def _fill(engine: Engine, tell: Tell) -> None:
    from kb.curation.bookkeeping import shipped_seeds
    from kb.curation.loading import load
    from kb.store.migrate import upgrade

    tell("setting up its tables")
    upgrade(engine)
    tell("reading and loading the evidence")
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
        require_current(connection)
        return connection.scalar(select(store_fact.value).limit(1)) is not None
