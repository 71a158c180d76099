"""The studies that a question may name, so that nobody need read the names of all."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from sqlalchemy import Connection

from kb.ask.lexicon import GENERIC_DESIGN, HEADED, SILENT, SUBJECT_WORDS
from kb.full_text import Words
from kb.spelling import forms, indexed_words
from kb.study_names import labelled, reported, with_keys, with_synonyms, year_of

_OF_QUESTIONS = {*SILENT, *SUBJECT_WORDS, *GENERIC_DESIGN, *HEADED}
"""Words that nearly every question holds, and that name no study by themselves."""

_LONGEST_KEY = 6
_WORDS_OF_TITLE = 4
"""Words of a key, and of the title of a report without authors that tell it from others."""

_OTHER_AUTHORS = {"et", "al"}


def studies_named(connection: Connection, question: str) -> set[str]:
    """Return the keys of the studies of which a name may stand in a question, and a few more.

    A word of every question names a study where it stands in capitals or before a year: BEST,
    Given 2004.
    """
    written = indexed_words(question)
    words = [word.lower() for word in written]
    telling = {word.lower() for word in _telling(written, loud=question.isupper())}
    before_years = {(word, year) for word, year in pairwise(words) if year_of(year)}
    found = {
        *with_keys(connection, set(_runs(words))),
        *labelled(connection, _in_all_forms({*before_years, *((word,) for word in telling)})),
        *with_synonyms(connection, telling),
    }
    for year, called in _cited(words).items():
        found |= reported(connection, _in_all_forms(called), year)
    return found


def _in_all_forms(phrases: Iterable[Sequence[str]]) -> list[Words]:
    return [[forms(word) for word in phrase] for phrase in phrases]


def _telling(written: Sequence[str], *, loud: bool) -> Iterator[str]:
    for at, word in enumerate(written):
        capital = not loud and (word.isupper() or (at > 0 and word[0].isupper()))
        if len(word) > 1 and not word.isdigit() and (capital or word.lower() not in _OF_QUESTIONS):
            yield word


def _runs(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield words that follow one another, as many as make a key."""
    for start in range(len(words)):
        last = min(start + _LONGEST_KEY, len(words))
        yield from (tuple(words[start:end]) for end in range(start + 1, last + 1))


def _cited(words: Sequence[str]) -> dict[int, set[Sequence[str]]]:
    """Return for each year what a report of it holds that is called by the words before."""
    cited: dict[int, set[Sequence[str]]] = {}
    for at, word in enumerate(words):
        year = year_of(word)
        nearest = words[max(0, at - 2 * _WORDS_OF_TITLE) : at]
        before = [word for word in nearest if word not in _OTHER_AUTHORS]
        if year and before:
            cited.setdefault(year, set()).update(_of_report(before))
    return cited


def _of_report(before: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield an author's name, and words of a title, of which the last may be cut short."""
    if before[-1] not in _OF_QUESTIONS and before[-1].isalpha():
        yield (before[-1],)
    if len(before) > _WORDS_OF_TITLE:
        yield tuple(before[-_WORDS_OF_TITLE - 1 : -1])
