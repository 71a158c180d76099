"""Every name by which a question may call a term, from the vocabularies of the store."""

import difflib
import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from kb.ask.lexicon import HEADED, MORE_NAMES, SUBJECT_WORDS
from kb.ask.words import american, plain_words, singular
from kb.facets import FACETS, Facet
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


class Names:
    """What words may mean in one store, whatever their number and spelling."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._meanings: dict[str, dict[Meaning, None]] = {}
        for name, facet in FACETS.items():
            if name not in _NOT_ASKED_BY_NAME:
                for words, value in self._names_of(facet):
                    self._add(words, Meaning(self._facet(name, value), value))
        for words, _, _ in MORE_NAMES:
            self._meanings.pop(_key(words), None)
        for words, facet_name, value in MORE_NAMES:
            self._add(words, Meaning(facet_name, value))
        self.longest = max(len(words.split()) for words in self._meanings)

    def meanings(self, words: str) -> list[Meaning]:
        """Return what words may mean: as they stand, and as their singular or plural."""
        has_plural = len(words) > 3 and words.rsplit(maxsplit=1)[-1] not in HEADED
        written = [words, singular(words), *([f"{words}s"] if has_plural else [])]
        forms = dict.fromkeys(american(form) for form in written)
        return list(dict.fromkeys(m for form in forms for m in self._meanings.get(form, ())))

    def nearest(self, word: str) -> str | None:
        """Return the word of a name that a misspelt word is most like."""
        if len(word) < _SHORTEST or not word.isalpha() or word in self._single_words:
            return None
        near = difflib.get_close_matches(word, self._single_words, n=1, cutoff=0.8)
        return near[0] if near else None

    def _add(self, words: str, meaning: Meaning) -> None:
        if key := _key(words):
            self._meanings.setdefault(key, {})[meaning] = None

    @cached_property
    def _single_words(self) -> dict[str, None]:
        tables = {facet.vocabulary for facet in FACETS.values() if facet.vocabulary}
        names = [name for table in sorted(tables) for name in self._vocabulary.names(table)]
        words = (word for name in [*names, *SUBJECT_WORDS] for word in plain_words(name).split())
        return {word: None for word in words if len(word) > 3 and word.isalpha()}

    def _names_of(self, facet: Facet) -> Iterator[tuple[str, str]]:
        if facet.codes is not None:
            yield from ((code.value, code.value) for code in facet.codes)
            yield from facet.spoken.items()
            return
        descriptive = self._descriptions(facet.vocabulary)
        codes = self._top_codes() if facet.vocabulary == "construct" else set()
        for words, keys in self._vocabulary.names(facet.vocabulary).items():
            if words not in descriptive and words not in codes:
                yield from ((words, key) for key in keys)
        if facet.vocabulary in {"study", "review"}:
            yield from self._by_author(facet.vocabulary)

    def _by_author(self, table: str) -> Iterator[tuple[str, str]]:
        """Yield the first author's name alone, where nothing of the kind is called so already."""
        taken = self._vocabulary.names(table) if table == "review" else {}
        for key, term in self._vocabulary.terms(table).items():
            labelled = _BY_LABEL.fullmatch(term.name)
            if labelled and plain(labelled[1]) not in taken:
                yield labelled[1], key
            if labelled and table == "review":
                yield f"{labelled[1]} reviews", key

    def _descriptions(self, table: str) -> set[str]:
        """Return parts of labels that describe and do not name, such as 'brain tumour groups'."""
        if table not in {"study", "review"}:
            return set()
        labels = (term.name.partition("(") for term in self._vocabulary.terms(table).values())
        return {plain(inside) for _, _, end in labels if (inside := end.rstrip(")")).islower()}

    def _top_codes(self) -> set[str]:
        codes = (term.also or "" for term in self._vocabulary.terms("construct").values())
        return {plain(code) for code in codes if "." not in code}

    def _facet(self, name: str, value: str) -> str:
        if name == "construct" and self._vocabulary.terms("construct")[value].parent is None:
            return "domain"
        return name


def _key(words: str) -> str:
    return american(words if _READY.fullmatch(words) else plain_words(words))
