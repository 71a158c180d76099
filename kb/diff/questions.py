"""Questions that other studies, reviews or findings answer in one store than in the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kb.answers import answer
from kb.base import Base
from kb.order import by_key
from kb.question import Criterion, Question
from kb.selection import study_keys

_WHOLE = ("studies", "reviews", "barriers", "facilitators", "strategies", "themes")
_BY = ("outcome", "approach")
"""What is asked for as a whole, and the facets by each of whose values studies are."""


@dataclass(frozen=True)
class MovedQuestion:
    """A question with its number of answers then and now, and which came and went."""

    command: str
    then: int
    now: int
    came: tuple[str, ...]
    gone: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "command": self.command,
            "then": self.then,
            "now": self.now,
            "came": list(self.came),
            "gone": list(self.gone),
        }


def fixed_questions(*bases: Base) -> list[Question]:
    """Return what is asked of each store: whole subjects, and studies by outcome and approach."""
    narrowed = [
        Question("studies", (Criterion(facet, (key,)),))
        for facet in _BY
        for key in sorted({key for base in bases for key in base.vocabulary.terms(facet)})
    ]
    return [*map(Question, _WHOLE), *narrowed]


def moved_questions(old: Base, new: Base, questions: list[Question]) -> Iterator[MovedQuestion]:
    """Yield the questions that not the same records answer."""
    for question in questions:
        then, now = _answering(old, question), _answering(new, question)
        if then != now:
            came, gone = (tuple(sorted(keys, key=by_key)) for keys in (now - then, then - now))
            yield MovedQuestion(question.command(), len(then), len(now), came, gone)


def _answering(base: Base, question: Question) -> set[str]:
    if question.subject == "studies":
        return set(study_keys(base, question))
    return {row["key"] for row in answer(base, question).rows}
