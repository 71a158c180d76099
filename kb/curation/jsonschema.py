"""A JSON Schema of the seed files, made from the models, so that editors complete and check."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Enum, Float, Integer

from kb.curation.shape import FILE, PASSAGE, SCOPED, SLUG, WRITTEN_AS, Shape, target, written_name
from kb_schema import tables

Keys = Mapping[str, Iterable[str]]
"""Keys that references may name, by table."""

_TYPES = {Boolean: "boolean", Integer: "integer", Float: "number"}
_TEXT = {"type": ["string", "number"], "pattern": r"\S"}


def json_schema(known: Keys | None = None) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a seed file.

    An editor offers the `known` keys where a reference is due; others are allowed, for a file may
    bring its own records.
    """
    keys = known or {}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Seed file of the evidence base",
        "description": "One study, review or vocabulary with the reports that tell of it.",
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {name: _section(name, shape) for name, shape in FILE.items()},
        "$defs": {
            "passage": _passage(),
            "further_passage": _further_passage(),
            **{_reference_name(table): _reference(table, keys) for table in _referred_to()},
        },
    }


def _section(name: str, shape: Shape) -> dict[str, Any]:
    record = _record(shape)
    if shape.single:
        return record
    if shape.shorthand:
        column = shape.columns[shape.shorthand]
        record = {"anyOf": [_column(shape, column), record], "description": record["description"]}
    return {
        "title": _titled(name),
        "description": record["description"],
        "type": "array",
        "items": record,
    }


def _record(shape: Shape) -> dict[str, Any]:
    properties = {name: _column(shape, column) for name, column in shape.columns.items()}
    required = [name for name, column in shape.columns.items() if _is_required(column)]
    if shape.sourced:
        properties["passage"] = {"$ref": "#/$defs/passage"}
        properties["further_passages"] = _further_passages(shape)
    if shape.passage_required:
        required.append("passage")
    properties |= {name: _section(name, child) for name, child in shape.children.items()}
    return {
        "title": _titled(shape.table.name),
        "description": _described(shape.model),
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }


def _column(shape: Shape, column: Column[Any]) -> dict[str, Any]:
    description = shape.model.model_fields[column.name].description or ""
    return {
        "title": _titled(written_name(column)),
        "description": description,
        **_value(column),
    }


def _value(column: Column[Any]) -> dict[str, Any]:
    if table := target(column):
        return {"$ref": f"#/$defs/{_reference_name(table)}"}
    if isinstance(column.type, Enum):
        return {"enum": list(column.type.enums)}
    for kind, name in _TYPES.items():
        if isinstance(column.type, kind):
            return {"type": name}
    form = SLUG if column.name == "key" else WRITTEN_AS.get((column.table.name, column.name))
    return {**_TEXT, "pattern": f"^{form.pattern}$"} if form else dict(_TEXT)


def _is_required(column: Column[Any]) -> bool:
    return not column.nullable and column.default is None


def _passage() -> dict[str, Any]:
    shape = Shape(tables.Passage)
    return {
        "title": "Passage",
        "description": _described(tables.Passage),
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _column(shape, column) for name, column in PASSAGE.items()},
        "required": list(PASSAGE),
    }


def _further_passage() -> dict[str, Any]:
    passage = _passage()
    about = {
        "title": "Field",
        "description": "The field of the record that this passage supports; all, where absent.",
        "type": "string",
    }
    return {
        **passage,
        "title": "Further passage",
        "description": _described(tables.FurtherPassage),
        "properties": {"field": about, **passage["properties"]},
    }


def _further_passages(shape: Shape) -> dict[str, Any]:
    fields = {"properties": {"field": {"enum": ["*", *shape.columns]}}}
    return {
        "title": "Further passages",
        "description": "More passages behind the record, or behind one field of it.",
        "type": "array",
        "items": {"$ref": "#/$defs/further_passage", **fields},
    }


def _referred_to() -> list[str]:
    shapes = [shape for top in FILE.values() for shape in _within(top)]
    every = {target(column) for shape in shapes for column in shape.columns.values()}
    return sorted({*every, *map(target, PASSAGE.values())} - {""})


def _within(shape: Shape) -> Iterator[Shape]:
    yield shape
    for child in shape.children.values():
        yield from _within(child)


def _reference_name(table: str) -> str:
    return f"{table}_key"


def _reference(table: str, known: Keys) -> dict[str, Any]:
    free = {**_TEXT, "pattern": f"^{SLUG.pattern}$"}
    if table in SCOPED:
        return {**free, "description": "Key as it stands in this study."}
    keys = sorted(known.get(table, ()))
    return {"anyOf": [{"enum": keys}, free]} if keys else free


def _described(model: type[tables.Row]) -> str:
    return " ".join((model.__doc__ or "").split())


def _titled(name: str) -> str:
    return name.replace("_", " ").capitalize()
