"""What an expression may ask of the base."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy import select

from kb.answers.shared import grouped
from kb.audit.expressions import POOLED_FIELDS, Call, question_in
from kb.audit.figures import Figure, figure
from kb.base import Base, Record
from kb.errors import KbError, UnknownValue
from kb.question import Question
from kb.selection import studies
from kb.store.relations import (
    Relation,
    claim,
    claim_check,
    claim_value,
    further_passage,
    inclusion,
    published_pool,
    report,
    review,
)

_CLAIM = ("key", "review_key", "kind", "topic", "statement", "studies", "of_studies", "question")


class Facts:
    """The claims of a base with their values and checks, and what they may be compared with."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self._read: dict[str, Record] = {}

    @cached_property
    def claims(self) -> Mapping[str, Record]:
        """Claims by key."""
        return self._by_key(claim, (*_CLAIM, "passage_key"))

    @cached_property
    def values(self) -> Mapping[str, list[Record]]:
        """The values of claims, in their order."""
        return self._parts(claim_value, ("claim_key", "position", "value", "unit"))

    @cached_property
    def checks(self) -> Mapping[str, list[Record]]:
        """The checks of claims, in their order."""
        return self._parts(claim_check, ("claim_key", "position", "expression", "meaning"))

    @cached_property
    def pools(self) -> Mapping[str, Record]:
        """Published pools by key."""
        columns = ("key", "review_key", "statistic", "ci_level", "passage_key", *POOLED_FIELDS)
        return self._by_key(published_pool, columns)

    @cached_property
    def reviews(self) -> Mapping[str, Record]:
        """Reviews by key."""
        return self._by_key(review, ("key", "label", "studies"))

    @cached_property
    def further(self) -> Mapping[str, list[str]]:
        """The keys of the further passages of claims."""
        query = select(further_passage.record_key, further_passage.passage_key).where(
            further_passage.record_table == "claim"
        )
        rows = sorted(self.base.all(query), key=lambda row: row["passage_key"])
        groups = grouped(rows, "record_key")
        return {key: [row["passage_key"] for row in rows] for key, rows in groups.items()}

    def look(self, call: Call) -> Figure:
        """Return what a call of an expression names. Raises `KbError`."""
        match call.function:
            case "value":
                return self._value(call.words[0], call.number)
            case "studies" | "of":
                column = "studies" if call.function == "studies" else "of_studies"
                return self._whole(self._claim(call.words[0]), column)
            case "claims":
                return Figure(Fraction(len({self._claim(key)["key"] for key in call.words})))
            case "published":
                return self._published(call.words[0])
            case "pooled":
                return self._pooled(*call.words)
            case _:
                return self._count(call.words[0])

    def passages(self, keys: Sequence[str]) -> tuple[Record, ...]:
        """Return passages in the order of their keys, each once."""
        found = self._read
        new = [key for key in keys if key not in found]
        if new:
            found |= self.base.passages(new)
        return tuple(found[key] for key in dict.fromkeys(keys))

    def passages_of(self, claims: Iterable[str]) -> list[str]:
        """Return the keys of the passages that claims rest on, each once."""
        keys = [
            key
            for name in claims
            for key in (self.claims[name]["passage_key"], *self.further.get(name, []))
        ]
        return list(dict.fromkeys(keys))

    def _by_key(self, relation: Relation, columns: Iterable[str]) -> Mapping[str, Record]:
        rows = self.base.all(select(*(relation.named(name) for name in columns)))
        return {row["key"]: row for row in rows}

    def _parts(self, relation: Relation, columns: Iterable[str]) -> Mapping[str, list[Record]]:
        rows = self.base.all(select(*(relation.named(name) for name in columns)))
        return grouped(sorted(rows, key=lambda row: row["position"]), "claim_key")

    def _claim(self, key: str) -> Record:
        return _found(self.claims, key, "claim")

    def _value(self, key: str, number: int) -> Figure:
        self._claim(key)
        values = self.values.get(key, [])
        if number > len(values):
            raise UnknownValue(
                f"The claim '{key}' has no value {number}.", f"It has {len(values)}."
            )
        printed = values[number - 1]["value"]
        found = figure(printed)
        if found is None:
            raise KbError(f"Value {number} of the claim '{key}' is '{printed}', not a number.")
        return found

    def _whole(self, row: Record, column: str) -> Figure:
        if row[column] is None:
            raise UnknownValue(f"The claim '{row['key']}' does not say its {column}.")
        return Figure(Fraction(row[column]))

    def _published(self, key: str) -> Figure:
        row = _found(self._reports, key, "report")
        if row["year"] is None:
            raise UnknownValue(f"The year of the report '{key}' is not known.")
        return Figure(Fraction(row["year"]))

    @cached_property
    def _reports(self) -> Mapping[str, Record]:
        return self._by_key(report, ("key", "year"))

    def _pooled(self, key: str, field: str) -> Figure:
        row = _found(self.pools, key, "published pool")
        if field not in POOLED_FIELDS or row[field] is None:
            known = ", ".join(name for name in POOLED_FIELDS if row[name] is not None)
            raise UnknownValue(f"The published pool '{key}' has no '{field}'.", f"It has {known}.")
        found = figure(f"{row[field]:g}")
        assert found is not None
        return found

    def _count(self, command: str) -> Figure:
        subject, facets = question_in(command)
        question = self.base.question(subject, **facets)
        held = (
            len(self.base.keys(studies(self.base, question)))  # the count alone, which is quicker
            if question.subject == "studies"
            else self.base.answer(question).count
        )
        return Figure(Fraction(held), unsure=self._unsure(question))

    def _unsure(self, question: Question) -> tuple[str, ...]:
        """Return what keeps a count of the studies in a review from being that of the review."""
        asked = question.criterion("review")
        if asked is None:
            return ()
        return tuple(told for key in asked.wanted if (told := self._known_of(key)))

    def _known_of(self, key: str) -> str:
        """Return how much of a review's list of studies is known, or nothing where all of it is."""
        query = select(inclusion.study_key, inclusion.status).where(inclusion.review_key == key)
        rows = self.base.all(query)
        held = {row["study_key"] for row in rows}
        confirmed = {row["study_key"] for row in rows if row["status"] == "confirmed"}
        if held == confirmed and len(held) == self.reviews[key]["studies"]:
            return ""
        known = self.reviews[key]
        of = f"{known['studies']} of {known['label']}" if known["studies"] else known["label"]
        return (
            f"The base knows {_counted(len(held))} that may be among the {of}, "
            f"{len(confirmed) or 'none'} of them for sure."
        )


def _counted(studies: int) -> str:
    return f"{studies} {'study' if studies == 1 else 'studies'}"


def _found(records: Mapping[str, Any], key: str, what: str) -> Record:
    if key not in records:
        raise UnknownValue(f"There is no {what} '{key}'.")
    row: Record = records[key]
    return row
