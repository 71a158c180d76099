"""Citations of one file as a reading: refused without a title, each publication once."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial

from kb.exchange.citations.differences import IDENTIFIERS, is_another
from kb.exchange.citations.identifiers import address, doi, is_identifier, pmcid, pmid
from kb.exchange.citations.names import Name, joined
from kb.exchange.citations.numbering import pages, year
from kb.exchange.citations.wording import plain
from kb.exchange.drafts import Fate, Note, Reading, ReportDraft
from kb.exchange.files import LONGEST_CELL, FileProblem, cut, quoted

GIVEN = ("container", "year", "note")
"""What may be said of all publications of a file where it says nothing itself."""

LONGEST_AUTHORS = 20_000
"""Characters of the authors of one publication; a thousand of them take fewer."""

_RETRACTED = re.compile(r"\W*retracted(?: \w+)?\s*[:\]]", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """What an entry of a file says of a publication, in the words of the file."""

    row: int
    name: str | None
    kind: str
    title: str | None
    authors: Iterable[Name] = ()
    container: str | None = None
    dates: Iterable[str] = ()
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    dois: Iterable[str] = ()
    pmids: Iterable[str] = ()
    pmcids: Iterable[str] = ()
    urls: Iterable[str] = ()
    note: str | None = None
    retracted: bool = False


@dataclass
class Citations:
    """The publications of a file, gathered entry by entry. `unit` is what a row counts.

    Entries that begin on the same line count as one row.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    unit: str = "line"
    notes: list[Note] = field(default_factory=list)
    _rows: set[int] = field(default_factory=set)
    _reports: list[ReportDraft] = field(default_factory=list)
    _known: dict[tuple[str, str], ReportDraft] = field(default_factory=dict)
    _ignored: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Refuse constants that no publication takes."""
        if unknown := sorted(set(self.given) - set(GIVEN)):
            raise FileProblem(
                f"A file of citations takes no value for {', '.join(unknown)}.",
                f"Give one for {', '.join(GIVEN)}, or none.",
            )
        if "year" in self.given and year(self.given["year"]) is None:
            raise FileProblem(
                f"{quoted(self.given['year'])} is not a year.", "Write --set year=2001."
            )

    def say(self, row: int, name: str, fate: Fate, rule: str, message: str) -> None:
        """Add a note."""
        self.notes.append(Note(row, name, fate, rule, message))

    def ignore(self, name: str, what: str) -> None:
        """Count a field that no table takes; each makes one note in the end."""
        self._ignored[name, what] += 1

    def refuse(self, row: int, rule: str, message: str) -> None:
        """Count an entry that cannot be read."""
        self._rows.add(row)
        self.say(row, "", Fate.REFUSED, rule, message)

    def add(self, found: Found) -> None:
        """Take in an entry: refused without a title, joined to another of the same publication."""
        title = plain(found.title)
        if title is None:
            self.refuse(found.row, "no title", "The entry has no title and is left out.")
            return
        self._rows.add(found.row)
        draft = self._draft(found, title)
        if found.retracted or _RETRACTED.match(title):
            message = f"{_shown(draft)} is retracted. Look at what rests on it."
            self.say(found.row, "title", Fate.WARNED, "retracted publication", message)
        keys = [(name, value.casefold()) for name in IDENTIFIERS if (value := getattr(draft, name))]
        first = next((self._known[key] for key in keys if key in self._known), None)
        if first is None:
            self._reports.append(draft)
        elif is_another(vars(draft), vars(first)):
            self._refuse_other(first, draft)
            return
        else:
            self._join(first, draft)
        for key in keys:
            self._known.setdefault(key, first or draft)

    def reading(self, *notes: Note | None) -> Reading:
        """Return what was gathered, with the notes of the file as a whole before the others."""
        whole = [note for note in notes if note]
        ignored = [
            Note(0, name, Fate.IGNORED, "not stored", f"{what} ({_times(count)}).")
            for (name, what), count in sorted(self._ignored.items())
        ]
        return Reading(len(self._rows), (*whole, *self.notes, *ignored), tuple(self._reports))

    def _draft(self, found: Found, title: str) -> ReportDraft:
        urls = list(found.urls)
        short = partial(self._short, found.row)
        draft = ReportDraft(
            row=found.row,
            name=cut(plain(found.name) or title, 200),
            kind=str(found.kind),
            title=short("title", title),
            authors=short("authors", joined(found.authors), LONGEST_AUTHORS),
            container=short("container", plain(found.container)) or self.given.get("container"),
            year=self._year(found),
            volume=short("volume", plain(found.volume)),
            issue=short("issue", plain(found.issue)),
            pages=short("pages", pages(plain(found.pages) or "")),
            doi=self._identifier(found.row, "doi", [*found.dois, *filter(doi, urls)]),
            pmid=self._identifier(found.row, "pmid", [*found.pmids, *filter(pmid, urls)]),
            pmcid=self._identifier(found.row, "pmcid", [*found.pmcids, *filter(pmcid, urls)]),
            note=short("note", plain(found.note)) or self.given.get("note"),
        )
        draft.url = self._url(draft, urls)
        return draft

    def _short(
        self, row: int, name: str, text: str | None, longest: int = LONGEST_CELL
    ) -> str | None:
        """Return a text that is no longer than any of its kind; say where it was."""
        if text is None or len(text) <= longest:
            return text
        message = f"It is longer than {longest:,} characters and was cut."
        self.say(row, name, Fate.WARNED, "long text", message)
        return cut(text, longest)

    def _year(self, found: Found) -> int | None:
        dates = [date for date in found.dates if date.strip()]
        if not dates:
            return year(self.given.get("year", ""))
        number = next((number for date in dates if (number := year(date))), None)
        if number is None:
            message = f"{quoted(dates[0])} tells no year from 1900 to 2100; none is stored."
            self.say(found.row, "year", Fate.WARNED, "no year", message)
        return number

    def _identifier(self, row: int, name: str, texts: Iterable[str]) -> str | None:
        """Return the first identifier; say what is none, and where there is another."""
        read = {"doi": doi, "pmid": pmid, "pmcid": pmcid}[name]
        values: dict[str, str] = {}
        for text in texts:
            if (value := read(text)) is None:
                message = f"{quoted(text)} is not a {name.upper()} and is left out."
                self.say(row, name, Fate.WARNED, f"no {name.upper()}", message)
            else:
                values.setdefault(value.casefold(), value)
        first, *others = values.values() or [None]
        for other in others:
            message = f"The entry gives {first} and {other} as its {name.upper()}; the first stays."
            self.say(row, name, Fate.WARNED, f"several {name.upper()}s", message)
        return first

    def _url(self, draft: ReportDraft, urls: Iterable[str]) -> str | None:
        """Return the address of what has neither DOI nor PMID."""
        found = [url for text in urls if (url := address(text)) and not is_identifier(url)]
        if found and (draft.doi or draft.pmid):
            self.ignore("url", "Addresses of what is known by its DOI or PMID are not stored")
            return None
        return found[0] if found else None

    def _refuse_other(self, first: ReportDraft, draft: ReportDraft) -> None:
        """Refuse an entry with an identifier of another one, whose it may not be."""
        message = (
            f"{_shown(draft)} has an identifier of {self.unit} {first.row}, {_shown(first)}, "
            "which is of another author; it is left out."
        )
        self.refuse(draft.row, "identifier of another reference", message)

    def _join(self, first: ReportDraft, again: ReportDraft) -> None:
        """Fill what the first entry of a publication lacks from another; say what differs."""
        differing = []
        for name in (each.name for each in fields(ReportDraft)):
            mine, other = getattr(first, name), getattr(again, name)
            if mine is None:
                setattr(first, name, other)
            elif other not in {None, mine} and name not in {"row", "name"}:
                differing.append(f"{name} {quoted(str(other))}")
        if first.doi or first.pmid:
            first.url = None
        differs = f" It differs in {', '.join(differing)}." if differing else ""
        same = f"The entry tells of the same publication as {self.unit} {first.row}"
        message = f"{same}, which takes what it adds.{differs}"
        self.say(again.row, "", Fate.REFUSED, "duplicate", message)


def _shown(draft: ReportDraft) -> str:
    return quoted(draft.title or draft.name)


def _times(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"
