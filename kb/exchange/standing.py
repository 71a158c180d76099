"""Records of the store as a seed file would write them, so that a file can add to what stands."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from kb.curation.shape import FILE, PASSAGE, Shape
from kb.store.relations import (
    arm,
    intervention_approach,
    participants,
    passage,
    study_country,
    study_report,
)

Record = dict[str, Any]


@dataclass(frozen=True)
class StandingArm:
    """An arm of the store, by its key within the study and by what it was offered."""

    key: str
    label: str
    role: str
    comparator: str | None
    approaches: frozenset[str]


@dataclass(frozen=True)
class StandingStudy:
    """A study of the store: its own record as written, and what a file may add to or differ from.

    `reports` holds the roles of its reports; `named` the keys of the reports that it needs.
    """

    record: Record
    reports: dict[str, str]
    arms: tuple[StandingArm, ...]
    countries: frozenset[str]
    randomised: frozenset[int]

    @property
    def named(self) -> set[str]:
        """The reports that must be known where the study is stated."""
        return {*self.reports, self.record["passage"]["report"]}


def standing_study(connection: Connection, key: str) -> StandingStudy:
    """Return a study of the store."""
    told = select(study_report.report_key, study_report.role).where(study_report.study_key == key)
    places = select(study_country.country_key).where(study_country.study_key == key)
    counts = select(participants.number).where(
        participants.study_key == key,
        participants.flow == "randomised",
        participants.arm_key.is_(None),
    )
    return StandingStudy(
        standing(connection, FILE["study"], key),
        {row.report_key: row.role for row in connection.execute(told)},
        tuple(_arms(connection, key)),
        frozenset(connection.scalars(places)),
        frozenset(connection.scalars(counts)),
    )


def standing(connection: Connection, shape: Shape, key: str) -> Record:
    """Return a record of the store as its seed file would write it, without what it holds."""
    query = select(shape.table).where(shape.table.c["key"] == key)
    row = connection.execute(query).mappings().one()
    values = {name: row[column.name] for name, column in shape.columns.items()}
    record = {name: value for name, value in values.items() if value is not None}
    if shape.sourced and row["passage_key"] is not None:
        record["passage"] = _passage(connection, row["passage_key"])
    return record


def _passage(connection: Connection, key: str) -> Record:
    columns = [passage.named(column.name).label(name) for name, column in PASSAGE.items()]
    row = connection.execute(select(*columns).where(passage.key == key)).mappings().one()
    return dict(row)


def _arms(connection: Connection, study: str) -> list[StandingArm]:
    followed: dict[str, set[str]] = {}
    approaches = select(
        intervention_approach.intervention_key, intervention_approach.approach_key
    ).where(intervention_approach.intervention_key.startswith(f"{study}/", autoescape=True))
    for intervention, approach in connection.execute(approaches):
        followed.setdefault(intervention, set()).add(approach)
    columns = (arm.key, arm.label, arm.role, arm.comparator_key, arm.intervention_key)
    query = select(*columns).where(arm.study_key == study).order_by(arm.key)
    return [
        StandingArm(
            key.removeprefix(f"{study}/"),
            label,
            role,
            comparator,
            frozenset(followed.get(intervention or "", ())),
        )
        for key, label, role, comparator, intervention in connection.execute(query)
    ]
