"""Which reviews there are, what they include, and what they pooled."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kb.answer import Answer
from kb.answers.shared import grouped
from kb.base import Base, Record
from kb.facets import ABOUT_INCLUSIONS
from kb.order import by_key
from kb.question import Question
from kb.selection import studies
from kb.store.relations import claim, inclusion, published_pool, review

_COLUMNS = ("key", "label", "kind", "year", "studies", "participants", "searched", "passage_key")
_POOL = (
    "key",
    "review_key",
    "outcome_key",
    "statistic",
    "estimate",
    "ci_low",
    "ci_high",
    "studies",
)
_STATUSES = ("confirmed", "probable", "inferred")


def respond(base: Base, question: Question) -> Answer:
    """Return the reviews asked for; with facets of studies, those that include such a study."""
    query = select(*(review.named(name) for name in _COLUMNS)).where(*_conditions(base, question))
    found = sorted(base.all(query), key=_newest_first)
    keys = [row["key"] for row in found]
    included = grouped(base.records(inclusion, keys, by="review_key"), "review_key")
    pools = grouped(base.records(published_pool, keys, by="review_key"), "review_key")
    claims = _claims(base)
    passages = base.passages(row["passage_key"] for row in found)
    rows = [
        {
            **{name: row[name] for name in _COLUMNS if name != "passage_key"},
            "included": _by_status(included.get(row["key"], [])),
            "included_here": len({r["study_key"] for r in included.get(row["key"], [])}),
            "pooled": [{name: pool[name] for name in _POOL} for pool in pools.get(row["key"], [])],
            "claims": claims.get(row["key"], 0),
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]
    return Answer(question, rows, base.data)


def _conditions(base: Base, question: Question) -> Iterator[ColumnElement[bool]]:
    named = question.criterion("review")
    if named is not None:
        yield review.key.not_in(named.unwanted)
        if named.wanted:
            yield review.key.in_(named.wanted)
    of_inclusion: list[ColumnElement[bool]] = []
    status = question.criterion("status")
    if status is not None:
        excluding = select(inclusion.review_key).where(inclusion.status.in_(status.unwanted))
        yield review.key.not_in(excluding)
        if status.wanted:
            of_inclusion.append(inclusion.status.in_(status.wanted))
    of_study = question.without(ABOUT_INCLUSIONS)
    if of_study.criteria:
        of_inclusion.append(inclusion.study_key.in_(studies(base, of_study)))
    if of_inclusion:
        yield review.key.in_(select(inclusion.review_key).where(*of_inclusion))


def _newest_first(row: Record) -> tuple[Any, ...]:
    return row["year"] is None, -(row["year"] or 0), by_key(row["key"])


def _by_status(inclusions: list[Record]) -> dict[str, int]:
    """Return the number of studies included, by how surely that is known."""
    return {
        status: len({row["study_key"] for row in inclusions if row["status"] == status})
        for status in _STATUSES
    }


def _claims(base: Base) -> dict[str, int]:
    query = select(claim.review_key, func.count()).group_by(claim.review_key)
    return dict(base.connection.execute(query).all())
