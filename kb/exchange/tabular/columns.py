"""Which columns of a table a reader takes, and what a row says in them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kb.exchange.drafts import Fate, Note
from kb.exchange.files import FileProblem, printable, quoted
from kb.exchange.sheets import MISSING, Sheet, SheetRow, number, whole
from kb.exchange.tabular.spool import Line

MOST_PAIRS = 25
"""Pairs of column and value in the words of a row: no quote has more words."""


@dataclass(frozen=True)
class Columns:
    """The columns that a reader takes, under its own names, each with the spellings it knows.

    A spelling is found in any case, and with or without a point before it. `constants` are names
    that stand for a column that is not there and are given with it; `wholes` are the numbers that
    cannot have a fraction.
    """

    texts: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, tuple[str, ...]]
    wholes: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()
    """Names of columns that no quote needs."""


@dataclass
class Lines:
    """Turns the rows of a sheet into lines, and keeps notes on what is wrong with them."""

    sheet: Sheet
    columns: Columns
    given: Mapping[str, str]
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._refuse_constants()
        self._texts = dict(self._found(self.columns.texts))
        self._numbers = dict(self._found(self.columns.numbers))
        ordered = (*self._texts.items(), *self._numbers.items())
        self._quoted = [
            (column, f"{column.replace(' ', '_')}=")
            for name, column in ordered
            if name not in self.columns.quiet
        ]
        self._constants = {
            name: value for name, value in self.given.items() if name in self.columns.texts
        }

    @property
    def names(self) -> frozenset[str]:
        """The reader's names for the columns that are there."""
        return frozenset((*self._texts, *self._numbers))

    def column(self, name: str) -> str:
        """Return what the file calls a column."""
        return self._texts.get(name) or self._numbers.get(name) or name

    def __iter__(self) -> Iterator[Line]:
        for row in self.sheet.rows():
            yield self._line(row)

    def ignored(self) -> Iterator[Note]:
        """Yield a note for each column that no table takes."""
        taken = {*self._texts.values(), *self._numbers.values()}
        for column in self.sheet.header:
            if column not in taken:
                message = "No table takes it; it was left out."
                yield Note(0, column, Fate.IGNORED, "column", message)

    def _line(self, row: SheetRow) -> Line:
        cells = row.cells
        line = Line(row.row, "", dict(self._constants))
        for name, column in self._texts.items():
            if (cell := cells[column]).casefold() not in MISSING:
                line.texts[name] = cell
        for name, column in self._numbers.items():
            if (cell := cells[column]) and cell != "NA":
                self._add_number(line, name, cell)
        line.words = " ".join(self._pairs(cells))
        return line

    def _add_number(self, line: Line, name: str, cell: str) -> None:
        read = whole if name in self.columns.wholes else number
        try:
            value = read(cell, comma=self.sheet.comma)
        except ValueError as error:
            line.unread[name] = cell
            message = f"{error}; it was taken for missing."
            self.notes.append(
                Note(line.row, self.column(name), Fate.WARNED, "not a number", message)
            )
            return
        if value is not None:
            line.numbers[name] = value

    def _pairs(self, cells: Mapping[str, str]) -> list[str]:
        pairs = []
        for column, start in self._quoted:
            if (cell := cells[column]) and cell != "NA":
                pairs.append(start + cell.replace(" ", "_"))
                if len(pairs) == MOST_PAIRS:
                    break
        return pairs

    def _found(self, spellings: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
        columns = {column.casefold(): column for column in reversed(self.sheet.header)}
        for name, known in spellings.items():
            candidates = [candidate for each in known for candidate in (each, f".{each}")]
            if found := next((columns[each] for each in candidates if each in columns), None):
                yield name, found

    def _refuse_constants(self) -> None:
        """Raise `FileProblem` for a constant that has no use, or that a column already says."""
        allowed = sorted(self.columns.constants)
        for name in self.given:
            if name not in self.columns.constants:
                raise FileProblem(
                    f"There is nothing called {quoted(name)} to set for {self.sheet.name}.",
                    f"What can be set: {', '.join(allowed)}.",
                )
        for name, column in self._found(self.columns.texts):
            if name in self.given:
                raise FileProblem(
                    f"{self.sheet.name} has a column {quoted(column)}, so {name} cannot be set.",
                    f"Leave out --set {name}=..., or take the column out of the file.",
                )


def constants(given: Mapping[str, str]) -> dict[str, str]:
    """Return constants in one line each, without those that are empty."""
    return {name: text for name, value in given.items() if (text := printable(value))}


def tally(words: Iterable[str], most: int = 6) -> str:
    """Return words with the number of times that each is there, the usual first."""
    counts = Counter(words).most_common()
    shown = [f"{quoted(word)} ({times})" for word, times in counts[:most]]
    more = len(counts) - most
    return ", ".join((*shown, f"{more} more") if more > 0 else shown)
