"""Years and pages from the ways in which files write them."""

import re

_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|2[0-9]{3})(?![0-9])")
_COMPACT = re.compile(r"\s*([12][0-9]{3})(?:0[1-9]|1[0-2])(?:[0-3][0-9])?\s*")
_RANGE = re.compile(r"([A-Za-z]*)([0-9]{1,12})-([A-Za-z]*)([0-9]{1,12})")
_WORD = re.compile(r"^(?:pp?|pages?|S\.)\.?\s+(?=[A-Za-z]?[0-9])", re.IGNORECASE)
_DASHES = re.compile(r"\s*(?:-{1,3}|[‐‑‒–—−])\s*")

EARLIEST, LATEST = 1900, 2100
"""The years that a report may be of."""


def year(text: str) -> int | None:
    """Return the year of a date such as '2001 Dec 13', '2001/12/13/' or '20011213', or None."""
    found = _COMPACT.fullmatch(text) or _YEAR.search(text)
    number = int(found[1]) if found else 0
    return number if EARLIEST <= number <= LATEST else None


def pages(text: str) -> str | None:
    """Return pages as '1719-1726': with a hyphen, and a cut last page ('1719-26') in full."""
    text = _DASHES.sub("-", _WORD.sub("", " ".join(text.split()))).strip("-. ")
    found = _RANGE.fullmatch(text)
    return _in_full(*found.groups()) if found else text or None


def page_range(first: str, last: str) -> str | None:
    """Return pages from the first and the last; the first may be the whole range already."""
    start, end = pages(first), pages(last)
    if start is None or end is None or "-" in start or "," in start or start == end:
        return start or end
    return end if end.startswith(f"{start}-") else pages(f"{start}-{end}")


def ends(text: str) -> tuple[str, str]:
    """Return the first and the last page of '1719-1726'; anything else is a first page alone."""
    if not _RANGE.fullmatch(text):
        return text, ""
    first, _, last = text.partition("-")
    return first, last


def _in_full(letters: str, first: str, end_letters: str, last: str) -> str:
    missing = len(first) - len(last)
    whole = first[:missing] + last if missing > 0 else last
    if end_letters not in {"", letters} or int(whole) < int(first):
        return f"{letters}{first}-{end_letters}{last}"
    return f"{letters}{first}" if whole == first else f"{letters}{first}-{letters}{whole}"
