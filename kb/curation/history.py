"""Who changed what and when: the events of a store, and what each did to a record."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select

from kb.base import Base, DataState, Record
from kb.curation.comparing import ADDED, CHANGED, REMOVED
from kb.curation.hashing import OWN_TABLES
from kb.curation.shape import TOP_LEVEL
from kb.errors import UnknownValue
from kb.flat import Flat
from kb.order import by_key
from kb.store.lists import among
from kb.store.relations import event, record_change
from kb_schema.tables import metadata

_EVENT_COLUMNS = (
    "event",
    "at",
    "by",
    "kind",
    "source",
    "format",
    "added",
    "changed",
    "removed",
    "undone_by",
)
_CHANGE_COLUMNS = ("event", "at", "by", "table", "key", "change", "field", "before", "after")


@dataclass(frozen=True)
class Event:
    """A time at which somebody changed the evidence.

    `counts` holds how many rows were added, changed and removed. It is None where the event filled
    an empty store, which is not recorded row by row. `at` is in UTC, as ISO 8601.
    """

    number: int
    kind: str
    at: str
    by: str
    source: str
    file_format: str | None
    checksum: str | None
    data_hash: str
    undoes: int | None
    undone_by: int | None
    counts: Mapping[str, int] | None

    @property
    def when(self) -> str:
        """The minute in UTC, as a person reads it."""
        return self.at[:16].replace("T", " ")

    def as_dict(self) -> dict[str, Any]:
        """Return the event as plain data."""
        return {
            "event": self.number,
            "kind": self.kind,
            "at": self.at,
            "by": self.by,
            "source": self.source,
            "format": self.file_format,
            "checksum": self.checksum,
            "data_hash": self.data_hash,
            "undoes": self.undoes,
            "undone_by": self.undone_by,
            "counts": None if self.counts is None else dict(self.counts),
        }


@dataclass(frozen=True)
class RecordChange:
    """What an event did to one row. `fields` holds old and new values by column."""

    event: Event
    table: str
    key: str
    kind: str
    fields: Mapping[str, tuple[Any, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {
            "event": self.event.number,
            "at": self.event.at,
            "by": self.event.by,
            "table": self.table,
            "key": self.key,
            "change": self.kind,
            "fields": {name: {"before": b, "after": a} for name, (b, a) in self.fields.items()},
        }


@dataclass(frozen=True)
class History:
    """The events of a store, oldest first; for a record, what they did to it and what is in it.

    `began` tells how the record came, where no event that is recorded row by row added it.
    `quotes` holds the words of the passages that are named.
    """

    key: str | None
    events: list[Event]
    changes: list[RecordChange]
    began: str
    data: DataState
    quotes: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the history as plain data."""
        asked = {"key": self.key, "data": self.data.as_dict()}
        if self.key is None:
            return {**asked, "events": [each.as_dict() for each in self.events]}
        changes = [each.as_dict() for each in self.changes]
        return {**asked, "began": self.began or None, "changes": changes}

    def flat(self) -> Flat:
        """Return headers and rows: of events, or of the fields that were changed."""
        if self.key is None:
            return _EVENT_COLUMNS, [_event_cells(each) for each in self.events]
        return _CHANGE_COLUMNS, [row for change in self.changes for row in _change_cells(change)]


def history(
    base: Base, key: str | None = None, *, table: str | None = None, since: str | None = None
) -> History:
    """Return the events of a store, or what was done to the record of a key and those in it.

    `table` keeps to the rows of one table and `since` to events from a day or a time (ISO 8601, in
    UTC where no zone is said). Raises `UnknownValue` for a key, a table or a time that means
    nothing.
    """
    name = None if table is None else _known_table(table)
    every = _events(base)
    wanted = every if since is None else _from(_moment(since), every)
    if key is None:
        wanted = wanted if name is None else _touching(base, name, wanted)
        return History(None, wanted, [], "", base.data)
    changes = _changes(base, key, every)
    there = _tables_with(base, key)
    if not there and not changes:
        raise _unknown(base, key)
    began = _began(key, there, changes, every)
    changes = [c for c in changes if c.event in wanted and name in {None, c.table}]
    concerned = [each for each in wanted if any(c.event is each for c in changes)]
    return History(key, concerned, changes, began, base.data, _quotes(base, changes))


def _known_table(name: str) -> str:
    written = name.strip().lower().replace(" ", "_").replace("-", "_")
    known = sorted(set(metadata.tables) - OWN_TABLES)
    if written not in known:
        near = difflib.get_close_matches(written, known, n=3)
        remedy = f"Nearest: {', '.join(near)}." if near else "`kb info` lists the tables."
        raise UnknownValue(f"There is no table '{name}'.", remedy)
    return written


