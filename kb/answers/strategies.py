"""What was done about barriers: strategies as reported, and those that experts chose for a barrier."""

from sqlalchemy import or_, select

from kb.answer import Answer, LeftOut
from kb.answers.origin import narrowed_to_studies, origins
from kb.answers.shared import nearby_questions, searched
from kb.base import Base, Record
from kb.facets import ABOUT_FACTORS
from kb.question import Question
from kb.search import records_with_words
from kb.selection import values
from kb.store.relations import cfir_eric_match, eric_strategy, strategy

_COLUMNS = (
    "key",
    "study_key",
    "review_key",
    "statement",
    "category",
    "eric_key",
    "coded_by",
    "status",
    "passage_key",
)
_CAUTION = (
    "Percentages are the share of experts who chose a strategy for a barrier (CFIR-ERIC). They are "
    "opinion with wide disagreement, not evidence that a strategy works."
)


def respond(base: Base, question: Question) -> Answer:
    """Return reported strategies; for a construct, also those that experts chose for it."""
    rows, left_out = _reported(base, question)
    notes = []
    if question.about(("construct", "domain")):
        endorsed = _endorsed(base, question)
        rows += endorsed
        notes += [_CAUTION] if endorsed else ["No published CFIR-ERIC cell of this barrier was seen."]
    if not rows:
        notes = [searched(question), *notes]
        return Answer(question, rows, base.data, left_out, notes, nearby_questions(base, question))
    return Answer(question, rows, base.data, left_out, notes)


def _reported(base: Base, question: Question) -> tuple[list[Record], list[LeftOut]]:
    conditions = []
    text = question.criterion("text")
    if text is not None and text.wanted:
        words = [records_with_words(base, phrase, "strategy") for phrase in text.wanted]
        conditions.append(or_(*(strategy.key.in_(keys) for keys in words)))
    if question.about(("construct", "domain")):
        conditions.append(strategy.eric_key.in_({row["eric"] for row in _endorsed(base, question)}))
    narrowed, left_out = narrowed_to_studies(
        base, question.without([*ABOUT_FACTORS, "text"]), strategy, conditions
    )
    query = (
        select(*(strategy.named(name) for name in _COLUMNS))
        .where(*conditions, *narrowed)
        .order_by(strategy.review_key, strategy.key)
    )
    found = base.all(query)
    passages = base.passages(row["passage_key"] for row in found)
    told_by = origins(base, found)
    rows = [
        {
            "key": row["key"],
            "kind": "reported",
            "statement": row["statement"],
            "category": row["category"],
            "eric": row["eric_key"],
            "eric_name": base.vocabulary.label("eric_strategy", row["eric_key"]) or None,
            "eric_matched_by": row["coded_by"],
            "status": row["status"],
            **told_by(row),
            "barrier": None,
            "endorsement_percent": None,
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]
    return rows, left_out


def _endorsed(base: Base, question: Question) -> list[Record]:
    """Return the ERIC strategies that experts chose for the barriers asked for."""
    conditions = [
        cfir_eric_match.construct_key.in_(values(base, criterion))
        for criterion in question.about(("construct", "domain"))
        if criterion.wanted
    ]
    query = (
        select(
            cfir_eric_match.barrier,
            cfir_eric_match.strategy_key,
            cfir_eric_match.construct_key,
            cfir_eric_match.endorsement_percent,
            cfir_eric_match.level,
            cfir_eric_match.experts,
            cfir_eric_match.passage_key,
            eric_strategy.name,
        )
        .join_from(
            cfir_eric_match.table,
            eric_strategy.table,
            cfir_eric_match.strategy_key == eric_strategy.key,
        )
        .where(*conditions)
    )
    found = [row for row in base.all(query) if row["endorsement_percent"] != 0]
    found.sort(key=lambda row: (-(row["endorsement_percent"] or 0), row["level"] or "", row["name"]))
    passages = base.passages(row["passage_key"] for row in found)
    return [
        {
            "key": f"{row['barrier']}/{row['strategy_key']}",
            "kind": "chosen by experts",
            "statement": row["name"],
            "category": None,
            "eric": row["strategy_key"],
            "eric_name": row["name"],
            "eric_matched_by": None,
            "status": None,
            "label": f"for the barrier {row['barrier']}",
            "study": None,
            "review": None,
            "barrier": row["barrier"],
            "endorsement_percent": row["endorsement_percent"],
            "level": row["level"],
            "experts": row["experts"],
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]
