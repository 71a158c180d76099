"""A JSON Schema of the seed files, made from the models, so that editors complete and check."""

from typing import Any

from sqlalchemy import Boolean, Column, Enum, Float, Integer

from kb.curation.shape import FILE, FURTHER_PASSAGE_FIELDS, Shape, target, written_name
from kb_schema import tables

_PASSAGE_REF = {"$ref": "#/$defs/passage"}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a seed file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Seed file of the evidence base",
        "description": "One study, review or vocabulary with the reports that tell of it.",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _section(shape) for name, shape in FILE.items()},
        "$defs": {"passage": _passage(), "further_passage": _further_passage()},
    }


def _section(shape: Shape) -> dict[str, Any]:
    record = _record(shape)
    if shape.single:
        return record
    if shape.shorthand:
        record = {"anyOf": [{"type": "string"}, record]}
    return {"type": "array", "items": record, "description": _first_line(shape.model)}


def _record(shape: Shape) -> dict[str, Any]:
    properties = {
        name: _column(column, _described(shape.model, column))
        for name, column in shape.columns.items()
    }
    required = [name for name, column in shape.columns.items() if _is_required(shape.model, column)]
    if shape.sourced:
        properties["passage"] = _PASSAGE_REF
        properties["further_passages"] = {
            "type": "array",
            "items": {"$ref": "#/$defs/further_passage"},
        }
        required += ["passage"] if shape.passage_required else []
    properties |= {name: _section(child) for name, child in shape.children.items()}
    return {
        "type": "object",
        "description": _first_line(shape.model),
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }


def _column(column: Column[Any], description: str) -> dict[str, Any]:
    schema = _type(column)
    if (table := target(column)) and not description.startswith("Key of"):
        description = f"{description} (key of a {table.replace('_', ' ')})"
    return {**schema, "description": description} if description else schema


def _type(column: Column[Any]) -> dict[str, Any]:
    kind = column.type
    if isinstance(kind, Enum):
        return {"enum": list(kind.enums)}
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Integer):
        return {"type": "integer"}
    if isinstance(kind, Float):
        return {"type": "number"}
    return {"type": ["string", "number"]}


def _is_required(model: type[tables.Row], column: Column[Any]) -> bool:
    return not column.nullable and model.model_fields[column.name].is_required()


def _described(model: type[tables.Row], column: Column[Any]) -> str:
    return model.model_fields[column.name].description or ""


def _first_line(model: type[tables.Row]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def _passage() -> dict[str, Any]:
    model = tables.Passage
    columns = {
        written_name(c): c for c in tables.metadata.tables["passage"].columns if c.name != "key"
    }
    return {
        "type": "object",
        "description": _first_line(model),
        "additionalProperties": False,
        "properties": {name: _column(c, _described(model, c)) for name, c in columns.items()},
        "required": list(columns),
    }


def _further_passage() -> dict[str, Any]:
    passage = _passage()
    about = {"type": "string", "description": "The field that this passage supports."}
    properties = {**passage["properties"], "field": about}
    assert set(properties) == set(FURTHER_PASSAGE_FIELDS)
    return {**passage, "properties": properties}
