"""Records that a program composes in the form of seed files, on their way into rows.

They are held to all that seed files are held to. Nearly all are fit, and these go a short way; a
document in which anything is doubtful is read as a seed file is, which tells what is wrong.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Enum, Float, Integer

from kb.curation.cells import LARGEST, QUOTE_WORDS
from kb.curation.gathering import WHOLE_ROW, gather_document
from kb.curation.parsing import Located
from kb.curation.rows import Gathered, Identity, Reference, SeedRow, passage_key
from kb.curation.shape import (
    FILE,
    FURTHER,
    OWN_PASSAGE,
    PASSAGE_WRITTEN,
    SCOPED,
    SLUG,
    WRITTEN_AS,
    Columns,
    Shape,
)


class Given(NamedTuple):
    """A record as a seed file would write it, and the row of a foreign file that it comes from.

    A field is a scalar, a record, or a list of records; a record that is not `Given` comes from the
    row of the one that it is in. Fields that are None, empty or not a number are not told.
    """

    fields: Mapping[str, Any]
    line: int


def gather_given(gathered: Gathered, sections: Given, file: str) -> None:
    """Add what the sections of a document state to the rows; problems name it `file`."""
    reader = _Reader(gathered, file)
    try:
        reader.read(sections)
    except _DoubtfulError:
        reader.withdraw()
        gather_document(gathered, located(sections), file)


def located(value: Any, line: int = 0, shared: dict[int, Located] | None = None) -> Located:
    """Return a value as one that stands in a seed file; fields that are not told are left out.

    A record that is given in several places is one and the same in all of them; `shared` holds
    those that were met.
    """
    shared = {} if shared is None else shared
    match value:
        case Given():
            if id(value) not in shared:
                shared[id(value)] = located(value.fields, value.line, shared)
            return shared[id(value)]
        case str():
            text = clean(value)
            return Located(text, line, text)
        case Mapping():
            told = {name: part for name, part in value.items() if _is_told(part)}
            parts = {name: located(part, line, shared) for name, part in told.items()}
            return Located(parts, line)
        case list():
            return Located([located(part, line, shared) for part in value], line)
        case bool():
            return Located(value, line, str(value).lower())
    return Located(value, line, str(value))


@lru_cache(maxsize=1024)
def clean(text: str) -> str:
    """Return a text on one line, without what no terminal or database should be given."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c for c in line if c.isprintable())


def _is_told(value: Any) -> bool:
    return not (_is_blank(value) or (isinstance(value, float) and math.isnan(value)))


def _is_blank(value: Any) -> bool:
    return value is None or value in ("", [])


class _DoubtfulError(Exception):
    """Something that may not be fit."""


class _Enclosing(NamedTuple):
    """The key and the table of what a record is nested in, and the study or review around all."""

    key: str = ""
    table: str = ""
    root: str = ""


