"""Take back what a load or an import did to the evidence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, and_, select

from kb.curation.applying import Row, stored_rows
from kb.curation.changing import Origin, changing, state_token
from kb.curation.checking import unique_columns
from kb.curation.comparing import ADDED, CHANGED, REMOVED, Change, Difference, quotes_of
from kb.curation.dependents import named, named_by, uses
from kb.curation.recording import FACTS, Logged, as_logged
from kb.curation.rows import Gathered, Identity, SeedRow
from kb.errors import KbError, UnknownValue
from kb.store.engine import reading
from kb.store.migrate import require_current
from kb_schema.codes import EventKind
from kb_schema.tables import metadata

_NAMED = 3
"""Records that stand in the way of an undo and are named, before the rest is counted."""


class CannotUndo(KbError):
    """An event that cannot be taken back, with what stands in the way."""


def undo(
    engine: Engine, number: int, *, apply: bool = False, seen: str | None = None
) -> Difference:
    """Return what taking back an event changes; with `apply`, do so in one transaction.

    What the event added goes, and what it changed or removed is as before. `seen` is the state of
    the data that an earlier preview told. Raises `UnknownValue` where there is no such event, and
    `CannotUndo` where what it did was changed again, or is used by what came later.
    """
    if not apply:
        with reading(engine) as connection:
            require_current(connection)
            return _taken_back(connection, number).difference
    with reading(engine) as connection:
        require_current(connection)
        undone = _event(connection, number)
    origin = Origin(EventKind.UNDO, undone.source, undone.file_format, undoes=number)
    with changing(engine, origin, seen=seen) as change:
        back = _taken_back(change.connection, number)
        change.apply(back.gathered, back.difference)
        for fact in back.facts:
            change.facts.put_back(fact.key, fact.before or {}, fact.after or {})
    return back.difference


@dataclass(frozen=True)
class _Back:
    """The way back from an event: the rows to add again, the changes, and the store's own facts."""

    gathered: Gathered
    difference: Difference
    facts: list[Logged]


def _taken_back(connection: Connection, number: int) -> _Back:
    """Return the way back from an event; raise where there is none."""
    _refuse_if_undone(connection, number)
    logged = _logged(connection, number)
    if not logged:
        raise CannotUndo(
            f"Event {number} filled the store when it was empty.",
            "`kb db reset` makes the store anew from the evidence that comes with the program.",
        )
    facts = [change for change in logged if change.table == FACTS]
    back = _Way(connection, number, [change for change in logged if change.table != FACTS])
    return _Back(back.gathered, back.difference, facts)


def _event(connection: Connection, number: int) -> Any:
    event = metadata.tables["event"]
    found = connection.execute(select(event).where(event.c.id == number)).first()
    if found is None:
        raise UnknownValue(f"There is no event {number}.", "`kb history` lists the events.")
    return found


def _refuse_if_undone(connection: Connection, number: int) -> None:
    """Raise where an event was taken back, even if that was taken back in turn."""
    _event(connection, number)
    event = metadata.tables["event"]
    chain = [number]
    while by := connection.scalar(select(event.c.id).where(event.c.undoes == chain[-1])):
        chain.append(by)
    if len(chain) == 1:
        return
    last = chain[-1]
    if len(chain) % 2:
        problem = f"Event {number} was undone by event {chain[1]} and then done again by {last}."
        raise CannotUndo(problem, f"`kb undo {last}` takes it back again.")
    raise CannotUndo(
        f"Event {number} was undone already, by event {last}.",
        f"`kb undo {last}` does again what it did.",
    )


def _logged(connection: Connection, number: int) -> list[Logged]:
    change = metadata.tables["record_change"]
    rows = connection.execute(select(change).where(change.c.event_id == number)).mappings()
    return [as_logged(dict(row)) for row in rows]


