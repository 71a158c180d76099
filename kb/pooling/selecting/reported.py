"""Pooled effects that reviews print on an outcome: shown beside ours, never mixed in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import exists, select

from kb.base import Base, Record
from kb.order import by_key
from kb.pooling.naming import names
from kb.pooling.options import PoolOptions
from kb.question import Question
from kb.selection import values
from kb.store.relations import (
    arm_result,
    contrast,
    inclusion,
    measurement,
    published_pool,
    review,
    study,
)

_PRINTED = (
    "time",
    "population",
    "statistic",
    "estimate",
    "ci_low",
    "ci_high",
    "p",
    "i2",
    "studies",
    "participants",
    "direction",
    "note",
)
_POOL = ("key", "outcome_key", *_PRINTED, "passage_key")
_FROM_EVENTS = {"OR", "RR", "RD"}
_FROM_MEANS = {"MD", "SMD", "d", "ES"}
_LACKING = {
    "HR": "a hazard ratio with its interval",
    **dict.fromkeys(_FROM_EVENTS, "events and participants by arm"),
    **dict.fromkeys(_FROM_MEANS, "means and standard deviations by arm"),
}


def reported_pools(base: Base, question: Question, options: PoolOptions) -> tuple[Record, ...]:
    """Return the published pools on the outcomes that are asked for, the newest review first.

    `lacking` says of each why it cannot be computed again from the store.
    """
    outcome = question.criterion("outcome")
    if outcome is None or not outcome.wanted:
        return ()
    outcomes = values(base, outcome)
    query = (
        select(
            review.key.label("review"),
            review.label.label("review_label"),
            review.year.label("review_year"),
            *(published_pool.named(name) for name in _POOL),
        )
        .join_from(review.table, published_pool.table, published_pool.review_key == review.key)
        .where(published_pool.outcome_key.in_(outcomes))
    )
    rows = [row for row in base.all(query) if _is_out(row, options)]
    rows.sort(key=lambda row: (-(row["review_year"] or 0), by_key(row["key"])))
    if not rows:
        return ()
    passages = base.passages(row["passage_key"] for row in rows)
    included = _included(base, {row["review"] for row in rows})
    having = {
        statistic: _studies_with(base, statistic, outcomes)
        for statistic in {row["statistic"] for row in rows}
    }
    return tuple(
        {
            "key": row["key"],
            "review": row["review"],
            "review_label": row["review_label"],
            "outcome": row["outcome_key"],
            "outcome_name": base.vocabulary.label("outcome", row["outcome_key"]),
            **{name: row[name] for name in _PRINTED},
            "passage": passages[row["passage_key"]],
            "lacking": _lacking(row, included[row["review"]], having[row["statistic"]]),
        }
        for row in rows
    )


def _is_out(row: Record, options: PoolOptions) -> bool:
    if options.as_of is None:
        return True
    return row["review_year"] is not None and row["review_year"] <= options.as_of


def _included(base: Base, reviews: Iterable[str]) -> Mapping[str, dict[str, str]]:
    """Return the labels of the included studies that are in the store, by review and key."""
    query = (
        select(inclusion.review_key, study.key, study.label)
        .join_from(inclusion.table, study.table, inclusion.study_key == study.key)
        .where(inclusion.review_key.in_(sorted(reviews)))
    )
    included: dict[str, dict[str, str]] = defaultdict(dict)
    for review_key, key, label in base.connection.execute(query):
        included[review_key][key] = label
    return included


def _studies_with(base: Base, statistic: str, outcomes: Sequence[str]) -> set[str]:
    """Return the studies with numbers on the outcomes that the statistic can be pooled from."""
    in_contrast = exists().where(
        contrast.measurement_key == measurement.key,
        contrast.statistic == statistic,
        contrast.ci_low.is_not(None),
        contrast.population.is_(None),
    )
    query = select(measurement.study_key).where(measurement.outcome_key.in_(outcomes))
    found = set(base.keys(query.where(in_contrast)))
    if statistic in _FROM_EVENTS:
        in_arms = exists().where(
            arm_result.measurement_key == measurement.key,
            arm_result.events.is_not(None),
            arm_result.n.is_not(None),
            arm_result.population.is_(None),
        )
        found |= set(base.keys(query.where(in_arms)))
    if statistic in _FROM_MEANS:
        in_arms = exists().where(
            arm_result.measurement_key == measurement.key,
            arm_result.mean.is_not(None),
            arm_result.sd.is_not(None),
            arm_result.n.is_not(None),
            arm_result.population.is_(None),
        )
        found |= set(base.keys(query.where(in_arms)))
    return found


def _lacking(row: Record, included: Mapping[str, str], having: set[str]) -> list[str]:
    """Return in a sentence or two what keeps the pool from being computed again."""
    pooled, known = row["studies"], len(included)
    sentences = _without_numbers(row, included, having)
    if not pooled and not included:
        sentences.append("The store knows none of the studies that it pools.")
    elif (pooled or 0) > known:
        sentences.append(f"It pools {pooled} studies; the store knows {known or 'none'} of them.")
    return sentences


def _without_numbers(row: Record, included: Mapping[str, str], having: set[str]) -> list[str]:
    """Return which trials of the review lack the numbers.

    Where it pools fewer than are known, those without may be of another analysis: none is named.
    """
    missing = [included[key] for key in sorted(included, key=by_key) if key not in having]
    what = _LACKING.get(row["statistic"], "the numbers of its trials")
    pooled, known, here = row["studies"], len(included), len(included) - len(missing)
    if pooled and pooled < known:
        sentence = (
            f"Which of the {known} trials known to be in the review it pools is not said; the "
            f"store has {what} for {here or 'none'} of them."
        )
        return [sentence] if here < pooled else []
    sentence = (
        f"Of the trials known to be in the review the store lacks {what} for {names(missing)}."
    )
    return [sentence] if missing else []
