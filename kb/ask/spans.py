"""The phrases of a question that mean something: the longest first, and none twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.ask.lexicon import (
    CAPITALS_ONLY,
    MANNER,
    NEVER,
    RESULTS_IF_OUTCOME,
    SCOPE,
    SUBJECT_WORDS,
    SURNAMES_OF_EVERY_DAY,
    VOICE_VERBS,
    VOICES,
    WEAK_SUBJECT_WORDS,
)
from kb.ask.names import Meaning, Names
from kb.ask.words import Word

_TO_US = {"tell", "give", "show", "let", "help", "helps", "for", "to", "with", "of", "by"}


@dataclass(frozen=True)
class Span:
    """Words from `start` to `end`, what they ask for, and what they may narrow by."""

    start: int
    end: int
    words: str
    subject: str | None = None
    weak_subject: str | None = None
    meanings: tuple[Meaning, ...] = ()

    @property
    def says_nothing(self) -> bool:
        """Whether the words are only a manner of speaking."""
        return not (self.subject or self.weak_subject or self.meanings)

    def is_of(self, facet: str) -> bool:
        """Return whether the words may be a value of a facet."""
        return any(meaning.facet == facet for meaning in self.meanings)


def find_spans(words: Sequence[Word], names: Names) -> list[Span]:
    """Return the phrases in the order of the question."""
    return list(_spans(words, names))


def _spans(words: Sequence[Word], names: Names) -> Iterator[Span]:
    longest = max(names.longest, *(len(phrase.split()) for phrase in SUBJECT_WORDS))
    start = 0
    while start < len(words):
        for end in range(min(start + longest, len(words)), start, -1):
            span = _span(words, start, end, names)
            if span:
                yield span
                start = end
                break
        else:
            start += 1


def _span(words: Sequence[Word], start: int, end: int, names: Names) -> Span | None:
    phrase = " ".join(word.plain for word in words[start:end])
    if phrase in MANNER or phrase in SCOPE:
        return Span(start, end, phrase)
    subject = SUBJECT_WORDS.get(phrase) or RESULTS_IF_OUTCOME.get(phrase)
    weak = WEAK_SUBJECT_WORDS.get(phrase)
    meanings = names.meanings(phrase)
    if end == start + 1 and not _is_name(words, start):
        meanings = []
    if not (subject or weak or meanings):
        return None
    return Span(start, end, phrase, subject, weak, tuple(meanings))


def _is_name(words: Sequence[Word], at: int) -> bool:
    """Return whether a single word may stand for a term, and not for itself."""
    word = words[at]
    before = words[at - 1].plain if at else ""
    if word.plain in NEVER or (word.plain in VOICE_VERBS and before in VOICES):
        return False
    if word.plain == "us":
        return word.capitals or before not in _TO_US
    if word.plain in CAPITALS_ONLY:
        return word.capitals
    return word.plain not in SURNAMES_OF_EVERY_DAY or (word.capital and at > 0)
