"""What was given: interventions in the terms of TIDieR."""

from sqlalchemy import select

from kb.answer import Answer
from kb.answers.shared import grouped, studies_left_out
from kb.base import Base, Record
from kb.facets import ABOUT_INTERVENTIONS
from kb.order import oldest_first
from kb.question import Question
from kb.selection import experimental, intervention_conditions, studies
from kb.store.lists import among
from kb.store.relations import (
    Relation,
    intervention,
    intervention_approach,
    intervention_component,
    intervention_facilitator,
    intervention_mode,
    study,
)

_COLUMNS = (
    "key",
    "study_key",
    "name",
    "delivery",
    "frequency",
    "session_minutes_low",
    "session_minutes_high",
    "sessions_low",
    "sessions_high",
    "weeks",
    "schedule",
    "facilitation",
    "passage_key",
)


def respond(base: Base, question: Question) -> Answer:
    """Return the interventions under study that meet the criteria, by study."""
    conditions = intervention_conditions(base, question.about(ABOUT_INTERVENTIONS))
    query = (
        select(*(intervention.named(name) for name in _COLUMNS), study.label, study.year)
        .join_from(intervention.table, study.table, intervention.study_key == study.key)
        .where(
            intervention.study_key.in_(studies(base, question)),
            experimental(),
            *conditions,
        )
    )
    rows = _rows(base, sorted(base.all(query), key=oldest_first))
    return Answer(question, rows, base.data, studies_left_out(base, question))


def _rows(base: Base, found: list[Record]) -> list[Record]:
    keys = [row["key"] for row in found]
    lists = {
        "approaches": _listed(base, intervention_approach, "approach_key", keys),
        "components": _listed(base, intervention_component, "component_key", keys),
        "modes": _listed(base, intervention_mode, "mode", keys),
        "facilitators": _listed(base, intervention_facilitator, "profession_key", keys),
    }
    passages = base.passages(row["passage_key"] for row in found)
    return [
        {
            "key": row["key"],
            "label": row["label"],
            "study": row["study_key"],
            **{name: row[name] for name in _COLUMNS if not name.endswith("_key") and name != "key"},
            **{name: values.get(row["key"], []) for name, values in lists.items()},
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]


def _listed(base: Base, relation: Relation, column: str, keys: list[str]) -> dict[str, list[str]]:
    query = select(relation.intervention_key, relation.named(column).label("value")).where(
        among(relation.intervention_key, keys)
    )
    groups = grouped(base.all(query), "intervention_key")
    return {key: sorted(row["value"] for row in rows) for key, rows in groups.items()}
