"""The effects that a brief tells of: which there are, and which way each trial points."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.answers import answer
from kb.answers.shared import approaches
from kb.base import Base, Record
from kb.brief.topic import Topic
from kb.certainty.ratings import ratings
from kb.pooling.answer import PooledAnswer
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.pooling.sign_test import BY_SUBGROUP
from kb.question import Question
from kb.selection import study_keys


@dataclass(frozen=True)
class Effect:
    """What randomised trials found on one outcome, pooled where that can be.

    Attributes:
        name: the outcome or, where a brief compares approaches, the approach.
        certainty: the ratings that people entered.
    """

    name: str
    pooled: PooledAnswer
    certainty: Sequence[Record]

    @property
    def directions(self) -> Sequence[Record]:
        """The direction of effect of each trial on each outcome."""
        return self.pooled.selection.directions

    @property
    def trials(self) -> list[str]:
        """The trials that tell an effect or its direction."""
        told = [row["study"] for row in self.directions]
        return list(dict.fromkeys([*told, *self.entered]))

    @property
    def entered(self) -> list[str]:
        """The trials whose effects may be shown as numbers."""
        return [entry.study for entry in self.pooled.entries]

    @property
    def numbers(self) -> tuple[float, float, float] | None:
        """The pooled effect with its interval on the reader's scale; None where there is none."""
        analysis = self.pooled.analysis
        if analysis is None or not self.pooled.verdict.is_poolable:
            return None
        low, middle, high = (analysis.back[name] for name in ("ci_low", "estimate", "ci_high"))
        return None if None in (low, middle, high) else (middle, low, high)

    @property
    def pointing(self) -> Mapping[str, list[str]]:
        """The trials by direction; one whose findings differ, or are by subgroup, is mixed."""
        told: dict[str, set[str]] = defaultdict(set)
        for row in self.directions:
            told[row["study"]].add("mixed" if row["apart"] == BY_SUBGROUP else row["direction"])
        found: dict[str, list[str]] = defaultdict(list)
        for study, directions in told.items():
            found[directions.pop() if len(directions) == 1 else "mixed"].append(study)
        return found


def effects_of(base: Base, topic: Topic) -> list[Effect]:
    """Return the effects on a topic, those of most trials first.

    They are on each outcome on top of its tree; for a topic that names outcomes, on these, and
    where it names no approach then also of each approach.
    """
    if not topic.outcomes:
        return sorted(_by_outcome(base, topic), key=_most_trials_first)
    whole = _effect(base, topic.question("pool"), topic.outcome_name)
    if topic.approaches:
        return [whole]
    each = _by_approach(base, topic)
    return [whole, *(sorted(each, key=_most_trials_first) if len(each) > 1 else ())]


def _by_outcome(base: Base, topic: Topic) -> list[Effect]:
    terms = base.vocabulary.terms("outcome")
    tops = dict.fromkeys(
        _top(terms, row["key"]) for row in answer(base, topic.question("outcomes")).rows
    )
    return [_effect(base, topic.question("pool", outcome=key), terms[key].name) for key in tops]


def _by_approach(base: Base, topic: Topic) -> list[Effect]:
    by_study = approaches(base, study_keys(base, topic.question("studies")))
    found = dict.fromkeys(key for keys in by_study.values() for key in keys)
    return [
        _effect(base, topic.question("pool", approach=key), base.vocabulary.label("approach", key))
        for key in found
    ]


def _effect(base: Base, question: Question, name: str) -> Effect:
    named = {
        facet: base.vocabulary.within(facet, criterion.wanted)
        for facet in ("approach", "outcome")
        if (criterion := question.criterion(facet)) is not None
    }
    rated = ratings(base, outcomes=named["outcome"], approaches=named.get("approach"))
    return Effect(name, pool(base, question, PoolOptions()), rated)


def _top(terms: Mapping[str, Any], key: str) -> str:
    while (parent := terms[key].parent) is not None:
        key = parent
    return key


def _most_trials_first(effect: Effect) -> tuple[int, bool, str]:
    return -len(effect.trials), effect.numbers is None, effect.name
