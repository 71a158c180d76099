"""The words of records, gathered for full-text search."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from kb.curation.comparing import batches
from kb_schema.base import holds_text
from kb_schema.tables import metadata

_TITLE = ("label", "name", "title", "statement", "topic", "missing", "quote", "key")
SEARCHED = (
    "study",
    "report",
    "review",
    "intervention",
    "instrument",
    "outcome",
    "approach",
    "construct",
    "eric_strategy",
    "implementation_outcome",
    "theme",
    "finding",
    "factor",
    "theme_finding",
    "implementation_finding",
    "strategy",
    "characteristic",
    "disagreement",
    "gap",
    "claim",
    "passage",
)
"""The tables whose records are searched."""


def index_words(connection: Connection, table: str, keys: Iterable[str]) -> None:
    """Gather the words of these records anew; those of a record that is gone are forgotten."""
    entries = metadata.tables["search_entry"]
    for batch in batches(keys):
        of_these = (entries.c.kind == table, entries.c.record_key.in_(batch))
        connection.execute(delete(entries).where(*of_these))
        found = list(_entries(connection, table, batch))
        if found:
            connection.execute(insert(entries), found)


def _entries(connection: Connection, name: str, keys: list[str]) -> Iterator[dict[str, str]]:
    table = metadata.tables[name]
    synonyms = _synonyms(connection, name, keys)
    words = [c.name for c in table.columns if _holds_words(c)]
    title = next(column for column in _TITLE if column in table.c)
    rows = connection.execute(select(table).where(table.c.key.in_(keys))).mappings()
    for row in sorted(rows, key=lambda row: str(row["key"])):
        body = [str(row[column]) for column in words if row[column]]
        body += synonyms.get(row["key"], [])
        yield {
            "kind": name,
            "record_key": row["key"],
            "title": str(row[title]),
            "body": " ".join(body),
        }


def _holds_words(column: Any) -> bool:
    return holds_text(column) and not column.foreign_keys and column.name != "key"


def _synonyms(connection: Connection, name: str, keys: list[str]) -> dict[str, list[str]]:
    table = metadata.tables["synonym"]
    query = select(table.c.term_key, table.c.text).where(
        table.c.vocabulary == name, table.c.term_key.in_(keys)
    )
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.order_by(table.c.text)):
        found.setdefault(row.term_key, []).append(row.text)
    return found
