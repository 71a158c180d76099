"""Answers, one module for each subject that can be asked for."""

from collections.abc import Callable
from importlib import import_module

from kb.answer import Answer
from kb.base import Base
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
    """Return the answer to a question."""
    module = import_module(f"kb.answers.{_MODULES[question.subject]}")
    respond: Callable[[Base, Question], Answer] = module.respond
    return respond(base, question)
