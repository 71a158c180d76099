"""Bring the store in line with seed files: the difference first, then all of it or nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from kb.curation.bookkeeping import record_load
from kb.curation.checking import KnownKeys, check_files
from kb.curation.gathering import Gathered
from kb.curation.reading import Problem
from kb.curation.shape import FILE, Shape
from kb.errors import KbError
from kb.store.engine import writing
from kb_schema.tables import metadata

_BATCH = 400
"""Keys in one query; SQLite allows 999 parameters in its oldest supported versions."""

Identity = tuple[Any, ...]
_T = TypeVar("_T")
_Rows = dict[Identity, dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """One row that a load adds, changes or removes. `fields` holds old and new values."""

    table: str
    identity: Identity
    kind: str
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The primary key as one word."""
        return "/".join(map(str, self.identity))


@dataclass
class Difference:
    """What a load would do to a store."""

    changes: list[Change] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Change]:
        """Return the changes of one kind: added, changed or removed."""
        return [change for change in self.changes if change.kind == kind]

    def __bool__(self) -> bool:
        return bool(self.changes)


class SeedProblems(KbError):
    """Seed files that cannot be loaded; carries everything that is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__(f"The seed files have {count}.", "Nothing was loaded.")


def load(engine: Engine, path: Path, *, dry_run: bool = False) -> Difference:
    """Bring the store in line with the seed files at `path`, in one transaction.

    Returns the difference that was applied, or would be in a dry run. Raises `SeedProblems` where
    the files are not fit to load; the store is then as it was.
    """
    with writing(engine) as connection:
        gathered = check_files(path, _known_keys(connection))
        if gathered.problems:
            raise SeedProblems(gathered.problems)
        difference = compare(connection, gathered)
        if difference and not dry_run:
            apply(connection, gathered, difference)
            record_load(connection, path)
    return difference


def _known_keys(connection: Connection) -> KnownKeys:
    return {
        table.name: set(connection.scalars(select(table.c.key)))
        for table in metadata.tables.values()
        if [column.name for column in table.primary_key] == ["key"]
    }


def compare(connection: Connection, gathered: Gathered) -> Difference:
    """Return what must change in the store for it to say what the seed files say.

    A record in the files owns what is nested in it: nested rows that the store has and the files
    lack are removed. Records that the files do not mention are left alone.
    """
    stored = _Stored(connection, gathered).rows
    difference = Difference()
    for table in metadata.sorted_tables:
        wanted = gathered.rows.get(table.name, {})
        present = stored.get(table.name, {})
        for identity, row in wanted.items():
            if identity not in present:
                difference.changes.append(Change(table.name, identity, "added"))
                continue
            fields = {
                name: (present[identity][name], value)
                for name, value in row.values.items()
                if present[identity][name] != value
            }
            if fields:
                difference.changes.append(Change(table.name, identity, "changed", fields))
        difference.changes += [
            Change(table.name, identity, "removed")
            for identity in present
            if identity not in wanted and table.name != "passage"
        ]
    return difference


def apply(connection: Connection, gathered: Gathered, difference: Difference) -> None:
    """Make the changes, in an order that never breaks a reference."""
    added = _by_table(difference.of_kind("added"))
    changed = _by_table(difference.of_kind("changed"))
    removed = _by_table(difference.of_kind("removed"))
    for table in metadata.sorted_tables:
        rows = [
            gathered.rows[table.name][change.identity].values
            for change in added.get(table.name, [])
        ]
        for batch in _batches(_parents_first(table, rows)):
            connection.execute(insert(table), batch)
    for name, changes in changed.items():
        table = metadata.tables[name]
        for change in changes:
            values = {column: new for column, (_, new) in change.fields.items()}
            connection.execute(update(table).where(_is(table, change.identity)).values(values))
    for table in reversed(metadata.sorted_tables):
        for change in reversed(removed.get(table.name, [])):
            connection.execute(delete(table).where(_is(table, change.identity)))
    if changed or removed:
        _remove_orphaned_passages(connection)


def _by_table(changes: Iterable[Change]) -> dict[str, list[Change]]:
    tables: dict[str, list[Change]] = {}
    for change in changes:
        tables.setdefault(change.table, []).append(change)
    return tables


def _batches(items: Iterable[_T], size: int = _BATCH) -> Iterator[list[_T]]:
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def _is(table: Table, identity: Identity) -> Any:
    return and_(*(c == value for c, value in zip(table.primary_key, identity, strict=True)))


def _parents_first(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order rows so that one that refers to another of the same table comes after it."""
    own = [c.name for c in table.columns if any(k.column.table is table for k in c.foreign_keys)]
    if not own:
        return rows
    by_key = {row["key"]: row for row in rows}
    ordered: dict[str, dict[str, Any]] = {}

    def place(row: dict[str, Any], path: frozenset[str]) -> None:
        if row["key"] in ordered or row["key"] in path:
            return
        for column in own:
            parent = by_key.get(row[column])
            if parent is not None:
                place(parent, path | {row["key"]})
        ordered[row["key"]] = row

    for row in rows:
        place(row, frozenset())
    return list(ordered.values())


