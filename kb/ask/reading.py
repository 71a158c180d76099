"""Which facet each phrase of a question narrows, and which words are left over."""

from collections.abc import Sequence

from kb.ask.lexicon import (
    AFTER,
    AFTER_MEASURING,
    BEFORE,
    DELIVERED,
    EVERYDAY,
    EVERYDAY_OUTCOMES,
    GENERIC_DESIGN,
    GROUPS,
    HEADED,
    IMPLEMENTATION,
    MEASURING,
    MISSED,
    NEGATIONS,
    NOT_AN_INTERVENTION,
    RESULTS_IF_OUTCOME,
    SILENT,
    SOURCE_WORDS,
    SUBJECT_WORDS,
    VALENCE_OF,
    VOICE_VERBS,
    WEAK_SUBJECT_WORDS,
    WISHES,
    preference,
)
from kb.ask.names import Meaning
from kb.ask.numbers import find_numbers
from kb.ask.spans import Span
from kb.spelling import singular

_ARTICLES = {"a", "an", "the", "their", "any", "all"}
_JOINING = {"and", "or", "nor", "the"}
_NOT_FILLING = {"but", "and", "or", "with"}
_OF_SEVERAL = {"outcome", "instrument", "component", "approach", "facilitator", "theme"}
_NATIVE = {"construct": IMPLEMENTATION, "domain": IMPLEMENTATION, "theme": {"themes"}}
"""Facets of which everyday words count for some subjects only."""

_LACKED = {"construct", "domain"}
_LONGEST_NEGATION = 3
_KNOWN = {
    *SILENT,
    *SOURCE_WORDS,
    *VOICE_VERBS,
    *WEAK_SUBJECT_WORDS,
    *(word for words, _ in WISHES for word in words.split()),
}
_NO_MENTION = {*SUBJECT_WORDS, *RESULTS_IF_OUTCOME, *GENERIC_DESIGN}


