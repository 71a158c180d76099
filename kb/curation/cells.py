"""One value of a seed file as the column that it belongs to takes it."""

import math
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, Column, Enum, Float, Integer
from sqlalchemy.types import TypeEngine

from kb.curation.parsing import Located, constant
from kb.curation.shape import WRITTEN_AS
from kb.curation.wording import listed, nearest, shown

QUOTE_WORDS = 25
"""Words that a quote may have; the tables hold it to this too."""

LARGEST = 2**31 - 1
"""The largest whole number that a column holds on PostgreSQL."""


class Unfit(Exception):
    """A value that its column does not take: what was found, what is allowed, what is nearest."""

    def __init__(self, message: str, near: Iterable[str] = ()) -> None:
        self.message = message
        self.nearest = ", ".join(near)
        super().__init__(message)


def read_cell(column: Column[Any], cell: Located) -> Any:
    """Return the value of a cell as its column takes it. Raises `Unfit`."""
    if isinstance(cell.value, dict | list):
        raise Unfit(f"must be a single value; found {shown(cell.value)}.")
    if cell.value is None or not cell.text.strip():
        optional = column.nullable or column.default is not None
        remedy = "leave the field out where nothing is known" if optional else "it must be given"
        raise Unfit(f"is empty; {remedy}.")
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, Enum):
        return _code(kind.enums, cell)
    if isinstance(kind, Boolean):
        return _truth(cell)
    if isinstance(kind, Integer):
        return _whole_number(cell)
    if isinstance(kind, Float):
        return _number(cell)
    return _text(column, cell)


def _code(allowed: list[str], cell: Located) -> str:
    if cell.text not in allowed:
        raise Unfit(
            f"{shown(cell.text)} is not allowed; use {listed(allowed)}.",
            nearest(cell.text, allowed),
        )
    return cell.text


def _truth(cell: Located) -> bool:
    if cell.text.lower() not in {"true", "false"} or not isinstance(cell.value, bool):
        raise Unfit(f"must be true or false; found {_written(cell)}.")
    return cell.value


def _whole_number(cell: Located) -> int:
    value = cell.value
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit(f"must be a whole number; found {_written(cell)}.")
    if abs(value) > LARGEST:
        raise Unfit(f"must be a whole number up to {LARGEST:,}; found {value}.")
    return value


def _number(cell: Located) -> float:
    value = cell.value
    if not isinstance(value, int | float) or isinstance(value, bool) or math.isinf(value):
        raise Unfit(f"must be a number; found {_written(cell)}.")
    return float(value)


def _written(cell: Located) -> str:
    """Return a value as it stands, and that it stands in quotes where that is what is wrong."""
    quoted = isinstance(cell.value, str) and constant(cell.text) != cell.text
    return f"{shown(cell.text)} in quotes" if quoted else shown(cell.text)


def _text(column: Column[Any], cell: Located) -> str:
    if isinstance(cell.value, bool):
        raise Unfit(
            f"must be text; found {cell.text}, which YAML reads as {shown(cell.value)}; "
            "put it in quotes."
        )
    text = cell.text.strip()
    where = (column.table.name, column.name)
    if where == ("passage", "quote"):
        return _quote(text)
    form = WRITTEN_AS.get(where)
    if form is not None and not re.fullmatch(form.pattern, text):
        raise Unfit(f"must be {form.words}; found {shown(text)}.")
    return text


def _quote(text: str) -> str:
    words = text.split()
    if len(words) > QUOTE_WORDS:
        raise Unfit(
            f"has {len(words)} words, found {shown(text)}; a quote has at most {QUOTE_WORDS}."
        )
    return " ".join(words)
