"""Copies of an SQLite store, made and put back whole or not at all."""

import sqlite3
from contextlib import closing
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from kb.errors import StoreError
from kb.store.engine import Damaged, file_of, is_there, name_of, open_engine, reading, sqlite_url
from kb.store.migrate import Standing, require, standing
from kb.store.replacing import replacing

_STORE = (Standing.OLDER, Standing.CURRENT)


def backup(engine: Engine, target: Path | None = None) -> Path:
    """Copy a store to `target`, or beside it with the time in its name; return the copy's path.

    A folder as target gets a copy with the time in its name. Raises `StoreError` where the target
    exists, or for a server, which has tools of its own.
    """
    source = _file(engine, "backed up", "pg_dump")
    with reading(engine) as connection:
        require(connection, *_STORE, Standing.NEWER)
    if target is None or target.is_dir():
        target = _free_name(source, target or source.parent)
    elif target.exists():
        raise StoreError(f"{target} exists.", "Name a file that does not.")
    _copy(source, target)
    return target


def restore(engine: Engine, source: Path) -> Standing:
    """Put a backup in the place of a store; return how its tables stand to this version.

    The store stays as it was where that fails. Raises `StoreError` where the backup is missing, is
    no store, or is of a newer version, and where something else is in the store's place.
    """
    target = _file(engine, "restored", "psql")
    if not source.is_file():
        raise StoreError(f"There is no backup at {source}.", "Check the path.")
    stands = _standing_of_backup(source)
    require_replaceable(engine)
    _copy(source, target)
    return stands


def require_replaceable(engine: Engine) -> None:
    """Raise `StoreError` where a file is there that is no store of this program.

    What is damaged may be replaced, if it is a database at all.
    """
    path = file_of(engine)
    if path is None or not is_there(engine):
        return
    try:
        with reading(engine) as connection:
            require(connection, Standing.EMPTY, *_STORE, Standing.NEWER)
    except Damaged:
        if not _is_sqlite(path):
            raise
    finally:
        engine.dispose()  # a file that is open cannot be replaced everywhere


def _standing_of_backup(source: Path) -> Standing:
    copy = open_engine(sqlite_url(source))
    try:
        with reading(copy) as connection:
            if standing(connection) in {Standing.EMPTY, Standing.FOREIGN}:
                raise StoreError(f"{source} is not an evidence store.", "Name a backup of a store.")
            return require(connection, *_STORE)
    except Damaged as error:
        raise StoreError(f"{source} is not an evidence store.", "Name another backup.") from error
    finally:
        copy.dispose()


def _file(engine: Engine, done: str, tool: str) -> Path:
    path = file_of(engine)
    if path is None:
        raise StoreError(
            f"Only a store in a file is {done} by kb, and {name_of(engine)} is none.",
            f"Use {tool}, which comes with PostgreSQL.",
        )
    return path


def _free_name(source: Path, folder: Path) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    more = ("" if number == 1 else f"-{number}" for number in count(1))
    names = (folder / f"{source.stem}-{stamp}{ending}{source.suffix}" for ending in more)
    return next(path for path in names if not path.exists())


def _copy(source: Path, target: Path) -> None:
    """Copy a database through SQLite, so that a write going on meanwhile does no harm."""
    remedy = "Get the right to write there, or name another place."
    with replacing(target, remedy) as part:
        try:
            with (
                closing(sqlite3.connect(source)) as read,
                closing(sqlite3.connect(part)) as written,
            ):
                read.backup(written)
                sound = written.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except sqlite3.Error as error:
            raise StoreError(f"{source} cannot be copied: {error}.", "Check the disk.") from error
        if not sound:
            raise StoreError(f"{source} is damaged.", "Name another backup.")


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"
