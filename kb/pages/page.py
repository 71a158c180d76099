"""A page about one record: facts under headings, each with the passage behind it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kb.base import Base, Record


@dataclass(frozen=True)
class Fact:
    """One line of a page. `mark` is a word that qualifies it, such as inferred."""

    label: str
    value: str
    passage: Record | None = None
    mark: str = ""
    key: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fact as plain data."""
        return {
            "label": self.label,
            "value": self.value,
            "mark": self.mark or None,
            "key": self.key or None,
            "passage": self.passage,
        }


@dataclass(frozen=True)
class Section:
    """Facts under one heading."""

    heading: str
    facts: list[Fact]


@dataclass(frozen=True)
class Page:
    """All that is told of one record."""

    kind: str
    key: str
    title: str
    lead: str = ""
    sections: list[Section] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    """Other records of the same key, as `kind:key`."""

    def as_dict(self) -> dict[str, Any]:
        """Return the page as plain data."""
        return {
            "kind": self.kind,
            "key": self.key,
            "title": self.title,
            "lead": self.lead or None,
            "sections": {
                section.heading: [fact.as_dict() for fact in section.facts]
                for section in self.sections
            },
            "also": self.also,
        }

    def _repr_html_(self) -> str:
        from kb.html import record_html

        return record_html(self)


def sections(*given: tuple[str, Iterable[Fact]]) -> list[Section]:
    """Return the sections that hold anything."""
    made = [Section(heading, list(facts)) for heading, facts in given]
    return [section for section in made if section.facts]


def plain_facts(record: Record, labels: dict[str, str]) -> list[Fact]:
    """Return a fact for each labelled column that has a value."""
    return [
        Fact(label, number(record[column]))
        for column, label in labels.items()
        if record.get(column) not in (None, "")
    ]


def number(value: Any) -> str:
    """Return a value as text, whole numbers without a point."""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def span(low: Any, high: Any, unit: str = "") -> str:
    """Return a range as '60 to 90 minutes', or one number where the ends are equal."""
    if low is None:
        return ""
    text = number(low) if high in (None, low) else f"{number(low)} to {number(high)}"
    return f"{text} {unit}".strip()


def names(base: Base, vocabulary: str, keys: Iterable[str]) -> str:
    """Return the names of terms as a list in words."""
    return ", ".join(base.vocabulary.label(vocabulary, key) for key in keys)
