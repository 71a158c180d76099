"""One transaction that changes the evidence, and leaves a record of who changed what."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy

from sqlalchemy import Connection, Engine, select, update

from kb.curation.applying import Written, make_changes
from kb.curation.bookkeeping import (
    Facts,
    holds_evidence,
    rows_stored,
    shipped_version,
    top_level_keys,
)
from kb.curation.comparing import Difference
from kb.curation.hashing import as_text, content_hash, row_hash
from kb.curation.indexing import index_words
from kb.curation.recording import (
    Origin,
    begin_event,
    forget,
    has_changes,
    log,
    log_rows,
    moved_facts,
)
from kb.curation.rows import Gathered
from kb.errors import StoreError
from kb.store.engine import writing
from kb.store.migrate import require_current
from kb_schema.codes import EventKind
from kb_schema.tables import metadata

__all__ = ["Changing", "Origin", "changing", "state_token"]

_TOKEN = 12
"""Characters of the hash that make the word for a state of the data."""


@contextmanager
def changing(engine: Engine, origin: Origin, *, seen: str | None = None) -> Iterator["Changing"]:
    """Yield what changes the evidence in one transaction: all that is done in the block, or none.

    Another writer is waited for. `seen` is the word for the state of the data that the changes were
    found against (`state_token`); where it is another by now, `StoreError` says who changed it.
    """
    with writing(engine) as connection:
        require_current(connection)
        if seen is not None:
            _refuse_if_moved(connection, seen)
        change = Changing(connection, origin)
        yield change
        change.finish()


def state_token(connection: Connection) -> str:
    """Return a short word for the state of the data; another state has another word."""
    facts = metadata.tables["store_fact"]
    found = connection.scalar(select(facts.c.value).where(facts.c.name == "data_hash"))
    return str(found or "empty")[:_TOKEN]


class Changing:
    """Applies differences to a store; `event` is the number of what is recorded of them.

    It is None as long as nothing was changed.
    """

    def __init__(self, connection: Connection, origin: Origin) -> None:
        self.connection = connection
        self.event: int | None = None
        self._origin = origin
        self.facts = Facts(connection)
        self._before = copy(self.facts)
        self._filling = origin.kind is EventKind.LOAD and not holds_evidence(connection)
        self._hash = int(self.facts.hash, 16)
        self._removing = False

    def apply(self, gathered: Gathered, difference: Difference) -> None:
        """Make the changes of a difference to the rows that were gathered.

        It may be called many times; what it holds does not grow with what was applied before.
        """
        if not difference:
            return
        if self.event is None:
            self.event = begin_event(self.connection, self._origin)
        written = make_changes(self.connection, gathered, difference)
        self._hash += sum(map(_hash_moved, written))
        index_words(self.connection, written)
        if not self._filling:
            log_rows(self.connection, self.event, written, removing=self._removing)
            self._removing |= any(row.after is None for row in written)
        if self._origin.kind is EventKind.LOAD:
            self.facts.make_own(top_level_keys(gathered))

    def note_shipped(self, gathered: Gathered) -> None:
        """Note that these rows are the evidence that comes with the program."""
        facts = self.facts
        facts.shipped = top_level_keys(gathered)
        facts.version = shipped_version()
        if rows_stored(self.connection) == gathered.count():
            if not self._filling:  # a row that was changed by hand must not leave its trace
                self._hash = int(content_hash(self.connection), 16)
            facts.shipped_hash = as_text(self._hash)

    def finish(self) -> None:
        """Write down what is known of the data as they are now."""
        if self.event is None:
            return
        self.facts.hash = as_text(self._hash)
        self.facts.write()
        if not self._filling:
            log(self.connection, self.event, moved_facts(self._before, self.facts))
            if not has_changes(self.connection, self.event):
                forget(self.connection, self.event)
                self.event = None
                return
        event = metadata.tables["event"]
        here = update(event).where(event.c.id == self.event)
        self.connection.execute(here.values(data_hash=self.facts.hash))


def _hash_moved(row: Written) -> int:
    """Return by how much a row that was written moves the hash of the data."""
    table = metadata.tables[row.table]
    before = 0 if row.before is None else row_hash(table, row.before)
    return (0 if row.after is None else row_hash(table, row.after)) - before


def _refuse_if_moved(connection: Connection, seen: str) -> None:
    if state_token(connection) == seen:
        return
    event = metadata.tables["event"]
    last = connection.execute(select(event).order_by(event.c.id.desc()).limit(1)).first()
    when = f"{last.made_at[:16].replace('T', ' ')} UTC" if last else ""
    by = f": event {last.id}, {when}, {last.made_by}, {last.kind} of {last.source}" if last else ""
    raise StoreError(
        f"The evidence has changed since you looked at '{seen}'{by}.",
        "Look at the preview again.",
    )
