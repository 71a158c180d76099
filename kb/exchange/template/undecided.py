"""What two people saw differently, as an adjudicated sheet keeps it until someone decides."""

import re
from collections.abc import Mapping

from kb.exchange.template.columns import TO_DECIDE

WHOLE_ROW = "whole row"
"""Stands for a column where the row itself is in doubt, as one person alone has it."""

_COLUMN = re.compile(r"\[([^\[\]]+)\]")
_BRACKETS = str.maketrans("[]", "()")


def to_decide(doubts: Mapping[str, str]) -> str:
    """Return the cell that tells of doubts by column: all columns in brackets, then what is said.

    The columns come first, so that none is lost where a long cell is cut.
    """
    names = " ".join(f"[{name}]" for name in doubts)
    said = "; ".join(f"{name}: {text}".translate(_BRACKETS) for name, text in doubts.items())
    return f"{names} {said}" if doubts else ""


def undecided(cells: Mapping[str, str]) -> list[str]:
    """Return the columns of a row that are still to be decided.

    A column is decided once its cell is filled, with NA where it is to stay empty; a row that one
    person alone has, once that is no longer said of it.
    """
    named = _COLUMN.findall(cells.get(TO_DECIDE, ""))
    return [name for name in named if name == WHOLE_ROW or not cells.get(name)]
