"""The reports that a file tells of: those the store has, and new ones."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from kb.citations import citation
from kb.curation.shape import FILE, WRITTEN_AS
from kb.curation.wording import shown
from kb.exchange.drafts import Fate, Note, ReportDraft
from kb.exchange.matching import Present
from kb.exchange.naming import digest, slug
from kb.exchange.standing import standing
from kb.vocabulary import plain

_FIELDS = (
    "kind",
    "title",
    "authors",
    "container",
    "year",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "url",
    "note",
)
_COMPARED = ("year", "doi", "pmid", "pmcid")
_YEARS = range(1900, 2101)


@dataclass(frozen=True)
class Taken:
    """What became of a report: its key, and its record where something of it is written.

    Without a key it is not taken; `by` says what a report of the store was known by.
    """

    row: int
    key: str = ""
    by: str = ""
    record: dict[str, Any] | None = None
    notes: tuple[Note, ...] = ()


@dataclass
class Publications:
    """The reports of one file. One that stands in it twice is one."""

    connection: Connection
    source: str
    present: Present
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _own: dict[str, int] = field(default_factory=dict)

    def take(self, draft: ReportDraft) -> Taken:
        """Return what becomes of a report."""
        draft, notes = _fit(draft)
        told = _identities(draft)
        known = next((self._keys[one] for one in told if one in self._keys), None)
        if known is not None:
            notes.append(_explained(draft, "given again", f"{draft.name} was given before"))
            return Taken(draft.row, known, notes=tuple(notes))
        taken = self._matched(draft, notes)
        if taken.key:
            self._keys |= dict.fromkeys(told, taken.key)
        return taken

    def give_back(self, draft: ReportDraft, taken: Taken) -> None:
        """Forget a report that is not written after all, so that who tells of it next does."""
        self._own.pop(taken.key, None)
        for told in _identities(_fit(draft)[0]):
            self._keys.pop(told, None)

    def _matched(self, draft: ReportDraft, notes: list[Note]) -> Taken:
        match = self.present.report(draft)
        if match.conflict:
            notes.append(_warning(draft, "reports that conflict", match.conflict, Fate.REFUSED))
            return Taken(draft.row, notes=tuple(notes))
        if match.key and not match.key.startswith(f"{self.source}."):
            return self._standing(draft, match.key, match.by, notes)
        others = [key for key in match.alike if not key.startswith(f"{self.source}.")]
        if others and not match.key:
            message = f"{shown(draft.title)} is almost the title of {' and '.join(others)}"
            notes.append(_warning(draft, "possible duplicate", message))
        key = match.key or self._new_key(draft)
        record = {"key": key} | {name: getattr(draft, name) for name in _FIELDS}
        return Taken(draft.row, key, record=record, notes=tuple(notes))

    def _standing(self, draft: ReportDraft, key: str, by: str, notes: list[Note]) -> Taken:
        """Fill the empty fields of a report of the store; say what the file tells otherwise."""
        record = standing(self.connection, FILE["reports"], key)
        told = {name: getattr(draft, name) for name in _FIELDS if getattr(draft, name) is not None}
        for name in _COMPARED:
            if name in told and name in record and str(told[name]) != str(record[name]):
                message = (
                    f"{draft.name}: the file says {shown(told[name])}, "
                    f"this base {shown(record[name])}, which stays"
                )
                notes.append(_warning(draft, "told otherwise", message, field=name))
        missing = {name: value for name, value in told.items() if name not in record}
        missing.pop("note", None)
        filled = record | missing if missing else None
        return Taken(draft.row, key, by, filled, tuple(notes))

    def _new_key(self, draft: ReportDraft) -> str:
        row = {"authors": draft.authors, "year": draft.year, "title": draft.title}
        own = slug(citation(row) if draft.authors else draft.name)
        key = f"{self.source}.{own}"
        if self._own.setdefault(key, draft.row) != draft.row:
            key = f"{key}-{digest(*_identities(draft))}"
        return key


def _fit(draft: ReportDraft) -> tuple[ReportDraft, list[Note]]:
    """Return a report with a title, and without what no report can have; say what was left out."""
    changed: dict[str, Any] = {}
    notes = []
    for (table, column), form in WRITTEN_AS.items():
        value = getattr(draft, column, None)
        if table == "report" and value and not re.fullmatch(form.pattern, str(value)):
            changed[column] = None
            message = f"{draft.name}: {shown(value)} is not {form.words}"
            notes.append(_warning(draft, "identifier left out", message, field=column))
    if draft.year is not None and draft.year not in _YEARS:
        changed["year"] = None
        message = f"{draft.name}: {draft.year} is no year of a report"
        notes.append(_warning(draft, "year left out", message, field="year"))
    return replace(draft, title=draft.title or draft.name, **changed), notes


def _identities(draft: ReportDraft) -> list[tuple[str, str]]:
    """Return what tells a report from others: its identifiers, else its title and year."""
    told = [
        (name, str(value).casefold())
        for name in ("doi", "pmid", "pmcid")
        if (value := getattr(draft, name))
    ]
    return told or [("title", f"{plain(draft.title or '')} {draft.year}")]


def _warning(
    draft: ReportDraft, rule: str, message: str, fate: Fate = Fate.WARNED, *, field: str = "report"
) -> Note:
    return Note(draft.row, field, fate, rule, message)


def _explained(draft: ReportDraft, rule: str, message: str) -> Note:
    return Note(draft.row, "report", Fate.EXPLAINED, rule, message)
