"""The words of records, gathered for full-text search."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, delete, select

from kb.curation.applying import Row, Written
from kb.curation.comparing import batches
from kb.store.inserting import insert_rows
from kb.store.lists import among
from kb_schema.base import holds_text
from kb_schema.codes import Seen
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


def index_words(connection: Connection, written: Iterable[Written]) -> None:
    """Gather the words of rows that were written; those of a record that is gone are forgotten."""
    new: dict[str, dict[str, Row]] = {}
    again: dict[str, set[str]] = {}
    synonyms: dict[tuple[str, str], list[str]] = {}
    for row in written:
        if row.table == "synonym":
            vocabulary, text, term = row.identity
            again.setdefault(vocabulary, set()).add(term)
            if row.after is not None:
                synonyms.setdefault((vocabulary, term), []).append(text)
        elif row.before is None and row.after is not None:
            new.setdefault(row.table, {})[row.key] = row.after
        else:
            again.setdefault(row.table, set()).add(row.key)
    for table in SEARCHED:
        rows = new.get(table, {})
        _index_new(connection, table, rows, synonyms)
        _index_again(connection, table, sorted(again.get(table, set()) - rows.keys()))


def _index_new(
    connection: Connection,
    table: str,
    rows: Mapping[str, Row],
    synonyms: Mapping[tuple[str, str], list[str]],
) -> None:
    """Gather the words of records that were not there before, and so had no synonyms either."""
    own = {key: sorted(synonyms.get((table, key), ())) for key in rows} if synonyms else {}
    insert_rows(connection, metadata.tables["search_entry"], list(_entries(table, rows, own)))


def _index_again(connection: Connection, name: str, keys: Iterable[str]) -> None:
    entries, table = metadata.tables["search_entry"], metadata.tables[name]
    for batch in batches(keys):
        of_these = (entries.c.kind == name, among(entries.c.record_key, batch))
        connection.execute(delete(entries).where(*of_these))
        found = connection.execute(select(table).where(among(table.c.key, batch))).mappings()
        rows = {row["key"]: row for row in found}
        synonyms = _synonyms(connection, name, batch)
        insert_rows(connection, entries, list(_entries(name, rows, synonyms)))


def _entries(
    name: str, rows: Mapping[str, Mapping[Any, Any]], synonyms: Mapping[str, list[str]]
) -> Iterator[dict[str, str]]:
    title, words = _columns(name)
    for key in sorted(rows):
        row = rows[key]
        if row.get("seen") != Seen.DATA_FILE:  # cells of a table, which are no words
            body = [str(row[column]) for column in words if row[column]]
            yield {
                "kind": name,
                "record_key": key,
                "title": str(row[title]),
                "body": " ".join([*body, *synonyms.get(key, ())]),
            }


@cache
def _columns(name: str) -> tuple[str, list[str]]:
    """Return the column that names a record of a table, and those that hold words."""
    columns = metadata.tables[name].columns
    title = next(column for column in _TITLE if column in columns)
    return title, [c.name for c in columns if _holds_words(c)]


def _holds_words(column: Any) -> bool:
    return holds_text(column) and not column.foreign_keys and column.name != "key"


def _synonyms(connection: Connection, name: str, keys: list[str]) -> dict[str, list[str]]:
    table = metadata.tables["synonym"]
    query = select(table.c.term_key, table.c.text).where(
        table.c.vocabulary == name, among(table.c.term_key, keys)
    )
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.order_by(table.c.text)):
        found.setdefault(row.term_key, []).append(row.text)
    return found
