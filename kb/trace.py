"""Every passage behind a record, and behind what belongs to it."""

import difflib
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Column, String, Table, and_, cast, false, or_, select

from kb.base import Base, Record
from kb.errors import UnknownValue
from kb.order import by_key
from kb.pages.numbers import arm_text, contrast_text
from kb_schema.base import holds_text
from kb_schema.tables import metadata

_OWNERS_LIKE = 8
"""Studies and reviews whose keys are offered where a key begins like none."""

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
        for row in _in_order(table, base.all(select(table).where(_belongs(base, table, key))))
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
    owner = key.partition("/")[0]
    of_same = [found for found in _keys_of(base, owner) if found != owner]
    known = of_same or [
        found for like in _owners_like(base, owner) for found in _keys_of(base, like)
    ]
    return difflib.get_close_matches(key, known, n=4, cutoff=0.4)


def _owners_like(base: Base, owner: str) -> list[str]:
    """Return the keys of studies, of reviews and of other sources of claims that are most alike."""
    studies = chain.from_iterable(base.vocabulary.names_like("study", owner).values())
    claims = base.keys(select(metadata.tables["claim"].c.key))
    sources = (claim.partition("/")[0] for claim in claims)
    known = sorted({*studies, *base.vocabulary.terms("review"), *sources})
    return difflib.get_close_matches(owner, known, n=_OWNERS_LIKE, cutoff=0.4)


def _keys_of(base: Base, owner: str) -> list[str]:
    """Return the keys of a record and of those nested in it that have passages."""
    return [
        found
        for table in metadata.sorted_tables
        if "passage_key" in table.c and [column.name for column in table.primary_key] == ["key"]
        for found in base.keys(
            select(table.c.key).where(or_(table.c.key == owner, _nested(base, table.c.key, owner)))
        )
    ]


def _belongs(base: Base, table: Table, key: str) -> Any:
    """Return the condition that a row is the record of this key or is nested in it."""
    first, *others = table.primary_key
    if not holds_text(first):
        return false()
    whole = or_(first == key, _nested(base, first, key))
    if not others:
        return whole
    beginnings = ["/".join(key.split("/")[:end]) for end in range(1, key.count("/") + 1)]
    return or_(whole, and_(first.in_(beginnings), _joined(table) == key))


def _nested(base: Base, column: Column[Any], key: str) -> Any:
    """Return the condition that a key begins with another and a stroke.

    An index of SQLite, which sorts by code, finds these as a range: '0' comes after '/'.
    """
    if base.connection.dialect.name == "sqlite":
        return and_(column > f"{key}/", column < f"{key}0")
    return column.startswith(f"{key}/", autoescape=True)


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
    of_key = or_(table.c.record_key == key, _nested(base, table.c.record_key, key))
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
