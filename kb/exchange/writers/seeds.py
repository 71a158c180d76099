"""The evidence as seed files: a file for each study, review and vocabulary.

What is written loads into an empty store with an equal content hash. The files are read again
before they are handed over, so that what they could not hold is told and nothing is lost.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from kb.curation.gathering import gather
from kb.curation.reading import SIZE_LIMIT
from kb.curation.shape import FILE, PASSAGE, SCOPED, SLUG, Shape, target
from kb.errors import KbError
from kb.exchange.writers.evidence import Row, evidence_tables, rows_of
from kb.exchange.writers.seed_text import Flow, as_yaml
from kb.order import by_key
from kb.store.lists import among
from kb_schema.tables import metadata

MOST_RECORDS = 2000
"""Records in one file of a section that is no study or review."""

_AT_ONCE = 200
"""Studies or reviews that are read at a time."""

_BESIDE = ("report", "derivation")
"""Tables whose records stand in the file of the study or review that uses them."""

_FOLDERS = {"study": "studies", "review": "reviews"}
_CONTEXT = {"reports", "derivations", "claims"}


def write(connection: Connection, folder: Path) -> dict[str, int]:
    """Write the files into a folder; return the number of records that each holds by itself.

    Raises `KbError` where the evidence cannot be had back from such files.
    """
    written = _Writer(connection, folder).write()
    _check(connection, folder)
    return written


@dataclass
class _Nested:
    """The rows nested in some records: by table, then by the key of the record around them."""

    rows: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    passages: dict[str, Row] = field(default_factory=dict)
    further: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=dict)
    """Of the tables of `_BESIDE`, the records that the last file named."""


class _Writer:
    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._written: dict[str, int] = {}
        self._placed: dict[str, set[str]] = {name: set() for name in _BESIDE}

    def write(self) -> dict[str, int]:
        for section, sub in _FOLDERS.items():
            self._write_each(FILE[section], section, sub)
        for section, shape in FILE.items():
            if section not in _FOLDERS:
                self._write_section(section, shape)
        return self._written

    def _write_each(self, shape: Shape, section: str, sub: str) -> None:
        """Write a file for each record of a section."""
        for rows in _batches(rows_of(self._connection, shape.table), _AT_ONCE):
            read = self._read(shape, rows)
            for row in rows:
                read.used = {name: set() for name in _BESIDE}
                record = self._record(shape, row, "", row["key"], read)
                beside = self._beside(section, row["key"], read.used)
                self._put(f"{sub}/{_slug(row['key'])}", {**beside, section: record}, 1)

    def _write_section(self, section: str, shape: Shape) -> None:
        """Write what is left of a section, a file for every few thousand of its records."""
        sub = "context" if section in _CONTEXT else "vocabularies"
        rows = (row for row in rows_of(self._connection, shape.table) if self._is_left(shape, row))
        for number, batch in enumerate(_batches(rows, MOST_RECORDS), 1):
            read = self._read(shape, batch)
            read.used = {name: set() for name in _BESIDE}
            records = [self._record(shape, row, "", row.get("key", ""), read) for row in batch]
            more = "" if number == 1 else f"-{number}"
            name = f"{sub}/{section.replace('_', '-')}{more}"
            self._put(name, {section: records}, len(records))

    def _is_left(self, shape: Shape, row: Row) -> bool:
        name = shape.table.name
        if name in _BESIDE:
            return row["key"] not in self._placed[name]
        return name != "claim" or not _is_within(row, "review_key")

    def _beside(self, section: str, key: str, used: Mapping[str, set[str]]) -> dict[str, Any]:
        """Return the reports and derivations that stand beside the record that uses them."""
        sections = {}
        for table in _BESIDE:
            shape = FILE[f"{table}s"]
            here = (section, key)
            left = used[table] - self._placed[table]
            wanted = {each for each in left if self._owners.get((table, each), here) == here}
            self._placed[table] |= wanted
            rows = _where(self._connection, shape.table, "key", sorted(wanted))
            read = _Nested(used={name: set() for name in _BESIDE})
            if rows:
                sections[f"{table}s"] = [self._record(shape, row, "", "", read) for row in rows]
        return sections

    @cached_property
    def _owners(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return the study or review in whose file a report stands: the first that it is about."""
        told, review = metadata.tables["study_report"], metadata.tables["review"]
        of_studies = select(told.c.report_key, told.c.study_key, told.c.role)
        of_reviews = select(review.c.report_key, review.c.key)
        owners: dict[tuple[str, str], tuple[str, str]] = {}
        studies = self._connection.execute(of_studies)
        for report, study, _ in sorted(studies, key=lambda row: (row[2] != "primary", row[1])):
            owners.setdefault(("report", report), ("study", study))
        for report, key in sorted(self._connection.execute(of_reviews), key=lambda row: row[1]):
            owners.setdefault(("report", report), ("review", key))
        return owners

    def _record(self, shape: Shape, row: Row, around: str, root: str, read: _Nested) -> Any:
        """Return a record as it is written: its columns, its passages, what is nested in it."""
        record = {
            name: _value(column, row[column.name], around, root)
            for name, column in shape.columns.items()
            if _is_given(column, row[column.name])
        }
        self._note_uses(shape, row, read)
        if shape.shorthand and set(record) == {shape.shorthand}:
            return record[shape.shorthand]
        if shape.sourced:
            record |= self._passages(shape, row, read)
        own = row.get("key", "")
        for name, child in shape.children.items():
            rows = read.rows.get(child.table.name, {}).get(own, [])
            if rows:
                record[name] = [self._record(child, each, own, root, read) for each in rows]
        return record

    def _note_uses(self, shape: Shape, row: Row, read: _Nested) -> None:
        for column in shape.columns.values():
            if target(column) in _BESIDE and row[column.name] is not None:
                read.used[target(column)].add(row[column.name])

    def _passages(self, shape: Shape, row: Row, read: _Nested) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if row["passage_key"] is not None:
            found["passage"] = self._passage(row["passage_key"], read)
        identity = "/".join(str(row[column.name]) for column in shape.table.primary_key)
        further = read.further.get((shape.table.name, identity), [])
        if further:
            found["further_passages"] = [self._further(shape, each, read) for each in further]
        return found

    def _further(self, shape: Shape, row: Row, read: _Nested) -> Flow:
        names = {column.name: name for name, column in shape.columns.items()}
        about = {} if row["field"] == "*" else {"field": names[row["field"]]}
        return Flow({**about, **self._passage(row["passage_key"], read)})

    def _passage(self, key: str, read: _Nested) -> Flow:
        row = read.passages[key]
        read.used["report"].add(row["report_key"])
        return Flow({name: row[column.name] for name, column in PASSAGE.items()})

    def _read(self, shape: Shape, rows: Sequence[Row]) -> _Nested:
        """Read all that is nested in some records, and the passages behind it."""
        read = _Nested()
        stated = {str(shape.table.name): list(rows)}
        self._read_nested(shape, _keys(rows), read, stated)
        for name, found in stated.items():
            table = metadata.tables[name]
            if "passage_key" in table.columns:
                identities = [
                    "/".join(str(row[c.name]) for c in table.primary_key) for row in found
                ]
                self._read_further(name, identities, read)
        keys = {row.get("passage_key") for found in stated.values() for row in found}
        keys |= {row["passage_key"] for found in read.further.values() for row in found}
        passages = _where(self._connection, metadata.tables["passage"], "key", keys - {None})
        read.passages = {row["key"]: row for row in passages}
        return read

    def _read_nested(
        self, shape: Shape, keys: list[str], read: _Nested, stated: dict[str, list[Row]]
    ) -> None:
        for child in shape.children.values():
            name = child.table.name
            rows = _where(self._connection, child.table, child.parent, keys)
            if child.parent_table:
                rows = [row for row in rows if row[child.parent_table] == shape.table.name]
            rows = [row for row in rows if _is_within(row, child.parent)]
            for row in sorted(rows, key=lambda row: _place(child, row)):
                read.rows.setdefault(name, {}).setdefault(row[child.parent], []).append(row)
            stated.setdefault(name, []).extend(rows)
            self._read_nested(child, _keys(rows), read, stated)

    def _read_further(self, name: str, identities: list[str], read: _Nested) -> None:
        table = metadata.tables["further_passage"]
        rows = _where(self._connection, table, "record_key", identities)
        for row in sorted(rows, key=lambda row: (row["field"], by_key(row["passage_key"]))):
            if row["record_table"] == name:
                read.further.setdefault((name, row["record_key"]), []).append(row)

    def _put(self, name: str, sections: Mapping[str, Any], records: int) -> None:
        text = as_yaml(sections).encode()
        if len(text) > SIZE_LIMIT:
            raise KbError(
                f"The seed file {name} would have {len(text):,} bytes, and at most {SIZE_LIMIT:,} "
                "are read.",
                "Write a data-package or a datasette copy, which have no such limit.",
            )
        path = self._folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
        self._written[path.relative_to(self._folder).as_posix()] = records


