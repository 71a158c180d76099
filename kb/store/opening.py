"""Which store is meant, and how it comes to be when there is none yet."""

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, select

from kb.base import Base
from kb.store.engine import (
    file_of,
    is_there,
    name_of,
    open_engine,
    reader,
    reading,
    sqlite_url,
    without_password,
)
from kb.store.migrate import Standing, current_revision, require, standing
from kb.store.relations import store_fact
from kb_migrations import HEAD

ENVIRONMENT = "KB_DATABASE_URL"
Tell = Callable[[str], None]
"""Takes a sentence on what is being done, for the person who waits."""


def default_file() -> Path:
    """Return where the store is kept when no other is named."""
    from platformdirs import user_data_path

    return user_data_path("evidence-kb") / "kb.sqlite"


def locate(name: str | None = None) -> str | URL:
    """Return the URL of the store that is meant: by name, by environment, or the user's own.

    A name is a path of an SQLite file or a database URL.
    """
    meant = name or os.environ.get(ENVIRONMENT, "").strip()
    if not meant:
        return sqlite_url(default_file())
    if "://" in meant:
        return meant
    return sqlite_url(Path(meant).expanduser().absolute())


def open_to_stay(name: str | Path | None = None, tell: Tell = lambda _: None) -> Base:
    """Open the evidence base, to be asked until it is closed.

    `name` is the path of an SQLite file or a database URL; without it, the variable KB_DATABASE_URL
    names the store, and else it is your own. Where there is none yet, it is made from the evidence
    that comes with the program, and `tell` (`print`, say) is told so. Use it in a `with` block, or
    close it. Between questions it holds no lock, so that others may load new evidence.

    Raises `StoreError` where it cannot be opened or is of another version.
    """
    with ExitStack() as opened:
        engine = opened.enter_context(open_store(str(name) if name else None, tell))
        connection = opened.enter_context(reader(engine))
        return Base(connection, opened.pop_all().close)


@contextmanager
def open_base(name: str | None = None, tell: Tell = lambda _: None) -> Iterator[Base]:
    """Yield a base that is asked at one instant; where there is none yet, make it first.

    Raises `StoreError` where it cannot be opened or is of another version.
    """
    with open_store(name, tell) as engine, reading(engine) as connection:
        yield Base(connection)


@contextmanager
def open_store(name: str | None = None, tell: Tell = lambda _: None) -> Iterator[Engine]:
    """Yield the engine of a store of this version, made first where there is none yet."""
    with engine_of(name) as engine:
        if not _ready(engine, name):
            create(engine, tell)
        yield engine


@contextmanager
def engine_of(name: str | None) -> Iterator[Engine]:
    """Yield the engine of the store that is meant, whether it is there or not."""
    engine = open_engine(locate(name))
    try:
        yield engine
    finally:
        engine.dispose()


def create(engine: Engine, tell: Tell = lambda _: None) -> None:
    """Make a store from the evidence that comes with the program."""
    path = file_of(engine)
    if path is None or is_there(engine):
        _fill(engine, tell)
    else:
        make_file(path, tell, keep=True)


def make_file(path: Path, tell: Tell = lambda _: None, *, keep: bool = False) -> None:
    """Make an SQLite store at `path`, in the place of what is there once it is whole.

    With `keep`, a store that another process has made there in the meantime stays instead.
    """
    from kb.store.replacing import replacing

    tell(f"making a store at {path}")
    remedy = f"Name another place with --db or {ENVIRONMENT}."
    with replacing(path, remedy, keep=keep) as part:
        engine = open_engine(sqlite_url(part))
        try:
            _fill(engine, tell)
        finally:
            engine.dispose()


def state_of(name: str | None = None) -> dict[str, str]:
    """Return which store is meant, whether it is there, and the version of its tables."""
    with engine_of(name) as engine:
        state = {"store": name_of(engine), "tables of this program": HEAD}
        if not is_there(engine):
            return {**state, "state": "not made yet; the first question makes it"}
        with reading(engine) as connection:
            stands = standing(connection)
            state["tables of the store"] = current_revision(connection) or "none"
            if stands is Standing.OLDER:
                words = f"{stands.value}; run `kb db upgrade{options_for(name)}`"
            elif stands is Standing.EMPTY or (
                stands is Standing.CURRENT and not _loaded(connection)
            ):
                words = "empty; the first question fills it"
            else:
                words = stands.value
            return {**state, "state": words}


def options_for(name: str | None) -> str:
    """Return the words that name the same store on a command line, after a space."""
    if not name:
        return ""
    return f" --db {shlex.quote(without_password(name) if '://' in name else name)}"


def _fill(engine: Engine, tell: Tell) -> None:
    from kb.curation.bookkeeping import shipped_seeds
    from kb.curation.loading import load
    from kb.store.migrate import upgrade

    tell("setting up its tables")
    upgrade(engine)
    tell("reading and loading the evidence")
    load(engine, shipped_seeds())


def _ready(engine: Engine, name: str | None) -> bool:
    """Return whether a store is there with evidence in it; raise where it cannot be used."""
    if not is_there(engine):
        return False
    with reading(engine) as connection:
        stands = require(connection, Standing.EMPTY, Standing.CURRENT, options=options_for(name))
        return stands is Standing.CURRENT and _loaded(connection)


def _loaded(connection: Connection) -> bool:
    return connection.scalar(select(store_fact.value).limit(1)) is not None