class _Reader:
    """Reads one document on the short way; raises `_DoubtfulError` where that cannot be sure."""

    def __init__(self, gathered: Gathered, file: str) -> None:
        self._gathered = gathered
        self._file = file
        self._put_in: list[tuple[str, Identity]] = []
        self._references = gathered.references
        self._before = len(gathered.references)
        self._passages: dict[int, str] = {}  # by the identity of what several records share

    def read(self, sections: Given) -> None:
        """Read all sections."""
        for label, section in sections.fields.items():
            if label not in FILE:
                raise _DoubtfulError
            self._section(label, section, sections.line, FILE[label], _Enclosing())

    def withdraw(self) -> None:
        """Take out of the rows again what was read."""
        rows = self._gathered.rows
        for table, identity in self._put_in:
            del rows[table][identity]
        for table in [name for name, of_table in rows.items() if not of_table]:
            del rows[table]
        del self._references[self._before :]

    def _section(
        self, label: str, section: Any, line: int, shape: Shape, enclosing: _Enclosing
    ) -> None:
        items = [section] if shape.single else section
        if not isinstance(items, list):
            raise _DoubtfulError
        for position, item in enumerate(items):
            self._record(label, item, line, shape, enclosing, position)

    def _record(
        self, label: str, item: Any, line: int, shape: Shape, enclosing: _Enclosing, position: int
    ) -> None:
        fields, line = _parts(item, line)
        plan = _plan_of(shape)
        values, lines, others = self._values(label, fields, line, plan.columns, enclosing.root)
        if shape.parent:
            values[shape.parent] = enclosing.key
        if shape.parent_table:
            values[shape.parent_table] = enclosing.table
        if shape.numbered:
            values[shape.numbered] = position
        key = _whole_key(values, enclosing.key)
        if shape.sourced:
            values["passage_key"] = self._own_passage(label, fields, line, shape)
        identity = tuple([values[name] for name in plan.columns.primary])
        row = SeedRow(plan.table, values, self._file, line, label, lines)
        self._put(row, identity)
        inner = _Enclosing(key, plan.table, enclosing.root or key)
        for name in others:
            written = fields[name]
            if _is_blank(written):
                continue
            if name in shape.children:
                self._section(name, written, line, shape.children[name], inner)
            elif name == FURTHER and shape.sourced:
                self._further_passages(written, line, plan.table, identity)
            elif name != OWN_PASSAGE or not shape.sourced:
                raise _DoubtfulError

    def _values(
        self, label: str, fields: Mapping[str, Any], line: int, columns: "_Columns", root: str
    ) -> tuple[dict[str, Any], dict[str, int], Sequence[str]]:
        """Return values by column, the lines of those that are told, and the other fields."""
        values, lines = dict(columns.blank), {}
        steps, others = columns.among(tuple(fields))
        for name, column, read, target, scoped in steps:
            written = fields[name]
            if written is None or written == "":
                continue
            value = read(written)
            if value is None:
                continue
            if target:
                key = f"{root}/{value}" if scoped else value
                about = f"{label}.{name}"
                self._references.append(Reference(target, key, value, self._file, line, about))
                value = key
            values[column] = value
            lines[column] = line
        if not columns.required <= lines.keys():
            raise _DoubtfulError
        return values, lines, others

    def _own_passage(
        self, label: str, fields: Mapping[str, Any], line: int, shape: Shape
    ) -> str | None:
        passage = fields.get(OWN_PASSAGE)
        if passage is not None:
            return self._passage(f"{label}.{OWN_PASSAGE}", passage, line)
        if shape.passage_required:
            raise _DoubtfulError
        return None

    def _passage(self, label: str, passage: Any, line: int) -> str:
        if (known := self._passages.get(id(passage))) is not None:
            return known
        fields, line = _parts(passage, line)
        values, lines, others = self._values(label, fields, line, _plan_of_passages(), "")
        if not all(_is_blank(fields[name]) for name in others):
            raise _DoubtfulError
        key = values["key"] = passage_key(values["report_key"], values["locator"], values["quote"])
        present = self._gathered.of(OWN_PASSAGE).get((key,))
        if present is None:
            self._put(SeedRow(OWN_PASSAGE, values, self._file, line, label, lines), (key,))
        elif present.values["seen"] != values["seen"]:
            raise _DoubtfulError
        self._passages[id(passage)] = key
        return key

    def _further_passages(self, items: Any, line: int, table: str, identity: Identity) -> None:
        if not isinstance(items, list):
            raise _DoubtfulError
        for item in items:
            values = {
                "record_table": table,
                "record_key": "/".join(map(str, identity)),
                "field": WHOLE_ROW,
                "passage_key": self._passage(FURTHER, item, line),
            }
            row = SeedRow("further_passage", values, self._file, _parts(item, line)[1], FURTHER)
            self._put(row, tuple(values.values()))

    def _put(self, row: SeedRow, identity: Identity) -> None:
        rows = self._gathered.rows.setdefault(row.table, {})
        if None in identity or identity in rows:
            raise _DoubtfulError
        rows[identity] = row
        self._put_in.append((row.table, identity))


