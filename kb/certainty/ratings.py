"""The ratings of certainty that people entered. Nothing here is computed."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select

from kb.answers.shared import grouped
from kb.base import Base, Record
from kb.order import by_key
from kb.store.lists import among
from kb.store.relations import certainty, certainty_reason, review

SYMBOLS = {"high": 4, "moderate": 3, "low": 2, "very low": 1}
"""How many of four circles a level of certainty fills."""

DOMAINS = (
    "risk of bias",
    "inconsistency",
    "indirectness",
    "imprecision",
    "publication bias",
    "large effect",
    "dose-response",
    "plausible confounding",
)
"""Why GRADE rates down (the first five) and up, in the order in which they are told."""

COMPONENTS = ("methodological limitations", "coherence", "adequacy", "relevance")
"""The components of GRADE-CERQual."""

_COLUMNS = ("key", "review_key", "approach", "outcome_key", "of_approach_key", "theme_key")


def ratings(
    base: Base,
    *,
    outcomes: Iterable[str] | None = None,
    themes: Iterable[str] | None = None,
    approaches: Iterable[str] | None = None,
    reviews: Iterable[str] | None = None,
) -> list[Record]:
    """Return the ratings entered, in the order of their keys; None for a list is no limit.

    Outcomes and themes are exact keys, and naming either leaves the other kind out unless it is
    named too. A rating without an approach is of all that its review covers, so it is found for
    any of `approaches`, with `of_approach` None. Each record has key, review, review_label,
    approach (GRADE or GRADE-CERQual), outcome, outcome_name, of_approach, of_approach_name, theme,
    theme_name, level, reasons, domains (records of domain, steps, concern, reason) and passage.
    """
    conditions = _of(outcomes, themes)
    if approaches is not None:
        of_any = certainty.of_approach_key.is_(None)
        conditions.append(or_(of_any, among(certainty.of_approach_key, approaches)))
    if reviews is not None:
        conditions.append(among(certainty.review_key, reviews))
    columns = (certainty.named(name) for name in (*_COLUMNS, "level", "reasons", "passage_key"))
    query = (
        select(*columns, review.label.label("review_label"))
        .join_from(certainty.table, review.table, certainty.review_key == review.key)
        .where(*conditions)
    )
    rows = sorted(base.all(query), key=lambda row: by_key(row["key"]))
    return _told(base, rows)


def _of(outcomes: Iterable[str] | None, themes: Iterable[str] | None) -> list[ColumnElement[bool]]:
    named = [
        among(column, keys)
        for column, keys in ((certainty.outcome_key, outcomes), (certainty.theme_key, themes))
        if keys is not None
    ]
    return [or_(*named)] if named else []


def _told(base: Base, rows: list[Record]) -> list[Record]:
    label = base.vocabulary.label
    passages = base.passages(row["passage_key"] for row in rows)
    reasons = grouped(
        base.records(certainty_reason, [row["key"] for row in rows], by="certainty_key"),
        "certainty_key",
    )
    return [
        {
            "key": row["key"],
            "review": row["review_key"],
            "review_label": row["review_label"],
            "approach": row["approach"],
            "outcome": row["outcome_key"],
            "outcome_name": label("outcome", row["outcome_key"]) or None,
            "of_approach": row["of_approach_key"],
            "of_approach_name": label("approach", row["of_approach_key"]) or None,
            "theme": row["theme_key"],
            "theme_name": label("theme", row["theme_key"]) or None,
            "level": row["level"],
            "reasons": row["reasons"],
            "domains": _domains(reasons.get(row["key"], [])),
            "passage": passages[row["passage_key"]],
        }
        for row in rows
    ]


def _domains(rows: list[Record]) -> list[Record]:
    order = (*DOMAINS, *COMPONENTS)
    columns = ("domain", "steps", "concern", "reason")
    ordered = sorted(rows, key=lambda row: order.index(row["domain"]))
    return [{column: row[column] for column in columns} for row in ordered]
