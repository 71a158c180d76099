"""Years and sizes in words: 'since 2000', 'between 1990 and 2005', 'more than 100 patients'."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

_YEAR = r"((?:19|20)\d\d)"
_DECADE = r"(?:the )?((?:19|20)\d0)s"
_NUMBER = r"(?:an? |one )?(\d{1,6})(?! \d)"
_KINDS = r" (?:patients|participants|women|people|persons|men|caregivers|members)\b"
_PEOPLE = rf"(?: (?:\||(?!in\b|of\b|with\b|for\b|and\b|on\b|to\b|by\b)\w+)){{0,4}}?{_KINDS}"
_NO_PEOPLE = rf"(?!{_KINDS})"
_OTHER_UNIT = (
    r"(?! (?:years?|months?|weeks?|days?|hours?|minutes?|sessions?|meetings?|groups?|trials?|rcts?|"
    r"studies|reviews?|countries|centres|centers|percent|per|items?|points?)\b| \|)"
)
_COUNTED = rf"(?:{_PEOPLE}|{_OTHER_UNIT})"
_SAMPLE = r"(?:(?:with )?(?:an? )?(?:sample|sample size|size|n) (?:of |is |was )?)?"

_SPOKEN = {
    "fifties": "1950s",
    "sixties": "1960s",
    "seventies": "1970s",
    "eighties": "1980s",
    "nineties": "1990s",
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "hundred": "100",
    "thousand": "1000",
} | {f"{decade}0s": f"19{decade}0s" for decade in "56789"}

Ends = tuple[int | None, int | None]
_TAKEN = "|"
"""Stands in the text for a word that means something else already."""


@dataclass(frozen=True)
class NumberSpan:
    """Words from `start` to `end` that hold a facet to a range; None is an open end."""

    start: int
    end: int
    facet: str
    low: int | None
    high: int | None

    @property
    def value(self) -> str:
        """The range as a facet value."""
        if self.low == self.high:
            return str(self.low)
        low = "" if self.low is None else self.low
        return f"{low}..{'' if self.high is None else self.high}"


def _between(low: int, high: int) -> Ends:
    return min(low, high), max(low, high)


def _at_least(number: int) -> Ends:
    return number, None


def _above(number: int) -> Ends:
    return number + 1, None


def _at_most(number: int) -> Ends:
    return None, number


def _below(number: int) -> Ends:
    return None, max(number - 1, 0)


def _exactly(number: int) -> Ends:
    return number, number


def _decade(number: int) -> Ends:
    return number, number + 9


_LEAST = r"(?:no fewer than|no less than|not less than|at least|minimum|minimum of)"
_MOST = r"(?:no more than|not more than|at most|up to|maximum|maximum of)"
_MORE = r"(?:more than|over|above|greater than|larger than|bigger than|exceeding)"
_FEWER = r"(?:fewer than|less than|under|below|smaller than)"
_TO = r"(?:to|until|till|through)"

_READ: tuple[tuple[str, str, Callable[..., Ends]], ...] = (
    ("year", rf"between {_YEAR} and {_YEAR}", _between),
    ("year", rf"(?:from |between )?{_YEAR} {_TO} {_YEAR}{_NO_PEOPLE}", _between),
    ("year", rf"{_YEAR} (?:or later|and later|onwards?|or after|and after|or newer)", _at_least),
    ("year", rf"{_YEAR} (?:or earlier|and earlier|or before|and before|or older)", _at_most),
    ("year", rf"(?:no|not) (?:earlier than|before) {_YEAR}", _at_least),
    ("year", rf"(?:no|not) (?:later than|after) {_YEAR}", _at_most),
    ("year", rf"since {_DECADE}", _at_least),
    ("year", rf"before {_DECADE}", _below),
    ("year", rf"(?:since|from) {_YEAR}{_NO_PEOPLE}", _at_least),
    ("year", rf"(?:after|post|later than) {_YEAR}{_NO_PEOPLE}", _above),
    ("year", rf"(?:before|pre|earlier than|prior to) {_YEAR}{_NO_PEOPLE}", _below),
    ("year", rf"(?:until|till|by|up to) {_YEAR}{_NO_PEOPLE}", _at_most),
    ("year", _DECADE, _decade),
    ("n", rf"(?:between|from) {_NUMBER} (?:and|to) {_NUMBER}{_COUNTED}", _between),
    ("n", rf"{_NUMBER} to {_NUMBER}{_PEOPLE}", _between),
    ("n", rf"{_SAMPLE}{_LEAST} {_NUMBER}{_COUNTED}", _at_least),
    ("n", rf"{_SAMPLE}{_MOST} {_NUMBER}{_COUNTED}", _at_most),
    ("n", rf"{_SAMPLE}{_MORE} {_NUMBER}{_COUNTED}", _above),
    ("n", rf"{_SAMPLE}{_FEWER} {_NUMBER}{_COUNTED}", _below),
    ("n", rf"{_NUMBER}(?:{_PEOPLE})? or (?:more|larger|over){_COUNTED}", _at_least),
    ("n", rf"{_NUMBER}(?:{_PEOPLE})? or (?:fewer|less|smaller|under){_COUNTED}", _at_most),
    ("n", rf"(?:sample size|sample|n) (?:of |is |was )?{_NUMBER}{_COUNTED}", _exactly),
    ("n", rf"{_NUMBER}{_PEOPLE}", _exactly),
    ("year", _YEAR, _exactly),
)
_PATTERNS = [(facet, re.compile(rf"{text}(?!\w)"), ends) for facet, text, ends in _READ]


def find_numbers(words: Sequence[str], free: Sequence[bool]) -> list[NumberSpan]:
    """Return the years and sizes among the words that nothing else has claimed."""
    shown = [
        _SPOKEN.get(word, word) if is_free else _TAKEN
        for word, is_free in zip(words, free, strict=True)
    ]
    text = " ".join(shown)
    spans: list[NumberSpan] = []
    start = at = 0
    while start < len(shown):
        span = _span(text, at, start)
        if span:
            spans.append(span)
        end = span.end if span else start + 1
        at += sum(len(word) + 1 for word in shown[start:end])
        start = end
    return _joined(spans, words)


def _span(text: str, at: int, start: int) -> NumberSpan | None:
    for facet, pattern, ends in _PATTERNS:
        found = pattern.match(text, at)
        if found:
            low, high = ends(*(int(number) for number in found.groups()))
            return NumberSpan(start, start + found[0].count(" ") + 1, facet, low, high)
    return None


def _joined(spans: list[NumberSpan], words: Sequence[str]) -> list[NumberSpan]:
    """Return the spans, a lower and an upper bound that meet made into one range."""
    joined: list[NumberSpan] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last.facet == span.facet and "or" not in words[last.end : span.start]:
            both = _overlap(last, span)
            if both:
                joined[-1] = replace(last, end=span.end, low=both[0], high=both[1])
                continue
        joined.append(span)
    return joined


def _overlap(one: NumberSpan, other: NumberSpan) -> tuple[int, int] | None:
    if one.high is None and other.low is None:
        low, high = one.low, other.high
    elif one.low is None and other.high is None:
        low, high = other.low, one.high
    else:
        return None
    return (low, high) if low is not None and high is not None and low <= high else None
