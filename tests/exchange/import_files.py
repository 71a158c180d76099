"""Made-up files for tests of imports, and what an import left in a store."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from kb.curation.changing import state_token
from kb.exchange.files import open_file
from kb.exchange.formats import format_named
from kb.exchange.importing import Import
from kb.store.engine import reading
from kb_schema.tables import metadata

ROW = {
    "study": "Madeup, 2011",
    "outcome": "pain",
    "condition_arm1": "segt",
    "condition_arm2": "usual care",
    "instrument": "vas",
    "time": "post",
    "mean_arm1": "3,5",
    "mean_arm2": "4,5",
    "sd_arm1": "2",
    "sd_arm2": "2,1",
    "n_arm1": "30",
    "n_arm2": "31",
    "year": "2011",
}
"""A row of a made-up Metapsy database of which the store of these tests knows every word."""


def database(folder: Path, *rows: Mapping[str, str], name: str = "made-up.csv") -> Path:
    """Write a Metapsy database with semicolons and decimal commas; return where."""
    path = folder / name
    columns = dict.fromkeys(column for row in rows for column in row)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(columns), restval="NA", delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def order(
    path: Path,
    form: str = "metapsy",
    *,
    words: Path | None = None,
    accept: bool = False,
    **given: str,
) -> Import:
    """Return the order to import a file."""
    file, known = open_file(path), format_named(form)
    constants = {"design": "rct"} | given if form in {"metapsy", "metafor"} else given
    return Import(file, known, known.reader()(file, constants), words=words, accept=accept)


def rows_of(engine: Engine, table: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a table with a key, by key."""
    with reading(engine) as connection:
        rows = connection.execute(select(metadata.tables[table])).mappings()
        return {row["key"]: dict(row) for row in rows}


def state_of(engine: Engine) -> str:
    """Return the word for the state of the data."""
    with reading(engine) as connection:
        return state_token(connection)
