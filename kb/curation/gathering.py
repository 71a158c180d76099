"""Turn seed files into rows of the tables, noting everything that is wrong on the way."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Enum

from kb.curation.cells import Unfit, read_cell
from kb.curation.parsing import Located
from kb.curation.reading import Problem, read_file, seed_files
from kb.curation.rows import Gathered, Identity, Reference, SeedRow, passage_key
from kb.curation.shape import (
    FILE,
    FURTHER,
    OWN_PASSAGE,
    PASSAGE,
    PASSAGE_WRITTEN,
    SCOPED,
    SLUG,
    Columns,
    Shape,
)
from kb.curation.wording import listed, nearest, shown

WHOLE_ROW = "*"
"""What a further passage supports that is of no field alone."""


def gather(path: Path, *, shown_as: Path | None = None) -> Gathered:
    """Read every seed file at `path` into rows. References are not yet resolved.

    Problems name the files as they lie below `path`; a folder may be shown by another name.
    """
    gathered = Gathered()
    base = path if shown_as is None else shown_as
    for file in seed_files(path):
        name = (base / file.relative_to(path)).as_posix()
        gathered.files += 1
        document = read_file(file, name, gathered.problems)
        if document is not None:
            _FileGatherer(gathered, name).file(document)
    return gathered


def gather_document(gathered: Gathered, document: Located, name: str) -> None:
    """Add what a document states to the rows; problems name it `name`."""
    _FileGatherer(gathered, name).file(document)


@dataclass(frozen=True)
class _Enclosing:
    """The record that another is nested in, and the study or review around them all."""

    key: str = ""
    table: str = ""
    root: str = ""


@dataclass(frozen=True)
class _Record:
    """A record that is being read: its section, its fields, and what is around it."""

    label: str
    fields: dict[str, Located]
    line: int
    enclosing: _Enclosing = _Enclosing()

    def line_of(self, name: str) -> int:
        return self.fields[name].line if name in self.fields else self.line

    def lines(self, columns: Mapping[str, Column[Any]]) -> dict[str, int]:
        """Return the lines of the columns that are written."""
        return {
            c.name: self.fields[name].line for name, c in columns.items() if name in self.fields
        }


class _FileGatherer:
    def __init__(self, gathered: Gathered, file: str) -> None:
        self._gathered = gathered
        self._file = file
        self._passages: dict[int, str | None] = {}  # by the identity of what an alias repeats

    def file(self, document: Located) -> None:
        sections = document.value
        if not isinstance(sections, dict):
            found = shown(document.text or sections)
            message = f"must hold sections such as 'study:' or 'reports:'; found {found}."
            self._problem(document.line, "file", message)
            return
        self._refuse_unknown(sections, FILE.keys(), "")
        for name, section in sections.items():
            if name in FILE:
                self._section(name, section, FILE[name], _Enclosing())

    def _section(self, label: str, section: Located, shape: Shape, enclosing: _Enclosing) -> None:
        if section.value is None:
            self._problem(section.line, label, "is empty; leave it out where there is nothing.")
        elif shape.single:
            self._record(label, section, shape, enclosing, 0)
        elif isinstance(section.value, list):
            for position, item in enumerate(section.value):
                self._record(label, item, shape, enclosing, position)
        else:
            found = shown(section.value)
            self._problem(section.line, label, f"must be a list of records; found {found}.")

    def _record(
        self, label: str, item: Located, shape: Shape, enclosing: _Enclosing, position: int
    ) -> None:
        if shape.shorthand and not isinstance(item.value, dict):
            item = Located({shape.shorthand: item}, item.line)
        fields = self._fields(item, label)
        if fields is None:
            return
        record = _Record(label, fields, item.line, enclosing)
        self._refuse_unknown(fields, shape.allowed, label)
        values = self._values(record, shape.written)
        values |= _filled(shape, enclosing, position)
        key = self._key(record, values)
        if shape.sourced:
            values["passage_key"] = self._passage(record, shape)
        lines = record.lines(shape.columns)
        identity = tuple(values[name] for name in shape.written.primary)
        row = SeedRow(shape.table.name, values, self._file, item.line, label, lines)
        if not self._put(row, identity, shape):
            # what is nested in a record that cannot be kept must not be taken for another's
            key, identity = f"{key}/?{item.line}", (None,)
        self._further_passages(record, shape, identity)
        inner = _Enclosing(key, shape.table.name, enclosing.root or key)
        for child, child_shape in shape.children.items():
            if child in fields:
                self._section(child, fields[child], child_shape, inner)

    def _values(self, record: _Record, columns: Columns) -> dict[str, Any]:
        values = dict(columns.blank)
        for name, cell in record.fields.items():
            column = columns.by_name.get(name)
            if column is not None:
                values[column.name] = self._value(record, name, column, cell, columns)
        for name in columns.required - record.fields.keys():
            self._missing(record, name, columns.by_name[name])
        return values

    def _value(
        self, record: _Record, name: str, column: Column[Any], cell: Located, columns: Columns
    ) -> Any:
        try:
            value = read_cell(column, cell)
        except Unfit as unfit:
            self._problem(cell.line, f"{record.label}.{name}", unfit.message, unfit.nearest)
            return None
        if table := columns.targets.get(name):
            label = f"{record.label}.{name}"
            written = str(value)
            if table in SCOPED:
                value = f"{record.enclosing.root}/{written}"
            self._gathered.references.append(
                Reference(table, value, written, self._file, cell.line, label)
            )
        return value

    def _missing(self, record: _Record, name: str, column: Column[Any]) -> None:
        codes = f"; use {listed(column.type.enums)}" if isinstance(column.type, Enum) else ""
        self._problem(record.line, f"{record.label}.{name}", f"is missing{codes}.")

    def _key(self, record: _Record, values: dict[str, Any]) -> str:
        """Check a record's own key and complete it; return what its children are nested in."""
        enclosing = record.enclosing
        if "key" not in values:
            return enclosing.key
        own = values["key"]
        if own is None:
            return enclosing.key
        if not re.fullmatch(SLUG.pattern, own):
            message = f"must be {SLUG.words}; found {shown(own)}."
            self._problem(record.line_of("key"), f"{record.label}.key", message)
        if enclosing.key:
            values["key"] = f"{enclosing.key}/{own}"
        return str(values["key"])

    def _passage(self, record: _Record, shape: Shape) -> str | None:
        label = f"{record.label}.{OWN_PASSAGE}"
        passage = record.fields.get(OWN_PASSAGE)
        if passage is None:
            if shape.passage_required:
                self._problem(
                    record.line, label, "is missing; a fact needs its report, locator and quote."
                )
            return None
        repeated = id(passage.value)
        if repeated not in self._passages:
            self._passages[repeated] = None
            fields = self._fields(passage, label)
            if fields is not None:
                self._refuse_unknown(fields, PASSAGE.keys(), label)
                self._passages[repeated] = self._passage_row(_Record(label, fields, passage.line))
        return self._passages[repeated]

    def _passage_row(self, record: _Record) -> str | None:
        values = self._values(record, PASSAGE_WRITTEN)
        report, locator, quote = values["report_key"], values["locator"], values["quote"]
        if not (report and locator and quote):
            return None
        key = values["key"] = passage_key(report, locator, quote)
        lines = record.lines(PASSAGE)
        row = SeedRow(OWN_PASSAGE, values, self._file, record.line, record.label, lines)
        known = self._gathered.rows.setdefault(OWN_PASSAGE, {}).setdefault((key,), row)
        if known.values["seen"] != values["seen"]:
            before = f"{shown(known.values['seen'])} at {known.file}:{known.line_of('seen')}"
            message = f"is {shown(values['seen'])}, but {before} for the same words."
            self._problem(record.line_of("seen"), f"{record.label}.seen", message)
        return key

    def _further_passages(self, record: _Record, shape: Shape, identity: Identity) -> None:
        further = record.fields.get(FURTHER)
        if further is None or not shape.sourced:
            return
        if not isinstance(further.value, list):
            found = shown(further.value)
            self._problem(further.line, FURTHER, f"must be a list of passages; found {found}.")
            return
        for item in further.value:
            fields = self._fields(item, FURTHER)
            if fields is not None:
                self._further_passage(_Record(FURTHER, fields, item.line), shape, identity)

    def _further_passage(self, record: _Record, shape: Shape, identity: Identity) -> None:
        self._refuse_unknown(record.fields, {"field", *PASSAGE}, FURTHER)
        about = self._supported(record, shape)
        key = self._passage_row(record)
        if about is None or key is None or None in identity:
            return
        values = {
            "record_table": shape.table.name,
            "record_key": "/".join(map(str, identity)),
            "field": about,
            "passage_key": key,
        }
        row = SeedRow("further_passage", values, self._file, record.line, FURTHER)
        known = self._gathered.rows.setdefault(row.table, {})
        if known.setdefault(tuple(values.values()), row) is not row:
            message = f"repeats the passage of line {known[tuple(values.values())].line}; keep one."
            self._problem(record.line, FURTHER, message)

    def _supported(self, record: _Record, shape: Shape) -> str | None:
        """Return the column that a further passage supports."""
        about = record.fields.get("field")
        if about is None or about.text == WHOLE_ROW:
            return WHOLE_ROW
        if about.text in shape.columns:
            return shape.columns[about.text].name
        found = shown(about.text or about.value)
        self._problem(
            about.line,
            f"{FURTHER}.field",
            f"{found} is not a field of this record; its fields are {listed(shape.columns)}.",
            ", ".join(nearest(about.text, list(shape.columns))),
        )
        return None

    def _put(self, row: SeedRow, identity: Identity, shape: Shape) -> bool:
        """Keep a row; say so where its key is missing or taken."""
        if None in identity:
            return False
        known = self._gathered.rows.setdefault(row.table, {}).setdefault(identity, row)
        if known is row:
            return True
        key = {name: column.name for name, column in shape.columns.items() if column.primary_key}
        written = "/".join(str(row.values[column]) for column in key.values())
        name, column = next(iter(key.items()))
        message = f"{shown(written)} is already given at {known.file}:{known.line_of(column)}."
        self._problem(row.line_of(column), f"{row.label}.{name}", message)
        return False

    def _fields(self, item: Located, label: str) -> dict[str, Located] | None:
        if isinstance(item.value, dict):
            return item.value
        found = shown(item.text or item.value)
        self._problem(item.line, label, f"must be a record of fields; found {found}.")
        return None

    def _refuse_unknown(self, fields: dict[str, Located], allowed: Set[str], label: str) -> None:
        for written in [written for written in fields if written not in allowed]:
            cell, names = fields[written], sorted(allowed)
            found = shown(cell.text or cell.value)
            message = f"is not a field here; found {found}; the fields are {', '.join(names)}."
            if not written.isidentifier():
                message = "is not a field; a text with a comma or a colon must stand in quotes."
            self._problem(
                cell.line,
                f"{label}.{written}".lstrip("."),
                message,
                ", ".join(nearest(written, names)),
            )

    def _problem(self, line: int, label: str, message: str, near: str = "") -> None:
        self._gathered.problems.append(Problem(self._file, line, label, message, near))


def _filled(shape: Shape, enclosing: _Enclosing, position: int) -> dict[str, Any]:
    """Return the values that follow from where a record stands."""
    values = {shape.parent: enclosing.key, shape.parent_table: enclosing.table}
    return {name: value for name, value in values.items() if name} | (
        {shape.numbered: position} if shape.numbered else {}
    )