def _moment(written: str) -> str:
    """Return a day or a time as events note theirs, without the zone, which is UTC."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        remedy = "Write a day such as 2026-01-31."
        raise UnknownValue(f"'{written}' is not a day or a time.", remedy) from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _from(moment: str, events: list[Event]) -> list[Event]:
    return [each for each in events if each.at >= moment]


def _touching(base: Base, table: str, events: list[Event]) -> list[Event]:
    query = select(record_change.event_id).where(record_change.record_table == table).distinct()
    numbers = set(base.connection.scalars(query))
    return [each for each in events if each.number in numbers]


def _events(base: Base) -> list[Event]:
    rows = base.all(select(literal_column("*")).select_from(event.table).order_by(event.id))
    undone = {row["undoes"]: row["id"] for row in rows}
    counts = _counts(base)
    return [
        Event(
            number=row["id"],
            kind=row["kind"],
            at=row["made_at"],
            by=row["made_by"],
            source=row["source"],
            file_format=row["file_format"],
            checksum=row["checksum"],
            data_hash=row["data_hash"],
            undoes=row["undoes"],
            undone_by=undone.get(row["id"]),
            counts=counts.get(row["id"]),
        )
        for row in rows
    ]


def _counts(base: Base) -> Mapping[int, Mapping[str, int]]:
    evidence = case((record_change.record_table.in_(OWN_TABLES), 0), else_=1)
    query = select(
        record_change.event_id, record_change.kind, func.sum(evidence).label("rows")
    ).group_by(record_change.event_id, record_change.kind)
    found: dict[int, dict[str, int]] = {}
    for row in base.connection.execute(query):
        none = dict.fromkeys((ADDED, CHANGED, REMOVED), 0)
        found.setdefault(row.event_id, none)[row.kind] = int(row.rows)
    return found


def _changes(base: Base, key: str, events: list[Event]) -> list[RecordChange]:
    by_number = {each.number: each for each in events}
    columns = ("event_id", "record_table", "record_key", "kind", "before", "after")
    query = select(*map(record_change.named, columns)).where(
        _belongs(key), record_change.record_table.not_in(OWN_TABLES)
    )
    rows = sorted(base.all(query), key=_in_order)
    return [
        RecordChange(
            by_number[row["event_id"]],
            row["record_table"],
            row["record_key"],
            row["kind"],
            _fields(row),
        )
        for row in rows
    ]


def _belongs(key: str) -> ColumnElement[bool]:
    """Return the condition that a changed row is the record of a key or belongs to it."""
    table, changed = record_change.record_table, record_change.record_key
    return or_(
        changed == key,
        changed.startswith(f"{key}/", autoescape=True),
        and_(table == "synonym", changed.endswith(f"/{key}", autoescape=True)),
        and_(table == "further_passage", changed.contains(f"/{key}/", autoescape=True)),
    )


def _in_order(row: Record) -> tuple[Any, ...]:
    place = list(metadata.tables).index(row["record_table"])
    return row["event_id"], place, by_key(row["record_key"])


def _fields(row: Record) -> Mapping[str, tuple[Any, Any]]:
    """Return old and new values by column; of what was removed, all that it said but its key."""
    before, after = (json.loads(row[side] or "{}") for side in ("before", "after"))
    if row["kind"] == REMOVED:
        keys = metadata.tables[row["record_table"]].primary_key.columns.keys()
        said = {name: v for name, v in before.items() if v is not None and name not in keys}
        return {name: (value, None) for name, value in said.items()}
    return {name: (value, after.get(name)) for name, value in before.items()}


def _quotes(base: Base, changes: list[RecordChange]) -> Mapping[str, str]:
    """Return the words of the passages that are named, of those that are gone too."""
    named = {change.key for change in changes if change.table == "passage"}
    named |= {key for change in changes for key in change.fields.get("passage_key", ()) if key}
    gone = select(record_change.record_key, record_change.before).where(
        record_change.record_table == "passage",
        record_change.kind == REMOVED,
        among(record_change.record_key, named),
    )
    before = {row["record_key"]: json.loads(row["before"])["quote"] for row in base.all(gone)}
    there = {key: found["quote"] for key, found in base.passages(named).items()}
    return {**before, **there}


def _tables_with(base: Base, key: str) -> list[str]:
    """Return the tables that have a record of exactly this key now."""
    return [
        table.name
        for table in metadata.sorted_tables
        if [column.name for column in table.primary_key] == ["key"]
        and base.keys(select(table.c.key).where(table.c.key == key))
    ]


def _began(key: str, there: list[str], changes: list[RecordChange], events: list[Event]) -> str:
    """Say how a record came that no event recorded row by row has added."""
    firsts: dict[str, RecordChange] = {}
    for change in changes:
        if change.key == key:
            firsts.setdefault(change.table, change)
    before = [name for name in there if name not in firsts]
    if not before and all(change.kind == ADDED for change in firsts.values()):
        return ""
    filling = next((each for each in events if each.counts is None), None)
    if filling is None:
        return "It was there before this store kept a history."
    return f"It came with {filling.source} (event {filling.number}, {filling.when} UTC)."


def _unknown(base: Base, key: str) -> UnknownValue:
    tables = [metadata.tables[name] for name in TOP_LEVEL]
    known = {found for table in tables for found in base.keys(select(table.c.key))}
    near = difflib.get_close_matches(key, sorted(known), n=4, cutoff=0.4)
    remedy = f"Nearest: {', '.join(near)}." if near else "kb search finds records by their words."
    return UnknownValue(f"No record has or had the key '{key}'.", remedy)


def _event_cells(each: Event) -> list[Any]:
    counts = each.counts or {}
    numbers = [counts.get(kind) for kind in (ADDED, CHANGED, REMOVED)]
    about = [each.number, each.at, each.by, each.kind, each.source, each.file_format]
    return [*about, *numbers, each.undone_by]


def _change_cells(change: RecordChange) -> list[list[Any]]:
    about = [change.event.number, change.event.at, change.event.by]
    about += [change.table, change.key, change.kind]
    fields = change.fields.items()
    return [[*about, name, old, new] for name, (old, new) in fields] or [[*about, *[None] * 3]]
