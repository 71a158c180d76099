"""What outcomes were measured with. Instruments are described, never reproduced."""

from sqlalchemy import select

from kb.answer import Answer
from kb.answers.shared import grouped, studies_left_out
from kb.base import Base
from kb.facets import ABOUT_MEASUREMENTS
from kb.question import Question
from kb.selection import measurement_conditions, studies
from kb.store.relations import instrument, measurement

_COLUMNS = (
    "key",
    "name",
    "abbreviation",
    "measures",
    "items",
    "score_low",
    "score_high",
    "better",
    "verified",
)


def respond(base: Base, question: Question) -> Answer:
    """Return the instruments that the studies asked for used; without facets, all of them."""
    conditions = measurement_conditions(base, question.about(ABOUT_MEASUREMENTS))
    query = select(
        measurement.instrument_key, measurement.study_key, measurement.outcome_key
    ).where(measurement.study_key.in_(studies(base, question)), *conditions)
    used = grouped(base.all(query), "instrument_key")
    shown = select(*(instrument.named(name) for name in _COLUMNS))
    if question.criteria:
        shown = shown.where(instrument.key.in_([key for key in used if key]))
    rows = [
        {
            **row,
            "label": row["abbreviation"] or row["name"],
            "verified": bool(row["verified"]),
            "studies": len({m["study_key"] for m in used.get(row["key"], [])}),
            "outcomes": sorted({m["outcome_key"] for m in used.get(row["key"], [])}),
        }
        for row in base.all(shown)
    ]
    rows.sort(key=lambda row: (-row["studies"], row["label"].lower(), row["key"]))
    left_out = studies_left_out(base, question)
    unverified = sum(not row["verified"] for row in rows)
    notes = [f"{unverified} are known by name only and marked unverified."] if unverified else []
    return Answer(question, rows, base.data, left_out, notes)
