"""What the store notes of a load: the words to search, the version and hash of its data."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from kb.curation.rows import Gathered
from kb.curation.shape import TOP_LEVEL
from kb_schema.base import holds_text
from kb_schema.tables import metadata

OWN_TABLES = {"store_fact", "search_entry", "event", "record_change"}
_LOCAL = "+local"
_TITLE = ("label", "name", "title", "statement", "topic", "missing", "quote", "key")
_SEARCHED = (
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


def shipped_seeds() -> Path:
    """Return the folder of the seed files that come with the program."""
    return Path(str(files("kb_seeds")))


def shipped_version() -> str:
    """Return the version of the data that come with the program."""
    return (shipped_seeds() / "VERSION").read_text(encoding="utf-8").strip()


def is_shipped(path: Path) -> bool:
    """Return whether a path is the folder of the seed files that come with the program."""
    return path.resolve() == shipped_seeds().resolve()


def record_load(connection: Connection, gathered: Gathered, path: Path) -> None:
    """Note the state of the data after the seed files at `path` were loaded."""
    _index_words(connection)
    before = _facts(connection)
    now = {
        **before,
        "data_hash": content_hash(connection),
        "loaded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "shipped_records": json.dumps(_shipped_after(connection, gathered, path)),
    }
    if is_shipped(path):
        now["data_version"] = shipped_version()
        if _rows(connection) == gathered.count():
            now["shipped_hash"] = now["data_hash"]
    version = now.get("data_version", "own").removesuffix(_LOCAL)
    as_shipped = now["data_hash"] == now.get("shipped_hash")
    now["data_version"] = version if as_shipped else f"{version}{_LOCAL}"
    facts = metadata.tables["store_fact"]
    connection.execute(delete(facts))
    connection.execute(insert(facts), [{"name": n, "value": v} for n, v in now.items()])


def no_longer_shipped(
    connection: Connection, gathered: Gathered, path: Path
) -> dict[str, list[str]]:
    """Return the top-level records that came with the program and that it has no more, by table."""
    if not is_shipped(path):
        return {}
    now = _top_level_keys(gathered)
    return {
        table: sorted(set(keys) - set(now.get(table, [])))
        for table, keys in _shipped_before(connection).items()
    }


def _shipped_after(connection: Connection, gathered: Gathered, path: Path) -> dict[str, list[str]]:
    """Return the records that came with the program; what a person loads becomes that person's."""
    loaded = _top_level_keys(gathered)
    if is_shipped(path):
        return loaded
    return {
        table: sorted(set(keys) - set(loaded.get(table, [])))
        for table, keys in _shipped_before(connection).items()
    }


def _shipped_before(connection: Connection) -> dict[str, list[str]]:
    return dict(json.loads(_facts(connection).get("shipped_records", "{}")))


def _top_level_keys(gathered: Gathered) -> dict[str, list[str]]:
    return {table: sorted(key for (key,) in gathered.of(table)) for table in TOP_LEVEL}


def _facts(connection: Connection) -> dict[str, str]:
    facts = metadata.tables["store_fact"]
    return dict(connection.execute(select(facts.c.name, facts.c.value)).all())


def _rows(connection: Connection) -> int:
    """Return how many rows of evidence a store holds."""
    tables = (table for table in metadata.sorted_tables if table.name not in OWN_TABLES)
    return sum(connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables)


def content_hash(connection: Connection) -> str:
    """Return a SHA-256 digest of all evidence, the same in every store that holds the same."""
    digest = hashlib.sha256()
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        if table.name in OWN_TABLES:
            continue
        digest.update(table.name.encode())
        rows = connection.execute(select(*sorted(table.columns, key=lambda column: column.name)))
        for line in sorted(repr([_canonical(value) for value in row]) for row in rows):
            digest.update(line.encode())
    return digest.hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return str(value) if isinstance(value, str) else value


def _index_words(connection: Connection) -> None:
    entries = metadata.tables["search_entry"]
    connection.execute(delete(entries))
    rows = list(_entries(connection))
    if rows:
        connection.execute(insert(entries), rows)


def _entries(connection: Connection) -> Iterator[dict[str, str]]:
    synonyms = _synonyms(connection)
    for name in _SEARCHED:
        table = metadata.tables[name]
        words = [c.name for c in table.columns if _holds_words(c)]
        title = next(column for column in _TITLE if column in table.c)
        for row in connection.execute(select(table)).mappings():
            body = [str(row[column]) for column in words if row[column]]
            body += synonyms.get((name, row["key"]), [])
            yield {
                "kind": name,
                "record_key": row["key"],
                "title": str(row[title]),
                "body": " ".join(body),
            }


def _holds_words(column: Any) -> bool:
    return holds_text(column) and not column.foreign_keys and column.name != "key"


def _synonyms(connection: Connection) -> dict[tuple[str, str], list[str]]:
    table = metadata.tables["synonym"]
    found: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(select(table)).mappings():
        found.setdefault((row["vocabulary"], row["term_key"]), []).append(row["text"])
    return found
