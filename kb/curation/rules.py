"""The rules that the database holds every row to, asked of rows before they reach it.

The conditions are the CHECK constraints of the tables. They are asked of all rows of a table at
once in a database in memory, so that each broken one is told, not only the first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Enum,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql.elements import TextClause

from kb.curation.reading import Problem
from kb.curation.rows import Gathered, SeedRow
from kb.curation.shape import written_name
from kb.curation.wording import shown
from kb.store.inserting import insert_into_sqlite
from kb_schema.tables import metadata

_ORDER = "must not be below {0}"
_COUNT = "must not be negative"
_YEAR = "must be a year from 1900 to 2100"
_PERCENT = "must be a percentage from 0 to 100"
_RATIO = "must be above 0 for HR, OR and RR"
_RANGE = "must be above 0, and the high value not below the low one"
_ORIGIN = "must be of a study or of a review, not of both; leave this field out"
_SHARE = "must be above 0 and not above of_studies"

SENTENCES: dict[str, tuple[str, str]] = {
    "ck_arm_comparator_of_control": ("comparator", "is for an arm with the role control"),
    "ck_arm_control_has_comparator": ("comparator", "is missing; a control arm needs one"),
    "ck_arm_result_events": ("events", "must not be negative, nor above n"),
    "ck_arm_result_interval": ("ci_high", _ORDER.format("ci_low")),
    "ck_arm_result_n": ("n", _COUNT),
    "ck_arm_result_percent": ("percent", _PERCENT),
    "ck_arm_result_sd": ("sd", _COUNT),
    "ck_arm_result_se": ("se", _COUNT),
    "ck_arm_result_some_value": ("events", "is missing; give events, mean, median or percent"),
    "ck_certainty_of_one_thing": ("outcome", "must be given, or theme, and not both"),
    "ck_certainty_reason_steps": ("steps", "must be a whole number from -3 to 2"),
    "ck_certainty_reason_steps_or_concern": (
        "steps",
        "must be given for GRADE, or concern for CERQual, and not both",
    ),
    "ck_cfir_eric_match_percent": ("endorsement_percent", _PERCENT),
    "ck_contrast_interval": ("ci_high", _ORDER.format("ci_low")),
    "ck_contrast_n": ("n", _COUNT),
    "ck_contrast_p": ("p", "must be from 0 to 1"),
    "ck_contrast_p_relation": ("p", "needs p_relation beside it, and p_relation needs p"),
    "ck_contrast_ratio_positive": ("estimate", _RATIO),
    "ck_contrast_se": ("se", _COUNT),
    "ck_contrast_some_value": ("estimate", "is missing; give an estimate or p"),
    "ck_disagreement_of_something": ("review", "is missing; give a review or a study"),
    "ck_factor_count": ("studies", _SHARE),
    "ck_factor_one_origin": ("review", _ORIGIN),
    "ck_implementation_finding_count": ("studies", _SHARE),
    "ck_implementation_finding_one_origin": ("review", _ORIGIN),
    "ck_intervention_group_size": ("group_size_low", _RANGE),
    "ck_intervention_minutes": ("session_minutes_low", _RANGE),
    "ck_intervention_sessions": ("sessions_low", _RANGE),
    "ck_intervention_weeks": ("weeks", "must be above 0"),
    "ck_measurement_months": ("months", _COUNT),
    "ck_minimal_important_difference_low_high": ("value_high", _ORDER.format("value_low")),
    "ck_participants_number": ("number", _COUNT),
    "ck_passage_locator_given": ("locator", "must not be empty"),
    "ck_passage_quote_at_most_25_words": ("quote", "must have at most 25 words"),
    "ck_passage_quote_given": ("quote", "must not be empty"),
    "ck_published_pool_i2": ("i2", _PERCENT),
    "ck_published_pool_interval": ("ci_high", _ORDER.format("ci_low")),
    "ck_published_pool_ratio_positive": ("estimate", _RATIO),
    "ck_published_pool_studies": ("studies", "must be above 0"),
    "ck_reference_deviation_positive": ("sd", "must be above 0"),
    "ck_report_year": ("year", _YEAR),
    "ck_review_participants": ("participants", _COUNT),
    "ck_review_studies": ("studies", _COUNT),
    "ck_review_year": ("year", _YEAR),
    "ck_strategy_one_origin": ("review", _ORIGIN),
    "ck_study_recruitment": ("recruitment_end", _ORDER.format("recruitment_start")),
    "ck_study_year": ("year", _YEAR),
    "ck_survival_time_months": ("months", _COUNT),
    "ck_theme_finding_count": ("studies", _SHARE),
    "ck_theme_finding_one_origin": ("review", _ORIGIN),
}
"""Each rule in words: the field that it is told of, and what must hold."""


def rules_of(table: Table) -> list[CheckConstraint]:
    """Return the rules of a table; that a code is of its closed set is not counted among them."""
    return [
        constraint
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) and isinstance(constraint.sqltext, TextClause)
    ]


def broken_rules(gathered: Gathered) -> Iterator[Problem]:
    """Yield a problem for every row that breaks a rule of its table."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                rows = list(gathered.of(table.name).values())
                if rows and rules_of(table):
                    yield from _broken(connection, table, rows)
    finally:
        engine.dispose()


