"""A table in whatever kind of file it comes: text with separators, or a workbook."""

from kb.exchange.files import ForeignFile
from kb.exchange.sheets import Sheet, read_csv
from kb.exchange.workbooks import is_workbook, read_workbook


def read_table(file: ForeignFile, sheet: str | None = None) -> Sheet:
    """Return the table in a file; `sheet` names the one that is meant, of a workbook with more.

    Raise `FileProblem` where there is none to read.
    """
    return read_workbook(file, sheet) if is_workbook(file) else read_csv(file)
