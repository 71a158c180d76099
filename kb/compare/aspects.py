"""What is told of a record, in parts that can be held against those of another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kb.base import Base, Record
from kb.store.relations import Relation, factor, implementation_finding, theme_finding


@dataclass(frozen=True)
class Aspect:
    """One thing that is told of a record.

    Attributes:
        section, label: what it is about; what is told of two records under the same of both stands
            side by side.
        text: what is told, in words.
        held: what is compared; "" where only its being told counts, as with a theme.
        passage: the passage behind it, as `Base.passages` returns it.
    """

    section: str
    label: str
    text: str
    held: str = ""
    passage: Record | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"text": self.text, "compared": self.held or None, "passage": self.passage}


def rows_of(base: Base, relation: Relation, key: str, by: str) -> list[Record]:
    """Return the rows of a study or a review, each with its passage."""
    found = base.records(relation, [key], by=by)
    passages = base.passages(row["passage_key"] for row in found)
    return [{**row, "passage": passages[row["passage_key"]]} for row in found]


def theme_aspects(base: Base, rows: Iterable[Record]) -> Iterable[Aspect]:
    """Yield themes, under their names."""
    for row in rows:
        name = base.vocabulary.label("theme", row["theme_key"])
        yield Aspect("Themes", name, row["statement"], passage=row["passage"])


def factor_aspects(base: Base, rows: Iterable[Record]) -> Iterable[Aspect]:
    """Yield barriers and facilitators, under their constructs; their valences are compared."""
    for row in rows:
        name = base.vocabulary.label("construct", row["construct_key"])
        inferred = " (inferred)" if row["status"] == "inferred" else ""
        text = f"{row['valence']}: {row['statement']}{inferred}"
        yield Aspect("Barriers and facilitators", name, text, row["valence"], row["passage"])


def coded_aspects(base: Base, key: str, by: str) -> Iterable[Aspect]:
    """Yield the themes, factors and implementation outcomes that a study or a review tells of."""
    yield from theme_aspects(base, rows_of(base, theme_finding, key, by))
    yield from factor_aspects(base, rows_of(base, factor, key, by))
    for row in rows_of(base, implementation_finding, key, by):
        name = base.vocabulary.label("implementation_outcome", row["outcome_key"])
        yield Aspect("Implementation outcomes", name, row["statement"], passage=row["passage"])
