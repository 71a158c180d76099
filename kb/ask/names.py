"""Every name by which a question may call a term, from the vocabularies of the store."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from kb.ask.lexicon import HEADED, MORE_NAMES, SUBJECT_WORDS
from kb.ask.studies import studies_named
from kb.ask.words import plain_words
from kb.facets import FACETS, Facet
from kb.spelling import american, singular
from kb.study_names import spelt_like
from kb.vocabulary import Vocabulary, plain

_BY_LABEL = re.compile(r"([^\W\d]+(?:[-'’][^\W\d]+)*)(?: (?:19|20)\d\d)?(?: \(.*)?")
"""How studies and reviews are labelled: Goodwin 2001 (BEST)."""

_READY = re.compile(r"[a-z]+(?: [a-z]+)*")
"""A name that is in the form of comparison already, as most are."""

_SHORTEST = 5
"""Length from which a word is worth a guess at its spelling."""

_NOT_ASKED_BY_NAME = {"year", "n", "text", "domain", "valence"}


class Meaning(NamedTuple):
    """A facet and one of its values."""

    facet: str
    value: str


_Meanings = dict[str, dict[Meaning, None]]


class Names:
    """What the words of one question may mean in a store, whatever their number and spelling."""

    def __init__(self, vocabulary: Vocabulary, question: str) -> None:
        self._vocabulary = vocabulary
        self._terms = _meanings_of_terms(vocabulary)
        self._studies = _meanings_of_studies(vocabulary, question)
        named = (*self._terms, *self._studies)
        self.longest = max(len(words.split()) for words in named)

    def meanings(self, words: str) -> list[Meaning]:
        """Return what words may mean: as they stand, and as their singular or plural."""
        has_plural = len(words) > 3 and words.rsplit(maxsplit=1)[-1] not in HEADED
        written = [words, singular(words), *([f"{words}s"] if has_plural else [])]
        forms = dict.fromkeys(american(form) for form in written)
        found = (
            meaning
            for form in forms
            for known in (self._terms, self._studies)
            for meaning in known.get(form, ())
        )
        return list(dict.fromkeys(found))

    def nearest(self, word: str) -> str | None:
        """Return the word of a name that a misspelt word is most like."""
        known = _words_of_terms(self._vocabulary)
        if len(word) < _SHORTEST or not word.isalpha() or word in known:
            return None
        studies = spelt_like(self._vocabulary.connection, word, known)
        named = _single_words(self._vocabulary.of_studies(studies).names("study"))
        if word in named:
            return None
        near = difflib.get_close_matches(word, known | named, n=1, cutoff=0.8)
        return near[0] if near else None


@lru_cache(maxsize=1)
def _meanings_of_terms(vocabulary: Vocabulary) -> _Meanings:
    """Return what names of all but studies mean; a vocabulary does not change once it is read."""
    found: _Meanings = {}
    for name, facet in FACETS.items():
        if name not in _NOT_ASKED_BY_NAME and facet.vocabulary != "study":
            for words, value in _names_of(facet, vocabulary):
                _add(found, words, Meaning(_facet(name, value, vocabulary), value))
    for words, _, _ in MORE_NAMES:
        found.pop(_key(words), None)
    for words, facet_name, value in MORE_NAMES:
        _add(found, words, Meaning(facet_name, value))
    return found


def _meanings_of_studies(vocabulary: Vocabulary, question: str) -> _Meanings:
    """Return what those names of studies mean that a question may hold."""
    found: _Meanings = {}
    keys = studies_named(vocabulary.connection, question)
    for words, key in _names_of(FACETS["study"], vocabulary.of_studies(keys)):
        _add(found, words, Meaning("study", key))
    for words, _, _ in MORE_NAMES:
        found.pop(_key(words), None)
    return found


def _add(meanings: _Meanings, words: str, meaning: Meaning) -> None:
    if key := _key(words):
        meanings.setdefault(key, {})[meaning] = None


@lru_cache(maxsize=1)
def _words_of_terms(vocabulary: Vocabulary) -> dict[str, None]:
    tables = {facet.vocabulary for facet in FACETS.values()} - {"", "study"}
    names = [name for table in sorted(tables) for name in vocabulary.names(table)]
    return _single_words([*names, *SUBJECT_WORDS])


def _single_words(names: Iterable[str]) -> dict[str, None]:
    words = (word for name in names for word in plain_words(name).split())
    return {word: None for word in words if len(word) > 3 and word.isalpha()}


def _names_of(facet: Facet, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    if facet.codes is not None:
        yield from ((code.value, code.value) for code in facet.codes)
        yield from facet.spoken.items()
        return
    descriptive = _descriptions(facet.vocabulary, vocabulary)
    codes = _top_codes(vocabulary) if facet.vocabulary == "construct" else set()
    for words, keys in vocabulary.names(facet.vocabulary).items():
        if words not in descriptive and words not in codes:
            yield from ((words, key) for key in keys)
    if facet.vocabulary in {"study", "review"}:
        yield from _by_author(facet.vocabulary, vocabulary)


def _by_author(table: str, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield the first author's name alone, where nothing of the kind is called so already."""
    taken: Mapping[str, list[str]] = vocabulary.names(table) if table == "review" else {}
    for key, term in vocabulary.terms(table).items():
        labelled = _BY_LABEL.fullmatch(term.name)
        if labelled and plain(labelled[1]) not in taken:
            yield labelled[1], key
        if labelled and table == "review":
            yield f"{labelled[1]} reviews", key


def _descriptions(table: str, vocabulary: Vocabulary) -> set[str]:
    """Return parts of labels that describe and do not name, such as 'brain tumour groups'."""
    if table not in {"study", "review"}:
        return set()
    labels = (term.name.partition("(") for term in vocabulary.terms(table).values())
    return {plain(inside) for _, _, end in labels if (inside := end.rstrip(")")).islower()}


def _top_codes(vocabulary: Vocabulary) -> set[str]:
    codes = (term.also or "" for term in vocabulary.terms("construct").values())
    return {plain(code) for code in codes if "." not in code}


def _facet(name: str, value: str, vocabulary: Vocabulary) -> str:
    if name == "construct" and vocabulary.terms("construct")[value].parent is None:
        return "domain"
    return name


def _key(words: str) -> str:
    return american(words if _READY.fullmatch(words) else plain_words(words))
