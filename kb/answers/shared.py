"""What the answers on different subjects have in common."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from kb.answer import LeftOut, Nearby
from kb.base import Base, Record
from kb.facets import FACETS
from kb.question import Question
from kb.selection import oldest_first, studies, study_conditions, unknown_condition
from kb.store.relations import (
    Relation,
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
    "instrument": "it measured something with an instrument that is not named",
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


def of_studies(base: Base, query: Select[Any], relation: Relation) -> list[Record]:
    """Return the whole rows of a table that belong to the studies of a query."""
    keys = base.keys(query)
    return base.records(relation, keys, by="study_key")


def studies_left_out(base: Base, question: Question) -> list[LeftOut]:
    """Return the studies that a facet excludes only because its value is not known for them."""
    left_out = []
    for criterion in question.criteria:
        condition = unknown_condition(criterion.facet)
        if condition is None or not criterion.wanted:
            continue
        others = study_conditions(base, question.without([criterion.facet]))
        met = select(study.key).where(*study_conditions(base, question))
        query = select(study.label).where(condition, *others, study.key.not_in(met))
        left_out += [
            LeftOut(label, _UNKNOWN[criterion.facet])
            for label in base.keys(query.order_by(*oldest_first()))
        ]
    return left_out


def nearby_questions(base: Base, question: Question) -> list[Nearby]:
    """Return the questions with one facet fewer that studies do answer."""
    found = []
    for criterion in question.criteria:
        wider = question.without([criterion.facet])
        if not wider.criteria:
            continue
        query = select(func.count()).select_from(studies(base, wider).order_by(None).subquery())
        count = base.connection.scalar(query) or 0
        if count:
            found.append(Nearby(wider.command(), count))
    return sorted(found, key=lambda item: item.count)


def searched(question: Question) -> str:
    """Return what was searched, in words, for an answer without rows."""
    if not question.criteria:
        return f"The store holds no {question.subject}."
    parts = []
    for c in question.criteria:
        wanted = " or ".join(c.wanted)
        unwanted = " or ".join(c.unwanted)
        parts.append(" ".join(filter(None, [c.facet, wanted, unwanted and f"not {unwanted}"])))
    return f"No {question.subject} have {', '.join(parts)}."


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
    query = (
        select(*(measurement.named(name) for name in columns))
        .where(measurement.study_key.in_(study_keys), *conditions)
        .order_by(measurement.study_key, measurement.key)
    )
    rows = base.all(query)
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
                for f in findings.get(row["key"], [])
            ],
            "passage": passages[row["passage_key"]],
        }
        for row in rows
    ]


def sizes(base: Base, study_keys: Sequence[str]) -> dict[str, Record]:
    """Return the number of participants of studies, with the point at which they were counted."""
    kinds = ("patients", "members", "caregivers", "leaders", "professionals")
    flows = ("randomised", "enrolled", "analysed", "completed")
    query = select(
        participants.study_key, participants.number, participants.kind, participants.flow
    ).where(participants.study_key.in_(study_keys), participants.arm_key.is_(None))
    found: dict[str, Record] = {}
    for row in base.all(query):
        if row["flow"] not in flows:
            continue
        rank = (kinds.index(row["kind"]), flows.index(row["flow"]))
        known = found.get(row["study_key"])
        if known is None or rank < known["rank"]:
            found[row["study_key"]] = {**row, "rank": rank}
    return found


def approaches(base: Base, study_keys: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the approaches of the interventions under study, by study."""
    from kb.selection import experimental

    query = (
        select(intervention.study_key, intervention_approach.approach_key)
        .distinct()
        .join_from(
            intervention.table,
            intervention_approach.table,
            intervention_approach.intervention_key == intervention.key,
        )
        .where(intervention.study_key.in_(study_keys), experimental())
        .order_by(intervention_approach.approach_key)
    )
    groups = grouped(base.all(query), "study_key")
    return {key: [row["approach_key"] for row in rows] for key, rows in groups.items()}


def comparators(base: Base, study_keys: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the kinds of control condition, by study."""
    query = (
        select(arm.study_key, arm.comparator_key)
        .where(arm.study_key.in_(study_keys), arm.comparator_key.is_not(None))
        .order_by(arm.key)
    )
    groups = grouped(base.all(query), "study_key")
    return {key: [row["comparator_key"] for row in rows] for key, rows in groups.items()}


def facet_note(question: Question, unused: Iterable[str]) -> list[LeftOut]:
    """Return a word on facets that say nothing about the subject asked for."""
    names = [c.facet for c in question.about(unused)]
    return [
        LeftOut(f"--{name}", f"does not narrow {question.subject}: {FACETS[name].help.lower()}")
        for name in names
    ]