class _Way:
    """Finds the way back from what an event did to records, and what stands in it."""

    def __init__(self, connection: Connection, number: int, logged: list[Logged]) -> None:
        self.gathered = Gathered()
        self._connection = connection
        self._number = number
        self._changed_by_hand: list[str] = []
        self._refuse_if_changed_since()
        changes = [change for table in metadata.sorted_tables for change in self._of(table, logged)]
        if self._changed_by_hand:
            raise self._refusal(
                "records are not as it left them", self._changed_by_hand, "Load them as they were."
            )
        self.difference = Difference(self._without_shared_passages(changes))
        self._refuse_if_used()
        self._refuse_if_lacking()
        self._refuse_if_taken()
        self.difference.quotes = quotes_of(connection, self.gathered, self.difference)
        self.difference.state = state_token(connection)

    def _of(self, table: Table, logged: Iterable[Logged]) -> Iterator[Change]:
        """Yield the changes that put the rows of one table back."""
        of_table = {_identity(change): change for change in logged if change.table == table.name}
        there = dict(stored_rows(self._connection, table, of_table))
        for identity, change in sorted(of_table.items()):
            row = there.get(identity)
            if change.kind == CHANGED and row is not None:
                yield self._changed_back(identity, change, row)
            elif change.kind == ADDED and row is not None:
                yield Change(table.name, identity, REMOVED)
            elif change.kind == REMOVED and row is None:
                values = dict(change.before or {})
                rows = self.gathered.rows.setdefault(table.name, {})
                rows[identity] = SeedRow(table.name, values, "", 0)
                yield Change(table.name, identity, ADDED)
            elif table.name != "passage":
                self._changed_by_hand.append(named(table.name, identity))

    def _changed_back(self, identity: Identity, change: Logged, row: Row) -> Change:
        before, after = change.before or {}, change.after or {}
        if any(row[name] != after.get(name) for name in before):
            self._changed_by_hand.append(named(change.table, identity))
        fields = {name: (row[name], value) for name, value in before.items()}
        return Change(change.table, identity, CHANGED, fields)

    def _without_shared_passages(self, changes: list[Change]) -> list[Change]:
        """Leave out the passages that go where a row still uses them when all is put back."""
        going = _going(changes)
        passages = {"passage": going.pop("passage", set())}
        for change in changes:
            if "passage_key" in change.fields:
                going.setdefault(change.table, set()).add(change.identity)
        shared = {
            use.used
            for use in uses(self._connection, passages)
            if use.identity not in going.get(use.table, ())
        }
        return [c for c in changes if c.table != "passage" or c.identity not in shared]

    def _refuse_if_changed_since(self) -> None:
        change = metadata.tables["record_change"]
        later = change.alias()
        same = and_(
            later.c.record_table == change.c.record_table,
            later.c.record_key == change.c.record_key,
            later.c.record_table.not_in(["passage", FACTS]),
        )
        query = (
            select(later.c.record_table, later.c.record_key, later.c.event_id)
            .join_from(change, later, same)
            .where(change.c.event_id == self._number, later.c.event_id > self._number)
            .order_by(later.c.event_id.desc(), later.c.record_table, later.c.record_key)
        )
        in_force = self._in_force()
        since = [row for row in self._connection.execute(query) if row.event_id in in_force]
        if since:
            told = [f"{named(row[0], (row[1],))} by event {row[2]}" for row in since]
            remedy = f"Undo event {since[0].event_id} first, if that is what you want."
            raise self._refusal("records were changed since", told, remedy)

    def _in_force(self) -> set[int]:
        """Return the later events whose changes were not taken back."""
        event = metadata.tables["event"]
        query = select(event.c.id, event.c.undoes).where(event.c.id > self._number)
        later = dict(self._connection.execute(query.order_by(event.c.id.desc())).all())
        for number, undone in list(later.items()):
            if number in later and undone in later:
                del later[number], later[undone]
        return set(later)

    def _refuse_if_used(self) -> None:
        going = _going(self.difference.changes)
        going.pop("passage", None)
        told = [str(use) for how in (uses, named_by) for use in how(self._connection, going)]
        if told:
            raise self._refusal(
                "records that it added are in use", told, "Remove those that use them first."
            )

    def _refuse_if_lacking(self) -> None:
        """Raise where a row that is put back needs one that is no longer there."""
        needed: dict[str, dict[Identity, str]] = {}
        for table, identity, values in self._put_back():
            for column in table.columns:
                for key in column.foreign_keys:
                    value, target = values.get(column.name), key.column.table.name
                    if value is not None and (value,) not in self.gathered.of(target):
                        needed.setdefault(target, {})[value,] = named(table.name, identity)
        told = []
        for name, users in needed.items():
            there = {i for i, _ in stored_rows(self._connection, metadata.tables[name], users)}
            told += [f"{users[i]} uses {named(name, i)}" for i in users if i not in there]
        if told:
            raise self._refusal(
                "what it removed needs records that are gone", told, "Load those first."
            )

    def _refuse_if_taken(self) -> None:
        """Raise where a row that is put back has a value, such as a DOI, that another has now."""
        touched = {(change.table, change.identity) for change in self.difference.changes}
        told = []
        for table, identity, values in self._put_back():
            for name in unique_columns(table):
                if values.get(name) is None:
                    continue
                query = select(*table.primary_key).where(table.c[name] == values[name])
                for owner in map(tuple, self._connection.execute(query)):
                    if (table.name, owner) not in touched:
                        of_other = f"{named(table.name, owner)} has the {name} of"
                        told.append(f"{of_other} {named(table.name, identity)}")
        if told:
            raise self._refusal("a value is taken by now", told, "Change that record first.")

    def _put_back(self) -> Iterator[tuple[Table, Identity, Row]]:
        """Yield the rows that are added again, and the values that are changed back."""
        for change in self.difference.changes:
            table = metadata.tables[change.table]
            if change.kind == ADDED:
                yield table, change.identity, self.gathered.of(table.name)[change.identity].values
            elif change.kind == CHANGED:
                yield table, change.identity, {c: new for c, (_, new) in change.fields.items()}

    def _refusal(self, why: str, told: list[str], remedy: str) -> CannotUndo:
        more = f"; and {len(told) - _NAMED:,} more" if len(told) > _NAMED else ""
        problem = f"Event {self._number} cannot be undone; {why}: {'; '.join(told[:_NAMED])}{more}."
        return CannotUndo(problem, remedy)


def _identity(change: Logged) -> Identity:
    columns = metadata.tables[change.table].primary_key.columns.keys()
    if len(columns) == 1:
        return (change.key,)
    values: Mapping[str, Any] = change.after or change.before or {}
    return tuple(values[name] for name in columns)


def _going(changes: Iterable[Change]) -> dict[str, set[Identity]]:
    going: dict[str, set[Identity]] = {}
    for change in changes:
        if change.kind == REMOVED:
            going.setdefault(change.table, set()).add(change.identity)
    return going
