"""The aspects of a review: what it asked, what it includes, what it pooled and claims."""

from collections.abc import Iterable

from kb.answers.shared import grouped
from kb.base import Base
from kb.compare.aspects import Aspect, coded_aspects, rows_of
from kb.pages.page import number
from kb.pages.review import pooled_facts
from kb.store.relations import claim, claim_value, inclusion, review, study

_BY = "review_key"
_TOLD = {
    "kind": "kind",
    "year": "year",
    "question": "asked",
    "searched": "searched",
    "studies": "studies counted",
    "participants": "participants",
}


def review_aspects(base: Base, key: str) -> Iterable[Aspect]:
    """Yield all that is told of a review."""
    (row,) = base.records(review, [key])
    passage = base.passages([row["passage_key"]])[row["passage_key"]]
    for column, label in _TOLD.items():
        if row[column] not in (None, ""):
            text = number(row[column])
            yield Aspect("Question and search", label, text, text, passage)
    yield from _inclusions(base, key)
    yield from _pooled(base, key)
    yield from _claims(base, key)
    yield from coded_aspects(base, key, _BY)


def _inclusions(base: Base, key: str) -> Iterable[Aspect]:
    rows = rows_of(base, inclusion, key, _BY)
    labels = {r["key"]: r["label"] for r in base.records(study, {r["study_key"] for r in rows})}
    for row in rows:
        text = f"{row['status']}: {row['basis']}"
        yield Aspect("Includes", labels[row["study_key"]], text, row["status"], row["passage"])


def _pooled(base: Base, key: str) -> Iterable[Aspect]:
    for fact in pooled_facts(base, key):
        section = "Pooled effects, as printed"
        yield Aspect(section, fact.label, fact.value, fact.value, fact.passage)


def _claims(base: Base, key: str) -> Iterable[Aspect]:
    """Yield the claims that hold numbers, by topic; their numbers are compared."""
    rows = rows_of(base, claim, key, _BY)
    keys = [row["key"] for row in rows]
    values = grouped(base.records(claim_value, keys, by="claim_key"), "claim_key")
    for row in rows:
        held = "; ".join(
            f"{found['value']} {found['unit']}" for found in values.get(row["key"], [])
        )
        if held:
            yield Aspect(
                "Claims with numbers", row["topic"], row["statement"], held, row["passage"]
            )
