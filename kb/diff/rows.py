"""The rows that differ between two stores. Both are read once, in the order of their keys."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Table, select

from kb.base import Base
from kb.curation.comparing import ADDED, CHANGED, REMOVED, Change, Difference
from kb.curation.hashing import OWN_TABLES
from kb.curation.rows import Identity
from kb_schema.tables import metadata

_Row = tuple[Identity, dict[str, Any]]

_AT_ONCE = 1000
"""Rows of each store that are held while they are compared."""


def changed_rows(old: Base, new: Base) -> Difference:
    """Return the rows of evidence that were added, changed or removed between two stores."""
    changes = [
        change
        for table in metadata.sorted_tables
        if table.name not in OWN_TABLES
        for change in _changes(table, old.connection, new.connection)
    ]
    return Difference(changes, _quotes(old, new, changes))


def _changes(table: Table, old: Connection, new: Connection) -> Iterator[Change]:
    for before, after in _paired(_rows(old, table), _rows(new, table)):
        if before is None or after is None:
            identity, kind = (after[0], ADDED) if after else ((before or ((), {}))[0], REMOVED)
            yield Change(table.name, identity, kind)
            continue
        fields = {
            name: (value, after[1][name])
            for name, value in before[1].items()
            if value != after[1][name]
        }
        if fields:
            yield Change(table.name, before[0], CHANGED, fields)


def _paired(old: Iterator[_Row], new: Iterator[_Row]) -> Iterator[tuple[_Row | None, _Row | None]]:
    """Yield rows of the same key together, and one alone where the other side lacks it."""
    before, after = next(old, None), next(new, None)
    while before is not None or after is not None:
        alone = before is None or after is None or before[0] != after[0]
        if alone and (after is None or (before is not None and before[0] < after[0])):
            yield before, None
            before = next(old, None)
        elif alone:
            yield None, after
            after = next(new, None)
        else:
            yield before, after
            before, after = next(old, None), next(new, None)


def _rows(connection: Connection, table: Table) -> Iterator[_Row]:
    order = (_by_code(column, connection) for column in table.primary_key)
    query = select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)
    names = [column.name for column in table.primary_key]
    for row in connection.execute(query).mappings():
        yield tuple(row[name] for name in names), dict(row)


def _by_code(column: ColumnElement[Any], connection: Connection) -> ColumnElement[Any]:
    """Return what to sort a column by in the order in which Python compares its values."""
    sorts_as_people = connection.dialect.name == "postgresql" and not isinstance(
        column.type, Integer
    )
    return column.collate("C") if sorts_as_people else column


def _quotes(old: Base, new: Base, changes: list[Change]) -> dict[str, str]:
    """Return the words of the passages that were added or exchanged for others."""
    keys = {change.key for change in changes if change.table == "passage"}
    for change in changes:
        keys |= {key for key in change.fields.get("passage_key", ()) if key is not None}
    found = {**old.passages(keys), **new.passages(keys)}
    return {key: passage["quote"] for key, passage in found.items()}
