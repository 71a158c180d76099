"""Changes made in the store, in an order that never breaks a reference."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Table,
    and_,
    delete,
    exists,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from kb.curation.checking import own_references, unique_columns
from kb.curation.comparing import ADDED, CHANGED, REMOVED, Change, Difference, batches
from kb.curation.rows import Gathered, Identity
from kb.errors import StoreError
from kb.store.engine import name_of
from kb.store.inserting import insert_rows
from kb.store.lists import among
from kb_schema.tables import metadata

Row = Mapping[str, Any]

_PARAMETERS = 900
"""In one statement; SQLite allows 999 in its oldest supported versions."""


class Written(NamedTuple):
    """A row of the store before and after it was written; None where there was or is none."""

    table: str
    identity: Identity
    before: Row | None
    after: Row | None

    @property
    def key(self) -> str:
        """The primary key as one word."""
        return (
            str(self.identity[0]) if len(self.identity) == 1 else "/".join(map(str, self.identity))
        )


def make_changes(
    connection: Connection, gathered: Gathered, difference: Difference
) -> list[Written]:
    """Make the changes of a difference; return every row that was written, once.

    Passages that no row uses any more go too. A passage that is to be removed stays where another
    row still uses it. Raises `StoreError` where the database refuses a row.
    """
    added = _by_table(difference.of_kind(ADDED))
    changed = _by_table(difference.of_kind(CHANGED))
    removed = _by_table(difference.of_kind(REMOVED))
    doubtful = {change.identity for change in removed.pop("passage", [])}
    written = [
        *_with_new_values(connection, changed),
        *_as_stored(connection, removed),
        *(
            Written(table, change.identity, None, gathered.of(table)[change.identity].values)
            for table, changes in added.items()
            for change in changes
        ),
    ]
    doubtful |= _let_go(connection, written)
    try:
        _vacate(connection, changed, removed)
        _add(connection, gathered, added)
        for name, changes in changed.items():
            for change in changes:
                values = {column: new for column, (_, new) in change.fields.items()}
                _set(connection, metadata.tables[name], change.identity, values)
        return written + _remove(connection, removed, doubtful)
    except IntegrityError as error:
        raise StoreError(
            f"The store {name_of(connection.engine)} refuses a row: {error.orig}.",
            "Nothing was written. Please report this; `kb check` should have told of it.",
        ) from error


def stored_rows(
    connection: Connection, table: Table, identities: Iterable[Identity]
) -> Iterator[tuple[Identity, Row]]:
    """Yield the rows of these primary keys, with the keys. What is not there is left out."""
    columns = list(table.primary_key)
    for batch in identities_at_once(identities, len(columns)):
        for row in connection.execute(select(table).where(is_one_of(columns, batch))).mappings():
            yield tuple(row[column.name] for column in columns), dict(row)


def identities_at_once(identities: Iterable[Identity], width: int) -> Iterator[list[Identity]]:
    """Yield primary keys of so many columns in lists that are short enough for one statement."""
    return batches(identities) if width == 1 else batches(identities, _PARAMETERS // width)


def is_one_of(columns: list[Any], identities: list[Identity]) -> ColumnElement[bool]:
    """Return the condition that a row has one of these primary keys."""
    if len(columns) == 1:
        return among(columns[0], [value for (value,) in identities])
    return tuple_(*columns).in_(identities)


def _by_table(changes: Iterable[Change]) -> dict[str, list[Change]]:
    tables: dict[str, list[Change]] = {}
    for change in changes:
        tables.setdefault(change.table, []).append(change)
    return tables


def _with_new_values(
    connection: Connection, changed: Mapping[str, list[Change]]
) -> Iterator[Written]:
    for name, changes in changed.items():
        new = {c.identity: {k: value for k, (_, value) in c.fields.items()} for c in changes}
        for identity, row in stored_rows(connection, metadata.tables[name], new):
            yield Written(name, identity, row, {**row, **new[identity]})


def _as_stored(connection: Connection, removed: Mapping[str, list[Change]]) -> Iterator[Written]:
    for name, changes in removed.items():
        identities = [change.identity for change in changes]
        for identity, row in stored_rows(connection, metadata.tables[name], identities):
            yield Written(name, identity, row, None)


def _let_go(connection: Connection, written: Iterable[Written]) -> set[Identity]:
    """Return the passages that rows will no longer use, and those of reports that go."""
    passages: set[Identity] = set()
    reports: list[str] = []
    for row in written:
        before = (row.before or {}).get("passage_key")
        if before is not None and before != (row.after or {}).get("passage_key"):
            passages.add((before,))
        if row.table == "report" and row.after is None:
            reports.append(row.key)
    passage = metadata.tables["passage"]
    for batch in batches(reports):
        query = select(passage.c.key).where(among(passage.c.report_key, batch))
        passages.update((key,) for key in connection.scalars(query))
    return passages


def _vacate(
    connection: Connection,
    changed: Mapping[str, list[Change]],
    removed: Mapping[str, list[Change]],
) -> None:
    """Give up, before anything takes them, the values that no two rows may share.

    Two reports may swap their DOIs, or a report may get another key and keep its DOI. Rows that go
    also let go of each other.
    """
    for name in {**changed, **removed}:
        table = metadata.tables[name]
        unique, own = set(unique_columns(table)), set(own_references(table))
        for number, change in enumerate(changed.get(name, [])):
            values = {c: _free(table, c, number) for c in unique & change.fields.keys()}
            if values:
                _set(connection, table, change.identity, values)
        for number, change in enumerate(removed.get(name, []), len(changed.get(name, []))):
            values = {c: _free(table, c, number) for c in unique} | dict.fromkeys(own)
            if values:
                _set(connection, table, change.identity, values)


def _free(table: Table, column: str, number: int) -> Any:
    """Return a value of a column that no other row has."""
    if table.c[column].nullable:
        return None
    return -1 - number if isinstance(table.c[column].type, Integer) else f"?{number}"


def _set(connection: Connection, table: Table, identity: Identity, values: Row) -> None:
    here = and_(*(c == value for c, value in zip(table.primary_key, identity, strict=True)))
    connection.execute(update(table).where(here).values(**values))


def _add(connection: Connection, gathered: Gathered, added: Mapping[str, list[Change]]) -> None:
    for table in metadata.sorted_tables:
        rows = [gathered.of(table.name)[c.identity].values for c in added.get(table.name, [])]
        insert_rows(connection, table, _parents_first(table, rows))


def _parents_first(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order rows so that one that refers to another of the same table comes after it."""
    own = own_references(table)
    if not own:
        return rows
    by_key = {row["key"]: row for row in rows}
    parents = {key: [row[c] for c in own if row[c] in by_key] for key, row in by_key.items()}
    return [by_key[key] for key in TopologicalSorter(parents).static_order()]


def _remove(
    connection: Connection, removed: Mapping[str, list[Change]], doubtful: set[Identity]
) -> list[Written]:
    """Remove rows, those that refer to others first; return the passages that went as well."""
    orphaned: list[Written] = []
    for table in reversed(metadata.sorted_tables):
        identities = [change.identity for change in removed.get(table.name, [])]
        if table.name == "passage":
            orphaned = list(_orphaned(connection, doubtful))
            identities = [row.identity for row in orphaned]
        for batch in identities_at_once(identities, len(table.primary_key)):
            connection.execute(delete(table).where(is_one_of(list(table.primary_key), batch)))
    return orphaned


def _orphaned(connection: Connection, doubtful: set[Identity]) -> Iterator[Written]:
    """Yield those of these passages that no row uses."""
    passage = metadata.tables["passage"]
    used = [
        exists().where(table.c.passage_key == passage.c.key)
        for table in metadata.tables.values()
        if "passage_key" in table.c
    ]
    for batch in batches(sorted(key for (key,) in doubtful)):
        query = select(passage).where(among(passage.c.key, batch), ~or_(*used))
        for row in connection.execute(query).mappings():
            yield Written("passage", (row["key"],), dict(row), None)
