"""Answers, one module for each subject that can be asked for."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from kb.answer import Answer
from kb.answers.nearby import nearby_questions, searched
from kb.base import Base
from kb.errors import KbError
from kb.question import Question

_MODULES = {
    "studies": "studies",
    "results": "results",
    "interventions": "interventions",
    "outcomes": "outcomes",
    "instruments": "instruments",
    "factors": "factors",
    "barriers": "factors",
    "facilitators": "factors",
    "strategies": "strategies",
    "themes": "themes",
    "reviews": "reviews",
}


def answer(base: Base, question: Question) -> Answer:
    """Return the answer to a question; without rows, with what was searched and what is nearest."""
    found = _respond(base, question)
    if found.rows:
        return found
    notes = [searched(question), *found.notes]
    return replace(found, notes=notes, nearby=nearby_questions(base, question, _respond))


def _respond(base: Base, question: Question) -> Answer:
    if question.subject not in _MODULES:
        raise KbError(
            "A question for a pooled effect has no rows as its answer.", "Ask it with base.pool()."
        )
    module = import_module(f"kb.answers.{_MODULES[question.subject]}")
    respond: Callable[[Base, Question], Answer] = module.respond
    return respond(base, question)
