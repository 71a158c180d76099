"""Bring what a foreign file says into the store: a preview first, then all of it or nothing.

The preview and the import are one and the same flow, study by study, so that what was shown is what
is done, and a large file is never held as a whole.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from kb.curation.changing import Changing, Origin, changing, state_token
from kb.curation.checking import note_problems
from kb.curation.comparing import ADDED, CHANGED, Difference, compare
from kb.curation.rows import Gathered, Identity
from kb.curation.shape import TOP_LEVEL
from kb.curation.wording import counted
from kb.errors import KbError
from kb.exchange.apart import Making, apart, is_possible
from kb.exchange.asking import Terms, asking
from kb.exchange.drafts import Fate, Reading
from kb.exchange.files import ForeignFile
from kb.exchange.formats import Format
from kb.exchange.matching import Present
from kb.exchange.memory import not_collecting
from kb.exchange.naming import slug
from kb.exchange.parts import Findings, Foreign, Part, left_out
from kb.exchange.preview import Counts, Preview
from kb.exchange.records import Source
from kb.exchange.words import Decisions, read_decisions
from kb.store.engine import reading as reading_from
from kb.store.migrate import require_current
from kb_schema.codes import EventKind
from kb_schema.tables import metadata

LARGE_FILE = 5_000
"""Rows of a file that a second process composes; fewer are done in a few seconds by one."""

_LARGE = {"study", "report", "review", "claim", "derivation"}
"""Tables that may be large, and of which only what a file names is looked up."""

Progress = Callable[[int], None]
"""Takes how many rows of the file are done."""


class NotReady(KbError):
    """An import that cannot be applied as it stands; carries its preview."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        open_ends = [
            counted(len(preview.undecided), "word") + " to decide on" if preview.undecided else "",
            counted(len(preview.problems), "problem") if preview.problems else "",
            counted(preview.lost, "row") + " unaccounted for" if preview.lost else "",
            counted(preview.waiting, "row") + " with cells to decide on" if preview.waiting else "",
        ]
        found = " and ".join(filter(None, open_ends)) or "nothing that can be taken"
        super().__init__(
            f"{preview.file} has {found}; nothing was imported.",
            "See what the preview says of them.",
        )


@dataclass(frozen=True)
class Import:
    """A file that is to be imported, and how.

    Attributes:
        file: the file.
        form: its format.
        reading: what its reader found.
        name: what the keys of its records begin with; its own name where none is given.
        words: a file of decisions on words.
        accept: take every unknown word for a new term.
    """

    file: ForeignFile
    form: Format
    reading: Reading
    name: str = ""
    words: Path | None = None
    accept: bool = False

    @property
    def source(self) -> Source:
        """The file as the source of records."""
        own = slug(self.name or Path(self.file.name).stem)
        form = self.form
        return Source(self.file.name, own, self.file.checksum, form.title, form.entry)


def preview(engine: Engine, order: Import, *, progress: Progress = lambda _: None) -> Preview:
    """Return what an import would do; nothing is written."""
    with reading_from(engine) as connection:
        require_current(connection)
        flow = _Flow(connection, order, lambda _gathered, _difference: None, progress)
        found = flow.run()
        _recompute(found, order.reading)
        return found


def bring(
    engine: Engine,
    order: Import,
    *,
    seen: str | None = None,
    progress: Progress = lambda _: None,
) -> Preview:
    """Import a file in one transaction; return what was done.

    Raises `NotReady`, which carries the preview, where a person must decide on something or a
    record is not fit, and `StoreError` where the store is no longer in the state `seen`.
    """
    form = order.form.name
    origin = Origin(EventKind.IMPORT, order.file.name, form, order.file.checksum)
    with changing(engine, origin, seen=seen) as change:
        found = _Flow(change.connection, order, _Apply(change), progress).run()
        if not found.is_ready:
            raise NotReady(found)
        found.event = change.event
    return found


class _Apply:
    """Writes parts of an import, as long as nothing has shown that it cannot be done."""

    def __init__(self, change: Changing) -> None:
        self._change = change

    def __call__(self, gathered: Gathered, difference: Difference) -> None:
        if not gathered.problems:
            self._change.apply(gathered, difference)


