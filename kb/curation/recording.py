"""The record of who changed what and when: an event, and what it did to each row."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from getpass import getuser
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from kb.curation.applying import Row, Written
from kb.curation.bookkeeping import Facts, Keys, now
from kb.curation.comparing import ADDED, CHANGED, REMOVED, batches
from kb.store.inserting import insert_rows
from kb.store.lists import among
from kb_schema.codes import EventKind
from kb_schema.tables import metadata

FACTS = "store_fact"
"""The table under which changes of what the store knows of its data are recorded."""

CURATOR = "KB_CURATOR"
"""The variable that names who works on the evidence."""


@dataclass(frozen=True)
class Origin:
    """Where changes come from: a load, an import or an undo, of which file or folder."""

    kind: EventKind
    source: str
    file_format: str | None = None
    checksum: str | None = None
    undoes: int | None = None


@dataclass(frozen=True)
class Logged:
    """What one event did to one row; a kind of change and the values before and after it."""

    table: str
    key: str
    kind: str
    before: Row | None = None
    after: Row | None = None


def begin_event(connection: Connection, origin: Origin) -> int:
    """Note that somebody changes the evidence; return the number of the event."""
    event = metadata.tables["event"]
    values = {
        "kind": origin.kind,
        "made_at": now(),
        "made_by": who(connection),
        "source": origin.source,
        "file_format": origin.file_format,
        "checksum": origin.checksum,
        "data_hash": "",
        "undoes": origin.undoes,
    }
    number: int = connection.execute(insert(event).returning(event.c.id), values).scalar_one()
    return number


def has_changes(connection: Connection, event: int) -> bool:
    """Return whether anything is recorded of an event; what cancels out is not."""
    change = metadata.tables["record_change"]
    query = select(change.c.event_id).where(change.c.event_id == event).limit(1)
    return connection.scalar(query) is not None


def forget(connection: Connection, event: int) -> None:
    """Remove an event of which nothing is recorded."""
    table = metadata.tables["event"]
    connection.execute(delete(table).where(table.c.id == event))


def who(connection: Connection) -> str:
    """Return who works on the store: as they call themselves, and on a server the user there."""
    name = os.environ.get(CURATOR, "").strip() or _login()
    if connection.dialect.name == "sqlite":
        return name
    user = str(connection.scalar(select(func.current_user())))
    return name if user == name else f"{name} ({user})"


def log_rows(
    connection: Connection, event: int, written: Sequence[Written], *, removing: bool = True
) -> None:
    """Note what an event did to rows; `removing` tells whether it may have removed any before.

    Of a row that is added it did something before only where it removed it.
    """
    if not removing:
        added = [row for row in written if row.before is None]
        rows = [
            _as_row(event, row.table, row.key, ADDED, None, _key_columns(row.table, row.after))
            for row in added
            if row.after is not None
        ]
        insert_rows(connection, metadata.tables["record_change"], rows)
        written = [row for row in written if row.before is not None]
    log(connection, event, map(_logged, written))


def log(connection: Connection, event: int, changes: Iterable[Logged]) -> None:
    """Note changes of an event; with what it did before to the same rows they become one."""
    table = metadata.tables["record_change"]
    for name, of_table in groupby(changes, lambda change: change.table):
        for batch in batches(of_table):
            before = _taken_out(connection, event, name, [change.key for change in batch])
            both = (_together(before.get(change.key), change) for change in batch)
            rows = [_change_as_row(event, change) for change in both if change is not None]
            insert_rows(connection, table, rows)


def _taken_out(connection: Connection, event: int, name: str, keys: list[str]) -> dict[str, Logged]:
    """Return by key what is noted of these rows, and take it out."""
    table = metadata.tables["record_change"]
    here = (
        table.c.event_id == event,
        table.c.record_table == name,
        among(table.c.record_key, keys),
    )
    found = {change.key: change for change in map(as_logged, _rows(connection, here))}
    if found:
        connection.execute(delete(table).where(*here))
    return found


def moved_facts(before: Facts, after: Facts) -> Iterator[Logged]:
    """Yield what changed of what a store knows of its data, so that an undo can put it back."""
    for name in ("version", "shipped_hash"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Logged(FACTS, name, CHANGED, {"value": old}, {"value": new})
    lost, gained = _lacking(after.shipped, before.shipped), _lacking(before.shipped, after.shipped)
    if lost or gained:
        yield Logged(FACTS, "shipped", CHANGED, lost, gained)


def as_logged(row: Row) -> Logged:
    """Return a row of the record of changes with its values read."""
    values = (None if row[side] is None else json.loads(row[side]) for side in ("before", "after"))
    return Logged(row["record_table"], row["record_key"], str(row["kind"]), *values)


def _lacking(one: Keys, other: Keys) -> Keys:
    """Return the keys that the other has and the one lacks."""
    found = {table: sorted(set(keys) - set(one.get(table, []))) for table, keys in other.items()}
    return {table: keys for table, keys in found.items() if keys}


def _login() -> str:
    try:
        return getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return f"user {os.getuid()}"


def _rows(connection: Connection, here: Iterable[ColumnElement[bool]]) -> Iterable[Row]:
    query = select(metadata.tables["record_change"]).where(*here)
    return [dict(row) for row in connection.execute(query).mappings()]


def _logged(row: Written) -> Logged:
    if row.before is None:
        return Logged(row.table, row.key, ADDED, None, row.after)
    if row.after is None:
        return Logged(row.table, row.key, REMOVED, row.before, None)
    return _changed(row.table, row.key, row.before, row.after)


def _changed(table: str, key: str, before: Row, after: Row) -> Logged:
    """Return a change with the columns alone that differ, and those of the key."""
    columns = [name for name, value in before.items() if value != after.get(name)]
    kept = {**(_key_columns(table, after) or {}), **{name: after.get(name) for name in columns}}
    return Logged(table, key, CHANGED, {name: before[name] for name in columns}, kept)


def _together(first: Logged | None, then: Logged) -> Logged | None:
    """Return two changes of a row as one; None where the row is again as it was."""
    if first is None:
        return then
    if first.kind == ADDED:
        return None if then.kind == REMOVED else first
    was = {**(then.before or {}), **(first.before or {})}
    if then.kind == REMOVED:
        return Logged(then.table, then.key, REMOVED, was, None)
    together = _changed(then.table, then.key, was, {**(first.after or {}), **(then.after or {})})
    return together if together.before else None


def _change_as_row(event: int, change: Logged) -> dict[str, Any]:
    after = change.after
    if change.kind == ADDED and after is not None:
        after = _key_columns(change.table, after)
    return _as_row(event, change.table, change.key, change.kind, change.before, after)


def _as_row(
    event: int, table: str, key: str, kind: str, before: Row | None, after: Row | None
) -> dict[str, Any]:
    return {
        "event_id": event,
        "record_table": table,
        "record_key": key,
        "kind": kind,
        "before": _as_json(before),
        "after": _as_json(after),
    }


def _key_columns(table: str, row: Row) -> Row | None:
    """Return the key of a row where it has several columns, which one word cannot tell apart."""
    names = _key_of_several(table)
    return {name: row[name] for name in names} if names else None


@cache
def _key_of_several(table: str) -> tuple[str, ...]:
    keys = tuple(metadata.tables[table].primary_key.columns.keys())
    return keys if len(keys) > 1 else ()


def _as_json(values: Row | None) -> str | None:
    return None if values is None else json.dumps(dict(values), ensure_ascii=False)
