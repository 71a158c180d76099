"""Connections to a store: an SQLite file or a PostgreSQL database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from kb.errors import StoreError

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_BEGIN = "kb_begin"
_LOCK = 4_108_251
"""Any number that other users of the same PostgreSQL database are unlikely to lock."""

_PATIENCE = 30
"""Seconds that a writer waits for another; a whole load takes a few."""

_CACHE_KIB = 64 * 1024
"""What a large change touches again and again is kept in memory up to this."""

_CONNECT_TIMEOUT = "connect_timeout"
_CONNECT_PATIENCE = 10
"""Seconds that a server may take to answer, unless the URL or PGCONNECT_TIMEOUT says otherwise."""

_ASK_OWNER = "Ask the owner of the database for the right to do so, or name another."
_POSTGRESQL_REFUSALS = {
    "25006": ("may only be read", "Write to the server that others follow, or as another user."),
    "42501": ("does not let you do this", _ASK_OWNER),
    "53100": ("has no room left on its disk", "Make room and try again."),
    "55P03": ("is being written by another program", "Try again when that program is done."),
}
"""What a server refuses, by SQLSTATE."""

_PASSWORDS = ("password", "sslpassword")
"""Options of a URL that nobody is shown."""

_MAY_WRITE = text(
    "SELECT current_user, pg_get_userbyid(relowner) FROM pg_class"
    " WHERE oid = to_regclass('store_fact') AND NOT has_table_privilege(oid, 'INSERT')"
)

_SQLITE_REFUSALS = {
    "SQLITE_NOTADB": (
        "is not a database",
        "Name another file, or move this one away to start afresh.",
    ),
    "SQLITE_CORRUPT": ("is damaged", "Put back a backup of it."),
    "SQLITE_READONLY": (
        "may not be written",
        "Get the right to write the file and its folder, or work on a copy.",
    ),
    "SQLITE_CANTOPEN": (
        "cannot be opened",
        "Check that its folder exists and that you may read the file.",
    ),
    "SQLITE_BUSY": ("is in use by another program", "Try again when that program is done."),
    "SQLITE_FULL": ("has no room left on its disk", "Make room and try again."),
    "SQLITE_IOERR": ("cannot be read or written by its disk", "Check the disk and try again."),
}
_DAMAGES = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Damaged(StoreError):
    """A file that SQLite can no longer make sense of, or never could."""


def sqlite_url(path: Path) -> URL:
    """Return the URL of the SQLite file at `path`, whatever characters the path holds."""
    return URL.create("sqlite", database=str(path))


def open_engine(url: str | URL) -> Engine:
    """Return an engine for the store at `url`. Nothing is read or created yet."""
    engine = _create(_known(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in one transaction; what it reads is of one instant."""
    with explained(engine), reader(engine) as connection, connection.begin():
        yield connection


def reader(engine: Engine) -> Connection:
    """Return a connection whose transactions each read what is there at one instant."""
    if not is_there(engine):
        raise StoreError(
            f"There is no store at {file_of(engine)}.",
            "Check the path, or run `kb load` to make one.",
        )
    with explained(engine):
        connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in one transaction that holds the right to write from its start.

    Two writers then wait for each other, where one that turned from reading to writing midway
    would fail.
    """
    with explained(engine), writer(engine) as connection, connection.begin():
        take_turn(connection)
        yield connection


def take_turn(connection: Connection) -> None:
    """Wait for other writers on a server; in an SQLite file the transaction itself does.

    Raises `StoreError` where the user of a server may not write at all.
    """
    if connection.dialect.name != "postgresql":
        return
    refused = connection.execute(_MAY_WRITE).first()
    if refused is not None:
        user, owner = refused
        raise StoreError(
            f"The store {name_of(connection.engine)} may not be written by '{user}', only asked.",
            f"'{owner}' may write it and can give others the right.",
        )
    patience = {"patience": f"{_PATIENCE * 1000:.0f}ms"}
    connection.execute(text("SELECT set_config('lock_timeout', :patience, true)"), patience)
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def writer(engine: Engine) -> Connection:
    """Return a connection whose transactions hold the right to write from their start."""
    return engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def file_of(engine: Engine) -> Path | None:
    """Return the file of an SQLite store; None in memory, on a server or by a `file:` address."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or database in {None, "", ":memory:"}:
        return None
    return None if str(database).startswith("file:") else Path(str(database))