def _parts(item: Any, line: int) -> tuple[Mapping[str, Any], int]:
    """Return the fields and the line of a record that is in one of a line."""
    if isinstance(item, Given):
        return item
    if isinstance(item, dict):
        return item, line
    raise _DoubtfulError


def _whole_key(values: dict[str, Any], enclosing: str) -> str:
    """Complete a record's own key; return what its children are nested in."""
    if "key" not in values:
        return enclosing
    own = values["key"]
    if own is None or not _SLUG.fullmatch(own):
        raise _DoubtfulError
    if enclosing:
        values["key"] = f"{enclosing}/{own}"
    return str(values["key"])


_SLUG = re.compile(SLUG.pattern)
_Read = Callable[[Any], Any]


class _Step(NamedTuple):
    """How a field is read: its column, what reads it, and the table that it refers to, if any.

    `scoped` says that the key there begins with that of the study.
    """

    name: str
    column: str
    read: _Read
    target: str
    scoped: bool


class _Columns:
    """How the columns of a record are read.

    Attributes:
        blank: the value of every column of which nothing is told.
        required: the columns that must be told.
        primary: those of the primary key.
    """

    def __init__(self, columns: Columns) -> None:
        self.blank = columns.blank
        self.required = frozenset(columns.by_name[name].name for name in columns.required)
        self.primary = columns.primary
        self._steps = {
            name: _Step(name, column.name, _reading(column), target, target in SCOPED)
            for name, column in columns.by_name.items()
            for target in [columns.targets.get(name, "")]
        }
        self._among: dict[tuple[str, ...], tuple[list[_Step], list[str]]] = {}

    def among(self, fields: tuple[str, ...]) -> tuple[list[_Step], list[str]]:
        """Return how those of some fields are read that are columns, and the other fields.

        Records are composed with few sets of fields, and each is looked at once.
        """
        if fields not in self._among:
            steps = [self._steps[name] for name in fields if name in self._steps]
            self._among[fields] = steps, [name for name in fields if name not in self._steps]
        return self._among[fields]


@dataclass(frozen=True, slots=True)
class _Plan:
    table: str
    columns: _Columns


@cache
def _plan_of(shape: Shape) -> _Plan:
    return _Plan(shape.table.name, _Columns(shape.written))


@cache
def _plan_of_passages() -> _Columns:
    return _Columns(PASSAGE_WRITTEN)


def _reading(column: Column[Any]) -> _Read:
    """Return what reads a value of a column; what it returns is what `read_cell` does."""
    if isinstance(column.type, Enum):
        return partial(_code, frozenset(column.type.enums))
    if isinstance(column.type, Boolean):
        return _truth
    if isinstance(column.type, Integer):
        return _whole_number
    if isinstance(column.type, Float):
        return _number
    where = (column.table.name, column.name)
    if where == ("passage", "quote"):
        return _quote
    form = WRITTEN_AS.get(where)
    return partial(_formed, re.compile(form.pattern)) if form else _text


def _code(allowed: frozenset[str], value: Any) -> str:
    text = _text(value)
    if text not in allowed:
        raise _DoubtfulError
    return text


def _truth(value: Any) -> bool:
    if value is True or value is False:
        return value
    raise _DoubtfulError


def _whole_number(value: Any) -> int:
    if type(value) is not int or abs(value) > LARGEST:
        raise _DoubtfulError
    return value


def _number(value: Any) -> float | None:
    """Return a number, None for one that is not told."""
    if type(value) not in (int, float) or math.isinf(value):
        raise _DoubtfulError
    return None if math.isnan(value) else float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not (text := clean(value)):
        raise _DoubtfulError
    return text


def _quote(value: Any) -> str:
    text = _text(value)
    if len(text.split()) > QUOTE_WORDS:
        raise _DoubtfulError
    return text


def _formed(form: re.Pattern[str], value: Any) -> str:
    text = _text(value)
    if not form.fullmatch(text):
        raise _DoubtfulError
    return text
