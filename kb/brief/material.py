"""All that a brief tells of, read once: its parts choose from it and put it in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.answers import answer
from kb.base import Base, Record
from kb.brief.effect import Effect, effects_of
from kb.brief.topic import Topic
from kb.brief.wording import short_names
from kb.certainty.ratings import ratings
from kb.question import Criterion, Question


@dataclass(frozen=True)
class Told:
    """What is said of experience or implementation: by the topic's own studies, and elsewhere."""

    own: Sequence[Record]
    elsewhere: Sequence[Record]

    @property
    def nearest(self) -> Sequence[Record]:
        """What is told by its own studies, or elsewhere where they tell nothing."""
        return self.own or self.elsewhere


class Material:
    """The evidence on a topic."""

    def __init__(self, base: Base, topic: Topic) -> None:
        self.base = base
        self.topic = topic
        self.studies: Sequence[Record] = self._rows("studies")
        randomised = base.vocabulary.within("design", ["rct"])
        self.trials = [row for row in self.studies if row["design"] in randomised]
        self.names: Mapping[str, str] = short_names(base)

    @cached_property
    def effects(self) -> Sequence[Effect]:
        """The effect on each outcome, or of each approach on the outcome that is asked for."""
        return effects_of(self.base, self.topic)

    @cached_property
    def interventions(self) -> Sequence[Record]:
        """What the studies gave."""
        return self._rows("interventions")

    @cached_property
    def themes(self) -> Told:
        """What participants and others say."""
        return self._told("themes")

    @cached_property
    def factors(self) -> Told:
        """Barriers and facilitators."""
        return self._told("factors")

    @cached_property
    def strategies(self) -> Told:
        """Strategies as reported."""
        return self._told("strategies")

    @cached_property
    def confidence(self) -> Sequence[Record]:
        """The ratings of confidence in themes (GRADE-CERQual) that people entered."""
        return ratings(self.base, themes=list(self.base.vocabulary.terms("theme")))

    def endorsed(self, construct: str) -> Sequence[Record]:
        """Return the strategies that experts chose for a barrier of this very construct."""
        within = self.base.vocabulary.within("construct", [construct])
        rows = answer(self.base, for_construct(construct)).rows
        return [row for row in rows if row["construct"] in within]

    def name(self, study: str) -> str:
        """Return the short name of a study."""
        return self.names[study]

    def label(self, table: str, key: str) -> str:
        """Return the name of a term."""
        return self.base.vocabulary.label(table, key)

    def _rows(self, subject: str) -> list[Record]:
        return answer(self.base, self.topic.question(subject)).rows

    def _told(self, subject: str) -> Told:
        """Return what the studies of the approach tell, and what all others do."""
        everything = answer(self.base, Question(subject)).rows
        if not self.topic.approaches:
            return Told([], everything)
        own = answer(self.base, self.topic.of_its_approach(subject)).rows
        keys = {row["key"] for row in own}
        return Told(own, [row for row in everything if row["key"] not in keys])


def for_construct(construct: str) -> Question:
    """Return the question for the strategies that fit a barrier."""
    return Question("strategies", (Criterion("construct", (construct,)),))