def is_there(engine: Engine) -> bool:
    """Return whether a store's file exists; what is no file is taken to be there."""
    path = file_of(engine)
    try:
        return path is None or path.exists()
    except OSError as error:
        raise StoreError(
            f"The store {path} cannot be reached: {error.strerror}.",
            "Get the right to enter its folder, or name another store.",
        ) from error


def make_folder(folder: Path, remedy: str) -> None:
    """Make a folder with those above it; raise `StoreError` with the remedy where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} cannot be made: {error.strerror}.", remedy
        ) from error


def name_of(engine: Engine) -> str:
    """Return what to call the store in a message, without any password."""
    path = file_of(engine)
    return str(path) if path is not None else without_password(engine.url)


def without_password(url: str | URL) -> str:
    """Return a URL as it may be shown."""
    shown = make_url(url).difference_update_query(_PASSWORDS)
    return shown.render_as_string(hide_password=True)


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn a database's refusals into errors that say what is wrong and what to do."""
    try:
        yield
    except DBAPIError as error:
        explanation = _explain(error, file_of(engine))
        if explanation is None:
            raise
        problem, remedy = explanation
        kind = Damaged if _primary_code(error) in _DAMAGES else StoreError
        raise kind(f"The store {name_of(engine)} {problem}.", remedy) from error


def _known(url: str | URL) -> URL:
    example = "Write sqlite:///PATH or postgresql://USER@HOST/DATABASE."
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError("The address of the store is not a database URL.", example) from error
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise StoreError(f"A store cannot be kept in '{parsed.get_backend_name()}'.", example)
    return parsed.set(drivername=driver)


def _create(url: URL) -> Engine:
    try:
        return create_engine(url, connect_args=_waiting(url))
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StoreError(
            "PostgreSQL needs a driver that is not installed.",
            "Run `pip install 'evidence-kb[postgres]'`.",
        ) from error


def _waiting(url: URL) -> dict[str, int]:
    """Return how long is waited for a store, unless its URL or the environment tells."""
    if url.drivername == "sqlite":
        return {} if "timeout" in url.query else {"timeout": _PATIENCE}
    told = _CONNECT_TIMEOUT in url.query or os.environ.get("PGCONNECT_TIMEOUT")
    return {} if told else {_CONNECT_TIMEOUT: _CONNECT_PATIENCE}


def _prepare(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None  # the driver must not open transactions of its own
    dbapi.execute("PRAGMA foreign_keys = ON")
    dbapi.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _explain(error: DBAPIError, path: Path | None) -> tuple[str, str] | None:
    code = _primary_code(error)
    if code is not None:
        if path is not None and path.is_dir():
            return "is a folder", "Name a file in it."
        return _SQLITE_REFUSALS.get(code)
    reason = str(error.orig).strip().partition("\n")[0].rstrip(".")
    refusal = _POSTGRESQL_REFUSALS.get(getattr(error.orig, "sqlstate", None) or "")
    if refusal is not None:
        problem, remedy = refusal
        return f"{problem}: {reason}", remedy
    if isinstance(error, OperationalError) or error.statement is None:
        return (
            f"cannot be reached: {reason}",
            "Check that the server runs, and the address, user and password.",
        )
    return None


def _primary_code(error: DBAPIError) -> str | None:
    """Return SQLite's name of an error: SQLITE_READONLY_DIRECTORY is a SQLITE_READONLY."""
    name = getattr(error.orig, "sqlite_errorname", None)
    return "_".join(name.split("_")[:2]) if name else None
