"""The checks of claims: that each can be read, and that what it names is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from kb.audit.expressions import (
    POOLED_FIELDS,
    REFERENCES,
    BadExpression,
    Call,
    calls,
    question_in,
    read,
)
from kb.audit.figures import figure
from kb.curation.reading import Problem
from kb.curation.rows import Identity, SeedRow
from kb.curation.wording import nearest, shown

NAMED = ("claim_value", "published_pool")
"""Tables, besides those of top-level records, whose rows checks name."""

Records = Mapping[str, Mapping[Identity, Mapping[str, Any]]]
"""Records by table and primary key."""


def broken_checks(rows: Mapping[Identity, SeedRow], records: Records) -> Iterator[Problem]:
    """Yield a problem for every check that cannot be read, or names what is not there."""
    for row in rows.values():
        expression = row.values["expression"]
        if expression is None:
            continue
        try:
            found = list(calls(read(expression)))
        except BadExpression as error:
            yield _problem(row, f"cannot be read: {shown(expression)}. {error}")
            continue
        for call in found:
            yield from _broken(row, call, records)


def _broken(row: SeedRow, call: Call, records: Records) -> Iterator[Problem]:
    if call.function == "count":
        try:
            question_in(call.words[0])
        except BadExpression as error:
            yield _unfollowed(row, call, str(error).removesuffix("."))
    table = REFERENCES.get(call.function)
    if table is None:
        return
    keys = call.words[:1] if call.function == "pooled" else call.words
    unknown = [key for key in keys if (key,) not in records[table]]
    for key in unknown:
        what = f"{shown(key)} is not a known {table.replace('_', ' ')}"
        known = [str(identity[0]) for identity in records[table]]
        yield _unfollowed(row, call, what, nearest(key, known, 3))
    if not unknown and (lacking := _lacking(call, records)):
        yield _unfollowed(row, call, lacking)


def _lacking(call: Call, records: Records) -> str:
    """Return which number a call asks for in vain."""
    key = call.words[0]
    if call.function == "value":
        value = records["claim_value"].get((key, call.number - 1))
        if value is None:
            return f"{shown(key)} has no value {call.number}"
        if value["value"] is not None and figure(value["value"]) is None:
            return f"value {call.number} of {shown(key)} is {shown(value['value'])}, not a number"
    if call.function in {"studies", "of"}:
        column = "studies" if call.function == "studies" else "of_studies"
        if records["claim"][(key,)][column] is None:
            return f"{shown(key)} has no {column}"
    if call.function == "published" and records["report"][(key,)]["year"] is None:
        return f"{shown(key)} has no year"
    if call.function == "pooled":
        pool, field = records["published_pool"][(key,)], call.words[1]
        if field not in POOLED_FIELDS or pool[field] is None:
            return f"{shown(key)} has no number {shown(field)}"
    return ""


def _unfollowed(row: SeedRow, call: Call, why: str, near: tuple[str, ...] = ()) -> Problem:
    return _problem(row, f"cannot be followed at place {call.place}: {why}.", near)


def _problem(row: SeedRow, message: str, near: tuple[str, ...] = ()) -> Problem:
    line = row.line_of("expression")
    return Problem(row.file, line, f"{row.label}.expression", message, ", ".join(near))