def _check(connection: Connection, folder: Path) -> None:
    """Raise `KbError` where the files written do not say all that the store holds."""
    gathered = gather(folder)
    lost = [str(problem) for problem in gathered.problems]
    for table in evidence_tables():
        stated = gathered.of(table.name)
        stored = 0
        for row in rows_of(connection, table):
            stored += 1
            identity = tuple(row[column.name] for column in table.primary_key)
            if identity not in stated or stated[identity].values != row:
                lost.append(f"{table.name} {'/'.join(map(str, identity))}")
        if stored != len(stated):
            lost.append(f"{len(stated):,} rows for the {stored:,} of {table.name}")
    if lost:
        raise KbError(
            f"Seed files cannot hold all of this evidence, first of all: {lost[0]}.",
            "Write a data-package or a datasette copy in their place.",
        )


def _where(connection: Connection, table: Table, column: str, values: Iterable[Any]) -> list[Row]:
    wanted = list(values)
    if not wanted:
        return []
    query = select(table).where(among(table.c[column], wanted))
    rows = connection.execute(query).mappings()
    plain = [{n: str(v) if isinstance(v, str) else v for n, v in row.items()} for row in rows]
    return sorted(plain, key=lambda row: [by_key(str(row[c.name])) for c in table.primary_key])


