"""What the answers on different subjects have in common."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from kb.answer import LeftOut
from kb.base import Base, Record
from kb.order import by_key, oldest_first
from kb.question import Question
from kb.selection import FLOWS, KINDS, experimental, study_conditions, unknown_condition
from kb.store.lists import among
from kb.store.relations import (
    arm,
    finding,
    intervention,
    intervention_approach,
    measurement,
    participants,
    study,
)

_UNKNOWN = {
    "year": "its year is not known",
    "n": "its number of participants is not known",
    "country": "its country is not known",
    "cancer": "the cancer of its participants is not known",
    "instrument": "it names no instrument for what it measured",
    "delivery": "whether it was a group or individual is not known",
    "mode": "how it was delivered is not known",
    "facilitator": "who led it is not known",
}


def grouped(rows: Iterable[Record], by: str) -> Mapping[str, list[Record]]:
    """Return rows by the value of one field."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row[by]].append(row)
    return groups


def studies_left_out(base: Base, question: Question) -> list[LeftOut]:
    """Return the studies that a facet excludes only because its value is not known for them."""
    left_out = []
    for criterion in question.criteria:
        condition = unknown_condition(base, question, criterion.facet)
        if condition is None or not criterion.wanted:
            continue
        others = study_conditions(base, question.without([criterion.facet]))
        met = select(study.key).where(*study_conditions(base, question))
        query = select(study.key, study.year, study.label).where(
            condition, *others, study.key.not_in(met)
        )
        left_out += [
            LeftOut(row["label"], _UNKNOWN[criterion.facet])
            for row in sorted(base.all(query), key=oldest_first)
        ]
    return left_out


def _whole_trial_first(row: Record) -> tuple[Any, ...]:
    """Return what to sort findings by: those on all participants before those on a subset."""
    return row["population"] is not None, row["analysis"] is not None, by_key(row["key"])


def measured(
    base: Base, conditions: Sequence[ColumnElement[bool]], study_keys: Sequence[str]
) -> list[Record]:
    """Return measurements of the studies with their findings, report and passages."""
    columns = (
        "key",
        "study_key",
        "report_key",
        "outcome_key",
        "instrument_key",
        "instrument_detail",
        "time",
        "months",
        "primary_outcome",
        "passage_key",
    )
    query = select(*(measurement.named(name) for name in columns)).where(
        among(measurement.study_key, study_keys), *conditions
    )
    rows = sorted(base.all(query), key=lambda row: by_key(row["key"]))
    findings = grouped(
        base.records(finding, [row["key"] for row in rows], by="measurement_key"),
        "measurement_key",
    )
    passages = base.passages(
        [row["passage_key"] for row in rows]
        + [f["passage_key"] for found in findings.values() for f in found]
    )
    citations = base.citations(row["report_key"] for row in rows)
    return [
        {
            "key": row["key"],
            "study": row["study_key"],
            "outcome": row["outcome_key"],
            "outcome_name": base.vocabulary.label("outcome", row["outcome_key"]),
            "instrument": row["instrument_key"],
            "instrument_name": base.vocabulary.label("instrument", row["instrument_key"]) or None,
            "instrument_detail": row["instrument_detail"],
            "time": row["time"],
            "months": row["months"],
            "primary_outcome": None
            if row["primary_outcome"] is None
            else bool(row["primary_outcome"]),
            "report": row["report_key"],
            "citation": citations[row["report_key"]],
            "findings": [
                {
                    "key": f["key"],
                    "direction": f["direction"],
                    "basis": f["basis"],
                    "statement": f["statement"],
                    "analysis": f["analysis"],
                    "population": f["population"],
                    "passage": passages[f["passage_key"]],
                }
                for f in sorted(findings.get(row["key"], []), key=_whole_trial_first)
            ],
            "passage": passages[row["passage_key"]],
        }
        for row in rows
    ]


def sizes(base: Base, study_keys: Sequence[str]) -> dict[str, Record]:
    """Return the number of participants of studies, with the point at which they were counted."""
    query = select(
        participants.study_key,
        participants.arm_key,
        participants.number,
        participants.kind,
        participants.flow,
    ).where(among(participants.study_key, study_keys), participants.flow.in_(FLOWS))

    def rank(row: Record) -> tuple[int, int, int]:
        return KINDS.index(row["kind"]), FLOWS.index(row["flow"]), -row["number"]

    of_whole_studies = [row for row in base.all(query) if row.pop("arm_key") is None]
    groups = grouped(of_whole_studies, "study_key")
    return {key: min(rows, key=rank) for key, rows in groups.items()}


def approaches(base: Base, study_keys: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the approaches of the interventions under study, by study."""
    query = (
        select(intervention.study_key, intervention_approach.approach_key)
        .distinct()
        .join_from(
            intervention.table,
            intervention_approach.table,
            intervention_approach.intervention_key == intervention.key,
        )
        .where(among(intervention.study_key, study_keys), experimental())
    )
    groups = grouped(base.all(query), "study_key")
    return {key: sorted(row["approach_key"] for row in rows) for key, rows in groups.items()}


def comparators(base: Base, study_keys: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the kinds of control condition, by study."""
    query = select(arm.study_key, arm.comparator_key, arm.key).where(
        among(arm.study_key, study_keys), arm.comparator_key.is_not(None)
    )
    rows = sorted(base.all(query), key=lambda row: by_key(row["key"]))
    groups = grouped(rows, "study_key")
    return {key: [row["comparator_key"] for row in rows] for key, rows in groups.items()}


def facet_notes(question: Question, unused: Iterable[str]) -> list[LeftOut]:
    """Return a word on each facet used that says nothing about the subject asked for."""
    return [
        LeftOut(f"--{c.facet}", f"does not narrow {question.subject}")
        for c in question.about(unused)
    ]
