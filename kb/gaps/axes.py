"""What rows and columns of a gap map may be, and the terms that they list."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from kb.base import Base
from kb.errors import KbError, UnknownValue
from kb.facets import FACETS
from kb.question import Question
from kb.vocabulary import facet_values


@dataclass(frozen=True)
class Kind:
    """A facet that may be rows or columns.

    Attributes:
        group: what states the facet: facets of one group are held to one and the same record.
        plural: its name for several.
        phrase: a study that has a term of it, in words.
        unknown: why a study without any term of it is not on the map.
    """

    group: str
    plural: str
    phrase: str
    unknown: str


KINDS = {
    "approach": Kind(
        "intervention",
        "approaches",
        "of {}",
        "no approach of an intervention under study is recorded",
    ),
    "outcome": Kind(
        "measurement", "outcomes", "that measured {}", "no outcome that it measured is recorded"
    ),
    "cancer": Kind("cancer", "cancers", "on {}", "the cancer of its participants is not known"),
    "design": Kind("design", "designs", "of the design {}", "its design is not known"),
    "country": Kind("country", "countries", "from {}", "its country is not known"),
    "construct": Kind(
        "factor",
        "constructs",
        "with a barrier or facilitator on {}",
        "no barrier or facilitator is recorded",
    ),
    "comparator": Kind(
        "comparator", "comparators", "that compared with {}", "no control condition is recorded"
    ),
    "delivery": Kind(
        "intervention",
        "forms of delivery",
        "with {} delivery",
        "whether it was a group or individual is not known",
    ),
    "instrument": Kind(
        "measurement",
        "instruments",
        "that used the instrument {}",
        "it names no instrument for what it measured",
    ),
}


@dataclass(frozen=True)
class Level:
    """A row or a column: a term, with the keys of all that lies below it in its tree."""

    key: str
    label: str
    within: frozenset[str]


@dataclass(frozen=True)
class Axis:
    """The rows of a map, or its columns."""

    facet: str
    levels: tuple[Level, ...]

    @property
    def kind(self) -> Kind:
        """What the facet is to a map."""
        return KINDS[self.facet]


def chosen_facets(rows: str | None, columns: str | None) -> tuple[str, str]:
    """Return the facets of rows and columns: approach and outcome where none is named.

    Raises `UnknownValue` for what cannot be on a map, and `KbError` for the same facet twice.
    """
    if rows is None:
        rows = "outcome" if columns == "approach" else "approach"
    if columns is None:
        columns = "approach" if rows == "outcome" else "outcome"
    for name, facet in (("rows", rows), ("columns", columns)):
        if facet not in KINDS:
            near = difflib.get_close_matches(facet, KINDS, n=1)
            nearest = f"Nearest: {near[0]}. " if near else ""
            raise UnknownValue(
                f"The {name} of a gap map cannot be '{facet}'.",
                f"{nearest}They may be {', '.join(KINDS)}.",
            )
    if rows == columns:
        raise KbError(
            f"Rows and columns are both {rows}.", "Name another facet for --rows or --columns."
        )
    return rows, columns


def axis(base: Base, question: Question, facet: str) -> Axis:
    """Return the terms that a facet gives a map: those that the question names, or all on top."""
    vocabulary = FACETS[facet].vocabulary
    labels = dict(facet_values(base.vocabulary, facet))
    excluded = _excluded(base, question, facet)
    levels = (
        Level(
            key,
            labels[key] or key,
            frozenset(base.vocabulary.within(vocabulary, [key]))
            if vocabulary
            else frozenset({key}),
        )
        for key in _listed(base, question, facet)
    )
    return Axis(facet, tuple(level for level in levels if level.key not in excluded))


def _listed(base: Base, question: Question, facet: str) -> Iterator[str]:
    named = question.criterion(facet)
    if named and named.wanted:
        yield from named.wanted
        return
    domain = question.criterion("domain") if facet == "construct" else None
    parents = set(domain.wanted) if domain and domain.wanted else {None}
    vocabulary = FACETS[facet].vocabulary
    if not vocabulary:
        yield from (key for key, _ in facet_values(base.vocabulary, facet))
        return
    terms = base.vocabulary.terms(vocabulary).values()
    yield from (term.key for term in terms if term.parent in parents)


def _excluded(base: Base, question: Question, facet: str) -> set[str]:
    """Return the terms that the question excludes; a row of them would only look like a gap."""
    facets = ("construct", "domain") if facet == "construct" else (facet,)
    unwanted = [value for c in question.about(facets) for value in c.unwanted]
    vocabulary = FACETS[facet].vocabulary
    return base.vocabulary.within(vocabulary, unwanted) if vocabulary else set(unwanted)
