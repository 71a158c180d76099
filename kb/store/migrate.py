"""Bring the tables of a store to the form that this version of the program works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from kb.errors import StoreError
from kb.store.engine import explained, file_of, name_of, writer
from kb_migrations import HEAD, REVISIONS

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 4_108_251
"""Any number that other users of the same PostgreSQL database are unlikely to lock."""


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a store's tables; None where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def require_current(connection: Connection) -> None:
    """Raise `StoreError` unless the store's tables are those that this version works with."""
    revision = current_revision(connection)
    if revision == HEAD:
        return
    name = name_of(connection.engine)
    if revision is None:
        raise StoreError(f"The store {name} is empty.", "Run `kb load` to fill it.")
    _refuse_unknown(revision, name)
    raise StoreError(
        f"The store {name} was made by an older version of kb (tables {revision}, here {HEAD}).",
        "Run `kb db upgrade`; it makes a backup first.",
    )


def require_known(connection: Connection) -> None:
    """Raise `StoreError` unless a database is a store of this version or an older one."""
    revision = current_revision(connection)
    if revision is None:
        raise StoreError(
            f"{name_of(connection.engine)} is not an evidence store.", "Name a backup of a store."
        )
    _refuse_unknown(revision, name_of(connection.engine))


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables forward to `revision`: wholly, or not at all."""
    _make_folder(engine)
    with migrating(engine) as connection:
        present = current_revision(connection)
        if present is None:
            refuse_strangers(connection)
        else:
            _refuse_unknown(present, name_of(engine))
        from alembic import command

        command.upgrade(config_for(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to `revision`: wholly, or not at all. `base` removes them."""
    with migrating(engine) as connection:
        present = current_revision(connection)
        if present is not None:
            _refuse_unknown(present, name_of(engine))
        from alembic import command

        command.downgrade(config_for(connection), revision)


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in one transaction, with SQLite's foreign keys held off.

    A revision may rebuild a table, and dropping the old one would delete the rows that refer to
    it. SQLite ignores the switch inside a transaction, so it is thrown before.
    """
    with explained(engine), writer(engine) as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            _switch_foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                yield connection
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise StoreError(
                        "The migration would leave references that point nowhere.",
                        "The store is as it was; please report this.",
                    )
        finally:
            if sqlite:
                _switch_foreign_keys(connection, on=True)


def config_for(connection: Connection) -> "Config":
    """Return Alembic's configuration for the revisions of `kb_migrations` on this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "kb_migrations:.")
    config.attributes["connection"] = connection
    return config


def _switch_foreign_keys(connection: Connection, *, on: bool) -> None:
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


def _make_folder(engine: Engine) -> None:
    path = file_of(engine)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {path.parent} cannot be made: {error.strerror}.",
            "Name another place for the store.",
        ) from error


def refuse_strangers(connection: Connection) -> None:
    """Raise `StoreError` where a database without a revision holds tables all the same."""
    tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    if tables:
        name = name_of(connection.engine)
        raise StoreError(
            f"The database {name} holds tables of something else, such as '{min(tables)}'.",
            "Name an empty database or another file.",
        )


def _refuse_unknown(revision: str, name: str) -> None:
    if revision not in REVISIONS:
        raise StoreError(
            f"The store {name} was made by a newer version of kb (tables {revision}, here {HEAD}).",
            "Install the newest evidence-kb.",
        )
