"""One number for all the evidence in a store, kept up to date from what changes."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, select

from kb_schema.tables import metadata

OWN_TABLES = {"store_fact", "search_entry", "event", "record_change"}
"""The tables of what the store knows of itself, which is no evidence."""

HASH_KIND = "sum of row digests"
"""How the hash of a store's data was made; stores of before had a digest of all rows in order."""

_AT_ONCE = 1000
_MODULUS = 1 << 256
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def content_hash(connection: Connection) -> str:
    """Return the hash of all evidence, the same in every store that holds the same.

    It is the sum, modulo 2**256, of the SHA-256 digests of all rows, so that it depends on no order
    and a change costs what the changed rows cost. It tells that data differ by mistake or by an
    edit; against somebody who looks for other rows with the same sum it is weaker than SHA-256.
    """
    total = 0
    for table in metadata.sorted_tables:
        if table.name not in OWN_TABLES:
            query = select(table).execution_options(yield_per=_AT_ONCE)
            total += sum(row_hash(table, row) for row in connection.execute(query).mappings())
    return as_text(total)


def row_hash(table: Table, row: Mapping[Any, Any]) -> int:
    """Return the digest of one row as a number. A column that the row lacks counts as empty."""
    values = list(map(row.get, _column_names(table)))
    if not _AS_THEY_ARE.issuperset(map(type, values)):
        values = [v if type(v) in _AS_THEY_ARE else _canonical(v) for v in values]
    return int.from_bytes(hashlib.sha256(f"{table.name} {values!r}".encode()).digest())


def as_text(total: int) -> str:
    """Return a sum of digests as 64 hexadecimal digits."""
    return f"{total % _MODULUS:064x}"


@cache
def _column_names(table: Table) -> tuple[str, ...]:
    return tuple(sorted(column.name for column in table.columns))


def _canonical(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return str(value) if isinstance(value, str) else value
