"""Everything that is wrong with a set of seed files, at once."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table, UniqueConstraint

from kb.curation import claim_checks
from kb.curation.bookkeeping import is_shipped, shipped_seeds
from kb.curation.gathering import gather
from kb.curation.reading import Problem
from kb.curation.rows import Gathered, Identity, Reference, SeedRow
from kb.curation.rules import broken_rules
from kb.curation.shape import SCOPED, TOP_LEVEL, written_name
from kb.curation.wording import listed, nearest, shown
from kb_schema.tables import metadata

Known = Mapping[str, Mapping[Identity, Mapping[str, Any]]]
"""Records outside the files that are checked, by table and primary key.

Only the tables of `NAMED_ELSEWHERE` are asked for: nothing else is named in another file.
"""

NAMED_ELSEWHERE = (*TOP_LEVEL, "synonym", *claim_checks.NAMED)
"""The tables whose records other files may name."""

_TOLD_IN_FULL = 15
"""The most keys that a message lists rather than counts."""


def check_files(path: Path | None = None) -> Gathered:
    """Read the seed files at `path`, or those shipped, and note every problem in them.

    References of a person's own files may point at the evidence shipped.
    """
    place = path or shipped_seeds()
    gathered = gather(place, shown_as=path or Path())
    note_problems(gathered, {} if is_shipped(place) else shipped_records())
    return gathered


def note_problems(gathered: Gathered, known: Known) -> None:
    """Add to the problems met in reading those of the rows among each other."""
    dangling = list(_dangling(gathered, known))
    places = {(problem.file, problem.line, problem.field) for problem in dangling}
    gathered.problems += dangling
    gathered.problems += (
        problem
        for problem in _unreported(gathered)
        if (problem.file, problem.line, problem.field) not in places
    )
    gathered.problems += _compared_with_itself(gathered)
    gathered.problems += broken_rules(gathered)
    gathered.problems += _broken_checks(gathered, known)
    for name in filter(gathered.of, TOP_LEVEL):
        table = metadata.tables[name]
        gathered.problems += _taken(gathered, known, table)
        gathered.problems += _circles(gathered, known, table)
    gathered.problems = sorted(dict.fromkeys(gathered.problems))


def shipped_records() -> Known:
    """Return the records of the evidence that comes with the program."""
    shipped = gather(shipped_seeds())
    return {
        table: {identity: row.values for identity, row in shipped.of(table).items()}
        for table in NAMED_ELSEWHERE
    }


def shipped_keys() -> dict[str, list[str]]:
    """Return the keys that the evidence which comes with the program holds, by table."""
    known = shipped_records()
    return {table: [key for (key,) in known[table]] for table in TOP_LEVEL}


def _values(gathered: Gathered, known: Known, table: str) -> dict[Identity, Mapping[str, Any]]:
    """Return what is known of a table's records; the files have the last word."""
    own = {identity: row.values for identity, row in gathered.of(table).items()}
    return {**known.get(table, {}), **own}


def _dangling(gathered: Gathered, known: Known) -> Iterator[Problem]:
    for reference in gathered.references:
        table, identity = reference.table, (reference.key,)
        if identity in gathered.of(table) or identity in known.get(table, {}):
            continue
        records = _values(gathered, known, table)
        message, allowed = _unknown(reference, records, _synonyms(gathered, known, table))
        like = ", ".join(nearest(reference.written, allowed, 3))
        yield Problem(reference.file, reference.line, reference.field, message, like)


