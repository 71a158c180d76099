"""Published pools, as far as the base can pool their trials again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.audit.facts import Facts
from kb.audit.findings import Finding, Rule
from kb.audit.intervals import Printed, printed, shown
from kb.audit.verdicts import Verdict
from kb.base import Base, Record
from kb.errors import KbError
from kb.pages.page import number
from kb.store.relations import published_pool

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer

_METHODS = ("EE", "DL", "REML", "MH")
"""What reviews pool by, most of them without saying which."""


def pooled_again(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """Yield the keys of published pools, each with what pooling its trials again gives or lacks.

    The trials, time points and models of a review are seldom told in full, so that another result
    than the printed one is no disagreement.
    """
    for row in _reported(facts.base):
        lacking = " ".join(row["lacking"])
        yield row["key"], _unchecked(row, lacking) if lacking else _compared(facts.base, row)


def _reported(base: Base) -> Iterator[Record]:
    from kb.pooling.options import PoolOptions
    from kb.pooling.selecting.reported import reported_pools

    rows: dict[str, Record] = {}
    for outcome in sorted(set(base.keys(select(published_pool.outcome_key)))):
        question = base.question("pool", outcome=outcome)
        found = reported_pools(base, question, PoolOptions.of())
        rows |= {row["key"]: row for row in found if row["outcome"] == outcome}
    yield from rows.values()


def _unchecked(row: Record, missing: str) -> Finding:
    return Finding(
        Verdict.UNCHECKED,
        Rule.POOLED_AGAIN,
        "What the trials of the review give when they are pooled here.",
        f"{row['statistic']} {number(row['estimate'])}",
        missing=missing,
    )


def _compared(base: Base, row: Record) -> Finding:
    effect = printed({"ci_level": None, **row})
    ours = [found for method in _METHODS if (found := _ours(base, row, method)) is not None]
    alike = [found for found in ours if effect is not None and effect.same_as(found)]
    if effect is None or not ours:
        return _unchecked(row, "The trials in the base cannot be pooled.")
    if not alike:
        return _unchecked(row, f"Pooled here they give {shown(ours[0])}; the model is not known.")
    return Finding(
        Verdict.AGREES,
        Rule.POOLED_AGAIN,
        "What the trials of the review give when they are pooled here.",
        shown(effect),
        shown(alike[0]),
        passages=(row["passage"],),
    )


def _ours(base: Base, row: Record, method: str) -> Printed | None:
    from kb.pooling.options import PoolOptions
    from kb.pooling.pooling import pool

    question = base.question("pool", outcome=row["outcome"], review=row["review"])
    try:
        answer = pool(base, question, PoolOptions.of(measure=row["statistic"], method=method))
    except KbError:
        return None
    return _effect(answer, row)


def _effect(answer: "PooledAnswer", row: Record) -> Printed | None:
    if answer.analysis is None or len(answer.entries) != (row["studies"] or len(answer.entries)):
        return None
    back = answer.analysis.back
    numbers = (back["estimate"], back["ci_low"], back["ci_high"])
    return None if None in numbers else Printed(row["statistic"], *numbers)
