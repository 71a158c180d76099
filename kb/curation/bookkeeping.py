"""What the store notes of a load: the words to search, the version and hash of its data."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from kb_schema.base import holds_text
from kb_schema.tables import metadata

_OWN_TABLES = {"store_fact", "search_entry"}
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


def record_load(connection: Connection, path: Path) -> None:
    """Note the state of the data after the seed files at `path` were loaded."""
    _index_words(connection)
    facts = metadata.tables["store_fact"]
    before = dict(connection.execute(select(facts.c.name, facts.c.value)).tuples().all())
    now = {
        "data_version": _version(path, before.get("data_version")),
        "data_hash": content_hash(connection),
        "loaded_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    connection.execute(delete(facts))
    connection.execute(insert(facts), [{"name": n, "value": v} for n, v in now.items()])


def content_hash(connection: Connection) -> str:
    """Return a SHA-256 digest of all evidence, the same in every store that holds the same."""
    digest = hashlib.sha256()
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        if table.name in _OWN_TABLES:
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


def _version(path: Path, before: str | None) -> str:
    if path.resolve() == shipped_seeds().resolve():
        return shipped_version()
    base = (before or "own").removesuffix("+local")
    return f"{base}+local"


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
