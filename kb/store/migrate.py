"""Bring the tables of a store to the form that this version of the program works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from kb.errors import StoreError
from kb.store.engine import explained, file_of, make_folder, name_of, take_turn, writer
from kb_migrations import HEAD, REVISIONS

if TYPE_CHECKING:
    from alembic.config import Config


class Standing(Enum):
    """How a database stands to the tables that this version of the program works with."""

    EMPTY = "empty"
    FOREIGN = "a database of something else"
    OLDER = "older than this program"
    CURRENT = "current"
    NEWER = "newer than this program"


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a store's tables; None where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def standing(connection: Connection) -> Standing:
    """Return how a database stands to this version."""
    revision = current_revision(connection)
    if revision in REVISIONS:
        return Standing.CURRENT if revision == HEAD else Standing.OLDER
    tables = _tables(connection)
    if revision is not None and "store_fact" in tables:
        return Standing.NEWER
    return Standing.FOREIGN if tables else Standing.EMPTY


def require_current(connection: Connection, options: str = "") -> None:
    """Raise `StoreError` unless the store's tables are those that this version works with.

    `options` are the words by which the commands in the message find the store.
    """
    require(connection, Standing.CURRENT, options=options)


def require(connection: Connection, *allowed: Standing, options: str = "") -> Standing:
    """Return how a database stands; raise `StoreError` where that is not allowed."""
    stands = standing(connection)
    if stands in allowed:
        return stands
    name = name_of(connection.engine)
    if stands is Standing.EMPTY:
        raise StoreError(f"The store {name} is empty.", f"Run `kb load{options}` to fill it.")
    if stands is Standing.FOREIGN:
        raise StoreError(
            f"The database {name} holds tables of something else, "
            f"such as '{min(_tables(connection))}'.",
            "Name an empty database or another file.",
        )
    made_by = f"(tables {current_revision(connection)}, here {HEAD})"
    if stands is Standing.OLDER:
        saved = "it makes a backup first" if file_of(connection.engine) else "back it up first"
        raise StoreError(
            f"The store {name} was made by an older version of kb {made_by}.",
            f"Run `kb db upgrade{options}`; {saved}.",
        )
    raise StoreError(
        f"The store {name} was made by a newer version of kb {made_by}.",
        "Install the newest evidence-kb.",
    )


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables forward to `revision`: wholly, or not at all."""
    path = file_of(engine)
    if path is not None:
        make_folder(path.parent, "Name another place for the store.")
    with migrating(engine) as connection:
        require(connection, Standing.EMPTY, Standing.OLDER, Standing.CURRENT)
        from alembic import command

        command.upgrade(config_for(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to `revision`: wholly, or not at all. `base` removes them."""
    with migrating(engine) as connection:
        require(connection, Standing.EMPTY, Standing.OLDER, Standing.CURRENT)
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
                take_turn(connection)
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


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}
