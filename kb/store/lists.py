"""Lists of any length in a condition, sent as one parameter: stores refuse too many of them."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Texts(FunctionElement[str]):
    """The texts of a JSON array, a row each."""

    name = "texts"
    inherit_cache = True


@compiles(_Texts, "sqlite")
def _on_sqlite(texts: _Texts, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(texts.clauses, **how)})"


@compiles(_Texts, "postgresql")
def _on_postgresql(texts: _Texts, compiler: SQLCompiler, **how: Any) -> str:
    return f"jsonb_array_elements_text(CAST({compiler.process(texts.clauses, **how)} AS jsonb))"


def among(column: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column of text holds one of the values, however many they are."""
    listed = _Texts(json.dumps(list(values))).table_valued("value")
    return column.in_(select(listed.c.value))
