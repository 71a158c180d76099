"""The order in which things are listed: the same on every store, however that sorts its text."""

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"(\d+)")


def by_key(key: str) -> list[str | int]:
    """Return what to sort a key or a name by: numbers in it count by their value."""
    parts = _NUMBER.split(key)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def oldest_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what to sort a row by that has a year and a key; those of unknown year come last."""
    return row["year"] is None, row["year"] or 0, by_key(row["key"])


def by_columns(row: Mapping[str, Any]) -> list[list[str | int]]:
    """Return what to sort a whole row of a table by: its key, or else all that it states."""
    if "key" in row:
        return [by_key(row["key"])]
    return [by_key(str(value)) for name, value in row.items() if name != "passage_key"]
