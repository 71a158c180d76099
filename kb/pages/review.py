"""The page of a review."""

from collections.abc import Iterable

from kb.answers.shared import grouped
from kb.base import Base, Record
from kb.certainty.flat import reasons_in_words
from kb.certainty.ratings import ratings
from kb.citations import address
from kb.pages.numbers import DIRECTIONS
from kb.pages.page import Fact, Page, number, plain_facts, sections
from kb.pages.study import disagreements, gaps
from kb.store.relations import (
    Relation,
    claim,
    claim_value,
    factor,
    implementation_finding,
    inclusion,
    published_pool,
    report,
    review,
    strategy,
    study,
    theme_finding,
)

_LABELS = {
    "kind": "kind",
    "year": "year",
    "question": "asked",
    "searched": "searched",
    "studies": "studies",
    "participants": "participants",
    "note": "note",
}


def review_page(base: Base, key: str) -> Page | None:
    """Return the page of a review, or None where there is none of that key."""
    row = base.record(review, key)
    if row is None:
        return None
    published = base.record(report, row["report_key"])
    return Page(
        "review",
        key,
        row["label"],
        f"{published['title']}. {address(published)}" if published else "",
        sections(
            ("At a glance", plain_facts(row, _LABELS)),
            ("Pooled effects, as printed", pooled_facts(base, key)),
            ("Includes", _included(base, key)),
            ("Themes", _coded(base, key, theme_finding, "theme", "theme_key")),
            ("Barriers and facilitators", _coded(base, key, factor, "construct", "construct_key")),
            (
                "Implementation outcomes",
                _coded(base, key, implementation_finding, "implementation_outcome", "outcome_key"),
            ),
            ("Strategies", _strategies(base, key)),
            ("Certainty", _certainty(base, key)),
            ("Sources disagree", disagreements(base, "review_key", key)),
            ("Not found", gaps(base, "review_key", key)),
            ("Claims", _claims(base, key)),
        ),
    )


def _stated(base: Base, key: str, relation: Relation) -> list[Record]:
    rows = base.records(relation, [key], by="review_key")
    passages = base.passages(row["passage_key"] for row in rows)
    return [{**row, "passage": passages[row["passage_key"]]} for row in rows]


def pooled_facts(base: Base, key: str) -> Iterable[Fact]:
    """Yield the pooled effects that a review prints, under their outcomes."""
    for row in _stated(base, key, published_pool):
        interval = (
            f" ({number(row['ci_low'])} to {number(row['ci_high'])})"
            if row["ci_low"] is not None
            else ""
        )
        about = [
            row["time"],
            row["population"],
            f"{row['studies']} studies" if row["studies"] else "",
            DIRECTIONS.get(row["direction"], ""),
        ]
        text = f"{row['statistic']} {number(row['estimate'])}{interval}; " + ", ".join(
            filter(None, about)
        )
        label = base.vocabulary.label("outcome", row["outcome_key"])
        yield Fact(label, text, row["passage"], row["note"] or "", row["key"])


def _included(base: Base, key: str) -> list[Fact]:
    rows = _stated(base, key, inclusion)
    labels = {r["key"]: r["label"] for r in base.records(study, {row["study_key"] for row in rows})}
    cited = base.citations(row["report_key"] for row in rows)
    order = ("confirmed", "probable", "inferred")
    return [
        Fact(
            row["status"],
            labels[row["study_key"]]
            + (f", as {cited[row['report_key']]}" if row["report_key"] else "")
            + f": {row['basis']}",
            row["passage"],
            key=row["study_key"],
        )
        for row in sorted(rows, key=lambda row: (order.index(row["status"]), row["study_key"]))
    ]


def _coded(base: Base, key: str, relation: Relation, vocabulary: str, column: str) -> list[Fact]:
    return [
        Fact(
            base.vocabulary.label(vocabulary, row[column]),
            (f"{row['valence']}: " if "valence" in row else "") + row["statement"] + counted(row),
            row["passage"],
            "inferred" if row.get("status") == "inferred" else "",
            row["key"],
        )
        for row in _stated(base, key, relation)
    ]


def counted(row: Record) -> str:
    """Return in how many studies a review counts something, in brackets."""
    if row["studies"] is None:
        return ""
    of = f" of {row['of_studies']}" if row["of_studies"] else ""
    return f" ({row['studies']}{of} studies)"


def _strategies(base: Base, key: str) -> list[Fact]:
    return [
        Fact(
            row["category"] or "strategy",
            row["statement"]
            + (
                f" (ERIC: {base.vocabulary.label('eric_strategy', row['eric_key'])})"
                if row["eric_key"]
                else ""
            ),
            row["passage"],
            row["status"] if row["eric_key"] else "",
            row["key"],
        )
        for row in _stated(base, key, strategy)
    ]


def _certainty(base: Base, key: str) -> Iterable[Fact]:
    """Yield the ratings of a review, each followed by its reasons."""
    for rating in ratings(base, reviews=[key]):
        approach = rating["of_approach_name"]
        yield Fact(
            rating["outcome_name"] or rating["theme_name"],
            f"{rating['level']} ({rating['approach']})"
            + (f", with {approach}" if approach else ""),
            rating["passage"],
            key=rating["key"],
        )
        for reason in reasons_in_words(rating):
            yield Fact("because", reason)


def _claims(base: Base, key: str) -> list[Fact]:
    rows = _stated(base, key, claim)
    values = grouped(
        base.records(claim_value, [row["key"] for row in rows], by="claim_key"), "claim_key"
    )
    return [
        Fact(
            row["topic"],
            row["statement"]
            + (f" [{len(values[row['key']])} values]" if row["key"] in values else ""),
            row["passage"],
            row["kind"] if row["kind"] != "finding" else "",
            row["key"],
        )
        for row in rows
    ]
