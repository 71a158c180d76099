"""Bring what a foreign file says into the store: a preview first, then all of it or nothing.

The preview and the import are one and the same flow, study by study, so that what was shown is what
is done, and a large file is never held as a whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select

from kb.curation.changing import Changing, Origin, changing, state_token
from kb.curation.checking import note_problems
from kb.curation.comparing import ADDED, CHANGED, Difference, compare
from kb.curation.given import Given, gather_given
from kb.curation.rows import Gathered, Identity
from kb.curation.shape import TOP_LEVEL
from kb.curation.wording import counted
from kb.errors import KbError
from kb.exchange.composing import Composer
from kb.exchange.drafts import Fate, Note, Reading, StudyDraft
from kb.exchange.files import ForeignFile
from kb.exchange.formats import Format
from kb.exchange.matching import Present
from kb.exchange.memory import not_collecting
from kb.exchange.naming import slug
from kb.exchange.plausibility import Spreads, countable, implausible
from kb.exchange.preview import Counts, Matched, Preview
from kb.exchange.records import Composed, Source
from kb.exchange.words import Decisions, Words, read_decisions
from kb.store.engine import reading as reading_from
from kb.store.migrate import require_current
from kb.vocabulary import Vocabulary
from kb_schema.codes import EventKind
from kb_schema.tables import metadata

_PART = 8_000
"""Rows of tables that are held at a time."""

_NOT_TAKEN = {Fate.REFUSED, Fate.UNDECIDED}
_FEW_REPORTS = 500
_WHOLE_FILE = 0
"""What stands for its row where a record is of the file as a whole."""

_LARGE = {"study", "report", "review", "claim", "derivation"}
"""Tables that may be large, and of which only what a file names is looked up."""

Progress = Callable[[int], None]
"""Takes how many rows of the file are done."""

_T = TypeVar("_T")


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


@dataclass
class _Part:
    """What is gathered until it is written."""

    gathered: Gathered = field(default_factory=Gathered)
    keys: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)


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
        self._reading = order.reading
        self._take = take
        self._progress = progress
        source = self._source = order.source
        vocabulary = Vocabulary(connection)
        decisions = read_decisions(order.words, vocabulary) if order.words else Decisions()
        self._words = Words(vocabulary, decisions, accept=order.accept)
        present = Present.of(connection, source.report)
        self._composer = Composer(connection, source, self._words, present)
        self._terms = _terms(connection)
        self._part = _Part()
        self._rows: set[int] = set()
        self._file_stated = False
        self._spreads = Spreads()
        self._found = Preview(
            source.file,
            source.checksum,
            order.form.name,
            source.entry,
            order.form.unit,
            source.slug,
            order.reading.rows,
            seen=state_token(connection),
        )

    def run(self) -> Preview:
        """Return what became of the file."""
        with not_collecting():
            return self._run()

    def _run(self) -> Preview:
        found, reading = self._found, self._reading
        found.notes += reading.notes
        refused = _left_out(reading.notes)
        for drafts in _in_parts(reading.reports, _FEW_REPORTS):
            self._add(self._composer.reports(drafts))
        review = self._review()
        self._composer.expect(reading.studies())
        for draft in reading.studies():
            self._study(draft, refused, review)
        self._flush()
        found.notes += self._spreads.notes()
        self._account()
        return found

    def _review(self) -> str:
        draft = self._reading.review
        if draft is None:
            return ""
        composed = self._composer.review(draft)
        self._add(composed)
        self._match("review", draft.name, composed)
        return composed.key

    def _study(self, draft: StudyDraft, refused: set[int], review: str) -> None:
        draft, notes = countable(draft)
        notes += implausible(draft)
        self._spreads.add(draft)
        wrong = _left_out(notes)
        composed = self._composer.study(draft, refused | wrong, review)
        composed.notes += notes
        self._match("study", draft.name, composed)
        self._add(composed)
        self._progress(len(self._rows))

    def _match(self, kind: str, name: str, composed: Composed) -> None:
        if composed.by and composed.document is not None:
            self._found.matched.append(Matched(kind, name, composed.key, composed.by))

    def _add(self, composed: Composed) -> None:
        """Gather what was composed; write what was gathered where it is enough."""
        self._found.notes += composed.notes
        for table, number in composed.left_out.items():
            self._counts(table).ignored += number
        self._found.matched += (Matched("report", *known) for known in composed.known)
        if composed.as_they_are:
            self._counts("report").unchanged += composed.as_they_are
        self._rows |= composed.rows - {_WHOLE_FILE}
        self._found.undirected += composed.undirected
        if composed.document is None:
            return
        if composed.key and composed.key in self._part.keys:
            self._flush()
        self._part.keys.add(composed.key)
        for table, keys in composed.names.items():
            self._part.names.setdefault(table, set()).update(keys)
        if self._source.report in composed.names.get("report", ()) and not self._file_stated:
            self._file_stated = True
            self._gather(self._composer.file())
        terms = self._composer.terms()
        if terms is not None:
            self._gather(terms)
        self._gather(composed.document)
        if self._part.gathered.count() >= _PART:
            self._flush()

    def _gather(self, document: Given) -> None:
        gather_given(self._part.gathered, document, self._source.file)

    def _flush(self) -> None:
        part, self._part = self._part, _Part()
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

    def _account(self) -> None:
        """Settle what became of every row, and what a person must decide on."""
        found = self._found
        found.refused = _left_out(found.notes) - self._rows
        found.warned = {n.row for n in found.notes if n.fate is Fate.WARNED and n.row}
        found.lost = max(0, found.rows - len(self._rows | found.refused))
        found.undecided = self._words.undecided()
        found.unknown = self._words.unknown()
        found.ends = self._words.ends
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


def _left_out(notes: Iterable[Note]) -> set[int]:
    """Return the rows that notes say are not taken."""
    return {note.row for note in notes if note.fate in _NOT_TAKEN and note.row}


def _terms(connection: Connection) -> dict[str, dict[Identity, Mapping[str, Any]]]:
    """Return the terms of every vocabulary."""
    known: dict[str, dict[Identity, Mapping[str, Any]]] = {}
    for name in TOP_LEVEL.keys() - _LARGE:
        table = metadata.tables[name]
        rows = connection.execute(select(table)).mappings()
        known[name] = {tuple(row[c.name] for c in table.primary_key): dict(row) for row in rows}
    return known


def _in_parts(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
