"""Which studies and reports of a file the store has already.

What is sure is matched: a registration, a DOI or a PubMed number, the exact name. What is only
alike is offered to a person.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from sqlalchemy import Connection, select

from kb.exchange.citations.differences import (
    IDENTIFIERS,
    Told,
    is_another,
    may_be_same,
    other_identifiers,
    titles_alike,
)
from kb.exchange.drafts import ReportDraft, StudyDraft, StudyName
from kb.exchange.naming import slug
from kb.store.relations import passage, report, study, study_report, synonym
from kb.vocabulary import plain

_ALIKE = 0.85
_ADDRESS = "url"
_SPOKEN = {"doi": "its DOI", "pmid": "its PubMed number", "pmcid": "its PubMed Central number"}
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}")
_SIGNS = re.compile(r"[,;:().]+")


@dataclass(frozen=True, slots=True)
class StudyHere:
    """A study of the store; `source` is the report that its design was seen in."""

    key: str
    label: str
    year: int | None
    source: str


@dataclass(frozen=True)
class StudyMatch:
    """What a study of a file is: the study `key` known `by` something, or one of `candidates`.

    With neither it is new.
    """

    key: str = ""
    by: str = ""
    candidates: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class ReportMatch:
    """What a report of a file is: the report `key` known `by` something, or like some others.

    `namesakes` have its title and year; what is told of each stands behind its key.
    """

    key: str = ""
    by: str = ""
    alike: tuple[str, ...] = ()
    namesakes: Mapping[str, Told] = field(default_factory=dict)
    conflict: str = ""


@dataclass
class Present:
    """What the store has, by what it can be known by. Read once, before anything is written."""

    source: str
    studies: dict[str, StudyHere] = field(default_factory=dict)
    _by_name: dict[str, set[str]] = field(default_factory=dict)
    _by_registration: dict[str, set[str]] = field(default_factory=dict)
    _near: dict[tuple[int | None, str], list[str]] = field(default_factory=dict)
    _of_report: dict[str, set[str]] = field(default_factory=dict)
    _reports: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _titles: dict[tuple[int | None, str], list[tuple[str, str]]] = field(default_factory=dict)
    _told: dict[str, Told] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, source: str) -> "Present":
        """Read what is there. Studies that come from the report `source` have keys of its own."""
        present = cls(source)
        present._read_studies(connection)
        present._read_reports(connection)
        return present

    def study(self, draft: StudyDraft, reports: Iterable[str]) -> StudyMatch:
        """Return what a study is; `reports` holds the keys of its reports that the store has."""
        registered = self._by_registration.get((draft.registration or "").casefold(), set())
        if len(registered) == 1:
            return StudyMatch(next(iter(registered)), by=f"registration {draft.registration}")
        told = {key for name in reports for key in self._of_report.get(name, ())}
        if len(told) == 1:
            return self._unless_later(draft, next(iter(told)), "a report that both have")
        named = self._by_name.get(_name(draft.name), set())
        if len(named) == 1:
            return self._unless_later(draft, next(iter(named)), "its name")
        several = registered or told or named
        if several:
            return StudyMatch(candidates=tuple(sorted(several)), why="may be any of these")
        near = self._like(draft)
        return StudyMatch(candidates=near, why="may be this one" if near else "")

    def _unless_later(self, draft: StudyDraft, key: str, by: str) -> StudyMatch:
        """Return a match, to be decided on where the study was published before the other began."""
        published = self.studies[key].year
        if not draft.started or not published or draft.started <= published:
            return StudyMatch(key, by=by)
        why = f"began in {draft.started}; the study known by {by} was published in {published}"
        return StudyMatch(candidates=(key,), why=why)

    def report(self, draft: ReportDraft) -> ReportMatch:
        """Return what a report is."""
        found: dict[str, str] = {}
        for column in IDENTIFIERS:
            value = str(getattr(draft, column) or "").casefold()
            for key in self._reports.get((column, value), ()):
                found.setdefault(key, _SPOKEN[column])
        if len(found) > 1:
            return ReportMatch(conflict=f"its identifiers are those of {' and '.join(found)}")
        if found:
            key, by = next(iter(found.items()))
            return ReportMatch(key, by)
        return self._by_address(draft) or self._by_title(draft)

    def title(self, key: str) -> str:
        """Return the title of a report of the store, as titles are compared; "" where none is."""
        return plain(str(self._told[key]["title"])) if key in self._told else ""

    def _by_address(self, draft: ReportDraft) -> ReportMatch | None:
        """Return the only report with the address; a page may tell of several publications."""
        there = self._reports.get((_ADDRESS, _address(draft.url)), set()) if draft.url else set()
        same = [key for key in there if self._can_be(key, draft)]
        return ReportMatch(same[0], "its address") if len(there) == len(same) == 1 else None

    def _by_title(self, draft: ReportDraft) -> ReportMatch:
        """Return the only report with the title and the year, or where neither has one.

        None of what both tell may speak against it.
        """
        title = plain(draft.title or "")
        if not title:
            return ReportMatch()
        titled = self._titles.get((draft.year, title[:6]), [])
        told = vars(draft)
        namesakes = {key: self._told[key] for key, other in titled if other == title}
        same = [key for key, here in namesakes.items() if may_be_same(told, here)]
        if len(same) == 1:
            by = "its title" if draft.year is None else "its title and year"
            return ReportMatch(same[0], by)
        alike = (
            key for key, other in titled if key not in namesakes and titles_alike(title, other)
        )
        return ReportMatch(alike=tuple(alike), namesakes=namesakes)

    def _can_be(self, key: str, draft: ReportDraft) -> bool:
        """Return whether neither identifiers nor title and author say that it is another one."""
        told, here = vars(draft), self._told[key]
        return not other_identifiers(told, here) and not is_another(told, here)

    def _like(self, draft: StudyDraft) -> tuple[str, ...]:
        """Return the studies with the same slug, or of the same year and nearly the same name."""
        own = study_slug(draft)
        here = self.studies.get(own)
        near = {own} if here is not None and here.source != self.source else set()
        for key in self._near.get((draft.year, own[:2]), ()):
            name = slug(self.studies[key].label)
            if SequenceMatcher(None, own, name).ratio() >= _ALIKE:
                near.add(key)
        return tuple(sorted(near))

    def _read_studies(self, connection: Connection) -> None:
        columns = (study.key, study.label, study.year, study.registration, passage.report_key)
        query = select(*columns).join_from(
            study.table, passage.table, study.passage_key == passage.key
        )
        for key, label, year, registration, seen_in in connection.execute(query):
            self.studies[key] = StudyHere(key, label, year, seen_in)
            if seen_in == self.source:
                continue
            self._by_name.setdefault(_name(label), set()).add(key)
            self._near.setdefault((year, key[:2]), []).append(key)
            if registration:
                self._by_registration.setdefault(registration.casefold(), set()).add(key)
        names = select(synonym.text, synonym.term_key).where(synonym.vocabulary == "study")
        for text, key in connection.execute(names):
            self._by_name.setdefault(_name(text), set()).add(key)

    def _read_reports(self, connection: Connection) -> None:
        columns = (
            *(report.key, report.kind, report.title, report.authors, report.container),
            *(report.year, report.volume, report.pages, report.url),
            *(report.doi, report.pmid, report.pmcid),
        )
        for told in connection.execute(select(*columns)).mappings():
            key = told["key"]
            self._told[key] = told
            if told["url"]:
                self._reports.setdefault((_ADDRESS, _address(told["url"])), set()).add(key)
            for column in IDENTIFIERS:
                if told[column]:
                    self._reports.setdefault((column, told[column].casefold()), set()).add(key)
            text = plain(told["title"])
            self._titles.setdefault((told["year"], text[:6]), []).append((key, text))
        of_studies = select(study_report.study_key, study_report.report_key).where(
            study_report.role != "comment"
        )
        for key, name in connection.execute(of_studies):
            if self.studies[key].source != self.source:
                self._of_report.setdefault(name, set()).add(key)


def label(called: StudyName | StudyDraft) -> str:
    """Return a study's name with a year: that of the name itself, or else the study's."""
    named = called.year is None or _YEAR.search(called.name)
    return called.name if named else f"{called.name} {called.year}"


def study_slug(called: StudyName | StudyDraft) -> str:
    """Return the key that a study would have as a new one."""
    return slug(label(called))


def _address(url: str) -> str:
    """Return an address without what it may be written with or without."""
    return url.casefold().partition("://")[2].removeprefix("www.").rstrip("/") or url


def _name(text: str) -> str:
    return plain(_SIGNS.sub(" ", text))
