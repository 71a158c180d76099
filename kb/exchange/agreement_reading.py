"""The table of one person who extracted data, ready to be compared with that of another."""

from collections import Counter
from dataclasses import dataclass

from kb.exchange.files import FileProblem, ForeignFile
from kb.exchange.sheets import MISSING, SheetRow, number
from kb.exchange.spreadsheets import SeveralSheets
from kb.exchange.tabular.reading import read_table
from kb.exchange.template.columns import SHEET
from kb.exchange.template.example import is_example


@dataclass(frozen=True)
class Extraction:
    """One person's table: cells by column, in lower case; what means missing is empty.

    `refused` counts the rows that do not fit the header, `examples` those that were made up.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    comma: bool
    refused: int = 0
    examples: int = 0

    def number(self, text: str) -> float | None:
        """Return the number that a cell says, None where it says none."""
        try:
            return number(text, comma=self.comma)
        except ValueError:
            return None


def read_extraction(file: ForeignFile) -> Extraction:
    """Return the table in a file, of a workbook with several sheets that called Extraction."""
    try:
        sheet = read_table(file)
    except SeveralSheets as error:
        raise FileProblem(error.problem, f"Call the one that is meant {SHEET}.") from None
    header = tuple(column.casefold() for column in sheet.header)
    doubled = [column for column, times in Counter(header).items() if times > 1]
    if doubled:
        raise FileProblem(
            f"{sheet.name} has columns {', '.join(doubled)} that differ in capitals alone.",
            "Give every column a name of its own.",
        )
    rows = [_cleared(row) for row in sheet.rows()]
    data = tuple(row for row in rows if not is_example(row.cells.get("study", "")))
    refused, examples = sheet.count - len(rows), len(rows) - len(data)
    return Extraction(file.name, header, data, sheet.comma, refused, examples)


def _cleared(row: SheetRow) -> SheetRow:
    cells = {name.casefold(): cell for name, cell in row.cells.items()}
    return SheetRow(
        row.row, {name: "" if cell.casefold() in MISSING else cell for name, cell in cells.items()}
    )
