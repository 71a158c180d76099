"""Reports as the writers of citations need them."""

from collections.abc import Mapping
from typing import Any


def text(report: Mapping[str, Any], column: str) -> str:
    """Return a column of a report in one line, or nothing."""
    value = report[column]
    return "" if value is None else " ".join(str(value).split())
