"""A table of studies in a CSV file, with metafor's column names, as a selection of effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from pathlib import Path
from typing import Any

from kb.errors import KbError
from kb.pooling.analysing.engine import engine_errors
from kb.pooling.answer import TableFile
from kb.pooling.corrections import in_words, of_effects
from kb.pooling.evidence import Entry, Selection, SetAside
from kb.pooling.options import PoolOptions
from kb.pooling.tables.cells import column_values, numbers
from kb.pooling.tables.columns import Way, choose_way, find
from kb.pooling.tables.file import RawTable, read_file
from kb.pooling.tables.labels import label_columns, names_of, shared, studies_of, unique
from kb.pooling.tables.zero_counts import with_cautions_on_zeros
from kb.synthesis.effect_sizes import escalc
from kb.synthesis.effects import Effects
from kb.synthesis.measures import measure_of

_OF_THE_STORE = ("window", "rule", "adjusted", "include")
_SIZES = ("n1i", "n2i", "ni")


def read_table(path: Path, options: PoolOptions, name: str = "") -> tuple[Selection, TableFile]:
    """Return the effects in a CSV file, in its order, and which file it was, by path or `name`.

    Columns have the names of metafor's `escalc`; slab, author and year, or study name the rows;
    cluster, trial or study says, where dependence is asked for, which of them are of one trial.
    All other columns are there for subgroups and moderators. Commas, semicolons or tabs separate
    the cells, and beside the latter two a comma may be the decimal sign. A row without an effect
    is set aside with the reason. Raise KbError for a file that is no table, for options that a
    table has no use for, and for cells that are wrong, all of them at once.
    """
    _refuse_options(options)
    table = read_file(path, name)
    way = choose_way(table.name, table.columns, options)
    names = names_of(table)
    labels = unique(names)
    rows, set_aside = _rows(table, names, labels, options)
    studies = studies_of(table, names, options)
    cells = numbers(table, {**_sizes(table), **way.inputs}, rows)
    with engine_errors():
        effects = _effects(way, cells, [labels[row] for row in rows], options)
    context = _Context(table, way, cells, rows, labels, studies, _values(table, way))
    kept = [int(i) for i in effects.rows.tolist()]
    selection = Selection(
        measure=effects.measure,
        entries=tuple(
            context.entry(position, yi, vi)
            for position, yi, vi in zip(kept, effects.yi.tolist(), effects.vi.tolist(), strict=True)
        ),
        set_aside=(*set_aside, *_without_effect(context, effects)),
        rule=(*way.rule, *in_words(options, way.measure, counted=not way.is_given)),
        cautions=_cautions(table, names, options),
        counts=_counts(cells, way, kept),
    )
    return with_cautions_on_zeros(selection, options), TableFile(table.name, table.sha256)


@dataclass(frozen=True, eq=False)
class _Context:
    """What the entries are made of; `rows` are the rows of the table that count."""

    table: RawTable
    way: Way
    cells: Mapping[str, Sequence[float]]
    rows: Sequence[int]
    labels: Sequence[str]
    studies: Sequence[str]
    values: Mapping[str, Sequence[Any]]

    def entry(self, position: int, yi: float, vi: float) -> Entry:
        """Return the entry of one of the rows that count."""
        row = self.rows[position]
        cells = {name: values[position] for name, values in self.cells.items()}
        return Entry(
            label=self.labels[row],
            yi=yi,
            vi=vi,
            study=self.studies[row],
            key=str(row + 1),
            year=_year(self.table, row),
            n=_participants(cells),
            shown=None if self.way.is_given else _shown(cells),
            basis=self.way.basis,
            values={name: column[row] for name, column in self.values.items()},
        )


def _refuse_options(options: PoolOptions) -> None:
    default = PoolOptions()
    for name in _OF_THE_STORE:
        if getattr(options, name) != getattr(default, name):
            raise KbError(
                f"--{name} chooses among the results of the store; a table has one per row.",
                f"Leave out --{name}, or take rows out with --exclude.",
            )


def _rows(
    table: RawTable, names: Sequence[str], labels: Sequence[str], options: PoolOptions
) -> tuple[list[int], list[SetAside]]:
    """Return the rows that count, and those left out by --exclude and --as-of."""
    for label in options.exclude:
        if label not in labels and label not in names:
            raise KbError(
                f"No row of {table.name} is called '{label}'.",
                f"Its first rows are {', '.join(labels[:5])}.",
            )
    if options.as_of is not None and find(table.columns, "year") is None:
        raise KbError(
            f"--as-of needs a column year, which {table.name} does not have.",
            "Leave out --as-of, or add the column.",
        )
    reasons = [
        _why_not(table, row, {names[row], labels[row]}, options) for row in range(len(table))
    ]
    left_out = [
        SetAside(labels[row], _place(table, row), reason, str(row + 1))
        for row, reason in enumerate(reasons)
        if reason
    ]
    return [row for row, reason in enumerate(reasons) if not reason], left_out


def _why_not(table: RawTable, row: int, called: set[str], options: PoolOptions) -> str:
    if called & set(options.exclude):
        return "left out by --exclude"
    if options.as_of is None:
        return ""
    year = _year(table, row)
    if year is None:
        return f"its year is not known, and --as-of takes what was published by {options.as_of}"
    return f"published in {year}, after {options.as_of}" if year > options.as_of else ""


def _without_effect(context: _Context, effects: Effects) -> list[SetAside]:
    having = set(effects.rows.tolist())
    without = [row for position, row in enumerate(context.rows) if position not in having]
    return [
        SetAside(each.label, _place(context.table, row), each.reason, str(row + 1))
        for row, each in zip(without, effects.left_out, strict=True)
    ]


def _place(table: RawTable, row: int) -> str:
    return f"line {table.lines[row]} of the file"


def _sizes(table: RawTable) -> dict[str, str]:
    """Return the columns of sample sizes, which need not be part of the effect."""
    found = {name: find(table.columns, name) for name in _SIZES}
    return {name: column for name, column in found.items() if column is not None}


def _effects(
    way: Way, cells: Mapping[str, Sequence[float]], labels: Sequence[str], options: PoolOptions
) -> Effects:
    measure = measure_of(way.measure)
    inputs = {name: cells[name] for name in way.inputs}
    if way.is_given:
        return replace(escalc("GEN", inputs, labels), measure=measure)
    return escalc(way.measure, inputs, labels, **of_effects(options, way.measure))


def _counts(
    cells: Mapping[str, Sequence[float]], way: Way, kept: Sequence[int]
) -> dict[str, tuple[float, ...]] | None:
    """Return the columns that methods for counts take, where the effects come from these."""
    names = set(way.inputs)
    if names == {"ai", "n1i", "ci", "n2i"}:
        cells = {**cells, "bi": _rest(cells, "n1i", "ai"), "di": _rest(cells, "n2i", "ci")}
        names = {"ai", "bi", "ci", "di"}
    for columns in (("ai", "bi", "ci", "di"), ("x1i", "t1i", "x2i", "t2i")):
        if names == set(columns):
            return {name: tuple(cells[name][i] for i in kept) for name in columns}
    return None


def _rest(cells: Mapping[str, Sequence[float]], whole: str, part: str) -> list[float]:
    return [n - events for n, events in zip(cells[whole], cells[part], strict=True)]


def _values(table: RawTable, way: Way) -> dict[str, list[Any]]:
    """Return the columns that are neither part of the effect nor the name of a study."""
    taken = {*way.inputs.values(), *label_columns(table)} - {find(table.columns, "year")}
    return {name: column_values(table, name) for name in table.columns if name not in taken}


def _year(table: RawTable, row: int) -> int | None:
    column = find(table.columns, "year")
    cell = table.columns[column][row] if column else ""
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) == 4 else None


def _participants(cells: Mapping[str, float]) -> tuple[int | None, int | None]:
    """Return the sizes of the two arms, or of the only group."""
    if "ai" in cells:
        first, second = _arms(cells)
    elif "n1i" in cells or "n2i" in cells:
        first, second = cells.get("n1i", nan), cells.get("n2i", nan)
    else:
        first, second = _group(cells), nan
    return _size(first), _size(second)


def _size(value: float) -> int | None:
    return None if isnan(value) else round(value)


def _arms(cells: Mapping[str, float]) -> tuple[float, float]:
    """Return the people in both arms of a 2x2 table."""
    first = cells["ai"] + cells["bi"] if "bi" in cells else cells["n1i"]
    second = cells["ci"] + cells["di"] if "di" in cells else cells["n2i"]
    return first, second


def _group(cells: Mapping[str, float]) -> float:
    return cells["xi"] + cells["mi"] if "mi" in cells else cells.get("ni", nan)


def _shown(cells: Mapping[str, float]) -> tuple[str, str] | None:
    """Return what the two arms, or the only group, showed."""
    if "ai" in cells:
        first, second = _arms(cells)
        return _part(cells["ai"], first), _part(cells["ci"], second)
    if "x1i" in cells:
        return _part(cells["x1i"], cells["t1i"]), _part(cells["x2i"], cells["t2i"])
    if "xi" in cells:
        return _part(cells["xi"], _group(cells)), ""
    if "sd2i" in cells:
        return _spread(cells["m1i"], cells["sd1i"]), _spread(cells["m2i"], cells["sd2i"])
    return None


def _part(events: float, whole: float) -> str:
    return f"{events:.10g}/{whole:.10g}"


def _spread(mean: float, sd: float) -> str:
    return f"{mean:.10g} ({sd:.10g})"


def _cautions(table: RawTable, names: Sequence[str], options: PoolOptions) -> tuple[str, ...]:
    column, several = shared(table, names)
    if options.dependence != "one" or not several:
        return ()
    first = ", ".join(several[:3]) + (" and others" if len(several) > 3 else "")
    return (
        (
            f"Several rows have the same {column} ({first}) and are pooled as if they were "
            "independent; --dependence allows for it."
        ),
    )
