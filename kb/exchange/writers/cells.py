"""Cells of CSV files."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

NOT_KNOWN = "NA"
"""What R reads as a value that is missing."""

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How text begins that acts in a spreadsheet; the last four are the wide forms of the first."""

_NUMBER = re.compile(r"-\d+(\.\d+)?(e[-+]?\d+)?")
_EXACT = 2**53
"""From here on a number with a point no longer holds every whole number."""


def table_for_r(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV that R reads as they are meant.

    What is not known is NA, truth is TRUE or FALSE, numbers keep all their digits, and no text can
    act as a formula of a spreadsheet.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([_cell_for_r(value) for value in row] for row in rows)
    return text.getvalue()


def number_as_text(value: float) -> str:
    """Return a number with all its digits; whole numbers without a point."""
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < _EXACT)
    return str(int(value)) if whole else repr(float(value))


def harmless(text: str) -> str:
    """Return text that a spreadsheet takes as text: an apostrophe keeps it from acting."""
    line = " ".join(text.splitlines())
    return f"'{line}" if line.startswith(_ACTIVE) and not _NUMBER.fullmatch(line) else line


def _cell_for_r(value: Any) -> str:
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return str(value).upper()
    return number_as_text(value) if isinstance(value, int | float) else harmless(str(value))
