"""Authors as 'Family AB, Family C', from the ways in which files write them, and back."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.exchange.files import printable

OTHERS = "et al."
"""What stands for authors that a list leaves out."""

_OTHERS = re.compile(r"(et al\.?|others)", re.IGNORECASE)
_INITIALS = re.compile(r"[^\W\d_]{1,4}")
_SUFFIX = re.compile(r"([JS]r|[2-4](nd|rd|th)|I{2,3}|IV)\.?", re.IGNORECASE)
_PARTS = re.compile(r"[\s.\-‐‑–]+")


@dataclass(frozen=True, slots=True)
class Name:
    """An author: a person with initials, or, with a family name alone, a group."""

    family: str
    initials: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        """Return the name as 'Family AB'."""
        return " ".join(part for part in (self.family, self.initials, self.suffix) if part)

    @property
    def given(self) -> str:
        """The initials with points, as reference managers write them: 'A. B.'."""
        return " ".join(f"{letter}." for letter in self.initials)


def joined(names: Iterable[Name]) -> str | None:
    """Return authors in one text, or None for nobody."""
    return ", ".join(text for name in names if (text := str(name))) or None


def person(family: str, given: str, suffix: str = "") -> Name:
    """Return a person; particles that stand after the given name ('Anna de') join the family."""
    family, words = _without_commas(family), printable(given).replace(",", " ").split()
    last = len(words)
    while last > 1 and words[last - 1].islower():
        last -= 1
    if not family:
        return Name(" ".join(words))
    initials, particles = _initials(words[:last]), words[last:]
    return Name(" ".join((*particles, family)), initials, _without_commas(suffix).rstrip("."))


def group(text: str) -> Name:
    """Return a group as one author. Commas in its name become semicolons: they part authors."""
    return Name(printable(text).replace(", ", "; ").replace(",", ";"))


def author(text: str) -> Name:
    """Return an author written 'Family, Given', 'Family, Given, Jr' or 'Family AB'.

    A name without a comma and without initials at its end stays as it is.
    """
    text = printable(text).rstrip(",; ")
    if _OTHERS.fullmatch(text):
        return Name(OTHERS)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 3:
        return group(text)
    suffix = next((part for part in parts[1:] if len(parts) == 3 and _SUFFIX.fullmatch(part)), "")
    if len(parts) == 3 and not suffix:
        return group(text)
    match [part for part in parts if part != suffix]:
        case [family, given]:
            return person(family, given, suffix)
        case _:
            return _plain(text)


def authors(text: str | None) -> Iterator[Name]:
    """Yield the authors of a report from 'Family AB, Family C, et al.'."""
    for part in (text or "").split(", "):
        if part:
            yield _plain(part)


def _plain(text: str) -> Name:
    """Return 'Family AB' or 'Family A.B.' or 'Family AB Jr' in its parts."""
    words = text.split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    family, initials = " ".join(words[:-1]), words[-1].replace(".", "") if words else ""
    hyphened = initials.replace("-", "")
    if family and hyphened.isupper() and _INITIALS.fullmatch(hyphened):
        return Name(family, hyphened, suffix.rstrip("."))
    return Name(text)


def _initials(words: list[str]) -> str:
    """Return the first letters of given names; words of letters without case stay whole."""
    parts = [part for word in words for part in _PARTS.split(word) if part]
    capitals = all(part.isupper() and len(part) <= 4 for part in parts)
    return "".join(_letters(part, capitals=capitals) for part in parts)


def _letters(part: str, *, capitals: bool) -> str:
    if capitals or part.upper() == part.lower():
        return part
    letter = next((each for each in part if each.isalpha()), "")
    return letter.upper()[:1]


def _without_commas(text: str) -> str:
    return printable(text).replace(",", "").strip()
