"""The numbers of RevMan's files: points for decimals, nothing or NaN where there is none."""

import re
from math import isfinite

from kb.exchange.files import quoted

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE | re.ASCII)
_NONE = {"", "#n/a", "n/a", "na", "nan", "infinity", "-infinity"}
_USUAL_LEVEL = 95.0
_MOST_PEOPLE = 1e9


def value(text: str | None) -> float | None:
    """Return the number that a text says, None for an empty one and one that is not finite.

    Raise ValueError for any other text.
    """
    said = (text or "").strip().removesuffix("%").strip()
    if said.casefold() in _NONE:
        return None
    if not _NUMBER.fullmatch(said):
        decimal = ", for RevMan writes its decimals behind a point" if "," in said else ""
        raise ValueError(f"{quoted(said)} is not a number{decimal}")
    number = float(said)
    if not isfinite(number):
        raise ValueError(f"{quoted(said)} is too large")
    return number


def count(text: str | None) -> int | None:
    """Return the whole number that a text says; raise ValueError for one that is not whole."""
    number = value(text)
    if number is None:
        return None
    if not 0 <= number <= _MOST_PEOPLE or not number.is_integer():
        raise ValueError(f"{quoted(str(text))} is not a count")
    return int(number)


def level(text: str | None) -> float | None:
    """Return the level of an interval in percent; None where the text tells none."""
    try:
        percent = value(text)
    except ValueError:
        return None
    return percent if percent is not None and 0 < percent < 100 else None


def usual(*levels: float | None) -> float:
    """Return the first level that is told, or else 95."""
    return next((each for each in levels if each is not None), _USUAL_LEVEL)
