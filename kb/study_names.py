"""Which studies may be called by a name, found by the indexes of the store alone.

A study is called by its key, its label or a part of it, a synonym, or one of its reports. What is
found here holds every study that is so called, and perhaps some more that are not; the time does
not depend on how many studies there are.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select

from kb.full_text import Words, records_with, titled_with
from kb.spelling import alike, forms, indexed_words, slips
from kb.store.lists import among
from kb.store.relations import report, study, study_report, synonym

_YEAR = re.compile(r"((?:19|20)\d\d)s?")
_CUT = "…"
"""Where a report has no authors, its short name is the beginning of its title."""

_UNSAID = {"et", "al", "and"}
"""Words of the short name of a report that stand for other authors."""

_ELIDED = "do"
"""Letters that the index tells apart from the rest of a name: D'Souza, O'Brien."""

_WORTH_A_GUESS = 5
"""Letters from which a word is worth a guess at its spelling."""


def called(connection: Connection, name: str) -> set[str]:
    """Return the keys of the studies that a name may mean as it stands."""
    words = [word.lower() for word in indexed_words(name)]
    if not words:
        return set()
    return {
        *with_keys(connection, [words]),
        *labelled(connection, [[forms(word) for word in words]]),
        *with_synonyms(connection, words),
        *_reported_as(connection, words, cut=_CUT in name),
    }


def called_nearly(connection: Connection, name: str) -> set[str]:
    """Return the keys of studies with a word like one of the name, and of those with all of it."""
    words = [word.lower() for word in indexed_words(name)]
    telling = [word for word in words if len(word) >= _WORTH_A_GUESS and word.isalpha()]
    return called(connection, name) | labelled(connection, [[slips(word)] for word in telling])


def with_keys(connection: Connection, names: Iterable[Sequence[str]]) -> set[str]:
    """Return the studies whose keys, or whose reports' keys, are made of these words."""
    keys = [sign.join(words) for words in names for sign in "-_."]
    found = connection.scalars(select(study.key).where(among(study.key, keys)))
    reports = connection.scalars(select(report.key).where(among(report.key, keys)))
    return {*found, *of_reports(connection, list(reports))}


def labelled(connection: Connection, wanted: Sequence[Words]) -> set[str]:
    """Return the studies whose labels hold all the words of any of the alternatives."""
    return titled_with(connection, "study", wanted)


def with_synonyms(connection: Connection, words: Iterable[str]) -> set[str]:
    """Return the studies that have any of these words in a synonym."""
    meant = {alike(word) for word in words}
    names = select(synonym.text, synonym.term_key).where(synonym.vocabulary == "study")
    return {
        key
        for name, key in connection.execute(names)
        if not meant.isdisjoint(alike(word.lower()) for word in indexed_words(name))
    }


def reported(connection: Connection, wanted: Sequence[Words], year: int) -> set[str]:
    """Return the studies with a report of a year that holds the words of an alternative."""
    keys = records_with(connection, "report", wanted)
    query = select(report.key).where(among(report.key, keys), report.year == year)
    return of_reports(connection, list(connection.scalars(query)))


def of_reports(connection: Connection, reports: Sequence[str]) -> set[str]:
    """Return the studies of these reports."""
    query = select(study_report.study_key).where(among(study_report.report_key, reports))
    return set(connection.scalars(query)) if reports else set()


def spelt_like(connection: Connection, word: str, known: Collection[str]) -> set[str]:
    """Return the studies of which a label or an author is called so but for one letter.

    Those that are so only by a word that is known already are left out.
    """
    elided = slips(word[1:]) if word[0] in _ELIDED else set()
    wanted = (slips(word) | elided) - set(known)
    keys = records_with(connection, "report", [[wanted]])
    query = select(report.key, report.authors).where(among(report.key, keys))
    written = [
        key
        for key, authors in connection.execute(query)
        if not wanted.isdisjoint(name.lower() for name in indexed_words(authors or ""))
    ]
    return labelled(connection, [[wanted]]) | of_reports(connection, written)


def year_of(word: str) -> int | None:
    """Return the year that a word is, also in its plural as names have one."""
    found = _YEAR.fullmatch(word)
    return int(found[1]) if found else None


def _reported_as(connection: Connection, words: Sequence[str], *, cut: bool) -> set[str]:
    """Return the studies of reports of that short name, such as Spiegel & Bloom 1983."""
    year = year_of(words[-1])
    named = [word for word in words[: -2 if cut else -1] if word not in _UNSAID]
    if year is None or not named:
        return set()
    return reported(connection, [[forms(word) for word in named]], year)
