"""How the studies of a table are called, and which of its rows are of one study."""

from collections import Counter
from collections.abc import Sequence

from kb.errors import KbError
from kb.pooling.options import PoolOptions
from kb.pooling.tables.cells import MISSING
from kb.pooling.tables.columns import find
from kb.pooling.tables.file import RawTable, TableError

_CLUSTERS = ("cluster", "trial", "study")


def label_columns(table: RawTable) -> tuple[str, ...]:
    """Return the columns that name the studies: slab, author (and year), or study."""
    for names in (("slab",), ("author", "year"), ("author",), ("study",)):
        found = [find(table.columns, name) for name in names]
        columns = tuple(column for column in found if column is not None)
        if len(columns) == len(names):
            return columns
    return ()


def names_of(table: RawTable) -> list[str]:
    """Return what each row is called; rows without a name are "row 1" and so on."""
    columns = [table.columns[column] for column in label_columns(table)]
    names = []
    for row in range(len(table)):
        parts = [cells[row] for cells in columns if cells[row] not in MISSING]
        names.append(" ".join(parts) or f"row {row + 1}")
    return names


def unique(names: Sequence[str]) -> list[str]:
    """Return names of which no two are the same: "X", "X" are "X.1", "X.2", as in metafor."""
    result = list(names)
    while len(set(result)) < len(result):
        count, seen = Counter(result), Counter[str]()
        for row, name in enumerate(result):
            if count[name] > 1:
                seen[name] += 1
                result[row] = f"{name}.{seen[name]}"
    return result


def studies_of(table: RawTable, names: Sequence[str], options: PoolOptions) -> list[str]:
    """Return the study that each row belongs to.

    Where effects may depend on each other it is what the column cluster, trial or study says;
    otherwise, or without such a column, it is the name of the row.
    """
    if options.dependence == "one":
        return list(names)
    column = _cluster_column(table)
    cells = names if column is None else table.columns[column]
    missing = [
        f"line {line}, column {column}: it is empty"
        for line, cell in zip(table.lines, cells, strict=True)
        if cell in MISSING
    ]
    if missing:
        raise TableError(table.name, missing, "Say which trial each effect is from.")
    if options.dependence in {"three-level", "robust"} and len(set(cells)) == len(cells):
        raise KbError(
            f"No two rows of {table.name} are of one trial, which --dependence "
            f"{options.dependence} is for.",
            "Say in a column cluster which trial each effect is from, or leave out --dependence.",
        )
    return list(cells)


def shared(table: RawTable, names: Sequence[str]) -> tuple[str, list[str]]:
    """Return what several rows have in common, the trial or the name, and which these are."""
    column = _cluster_column(table)
    cells = [cell for cell in table.columns[column] if cell not in MISSING] if column else []
    if column is None or len(set(cells)) == len(cells):
        column, cells = "name", list(names)
    return column, [cell for cell, count in Counter(cells).items() if count > 1]


def _cluster_column(table: RawTable) -> str | None:
    return next((found for name in _CLUSTERS if (found := find(table.columns, name))), None)
