"""Two records of one kind, aspect by aspect."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kb.base import Base
from kb.compare.approach import approach_aspects
from kb.compare.aspects import Aspect
from kb.compare.review import review_aspects
from kb.compare.study import study_aspects
from kb.errors import KbError
from kb.flat import Flat
from kb.pages import Page

DIFFERENT, SHARED, ONLY_A, ONLY_B = "different", "shared", "only a", "only b"
STANDINGS = (DIFFERENT, SHARED, ONLY_A, ONLY_B)
"""How the two sides can stand to each other, in the order in which they are told."""

_ASPECTS: dict[str, Callable[[Base, str], Iterable[Aspect]]] = {
    "approach": approach_aspects,
    "review": review_aspects,
    "study": study_aspects,
}
_KINDS = "two approaches, two reviews or two studies"


class NotComparable(KbError):
    """Two names that are not of two records of one kind that can be compared."""


@dataclass(frozen=True)
class Side:
    """One of the two records."""

    key: str
    label: str


@dataclass(frozen=True)
class Line:
    """What is told of both records, or of one, under one label."""

    section: str
    label: str
    a: tuple[Aspect, ...]
    b: tuple[Aspect, ...]

    @property
    def standing(self) -> str:
        """One of STANDINGS. What is not told of a side is no difference."""
        if not self.a or not self.b:
            return ONLY_A if self.a else ONLY_B
        a, b = ({aspect.held for aspect in side} - {""} for side in (self.a, self.b))
        return DIFFERENT if a and b and a != b else SHARED

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "section": self.section,
            "label": self.label,
            "a": [aspect.as_dict() for aspect in self.a],
            "b": [aspect.as_dict() for aspect in self.b],
        }


@dataclass(frozen=True)
class Comparison:
    """Two records side by side."""

    kind: str
    a: Side
    b: Side
    lines: tuple[Line, ...]

    def of(self, standing: str) -> list[Line]:
        """Return the lines of one of STANDINGS."""
        return [line for line in self.lines if line.standing == standing]

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data, as `--format json` prints it."""
        return {
            "kind": self.kind,
            "a": {"key": self.a.key, "label": self.a.label},
            "b": {"key": self.b.key, "label": self.b.label},
            **{
                standing.replace(" ", "_"): [line.as_dict() for line in self.of(standing)]
                for standing in STANDINGS
            },
        }


def compare(base: Base, first: str, second: str) -> Comparison:
    """Return two records side by side, each found by key or name.

    Raises `UnknownValue` for a name that nothing has, and `NotComparable` for records that are
    not of one kind, or are one and the same.
    """
    kind, a, b = _of_one_kind(first, base.page(first), second, base.page(second))
    if a == b:
        raise NotComparable(
            f"'{first}' and '{second}' are the same {kind}, {a}.", f"Name {_KINDS}."
        )
    lines = _lines(list(_ASPECTS[kind](base, a)), list(_ASPECTS[kind](base, b)))
    return Comparison(kind, _side(base, kind, a), _side(base, kind, b), tuple(lines))


def flat_comparison(found: Comparison) -> Flat:
    """Return a row for each line, with what is told of each side and its sources."""
    headers = ["standing", "section", "label", "a", "b", "a_sources", "b_sources"]
    rows = [
        [
            standing,
            line.section,
            line.label,
            *("; ".join(aspect.text for aspect in side) for side in (line.a, line.b)),
            *(_sources(side) for side in (line.a, line.b)),
        ]
        for standing in STANDINGS
        for line in found.of(standing)
    ]
    return headers, rows


def _of_one_kind(first: str, a: Page, second: str, b: Page) -> tuple[str, str, str]:
    """Return the kind that both names have in common, and the two keys."""
    keys_a, keys_b = _keys(a), _keys(b)
    for kind in _ASPECTS:
        if kind in keys_a and kind in keys_b:
            return kind, keys_a[kind], keys_b[kind]
    raise NotComparable(
        f"'{first}' and '{second}' cannot be compared: {_is_a(a)}, and {_is_a(b)}.",
        f"Name {_KINDS}; kb studies, kb reviews and kb terms approach list them.",
    )


def _keys(page: Page) -> dict[str, str]:
    """Return the keys of the records that a name has, by kind; of one kind the first."""
    keys: dict[str, str] = {page.kind: page.key}
    for also in page.also:
        kind, _, key = also.partition(":")
        keys.setdefault(kind, key)
    return keys


def _is_a(page: Page) -> str:
    kind = page.kind.replace("_", " ")
    return f"'{page.key}' is {'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _side(base: Base, kind: str, key: str) -> Side:
    return Side(key, base.vocabulary.label(kind, key))


def _lines(a: list[Aspect], b: list[Aspect]) -> Iterable[Line]:
    """Yield a line for each label, those of a section together."""
    places = dict.fromkeys((aspect.section, aspect.label) for aspect in (*a, *b))
    for chapter in dict.fromkeys(section for section, _ in places):
        for section, label in places:
            if section == chapter:
                yield Line(section, label, _under(a, section, label), _under(b, section, label))


def _under(aspects: list[Aspect], section: str, label: str) -> tuple[Aspect, ...]:
    return tuple(each for each in aspects if (each.section, each.label) == (section, label))


def _sources(side: Iterable[Aspect]) -> str:
    passages = [aspect.passage for aspect in side if aspect.passage]
    return "; ".join(dict.fromkeys(f"{p['citation']}, {p['locator']}" for p in passages))
