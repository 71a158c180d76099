"""The arms of trials: which one is compared with which, and whether a question asks for them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from kb.base import Base
from kb.facets import ABOUT_INTERVENTIONS
from kb.question import Question
from kb.selection import intervention_conditions, values
from kb.store.lists import among
from kb.store.relations import arm, intervention


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm of a trial."""

    key: str
    study: str
    role: str
    label: str
    intervention: str | None
    comparator: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two arms of a trial, the treated one first.

    `turned` says that the source names them the other way round; `reason` why the comparison is
    not what was asked for, "" where it is.
    """

    treated: Arm | None
    control: Arm | None
    turned: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks of the two arms; None where it leaves them open."""

    interventions: Container[str] | None
    comparators: Container[str] | None

    def treats(self, group: Arm) -> bool:
        """Return whether an arm received what is asked for."""
        if self.interventions is None:
            return group.role == "intervention"
        return group.intervention is not None and group.intervention in self.interventions


def asked_of_arms(base: Base, question: Question, studies: Sequence[str]) -> Asked:
    """Return which interventions of the studies and which comparators the question asks for."""
    return Asked(_interventions(base, question, studies), _comparators(base, question))


def arms_of(base: Base, studies: Sequence[str]) -> dict[str, Arm]:
    """Return the arms of studies, by key."""
    query = select(
        arm.key, arm.study_key, arm.role, arm.label, arm.intervention_key, arm.comparator_key
    ).where(among(arm.study_key, studies))
    return {row[0]: Arm(*row) for row in base.connection.execute(query)}


def compare(first: Arm | None, second: Arm | None, asked: Asked) -> Comparison:
    """Return two arms as intervention and control, and whether that is what is asked for."""
    if first is None or second is None:
        reason = "which arm the estimate is of is not said"
        return Comparison(first, second, reason=reason)
    if first.role == second.role:
        turned = asked.treats(second) and not asked.treats(first)
        both_treated = asked.treats(first) and asked.treats(second)
        if both_treated or not (asked.treats(first) or turned):
            kind = "interventions" if first.role == "intervention" else "control conditions"
            reason = f"it compares two {kind}: {first.label}, and {second.label}"
            return Comparison(first, second, reason=reason)
    else:
        turned = first.role == "control"
    treated, control = (second, first) if turned else (first, second)
    return Comparison(treated, control, turned, _not_asked_for(treated, control, asked))


def _not_asked_for(treated: Arm, control: Arm, asked: Asked) -> str:
    if not asked.treats(treated):
        return f"its intervention is not the one asked for: {treated.label}"
    if asked.comparators is not None and control.comparator not in asked.comparators:
        return f"its control condition is not the one asked for: {control.label}"
    return ""


def _interventions(base: Base, question: Question, studies: Sequence[str]) -> set[str] | None:
    criteria = [c for c in question.about(ABOUT_INTERVENTIONS) if c.wanted]
    if not criteria:
        return None
    query = select(intervention.key).where(
        among(intervention.study_key, studies),
        *intervention_conditions(base, criteria),
    )
    return set(base.keys(query))


def _comparators(base: Base, question: Question) -> set[str] | None:
    criterion = question.criterion("comparator")
    if criterion is None or not criterion.wanted:
        return None
    return set(values(base, criterion))
