"""The page of a report."""

from sqlalchemy import select

from kb.base import Base, Record
from kb.citations import SEEN_IN_WORDS, address
from kb.order import by_columns, by_key
from kb.pages.page import Fact, Page, plain_facts, sections
from kb.store.relations import passage, report, review, study, study_report

_LABELS = {
    "kind": "type",
    "authors": "authors",
    "container": "in",
    "year": "year",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "pmcid": "PMCID",
    "note": "note",
}


def report_page(base: Base, key: str) -> Page | None:
    """Return the page of a report, or None where there is none of that key."""
    row = base.record(report, key)
    if row is None:
        return None
    told_of = (
        select(study.key, study.label, study_report.role)
        .join_from(study_report.table, study.table, study_report.study_key == study.key)
        .where(study_report.report_key == key)
    )
    passages = select(passage.key, passage.locator, passage.quote, passage.seen).where(
        passage.report_key == key
    )
    reviews = select(review.key, review.label).where(review.report_key == key)
    return Page(
        "report",
        key,
        row["title"],
        address(row),
        sections(
            ("Citation", plain_facts(row, _LABELS)),
            (
                "Tells of",
                [Fact(r["role"], r["label"], key=r["key"]) for r in _in_order(base.all(told_of))],
            ),
            (
                "Is the review",
                [Fact("review", r["label"], key=r["key"]) for r in _in_order(base.all(reviews))],
            ),
            (
                "Passages",
                [
                    Fact(
                        r["locator"], f"“{r['quote']}”", mark=SEEN_IN_WORDS[r["seen"]], key=r["key"]
                    )
                    for r in sorted(base.all(passages), key=_by_place)
                ],
            ),
        ),
    )


def _in_order(rows: list[Record]) -> list[Record]:
    return sorted(rows, key=by_columns)


def _by_place(row: Record) -> list[list[str | int]]:
    return [by_key(row["locator"]), by_key(row["key"])]
