"""Upgrade, downgrade and reset a store without losing it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from kb.errors import StoreError
from kb.store.backup import backup
from kb.store.engine import file_of, name_of, open_engine, reading
from kb.store.migrate import current_revision, downgrade, upgrade
from kb.store.opening import Tell, create, locate, make_file
from kb_migrations import HEAD, REVISIONS


@contextmanager
def existing(name: str | None) -> Iterator[Engine]:
    """Yield the engine of a store that is there. Raises `StoreError` where it is not."""
    engine = open_engine(locate(name))
    try:
        with reading(engine) as connection:
            current_revision(connection)
        yield engine
    finally:
        engine.dispose()


def upgrade_store(name: str | None) -> str:
    """Bring a store's tables to the present version; return what was done."""
    with existing(name) as engine:
        with reading(engine) as connection:
            before = current_revision(connection)
        if before == HEAD:
            return f"The store {name_of(engine)} is at {HEAD} already."
        copy = _saved(engine)
        upgrade(engine)
        return f"Upgraded {name_of(engine)} from {before or 'nothing'} to {HEAD}.{copy}"


def downgrade_store(name: str | None, revision: str) -> str:
    """Take a store's tables back to a revision; return what was done."""
    if revision not in REVISIONS:
        raise StoreError(
            f"There is no revision '{revision}'.", f"The revisions are {', '.join(REVISIONS)}."
        )
    with existing(name) as engine:
        copy = _saved(engine)
        downgrade(engine, revision)
        return f"Took {name_of(engine)} back to {revision}.{copy}"


def reset_store(name: str | None, tell: Tell) -> str:
    """Make a store anew from the evidence shipped; return what was done.

    An SQLite store is replaced only once the new one is whole. On a server the tables are emptied
    and filled again.
    """
    engine = open_engine(locate(name))
    try:
        path = file_of(engine)
        if path is None:
            downgrade(engine, "base")
            create(engine, tell)
        else:
            make_file(path, tell)
        return f"Made {name_of(engine)} anew."
    finally:
        engine.dispose()


def _saved(engine: Engine) -> str:
    """Back up an SQLite store and say where; a server's store is left to its own tools."""
    path = file_of(engine)
    return f" The backup is {backup(engine)}." if path is not None else ""