def _unknown(
    reference: Reference, records: Mapping[Identity, Mapping[str, Any]], synonyms: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Say what a reference fails to name; return it with the words that would name something."""
    what = reference.table.replace("_", " ")
    found = shown(reference.written)
    if reference.table in SCOPED:
        scope = reference.key.removesuffix(reference.written)
        own = [key[0].removeprefix(scope) for key in records if key[0].startswith(scope)]
        message = f"{found} is not a known {what} of '{scope[:-1]}'; known: {listed(own)}."
        return message, {key: key for key in own}
    keys = [key[0] for key in records]
    words = {str(values.get("name") or key[0]): key[0] for key, values in records.items()}
    known = f"known: {listed(keys)}" if len(keys) <= _TOLD_IN_FULL else f"{len(keys)} are known"
    message = (
        f"{found} is not a known {what}; {known}. "
        f"Use one of them or add it under '{TOP_LEVEL[reference.table]}'."
    )
    return message, {**synonyms, **words, **{key: key for key in keys}}


def _synonyms(gathered: Gathered, known: Known, table: str) -> dict[str, str]:
    rows = _values(gathered, known, "synonym").values()
    return {row["text"]: row["term_key"] for row in rows if row["vocabulary"] == table}


def _unreported(gathered: Gathered) -> Iterator[Problem]:
    """Find reports that are given for a study and are not among its reports."""
    reports: dict[str, list[str]] = {}
    for study, report in gathered.of("study_report"):
        reports.setdefault(study, []).append(report)
    for table in ("measurement", "participants", "inclusion"):
        for row in gathered.of(table).values():
            study, report = row.values["study_key"], row.values["report_key"]
            own = reports.get(study, [])
            if report and report not in own:
                message = f"{shown(report)} is not among the reports of this study: {listed(own)}."
                yield _problem(row, "report_key", message, nearest(report, own))


def _compared_with_itself(gathered: Gathered) -> Iterator[Problem]:
    for row in gathered.of("contrast").values():
        arm = row.values["arm_key"]
        if arm and arm == row.values["comparator_arm_key"]:
            own = shown(arm.rpartition("/")[2])
            yield _problem(row, "comparator_arm_key", f"must be another arm than {own}.")


def _broken_checks(gathered: Gathered, known: Known) -> Iterator[Problem]:
    rows = gathered.of("claim_check")
    if rows:
        tables = ("claim", "report", *claim_checks.NAMED)
        records = {table: _values(gathered, known, table) for table in tables}
        yield from claim_checks.broken_checks(rows, records)


def _taken(gathered: Gathered, known: Known, table: Table) -> Iterator[Problem]:
    """Find values that no two records may share, such as a DOI, where they are repeated."""
    for column in unique_columns(table):
        owners: dict[str, Identity] = {}
        for identity, values in _values(gathered, known, table.name).items():
            value = values.get(column)
            if value is None:
                continue
            owner = owners.setdefault(str(value).casefold(), identity)
            row = gathered.of(table.name).get(identity)
            if owner != identity and row is not None:
                message = (
                    f"{shown(value)} is the {column} of the {table.name} {shown(owner[0])} already."
                )
                yield _problem(row, column, message)


def _circles(gathered: Gathered, known: Known, table: Table) -> Iterator[Problem]:
    """Find terms that are above themselves in their tree."""
    for column in own_references(table):
        above = {
            identity[0]: values.get(column)
            for identity, values in _values(gathered, known, table.name).items()
        }
        for key in _in_circles(above):
            row = gathered.of(table.name).get((key,))
            if row is not None:
                message = f"leads from {shown(key)} back to it: {_path(key, above)}."
                yield _problem(row, column, message)


def _in_circles(above: Mapping[str, str | None]) -> Iterator[str]:
    done: set[str] = set()
    for start in above:
        path: dict[str, None] = {}
        key: str | None = start
        while key is not None and key in above and key not in done and key not in path:
            path[key] = None
            key = above[key]
        if key in path:
            steps = list(path)
            yield from steps[steps.index(str(key)) :]
        done |= path.keys()


def _path(key: str, above: Mapping[str, str | None]) -> str:
    steps = [key]
    while len(steps) == 1 or steps[-1] != key:
        steps.append(str(above[steps[-1]]))
    return " → ".join(steps)


def unique_columns(table: Table) -> list[str]:
    """Return the columns of a table, beside its key, whose values no two rows may share."""
    return sorted(
        constraint.columns[0].name
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    )


def own_references(table: Table) -> list[str]:
    """Return the columns of a table that refer to the table itself."""
    return [c.name for c in table.columns if any(k.column.table is table for k in c.foreign_keys)]


def _problem(row: SeedRow, column: str, message: str, near: Iterable[str] = ()) -> Problem:
    name = written_name(metadata.tables[row.table].columns[column])
    return Problem(row.file, row.line_of(column), f"{row.label}.{name}", message, ", ".join(near))
