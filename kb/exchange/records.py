"""What all records that are composed from a file have: a source, passages, and one form."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kb.curation.cells import QUOTE_WORDS
from kb.curation.given import Given, clean
from kb.exchange.drafts import Fate, Note, PassageDraft
from kb.exchange.naming import digest

Record = dict[str, Any]
"""A record as a seed file would write it."""

RATIOS = {"HR", "OR", "RR"}


@dataclass(frozen=True)
class Source:
    """The file that records come from: its name and what stands for it in keys.

    Attributes:
        file: its name.
        slug: what the keys of its records begin with.
        checksum: SHA-256 of its bytes.
        title: its format in words.
        entry: what one unit of its data is called: row, line, entry.
    """

    file: str
    slug: str
    checksum: str
    title: str
    entry: str

    @property
    def report(self) -> str:
        """The key of the file itself among the reports."""
        return f"file-{self.slug}"

    @cached_property
    def record(self) -> Record:
        """The file as a report."""
        note = f"A file that was imported: {self.title}, SHA-256 {self.checksum}."
        return {"key": self.report, "kind": "dataset", "title": self.file, "note": note}


@dataclass
class Composed:
    """A draft as part of a seed file; `document` is None where nothing of it is taken.

    Attributes:
        key: of the study, review or report.
        by: what a study of the store was known by; empty for a new one.
        names: keys of records elsewhere that it names, by table.
        rows: the rows that are in it.
        known: reports of the store by the file's name, with their keys and what they are known by.
        as_they_are: how many of those have nothing to be filled in.
        left_out: how many records are not taken, by table.
        undirected: how many measurements with values have no end that is known to be better, by the
            word for their outcome.
    """

    document: Given | None = None
    key: str = ""
    by: str = ""
    names: dict[str, set[str]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    known: list[tuple[str, str, str]] = field(default_factory=list)
    as_they_are: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    undirected: Counter[str] = field(default_factory=Counter)

    def naming(self, table: str, *keys: str) -> None:
        """Note that records of a table are named."""
        self.names.setdefault(table, set()).update(keys)

    def refuse(self, row: int, field: str, message: str) -> None:
        """Note that a row is left out because of what a person decided."""
        self.notes.append(Note(row, field, Fate.REFUSED, "left out as decided", message))

    def warn(self, row: int, field: str, rule: str, message: str) -> None:
        """Note that a row needs a look."""
        self.notes.append(Note(row, field, Fate.WARNED, rule, message))


class Passages:
    """The passages of one study: a row of the file each, quoted by its own words.

    A row that names its own place in a report has that for its passage.
    """

    def __init__(self, source: Source, words: Mapping[int, str], otherwise: str) -> None:
        self._source = source
        self._words = words
        self._otherwise = otherwise
        self._of: dict[int, Given] = {}
        self._told: dict[int, Given] = {}
        self._reports: dict[int, str] = {}

    def tell(self, row: int, report: str, told: PassageDraft) -> None:
        """Note the place in a report, given by its key, that a row was taken from."""
        record = {
            "report": report,
            "locator": told.locator,
            "seen": told.seen,
            "quote": told.quote,
        }
        self._told[row] = Given(record, row)
        self._reports[row] = report

    def report(self, row: int) -> str:
        """Return the key of the report that tells what a row says."""
        return self._reports.get(row, self._source.report)

    def of(self, row: int) -> Given:
        """Return the passage of a row."""
        return self._told.get(row) or self.in_file(row)

    def in_file(self, row: int) -> Given:
        """Return a row of the file itself as a passage."""
        if row not in self._of:
            quote = clean(self._words.get(row) or self._otherwise).split()[:QUOTE_WORDS]
            record = {
                "report": self._source.report,
                "locator": f"{self._source.entry} {row}" if row else "whole file",
                "seen": "data-file",
                "quote": " ".join(quote),
            }
            self._of[row] = Given(record, row)
        return self._of[row]


@dataclass
class Merged:
    """Records of one list with a passage each: the same one given twice has two passages."""

    passages: Passages
    rows: set[int]
    _records: dict[str, tuple[Record, list[int]]] = field(default_factory=dict)

    def add(self, key: str, record: Record, row: int) -> None:
        """Add a record; one with the key of another that says something else gets a longer key."""
        known = self._records.get(key)
        if known is not None and known[0] != record:
            key = f"{key}.{digest(*record.values())}"
        self._records.setdefault(key, (record, []))[1].append(row)
        self.rows.add(row)

    def records(self) -> Iterator[Given]:
        """Yield them with their keys and passages."""
        for key, (record, rows) in self._records.items():
            first, *further = (self.passages.of(row) for row in dict.fromkeys(rows))
            whole = {"key": key, **record, "passage": first, "further_passages": further}
            yield Given(whole, rows[0])


def joined(text: str) -> str:
    """Return a text as one word, for a quote of words that a file gives one by one."""
    return "_".join(text.split())