def _remove_orphaned_passages(connection: Connection) -> None:
    passage = metadata.tables["passage"]
    used = [
        exists().where(table.c.passage_key == passage.c.key)
        for table in metadata.tables.values()
        if "passage_key" in table.c
    ]
    connection.execute(delete(passage).where(~or_(*used)))


class _Stored:
    """The rows of the store that the seed files state or own, by table and primary key."""

    def __init__(self, connection: Connection, gathered: Gathered) -> None:
        self._connection = connection
        self._gathered = gathered
        self.rows: dict[str, _Rows] = {}
        for shape in FILE.values():
            self._named(shape)
            self._owned(shape)
        self._fetch_by(metadata.tables["passage"], "key", gathered.keys("passage"))
        self._further_passages()

    def _keys(self, table: str) -> set[Any]:
        """Return the keys of the records of a table, in the files and in the store."""
        identities = [*self._gathered.rows.get(table, {}), *self.rows.get(table, {})]
        return {identity[0] for identity in identities}

    def _named(self, shape: Shape) -> None:
        first = next(iter(shape.table.primary_key)).name
        wanted = {identity[0] for identity in self._gathered.rows.get(shape.table.name, {})}
        identities = set(self._gathered.rows.get(shape.table.name, {}))
        self._fetch_by(shape.table, first, wanted, only=identities)

    def _owned(self, shape: Shape) -> None:
        for child in shape.children.values():
            keys = self._keys(shape.table.name)
            of_table = {child.parent_table: shape.table.name} if child.parent_table else {}
            self._fetch_by(child.table, child.parent, keys, fixed=of_table)
            self._owned(child)

    def _further_passages(self) -> None:
        further = metadata.tables["further_passage"]
        for name in set(self._gathered.rows) | set(self.rows):
            identities = {*self._gathered.rows.get(name, {}), *self.rows.get(name, {})}
            keys = {"/".join(map(str, identity)) for identity in identities}
            if "passage_key" in metadata.tables[name].c and name != "further_passage":
                self._fetch_by(further, "record_key", keys, fixed={"record_table": name})

    def _fetch_by(
        self,
        table: Table,
        column: str,
        keys: Iterable[Any],
        *,
        only: set[Identity] | None = None,
        fixed: Mapping[str, str] | None = None,
    ) -> None:
        rows = self.rows.setdefault(table.name, {})
        for row in self._select(table, column, keys, fixed or {}):
            identity = tuple(row[c.name] for c in table.primary_key)
            if only is None or identity in only:
                rows[identity] = row

    def _select(
        self, table: Table, column: str, keys: Iterable[Any], fixed: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        conditions = [table.c[name] == value for name, value in fixed.items()]
        for batch in _batches(sorted(keys)):
            query = select(table).where(table.c[column].in_(batch), *conditions)
            yield from (dict(row) for row in self._connection.execute(query).mappings())
