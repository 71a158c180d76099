"""The page of a single fact: what it says, whose it is, and the passage behind it."""

from kb.base import Base, Record
from kb.citations import SEEN_IN_WORDS
from kb.pages.numbers import DIRECTIONS, arm_text, contrast_text
from kb.pages.page import Fact, Page, number, sections
from kb.store.relations import Relation, claim_value, review, study

KINDS = (
    "claim",
    "measurement",
    "finding",
    "contrast",
    "arm_result",
    "factor",
    "theme_finding",
    "implementation_finding",
    "strategy",
    "inclusion",
    "published_pool",
    "participants",
    "characteristic",
    "arm",
    "disagreement",
    "position",
    "gap",
)
"""The tables whose rows are single facts."""

_TITLES = ("statement", "missing", "topic", "basis", "label")
_VOCABULARIES = {
    "outcome_key": "outcome",
    "instrument_key": "instrument",
    "construct_key": "construct",
    "theme_key": "theme",
    "eric_key": "eric_strategy",
    "comparator_key": "comparator",
}
_TRUE_OR_FALSE = ("adjusted", "primary_outcome")
_HIDDEN = {"key", "passage_key", "study_key", "review_key", "derivation_key"}


def fact_page(base: Base, kind: str, key: str) -> Page | None:
    """Return the page of a fact, or None where there is none of that kind and key."""
    row = base.record(Relation(kind), key)
    if row is None:
        return None
    passages = base.passages([row.get("passage_key")])
    source = [
        Fact(
            f"{p['citation']}, {p['locator']}",
            f"“{p['quote']}” {p['address']}",
            mark=SEEN_IN_WORDS[p["seen"]],
            key=row["passage_key"],
        )
        for p in passages.values()
    ]
    return Page(
        kind,
        key,
        _title(kind, row),
        "",
        sections(
            ("Fact", _facts(base, kind, row)),
            ("Values", _values(base, kind, key)),
            ("Derived", _derivation(base, row)),
            ("Belongs to", _owner(base, row)),
            ("Source", source),
        ),
    )


def _title(kind: str, row: Record) -> str:
    if kind == "contrast":
        return contrast_text(row)
    if kind == "arm_result":
        return arm_text(row)
    shown = next((row[name] for name in _TITLES if row.get(name)), row["key"])
    return str(shown)


def _facts(base: Base, kind: str, row: Record) -> list[Fact]:
    title = _title(kind, row)
    facts = []
    for column, value in {**row, **_yes_or_nothing(row)}.items():
        if value in (None, "") or column in _HIDDEN or value == title:
            continue
        vocabulary = _vocabulary(kind, column)
        shown = base.vocabulary.label(vocabulary, value) if vocabulary else number(value)
        label = column.removesuffix("_key").replace("_", " ")
        facts.append(Fact(label, DIRECTIONS.get(shown, shown)))
    return facts


def _yes_or_nothing(row: Record) -> Record:
    """Return the columns that are true or false, which the two kinds of store write differently."""
    return {name: "yes" if row[name] else "" for name in _TRUE_OR_FALSE if name in row}


def _vocabulary(kind: str, column: str) -> str:
    if kind == "implementation_finding" and column == "outcome_key":
        return "implementation_outcome"
    return _VOCABULARIES.get(column, "")


def _values(base: Base, kind: str, key: str) -> list[Fact]:
    if kind != "claim":
        return []
    rows = base.records(claim_value, [key], by="claim_key")
    return [Fact(row["unit"], row["value"]) for row in rows]


def _derivation(base: Base, row: Record) -> list[Fact]:
    derived = base.records(Relation("derivation"), [row.get("derivation_key") or ""])
    shown = ("formula", "inputs", "software")
    return [Fact(name, d[name]) for d in derived for name in shown if d[name]]


def _owner(base: Base, row: Record) -> list[Fact]:
    """Return the study and the review that a fact belongs to."""
    root = row["key"].partition("/")[0]
    owners = {
        "study": (study, row.get("study_key") or root),
        "review": (review, row.get("review_key") or root),
    }
    return [
        Fact(kind, found["label"], key=key)
        for kind, (relation, key) in owners.items()
        for found in base.records(relation, [key])
    ]
