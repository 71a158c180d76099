"""What to ask instead, where a question has no answer."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from kb.answer import Answer, Nearby
from kb.base import Base
from kb.facets import FACETS
from kb.question import Criterion, Question

_SHOWN = 6

Respond = Callable[[Base, Question], Answer]


def nearby_questions(base: Base, question: Question, respond: Respond) -> list[Nearby]:
    """Return wider questions that have an answer, with its number of rows, the nearest first.

    They leave one facet open or ask for the term above; failing that they keep one facet alone;
    failing that they ask for everything.
    """
    for tier in (_slightly_wider(base, question), _single(question), _bare(question)):
        counted = [(respond(base, wider).count, wider) for wider in tier]
        found = [Nearby(wider.command(), count) for count, wider in counted if count]
        if found:
            return sorted(found, key=lambda item: item.count)[:_SHOWN]
    return []


def searched(question: Question) -> str:
    """Return what was searched, in words, for an answer without rows."""
    if not question.criteria:
        return f"The store holds no {question.subject}."
    parts = []
    for c in question.criteria:
        wanted = " or ".join(c.wanted)
        unwanted = " or ".join(c.unwanted)
        parts.append(" ".join(filter(None, [c.facet, wanted, unwanted and f"not {unwanted}"])))
    return f"No {question.subject} have {', '.join(parts)}."


def _slightly_wider(base: Base, question: Question) -> Iterator[Question]:
    for criterion in question.criteria:
        above = _above(base, criterion)
        if above is not None:
            yield replace(
                question, criteria=tuple(above if c is criterion else c for c in question.criteria)
            )
        wider = question.without([criterion.facet])
        if wider.criteria:
            yield wider


def _above(base: Base, criterion: Criterion) -> Criterion | None:
    """Return the criterion on the term above the one that is wanted."""
    table = FACETS[criterion.facet].vocabulary
    if not table or len(criterion.wanted) != 1 or criterion.unwanted:
        return None
    term = base.vocabulary.term(table, criterion.wanted[0])
    return Criterion(criterion.facet, (term.parent,)) if term and term.parent else None


def _single(question: Question) -> Iterator[Question]:
    if len(question.criteria) > 2:
        yield from (replace(question, criteria=(criterion,)) for criterion in question.criteria)


def _bare(question: Question) -> Iterator[Question]:
    if question.criteria:
        yield replace(question, criteria=())
