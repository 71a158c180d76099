"""Which studies there are: trials, not reports, each with what it measured where that was asked."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from kb.answer import Answer
from kb.answers.shared import (
    approaches,
    comparators,
    grouped,
    measured,
    sizes,
    studies_left_out,
)
from kb.base import Base, Record
from kb.facets import ABOUT_MEASUREMENTS
from kb.question import Question
from kb.selection import measurement_conditions, study_keys
from kb.store.lists import among
from kb.store.relations import (
    inclusion,
    measurement,
    study,
    study_cancer,
    study_country,
    study_report,
)


def respond(base: Base, question: Question) -> Answer:
    """Return the studies that meet every criterion, oldest first."""
    rows = study_rows(base, question, study_keys(base, question))
    return Answer(question, rows, base.data, studies_left_out(base, question), _notes(rows))


def study_rows(base: Base, question: Question, keys: list[str]) -> list[Record]:
    """Return the rows that tell of these studies, in this order."""
    columns = ("key", "label", "design_key", "year", "passage_key")
    query = select(*(study.named(name) for name in columns)).where(among(study.key, keys))
    by_key = {row["key"]: row for row in base.all(query)}
    details = _details(base, question, keys)
    passages = base.passages(row["passage_key"] for row in by_key.values())
    rows = []
    for key in keys:
        row = by_key[key]
        size = details["sizes"].get(key)
        listed = {
            name: details[name].get(key, [])
            for name in ("countries", "cancers", "approaches", "comparators")
        }
        rows.append(
            {
                "key": key,
                "label": row["label"],
                "design": row["design_key"],
                "design_name": base.vocabulary.label("design", row["design_key"]),
                "year": row["year"],
                "n": size["number"] if size else None,
                "n_counted": f"{size['kind']} {size['flow']}" if size else None,
                **listed,
                **_named(base, listed),
                "reports": details["reports"].get(key, []),
                "reviews": details["reviews"].get(key, []),
                **details["measured"].get(key, {}),
                "passage": passages[row["passage_key"]],
            }
        )
    return rows


def _named(base: Base, listed: Mapping[str, list[str]]) -> Record:
    """Return the names of listed terms, under `country_names` and the like."""
    vocabularies = {
        "countries": "country",
        "cancers": "cancer",
        "approaches": "approach",
        "comparators": "comparator",
    }
    return {
        f"{vocabulary}_names": [base.vocabulary.label(vocabulary, key) for key in listed[name]]
        for name, vocabulary in vocabularies.items()
    }


def _details(base: Base, question: Question, keys: list[str]) -> dict[str, Mapping[str, Any]]:
    return {
        "sizes": sizes(base, keys),
        "countries": _listed(base, study_country, "country_key", keys),
        "cancers": _listed(base, study_cancer, "cancer_key", keys),
        "reports": _listed(base, study_report, "report_key", keys),
        "approaches": approaches(base, keys),
        "comparators": comparators(base, keys),
        "reviews": _reviews(base, keys),
        "measured": _measured(base, question, keys),
    }


def _listed(base: Base, relation: Any, column: str, keys: list[str]) -> dict[str, list[str]]:
    query = select(relation.study_key, relation.named(column).label("value")).where(
        among(relation.study_key, keys)
    )
    groups = grouped(base.all(query), "study_key")
    return {key: sorted(row["value"] for row in rows) for key, rows in groups.items()}


def _reviews(base: Base, keys: list[str]) -> dict[str, list[Record]]:
    query = (
        select(inclusion.study_key, inclusion.review_key, inclusion.status)
        .where(among(inclusion.study_key, keys))
        .distinct()
    )
    groups = grouped(base.all(query), "study_key")
    return {
        key: [
            {"review": review, "status": status}
            for review, status in sorted((row["review_key"], row["status"]) for row in rows)
        ]
        for key, rows in groups.items()
    }


def _measured(base: Base, question: Question, keys: list[str]) -> dict[str, Record]:
    """Return the measurements asked for, or the names of all outcomes where none was."""
    criteria = [c for c in question.about(ABOUT_MEASUREMENTS) if c.wanted]
    if criteria:
        rows = measured(base, measurement_conditions(base, criteria), keys)
        return {key: {"measured": found} for key, found in grouped(rows, "study").items()}
    query = (
        select(measurement.study_key, measurement.outcome_key)
        .where(among(measurement.study_key, keys))
        .distinct()
    )
    groups = grouped(base.all(query), "study_key")
    return {
        key: {"outcomes": sorted(row["outcome_key"] for row in rows)}
        for key, rows in groups.items()
    }


def _notes(rows: list[Record]) -> list[str]:
    if not rows:
        return []
    reports = len({report for row in rows for report in row["reports"]})
    studies_word = "study" if len(rows) == 1 else "studies"
    counted = "studies are counted, not reports"
    return [f"{len(rows)} {studies_word}, told of in {reports} reports; {counted}."]
