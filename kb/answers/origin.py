"""Facts that either a study or a review states: factors, themes, strategies and the like."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from kb.answer import LeftOut
from kb.base import Base, Record
from kb.facets import ABOUT_INCLUSIONS
from kb.question import Question
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
    of_study = relation.study_key.in_(studies(base, question).order_by(None))
    if not question.without(ABOUT_INCLUSIONS).criteria:
        criterion = question.criterion("review")
        named = criterion.wanted if criterion else ()
        return [or_(of_study, relation.review_key.in_(named))], []
    query: Any = select(func.count()).select_from(relation.table)
    count = base.connection.scalar(query.where(relation.review_key.is_not(None), *conditions))
    reason = "stated by reviews, which the facets of studies do not reach"
    noun = "row" if count == 1 else "rows"
    return [of_study], [LeftOut(f"{count} {noun}", reason)] if count else []


def _labels(base: Base, relation: Relation, keys: set[str | None]) -> dict[str | None, str]:
    query = select(relation.key, relation.label).where(relation.key.in_([k for k in keys if k]))
    return {row["key"]: row["label"] for row in base.all(query)}
