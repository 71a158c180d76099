"""Insert many rows at once."""

import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

_AT_ONCE = 5_000
_IN_A_STATEMENT = 200
"""Rows in one statement of SQLite; more gain nothing."""

Row = Mapping[str, Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; every one has the columns of the first."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        insert_into_sqlite(connection, table, rows, tuple(rows[0]))
        return
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(insert(table), list(rows[start : start + _AT_ONCE]))


def insert_into_sqlite(
    connection: Connection, table: Table, rows: Sequence[Row], columns: tuple[str, ...]
) -> None:
    """Insert these columns of rows, many in a statement, which is faster than one by one.

    SQLite takes the values as they are: texts, numbers and truth values need nothing done to them.
    """
    statement, names = _statement(table, columns)
    values = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    driver: Any = connection.connection.driver_connection
    most = min(_IN_A_STATEMENT, driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(names))
    for start in range(0, len(rows), most):
        batch = rows[start : start + most]
        connection.exec_driver_sql(
            _repeated(statement, len(names), len(batch)),
            tuple(chain.from_iterable(map(values, batch))),
        )


@cache
def _statement(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the statement that inserts one row, and its columns in the order of its values."""
    statement = insert(table).compile(dialect=sqlite_dialect(), column_keys=list(columns))
    return str(statement), tuple(statement.positiontup or ())


@cache
def _repeated(statement: str, columns: int, times: int) -> str:
    """Return a statement that inserts one row as one that inserts several."""
    row = f", ({', '.join('?' * columns)})"
    return statement + row * (times - 1)
