"""The evidence as a Data Package: a CSV file for each table, and a descriptor of them all.

Data Package 2.0 (https://datapackage.org). The files hold every value exactly as the store does, so
that they can be read back; what begins with = or + is left as it is.
"""

import csv
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Enum, Float, Integer, Table

from kb.base import DataState
from kb.curation.checking import unique_columns
from kb.exchange.writers.cells import number_as_text
from kb.exchange.writers.evidence import (
    ABOUT,
    LICENCE,
    LICENCE_TITLE,
    TITLE,
    description_of,
    description_of_column,
    evidence_tables,
    rows_of,
)

DESCRIPTOR = "datapackage.json"

_PROFILE = "https://datapackage.org/profiles/2.0/{}.json"
_TYPES = {Boolean: "boolean", Integer: "integer", Float: "number"}


def write(connection: Connection, data: DataState, folder: Path) -> dict[str, int]:
    """Write the files into a folder; return the number of rows of each."""
    written = {}
    resources = []
    for table in evidence_tables():
        path = folder / f"{table.name}.csv"
        written[path.name] = _write_table(connection, table, path)
        resources.append(_resource(table, path))
    descriptor = json.dumps(_descriptor(data, resources), indent=2, ensure_ascii=False)
    (folder / DESCRIPTOR).write_text(f"{descriptor}\n", encoding="utf-8")
    return written


def _write_table(connection: Connection, table: Table, path: Path) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in table.columns])
        for row in rows_of(connection, table):
            writer.writerow([_cell(row[column.name]) for column in table.columns])
            written += 1
    return written


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return number_as_text(value) if isinstance(value, int | float) else str(value)


def _descriptor(data: DataState, resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": _PROFILE.format("datapackage"),
        "name": "evidence-kb",
        "title": TITLE,
        "description": ABOUT,
        "version": data.version,
        "dataHash": f"sha256:{data.hash}",
        "licenses": [{"name": LICENCE, "title": LICENCE_TITLE}],
        "resources": resources,
    }


def _resource(table: Table, path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "name": table.name,
        "path": path.name,
        "type": "table",
        "title": table.name.replace("_", " ").capitalize(),
        "description": description_of(table),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$schema": _PROFILE.format("tableschema"),
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": [column.name for column in table.primary_key],
    }
    references = [_reference(column) for column in table.columns if column.foreign_keys]
    if references:
        schema["foreignKeys"] = references
    return schema


def _field(column: Column[Any]) -> dict[str, Any]:
    kind = next((name for type_, name in _TYPES.items() if isinstance(column.type, type_)), None)
    field: dict[str, Any] = {
        "name": column.name,
        "type": kind or "string",
        "description": description_of_column(column),
    }
    constraints: dict[str, Any] = {}
    if not column.nullable:
        constraints["required"] = True
    if isinstance(column.type, Enum):
        constraints["enum"] = list(column.type.enums)
    if column.name in unique_columns(column.table):
        constraints["unique"] = True
    return {**field, "constraints": constraints} if constraints else field


def _reference(column: Column[Any]) -> dict[str, Any]:
    """Return the reference of a column; one to the table itself names no resource."""
    (key,) = column.foreign_keys
    there = key.column.table
    target = {"fields": [key.column.name]}
    named = {} if there is column.table else {"resource": there.name}
    return {"fields": [column.name], "reference": {**named, **target}}
