"""What participants and others say, by theme."""

from sqlalchemy import select

from kb.answer import Answer
from kb.answers.origin import narrowed_to_studies, origins, studies_first, worded
from kb.base import Base, Record
from kb.facets import ABOUT_THEMES
from kb.question import Question
from kb.selection import theme_conditions
from kb.store.relations import theme_finding

_COLUMNS = (
    "key",
    "study_key",
    "review_key",
    "theme_key",
    "statement",
    "voice",
    "coded_by",
    "studies",
    "of_studies",
    "passage_key",
)


def respond(base: Base, question: Question) -> Answer:
    """Return theme findings, by theme."""
    conditions = theme_conditions(base, question.about(ABOUT_THEMES))
    conditions += worded(base, question, theme_finding)
    narrowed, left_out = narrowed_to_studies(
        base, question.without([*ABOUT_THEMES, "text"]), theme_finding, conditions
    )
    query = select(*(theme_finding.named(name) for name in _COLUMNS)).where(*conditions, *narrowed)
    found = sorted(base.all(query), key=studies_first)
    rows = sorted(_rows(base, found), key=lambda row: (row["family"], row["theme"]))
    return Answer(question, rows, base.data, left_out)


def _rows(base: Base, found: list[Record]) -> list[Record]:
    passages = base.passages(row["passage_key"] for row in found)
    told_by = origins(base, found)
    terms = base.vocabulary.terms("theme")
    counts = _study_counts(found)
    return [
        {
            "key": row["key"],
            "theme": row["theme_key"],
            "theme_name": terms[row["theme_key"]].name,
            "family": terms[row["theme_key"]].parent or row["theme_key"],
            "theme_studies": counts.get(row["theme_key"], 0),
            "statement": row["statement"],
            "voice": row["voice"],
            **told_by(row),
            "coded_by": row["coded_by"],
            "studies": row["studies"],
            "of_studies": row["of_studies"],
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]


def _study_counts(rows: list[Record]) -> dict[str, int]:
    pairs = {(row["theme_key"], row["study_key"]) for row in rows if row["study_key"]}
    counts: dict[str, int] = {}
    for key, _ in pairs:
        counts[key] = counts.get(key, 0) + 1
    return counts
