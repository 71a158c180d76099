"""The reports that a file tells of: those the store has, and new ones."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from kb.citations import citation
from kb.curation.shape import WRITTEN_AS
from kb.curation.wording import shown
from kb.exchange.asking import Ask
from kb.exchange.citations.differences import (
    COMPARED,
    IDENTIFIERS,
    Told,
    apart,
    differing,
    is_another,
    may_be_same,
    titles_alike,
)
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
_LISTED = 3
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

    ask: Ask
    source: str
    present: Present
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _titled: dict[str, dict[str, list[Told]]] = field(default_factory=dict)
    _own: set[str] = field(default_factory=set)

    def take(self, draft: ReportDraft) -> Taken:
        """Return what becomes of a report."""
        draft, notes = _fit(draft)
        titled = self._titled.setdefault(_titled(draft), {})
        known = self._given(draft, titled)
        if known:
            notes.append(_explained(draft, "given again", f"{draft.name} was given before"))
            taken = Taken(draft.row, known, notes=tuple(notes))
        else:
            taken = self._matched(draft, titled, notes)
        if taken.key:
            self._keys |= dict.fromkeys(_identifiers(draft), taken.key)
            records = titled.setdefault(taken.key, [])
            if (told := _record(draft)) not in records:
                records.append(told)
        return taken

    def give_back(self, draft: ReportDraft, taken: Taken) -> None:
        """Forget a report that is not written after all, so that who tells of it next does."""
        self._own.discard(taken.key)
        draft = _fit(draft)[0]
        self._titled.get(_titled(draft), {}).pop(taken.key, None)
        for identifier in _identifiers(draft):
            self._keys.pop(identifier, None)

    def _given(self, draft: ReportDraft, titled: Mapping[str, list[Told]]) -> str:
        """Return the key of the report of this file that a draft tells of again, or "".

        It has an identifier of it, or, without one of its own, the title and year of no other.
        """
        own = _identifiers(draft)
        known = next((self._keys[one] for one in own if one in self._keys), "")
        if known or own:
            return known
        told = _record(draft)
        same = [key for key in titled if all(may_be_same(told, each) for each in titled[key])]
        return same[0] if len(same) == 1 else ""

    def _matched(
        self, draft: ReportDraft, titled: dict[str, list[Told]], notes: list[Note]
    ) -> Taken:
        """Return what a report is that the file tells of first; others of it are `titled` so."""
        match = self.present.report(draft if draft.title else replace(draft, title=draft.name))
        if match.conflict:
            notes.append(_warning(draft, "reports that conflict", match.conflict, Fate.REFUSED))
            return Taken(draft.row, notes=tuple(notes))
        if match.key and not match.key.startswith(f"{self.source}."):
            return self._standing(draft, match.key, match.by, notes)
        key = match.key or self._new_key(draft)
        self._own.add(key)
        alike = () if match.key else match.alike
        others = titled | {other: [told] for other, told in match.namesakes.items()}
        notes += _namesakes(draft, {one: others[one] for one in others if one != key})
        notes += _almost_the_same(draft, [each for each in alike if each != key])
        record = {name: getattr(draft, name) for name in _FIELDS}
        record |= {"key": key, "title": _title(draft)}
        return Taken(draft.row, key, record=record, notes=tuple(notes))

    def _standing(self, draft: ReportDraft, key: str, by: str, notes: list[Note]) -> Taken:
        """Fill the empty fields of a report of the store; say what the file tells otherwise."""
        record = self.ask(standing, "reports", key)
        told = {name: getattr(draft, name) for name in _FIELDS if getattr(draft, name) is not None}
        if is_another(told, record):
            message = f"{draft.name}: {by} is that of {key}, which has another title and author"
            notes.append(_warning(draft, "reports that conflict", message, Fate.REFUSED))
            return Taken(draft.row, notes=tuple(notes))
        notes += _told_otherwise(draft, told, record)
        missing = {name: value for name, value in told.items() if name not in record}
        missing.pop("note", None)
        filled = record | missing if missing else None
        return Taken(draft.row, key, by, filled, tuple(notes))

    def _new_key(self, draft: ReportDraft) -> str:
        """Return a key that no other report of this file has, here or from an earlier import."""
        row = {"authors": draft.authors, "year": draft.year, "title": _title(draft)}
        own = slug(citation(row) if draft.authors else draft.name)
        key = f"{self.source}.{own}"
        here = self.present.title(key)
        if key in self._own or (here and not titles_alike(here, plain(_title(draft)))):
            key = f"{key}-{digest(draft.year, *_record(draft).values())}"
        return key


def _fit(draft: ReportDraft) -> tuple[ReportDraft, list[Note]]:
    """Return a report without what no report can have; say what was left out."""
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
    return replace(draft, **changed) if changed else draft, notes


def _title(draft: ReportDraft) -> str:
    """Return the title of a report, or what the file calls it."""
    return draft.title or draft.name


def _titled(draft: ReportDraft) -> str:
    return f"{plain(_title(draft))} {draft.year}"


def _identifiers(draft: ReportDraft) -> list[tuple[str, str]]:
    return [
        (name, str(value).casefold()) for name in IDENTIFIERS if (value := getattr(draft, name))
    ]


def _record(draft: ReportDraft) -> Told:
    """Return what tells a report from others of its title and year."""
    return {name: getattr(draft, name) for name in COMPARED}


def _told_otherwise(draft: ReportDraft, told: Told, record: Told) -> Iterator[Note]:
    """Yield what a file says of a report otherwise than the store, which keeps what it has."""
    exactly = {name for name in _COMPARED if name in told and name in record}
    others = {name for name in exactly if str(told[name]) != str(record[name])}
    others |= set(differing(told, record))
    for name in filter(others.__contains__, _FIELDS):
        message = (
            f"{draft.name}: the file says {shown(told[name])}, "
            f"this base {shown(record[name])}, which stays"
        )
        yield _warning(draft, "told otherwise", message, field=name)


def _namesakes(draft: ReportDraft, others: Mapping[str, list[Told]]) -> Iterator[Note]:
    """Yield that other reports have the title and the year of one that is kept beside them."""
    if not others:
        return
    told = _record(draft)
    named = []
    for key, records in islice(others.items(), _LISTED):
        against = next(filter(None, (apart(told, each) for each in records)), ())
        why = f"another {', '.join(against)}" if against else "may be the same"
        named.append(f"{key} ({why})")
    if len(others) > _LISTED:
        named.append(f"{len(others) - _LISTED:,} more")
    message = f"{shown(_title(draft))} is also the title of {' and '.join(named)}"
    yield _warning(draft, "possible duplicate", message)


def _almost_the_same(draft: ReportDraft, others: Iterable[str]) -> Iterator[Note]:
    """Yield the reports with nearly the title of one that is kept beside them."""
    if keys := " and ".join(others):
        message = f"{shown(_title(draft))} is almost the title of {keys}"
        yield _warning(draft, "possible duplicate", message)


def _warning(
    draft: ReportDraft, rule: str, message: str, fate: Fate = Fate.WARNED, *, field: str = "report"
) -> Note:
    return Note(draft.row, field, fate, rule, message)


def _explained(draft: ReportDraft, rule: str, message: str) -> Note:
    return Note(draft.row, "report", Fate.EXPLAINED, rule, message)
