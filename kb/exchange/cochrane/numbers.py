"""The numbers of RevMan's files: points for decimals, nothing or NaN where there is none."""

from math import isfinite


def value(text: str | None) -> float | None:
    """Return the number that a text says, None for an empty one and one that is not finite.

    Raise ValueError for any other text.
    """
    text = (text or "").strip().removesuffix("%")
    if not text or text in {"#N/A", "N/A", "NA"}:
        return None
    number = float(text)
    return number if isfinite(number) else None


def count(text: str | None) -> int | None:
    """Return the whole number that a text says; raise ValueError for one that is not whole."""
    number = value(text)
    if number is None:
        return None
    if number < 0 or not number.is_integer():
        raise ValueError(f"{text} is not a count")
    return int(number)
