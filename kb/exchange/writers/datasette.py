"""A copy of the SQLite store for Datasette, with metadata that describe every table and column.

Only metadata are written and no settings, so that the file serves Datasette before and after 1.0.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from kb.base import DataState
from kb.errors import KbError
from kb.exchange.writers.evidence import (
    ABOUT,
    LICENCE_TITLE,
    TITLE,
    description_of,
    description_of_column,
    evidence_tables,
    number_of_rows,
)
from kb.store.backup import backup
from kb.store.engine import file_of, name_of

DATABASE = "evidence"


def write(connection: Connection, data: DataState, folder: Path) -> dict[str, int]:
    """Write `evidence.db` and `metadata.yaml`; return the number of rows of each table.

    Raises `KbError` for a store on a server.
    """
    import yaml

    engine = connection.engine

    if file_of(engine) is None:
        raise KbError(
            f"Datasette reads SQLite files, and {name_of(engine)} is none.",
            "Export seeds, and load them into a file: kb load FOLDER --db FILE.",
        )
    backup(engine, folder / f"{DATABASE}.db")
    text = yaml.safe_dump(metadata(data), sort_keys=False, allow_unicode=True, width=100)
    (folder / "metadata.yaml").write_text(text, encoding="utf-8")
    return {table.name: number_of_rows(connection, table) for table in evidence_tables()}


def metadata(data: DataState) -> dict[str, Any]:
    """Return the metadata as plain data."""
    return {
        "title": TITLE,
        "description": f"{ABOUT} Data version {data.version}, hash {data.hash}.",
        "license": LICENCE_TITLE,
        "source": "evidence-kb",
        "databases": {
            DATABASE: {
                "tables": {
                    str(table.name): {
                        "description": description_of(table),
                        "columns": {str(c.name): description_of_column(c) for c in table.columns},
                    }
                    for table in evidence_tables()
                }
            }
        },
    }