class _Flow:
    """One file on its way into a store."""

    def __init__(
        self,
        connection: Connection,
        order: Import,
        take: Callable[[Gathered, Difference], None],
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._take = take
        self._progress = progress
        self._ask = asking(connection)
        source, form, rows = order.source, order.form, order.reading.rows
        decisions = read_decisions(order.words, Terms(self._ask)) if order.words else Decisions()
        present = Present.of(connection, source.report)
        self._foreign = Foreign(order.reading, source, present, decisions, order.accept)
        self._terms = _terms(connection)
        self._found = Preview(
            source.file,
            source.checksum,
            form.name,
            source.entry,
            form.unit,
            source.slug,
            rows,
            seen=state_token(connection),
        )

    def run(self) -> Preview:
        """Return what became of the file."""
        with not_collecting(), closing(self._parts()) as parts:
            for part in parts:
                match part:
                    case Part():
                        self._put(part)
                    case Findings():
                        self._account(part)
        return self._found

    def _parts(self) -> Making[Part | Findings]:
        make = self._foreign.parts
        if self._found.rows >= LARGE_FILE and is_possible():
            return apart(make, self._ask)
        return make(self._ask)

    def _put(self, part: Part) -> None:
        gathered = part.gathered
        named: dict[str, dict[Identity, Mapping[str, Any]]] = {
            name: {(key,): {} for key in keys} for name, keys in part.names.items()
        }
        note_problems(gathered, {**self._terms, **named})
        difference = compare(self._connection, gathered, {}, nested_stay=True)
        self._take(gathered, difference)
        self._found.problems += gathered.problems
        self._count(gathered, difference)
        for table, known in self._terms.items():
            known.update({identity: row.values for identity, row in gathered.of(table).items()})
        self._progress(part.done)

    def _count(self, gathered: Gathered, difference: Difference) -> None:
        for table, rows in gathered.rows.items():
            self._counts(table).unchanged += len(rows)
        for change in difference.changes:
            counts = self._counts(change.table)
            counts.new += change.kind == ADDED
            counts.changed += change.kind == CHANGED
            counts.unchanged -= 1
        for row in gathered.of("study").values():
            self._found.designs[str(row.values["design_key"])] += 1

    def _counts(self, table: str) -> Counts:
        return self._found.records.setdefault(table, Counts())

    def _account(self, findings: Findings) -> None:
        """Settle what became of every row, and what a person must decide on."""
        found = self._found
        found.notes, found.matched = findings.notes, findings.matched
        for table, number in findings.left_out.items():
            self._counts(table).ignored += number
        if findings.as_they_are:
            self._counts("report").unchanged += findings.as_they_are
        found.undirected = findings.undirected
        found.refused = left_out(found.notes) - findings.rows
        found.warned = {n.row for n in found.notes if n.fate is Fate.WARNED and n.row}
        found.lost = max(0, found.rows - len(findings.rows | found.refused))
        found.undecided, found.unknown = findings.undecided, findings.unknown
        found.ends = findings.ends
        order = list(metadata.tables)
        records = sorted(found.records.items(), key=lambda item: order.index(item[0]))
        found.records = dict(records)
        found.problems = sorted(dict.fromkeys(found.problems))


def _recompute(found: Preview, reading: Reading) -> None:
    """Hold what the file states against what its own data give."""
    from kb.exchange.restating import restate
    from kb.exchange.stated_sizes import restate_sizes

    if reading.review is not None:
        found.pools = [restate(pool) for pool in reading.review.pools]
    found.sizes = restate_sizes(reading.sizes())


def _terms(connection: Connection) -> dict[str, dict[Identity, Mapping[str, Any]]]:
    """Return the terms of every vocabulary."""
    known: dict[str, dict[Identity, Mapping[str, Any]]] = {}
    for name in TOP_LEVEL.keys() - _LARGE:
        table = metadata.tables[name]
        rows = connection.execute(select(table)).mappings()
        known[name] = {tuple(row[c.name] for c in table.primary_key): dict(row) for row in rows}
    return known
