"""Years and sizes in words: 'since 2000', 'between 1990 and 2005', 'more than 100 patients'."""

from collections.abc import Sequence
from dataclasses import dataclass

_FIRST, _LAST = 1900, 2100
_PEOPLE = {"patients", "participants", "women", "people", "persons", "men", "caregivers"}
_ABOVE = {"more than": ">", "over": ">", "above": ">", "greater than": ">", "larger than": ">"}
_LEAST = {"at least": ">=", "minimum": ">=", "no fewer than": ">="}
_BELOW = {"fewer than": "<", "less than": "<", "under": "<", "below": "<", "smaller than": "<"}
_MOST = {"at most": "<=", "up to": "<=", "no more than": "<=", "maximum": "<="}
_SIZES = _ABOVE | _LEAST | _BELOW | _MOST
_YEARS = {
    "since": ">=",
    "from": ">=",
    "after": ">",
    "later than": ">",
    "before": "<",
    "earlier than": "<",
    "until": "<=",
    "up to": "<=",
    "by": "<=",
    "in": "",
    "of": "",
    "published in": "",
}


@dataclass(frozen=True)
class NumberSpan:
    """Words from `start` to `end` that fix a facet to a range."""

    start: int
    end: int
    facet: str
    value: str


def number_spans(words: Sequence[str], free: Sequence[bool]) -> list[NumberSpan]:
    """Return the years and sizes among the words that nothing else has claimed."""
    spans: list[NumberSpan] = []
    position = 0
    while position < len(words):
        span = _span(words, free, position)
        if span is not None:
            spans.append(span)
            position = span.end
        else:
            position += 1
    return spans


def _span(words: Sequence[str], free: Sequence[bool], start: int) -> NumberSpan | None:
    if not free[start]:
        return None
    return _between(words, start) or _bound(words, start) or _bare(words, start)


def _between(words: Sequence[str], start: int) -> NumberSpan | None:
    """Match 'between 1990 and 2005', 'from 1990 to 2005', '1990 to 2005' and '1990..2005'."""
    lead = start + (words[start] in {"between", "from"})
    if lead + 2 < len(words) and words[lead + 1] in {"and", "to", "until", "through"}:
        low, high = words[lead], words[lead + 2]
        if _is_year(low) and _is_year(high):
            return NumberSpan(start, lead + 3, "year", f"{low}..{high}")
        if lead > start and low.isdigit() and high.isdigit():
            return NumberSpan(start, _past_people(words, lead + 3), "n", f"{low}..{high}")
    low, dots, high = words[start].partition("..")
    if dots and _is_year(low) and _is_year(high):
        return NumberSpan(start, start + 1, "year", f"{low}..{high}")
    return None


def _bound(words: Sequence[str], start: int) -> NumberSpan | None:
    for length in (3, 2, 1):
        phrase = " ".join(words[start : start + length])
        end = start + length
        if end >= len(words):
            continue
        number = words[end]
        counts_people = end + 1 < len(words) and words[end + 1] in _PEOPLE
        if phrase in _YEARS and _is_year(number) and not counts_people:
            return NumberSpan(start, end + 1, "year", _YEARS[phrase] + number)
        if phrase in _SIZES and number.isdigit():
            return NumberSpan(start, _past_people(words, end + 1), "n", _SIZES[phrase] + number)
    return None


def _bare(words: Sequence[str], start: int) -> NumberSpan | None:
    word = words[start]
    if _is_year(word):
        return NumberSpan(start, start + 1, "year", word)
    if word.endswith("s") and _is_year(word[:-1]) and word[-2] == "0":
        return NumberSpan(start, start + 1, "year", f"{word[:-1]}..{int(word[:-1]) + 9}")
    return None


def _past_people(words: Sequence[str], end: int) -> int:
    return end + (end < len(words) and words[end] in _PEOPLE)


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and _FIRST <= int(word) <= _LAST
