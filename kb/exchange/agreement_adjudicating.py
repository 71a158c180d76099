"""The one sheet that two people's extractions become: what they agree on, and what is to decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kb.errors import KbError
from kb.exchange.agreement_pairing import Pair, Unpaired
from kb.exchange.agreement_reading import Extraction
from kb.exchange.agreement_tables import Agreement
from kb.exchange.sheets import SheetRow
from kb.exchange.template.columns import SHEET, TO_DECIDE
from kb.exchange.template.undecided import WHOLE_ROW, to_decide
from kb.exchange.template.writing import new_workbook, write_csv, write_row
from kb.exchange.writers.placing import placed_file

_JOINED = {"note": " / ", "extractor": ", "}
"""Columns in which what both wrote stands one behind the other."""

Cells = dict[str, str | float]


@dataclass(frozen=True)
class Adjudicated:
    """One row: its cells, and by column what is to be decided."""

    cells: Cells
    doubts: Mapping[str, str]


def write_adjudicated(found: Agreement, path: Path, *, force: bool = False) -> int:
    """Write the adjudicated sheet as .xlsx or .csv; return how many rows have something to decide.

    Cells that differ are empty, and the column `to decide` has both values. Of a row in which
    nothing else differs the first person's locator and quote are kept. Raises `KbError` for another
    ending, and where a file is there that `force` does not say to replace.
    """
    ending = path.suffix.lower()
    if ending not in {".xlsx", ".csv"}:
        raise KbError(
            f"{path.name} ends in neither .xlsx nor .csv.", "--output names the adjudicated sheet."
        )
    headers = [*found.a.header, *found.columns_without(found.b, found.a), TO_DECIDE]
    rows = list(adjudicated(found))
    with placed_file(path, force=force) as part:
        if ending == ".xlsx":
            _write_workbook(headers, rows, part)
        else:
            write_csv(headers, (row.cells for row in rows), part)
    return sum(bool(row.doubts) for row in rows)


def adjudicated(found: Agreement) -> Iterator[Adjudicated]:
    """Yield the rows of both, then those that one has alone."""
    for pair in found.pairs:
        cells = _cells(found, found.b, pair.b) | _cells(found, found.a, pair.a)
        doubts = {}
        for each in found.differences_in(pair):
            cells[each.column] = ""
            doubts[each.column] = _either(each.a, each.b)
        for name in found.own_words:
            cells[name], doubt = _own_words(name, pair, certain=not doubts)
            doubts |= {name: doubt} if doubt else {}
        yield _marked(cells, doubts)
    for table, rows in ((found.a, found.only_a), (found.b, found.only_b)):
        for alone in rows:
            doubts = {WHOLE_ROW: _why(table, alone)}
            yield _marked(_cells(found, table, alone.row), doubts)


def _own_words(name: str, pair: Pair, *, certain: bool) -> tuple[str, str]:
    """Return what is kept of a cell that each fills in their own way, and what is to be decided."""
    a, b = pair.a.cells[name], pair.b.cells[name]
    if name in _JOINED:
        return _JOINED[name].join(dict.fromkeys(filter(None, (a, b)))), ""
    if a == b or not b or (a and certain):
        return a, ""
    return ("", _either(a, b)) if a else (b, "")


def _either(a: str, b: str) -> str:
    return f"{a or 'empty'} or {b or 'empty'}"


def _why(table: Extraction, each: Unpaired) -> str:
    if each.doubled:
        return f"row {each.row.row} of {table.name} is one of several that nothing tells apart"
    return f"only in {table.name}, row {each.row.row}"


def _marked(cells: Cells, doubts: Mapping[str, str]) -> Adjudicated:
    return Adjudicated({**cells, TO_DECIDE: to_decide(doubts)}, doubts)


def _cells(found: Agreement, table: Extraction, row: SheetRow) -> Cells:
    """Return the cells of a row, with a point in all decimals."""
    cells: Cells = dict(row.cells)
    for name in found.numeric & row.cells.keys():
        value = table.number(row.cells[name])
        point = row.cells[name].replace(",", ".") if table.comma else row.cells[name]
        cells[name] = point if value is None else value
    return cells


def _write_workbook(headers: list[str], rows: list[Adjudicated], path: Path) -> None:
    with new_workbook(path) as book:
        sheet = book.add_worksheet(SHEET)
        bold = book.add_format({"bold": True})
        open_end = book.add_format({"bg_color": "#FFEB9C"})
        write_row(sheet, 0, headers, {name: name for name in headers}, bold)
        for place, row in enumerate(rows, 1):
            write_row(sheet, place, headers, row.cells)
            for name in (name for name in row.doubts if name in headers):
                sheet.write_blank(place, headers.index(name), None, open_end)
        sheet.set_column(0, len(headers) - 2, 14)
        sheet.set_column(len(headers) - 1, len(headers) - 1, 60)
        sheet.freeze_panes(1, 1)
