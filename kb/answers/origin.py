"""Facts that either a study or a review states: factors, themes, strategies and the like."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from kb.answer import LeftOut
from kb.base import Base, Record
from kb.facets import ABOUT_INCLUSIONS
from kb.order import by_key
from kb.question import Question
from kb.search import records_with_words
from kb.selection import studies
from kb.store.relations import Relation, review, study

_Row = Callable[[Record], Record]


def origins(base: Base, rows: Sequence[Record]) -> _Row:
    """Return a function that tells, for a row, which study or review states it."""
    studies_named = _labels(base, study, {row["study_key"] for row in rows})
    reviews_named = _labels(base, review, {row["review_key"] for row in rows})

    def told_by(row: Record) -> Record:
        label = studies_named.get(row["study_key"]) or reviews_named.get(row["review_key"])
        return {"label": label, "study": row["study_key"], "review": row["review_key"]}

    return told_by


def narrowed_to_studies(
    base: Base,
    question: Question,
    relation: Relation,
    conditions: Sequence[ColumnElement[bool]],
) -> tuple[list[ColumnElement[bool]], list[LeftOut]]:
    """Return conditions that facets of studies make on what studies and reviews state.

    A review meets `--review` itself. Any other facet of studies leaves out what reviews state,
    since that belongs to no one study; how many rows that are is told.
    """
    if not question.criteria:
        return [], []
    of_study = relation.study_key.in_(studies(base, question))
    if question.criterion("review") and not question.without(ABOUT_INCLUSIONS).criteria:
        return [or_(of_study, _of_reviews(question, relation))], []
    query: Any = select(func.count()).select_from(relation.table)
    count = base.connection.scalar(query.where(relation.review_key.is_not(None), *conditions))
    reason = "stated by reviews, which the facets of studies do not reach"
    noun = "row" if count == 1 else "rows"
    return [of_study], [LeftOut(f"{count} {noun}", reason)] if count else []


def worded(base: Base, question: Question, relation: Relation) -> list[ColumnElement[bool]]:
    """Return the conditions that `--text` makes on the rows themselves."""
    criterion = question.criterion("text")
    if criterion is None:
        return []

    def with_words(words: str) -> list[str]:
        return records_with_words(base, words, relation.table.name)

    wanted = [relation.key.in_(with_words(words)) for words in criterion.wanted]
    unwanted = [relation.key.not_in(with_words(words)) for words in criterion.unwanted]
    return [*([or_(*wanted)] if wanted else []), *unwanted]


def studies_first(row: Record) -> tuple[Any, ...]:
    """Return what to sort rows by: those of studies, then those of reviews, by key."""
    return row["review_key"] is not None, by_key(row["review_key"] or ""), by_key(row["key"])


def _of_reviews(question: Question, relation: Relation) -> ColumnElement[bool]:
    """Return the condition that a review is itself among those that `--review` names."""
    named = question.criterion("review")
    assert named is not None
    wanted = [relation.review_key.in_(named.wanted)] if named.wanted else []
    return and_(
        relation.review_key.is_not(None), relation.review_key.not_in(named.unwanted), *wanted
    )


def _labels(base: Base, relation: Relation, keys: set[str | None]) -> dict[str | None, str]:
    query = select(relation.key, relation.label).where(relation.key.in_([k for k in keys if k]))
    return {row["key"]: row["label"] for row in base.all(query)}
