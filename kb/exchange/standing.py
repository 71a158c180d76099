"""Records of the store as a seed file would write them, so that a file can add to what stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from kb.curation.shape import FILE, PASSAGE
from kb.store.relations import (
    arm,
    intervention_approach,
    participants,
    passage,
    study_cancer,
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
    `counts` holds numbers of patients by where in the flow they were counted, and in which arm.
    """

    record: Record
    reports: dict[str, str]
    arms: tuple[StandingArm, ...]
    countries: frozenset[str]
    has_cancers: bool
    counts: Mapping[tuple[str, str | None], frozenset[int]]

    @property
    def named(self) -> set[str]:
        """The reports that must be known where the study is stated."""
        return {*self.reports, self.record["passage"]["report"]}


def standing_study(connection: Connection, key: str, own: str) -> StandingStudy:
    """Return a study of the store without the counts whose keys begin with `own`."""
    told = select(study_report.report_key, study_report.role).where(study_report.study_key == key)
    places = select(study_country.country_key).where(study_country.study_key == key)
    cancers = select(study_cancer.cancer_key).where(study_cancer.study_key == key).limit(1)
    return StandingStudy(
        standing(connection, "study", key),
        {row.report_key: row.role for row in connection.execute(told)},
        tuple(_arms(connection, key)),
        frozenset(connection.scalars(places)),
        connection.scalar(cancers) is not None,
        _counts(connection, key, own),
    )


def standing(connection: Connection, section: str, key: str) -> Record:
    """Return a record of the store as this section of a seed file would write it.

    What it holds is left out.
    """
    shape = FILE[section]
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


def _counts(
    connection: Connection, study: str, own: str
) -> dict[tuple[str, str | None], frozenset[int]]:
    columns = (participants.flow, participants.arm_key, participants.number)
    query = select(*columns).where(
        participants.study_key == study,
        participants.kind == "patients",
        ~participants.key.startswith(f"{study}/{own}", autoescape=True),
    )
    found: dict[tuple[str, str | None], frozenset[int]] = {}
    for flow, arm_key, number in connection.execute(query):
        place = flow, arm_key and arm_key.removeprefix(f"{study}/")
        found[place] = found.get(place, frozenset()) | {number}
    return found


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
