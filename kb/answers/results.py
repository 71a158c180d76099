"""What came out: every measurement with its findings, contrasts and values by arm."""

from collections.abc import Mapping

from sqlalchemy import select

from kb.answer import Answer, LeftOut
from kb.answers.shared import grouped, measured, studies_left_out
from kb.base import Base, Record
from kb.facets import ABOUT_MEASUREMENTS
from kb.order import by_key
from kb.question import Question
from kb.selection import measurement_conditions, study_keys, values
from kb.store.lists import among
from kb.store.relations import (
    arm,
    arm_result,
    contrast,
    published_pool,
    review,
    study,
    survival_time,
)

_ARM_VALUES = (
    "n",
    "events",
    "mean",
    "sd",
    "se",
    "median",
    "percent",
    "ci_low",
    "ci_high",
    "ci_level",
)
_ARM_WORDS = ("unit", "population", "note", "derivation_key")
_CONTRAST = (
    "statistic",
    "estimate",
    "ci_low",
    "ci_high",
    "ci_level",
    "se",
    "p",
    "p_relation",
    "n",
    "adjusted_for",
    "analysis",
    "population",
    "note",
    "derivation_key",
)

_POOL = ("statistic", "estimate", "ci_low", "ci_high", "studies", "time", "population")


def respond(base: Base, question: Question) -> Answer:
    """Return the results on the outcomes asked for, by study."""
    keys = study_keys(base, question)
    criteria = question.about(ABOUT_MEASUREMENTS)
    rows = result_rows(base, measured(base, measurement_conditions(base, criteria), keys))
    order = {key: position for position, key in enumerate(keys)}
    rows.sort(key=lambda row: order[row["study"]])
    left_out = [*studies_left_out(base, question), *_without_result(rows)]
    return Answer(question, rows, base.data, left_out, _published(base, question))


def result_rows(base: Base, rows: list[Record]) -> list[Record]:
    """Return measurements with the numbers that belong to them."""
    keys = [row["key"] for row in rows]
    contrasts = grouped(base.records(contrast, keys, by="measurement_key"), "measurement_key")
    by_arm = grouped(base.records(arm_result, keys, by="measurement_key"), "measurement_key")
    times = _survival_times(base, keys)
    arms = {row["key"]: row for row in base.records(arm, _arms(contrasts, by_arm))}
    studies = {row["study"] for row in rows}
    named = select(study.key, study.label).where(among(study.key, studies))
    labels = dict(base.connection.execute(named).all())
    passages = base.passages(
        row["passage_key"]
        for group in (contrasts, by_arm)
        for found in group.values()
        for row in found
    )
    return [
        {
            **row,
            "label": labels[row["study"]],
            "contrasts": [
                {
                    "key": c["key"],
                    **{name: c[name] for name in _CONTRAST},
                    "adjusted": bool(c["adjusted"]),
                    "arm": c["arm_key"],
                    "comparator_arm": c["comparator_arm_key"],
                    "passage": passages[c["passage_key"]],
                }
                for c in contrasts.get(row["key"], [])
            ],
            "arms": [
                {
                    "key": a["key"],
                    "arm": a["arm_key"],
                    "arm_label": arms[a["arm_key"]]["label"],
                    "role": arms[a["arm_key"]]["role"],
                    **{name: a[name] for name in (*_ARM_VALUES, *_ARM_WORDS)},
                    "passage": passages[a["passage_key"]],
                }
                for a in sorted(
                    by_arm.get(row["key"], []),
                    key=lambda a: intervention_first(arms[a["arm_key"]]),
                )
            ],
            "survival_times": times.get(row["key"], 0),
        }
        for row in rows
    ]


def intervention_first(arm: Record) -> bool:
    """Return what to sort arms by, to set what was tried before what it is compared with."""
    return bool(arm["role"] != "intervention")


def _arms(*groups: Mapping[str, list[Record]]) -> set[str]:
    found = (row for group in groups for rows in group.values() for row in rows)
    return {row["arm_key"] for row in found if row["arm_key"]}


def _survival_times(base: Base, keys: list[str]) -> dict[str, int]:
    query = select(survival_time.measurement_key).where(among(survival_time.measurement_key, keys))
    counts: dict[str, int] = {}
    for key in base.keys(query):
        counts[key] = counts.get(key, 0) + 1
    return counts


def _without_result(rows: list[Record]) -> list[LeftOut]:
    bare = [row for row in rows if not (row["findings"] or row["contrasts"] or row["arms"])]
    return [
        LeftOut(
            f"{row['label']}: {row['outcome_name'].lower()}",
            "measured, but no result was found in what could be read",
        )
        for row in bare
        if not row["survival_times"]
    ]


def _published(base: Base, question: Question) -> list[str]:
    """Return the pooled effects that reviews print on the outcomes asked for."""
    outcome = question.criterion("outcome")
    if outcome is None or not outcome.wanted:
        return []
    query = (
        select(
            review.label,
            review.key,
            published_pool.key.label("pool"),
            *(published_pool.named(name) for name in _POOL),
        )
        .join_from(review.table, published_pool.table, published_pool.review_key == review.key)
        .where(published_pool.outcome_key.in_(values(base, outcome)))
    )
    return [_pool_sentence(row) for row in sorted(base.all(query), key=_by_pool)]


def _by_pool(row: Record) -> list[str | int]:
    return by_key(row["pool"])


def _pool_sentence(row: Record) -> str:
    interval = f" ({row['ci_low']:g} to {row['ci_high']:g})" if row["ci_low"] is not None else ""
    about = ", ".join(
        filter(
            None,
            [row["time"], row["population"], f"{row['studies']} studies" if row["studies"] else ""],
        )
    )
    estimate = f"{row['statistic']} {row['estimate']:g}{interval}"
    return f"Pooled elsewhere: {row['label']} prints {estimate}; {about} (kb show {row['key']})."