def _place(shape: Shape, row: Row) -> Any:
    """Return what to sort nested records by: their number, or their key."""
    if shape.numbered:
        return row[shape.numbered]
    return [by_key(str(row[column.name])) for column in shape.table.primary_key]


def _is_within(row: Row, parent: str) -> bool:
    """Return whether a row is nested in the record that it names, and does not only refer to it."""
    if "key" not in row:
        return True
    return row[parent] is not None and str(row["key"]).startswith(f"{row[parent]}/")


def _is_given(column: Column[Any], value: Any) -> bool:
    default = column.default
    if default is not None and default.is_scalar:
        return bool(value != default.arg)  # type: ignore[attr-defined]
    return value is not None


def _value(column: Column[Any], value: Any, around: str, root: str) -> Any:
    """Return a value as it is written: a key without that of the record around it."""
    if column.name == "key" and around:
        return value.removeprefix(f"{around}/")
    if target(column) in SCOPED:
        return value.removeprefix(f"{root}/")
    return value


def _keys(rows: Iterable[Row]) -> list[str]:
    return [row["key"] for row in rows if "key" in row]


def _slug(key: str) -> str:
    if not re.fullmatch(SLUG.pattern, key):
        raise KbError(f"The key '{key}' cannot name a file.", f"Keys are {SLUG.words}.")
    return key


def _batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
