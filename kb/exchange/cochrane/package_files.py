"""The files of a Cochrane data package, whatever archive and folder they are in."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import replace as with_
from pathlib import PurePosixPath

from kb.exchange.drafts import Fate, Note
from kb.exchange.files import FileProblem, ForeignFile, decoded_lines, quoted
from kb.exchange.sheets import SheetRow, read_csv

DATA = "data-rows.csv"
SETTINGS = "overall-estimates-and-settings.csv"
SUBGROUPS = "subgroup-estimates.csv"
STUDIES = "study-information.csv"
RISK_OF_BIAS = "risk-of-bias.csv"
REFERENCES = "included.ris"
_ALL = (DATA, SETTINGS, SUBGROUPS, STUDIES, RISK_OF_BIAS, REFERENCES)
_ACCURACY = "parameters.csv"


@dataclass(frozen=True)
class Table:
    """The rows of a table; `after` is what its rows are numbered on from."""

    rows: tuple[SheetRow, ...] = ()
    header: tuple[str, ...] = ()
    count: int = 0
    last: int = 0
    notes: tuple[Note, ...] = ()


def package_files(members: Mapping[str, ForeignFile], name: str) -> dict[str, ForeignFile]:
    """Return the files of the package by what their names end in.

    Raise `FileProblem` where the archive, called `name`, is no data package of a review of
    interventions, or holds several.
    """
    found: dict[str, ForeignFile] = {}
    for path, file in members.items():
        base = PurePosixPath(path).name
        if base.endswith(_ACCURACY):
            raise FileProblem(
                f"{name} is the data package of a review of diagnostic accuracy.",
                "Reviews of interventions alone can be imported.",
            )
        for ending in _ALL:
            if base != ending and not base.endswith(f"-{ending}"):
                continue
            if found.setdefault(ending, file).checksum != file.checksum:
                raise FileProblem(
                    f"{name} holds more than one {ending}.", "Give one data package at a time."
                )
    for needed in (DATA, SETTINGS):
        if needed not in found:
            raise FileProblem(
                f"{name} holds no {needed}, so it is no Cochrane data package.",
                "Give the ZIP that RevMan exports, or its data archive.",
            )
    return found


def left_out(
    members: Mapping[str, ForeignFile], found: Mapping[str, ForeignFile]
) -> Iterator[Note]:
    """Yield what the package holds and is not read: tables by name, other files by kind."""
    taken = {file.checksum for file in found.values()}
    others: Counter[str] = Counter()
    for path, file in members.items():
        if file.checksum in taken:
            continue
        kind = PurePosixPath(path).suffix
        if kind in {".csv", ".ris"}:
            yield Note(0, file.name, Fate.IGNORED, "not read", f"{file.name} is not read.")
        else:
            others[kind] += 1
    for kind, times in sorted(others.items()):
        message = f"Files {kind or 'without an ending'}: {times}. They are not read."
        yield Note(0, kind, Fate.IGNORED, "not read", message)


def table(file: ForeignFile | None, after: int = 0) -> Table:
    """Return the rows of a table, none of one that is not there; rows are numbered on `after`."""
    if file is None or not _has_rows(file):
        return Table(last=after)
    sheet = read_csv(file)
    rows = tuple(SheetRow(row.row + after, row.cells) for row in sheet.rows())
    notes = tuple(_placed(note, file, after) for note in sheet.notes)
    last = max((*(each.row for each in rows), *(note.row for note in notes)), default=after)
    return Table(rows, sheet.header, sheet.count, last, notes)


def unread_columns(file: ForeignFile, read: Table, taken: frozenset[str]) -> Iterator[Note]:
    """Yield a note on every column that holds something and is not taken."""
    for column in read.header:
        if column not in taken and any(row.cells[column] for row in read.rows):
            message = f"The column {quoted(column)} of {file.name} is not stored."
            yield Note(0, column, Fate.IGNORED, "not stored", message)


def settings_of(file: ForeignFile | None) -> Table:
    """Return the rows of a table that holds no data of studies: they are no rows of the package."""
    found = table(file)
    return with_(found, notes=tuple(map(_of_settings, found.notes)))


def _of_settings(note: Note) -> Note:
    """Return a note on a row of settings as one on the file as a whole."""
    if not note.row:
        return note
    message = f"{note.message} It is line {note.row}."
    fate = Fate.WARNED if note.fate == Fate.REFUSED else note.fate
    return with_(note, row=0, fate=fate, message=message)


def _has_rows(file: ForeignFile) -> bool:
    lines = (line for line in decoded_lines(file) if line.strip())
    next(lines, None)
    return next(lines, None) is not None


def _placed(note: Note, file: ForeignFile, after: int) -> Note:
    row = note.row + after if note.row else 0
    return with_(note, row=row, message=f"{file.name}: {note.message}")
