"""The rows of an extraction sheet, each by itself: what they say, and why one cannot be taken."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kb.curation.cells import QUOTE_WORDS
from kb.curation.wording import nearest
from kb.exchange.drafts import Fate, Note
from kb.exchange.files import quoted
from kb.exchange.sheets import MISSING, SheetRow, number, whole
from kb.exchange.tabular.spool import Line
from kb.exchange.template.columns import (
    BY_NAME,
    COLUMNS,
    OF_THE_STUDY,
    TO_DECIDE,
    Column,
    Content,
    RowKind,
)
from kb.exchange.template.undecided import WHOLE_ROW, undecided
from kb_schema.codes import Relation

_P = re.compile(r"(<=|<|>|=)?\s*(.*)")
_SPELT = {"true": "yes", "false": "no", "1": "yes", "0": "no"}
_NEEDED = tuple(column.name for column in COLUMNS if column.needed)
_PASSAGE = ("report", "locator", "quote", "seen")


@dataclass
class RowReader:
    """Reads the rows of one sheet; `comma` says whether the comma is its decimal sign."""

    comma: bool
    notes: list[Note] = field(default_factory=list)

    def line(self, row: SheetRow) -> Line | None:
        """Return what a row says; None, with a note for each reason, where it is not taken."""
        before = len(self.notes)
        cells = {name: cell for name, cell in row.cells.items() if cell.casefold() not in MISSING}
        line = Line(row.row, _words(cells))
        for name, cell in cells.items():
            if name in BY_NAME:
                self._take(line, BY_NAME[name], cell)
        if doubt := _undecided(row.cells):
            self.notes.append(Note(row.row, doubt[0], Fate.UNDECIDED, "undecided", doubt[1]))
        else:
            for rule, name, message in (*_lacking(cells), *_misplaced(cells)):
                self._refuse(row.row, name, rule, message)
        return line if len(self.notes) == before else None

    def _take(self, line: Line, column: Column, cell: str) -> None:
        try:
            if column.name == "p":
                line.texts["p_relation"], cell = _relation(cell)
            if not column.is_number:
                line.texts[column.name] = _code(column, cell) if column.codes else cell
                return
            read = whole if column.content is Content.COUNT else number
            value = read(cell, comma=self.comma)
        except ValueError as error:
            rule = "not a number" if column.is_number else "not one of the list"
            self._refuse(line.row, column.name, rule, f"{error}.")
            return
        if value is not None:
            line.numbers[column.name] = value

    def _refuse(self, row: int, name: str, rule: str, message: str) -> None:
        self.notes.append(Note(row, name, Fate.REFUSED, rule, message))


_Reasons = Iterator[tuple[str, str, str]]
"""The kind of reason for which a row is refused, the column, and what is said of it."""


def _undecided(cells: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the first column that is to be decided and what is said of all, or None."""
    open_ends = undecided(cells)
    if WHOLE_ROW in open_ends:
        message = f"One of two people alone has this row: clear '{TO_DECIDE}', or delete it."
        return WHOLE_ROW, message
    if open_ends:
        return open_ends[0], f"Still to be decided: {', '.join(open_ends)}. NA means left empty."
    return None


def _lacking(cells: Mapping[str, str]) -> _Reasons:
    """Yield what a row must have and has not."""
    lacking = [name for name in _NEEDED if name not in cells]
    passage = [name for name in lacking if name in _PASSAGE]
    if passage:
        message = f"A fact without a passage cannot be stored: fill in {', '.join(passage)}."
        yield "no passage", passage[0], message
    for name in lacking:
        if name not in _PASSAGE:
            yield f"no {name}", name, f"It does not say {_MEANING[name]}."
    words = len(cells.get("quote", "").split())
    if words > QUOTE_WORDS:
        yield "long quote", "quote", f"It has {words} words; a quote has at most {QUOTE_WORDS}."


_MEANING = {
    "study": "of which study it is",
    "row": "whether it is an arm or a contrast",
    "arm": "of which arm it is",
    "outcome": "which outcome was measured",
}


def _misplaced(cells: Mapping[str, str]) -> _Reasons:
    """Yield what a row of its kind cannot have, or must have and has not."""
    kind = cells.get("row", "").casefold()
    for column in COLUMNS:
        if column.name in cells and column.only not in {None, kind} and kind in set(RowKind):
            message = f"It belongs in a row of kind {column.only}, and this is {_a(kind)}."
            yield "cell of another kind", column.name, message
    if kind == RowKind.CONTRAST:
        yield from _unfit_contrast(cells)
    elif kind == RowKind.ARM and "role" not in cells and {"approach", "comparator"} <= cells.keys():
        message = "It names an approach and a comparator, and not whether the arm is a control."
        yield "no role", "role", message


def _unfit_contrast(cells: Mapping[str, str]) -> _Reasons:
    if "comparator" not in cells:
        yield "no comparator", "comparator", "It does not say with which arm it compares."
    if "estimate" not in cells and "p" not in cells:
        yield "no value", "estimate", "A contrast has an estimate or a p value."
    if "estimate" in cells and "statistic" not in cells:
        yield "no statistic", "statistic", "It does not say what the estimate is."


def _code(column: Column, cell: str) -> str:
    """Return the code that a cell means; raise ValueError, with the list, for any other word."""
    folded = {code.casefold(): code for code in column.codes}
    word = _SPELT.get(cell.casefold(), cell) if column.name == "adjusted" else cell
    if (found := folded.get(word.casefold())) is not None:
        return str(found)
    near = "".join(f", nearest {word}" for word in nearest(cell, folded))
    raise ValueError(f"{quoted(cell)} is none of {', '.join(column.codes)}{near}")


def _relation(cell: str) -> tuple[str, str]:
    """Return how p relates to the number that is printed, and the number."""
    found = _P.fullmatch(cell.replace("≤", "<="))
    assert found is not None
    return found[1] or Relation.EQUAL.value, found[2]


def _words(cells: Mapping[str, str]) -> str:
    """Return what a row says of its study as `column=value` pairs, to quote it for that."""
    told = {name: "_".join(cells[name].split()) for name in OF_THE_STUDY if name in cells}
    return " ".join(f"{name}={value}" for name, value in told.items())


def _a(kind: str) -> str:
    return f"an {kind}" if kind == RowKind.ARM else f"a {kind}"
