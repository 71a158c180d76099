"""What workbooks of all kinds have in common: which sheet is meant, merged cells, dates."""

from collections.abc import Iterable, Mapping, Sequence

from kb.exchange.drafts import Fate, Note
from kb.exchange.files import FileProblem, quoted
from kb.exchange.template.columns import SHEET

Place = tuple[int, int]
"""Row and column of a cell, from 0."""


class SeveralSheets(FileProblem):
    """A workbook of which it is not said which sheet is meant."""


def chosen(file: str, names: Sequence[str], sheet: str | None) -> str:
    """Return the name of the sheet that is meant; raise `FileProblem` where that is not clear.

    It need not be named where there is one alone, or one called as that of `kb template`.
    """
    if sheet is None and (len(names) == 1 or SHEET in names):
        return SHEET if SHEET in names else names[0]
    if sheet is not None and sheet in names:
        return sheet
    listed = ", ".join(quoted(name) for name in names) or "none"
    if sheet is None:
        raise SeveralSheets(
            f"{file} has several sheets: {listed}.", "Say which, with --set sheet=NAME."
        )
    raise FileProblem(f"{file} has no sheet {quoted(sheet)}.", f"Its sheets: {listed}.")


def titled(file: str, names: Sequence[str], sheet: str) -> str:
    """Return what messages call a sheet of a file."""
    return file if len(names) == 1 else f"{file}, sheet {quoted(sheet)}"


def refuse_merged(name: str, header: int, merged: Iterable[tuple[Place, Place]]) -> None:
    """Raise `FileProblem` for merged cells below the row of the `header`: one has their value.

    Each is given by its first and last cell.
    """
    below = [each for each in merged if each[1][0] > header]
    if below:
        (top, left), (bottom, right) = min(below)
        place = f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"
        others = f" and {len(below) - 1:,} more" if len(below) > 1 else ""
        raise FileProblem(
            f"{name} has merged cells: {place}{others}.",
            "Unmerge them, and write in every row what it is to say.",
        )


def on_dates(header: Sequence[str], found: Mapping[int, Sequence[int]]) -> list[Note]:
    """Return a note on every column with dates: spreadsheets make them of other entries.

    `found` holds the rows of the dates by the place of the column.
    """
    return [
        _on_dates_of(header[place] or f"column {place + 1}", rows) for place, rows in found.items()
    ]


def _on_dates_of(column: str, rows: Sequence[int]) -> Note:
    several = f"{len(rows):,} cells hold dates, the first"
    cells = several if len(rows) > 1 else "A cell holds a date,"
    message = f"{cells} in row {rows[0]}; spreadsheets make one of entries such as 5/3."
    return Note(0, column, Fate.WARNED, "date", message)


def _letters(place: int) -> str:
    """Return what a column, counted from 0, is called."""
    rest, last = divmod(place, 26)
    return f"{_letters(rest - 1) if rest else ''}{chr(ord('A') + last)}"
