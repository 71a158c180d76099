"""The one place that turns a question into SQL.

A criterion becomes a condition on studies. Facets that describe the same thing are held to one and
the same row: `--outcome pain --instrument poms` asks for a measurement that is both. What a
question excludes, it excludes from the whole study.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    not_,
    or_,
    select,
)

from kb.base import Base
from kb.facets import (
    ABOUT_FACTORS,
    ABOUT_INCLUSIONS,
    ABOUT_INTERVENTIONS,
    ABOUT_MEASUREMENTS,
    ABOUT_THEMES,
    FACETS,
)
from kb.order import oldest_first
from kb.question import Criterion, Question, bounds
from kb.search import studies_with_words
from kb.store.relations import (
    Relation,
    arm,
    factor,
    inclusion,
    intervention,
    intervention_approach,
    intervention_component,
    intervention_facilitator,
    intervention_mode,
    measurement,
    participants,
    study,
    study_cancer,
    study_country,
    theme_finding,
)

Condition = ColumnElement[bool]

KINDS = ("patients", "members", "caregivers", "leaders", "professionals")
FLOWS = ("randomised", "enrolled", "analysed", "completed")
"""Whom and when a study's participants are counted, in the order of preference."""

_OF_INTERVENTION: dict[str, tuple[Relation, str]] = {
    "approach": (intervention_approach, "approach_key"),
    "component": (intervention_component, "component_key"),
    "mode": (intervention_mode, "mode"),
    "facilitator": (intervention_facilitator, "profession_key"),
}


def studies(base: Base, question: Question) -> Select[Any]:
    """Return the query for the keys of the studies that meet every criterion, in any order."""
    return select(study.key).where(*study_conditions(base, question))


def study_keys(base: Base, question: Question) -> list[str]:
    """Return the keys of the studies that meet every criterion, oldest first."""
    query = select(study.key, study.year).where(*study_conditions(base, question))
    return [row["key"] for row in sorted(base.all(query), key=oldest_first)]


def study_conditions(base: Base, question: Question) -> list[Condition]:
    """Return the conditions on `study` that the question's criteria make."""
    return [
        *_simple_conditions(base, question),
        *_grouped(base, question, ABOUT_MEASUREMENTS, _measured),
        *_grouped(base, question, ABOUT_INTERVENTIONS, _received),
        *_grouped(base, question, ABOUT_INCLUSIONS, _included),
        *_grouped(base, question, ABOUT_THEMES, _themed),
        *_grouped(base, question, ABOUT_FACTORS, _has_factor),
    ]


def unknown_condition(base: Base, question: Question, facet: str) -> Condition | None:
    """Return the condition that a study's value of a facet is not known, where that can be.

    An instrument is unknown where none is named for the outcome that the question asks for.
    """
    measured = measurement_conditions(base, question.about(["outcome"]))
    return {
        "year": study.year.is_(None),
        "n": study_size().is_(None),
        "country": not_(exists().where(study_country.study_key == study.key)),
        "cancer": not_(exists().where(study_cancer.study_key == study.key)),
        "instrument": exists().where(
            measurement.study_key == study.key, measurement.instrument_key.is_(None), *measured
        ),
        "delivery": _intervention_without(intervention.delivery.is_(None)),
        "mode": _intervention_without(_none_listed(intervention_mode)),
        "facilitator": _intervention_without(_none_listed(intervention_facilitator)),
    }.get(facet)


def study_size() -> ScalarSelect[Any]:
    """Return the number of participants of a study: patients first, at the earliest known flow.

    Of several such counts it is the largest.
    """
    return (
        select(participants.number)
        .where(
            participants.study_key == study.key,
            participants.arm_key.is_(None),
            participants.flow.in_(FLOWS),
        )
        .order_by(
            _rank(participants.kind, KINDS),
            _rank(participants.flow, FLOWS),
            participants.number.desc(),
        )
        .limit(1)
        .scalar_subquery()
    )


def measurement_conditions(base: Base, criteria: Sequence[Criterion]) -> list[Condition]:
    """Return conditions on `measurement` for the outcome and instrument that are wanted."""
    columns = {"outcome": measurement.outcome_key, "instrument": measurement.instrument_key}
    return [_wanted(base, c, columns[c.facet]) for c in criteria if c.wanted]


def intervention_conditions(base: Base, criteria: Sequence[Criterion]) -> list[Condition]:
    """Return conditions on `intervention` for what is wanted of it."""
    return [_of_intervention(base, c) for c in criteria if c.wanted]


def factor_conditions(base: Base, criteria: Sequence[Criterion]) -> list[Condition]:
    """Return conditions on `factor` for the construct, domain and valence that are wanted."""
    columns = {
        "construct": factor.construct_key,
        "domain": factor.construct_key,
        "valence": factor.valence,
    }
    return [condition for c in criteria for condition in _both_ways(base, c, columns[c.facet])]


def theme_conditions(base: Base, criteria: Sequence[Criterion]) -> list[Condition]:
    """Return conditions on `theme_finding` for the themes that are wanted."""
    return [
        condition for c in criteria for condition in _both_ways(base, c, theme_finding.theme_key)
    ]


