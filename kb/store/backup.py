"""Copies of an SQLite store, made and put back whole or not at all."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from kb.errors import StoreError
from kb.store.engine import explained, file_of, open_engine, reading, sqlite_url
from kb.store.migrate import require_known


def backup(engine: Engine, target: Path | None = None) -> Path:
    """Copy a store to `target`, or beside it with the time in its name; return the copy's path.

    Raises `StoreError` where the target exists, or for a server, which has tools of its own.
    """
    source = _file(engine, "backed up", "pg_dump")
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    target = target or source.with_name(f"{source.stem}-{stamp}{source.suffix}")
    if target.exists():
        raise StoreError(f"{target} exists.", "Name a file that does not.")
    with reading(engine):
        _copy(engine, source, target)
    return target


def restore(engine: Engine, source: Path) -> None:
    """Put a backup in the place of a store. The store stays as it was where that fails.

    Raises `StoreError` where the backup is missing, is no store, or is of a newer version.
    """
    target = _file(engine, "restored", "psql")
    if not source.is_file():
        raise StoreError(f"There is no backup at {source}.", "Check the path.")
    copy = open_engine(sqlite_url(source))
    try:
        with reading(copy) as connection:
            require_known(connection)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(copy, source, target)
    finally:
        copy.dispose()


def _file(engine: Engine, done: str, tool: str) -> Path:
    path = file_of(engine)
    if path is None:
        raise StoreError(
            f"A store on a server is not {done} by kb.", f"Use {tool}, which comes with PostgreSQL."
        )
    return path


def _copy(engine: Engine, source: Path, target: Path) -> None:
    """Copy a database through SQLite, so that a write going on meanwhile does no harm."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with (
            explained(engine),
            closing(sqlite3.connect(source)) as read,
            closing(sqlite3.connect(part)) as written,
        ):
            read.backup(written)
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{target} cannot be written: {error}.", "Name another place.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
