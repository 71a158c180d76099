"""The answer to a question that was understood: rows, or a pooled effect."""

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.ask.understanding import Understood
from kb.question import POOL

if TYPE_CHECKING:
    from kb.answer import Answer
    from kb.base import Base
    from kb.pooling.answer import PooledAnswer


def answered(base: "Base", understood: Understood, *told: str) -> "Answer | PooledAnswer":
    """Return the answer with notes on how the question was read, after what is `told` first.

    Raises `UnknownValue` where nothing of the question was understood.
    """
    if understood.refusal:
        raise understood.refusal
    notes = [*told, *understood.notes]
    if understood.question.subject == POOL:
        return replace(_pooled(base, understood), notes=tuple(notes))
    found = base.answer(understood.question)
    return replace(found, notes=[*notes, *found.notes])


def _pooled(base: "Base", understood: Understood) -> "PooledAnswer":
    from kb.pooling.options import PoolOptions
    from kb.pooling.pooling import pool

    return pool(base, understood.question, PoolOptions.of(measure=understood.measure))
