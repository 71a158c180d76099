"""Bring the store in line with seed files: the difference first, then all of it or nothing."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Table,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from kb.curation.bookkeeping import no_longer_shipped, record_load
from kb.curation.checking import (
    NAMED_ELSEWHERE,
    Known,
    note_problems,
    own_references,
    unique_columns,
)
from kb.curation.comparing import ADDED, CHANGED, REMOVED, Change, Difference, batches, compare
from kb.curation.gathering import gather
from kb.curation.reading import Problem
from kb.curation.rows import Gathered, Identity
from kb.curation.wording import counted
from kb.errors import KbError, StoreError
from kb.store.engine import name_of, reading, writing
from kb.store.migrate import require_current
from kb_schema.tables import metadata

_NOTHING_LOADED = "Nothing was loaded."


class SeedProblems(KbError):
    """Seed files that cannot be loaded; carries everything that is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        count = counted(len(problems), "problem")
        super().__init__(f"The seed files have {count}.", _NOTHING_LOADED)


class StillUsed(KbError):
    """Records that the evidence shipped has no more and a person's own records refer to."""


def load(engine: Engine, path: Path, *, dry_run: bool = False) -> Difference:
    """Bring the store in line with the seed files at `path`, in one transaction.

    Returns the difference that was applied, or would be in a dry run. Raises `SeedProblems` where
    the files are not fit to load, and `StoreError` where the store cannot take them; the store is
    then as it was.
    """
    gathered = gather(path)
    with (reading if dry_run else writing)(engine) as connection:
        require_current(connection)
        dropped = no_longer_shipped(connection, gathered, path)
        note_problems(gathered, _known(connection, dropped))
        if gathered.problems:
            raise SeedProblems(gathered.problems)
        difference = compare(connection, gathered, dropped)
        _refuse_if_used(connection, gathered, difference)
        if difference and not dry_run:
            _apply(connection, gathered, difference)
            record_load(connection, gathered, path)
    return difference


def _known(connection: Connection, dropped: Mapping[str, Iterable[str]]) -> Known:
    known: dict[str, dict[Identity, Mapping[str, Any]]] = {}
    for name in NAMED_ELSEWHERE:
        table = metadata.tables[name]
        going = {(key,) for key in dropped.get(name, ())}
        known[name] = {
            identity: dict(row)
            for row in connection.execute(select(table)).mappings()
            if (identity := tuple(row[c.name] for c in table.primary_key)) not in going
        }
    return known


def _refuse_if_used(connection: Connection, gathered: Gathered, difference: Difference) -> None:
    """Raise `StillUsed` where a row that stays refers to one that is removed."""
    going: dict[str, set[Identity]] = {}
    for change in difference.of_kind(REMOVED):
        going.setdefault(change.table, set()).add(change.identity)
    passages = _references(connection, metadata.tables["passage"], {"report": going.get("report")})
    going["passage"] = {identity for identity, _, _ in passages}
    users = [
        f"{table.name.replace('_', ' ')} '{'/'.join(map(str, identity))}' uses {what}"
        for table in metadata.sorted_tables
        if table.name != "passage"
        for identity, _, what in _references(connection, table, going)
        if identity not in going.get(table.name, ()) and identity not in gathered.of(table.name)
    ]
    if users:
        more = f" ({len(users)} rows do so)" if len(users) > 1 else ""
        raise StillUsed(
            f"What the evidence no longer has is still used: {users[0]}{more}.",
            f"Change your own records first and load them. {_NOTHING_LOADED}",
        )


def _references(
    connection: Connection, table: Table, going: Mapping[str, set[Identity] | None]
) -> Iterator[tuple[Identity, str, str]]:
    """Yield the rows of a table that refer to rows that go, with the column and what they name."""
    for column in table.columns:
        for key in column.foreign_keys:
            name = key.column.table.name
            for batch in batches(sorted(identity[0] for identity in going.get(name) or ())):
                query = select(*table.primary_key, column.label("named")).where(column.in_(batch))
                for *identity, named in connection.execute(query):
                    yield tuple(identity), column.name, f"{name.replace('_', ' ')} '{named}'"


def _apply(connection: Connection, gathered: Gathered, difference: Difference) -> None:
    """Make the changes, in an order that never breaks a reference."""
    added = _by_table(difference.of_kind(ADDED))
    changed = _by_table(difference.of_kind(CHANGED))
    removed = _by_table(difference.of_kind(REMOVED))
    try:
        _vacate(connection, changed, removed)
        for table in metadata.sorted_tables:
            rows = [gathered.of(table.name)[c.identity].values for c in added.get(table.name, [])]
            for batch in batches(_parents_first(table, rows)):
                connection.execute(insert(table), batch)
        for name, changes in changed.items():
            for change in changes:
                values = {column: new for column, (_, new) in change.fields.items()}
                _set(connection, metadata.tables[name], change.identity, values)
        for table in reversed(metadata.sorted_tables):
            for change in removed.get(table.name, []):
                connection.execute(delete(table).where(_is(table, change.identity)))
            if table.name == "passage":
                _remove_orphaned_passages(connection)
    except IntegrityError as error:
        raise StoreError(
            f"The store {name_of(connection.engine)} refuses a row: {error.orig}.",
            f"{_NOTHING_LOADED} Please report this; `kb check` should have told of it.",
        ) from error


def _by_table(changes: Iterable[Change]) -> dict[str, list[Change]]:
    tables: dict[str, list[Change]] = {}
    for change in changes:
        tables.setdefault(change.table, []).append(change)
    return tables


def _is(table: Table, identity: Identity) -> Any:
    return and_(*(c == value for c, value in zip(table.primary_key, identity, strict=True)))


def _set(
    connection: Connection, table: Table, identity: Identity, values: Mapping[str, Any]
) -> None:
    connection.execute(update(table).where(_is(table, identity)).values(**values))


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


def _parents_first(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order rows so that one that refers to another of the same table comes after it."""
    own = own_references(table)
    if not own:
        return rows
    by_key = {row["key"]: row for row in rows}
    parents = {key: [row[c] for c in own if row[c] in by_key] for key, row in by_key.items()}
    return [by_key[key] for key in TopologicalSorter(parents).static_order()]


def _remove_orphaned_passages(connection: Connection) -> None:
    passage = metadata.tables["passage"]
    used = [
        exists().where(table.c.passage_key == passage.c.key)
        for table in metadata.tables.values()
        if "passage_key" in table.c
    ]
    connection.execute(delete(passage).where(~or_(*used)))
