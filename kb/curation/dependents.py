"""Rows that stay and use rows that go."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Table, select

from kb.curation.comparing import batches
from kb.curation.rows import Identity
from kb.store.lists import among
from kb_schema.tables import metadata

Going = Mapping[str, set[Identity]]
"""The primary keys of the rows that go, by table."""

_BY_NAME = {
    "further_passage": ("record_table", "record_key"),
    "synonym": ("vocabulary", "term_key"),
}
"""The columns by which rows name a record of any table, where no foreign key can."""


class Use(NamedTuple):
    """A row, and a row that it uses."""

    table: str
    identity: Identity
    used_table: str
    used: Identity

    def __str__(self) -> str:
        return f"{named(self.table, self.identity)} uses {named(self.used_table, self.used)}"


def named(table: str, identity: Identity) -> str:
    """Return a row as a sentence names it: its table and key."""
    return f"{table.replace('_', ' ')} '{'/'.join(map(str, identity))}'"


def uses(connection: Connection, going: Going) -> Iterator[Use]:
    """Yield where a row that stays uses a row that goes.

    The passages of reports that go, go too.
    """
    reports = {"report": going.get("report", set())}
    passages = {
        use.identity for use in _references(connection, metadata.tables["passage"], reports)
    }
    all_going = {**going, "passage": going.get("passage", set()) | passages}
    for table in metadata.sorted_tables:
        if table.name != "passage":
            for use in _references(connection, table, all_going):
                if use.identity not in going.get(table.name, ()):
                    yield use


def named_by(connection: Connection, going: Going) -> Iterator[Use]:
    """Yield where a row that stays names a row that goes without a foreign key."""
    for name, (of_table, of_key) in _BY_NAME.items():
        table = metadata.tables[name]
        for target, identities in going.items():
            by_key = {"/".join(map(str, identity)): identity for identity in identities}
            for batch in batches(by_key):
                query = select(*table.primary_key, table.c[of_key].label("named")).where(
                    table.c[of_table] == target, among(table.c[of_key], batch)
                )
                for *identity, key in connection.execute(query):
                    if tuple(identity) not in going.get(name, ()):
                        yield Use(name, tuple(identity), target, by_key[key])


def _references(connection: Connection, table: Table, going: Going) -> Iterator[Use]:
    for column in table.columns:
        for key in column.foreign_keys:
            name = key.column.table.name
            for batch in batches(sorted(identity[0] for identity in going.get(name, ()))):
                query = select(*table.primary_key, column.label("used")).where(among(column, batch))
                for *identity, used in connection.execute(query):
                    yield Use(table.name, tuple(identity), name, (used,))
