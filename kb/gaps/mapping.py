"""How studies come to stand on a map: each in every cell whose two terms it meets."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from sqlalchemy import select

from kb.answers.shared import grouped, sizes
from kb.base import Base, Record
from kb.facets import ABOUT_MEASUREMENTS
from kb.gaps.axes import Axis, Level, axis, chosen_facets
from kb.gaps.directions import direction, tally
from kb.gaps.evidence import Evidence, with_findings
from kb.gaps.facts import facts
from kb.gaps.gap_map import Cell, GapMap, Tally
from kb.gaps.notes import left_out, notes
from kb.question import Criterion, Question
from kb.selection import study_keys
from kb.store.lists import among
from kb.store.relations import study

Facts = Mapping[str, Sequence[Record]]
"""The records that were read, by their group."""

Placed = Mapping[str, Sequence[Record]]
"""The records that place studies in a cell, by study."""


def gap_map(
    base: Base, question: Question, rows: str | None = None, columns: str | None = None
) -> GapMap:
    """Return the map of the studies that a question means, for two facets.

    A study stands in a cell where `kb studies` finds it with the two terms of the cell: facets that
    describe one thing, as outcome and instrument do, are held to one and the same record. Rows are
    approaches and columns outcomes where none is named.

    Raises `UnknownValue` for a facet that cannot be on a map, and `KbError` for the same one twice.
    """
    facet_of_rows, facet_of_columns = chosen_facets(rows, columns)
    axes = axis(base, question, facet_of_rows), axis(base, question, facet_of_columns)
    meant = study_keys(base, question)
    read = _read(base, question, axes, meant)
    places = _places(axes, read)
    on_map = {key for placed in places.values() for key in placed}
    drawing = _Drawing(
        question,
        _studies(base, [key for key in meant if key in on_map]),
        grouped(read.get("measurement", ()), "study") if _outcomes_asked(question, axes) else None,
        Evidence(base, (row for rows in read.values() for row in rows)),
    )
    cells = [
        drawing.cell(axes, row, column, places.get((row.key, column.key), {}))
        for row, column in product(*(each.levels for each in axes))
    ]
    made = GapMap(
        question=question,
        rows=axes[0],
        columns=axes[1],
        cells=tuple(cells),
        row_totals=tuple(
            drawing.total(cell for cell in cells if cell.row == level) for level in axes[0].levels
        ),
        column_totals=tuple(
            drawing.total(cell for cell in cells if cell.column == level)
            for level in axes[1].levels
        ),
        total=drawing.tally(on_map),
        studies=drawing.studies,
        left_out=tuple(left_out(base, question, axes, read, meant)),
        notes=(),
        data=base.data,
    )
    return replace(made, notes=tuple(notes(base, made, read, meant)))


def _outcomes_asked(question: Question, axes: Sequence[Axis]) -> bool:
    """Return whether rows, columns or facets name what was measured."""
    named = any(criterion.wanted for criterion in question.about(ABOUT_MEASUREMENTS))
    return named or any(each.kind.group == "measurement" for each in axes)


def _read(base: Base, question: Question, axes: Sequence[Axis], keys: Sequence[str]) -> Facts:
    groups = {each.kind.group for each in axes}
    if _outcomes_asked(question, axes):
        groups.add("measurement")
    read = {group: facts(base, question, group, keys) for group in sorted(groups)}
    if "measurement" in read:
        read["measurement"] = with_findings(base, read["measurement"])
    return read


def _places(axes: Sequence[Axis], read: Facts) -> Mapping[tuple[str, str], Placed]:
    """Return what places studies in each cell, by the keys of its row and column."""
    rows, columns = axes
    at_row, at_column = _levels_of(rows), _levels_of(columns)
    places: dict[tuple[str, str], dict[str, dict[int, Record]]] = {}
    for one, other in _pairs(rows, columns, read):
        for place in product(
            at_row.get(one[rows.facet], ()), at_column.get(other[columns.facet], ())
        ):
            placed = places.setdefault(place, {}).setdefault(one["study"], {})
            placed |= {id(one): one, id(other): other}
    return {
        place: {key: list(records.values()) for key, records in placed.items()}
        for place, placed in places.items()
    }


def _pairs(rows: Axis, columns: Axis, read: Facts) -> Iterator[tuple[Record, Record]]:
    """Yield a record for the row with one for the column: of one study, or one and the same."""
    if rows.kind.group == columns.kind.group:
        yield from ((record, record) for record in read[rows.kind.group])
        return
    by_study = grouped(read[columns.kind.group], "study")
    for record in read[rows.kind.group]:
        yield from ((record, other) for other in by_study.get(record["study"], ()))


def _levels_of(axis: Axis) -> Mapping[str, Sequence[str]]:
    """Return the levels that each term belongs to."""
    found: dict[str, list[str]] = defaultdict(list)
    for level in axis.levels:
        for term in level.within:
            found[term].append(level.key)
    return found


@dataclass(frozen=True)
class _Drawing:
    """Fills cells with the studies that are placed in them.

    `measurements` are those that meet the question, by study; None where no outcome is looked at.
    """

    question: Question
    studies: Mapping[str, Record]
    measurements: Mapping[str, Sequence[Record]] | None
    evidence: Evidence

    def cell(self, axes: Sequence[Axis], row: Level, column: Level, placed: Placed) -> Cell:
        keys = [key for key in self.studies if key in placed]
        pointing = {key: direction(self._measured(key, placed[key])) for key in keys}
        rows, columns = axes
        asked = _narrowed(_narrowed(self.question, rows, row), columns, column)
        return Cell(
            row=row,
            column=column,
            words=_words(axes, row, column),
            command=replace(asked, subject="studies").command(),
            tally=self.tally(keys),
            directions=None if self.measurements is None else tally(pointing.values()),
            pointing={} if self.measurements is None else pointing,
            evidence={key: self.evidence.of(self._behind(key, placed[key])) for key in keys},
        )

    def total(self, cells: Iterable[Cell]) -> Tally:
        return self.tally({key for cell in cells for key in cell.tally.studies})

    def tally(self, among: Iterable[str]) -> Tally:
        wanted = set(among)
        rows = [row for key, row in self.studies.items() if key in wanted]
        known = [row["n"] for row in rows if row["n"] is not None]
        return Tally(
            studies=tuple(row["key"] for row in rows),
            randomised=sum(row["randomised"] for row in rows),
            participants=sum(known) if known else None,
            uncounted=len(rows) - len(known),
        )

    def _measured(self, key: str, placed: Sequence[Record]) -> Sequence[Record]:
        """Return the measurements that place a study, or all that meet the question."""
        here = [record for record in placed if record["group"] == "measurement"]
        return here or (self.measurements or {}).get(key, ())

    def _behind(self, key: str, placed: Sequence[Record]) -> list[Record]:
        others = [record for record in placed if record["group"] != "measurement"]
        return [*others, *self._measured(key, placed)]


def _narrowed(question: Question, axis: Axis, level: Level) -> Question:
    """Return the question with one facet held to a level."""
    before = question.criterion(axis.facet)
    held = Criterion(axis.facet, (level.key,), before.unwanted if before else ())
    return replace(question, criteria=(*question.without([axis.facet]).criteria, held))


def _words(axes: Sequence[Axis], row: Level, column: Level) -> str:
    """Return a cell in words: "studies of Cognitive therapy that measured Pain"."""
    rows, columns = axes
    return (
        f"studies {rows.kind.phrase.format(row.label)} {columns.kind.phrase.format(column.label)}"
    )


def _studies(base: Base, keys: Sequence[str]) -> dict[str, Record]:
    """Return what a map tells of studies, in the order of their keys."""
    columns = (study.key, study.label, study.year, study.design_key, study.passage_key)
    rows = {row["key"]: row for row in base.all(select(*columns).where(among(study.key, keys)))}
    counted = sizes(base, keys)
    randomised = base.vocabulary.within("design", ["rct"])
    passages = base.passages(row["passage_key"] for row in rows.values())
    return {
        key: {
            "key": key,
            "label": rows[key]["label"],
            "year": rows[key]["year"],
            "design": rows[key]["design_key"],
            "design_name": base.vocabulary.label("design", rows[key]["design_key"]),
            "randomised": rows[key]["design_key"] in randomised,
            "n": counted[key]["number"] if key in counted else None,
            "n_counted": f"{counted[key]['kind']} {counted[key]['flow']}"
            if key in counted
            else None,
            "passage": passages[rows[key]["passage_key"]],
        }
        for key in keys
    }
