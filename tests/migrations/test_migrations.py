"""What the revisions promise, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, inspect, select

from kb.store.engine import reading, writing
from kb.store.migrate import config_for, current_revision, downgrade, migrating, upgrade
from kb_migrations import HEAD, REVISIONS
from kb_schema.tables import metadata

Rows = dict[str, list[dict[str, Any]]]


def test_revisions_are_one_line_that_ends_in_head(sqlite_store: Engine) -> None:
    with migrating(sqlite_store) as connection:
        script = ScriptDirectory.from_config(config_for(connection))
    history = [revision.revision for revision in script.walk_revisions()]

    assert script.get_heads() == [HEAD]
    assert tuple(reversed(history)) == REVISIONS


def test_models_and_revisions_agree(store: Engine) -> None:
    upgrade(store)

    with migrating(store) as connection:
        command.check(config_for(connection))


def test_every_revision_goes_up_down_and_up(store: Engine) -> None:
    before = "base"
    for revision in REVISIONS:
        upgrade(store, revision)
        downgrade(store, before)
        upgrade(store, revision)
        before = revision

        with reading(store) as connection:
            assert current_revision(connection) == revision


def test_base_leaves_only_the_version_table(store: Engine) -> None:
    upgrade(store)
    downgrade(store, "base")

    with reading(store) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
        assert current_revision(connection) is None


def test_rows_survive_the_way_down_and_up(store: Engine) -> None:
    upgrade(store)
    with writing(store) as connection:
        insert_one_row_each(connection)
    before = all_rows(store)

    downgrade(store, "r0001")
    below = all_rows(store)
    assert below == shared(before, below)
    upgrade(store)

    again = all_rows(store)
    assert shared(again, below) == below
    assert [name for name, rows in before.items() if not rows] == []
    if store.dialect.name == "sqlite":
        with reading(store) as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_checks_are_those_of_the_models(store: Engine) -> None:
    upgrade(store)
    with reading(store) as connection:
        migrated = checks(connection)
    downgrade(store, "base")
    with writing(store) as connection:
        metadata.create_all(connection)
        created = checks(connection)

    assert migrated == created
    assert migrated["passage"]


def test_search_index_follows_the_rows(sqlite_store: Engine) -> None:
    entries = metadata.tables["search_entry"]
    texts = {"kind": "study", "record_key": "one", "title": "Groups", "body": "expressing feelings"}

    def found(word: str) -> list[int]:
        query = sa.text("SELECT rowid FROM search_index WHERE search_index MATCH :word")
        return list(connection.scalars(query, {"word": word}))

    upgrade(sqlite_store, "r0001")
    with writing(sqlite_store) as connection:
        connection.execute(sa.insert(entries), {"id": 1, **texts})
    upgrade(sqlite_store)
    with writing(sqlite_store) as connection:
        assert found("expressed") == [1], "rows that were there are found, by the stem of the word"
        connection.execute(sa.update(entries).values(body="silence"))
        assert found("expressed") == []
        assert found("silence") == [1]
        connection.execute(sa.delete(entries))
        assert found("silence") == []
        connection.exec_driver_sql(
            "INSERT INTO search_index(search_index) VALUES('integrity-check')"
        )


def test_search_on_postgresql_uses_its_index(postgres_store: Engine) -> None:
    upgrade(postgres_store)
    query = (
        "EXPLAIN SELECT id FROM search_entry "
        "WHERE to_tsvector('kb_words', kb_plain(title || ' ' || body)) "
        "@@ to_tsquery('kb_words', 'feeling')"
    )

    with reading(postgres_store) as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(connection.exec_driver_sql(query).scalars())

    assert "ix_search_entry_words" in plan


def checks(connection: Connection) -> dict[str, list[tuple[Any, str]]]:
    """Return name and text of every CHECK constraint, by table."""
    inspector = inspect(connection)
    return {
        name: sorted((c["name"], c["sqltext"]) for c in inspector.get_check_constraints(name))
        for name in metadata.tables
    }


def all_rows(engine: Engine) -> Rows:
    """Return every row of every table of the models, as far as the store has table and columns."""
    with reading(engine) as connection:
        inspector = inspect(connection)
        there = {
            name: {c["name"] for c in inspector.get_columns(name)}
            for name in inspector.get_table_names()
        }
        return {
            name: [
                dict(row)
                for row in connection.execute(
                    select(*(c for c in table.columns if c.name in there[name]))
                ).mappings()
            ]
            for name, table in metadata.tables.items()
            if name in there
        }


def shared(rows: Rows, others: Rows) -> Rows:
    """Return rows without the tables and columns that the others do not have."""
    return {
        name: [
            {column: value for column, value in row.items() if column in others[name][0]}
            for row in found
        ]
        for name, found in rows.items()
        if name in others
    }


def insert_one_row_each(connection: Connection) -> None:
    """Insert a row into every table that takes one, with every column filled where it may be."""
    for table in metadata.sorted_tables:
        for row in candidates(table):
            try:
                with connection.begin_nested():
                    connection.execute(table.insert(), row)
                break
            except sa.exc.IntegrityError:
                continue


def candidates(table: Table) -> Iterator[dict[str, Any]]:
    """Yield rows, from one with every column filled to those that leave out what clashes.

    A rule such as "of a study or of a review" allows no row with both.
    """
    full = {column.name: plausible(column) for column in table.columns}
    optional = [column.name for column in table.columns if column.nullable]
    yield full
    for left_out in optional:
        yield {**full, left_out: None}
    yield {**full, **dict.fromkeys(optional)}


def plausible(column: sa.Column[Any]) -> Any:
    """Return a value that suits the column's type; every key is the same, so references hold."""
    if isinstance(column.type, sa.Enum):
        return column.type.enums[-1]
    if isinstance(column.type, sa.Boolean):
        return True
    if "year" in column.name or column.name.startswith("recruitment"):
        return 2001
    if isinstance(column.type, sa.Integer | sa.Float):
        return 1
    return "one"
