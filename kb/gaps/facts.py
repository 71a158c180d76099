"""The records that place studies on a map, each with its passage."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from kb.answers.shared import grouped
from kb.base import Base, Record
from kb.facets import ABOUT_FACTORS, ABOUT_INTERVENTIONS, ABOUT_MEASUREMENTS
from kb.order import by_key
from kb.question import Question
from kb.selection import (
    experimental,
    factor_conditions,
    intervention_conditions,
    measurement_conditions,
)
from kb.store.lists import among
from kb.store.relations import (
    Relation,
    arm,
    factor,
    intervention,
    intervention_approach,
    measurement,
    study,
    study_cancer,
    study_country,
)

Asked = tuple[Relation, Select[Any]]
"""A table with what is asked of it."""


def facts(base: Base, question: Question, group: str, keys: Sequence[str]) -> list[Record]:
    """Return the records of a group that meet the question, of the studies with these keys.

    Each has `group`, `key`, `study`, `passage_key` and a field for each facet of its group, which
    is None where it is not known.
    """
    relation, query = _QUERIES[group](base, question)
    rows = base.all(query.where(among(_study_of(relation), keys)))
    if group == "intervention":
        rows = _by_approach(base, rows)
    return sorted(({"group": group, **row} for row in rows), key=_in_order)


def _study_of(relation: Relation) -> ColumnElement[Any]:
    return relation.key if relation is study else relation.study_key


def _by_approach(base: Base, interventions: Sequence[Record]) -> list[Record]:
    """Return interventions once for each approach that they follow."""
    query = select(
        intervention_approach.intervention_key, intervention_approach.approach_key
    ).where(among(intervention_approach.intervention_key, [row["key"] for row in interventions]))
    approaches = grouped(base.all(query), "intervention_key")
    none: list[Record] = [{"approach_key": None}]
    return [
        {**row, "approach": followed["approach_key"]}
        for row in interventions
        for followed in approaches.get(row["key"], none)
    ]


def _in_order(row: Record) -> list[list[str | int]]:
    return [by_key(str(row[name])) for name in sorted(row) if name != "passage_key"]


def _measurements(base: Base, question: Question) -> Asked:
    query = select(
        measurement.key,
        measurement.study_key.label("study"),
        measurement.passage_key,
        measurement.outcome_key.label("outcome"),
        measurement.instrument_key.label("instrument"),
        measurement.instrument_detail,
        measurement.time,
    )
    conditions = measurement_conditions(base, question.about(ABOUT_MEASUREMENTS))
    return measurement, query.where(*conditions)


def _interventions(base: Base, question: Question) -> Asked:
    """Return what experimental arms received."""
    query = select(
        intervention.key,
        intervention.study_key.label("study"),
        intervention.passage_key,
        intervention.name,
        intervention.delivery,
    )
    conditions = intervention_conditions(base, question.about(ABOUT_INTERVENTIONS))
    return intervention, query.where(experimental(), *conditions)


def _factors(base: Base, question: Question) -> Asked:
    query = select(
        factor.key,
        factor.study_key.label("study"),
        factor.passage_key,
        factor.construct_key.label("construct"),
        factor.valence,
        factor.statement,
        factor.coded_by,
        factor.status,
    )
    return factor, query.where(*factor_conditions(base, question.about(ABOUT_FACTORS)))


def _comparators(_: Base, __: Question) -> Asked:
    query = select(
        arm.key,
        arm.study_key.label("study"),
        arm.passage_key,
        arm.comparator_key.label("comparator"),
    )
    return arm, query.where(arm.comparator_key.is_not(None))


def _designs(_: Base, __: Question) -> Asked:
    return study, select(
        study.key, study.key.label("study"), study.passage_key, study.design_key.label("design")
    )


def _listed(relation: Relation, facet: str) -> Callable[[Base, Question], Asked]:
    def query(_: Base, __: Question) -> Asked:
        return relation, select(
            relation.study_key.label("key"),
            relation.study_key.label("study"),
            relation.passage_key,
            relation.named(f"{facet}_key").label(facet),
        )

    return query


_QUERIES: Mapping[str, Callable[[Base, Question], Asked]] = {
    "measurement": _measurements,
    "intervention": _interventions,
    "factor": _factors,
    "comparator": _comparators,
    "design": _designs,
    "cancer": _listed(study_cancer, "cancer"),
    "country": _listed(study_country, "country"),
}
