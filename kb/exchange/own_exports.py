"""What this program exported itself: known again, so that it is never stored beside its source."""

import re
from dataclasses import replace

from kb.exchange.drafts import Fate, Note
from kb.exchange.files import FileProblem, ForeignFile
from kb.exchange.sheets import MISSING, Sheet

TRACE = frozenset(("key", "report", "locator", "quote"))
"""Columns of every table of effects that is exported: the result and its passage."""

_MARK = re.compile(rb'"format": "evidence-kb export"|"urn:evidence-kb:data"|"name": "evidence-kb"')
_HOW_TO_TAKE = (
    "Evidence goes from one base to another with `kb export --as seeds` and `kb load`; what is "
    "wrong in it is corrected there."
)


class OwnExport(FileProblem):
    """A file that this program wrote."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is what this program wrote of a base.", _HOW_TO_TAKE)


def refuse_own_document(file: ForeignFile, head: bytes) -> None:
    """Raise `OwnExport` for a document, by its beginning, of which the whole is an export."""
    if _MARK.search(head):
        raise OwnExport(file.name)


def without_own_rows(sheet: Sheet) -> Sheet:
    """Return a table without the rows that this program wrote, each refused by a note.

    They name the result that they show. Raise `OwnExport` where there is no other row.
    """
    names = {column.casefold(): column for column in sheet.header}
    if not names.keys() >= TRACE:
        return sheet
    key = names["key"]
    own = {
        row.row: row.cells[key] for row in sheet.rows() if row.cells[key].casefold() not in MISSING
    }
    if not own:
        return sheet
    if len(own) == sheet.count:
        raise OwnExport(sheet.name)
    notes = [
        Note(row, key, Fate.REFUSED, "own export", f"This program wrote it of {result}.")
        for row, result in own.items()
    ]
    how = Note(0, key, Fate.EXPLAINED, "own export", _HOW_TO_TAKE)
    return replace(
        sheet,
        rows=lambda: (row for row in sheet.rows() if row.row not in own),
        notes=(*sheet.notes, *notes, how),
    )