def _broken(connection: Connection, table: Table, rows: list[SeedRow]) -> Iterator[Problem]:
    bare, rules = _bare(table), rules_of(table)
    bare.create(connection)
    columns = tuple(bare.columns.keys())
    insert_into_sqlite(connection, bare, [row.values for row in rows], columns)
    if not _numbers(connection, bare, rules):
        return
    for rule in rules:
        about = _columns(table, rule)
        for number in _numbers(connection, bare, [rule]):
            if not _unfit(rows[number - 1], about):
                yield _told(rule, rows[number - 1], about)


@cache
def _bare(table: Table) -> Table:
    """Return a table of the columns that rules are about, without the rules."""
    ruled = {name for rule in rules_of(table) for name in _columns(table, rule).values()}
    return Table(
        table.name,
        MetaData(),
        *(
            Column(name, String() if isinstance(table.c[name].type, Enum) else table.c[name].type)
            for name in sorted(ruled)
        ),
    )


def _numbers(
    connection: Connection, bare: Table, rules: Iterable[CheckConstraint]
) -> Sequence[int]:
    """Return the numbers, from 1, of the rows that break any of the rules."""
    broken = or_(*(text(f"NOT ({rule.sqltext})") for rule in rules))
    query = select(literal_column("rowid", Integer)).select_from(bare).where(broken)
    return connection.scalars(query).all()


def _columns(table: Table, rule: CheckConstraint) -> dict[str, str]:
    """Return the columns that a rule is about, by the name that is used in seed files."""
    return {
        written_name(column): column.name
        for column in table.columns
        if re.search(rf"\b{column.name}\b", str(rule.sqltext))
    }


def _unfit(row: SeedRow, columns: Mapping[str, str]) -> bool:
    """Return whether a value was refused before, so that the rule has nothing to go by."""
    return any(row.values[column] is None and column in row.lines for column in columns.values())


def _told(rule: CheckConstraint, row: SeedRow, columns: Mapping[str, str]) -> Problem:
    name, sentence = SENTENCES[str(rule.name)]
    found = ", ".join(_found(written, row.values[column]) for written, column in columns.items())
    if row.values[columns[name]] is not None and columns[name] not in row.lines:
        # it follows from where the record stands, so it is not what must be mended
        name = next(other for other in columns if columns[other] in row.lines)
    line = row.line_of(columns[name])
    return Problem(row.file, line, f"{row.label}.{name}", f"{sentence}; found {found}.")


def _found(name: str, value: Any) -> str:
    return f"no {name}" if value is None else f"{name} {shown(value)}"
