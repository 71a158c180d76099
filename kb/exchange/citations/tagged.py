"""Text of tagged lines, 'TI  - A title', as RIS and MEDLINE write it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_LINE = re.compile(r" {0,3}([A-Z][A-Z0-9]{1,3})(?: {1,3}-| {0,3}-(?= |$))(.*)")
_TIGHT = re.compile(r"([A-Z][A-Z0-9]{1,3})-(.*)")


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands under each tag of an entry, in the order of the file; `row` is its first line.

    `closed` says whether the line that ends an entry was there; without it an entry goes on to the
    next one, or, as the `last`, to the end of the text.
    """

    row: int
    values: Mapping[str, list[str]]
    closed: bool
    last: bool = False

    def every(self, *tags: str) -> Iterator[str]:
        """Yield what stands under the first tag, then under the second, and so on."""
        for tag in tags:
            yield from (value for value in self.values.get(tag, ()) if value)

    def first(self, *tags: str) -> str | None:
        """Return the first of `every`, or None."""
        return next(self.every(*tags), None)


@dataclass(frozen=True, slots=True)
class Tags:
    """How a format tells its entries apart: by the tag that begins one and that which ends it.

    `longest` is how many letters a tag may have.
    """

    begin: str
    end: str = ""
    longest: int = 2


def entries(lines: Iterable[str], tags: Tags) -> Iterator[Entry]:
    """Yield the entries of a text.

    A line without a tag continues the one before. An entry that was not closed ends where the next
    one begins; one that lacks its first line begins with its first tag. Lines without a tag between
    two entries, such as running numbers, are no part of either. Tags without any blank ('TI-A
    title') are known as such where the first line of an entry is written so: elsewhere
    'T2-weighted' is a word.
    """
    pattern = _LINE
    open_entry: _Open | None = None
    for number, line in enumerate(lines, start=1):
        if line.startswith(f"{tags.begin}-"):
            pattern = _LINE if _LINE.match(line) else _TIGHT
        tag, text = _tag(line, pattern, tags)
        if open_entry and tag in {tags.begin, tags.end} - {""}:
            yield open_entry.entry(closed=tag == tags.end)
            open_entry = None
        if tag and tag != tags.end:
            open_entry = open_entry or _Open(number)
            open_entry.parts.append((tag, [text]))
        elif text and not tag and open_entry:
            open_entry.parts[-1][1].append(text)
    if open_entry:
        yield open_entry.entry(closed=False, last=True)


@dataclass(slots=True)
class _Open:
    """An entry of which more may come: its tags, each with its lines."""

    row: int
    parts: list[tuple[str, list[str]]] = field(default_factory=list)

    def entry(self, *, closed: bool, last: bool = False) -> Entry:
        values: dict[str, list[str]] = {}
        for tag, lines in self.parts:
            values.setdefault(tag, []).append(" ".join(line for line in lines if line))
        return Entry(self.row, values, closed, last)


def _tag(line: str, pattern: re.Pattern[str], tags: Tags) -> tuple[str, str]:
    """Return the tag of a line and what follows it; no tag where it continues another."""
    found = pattern.match(line)
    if found and len(found[1]) <= tags.longest:
        return found[1], found[2].strip()
    return "", line.strip()
