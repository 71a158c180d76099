"""The evidence as tables with rows, and what the models say of them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Table, collate, func, select

from kb.curation.hashing import OWN_TABLES
from kb_schema import tables
from kb_schema.base import holds_text

TITLE = "Psychological interventions and support groups in advanced cancer: a sourced evidence base"
LICENCE = "MIT"
LICENCE_TITLE = "MIT License"
ABOUT = (
    "Trials, effects, qualitative themes, barriers and implementation strategies, each fact with "
    "the passage of the report that carries it. Quotes are short, serve to verify the facts, and "
    "belong to their authors."
)

_AT_ONCE = 1000
"""Rows that are held at a time."""

Row = dict[str, Any]


def evidence_tables() -> list[Table]:
    """Return the tables of evidence by name, without those that the store keeps of itself."""
    every = tables.metadata.tables
    return [every[name] for name in sorted(every.keys() - OWN_TABLES)]


def rows_of(connection: Connection, table: Table) -> Iterator[Row]:
    """Yield the rows of a table as plain values, by key, in one order on every kind of store."""
    server = connection.dialect.name == "postgresql"
    order = [collate(c, "C") if server and holds_text(c) else c for c in table.primary_key]
    query = select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(query).mappings():
        yield {name: _plain(value) for name, value in row.items()}


def number_of_rows(connection: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def description_of(table: Table) -> str:
    """Return what a table holds, as its model says it."""
    return " ".join((_models()[table.name].__doc__ or "").split())


def description_of_column(column: Column[Any]) -> str:
    """Return what a column holds, as its model says it."""
    return _models()[column.table.name].model_fields[column.name].description or ""


@cache
def _models() -> dict[str, type[tables.Row]]:
    every = (getattr(tables, name) for name in tables.__all__)
    return {str(each.__tablename__): each for each in every if hasattr(each, "__table__")}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
