"""The rows that seed files state, and what is wrong with them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any, NamedTuple

from kb.curation.reading import Problem

Identity = tuple[Any, ...]
"""The values of a primary key."""


class SeedRow(NamedTuple):
    """A row as a seed file states it, and where it stands.

    `label` is the section that it stands in, and `lines` holds the lines of its columns.
    """

    table: str
    values: dict[str, Any]
    file: str
    line: int
    label: str = ""
    lines: Mapping[str, int] = {}

    def line_of(self, column: str) -> int:
        """Return the line of a column, or of the record where the column is not written."""
        return self.lines.get(column, self.line)


class Reference(NamedTuple):
    """A field that names another record: `written` as it stands, `key` in full."""

    table: str
    key: str
    written: str
    file: str
    line: int
    field: str


@dataclass
class Gathered:
    """The rows of a set of seed files, by table and primary key, and the problems met."""

    rows: dict[str, dict[Identity, SeedRow]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    files: int = 0

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy is made of elsewhere: plain tuples, which are sent fastest."""
        rows = {
            table: {identity: tuple(row) for identity, row in of_table.items()}
            for table, of_table in self.rows.items()
        }
        references = list(map(tuple, self.references))
        return _unpacked, (rows, self.problems, references, self.files)

    def of(self, table: str) -> dict[Identity, SeedRow]:
        """Return the rows of a table."""
        return self.rows.get(table, {})

    def count(self) -> int:
        """Return how many rows there are."""
        return sum(len(rows) for rows in self.rows.values())


def _unpacked(
    rows: dict[str, dict[Identity, tuple[Any, ...]]],
    problems: list[Problem],
    references: list[tuple[Any, ...]],
    files: int,
) -> Gathered:
    """Return what was sent as plain tuples as it was."""
    made = {
        table: {identity: SeedRow(*row) for identity, row in of_table.items()}
        for table, of_table in rows.items()
    }
    return Gathered(made, problems, list(starmap(Reference, references)), files)


def passage_key(report: str, locator: str, quote: str) -> str:
    """Return the key of a passage: report, locator, and a digest of the quote."""
    digest = hashlib.sha256(quote.encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", locator.lower()).strip("-")
    return f"{report}/{slug}-{digest}"
