"""What hinders and helps: barriers and facilitators by CFIR construct, and who said so."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from kb.answer import Answer, LeftOut
from kb.answers.origin import narrowed_to_studies, origins, studies_first, worded
from kb.base import Base, Record
from kb.facets import ABOUT_FACTORS
from kb.order import by_key
from kb.question import Criterion, Question
from kb.selection import factor_conditions
from kb.store.relations import construct, factor

_VALENCES = {"barriers": ("barrier", "mixed"), "facilitators": ("facilitator", "mixed")}
_COLUMNS = (
    "key",
    "study_key",
    "review_key",
    "construct_key",
    "valence",
    "statement",
    "voice",
    "coded_by",
    "status",
    "studies",
    "of_studies",
    "passage_key",
)


def respond(base: Base, question: Question) -> Answer:
    """Return factors by domain and construct, those of studies before those of reviews."""
    conditions, left_out = _conditions(base, question)
    query = (
        select(*(factor.named(name) for name in _COLUMNS), construct.code)
        .join_from(factor.table, construct.table, factor.construct_key == construct.key)
        .where(*conditions)
    )
    found = sorted(base.all(query), key=lambda row: (by_key(row["code"]), studies_first(row)))
    rows = _rows(base, found)
    return Answer(question, rows, base.data, left_out, _notes(rows))


def _conditions(base: Base, question: Question) -> tuple[list[ColumnElement[bool]], list[LeftOut]]:
    conditions = factor_conditions(base, _with_valence(question))
    conditions += worded(base, question, factor)
    narrowed, left_out = narrowed_to_studies(
        base, question.without([*ABOUT_FACTORS, "text"]), factor, conditions
    )
    return [*conditions, *narrowed], left_out


def _with_valence(question: Question) -> Sequence[Criterion]:
    criteria = question.about(ABOUT_FACTORS)
    valences = _VALENCES.get(question.subject)
    if valences is None or question.criterion("valence") is not None:
        return criteria
    return [*criteria, Criterion("valence", valences)]


def _rows(base: Base, found: list[Record]) -> list[Record]:
    passages = base.passages(row["passage_key"] for row in found)
    told_by = origins(base, found)
    counts = _study_counts(found)
    return [
        {
            "key": row["key"],
            **_placed(base, row["construct_key"]),
            "construct_code": row["code"],
            "construct_studies": counts.get(row["construct_key"], 0),
            "valence": row["valence"],
            "statement": row["statement"],
            "voice": row["voice"],
            **told_by(row),
            "coded_by": row["coded_by"],
            "status": row["status"],
            "studies": row["studies"],
            "of_studies": row["of_studies"],
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]


def _placed(base: Base, key: str) -> Record:
    """Return a construct with its domain."""
    terms = base.vocabulary.terms("construct")
    top = terms[key]
    while top.parent is not None:
        top = terms[top.parent]
    return {
        "construct": key,
        "construct_name": terms[key].name,
        "domain": top.key,
        "domain_name": top.name,
    }


def _study_counts(rows: list[Record]) -> dict[str, int]:
    pairs = {(row["construct_key"], row["study_key"]) for row in rows if row["study_key"]}
    counts: dict[str, int] = {}
    for key, _ in pairs:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _notes(rows: list[Record]) -> list[str]:
    inferred = sum(row["coded_by"] == "curators" for row in rows)
    if not inferred:
        return []
    told = f"{inferred} of {len(rows)} were coded to CFIR 2.0 by the curators of this base"
    return [f"{told}, not by the sources; they are marked inferred."]
