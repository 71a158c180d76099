"""From words to a question: the longest names first, and nothing guessed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kb.ask.lexicon import (
    COUNTING_WORDS,
    IMPLEMENTATION,
    NEGATIONS,
    POOLING_WORDS,
    SILENT,
    SOURCE_WORDS,
    SUBJECT_WORDS,
    VALENCE_OF,
    preference,
)
from kb.ask.numbers import number_spans
from kb.facets import FACETS
from kb.question import Question, build_question
from kb.vocabulary import Vocabulary, plain

_LONGEST = 8
_TAKEN_FROM_WORDS = (
    "design",
    "approach",
    "component",
    "facilitator",
    "comparator",
    "outcome",
    "instrument",
    "cancer",
    "country",
    "review",
    "study",
    "theme",
    "construct",
    "delivery",
    "mode",
    "status",
)
_TOO_COMMON = {
    "group",
    "groups",
    "trust",
    "control",
    "need",
    "needs",
    "time",
    "space",
    "data",
    "process",
}
"""Names of terms that questions also use in their everyday sense, outside implementation."""

_Candidate = tuple[str, str]
"""A facet and a value of it."""


@dataclass(frozen=True)
class Understood:
    """What a question in words was taken to mean."""

    question: Question
    meanings: list[tuple[str, str]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wants_sources: bool = False

    @property
    def understood_anything(self) -> bool:
        """Whether any word had a meaning for this base."""
        return bool(self.meanings)


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    words: str
    candidates: tuple[_Candidate, ...]

    @property
    def subject(self) -> str | None:
        return next((value for facet, value in self.candidates if facet == "subject"), None)


def understand(text: str, vocabulary: Vocabulary) -> Understood:
    """Return the question that the words ask."""
    words = _words(text)
    spans = list(_spans(words, _index(vocabulary)))
    subject, subject_span = _subject(spans)
    reading = _Reading(words, subject)
    for span in spans:
        if span is subject_span:
            reading.mark(span, "subject", subject)
        else:
            reading.take(span)
    reading.take_numbers()
    question = build_question(subject, reading.given, vocabulary)
    return Understood(
        question,
        reading.meanings,
        reading.unused(),
        _notes(words, reading, subject),
        any(word in SOURCE_WORDS for word in words),
    )


def _words(text: str) -> list[str]:
    text = re.sub(r"\b((?:19|20)\d\d)\s*[-–]\s*((?:19|20)\d\d)\b", r"\1 to \2", text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    text = re.sub(r"[,;:?!()\[\]\"“”/&+]|\.(?!\.|\d)(?<!\.\.)", " ", text)
    return plain(text.replace("’s ", " ").replace("'s ", " ")).split()


def _index(vocabulary: Vocabulary) -> dict[str, list[_Candidate]]:
    index: dict[str, list[_Candidate]] = {}
    for phrase, subject in SUBJECT_WORDS.items():
        index.setdefault(phrase, []).append(("subject", subject))
    for name in _TAKEN_FROM_WORDS:
        for phrase, value in _phrases(vocabulary, name):
            index.setdefault(phrase, []).append((_facet(vocabulary, name, value), value))
    return index


def _phrases(vocabulary: Vocabulary, name: str) -> Iterator[_Candidate]:
    facet = FACETS[name]
    if facet.codes is not None:
        for code in facet.codes:
            yield plain(code.value), code.value
        for spoken, code_value in facet.spoken.items():
            yield plain(spoken), code_value
        return
    codes = {plain(term.also or "") for term in vocabulary.terms("construct").values()}
    for phrase, keys in vocabulary.names(facet.vocabulary).items():
        if name != "construct" or phrase not in codes:
            yield from ((phrase, key) for key in keys)


def _facet(vocabulary: Vocabulary, name: str, value: str) -> str:
    if name == "construct" and vocabulary.terms("construct")[value].parent is None:
        return "domain"
    return name


def _spans(words: list[str], index: Mapping[str, list[_Candidate]]) -> Iterator[_Span]:
    position = 0
    while position < len(words):
        for length in range(min(_LONGEST, len(words) - position), 0, -1):
            phrase = " ".join(words[position : position + length])
            candidates = index.get(phrase) or index.get(_singular(phrase))
            if candidates:
                yield _Span(position, position + length, phrase, tuple(candidates))
                position += length
                break
        else:
            position += 1


def _singular(phrase: str) -> str:
    if phrase.endswith("ies") and len(phrase) > 5:
        return f"{phrase[:-3]}y"
    plural = len(phrase) > 3 and phrase.endswith("s") and not phrase.endswith("ss")
    return phrase[:-1] if plural else phrase


def _subject(spans: Iterable[_Span]) -> tuple[str, _Span | None]:
    """Return what is asked for: the first subject named; trials and studies are one too."""
    for span in spans:
        if span.subject is not None:
            return span.subject, span
        if any(facet == "design" for facet, _ in span.candidates):
            return "studies", None
    return "studies", None


class _Reading:
    """Collects what the words mean, and which of them have been used."""

    def __init__(self, words: list[str], subject: str) -> None:
        self.words = words
        self.subject = subject
        self.given: dict[str, list[str]] = {}
        self.meanings: list[tuple[str, str]] = []
        self.joined_by_and: list[str] = []
        self._used = [False] * len(words)
        self._last: tuple[str, int] | None = None

    def mark(self, span: _Span, facet: str, value: str) -> None:
        """Note that words were used for something."""
        for position in range(span.start, span.end):
            self._used[position] = True
        self.meanings.append((span.words, f"{facet} {value}"))

    def take(self, span: _Span) -> None:
        """Take a span as a value of the facet that fits the subject best."""
        chosen = self._chosen(span)
        if not chosen:
            return
        facet = chosen[0][0]
        meant = [value for _, value in chosen]
        negated = self._negated(span.start)
        self.mark(span, facet, ("not " if negated else "") + " or ".join(meant))
        self._note_and(facet, span)
        values = self.given.setdefault(facet, [])
        written = [f"!{value}" if negated else value for value in meant]
        values += [value for value in written if value not in values]

    def take_numbers(self) -> None:
        """Take years and sizes from the words that are still unused."""
        free = [not used for used in self._used]
        for number in number_spans(self.words, free):
            phrase = " ".join(self.words[number.start : number.end])
            span = _Span(number.start, number.end, phrase, ())
            self.mark(span, number.facet, number.value)
            self.given.setdefault(number.facet, []).append(number.value)

    def unused(self) -> list[str]:
        """Return the words that were not used and would have had a meaning."""
        known = SILENT | SOURCE_WORDS | NEGATIONS | {"how", "many"}
        unused = [
            word
            for word, used in zip(self.words, self._used, strict=True)
            if not used and word not in known and len(word) > 1
        ]
        return list(dict.fromkeys(unused))

    def _chosen(self, span: _Span) -> list[_Candidate]:
        """Return the values of the one facet that the words are taken for."""
        if span.words in _TOO_COMMON and not self._common_word_means(span):
            return []
        order = preference(self.subject)
        named = [c for c in span.candidates if c[0] in order]
        if named:
            facet = min((facet for facet, _ in named), key=order.index)
            return [candidate for candidate in named if candidate[0] == facet]
        valence = VALENCE_OF.get(span.subject or "")
        return [("valence", valence)] if valence and self.subject == "studies" else []

    def _common_word_means(self, span: _Span) -> bool:
        if span.words in {"group", "groups"}:
            before = self.words[span.start - 1] if span.start else ""
            return self.subject not in IMPLEMENTATION | {"themes"} and before != "control"
        return self.subject in IMPLEMENTATION

    def _negated(self, start: int) -> bool:
        before = self.words[max(0, start - 3) : start]
        while before and before[-1] in {
            "a",
            "an",
            "the",
            "in",
            "with",
            "from",
            "on",
            "of",
            "using",
        }:
            before.pop()
        return bool(before) and (before[-1] in NEGATIONS or " ".join(before[-2:]) in NEGATIONS)

    def _note_and(self, facet: str, span: _Span) -> None:
        if self._last and self._last[0] == facet:
            between = self.words[self._last[1] : span.start]
            if "and" in between and "or" not in between:
                self.joined_by_and.append(facet)
        self._last = (facet, span.end)


def _notes(words: list[str], reading: _Reading, subject: str) -> list[str]:
    notes = []
    text = f" {' '.join(words)} "
    for facet in dict.fromkeys(reading.joined_by_and):
        notes.append(f"Several values of {facet} are taken as any of them, not all of them.")
    if any(f" {phrase} " in text for phrase in POOLING_WORDS) and subject == "results":
        notes.append(
            "This version does not pool; these are the results that a pooled answer would draw on."
        )
    if any(f" {phrase} " in text for phrase in COUNTING_WORDS):
        notes.append("The count stands at the top.")
    return notes
