"""A foreign file in parts: the rows that it would put into a store, some thousands at a time.

A large file is never held as a whole.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from kb.curation.given import Given, gather_given
from kb.curation.rows import Gathered
from kb.exchange.apart import Making
from kb.exchange.asking import Ask, Terms
from kb.exchange.composing import Composer
from kb.exchange.drafts import Fate, Note, Reading, StudyDraft
from kb.exchange.matching import Present
from kb.exchange.plausibility import Spreads, countable, implausible
from kb.exchange.preview import Matched
from kb.exchange.records import Composed, Source
from kb.exchange.words import Decisions, Word, Words

PART = 8_000
"""Rows of tables that are held at a time."""

_FEW_REPORTS = 500
_NOT_TAKEN = {Fate.REFUSED, Fate.UNDECIDED}
_WHOLE_FILE = 0
"""What stands for its row where a record is of the file as a whole."""

_T = TypeVar("_T")


@dataclass
class Part:
    """Rows that are written together.

    Attributes:
        gathered: the rows.
        names: keys of records elsewhere that they name, by table.
        done: how many rows of the file are in this part and those before it.
    """

    gathered: Gathered = field(default_factory=Gathered)
    names: dict[str, set[str]] = field(default_factory=dict)
    done: int = 0


@dataclass
class Findings:
    """What was found while a file was composed, known when it is done.

    Attributes:
        notes: on rows and columns.
        matched: studies, reviews and reports that the store has.
        rows: of the file that are in it.
        left_out: how many records are not taken, by table.
        as_they_are: how many reports of the store have nothing to be filled in.
        undirected: see `Composed`.
        undecided: words that a person must decide on.
        unknown: words that the store does not know.
        ends: which end of an outcome a person said is better.
    """

    notes: list[Note] = field(default_factory=list)
    matched: list[Matched] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    as_they_are: int = 0
    undirected: Counter[str] = field(default_factory=Counter)
    undecided: list[Word] = field(default_factory=list)
    unknown: list[Word] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreign:
    """A file that was read, and what its words and records are held against.

    Attributes:
        reading: what its reader found.
        source: the file as the source of records.
        present: what the store had before.
        decisions: of a person, on words.
        accept: take every unknown word for a new term.
    """

    reading: Reading
    source: Source
    present: Present
    decisions: Decisions
    accept: bool

    def parts(self, ask: Ask) -> Making[Part | Findings]:
        """Yield the parts, and at last what was found."""
        return _Composing(self, ask).run()


class _Composing:
    """One file on its way into rows."""

    def __init__(self, foreign: Foreign, ask: Ask) -> None:
        self._reading = foreign.reading
        self._source = foreign.source
        self._words = Words(Terms(ask), foreign.decisions, accept=foreign.accept)
        self._composer = Composer(ask, self._source, self._words, foreign.present)
        self._spreads = Spreads()
        self._found = Findings()
        self._part = Part()
        self._in_part: set[str] = set()
        self._file_stated = False

    def run(self) -> Making[Part | Findings]:
        """Yield the parts, and at last what was found."""
        found, reading, words = self._found, self._reading, self._words
        found.notes += reading.notes
        refused = left_out(reading.notes)
        for drafts in _in_parts(reading.reports, _FEW_REPORTS):
            yield from self._add(self._composer.reports(drafts))
        review = yield from self._review()
        self._composer.expect(reading.named or reading.studies())
        for draft in reading.studies():
            yield from self._study(draft, refused, review)
        yield self._taken_out()
        found.notes += self._spreads.notes()
        found.undecided, found.unknown, found.ends = words.undecided(), words.unknown(), words.ends
        yield found

    def _review(self) -> Generator[Part, None, str]:
        draft = self._reading.review
        if draft is None:
            return ""
        composed = self._composer.review(draft)
        yield from self._add(composed)
        self._match("review", draft.name, composed)
        return composed.key

    def _study(self, draft: StudyDraft, refused: set[int], review: str) -> Iterator[Part]:
        draft, notes = countable(draft)
        notes += implausible(draft)
        self._spreads.add(draft)
        composed = self._composer.study(draft, refused | left_out(notes), review)
        composed.notes += notes
        self._match("study", draft.name, composed)
        yield from self._add(composed)

    def _match(self, kind: str, name: str, composed: Composed) -> None:
        if composed.by and composed.document is not None:
            self._found.matched.append(Matched(kind, name, composed.key, composed.by))

    def _add(self, composed: Composed) -> Iterator[Part]:
        """Gather what was composed; yield what was gathered where it is enough."""
        self._note(composed)
        if composed.document is None:
            return
        if composed.key and composed.key in self._in_part:
            yield self._taken_out()
        self._in_part.add(composed.key)
        for table, keys in composed.names.items():
            self._part.names.setdefault(table, set()).update(keys)
        if self._source.report in composed.names.get("report", ()) and not self._file_stated:
            self._file_stated = True
            self._gather(self._composer.file())
        terms = self._composer.terms()
        if terms is not None:
            self._gather(terms)
        self._gather(composed.document)
        if self._part.gathered.count() >= PART:
            yield self._taken_out()

    def _note(self, composed: Composed) -> None:
        found = self._found
        found.notes += composed.notes
        found.left_out.update(composed.left_out)
        found.matched += (Matched("report", *known) for known in composed.known)
        found.as_they_are += composed.as_they_are
        found.rows |= composed.rows - {_WHOLE_FILE}
        found.undirected += composed.undirected

    def _gather(self, document: Given) -> None:
        gather_given(self._part.gathered, document, self._source.file)

    def _taken_out(self) -> Part:
        part, self._part, self._in_part = self._part, Part(), set()
        part.done = len(self._found.rows)
        return part


def left_out(notes: Iterable[Note]) -> set[int]:
    """Return the rows that notes say are not taken."""
    return {note.row for note in notes if note.fate in _NOT_TAKEN and note.row}


def _in_parts(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
