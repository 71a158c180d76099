"""Upgrade, downgrade, restore and reset a store without losing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from kb.errors import StoreError
from kb.store.backup import backup, require_replaceable, restore
from kb.store.engine import file_of, name_of, reading
from kb.store.migrate import Standing, current_revision, downgrade, require, upgrade
from kb.store.opening import Tell, create, engine_of, make_file, options_for
from kb_migrations import HEAD, REVISIONS


@contextmanager
def existing(name: str | None) -> Iterator[Engine]:
    """Yield the engine of a store that is there. Raises `StoreError` where it is not."""
    with engine_of(name) as engine:
        with reading(engine):
            pass
        yield engine


def upgrade_store(name: str | None) -> str:
    """Bring a store's tables to the present version; return what was done."""
    with existing(name) as engine:
        before = _revision(engine, Standing.EMPTY)
        if before == HEAD:
            return f"The store {name_of(engine)} is at {HEAD} already."
        copy = _saved(engine) if before else ""
        upgrade(engine)
        return f"Upgraded {name_of(engine)} from {before or 'nothing'} to {HEAD}.{copy}"


def downgrade_store(name: str | None, revision: str) -> str:
    """Take a store's tables back to a revision; return what was done."""
    if revision not in REVISIONS:
        raise StoreError(
            f"There is no revision '{revision}'.", f"The revisions are {', '.join(REVISIONS)}."
        )
    with existing(name) as engine:
        before = _revision(engine)
        if REVISIONS.index(str(before)) <= REVISIONS.index(revision):
            return f"The store {name_of(engine)} is at {before} already."
        copy = _saved(engine)
        downgrade(engine, revision)
        return f"Took {name_of(engine)} from {before} back to {revision}.{copy}"


def restore_store(name: str | None, source: Path) -> str:
    """Put a backup in the place of a store; return what was done."""
    with engine_of(name) as engine:
        stands = restore(engine, source)
        done = f"Restored {name_of(engine)} from {source}."
        if stands is Standing.OLDER:
            done += f" It is of an older version: run `kb db upgrade{options_for(name)}` next."
        return done


def reset_store(name: str | None, tell: Tell) -> str:
    """Make a store anew from the evidence shipped; return what was done.

    An SQLite store is replaced only once the new one is whole. On a server the tables are emptied
    and filled again.
    """
    with engine_of(name) as engine:
        path = file_of(engine)
        if path is None:
            downgrade(engine, "base")
            create(engine, tell)
        else:
            require_replaceable(engine)
            make_file(path, tell)
        return f"Made {name_of(engine)} anew."


def _revision(engine: Engine, *also: Standing) -> str | None:
    with reading(engine) as connection:
        require(connection, Standing.OLDER, Standing.CURRENT, *also)
        return current_revision(connection)


def _saved(engine: Engine) -> str:
    """Back up an SQLite store and say where; a server's store is left to its own tools."""
    path = file_of(engine)
    return f" The backup is {backup(engine)}." if path is not None else ""
