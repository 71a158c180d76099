"""Pooled answers that moved between two stores, and the rule by which they did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union

from kb.answers.shared import approaches
from kb.base import Base
from kb.pooling.answer import PooledAnswer
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.question import Criterion, Question
from kb.store.relations import (
    Relation,
    arm_result,
    contrast,
    instrument,
    measurement,
    survival_time,
)

RULE = (
    "A pooled effect moved where it appeared or vanished, crossed the null, changed direction, or "
    "changed by more than the smallest difference that matters on its instrument, where it is a "
    "mean difference on one with a known difference in points, and else by more than a tenth of "
    "the width of its old interval."
)


@dataclass(frozen=True)
class Pooled:
    """A pooled effect that may be shown.

    Attributes:
        measure: metafor's code.
        trials: how many trials it rests on.
        estimate, low, high: on the scale of analysis.
        back: estimate and limits as a reader knows them.
        null: no effect on the scale of analysis; None where the measure has none.
        instruments: what all effects were measured with, None for one that is not named.
    """

    measure: str
    trials: int
    estimate: float
    low: float
    high: float
    back: tuple[float, float, float]
    null: float | None
    instruments: frozenset[str | None]

    @property
    def excludes_null(self) -> bool:
        """Whether no effect lies outside the interval."""
        return self.null is not None and not self.low <= self.null <= self.high

    @property
    def side(self) -> int:
        """On which side of no effect the estimate lies: -1, 0 or 1."""
        if self.null is None:
            return 0
        return (self.estimate > self.null) - (self.estimate < self.null)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, on the reader's scale."""
        estimate, low, high = self.back
        return {
            "measure": self.measure,
            "trials": self.trials,
            "estimate": estimate,
            "ci_low": low,
            "ci_high": high,
        }


@dataclass(frozen=True)
class MovedPool:
    """A pooled answer that is not what it was.

    Attributes:
        command: the command line that asks for it.
        how: in which ways it moved.
        then, now: the pooled effects; None where there is none.
    """

    command: str
    how: tuple[str, ...]
    then: Pooled | None
    now: Pooled | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "command": self.command,
            "how": list(self.how),
            "then": self.then.as_dict() if self.then else None,
            "now": self.now.as_dict() if self.now else None,
        }


def poolable_questions(*bases: Base) -> list[Question]:
    """Return the questions for each outcome with effects, alone and with each approach."""
    asked = {pair for base in bases for pair in _pairs(base)}
    return [_question(*pair) for pair in sorted(asked)]


def moved_pools(old: Base, new: Base, questions: Iterable[Question]) -> tuple[list[MovedPool], int]:
    """Return the pooled answers, by default options, that moved by `RULE`.

    The number tells how many others are not quite the same, and so did not move.
    """
    matters = {**_differences_that_matter(old), **_differences_that_matter(new)}
    options = PoolOptions.of()
    moved, within = [], 0
    for question in questions:
        answers = pool(old, question, options), pool(new, question, options)
        then, now = map(_pooled, answers)
        how = tuple(_how(then, now, matters))
        if how:
            moved.append(MovedPool(answers[0].command(), how, then, now))
        else:
            within += then != now
    return moved, within


def _pairs(base: Base) -> Iterator[tuple[str, str]]:
    """Yield outcomes with effects, and those above them, with approaches; "" is any approach."""
    effects = union(*(select(r.measurement_key) for r in (arm_result, contrast, survival_time)))
    query = select(measurement.study_key, measurement.outcome_key).where(
        measurement.key.in_(effects)
    )
    rows = base.all(query.distinct())
    tried = approaches(base, [row["study_key"] for row in rows])
    for row in rows:
        found = ["", *_upwards(base, "approach", tried.get(row["study_key"], []))]
        for outcome in _upwards(base, "outcome", [row["outcome_key"]]):
            yield from ((outcome, approach) for approach in found)


def _upwards(base: Base, table: str, keys: Iterable[str]) -> Iterator[str]:
    """Yield terms and all that stand above them."""
    terms = base.vocabulary.terms(table)
    for key in keys:
        at: str | None = key
        while at is not None:
            yield at
            at = terms[at].parent


def _question(outcome: str, approach: str) -> Question:
    named = [("approach", approach)] if approach else []
    named.append(("outcome", outcome))
    return Question("pool", tuple(Criterion(facet, (key,)) for facet, key in named))


def _pooled(answer: PooledAnswer) -> Pooled | None:
    if answer.analysis is None or not answer.verdict.is_poolable:
        return None
    result, back = answer.analysis.result, answer.analysis.back
    return Pooled(
        answer.analysis.measure.code,
        answer.selection.trials,
        result["estimate"],
        result["ci_low"],
        result["ci_high"],
        (back["estimate"], back["ci_low"], back["ci_high"]),
        answer.analysis.measure.null,
        frozenset(entry.values.get("instrument") for entry in answer.entries),
    )


def _how(then: Pooled | None, now: Pooled | None, matters: dict[str, float]) -> Iterator[str]:
    if then is None or now is None:
        if then or now:
            yield "vanished" if then else "appeared"
        return
    if then.measure != now.measure:
        yield f"is a {now.measure} in place of a {then.measure}"
        return
    if then.excludes_null != now.excludes_null:
        yield "crossed the null"
    if then.side != now.side:
        yield "changed direction"
    least, named = _least(then, now, matters)
    if abs(now.estimate - then.estimate) > least:
        yield f"changed by more than {named}"


def _least(then: Pooled, now: Pooled, matters: dict[str, float]) -> tuple[float, str]:
    """Return the change of the estimate above which it moved, and what that is called."""
    if then.measure == "MD" and then.instruments == now.instruments and len(now.instruments) == 1:
        (name,) = now.instruments
        if name in matters:
            least = matters[name]
            return least, f"{least:g} points, the smallest difference that matters on {name}"
    return (then.high - then.low) / 10, "a tenth of its interval's width"


def _differences_that_matter(base: Base) -> dict[str, float]:
    """Return the smallest differences that matter, in points, by the names of instruments."""
    matters = Relation("minimal_important_difference")
    query = (
        select(instrument.name, matters.value_low)
        .join_from(matters.table, instrument.table, matters.instrument_key == instrument.key)
        .where(matters.unit.like("point%"))
        .order_by(matters.value_low.desc())
    )
    return {row["name"]: row["value_low"] for row in base.all(query)}
