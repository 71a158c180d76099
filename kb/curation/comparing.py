"""How a store and seed files differ."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, select

from kb.curation.rows import Gathered, Identity
from kb.curation.shape import FILE, Shape
from kb.store.lists import among
from kb_schema.tables import metadata

ADDED, CHANGED, REMOVED = "added", "changed", "removed"

_AT_ONCE = 4_000
"""Rows that are asked for at a time, and held."""

_T = TypeVar("_T")
_Rows = dict[Identity, dict[str, Any]]
Keys = Mapping[str, Iterable[str]]
"""Keys of top-level records, by table."""


class Change(NamedTuple):
    """One row that a load adds, changes or removes. `fields` holds old and new values."""

    table: str
    identity: Identity
    kind: str
    fields: Mapping[str, tuple[Any, Any]] = MappingProxyType({})

    @property
    def key(self) -> str:
        """The primary key as one word."""
        return "/".join(map(str, self.identity))


@dataclass
class Difference:
    """What a load would do to a store. `quotes` holds the words of the passages that it names.

    `state` is the word for the state of the data that it is a difference to.
    """

    changes: list[Change] = field(default_factory=list)
    quotes: dict[str, str] = field(default_factory=dict)
    state: str = ""

    def of_kind(self, kind: str) -> list[Change]:
        """Return the changes of one kind: added, changed or removed."""
        return [change for change in self.changes if change.kind == kind]

    def __bool__(self) -> bool:
        return bool(self.changes)


def compare(
    connection: Connection, gathered: Gathered, dropped: Keys, *, nested_stay: bool = False
) -> Difference:
    """Return what must change in the store for it to say what the seed files say.

    A record in the files owns what is nested in it: nested rows that the store has and the files
    lack are removed, and so are the `dropped` records with all that is nested in them. Other
    records that the files do not mention are left alone. With `nested_stay` nothing is removed.
    """
    stored = _Stored(connection, gathered, dropped).rows
    difference = Difference()
    for table in metadata.sorted_tables:
        name = str(table.name)  # not SQLAlchemy's own kind of text, which databases take slowly
        changes = _changes(name, gathered, stored.get(name, {}))
        difference.changes += (c for c in changes if not (nested_stay and c.kind == REMOVED))
    difference.quotes = quotes_of(connection, gathered, difference)
    return difference


def batches(items: Iterable[_T], most: int = _AT_ONCE) -> Iterator[list[_T]]:
    """Yield items in lists of at most so many."""
    listed = list(items)
    for start in range(0, len(listed), most):
        yield listed[start : start + most]


def _changes(table: str, gathered: Gathered, present: _Rows) -> Iterator[Change]:
    wanted = gathered.of(table)
    for identity, row in wanted.items():
        before = present.get(identity)
        if before is None:
            yield Change(table, identity, ADDED)
            continue
        fields = {
            name: (before[name], value)
            for name, value in row.values.items()
            if before[name] != value
        }
        if fields:
            yield Change(table, identity, CHANGED, fields)
    if table != "passage":  # another record may use it; those that none uses are cleared later
        yield from (
            Change(table, identity, REMOVED) for identity in present if identity not in wanted
        )


def quotes_of(connection: Connection, gathered: Gathered, difference: Difference) -> dict[str, str]:
    """Return the words of the passages that are added or exchanged for others."""
    passage = metadata.tables["passage"]
    named = {change.key for change in difference.changes if change.table == "passage"}
    for change in difference.of_kind(CHANGED):
        named |= {key for key in change.fields.get("passage_key", ()) if key is not None}
    stated = gathered.of("passage")
    quotes = {key: stated[key,].values["quote"] for key in named if (key,) in stated}
    for batch in batches(sorted(named - quotes.keys())):
        rows = connection.execute(
            select(passage.c.key, passage.c.quote).where(among(passage.c.key, batch))
        )
        quotes |= {row.key: row.quote for row in rows}
    return quotes


class _Stored:
    """The rows of the store that the seed files state or own, by table and primary key."""

    def __init__(self, connection: Connection, gathered: Gathered, dropped: Keys) -> None:
        self._connection = connection
        self._gathered = gathered
        self.rows: dict[str, _Rows] = {}
        for table, keys in dropped.items():
            self._fetch(metadata.tables[table], "key", keys)
        for shape in FILE.values():
            self._named(shape)
            self._owned(shape)
        self._fetch(metadata.tables["passage"], "key", {key for (key,) in gathered.of("passage")})
        self._further_passages()

    def _named(self, shape: Shape) -> None:
        """Fetch what the files state outright."""
        first = next(iter(shape.table.primary_key)).name
        stated = self._gathered.of(shape.table.name)
        keys = {identity[0] for identity in stated}
        self._fetch(shape.table, first, keys, only=set(stated))

    def _owned(self, shape: Shape) -> None:
        """Fetch what is nested in records that are fetched: the store holds nothing in others."""
        for child in shape.children.values():
            keys = {identity[0] for identity in self.rows.get(shape.table.name, {})}
            of_table = {child.parent_table: shape.table.name} if child.parent_table else {}
            self._fetch(child.table, child.parent, keys, fixed=of_table, nested=True)
            self._owned(child)

    def _further_passages(self) -> None:
        further = metadata.tables["further_passage"]
        for name in self.rows.keys() - {"further_passage"}:
            if "passage_key" in metadata.tables[name].c:
                keys = {"/".join(map(str, identity)) for identity in self.rows[name]}
                self._fetch(further, "record_key", keys, fixed={"record_table": name})

    def _fetch(
        self,
        table: Table,
        column: str,
        keys: Iterable[Any],
        *,
        only: set[Identity] | None = None,
        fixed: Mapping[str, str] | None = None,
        nested: bool = False,
    ) -> None:
        rows = self.rows.setdefault(table.name, {})
        conditions = [table.c[name] == value for name, value in (fixed or {}).items()]
        for batch in batches(sorted(keys)):
            query = select(table).where(among(table.c[column], batch), *conditions)
            for row in self._connection.execute(query).mappings():
                identity = tuple(row[c.name] for c in table.primary_key)
                stated = only is None or identity in only
                if stated and (not nested or _is_within(row, column)):
                    rows[identity] = dict(row)


def _is_within(row: Mapping[Any, Any], parent: str) -> bool:
    """Return whether a row is nested in its parent, and not only refers to it."""
    return "key" not in row or str(row["key"]).startswith(f"{row[parent]}/")
