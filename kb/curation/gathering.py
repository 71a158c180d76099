"""Turn seed files into rows of the tables, noting everything that is wrong on the way."""

import difflib
import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Enum, Float, Integer
from sqlalchemy.types import TypeEngine

from kb.curation.reading import Located, Problem, read_file, seed_files
from kb.curation.shape import (
    FILE,
    FURTHER_PASSAGE_FIELDS,
    PASSAGE_FIELDS,
    SCOPED,
    Shape,
    target,
    written_name,
)
from kb_schema import tables

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*")
_PASSAGE = "passage"
_FURTHER = "further_passages"


@dataclass(frozen=True)
class SeedRow:
    """A row as a seed file states it, and where it stands."""

    table: str
    values: dict[str, Any]
    file: str
    line: int


@dataclass(frozen=True)
class _Reference:
    table: str
    key: str
    file: str
    line: int
    field: str


@dataclass
class Gathered:
    """The rows of a set of seed files, by table and primary key, and the problems met."""

    rows: dict[str, dict[tuple[Any, ...], SeedRow]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    references: list[_Reference] = field(default_factory=list)
    files: int = 0

    def keys(self, table: str) -> set[str]:
        """Return the keys of a table whose primary key is one column."""
        return {identity[0] for identity in self.rows.get(table, {})}


def gather(path: Path) -> Gathered:
    """Read every seed file at `path` into rows. References are not yet resolved."""
    gathered = Gathered()
    root = path if path.is_dir() else path.parent
    for file in seed_files(path):
        name = file.relative_to(root).as_posix()
        gathered.files += 1
        document = read_file(file, name, gathered.problems)
        if document is not None:
            _FileGatherer(gathered, name).file(document)
    return gathered


def nearest(found: object, allowed: Iterable[str], count: int = 1) -> list[str]:
    """Return the allowed values most like the one found."""
    return difflib.get_close_matches(str(found), list(allowed), n=count, cutoff=0.5)


def passage_key(report: str, locator: str, quote: str) -> str:
    """Return the key of a passage: report, locator, and a digest of the quote."""
    digest = hashlib.sha256(quote.encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", locator.lower()).strip("-")
    return f"{report}/{slug}-{digest}"


@dataclass(frozen=True)
class _Enclosing:
    """The record that another is nested in."""

    key: str = ""
    table: str = ""
    root: str = ""


class _FileGatherer:
    def __init__(self, gathered: Gathered, file: str) -> None:
        self._gathered = gathered
        self._file = file

    def file(self, document: Located) -> None:
        sections = self._mapping(document, "file")
        self._refuse_unknown(sections, FILE, "file")
        for name, section in sections.items():
            if name in FILE:
                self._section(name, section, FILE[name], _Enclosing())

    def _section(self, name: str, section: Located, shape: Shape, enclosing: _Enclosing) -> None:
        if shape.single:
            self._record(name, section, shape, enclosing, 0)
            return
        if not isinstance(section.value, list):
            self._problem(section.line, name, "must be a list of records.")
            return
        for position, item in enumerate(section.value):
            self._record(name, item, shape, enclosing, position)

    def _record(
        self, name: str, item: Located, shape: Shape, enclosing: _Enclosing, position: int
    ) -> None:
        if shape.shorthand and not isinstance(item.value, dict):
            item = Located({shape.shorthand: item}, item.line)
        fields = self._mapping(item, name)
        allowed = {
            *shape.columns,
            *shape.children,
            *((_PASSAGE, _FURTHER) if shape.sourced else ()),
        }
        self._refuse_unknown(fields, allowed, name)
        values = self._filled(shape, enclosing, position)
        for written, column in shape.columns.items():
            values[column.name] = self._cell(name, written, column, fields, item.line, enclosing)
        own = self._own_key(name, values, enclosing, item.line)
        if shape.sourced:
            values["passage_key"] = self._passage(name, fields.get(_PASSAGE), shape, item.line)
        self._add(shape, values, name, item.line)
        record_key = "/".join(str(values[c.name]) for c in shape.table.primary_key)
        self._further_passages(shape, record_key, fields.get(_FURTHER))
        inner = _Enclosing(own, shape.table.name, enclosing.root or own)
        for child, child_shape in shape.children.items():
            if child in fields:
                self._section(child, fields[child], child_shape, inner)

    def _filled(self, shape: Shape, enclosing: _Enclosing, position: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if shape.parent:
            values[shape.parent] = enclosing.key
        if shape.parent_table:
            values[shape.parent_table] = enclosing.table
        if shape.numbered:
            values[shape.numbered] = position
        return values

    def _own_key(self, name: str, values: dict[str, Any], enclosing: _Enclosing, line: int) -> str:
        own = values.get("key")
        if own is None:
            return enclosing.key
        if not _SLUG.fullmatch(own):
            self._problem(line, f"{name}.key", f"'{own}' must be of a-z, 0-9, '.', '_' and '-'.")
        if enclosing.key:
            values["key"] = f"{enclosing.key}/{own}"
        return str(values["key"])

    def _cell(
        self,
        name: str,
        written: str,
        column: Column[Any],
        fields: dict[str, Located],
        line: int,
        enclosing: _Enclosing,
    ) -> Any:
        cell = fields.get(written)
        if cell is None or cell.value is None:
            return self._absent(name, written, column, line)
        label = f"{name}.{written}"
        if isinstance(cell.value, dict | list):
            self._problem(cell.line, label, "must be a single value.")
            return None
        value = self._typed(label, column, cell)
        if value is not None and (table := target(column)):
            if table in SCOPED:
                value = f"{enclosing.root}/{value}"
            self._gathered.references.append(_Reference(table, value, self._file, cell.line, label))
        return value

    def _absent(self, name: str, written: str, column: Column[Any], line: int) -> Any:
        default = column.default
        if default is not None and default.is_scalar:
            return default.arg  # type: ignore[attr-defined]
        model_default = _DEFAULTS.get((column.table.name, column.name))
        if model_default is not None:
            return model_default
        if not column.nullable:
            self._problem(line, f"{name}.{written}", "is missing.")
        return None

    def _typed(self, label: str, column: Column[Any], cell: Located) -> Any:
        value, kind = cell.value, column.type
        if isinstance(kind, Enum):
            return self._one_of(label, kind, cell)
        expected = _expected(kind)
        if expected == "text":
            return self._text(label, cell)
        good = {
            "true or false": isinstance(value, bool),
            "a whole number": isinstance(value, int) and not isinstance(value, bool),
            "a number": isinstance(value, int | float) and not isinstance(value, bool),
        }[expected]
        if not good or (isinstance(value, float) and not math.isfinite(value)):
            self._problem(cell.line, label, f"must be {expected}, found {value!r}.")
            return None
        return float(value) if expected == "a number" else value

    def _text(self, label: str, cell: Located) -> str | None:
        if isinstance(cell.value, bool):
            self._problem(cell.line, label, f"must be text, found {cell.value}; put it in quotes.")
            return None
        text = str(cell.value).strip()
        if not text:
            self._problem(cell.line, label, "is empty; leave the field out where nothing is known.")
            return None
        return text

    def _one_of(self, label: str, kind: Enum, cell: Located) -> str | None:
        if cell.value in kind.enums:
            return str(cell.value)
        self._problem(
            cell.line,
            label,
            f"'{cell.value}' is not allowed; use {', '.join(kind.enums)}.",
            nearest(cell.value, kind.enums),
        )
        return None

    def _passage(self, name: str, passage: Located | None, shape: Shape, line: int) -> str | None:
        if passage is None:
            if shape.passage_required:
                self._problem(line, f"{name}.passage", "is missing; a fact needs its passage.")
            return None
        fields = self._mapping(passage, f"{name}.passage")
        self._refuse_unknown(fields, PASSAGE_FIELDS, f"{name}.passage")
        return self._passage_row(f"{name}.passage", fields, passage.line)

    def _passage_row(self, name: str, fields: dict[str, Located], line: int) -> str | None:
        columns = {written_name(c): c for c in _PASSAGE_TABLE.columns if c.name != "key"}
        values = {
            column.name: self._cell(name, written, column, fields, line, _Enclosing())
            for written, column in columns.items()
        }
        report, locator, quote = values["report_key"], values["locator"], values["quote"]
        if not (report and locator and quote):
            return None
        values["key"] = passage_key(report, locator, quote)
        rows = self._gathered.rows.setdefault(_PASSAGE, {})
        known = rows.setdefault((values["key"],), SeedRow(_PASSAGE, values, self._file, line))
        if known.values["seen"] != values["seen"]:
            self._problem(
                line,
                f"{name}.seen",
                f"is '{values['seen']}', but '{known.values['seen']}' at {known.file}:{known.line}.",
            )
        return str(values["key"])

    def _further_passages(self, shape: Shape, record_key: str, further: Located | None) -> None:
        if further is None:
            return
        if not isinstance(further.value, list):
            self._problem(further.line, _FURTHER, "must be a list of passages.")
            return
        for item in further.value:
            fields = dict(self._mapping(item, _FURTHER))
            self._refuse_unknown(fields, FURTHER_PASSAGE_FIELDS, _FURTHER)
            about = fields.pop("field", Located("*", item.line))
            column = shape.columns.get(str(about.value))
            if about.value != "*" and column is None:
                self._problem(
                    about.line,
                    f"{_FURTHER}.field",
                    f"'{about.value}' is not a field of this record.",
                    nearest(about.value, shape.columns),
                )
            key = self._passage_row(_FURTHER, fields, item.line)
            if key:
                identity = (
                    shape.table.name,
                    record_key,
                    column.name if column is not None else "*",
                    key,
                )
                names = ("record_table", "record_key", "field", "passage_key")
                values = dict(zip(names, identity, strict=True))
                self._put("further_passage", identity, values, _FURTHER, item.line)

    def _add(self, shape: Shape, values: dict[str, Any], name: str, line: int) -> None:
        identity = tuple(values.get(column.name) for column in shape.table.primary_key)
        if None not in identity:
            self._put(shape.table.name, identity, values, name, line)

    def _put(
        self, table: str, identity: tuple[Any, ...], values: dict[str, Any], name: str, line: int
    ) -> None:
        rows = self._gathered.rows.setdefault(table, {})
        known = rows.get(identity)
        if known is not None:
            key = "/".join(map(str, identity))
            self._problem(line, name, f"'{key}' is already given at {known.file}:{known.line}.")
            return
        rows[identity] = SeedRow(table, values, self._file, line)

    def _mapping(self, item: Located, name: str) -> dict[str, Located]:
        if isinstance(item.value, dict):
            return item.value
        self._problem(item.line, name, f"must be a record of fields, found {_brief(item.value)}.")
        return {}

    def _refuse_unknown(
        self, fields: dict[str, Located], allowed: Iterable[str], name: str
    ) -> None:
        for written in fields.keys() - set(allowed):
            self._problem(
                fields[written].line,
                f"{name}.{written}",
                f"is not a field here; the fields are {', '.join(sorted(allowed))}.",
                nearest(written, allowed),
            )

    def _problem(self, line: int, label: str, message: str, near: Iterable[str] = ()) -> None:
        self._gathered.problems.append(Problem(self._file, line, label, message, ", ".join(near)))


def _expected(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, Boolean):
        return "true or false"
    if isinstance(kind, Integer):
        return "a whole number"
    return "a number" if isinstance(kind, Float) else "text"


def _brief(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return repr(value)


def _model_defaults() -> dict[tuple[str, str], Any]:
    """Return the defaults that the models declare for columns that may not be empty."""
    defaults: dict[tuple[str, str], Any] = {}
    for name in tables.__all__:
        model = getattr(tables, name)
        for column, info in getattr(model, "model_fields", {}).items():
            if hasattr(model, "__table__") and isinstance(info.default, bool):
                defaults[str(model.__tablename__), column] = info.default
    return defaults


_DEFAULTS = _model_defaults()
_PASSAGE_TABLE = Shape(tables.Passage).table
