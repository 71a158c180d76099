"""Every passage behind a record, and behind what belongs to it."""

import difflib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, String, Table, cast, false, or_, select

from kb.base import Base, Record
from kb.errors import UnknownValue
from kb.order import by_key
from kb.pages.numbers import arm_text, contrast_text
from kb_schema.base import holds_text
from kb_schema.tables import metadata

_SHOWN = ("label", "name", "statement", "number", "estimate", "basis", "key")


@dataclass(frozen=True)
class Traced:
    """A fact, the field of it that a passage supports, and the passage."""

    table: str
    key: str
    fact: str
    field: str
    passage: Record
    derivation: Record | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "table": self.table,
            "key": self.key,
            "fact": self.fact,
            "field": None if self.field == "*" else self.field,
            "derivation": self.derivation,
            "passage": self.passage,
        }


def trace(base: Base, key: str) -> list[Traced]:
    """Return the passages behind the record of this key and the records nested in it.

    Raises `UnknownValue` where no fact has the key, or no passage stands behind it.
    """
    found = [
        (table, row)
        for table in metadata.sorted_tables
        if "passage_key" in table.c
        for row in _in_order(table, base.all(select(table).where(_belongs(table, key))))
        if row["passage_key"]
    ]
    if not found:
        near = _nearest(base, key)
        if key in near:
            remedy = f"`kb show {key}` shows what is known of it."
            raise UnknownValue(f"No passage stands behind '{key}'.", remedy)
        remedy = (
            f"Nearest: {', '.join(near)}." if near else "kb search finds records by their words."
        )
        raise UnknownValue(f"No fact has the key '{key}'.", remedy)
    further = _further(base, key)
    passages = base.passages(
        [row["passage_key"] for _, row in found] + [row["passage_key"] for row in further]
    )
    derivations = _derivations(base, found)
    traced = []
    for table, row in found:
        record_key = _record_key(table, row)
        fact = _fact(table.name, row)
        derived = derivations.get(row.get("derivation_key"))
        traced.append(
            Traced(table.name, record_key, fact, "*", passages[row["passage_key"]], derived)
        )
        traced += [
            Traced(table.name, record_key, fact, more["field"], passages[more["passage_key"]])
            for more in further
            if more["record_table"] == table.name and more["record_key"] == record_key
        ]
    return traced


def _nearest(base: Base, key: str) -> list[str]:
    """Return the keys most like a key, among those of the same study or review if it is known."""
    tables = [
        table
        for table in metadata.sorted_tables
        if "passage_key" in table.c and [column.name for column in table.primary_key] == ["key"]
    ]
    known = [found for table in tables for found in base.keys(select(table.c.key))]
    of_same = [found for found in known if found.startswith(key.partition("/")[0] + "/")]
    return difflib.get_close_matches(key, of_same or known, n=4, cutoff=0.4)


def _belongs(table: Table, key: str) -> Any:
    """Return the condition that a row is the record of this key or is nested in it."""
    first: Column[Any] = next(iter(table.primary_key))
    if not holds_text(first):
        return false()
    return or_(first == key, first.startswith(f"{key}/", autoescape=True), _joined(table) == key)


def _joined(table: Table) -> Any:
    columns = [cast(column, String) for column in table.primary_key]
    joined: Any = columns[0]
    for column in columns[1:]:
        joined = joined + "/" + column
    return joined


def _record_key(table: Table, row: Record) -> str:
    return "/".join(str(row[column.name]) for column in table.primary_key)


def _in_order(table: Table, rows: list[Record]) -> list[Record]:
    return sorted(rows, key=lambda row: by_key(_record_key(table, row)))


def _further(base: Base, key: str) -> list[Record]:
    table = metadata.tables["further_passage"]
    of_key = or_(
        table.c.record_key == key, table.c.record_key.startswith(f"{key}/", autoescape=True)
    )
    rows = base.all(select(table).where(of_key))
    return sorted(rows, key=lambda row: (row["field"], row["passage_key"]))


def _derivations(base: Base, found: list[tuple[Table, Record]]) -> dict[str | None, Record]:
    table = metadata.tables["derivation"]
    keys = {row.get("derivation_key") for _, row in found} - {None}
    rows = base.all(select(table).where(table.c.key.in_(keys)))
    return {row["key"]: {k: row[k] for k in ("formula", "inputs", "software")} for row in rows}


def _fact(table: str, row: Record) -> str:
    """Return what a row says, in a few words."""
    if table == "contrast":
        return contrast_text(row)
    if table == "arm_result":
        return arm_text(row)
    if table == "measurement":
        return ", ".join(filter(None, [row["outcome_key"], row["instrument_key"], row["time"]]))
    if row.get("number") is not None and row.get("kind"):
        return f"{row['number']} {row['kind']} {row['flow']}"
    shown = next((row[name] for name in _SHOWN if row.get(name) not in (None, "")), None)
    if shown is not None:
        return str(shown)
    return ", ".join(
        str(v) for k, v in row.items() if k.endswith("_key") and k != "passage_key" and v
    )
