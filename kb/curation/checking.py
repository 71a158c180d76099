"""Everything that is wrong with a set of seed files, at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import CheckConstraint, Connection, create_engine
from sqlalchemy.exc import IntegrityError

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.gathering import Gathered, SeedRow, gather, nearest
from kb.curation.reading import Problem
from kb_schema.tables import metadata

KnownKeys = Mapping[str, set[str]]
"""Keys that exist outside the files that are checked, by table."""


def check_files(path: Path, known: KnownKeys | None = None) -> Gathered:
    """Read the seed files at `path` and note every problem in them.

    `known` holds the keys that references may point at besides those in the files.
    """
    gathered = gather(path)
    gathered.problems += _dangling(gathered, known or {})
    gathered.problems += _unreported(gathered)
    gathered.problems += _broken_rules(gathered)
    gathered.problems.sort(key=lambda problem: (problem.file, problem.line, problem.field))
    return gathered


def shipped_keys() -> KnownKeys:
    """Return the keys of the evidence that comes with the program, by table."""
    shipped = gather(shipped_seeds())
    return {table: shipped.keys(table) for table in shipped.rows}


def _dangling(gathered: Gathered, known: KnownKeys) -> Iterable[Problem]:
    for reference in gathered.references:
        allowed = gathered.keys(reference.table) | known.get(reference.table, set())
        if reference.key not in allowed:
            yield Problem(
                reference.file,
                reference.line,
                reference.field,
                f"'{reference.key}' is not a known {reference.table.replace('_', ' ')}.",
                ", ".join(nearest(reference.key, allowed, 3)),
            )


def _unreported(gathered: Gathered) -> Iterable[Problem]:
    """A measurement must be told of by a report of its study."""
    reports = gathered.rows.get("study_report", {})
    for row in gathered.rows.get("measurement", {}).values():
        pair = (row.values["study_key"], row.values["report_key"])
        if row.values["report_key"] and pair not in reports:
            yield Problem(
                row.file,
                row.line,
                "measurements.report",
                f"'{pair[1]}' is not among the reports of study '{pair[0]}'.",
                ", ".join(
                    nearest(pair[1], (report for study, report in reports if study == pair[0]))
                ),
            )


def _broken_rules(gathered: Gathered) -> Iterable[Problem]:
    """Try the rows in an empty database, so that its own constraints are the rules."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        for table in metadata.tables:
            for row in gathered.rows.get(table, {}).values():
                problem = _try_row(connection, row)
                if problem is not None:
                    yield problem


def _try_row(connection: Connection, row: SeedRow) -> Problem | None:
    table = metadata.tables[row.table]
    try:
        connection.execute(table.insert(), row.values)
    except IntegrityError as error:
        message = str(error.orig)
        if message.startswith("NOT NULL"):
            return None
        return Problem(row.file, row.line, row.table, _rule(table, message, row.values))
    return None


def _rule(table: Any, message: str, values: Mapping[str, Any]) -> str:
    kind, _, name = message.partition(": ")
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint) and constraint.name == name:
            condition = str(constraint.sqltext)
            held = {column: value for column, value in values.items() if column in condition}
            return f"breaks the rule '{condition}' with {held}."
    if kind.startswith("UNIQUE"):
        column = name.rpartition(".")[2]
        return f"{column} '{values.get(column)}' is already used by another record."
    return f"is refused by the database: {message}."
