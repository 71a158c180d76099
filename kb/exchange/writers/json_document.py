"""The evidence as one JSON document: its state, and the rows of every table by key."""

import json
from typing import Any

from sqlalchemy import Connection

from kb.base import DataState
from kb.exchange.writers.evidence import ABOUT, LICENCE, TITLE, evidence_tables, rows_of

FORMAT = "evidence-kb export"
VERSION = 1


def write(connection: Connection, data: DataState) -> tuple[str, int]:
    """Return the document and the number of its rows."""
    tables = {table.name: list(rows_of(connection, table)) for table in evidence_tables()}
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "title": TITLE,
        "description": ABOUT,
        "licence": LICENCE,
        "data": data.as_dict(),
        "tables": tables,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n", sum(map(len, tables.values()))
