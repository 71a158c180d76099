"""What the store notes of its data: their version and hash, and what came with the program."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, literal, select

from kb.curation.hashing import HASH_KIND, OWN_TABLES, content_hash
from kb.curation.rows import Gathered
from kb.curation.shape import TOP_LEVEL
from kb_schema.tables import metadata

_LOCAL = "+local"

Keys = dict[str, list[str]]
"""Keys of top-level records, by table."""


def shipped_seeds() -> Path:
    """Return the folder of the seed files that come with the program."""
    return Path(str(files("kb_seeds")))


def shipped_version() -> str:
    """Return the version of the data that come with the program."""
    return (shipped_seeds() / "VERSION").read_text(encoding="utf-8").strip()


def is_shipped(path: Path) -> bool:
    """Return whether a path is the folder of the seed files that come with the program."""
    return path.resolve() == shipped_seeds().resolve()


def now() -> str:
    """Return the time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Facts:
    """What a store knows of its data, read once and written when the data have changed.

    `version` is that of the evidence shipped that was loaded last, or `own`; `shipped_hash` is the
    hash that the data had when they were just that, and `shipped` holds the top-level records of it
    that no person made their own.
    """

    def __init__(self, connection: Connection) -> None:
        facts = metadata.tables["store_fact"]
        stored = dict(connection.execute(select(facts.c.name, facts.c.value)).all())
        self._connection = connection
        self.version = stored.get("data_version", "own").removesuffix(_LOCAL)
        self.shipped_hash: str | None = stored.get("shipped_hash")
        self.shipped: Keys = json.loads(stored.get("shipped_records", "{}"))
        self.hash: str = stored.get("data_hash", "")
        if stored.get("hash_kind") != HASH_KIND:
            self._renew_hash()

    def make_own(self, keys: Keys) -> None:
        """Note that a person loaded these records; if they were shipped, they are so no more."""
        self.shipped = {
            table: sorted(set(shipped) - set(keys.get(table, [])))
            for table, shipped in self.shipped.items()
        }

    def put_back(self, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Take back a change of one fact, where nothing changed it since.

        Of the records that came with the program, those that were lost or gained by it alone.
        """
        if name == "shipped":
            tables = {*self.shipped, *before}
            self.shipped = {
                table: sorted(
                    set(self.shipped.get(table, [])) - set(after.get(table, []))
                    | set(before.get(table, []))
                )
                for table in tables
            }
        elif getattr(self, name) == after["value"]:
            setattr(self, name, before["value"])

    def write(self) -> None:
        """Store the facts."""
        facts = {
            "data_version": self.version if self.hash == self.shipped_hash else self._local_version,
            "data_hash": self.hash,
            "hash_kind": HASH_KIND,
            "loaded_at": now(),
            "shipped_records": json.dumps(self.shipped, sort_keys=True),
        }
        if self.shipped_hash is not None:
            facts["shipped_hash"] = self.shipped_hash
        table = metadata.tables["store_fact"]
        self._connection.execute(delete(table).where(table.c.name.in_([*facts, "shipped_hash"])))
        self._connection.execute(insert(table), [{"name": n, "value": v} for n, v in facts.items()])

    @property
    def _local_version(self) -> str:
        return f"{self.version}{_LOCAL}"

    def _renew_hash(self) -> None:
        """Make the hash of a store that is new, or was filled when hashes were made otherwise."""
        as_shipped = self.hash and self.hash == self.shipped_hash
        self.hash = content_hash(self._connection)
        self.shipped_hash = self.hash if as_shipped else None


def no_longer_shipped(connection: Connection, gathered: Gathered, path: Path) -> Keys:
    """Return the top-level records that came with the program and that it has no more, by table."""
    if not is_shipped(path):
        return {}
    loaded = top_level_keys(gathered)
    return {
        table: sorted(set(keys) - set(loaded.get(table, [])))
        for table, keys in Facts(connection).shipped.items()
    }


def top_level_keys(gathered: Gathered) -> Keys:
    """Return the keys of the records that stand in no other, by table."""
    return {table: sorted(key for (key,) in gathered.of(table)) for table in TOP_LEVEL}


def rows_stored(connection: Connection) -> int:
    """Return how many rows of evidence a store holds."""
    return sum(connection.scalar(select(func.count()).select_from(t)) or 0 for t in _evidence())


def holds_evidence(connection: Connection) -> bool:
    """Return whether a store holds any evidence."""
    return any(connection.scalar(select(literal(1)).select_from(t).limit(1)) for t in _evidence())


def _evidence() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in OWN_TABLES]
