"""Extraction sheets as `kb template` writes them, filled in by one person or adjudicated by two.

A row's passage is the place in the report that the person names; what is told of the study itself
(design, country, cancer) has the row of the sheet for its passage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kb.exchange.drafts import Fate, Note, Reading
from kb.exchange.files import FileProblem, ForeignFile, quoted
from kb.exchange.sheets import Sheet, SheetRow
from kb.exchange.tabular.making import Made
from kb.exchange.tabular.reading import read_table
from kb.exchange.tabular.spool import Spool
from kb.exchange.template.columns import BY_NAME, COLUMNS, TO_DECIDE
from kb.exchange.template.example import is_example
from kb.exchange.template.rows import RowReader
from kb.exchange.template.studies import StudyMaker
from kb.vocabulary import plain

_NEEDED = tuple(column.name for column in COLUMNS if column.needed)


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return what an extraction sheet says; `given` may name the `sheet` of the workbook.

    Rows of the example are no data and are not counted.
    """
    sheet = _sheet(file, given)
    survey = _Survey(sheet, _named(sheet))
    spool = survey.run()
    if survey.examples and sheet.count == len(survey.examples):
        raise FileProblem(f"{sheet.name} holds the made-up example alone.", "Fill in rows below.")
    made = Made(spool, StudyMaker)
    return Reading(
        rows=sheet.count - len(survey.examples),
        notes=tuple(sorted((*sheet.notes, *survey.notes, *made.notes))),
        studies=made.studies,
        named=made.named,
    )


def _sheet(file: ForeignFile, given: Mapping[str, str]) -> Sheet:
    """Return the table; raise `FileProblem` for one that is no extraction sheet."""
    for name in given:
        if name != "sheet":
            raise FileProblem(
                f"There is nothing called {quoted(name)} to set for {file.name}.",
                "What can be set: sheet.",
            )
    sheet = read_table(file, given.get("sheet"))
    columns = set(_named(sheet).values())
    lacking = [name for name in _NEEDED if name not in columns]
    if lacking:
        raise FileProblem(
            f"{sheet.name} is no extraction sheet: it has no column {', '.join(lacking)}.",
            f"{_OTHER}{sheet.nameless}",
        )
    return sheet


_OTHER = "`kb template` writes such a sheet; a file of another format is named with --as."


def _named(sheet: Sheet) -> dict[str, str]:
    """Return the columns that are read, in any case, by what the file calls them."""
    names = {column: column.casefold() for column in sheet.header}
    return {column: name for column, name in names.items() if name in {*BY_NAME, TO_DECIDE}}


@dataclass
class _Survey:
    """What going through the rows once tells of the file; the rows themselves are put aside."""

    sheet: Sheet
    columns: Mapping[str, str]
    notes: list[Note] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)

    def run(self) -> Spool:
        """Go through the rows; return those that tell of a study."""
        spool = Spool()
        reader = RowReader(self.sheet.comma)
        spelt: dict[str, str] = {}
        for row in self.sheet.rows():
            cells = {name: row.cells[column] for column, name in self.columns.items()}
            if is_example(cells["study"]):
                self.examples.append(row.row)
            elif line := reader.line(SheetRow(row.row, cells)):
                study = line.texts["study"]
                spool.add(spelt.setdefault(plain(study), study), line)
        self.notes += [*reader.notes, *self._on_the_file()]
        return spool

    def _on_the_file(self) -> Iterator[Note]:
        for column in self.sheet.header:
            if column not in self.columns:
                message = "The extraction sheet has no such column; it was left out."
                yield Note(0, column, Fate.IGNORED, "column", message)
        if self.examples:
            first, last = self.examples[0], self.examples[-1]
            message = f"The made-up example (rows {first} to {last}) is no data and was left out."
            yield Note(0, "study", Fate.EXPLAINED, "example", message)
