"""What was measured: outcomes, in how many studies and with which instruments."""

from collections.abc import Mapping

from sqlalchemy import select

from kb.answer import Answer
from kb.answers.shared import grouped, studies_left_out
from kb.base import Base, Record
from kb.facets import ABOUT_MEASUREMENTS
from kb.question import Question
from kb.selection import measurement_conditions, studies
from kb.store.relations import measurement, outcome


def respond(base: Base, question: Question) -> Answer:
    """Return the outcomes that the studies asked for measured, most measured first."""
    conditions = measurement_conditions(base, question.about(ABOUT_MEASUREMENTS))
    query = select(
        measurement.outcome_key, measurement.study_key, measurement.instrument_key
    ).where(measurement.study_key.in_(studies(base, question)), *conditions)
    found = grouped(base.all(query), "outcome_key")
    rows = _rows(base, found)
    left_out = studies_left_out(base, question)
    notes = [] if question.criteria else _unmeasured(base, set(found))
    return Answer(question, rows, base.data, left_out, notes)


def _rows(base: Base, found: Mapping[str, list[Record]]) -> list[Record]:
    instruments = base.vocabulary.terms("instrument")
    areas = {row["key"]: row["area_key"] for row in base.all(select(outcome.key, outcome.area_key))}
    rows = []
    for key, measurements in found.items():
        term = base.vocabulary.terms("outcome")[key]
        used = sorted({m["instrument_key"] for m in measurements if m["instrument_key"]})
        rows.append(
            {
                "key": key,
                "label": term.name,
                "parent": term.parent,
                "area": areas[key],
                "area_name": base.vocabulary.label("outcome_area", areas[key]) or None,
                "studies": len({m["study_key"] for m in measurements}),
                "measurements": len(measurements),
                "instruments": used,
                "instrument_names": [instruments[i].also or instruments[i].name for i in used],
                "unnamed_instrument": any(not m["instrument_key"] for m in measurements),
            }
        )
    return sorted(rows, key=lambda row: (-row["studies"], row["label"], row["key"]))


def _unmeasured(base: Base, measured: set[str]) -> list[str]:
    held = base.vocabulary.terms("outcome")
    above = {held[key].parent for key in measured}
    names = [t.name.lower() for t in held.values() if t.key not in measured | above]
    return [f"No study in the store measured: {', '.join(names)}."] if names else []
