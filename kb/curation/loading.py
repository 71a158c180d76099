"""Bring the store in line with seed files: the difference first, then all of it or nothing."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from kb.curation.bookkeeping import is_shipped, no_longer_shipped, shipped_version
from kb.curation.changing import Origin, changing, state_token
from kb.curation.checking import NAMED_ELSEWHERE, Known, note_problems
from kb.curation.comparing import REMOVED, Difference, compare
from kb.curation.dependents import uses
from kb.curation.gathering import gather
from kb.curation.reading import Problem
from kb.curation.rows import Gathered, Identity
from kb.curation.wording import counted
from kb.errors import KbError
from kb.store.engine import reading
from kb.store.migrate import require_current
from kb_schema.codes import EventKind
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


def load(
    engine: Engine, path: Path, *, dry_run: bool = False, seen: str | None = None
) -> Difference:
    """Bring the store in line with the seed files at `path`, in one transaction.

    Returns the difference that was applied, or would be in a dry run. `seen` is the state of the
    data that such a difference was found for: another is refused. Raises `SeedProblems` where the
    files are not fit to load, and `StoreError` where the store cannot take them; the store is then
    as it was.
    """
    gathered = gather(path)
    if dry_run:
        with reading(engine) as connection:
            require_current(connection)
            return _difference(connection, gathered, path)
    with changing(engine, Origin(EventKind.LOAD, _source(path)), seen=seen) as change:
        difference = _difference(change.connection, gathered, path)
        change.apply(gathered, difference)
        if difference and is_shipped(path):
            change.note_shipped(gathered)
    return difference


def _source(path: Path) -> str:
    if is_shipped(path):
        return f"the evidence that comes with the program, {shipped_version()}"
    return str(path)


def _difference(connection: Connection, gathered: Gathered, path: Path) -> Difference:
    """Return what the files would change; raise where they are not fit for it."""
    dropped = no_longer_shipped(connection, gathered, path)
    note_problems(gathered, _known(connection, dropped))
    if gathered.problems:
        raise SeedProblems(gathered.problems)
    difference = compare(connection, gathered, dropped)
    difference.state = state_token(connection)
    _refuse_if_used(connection, gathered, difference)
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
    users = [use for use in uses(connection, going) if use.identity not in gathered.of(use.table)]
    if users:
        more = f" ({len(users)} rows do so)" if len(users) > 1 else ""
        raise StillUsed(
            f"What the evidence no longer has is still used: {users[0]}{more}.",
            f"Change your own records first and load them. {_NOTHING_LOADED}",
        )