def experimental() -> Condition:
    """Return the condition that an intervention is not what a control arm received."""
    return not_(exists().where(arm.intervention_key == intervention.key, arm.role == "control"))


def values(base: Base, criterion: Criterion, *, wanted: bool = True) -> list[str]:
    """Return the keys that a criterion means, with everything below them in a tree."""
    named = criterion.wanted if wanted else criterion.unwanted
    table = FACETS[criterion.facet].vocabulary
    return sorted(base.vocabulary.within(table, named)) if table else list(named)


def _simple_conditions(base: Base, question: Question) -> list[Condition]:
    makers: dict[str, Callable[[list[str]], Condition]] = {
        "design": study.design_key.in_,
        "study": study.key.in_,
        "country": lambda keys: _has(study_country, study_country.country_key.in_(keys)),
        "cancer": lambda keys: _has(study_cancer, study_cancer.cancer_key.in_(keys)),
        "comparator": lambda keys: _has(arm, arm.comparator_key.in_(keys)),
        "year": lambda ranges: or_(*(_in_range(study.year, r) for r in ranges)),
        "n": lambda ranges: or_(*(_in_range(study_size(), r) for r in ranges)),
    }
    conditions = []
    for criterion in question.criteria:
        if criterion.facet == "text":
            conditions += _text_conditions(base, criterion)
        elif make := makers.get(criterion.facet):
            if criterion.wanted:
                conditions.append(make(values(base, criterion)))
            if criterion.unwanted:
                conditions.append(not_(make(values(base, criterion, wanted=False))))
    return conditions


def _text_conditions(base: Base, criterion: Criterion) -> list[Condition]:
    wanted = [study.key.in_(studies_with_words(base, words)) for words in criterion.wanted]
    unwanted = [study.key.not_in(studies_with_words(base, words)) for words in criterion.unwanted]
    return [*([or_(*wanted)] if wanted else []), *unwanted]


_Maker = Callable[[Base, Sequence[Criterion]], Condition]


def _grouped(
    base: Base, question: Question, facets: Sequence[str], make: _Maker
) -> list[Condition]:
    criteria = question.about(facets)
    conditions = []
    if any(c.wanted for c in criteria):
        conditions.append(make(base, [Criterion(c.facet, c.wanted) for c in criteria]))
    excluded = [Criterion(c.facet, c.unwanted) for c in criteria if c.unwanted]
    return [*conditions, *(not_(make(base, [criterion])) for criterion in excluded)]


def _measured(base: Base, criteria: Sequence[Criterion]) -> Condition:
    return _has(measurement, *measurement_conditions(base, criteria))


def _received(base: Base, criteria: Sequence[Criterion]) -> Condition:
    return _has(intervention, experimental(), *intervention_conditions(base, criteria))


def _included(base: Base, criteria: Sequence[Criterion]) -> Condition:
    columns = {"review": inclusion.review_key, "status": inclusion.status}
    return _has(inclusion, *(_wanted(base, c, columns[c.facet]) for c in criteria if c.wanted))


def _themed(base: Base, criteria: Sequence[Criterion]) -> Condition:
    return _has(theme_finding, *theme_conditions(base, criteria))


def _has_factor(base: Base, criteria: Sequence[Criterion]) -> Condition:
    return _has(factor, *factor_conditions(base, criteria))


def _of_intervention(base: Base, criterion: Criterion) -> Condition:
    if criterion.facet == "delivery":
        return intervention.delivery.in_(values(base, criterion))
    relation, column = _OF_INTERVENTION[criterion.facet]
    return exists().where(
        relation.intervention_key == intervention.key,
        relation.named(column).in_(values(base, criterion)),
    )


def _has(relation: Relation, *conditions: Condition) -> Exists:
    return exists().where(relation.study_key == study.key, *conditions)


def _intervention_without(condition: Condition) -> Condition:
    return and_(
        _has(intervention, experimental(), condition),
        not_(_has(intervention, experimental(), not_(condition))),
    )


def _none_listed(relation: Relation) -> Condition:
    return not_(exists().where(relation.intervention_key == intervention.key))


def _wanted(base: Base, criterion: Criterion, column: ColumnElement[Any]) -> Condition:
    return column.in_(values(base, criterion))


def _both_ways(base: Base, criterion: Criterion, column: ColumnElement[Any]) -> list[Condition]:
    conditions: list[Condition] = []
    if criterion.wanted:
        conditions.append(column.in_(values(base, criterion)))
    if criterion.unwanted:
        conditions.append(column.not_in(values(base, criterion, wanted=False)))
    return conditions


def _in_range(column: ColumnElement[Any], written: str) -> Condition:
    """Return the condition that a number is known and in a range; its negation is the rest."""
    low, high = bounds(written)
    ends = [column >= low] if low is not None else []
    ends += [column <= high] if high is not None else []
    return and_(column.is_not(None), *ends)


def _rank(column: ColumnElement[Any], order: Sequence[str]) -> ColumnElement[int]:
    return case({value: position for position, value in enumerate(order)}, value=column, else_=99)
