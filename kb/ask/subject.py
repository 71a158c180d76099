"""What a question asks for: the first thing named, unless other words say otherwise."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.ask.lexicon import (
    BEFORE_POOLING,
    EFFECT_OVER,
    EXPLAINED_BY,
    HEADED,
    NATURAL_SUBJECT,
    NEVER_POOLED,
    RESULTS_IF_OUTCOME,
    VOICE_VERBS,
    VOICES,
    YIELDING,
)
from kb.ask.spans import Span
from kb.question import POOL

_HOW_MEASURED = re.compile(
    r"\bhow (?:was|were|is|are|did|do|does|has|have|can|could|should|to)\b"
    r".*\b(?:measure[sd]?|assess(?:ed)?)\b|\bmeasured (?:with|by)$"
)
_ASIDE = {"in", "from", "across", "within", "among", "according"}
"""Words that make a noun the place of a question and not its subject: 'in trials, ...'."""

_JOINING = {"and", "or", "to", "the", "of", "what", "are", "also", "as", "well"}
_AFTER_PEOPLE = {"who", "led", "lead", "leading", "trained", "need", "needs", "know"}
_BEFORE_PEOPLE = {"by", "trained", "led", "do", "did", "does", "should", "can", "could", "must"}
_INCLUDED = {"factors": ("barriers", "facilitators"), POOL: ("results",)}
"""Subjects that are answered with another."""

_META_ANALYSIS = {"meta analysis", "metaanalysis"}
_ASKING = {"what", "which", "how", "and", "also", "who", "the"}
_VOICED_WITHIN = 6
_KEEPING = {"what keeps", "what kept"}
_FROM_DOING = re.compile(r"(?:\S+ ){1,4}from \S+ing\b")
"""What turns what keeps people into what keeps them away: 'carers from joining'."""


@dataclass(frozen=True)
class Asked:
    """The subject, and the other subjects that the same words ask for."""

    subject: str = "studies"
    also: tuple[str, ...] = ()
    named: bool = True
    """Whether words name the subject at all."""

    firm: bool = True
    """Whether they do so firmly, so that no facet can suggest another."""

    def beside(self, facets: Sequence[str], *, explained: bool) -> str:
        """Return the subject in the company of values: 'travel' by itself asks for factors."""
        natural = {NATURAL_SUBJECT.get(facet, "studies") for facet in facets}
        if explained and len(facets) == 1:
            natural = {EXPLAINED_BY.get(facets[0], *natural)}
        if self.firm or natural == {"studies"} or len(natural) != 1:
            return self.subject
        return natural.pop()


def settled(words: Sequence[str], spans: Sequence[Span]) -> list[Span]:
    """Return the phrases, each with the subject that it names in the company of the others."""
    return [_settled(span, words, spans) for span in spans]


def find_subject(words: Sequence[str], spans: Sequence[Span]) -> Asked:
    """Return what is asked for."""
    if _HOW_MEASURED.search(" ".join(words)):
        return Asked("instruments")
    named = [(span, subject) for span in spans if (subject := _subject(span))]
    direct = [pair for pair in named if not _aside(pair[0], words)] or named
    if not direct:
        return _weakly_named(words, spans)
    subjects = [subject for _, subject in direct]
    first = _pooled([subject for _, subject in named]) or subjects[0]
    if _asks_for_both(direct, words):
        first = "factors"
    elif first in EFFECT_OVER and "results" in subjects:
        first = "results"
    also = [subject for span, subject in direct[1:] if _asks_anew(span, words)]
    also += ["themes"] if _voiced(words) else []
    answered = {first, *_INCLUDED.get(first, ())}
    return Asked(first, tuple(s for s in dict.fromkeys(also) if s not in answered))


def _pooled(subjects: Sequence[str]) -> str | None:
    """Return what is asked for where pooling is named: not a new pool where reviews did it."""
    if POOL not in subjects:
        return None
    return next((subject for subject in subjects if subject in NEVER_POOLED), POOL)


def _settled(span: Span, words: Sequence[str], spans: Sequence[Span]) -> Span:
    if span.words in RESULTS_IF_OUTCOME:
        named = any({m.facet for m in other.meanings} == {"outcome"} for other in spans)
        return replace(span, subject="results") if named else span
    if span.subject == "facilitators" and _are_people(span, words, spans):
        return replace(span, subject=None, weak_subject="interventions")
    if span.words in _KEEPING and _FROM_DOING.match(" ".join(words[span.end :])):
        return replace(span, subject="barriers")
    if span.words in _META_ANALYSIS and BEFORE_POOLING.issuperset(words[: span.start]):
        return replace(span, subject=POOL)
    facet = HEADED.get(span.words)
    if facet and any(other.end == span.start and other.is_of(facet) for other in spans):
        return replace(span, subject=None)
    return span


def _subject(span: Span) -> str | None:
    if span.subject is None and span.is_of("design"):
        return "studies"
    return span.subject


def _are_people(span: Span, words: Sequence[str], spans: Sequence[Span]) -> bool:
    """Return whether 'facilitators' are those who lead a group."""
    before = words[span.start - 1] if span.start else ""
    after = words[span.end] if span.end < len(words) else ""
    led = before in _BEFORE_PEOPLE or after in _AFTER_PEOPLE
    return span.words == "facilitators" and (led or any(s.is_of("facilitator") for s in spans))


def _aside(span: Span, words: Sequence[str]) -> bool:
    before = [word for word in words[max(0, span.start - 2) : span.start] if word != "the"]
    return span.subject in {None, "studies", "reviews"} and bool(before) and before[-1] in _ASIDE


def _asks_for_both(named: Sequence[tuple[Span, str]], words: Sequence[str]) -> bool:
    """Return whether barriers and facilitators are asked for in one breath."""
    if len(named) < 2:
        return False
    (one, first), (other, second) = named[:2]
    between = set(words[one.end : other.start])
    return {first, second} == {"barriers", "facilitators"} and between <= _JOINING


def _asks_anew(span: Span, words: Sequence[str]) -> bool:
    """Return whether a phrase begins another question."""
    before = words[span.start - 1] if span.start else ""
    return span.subject is not None and (before in _ASKING or span.words.split()[0] in _ASKING)


def _weakly_named(words: Sequence[str], spans: Sequence[Span]) -> Asked:
    if _voiced(words):
        return Asked("themes")
    weak = next((span.weak_subject for span in spans if span.weak_subject), None)
    return Asked(weak, firm=weak not in YIELDING) if weak else Asked(named=False, firm=False)


def _voiced(words: Sequence[str]) -> bool:
    """Return whether it is asked what participants say, value or feel."""
    return any(
        verb in VOICE_VERBS and VOICES & set(words[max(0, at - _VOICED_WITHIN) : at])
        for at, verb in enumerate(words)
    )