class Reading:
    """Collects what the words of a question narrow by."""

    def __init__(self, words: Sequence[str], spans: Sequence[Span], subject: str) -> None:
        self.given: dict[str, list[str]] = {}
        self.any_of: list[str] = []
        """Facets of which several values are joined by 'and'."""
        self.useless: dict[str, str] = {}
        """Phrases that name a value by which the subject cannot be narrowed, and its facet."""
        self.subject = subject
        self._words = words
        self._about_groups = subject in IMPLEMENTATION | {"themes"}
        self._order = preference(subject, measured=bool(MEASURING & set(words)))
        self._used = [False] * len(words)
        self._last: tuple[Span, str, bool] | None = None
        self._designed = any(s.is_of("design") and s.words not in GENERIC_DESIGN for s in spans)
        self._about_inclusion = any(s.is_of("review") or s.subject == "reviews" for s in spans)
        for span in spans:
            self._take(span)
        self._take_numbers()
        for span in spans:
            if span.weak_subject and not span.meanings:
                self._use(span.start, span.end)

    def left(self) -> list[str]:
        """Return the words that were not used, phrases of no use in one piece."""
        left = [word for word, used in zip(self._words, self._used, strict=True) if not used]
        return list(dict.fromkeys([*left, *self.useless]))

    def unused(self) -> list[str]:
        """Return the words that would have had a meaning and were not used."""
        return [w for w in self.left() if w not in _KNOWN and (len(w) > 1 or w.isdigit())]

    def _take(self, span: Span) -> None:
        chosen = self._chosen(span)
        if chosen:
            self._narrow(span, chosen)
        elif self._needs_no_mention(span):
            self._use(span.start, span.end)
        elif span.meanings and not any(span.is_of(name) for name in self._order):
            self._use(span.start, span.end)
            self.useless[span.words] = span.meanings[0].facet

    def _needs_no_mention(self, span: Span) -> bool:
        about_groups = self._about_groups and span.words in GROUPS
        return span.says_nothing or span.words in _NO_MENTION or about_groups

    def _narrow(self, span: Span, chosen: list[Meaning]) -> None:
        facet = chosen[0].facet
        negation = self._negation(span.start)
        carried = self._carries_on(span, facet)
        negated = negation is not None or (carried and self._last is not None and self._last[2])
        self._use(span.start if negation is None else negation, span.end)
        if negation is not None and facet in _LACKED and self._words[negation] in MISSED:
            negated = False
        if carried and not negated and "and" in self._between(span) and facet in _OF_SEVERAL:
            self.any_of.append(facet)
        self._last = (span, facet, negated)
        self._give(facet, [meaning.value for meaning in chosen], negated=negated)

    def _take_numbers(self) -> None:
        for number in find_numbers(self._words, [not used for used in self._used]):
            negation = self._negation(number.start)
            start = number.start if negation is None else negation
            self._use(start, number.end)
            self._give(number.facet, [number.value], negated=negation is not None)

    def _give(self, facet: str, values: list[str], *, negated: bool) -> None:
        sign = "!" if negated else ""
        given = self.given.setdefault(facet, [])
        given += [f"{sign}{value}" for value in values if not {value, f"{sign}{value}"} & {*given}]

    def _use(self, start: int, end: int) -> None:
        self._used[start:end] = [True] * (end - start)

    def _chosen(self, span: Span) -> list[Meaning]:
        """Return the values of the one facet that the words are taken for."""
        valence = VALENCE_OF.get(span.subject or "")
        if valence and self.subject in {"studies", "reviews"}:
            return [Meaning("valence", valence)]
        if span.subject == self.subject and span.words in SUBJECT_WORDS:
            return []
        facets = [name for name in self._order if span.is_of(name)]
        facet = self._settled(span, facets) or next(iter(facets), None)
        if facet is None or not self._counts(span, facet):
            return []
        return [meaning for meaning in span.meanings if meaning.facet == facet]

    def _settled(self, span: Span, facets: Sequence[str]) -> str | None:
        """Return the facet on which the words around a name decide."""
        headed = HEADED.get(self._word(span.end))
        if headed in facets:
            return headed
        if "comparator" in facets and AFTER & set(self._words[span.end : span.end + 3]):
            return "comparator"
        before = set(self._words[max(0, span.start - 3) : span.start])
        return next((f for words, f in BEFORE if f in facets and before & words), None)

    def _counts(self, span: Span, facet: str) -> bool:
        """Return whether words that also have an everyday sense mean the term here."""
        forms = {span.words, singular(span.words), f"{span.words}s"}
        if facet == "design":
            return span.words not in GENERIC_DESIGN or not self._designed
        if facet in {"delivery", "approach"}:
            return self._delivery_counts(span)
        if facet == "status":
            return self._about_inclusion
        if facet == "outcome" and forms & EVERYDAY_OUTCOMES:
            return self._before(span) in AFTER_MEASURING | {""}
        return not forms & EVERYDAY or self.subject in _NATIVE.get(facet, {self.subject})

    def _delivery_counts(self, span: Span) -> bool:
        """Return whether 'group' and 'individual' are ways of delivery here."""
        before, after = self._word(span.start - 1), self._word(span.end)
        if span.words in GROUPS:
            return not self._about_groups and before not in NOT_AN_INTERVENTION
        return singular(span.words) != "individual" or bool({before, after} & DELIVERED)

    def _word(self, at: int) -> str:
        return self._words[at] if 0 <= at < len(self._words) else ""

    def _before(self, span: Span) -> str:
        """Return the word before a phrase and its article."""
        at = span.start - 1
        while self._word(at) in _ARTICLES:
            at -= 1
        return self._word(at)

    def _between(self, span: Span) -> Sequence[str]:
        return self._words[self._last[0].end : span.start] if self._last else ()

    def _carries_on(self, span: Span, facet: str) -> bool:
        """Return whether a phrase continues a list: 'without pain, sleep or mood'."""
        return (
            self._last is not None
            and self._last[1] == facet
            and set(self._between(span)) <= _JOINING
        )

    def _negation(self, start: int) -> int | None:
        """Return where the words begin that negate what starts here."""
        at = start
        while at > max(0, start - 5):
            for length in range(1, _LONGEST_NEGATION + 1):
                begin = at - length
                if begin >= 0 and " ".join(self._words[begin:at]) in NEGATIONS:
                    return begin
            at -= 1
            word = self._words[at]
            if self._used[at] or word not in SILENT or word in _NOT_FILLING:
                return None
        return None
