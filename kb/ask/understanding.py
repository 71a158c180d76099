"""From words to a question, by names alone: nothing is guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kb.ask.lexicon import MEASURES, SILENT, SOURCE_WORDS
from kb.ask.names import Names
from kb.ask.notes import about_answer, about_pooling, about_words, refusal
from kb.ask.reading import Reading
from kb.ask.spans import Span, find_spans
from kb.ask.subject import Asked, find_subject, settled
from kb.ask.words import read_words
from kb.errors import UnknownValue
from kb.facets import ABOUT_MEASUREMENTS
from kb.question import POOL, Question, build_question
from kb.vocabulary import Vocabulary

_WHAT_IS = re.compile(r"what (?:is|are)(?: an?| the)?")


@dataclass(frozen=True)
class Understood:
    """What a question in words was taken to mean."""

    question: Question
    unused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wants_sources: bool = False
    measure: str | None = None
    """What is to be pooled, by metafor's code, where the words say so."""

    refusal: UnknownValue | None = None
    """Why the question cannot be answered, where nothing of it was understood."""

    @property
    def command(self) -> str:
        """The command line that asks the same."""
        measure = f" --measure {self.measure}" if self.measure else ""
        return self.question.command() + measure + (" --sources" if self.wants_sources else "")


def understand(text: str, vocabulary: Vocabulary) -> Understood:
    """Return the question that the words ask."""
    names = Names(vocabulary, text)
    read = read_words(text)
    words = [word.plain for word in read]
    spans = settled(words, find_spans(read, names))
    asked = find_subject(words, spans)
    reading = _read(words, spans, asked)
    wanted = build_question(reading.subject, reading.given, vocabulary)
    question = _with_something_to_pool(wanted)
    measures = _measures(spans) if question.subject == POOL else []
    told = about_words(words, reading, names)
    return Understood(
        question,
        reading.unused(),
        [
            *told,
            *about_pooling(wanted, question, measures),
            *about_answer(words, question, asked, reading),
        ],
        wants_sources=not SOURCE_WORDS.isdisjoint(reading.left()),
        measure=measures[0] if measures else None,
        refusal=None if asked.named or reading.given else refusal(words, told),
    )


def _with_something_to_pool(question: Question) -> Question:
    """Return the question, for results where it names nothing that could be pooled."""
    if question.subject == POOL and not question.about(ABOUT_MEASUREMENTS):
        return replace(question, subject="results")
    return question


def _measures(spans: Sequence[Span]) -> list[str]:
    """Return the measures that are named, by their codes."""
    return list(dict.fromkeys(MEASURES[span.words] for span in spans if span.words in MEASURES))


def _read(words: list[str], spans: list[Span], asked: Asked) -> Reading:
    """Return the reading for the subject asked for, or for the one that the values suggest."""
    reading = Reading(words, spans, asked.subject)
    facets = list(reading.given)
    explained = _WHAT_IS.fullmatch(" ".join(words[: spans[0].start])) if len(spans) == 1 else None
    subject = asked.beside(facets, explained=explained is not None)
    if subject != asked.subject:
        return Reading(words, spans, subject)
    if not (asked.firm or facets):
        return _of_everyday_words(words, spans) or reading
    return reading


def _of_everyday_words(words: list[str], spans: list[Span]) -> Reading | None:
    """Return the reading of 'lack of time', words that count where nothing else is said."""
    reading = Reading(words, spans, "factors")
    return reading if reading.given and SILENT.issuperset(reading.left()) else None
