"""In what two records of publications differ, beyond the ways of writing the same.

A record is a mapping of the columns of a report. What one of two does not tell, and what cannot be
compared, speaks neither for nor against their being of the same publication.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import product
from typing import Any

from kb.exchange.citations.names import OTHERS, authors
from kb.exchange.citations.numbering import ends, pages
from kb_schema.codes import ReportKind

TOLD = ("title", "authors", "container", "volume", "pages")
"""The columns that `differing` compares."""

IDENTIFIERS = ("doi", "pmid", "pmcid")

COMPARED = ("kind", *TOLD, *IDENTIFIERS)
"""All columns that are compared here."""

_TITLES_ALIKE = 0.9
_AGAINST = {
    "doi": "DOI",
    "pmid": "PubMed number",
    "pmcid": "PubMed Central number",
    "authors": "first author",
    "container": "journal",
    "volume": "volume",
    "pages": "first page",
}
_IN_SERIES = {ReportKind.ARTICLE, ReportKind.CONFERENCE, ReportKind.CHAPTER, ReportKind.NEWS}
"""Kinds whose container is more than a publisher or a site."""

_WITHOUT_MARKS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "&": " and "}
    | dict.fromkeys("'’‘`-‐‑", "")
)
_UMLAUT = re.compile(r"(?<=[aou])e")
_WORD = re.compile(r"[^\W_]+")
_SMALL = {
    *("a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "to"),
    *("das", "de", "der", "des", "die", "du", "et", "fur", "la", "le", "les", "und"),
}
"""Words that the short name of a journal leaves out."""

_SUBTITLE = re.compile(r"\s*[(:=;].*")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NUMBER = re.compile(r"[0-9]+")

Told = Mapping[Any, Any]
"""What is told of a publication, by the columns of a report."""


def differing(one: Told, other: Told) -> tuple[str, ...]:
    """Return the columns of `TOLD` that both records tell and in which they differ."""
    return tuple(name for name in TOLD if _differ(name, one, other))


def apart(one: Told, other: Told) -> tuple[str, ...]:
    """Return in words what says that two records of one title and year are not of the same.

    The name of a journal says nothing where first author, volume and first page agree.
    """
    against = other_identifiers(one, other)
    against += [name for name in ("authors", "volume") if _differ(name, one, other)]
    if _both(one, other, "pages") and _other_number(_first_page(one), _first_page(other)):
        against.append("pages")
    agree = not against and all(_both(one, other, name) for name in ("authors", "volume", "pages"))
    in_series = {one.get("kind"), other.get("kind")} <= _IN_SERIES
    if in_series and not agree and _differ("container", one, other):
        against.append("container")
    return tuple(word for name, word in _AGAINST.items() if name in against)


def may_be_same(one: Told, other: Told) -> bool:
    """Return whether nothing says that two records of one title and year are not of the same."""
    return not (_differ("volume", one, other) or _differ("authors", one, other)) and not apart(
        one, other
    )


def is_another(one: Told, other: Told) -> bool:
    """Return whether both title and first author say that two records are of two publications."""
    if not {"title", "authors"} <= set(differing(one, other)):
        return False
    return not titles_alike(_folded(one["title"]), _folded(other["title"]))


def titles_alike(one: str, other: str) -> bool:
    """Return whether two titles are almost the same, as they are written."""
    return SequenceMatcher(None, one, other).ratio() >= _TITLES_ALIKE


def other_identifiers(one: Told, other: Told) -> list[str]:
    """Return the columns of the identifiers that both records tell, each another one."""
    return [
        name
        for name in IDENTIFIERS
        if _both(one, other, name) and str(one[name]).casefold() != str(other[name]).casefold()
    ]


def _differ(name: str, one: Told, other: Told) -> bool:
    return _both(one, other, name) and _DIFFER[name](str(one[name]), str(other[name]))


def _both(one: Told, other: Told, name: str) -> bool:
    return bool(one.get(name) and other.get(name))


def _other_title(one: str, other: str) -> bool:
    """Compare titles; one may lack what the other begins or ends with.

    One in brackets is not the title as printed.
    """
    if one.startswith("[") or other.startswith("["):
        return False
    one, other = _folded(one), _folded(other)
    short, long = sorted((one, other), key=len)
    return _comparable(one, other) and not (long.startswith(short) or long.endswith(short))


def _other_author(one: str, other: str) -> bool:
    """Compare the family names of the first authors; one may lack a particle or a second name."""
    first, second = _first_author(one), _first_author(other)
    if not _comparable("".join(first), "".join(second)):
        return False
    return "".join(first) != "".join(second) and not (
        set(first) <= set(second) or set(second) <= set(first)
    )


@lru_cache(maxsize=4096)
def _first_author(text: str) -> list[str]:
    family = next((name.family for name in authors(text) if name.family != OTHERS), "")
    return [_UMLAUT.sub("", word) for word in _words(family)]


def _other_container(one: str, other: str) -> bool:
    """Compare names of journals: in full, without what stands behind them, or abbreviated."""
    pairs = list(product(_names(one), _names(other)))
    comparable = all(_comparable("".join(first), "".join(second)) for first, second in pairs)
    return (
        bool(pairs) and comparable and not any(_same_name(first, second) for first, second in pairs)
    )


@lru_cache(maxsize=4096)
def _names(text: str) -> list[list[str]]:
    names = (_words(text), _words(_SUBTITLE.sub("", text)))
    return [[word for word in words if word not in _SMALL] or words for words in names if words]


def _same_name(one: list[str], other: list[str]) -> bool:
    if "".join(one) == "".join(other) or _initials_of(one, other) or _initials_of(other, one):
        return True
    return len(one) == len(other) and all(map(_abbreviates, one, other))


def _initials_of(one: list[str], other: list[str]) -> bool:
    return len(one) == 1 < len(other) and one[0] == "".join(word[0] for word in other)


def _abbreviates(one: str, other: str) -> bool:
    """Return whether the letters of the shorter word stand in the longer one, from its first on."""
    short, long = sorted((one, other), key=len)
    letters = iter(long)
    return short[0] == long[0] and all(letter in letters for letter in short)


def _other_volume(one: str, other: str) -> bool:
    """Compare the numbers of volumes; where a year stands for one, there is none to compare."""
    return _other_number(one, other) and not (_YEAR.fullmatch(one) or _YEAR.fullmatch(other))


def _other_pages(one: str, other: str) -> bool:
    pairs = zip(_ends(one), _ends(other), strict=True)
    return any(first and second and _other_number(first, second) for first, second in pairs)


def _first_page(record: Told) -> str:
    return _ends(str(record["pages"]))[0]


def _ends(text: str) -> tuple[str, str]:
    return ends(pages(text) or "")


def _other_number(one: str, other: str) -> bool:
    """Compare the first number in each of two texts, whatever letters stand around it."""
    first, second = _number(one), _number(other)
    if first and second:
        return first != second
    return not first and not second and _folded(one) != _folded(other)


@lru_cache(maxsize=4096)
def _number(text: str) -> str:
    found = _NUMBER.search(text)
    return (found[0].lstrip("0") or "0") if found else ""


def _comparable(one: str, other: str) -> bool:
    """Return whether there are two texts, and in one script."""
    return bool(one and other) and one.isascii() == other.isascii()


def _folded(text: str) -> str:
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    """Return the words of a text in small letters without marks."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_WITHOUT_MARKS))
    return _WORD.findall("".join(each for each in plain if not unicodedata.combining(each)))


_DIFFER: Mapping[str, Callable[[str, str], bool]] = {
    "title": _other_title,
    "authors": _other_author,
    "container": _other_container,
    "volume": _other_volume,
    "pages": _other_pages,
}
