"""A table in whatever kind of file it comes: text with separators, or a workbook."""

from kb.exchange.files import ForeignFile
from kb.exchange.opendocument import is_opendocument, read_opendocument
from kb.exchange.sheets import Sheet, read_csv
from kb.exchange.workbooks import is_workbook, read_workbook


def read_table(file: ForeignFile, sheet: str | None = None) -> Sheet:
    """Return the table in a file; `sheet` names the one that is meant, of a workbook with more.

    Raise `FileProblem` where there is none to read.
    """
    if is_workbook(file):
        read = read_opendocument if is_opendocument(file) else read_workbook
        return read(file, sheet)
    return read_csv(file)
