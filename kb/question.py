"""A question to the base: a small immutable value that words, flags and Python all build."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kb.errors import UnknownValue
from kb.facets import FACETS, Facet
from kb.vocabulary import Vocabulary

SUBJECTS = (
    "studies",
    "results",
    "interventions",
    "outcomes",
    "instruments",
    "factors",
    "barriers",
    "facilitators",
    "strategies",
    "themes",
    "reviews",
)
"""What can be asked for. Barriers and facilitators are factors of one valence."""

POOL = "pool"
"""What is asked for where one effect is wanted in place of rows."""

_RANGE = re.compile(r"(?P<low>\d+)?\.\.(?P<high>\d+)?")
_BOUND = re.compile(r"(?P<sign>>=|<=|>|<)?\s*(?P<number>\d+)")


@dataclass(frozen=True)
class Criterion:
    """What one facet is held to: any of the wanted values and none of the unwanted."""

    facet: str
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    @property
    def values(self) -> list[str]:
        """The values as they are written for the facet: `!` before what is not wanted."""
        return [*self.wanted, *(f"!{value}" for value in self.unwanted)]

    def flags(self) -> list[str]:
        """Return the command-line words that say the same."""
        if self.facet == "text":
            return [word for value in self.values for word in ("--text", value)]
        return [f"--{self.facet}", ",".join(self.values)]


@dataclass(frozen=True)
class Question:
    """A subject and the criteria that narrow it, one for each facet that is used."""

    subject: str = "studies"
    criteria: tuple[Criterion, ...] = ()

    def criterion(self, facet: str) -> Criterion | None:
        """Return the criterion on a facet, where there is one."""
        return next((c for c in self.criteria if c.facet == facet), None)

    def about(self, facets: Iterable[str]) -> tuple[Criterion, ...]:
        """Return the criteria on any of these facets."""
        names = set(facets)
        return tuple(c for c in self.criteria if c.facet in names)

    def without(self, facets: Iterable[str]) -> "Question":
        """Return the question with these facets left open."""
        names = set(facets)
        return replace(self, criteria=tuple(c for c in self.criteria if c.facet not in names))

    def command(self) -> str:
        """Return the command line that asks the same."""
        words = ["kb", self.subject]
        for criterion in self.criteria:
            words += criterion.flags()
        return " ".join(shlex.quote(word) for word in words)

    def as_dict(self) -> dict[str, Any]:
        """Return the question as plain data."""
        facets = {c.facet: c.values for c in self.criteria}
        return {"subject": self.subject, "facets": facets, "command": self.command()}


def build_question(
    subject: str, given: Mapping[str, Iterable[str]], vocabulary: Vocabulary
) -> Question:
    """Return the question that facet values as typed mean.

    A value may hold several, separated by commas; `!value` excludes. Raises `UnknownValue` for a
    value that names nothing.
    """
    if subject not in {*SUBJECTS, POOL}:
        raise UnknownValue(f"Nothing is called '{subject}'.", f"Ask for {', '.join(SUBJECTS)}.")
    unknown = set(given) - set(FACETS)
    if unknown:
        raise UnknownValue(
            f"There is no facet '{unknown.pop()}'.", f"The facets are {', '.join(FACETS)}."
        )
    criteria = [
        _criterion(facet, given[name], vocabulary)
        for name, facet in FACETS.items()
        if name in given and any(value.strip() for value in given[name])
    ]
    return Question(subject, tuple(criteria))


def _criterion(facet: Facet, values: Iterable[str], vocabulary: Vocabulary) -> Criterion:
    separate = [values] if facet.name == "text" else [value.split(",") for value in values]
    wanted: dict[str, None] = {}
    unwanted: dict[str, None] = {}
    for value in (part.strip() for parts in separate for part in parts):
        if not value:
            continue
        excluded = value.startswith("!")
        for meant in _values(facet, value.removeprefix("!").strip(), vocabulary):
            (unwanted if excluded else wanted)[meant] = None
    return Criterion(facet.name, tuple(wanted), tuple(unwanted))


def _values(facet: Facet, value: str, vocabulary: Vocabulary) -> list[str]:
    if facet.is_range:
        low, high = bounds(value, facet.name)
        return [_written_range(low, high)]
    if facet.name == "text":
        return [value]
    return vocabulary.resolve(facet, value)


def bounds(value: str, facet: str = "range") -> tuple[int | None, int | None]:
    """Return the inclusive lower and upper bound that a range says; None where it is open."""
    text = value.strip()
    between = _RANGE.fullmatch(text)
    if between and (between["low"] or between["high"]):
        low, high = (int(end) if end else None for end in between.group("low", "high"))
    elif bound := _BOUND.fullmatch(text):
        number = int(bound["number"])
        low, high = {
            ">=": (number, None),
            ">": (number + 1, None),
            "<=": (None, number),
            "<": (None, number - 1),
            None: (number, number),
        }[bound["sign"]]
    else:
        raise UnknownValue(
            f"'{value}' is not a range for {facet}.",
            "Write 2001, 1990..2005, 1990.., >=100 or <50.",
        )
    if high is not None and high < 0:
        raise UnknownValue(f"No {facet} is below 0.", "Write a range that holds something.")
    if low is not None and high is not None and low > high:
        raise UnknownValue(
            f"The range '{value}' for {facet} is empty: {low} is above {high}.",
            f"Write {high}..{low}.",
        )
    return low, high


def _written_range(low: int | None, high: int | None) -> str:
    if low == high:
        return str(low)
    if high is None:
        return f">={low}"
    return f"<={high}" if low is None else f"{low}..{high}"
