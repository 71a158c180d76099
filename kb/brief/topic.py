"""What a brief is about: an approach, an outcome, or both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.ask import understand
from kb.base import Base
from kb.errors import UnknownValue
from kb.facets import FACETS
from kb.question import Criterion, Question, build_question
from kb.vocabulary import plain

FACETS_OF_A_TOPIC = ("approach", "outcome")
_EXAMPLE = "For example: kb brief segt, or kb brief segt --outcome pain."
_LISTS = "`kb terms approach` and `kb terms outcome` list what there is."


@dataclass(frozen=True)
class Topic:
    """Approaches and outcomes with all that lies below them; one of the two may be open."""

    approaches: tuple[str, ...]
    outcomes: tuple[str, ...]
    approach_name: str
    outcome_name: str

    @property
    def title(self) -> str:
        """The topic in words."""
        return ": ".join(filter(None, (self.approach_name, self.outcome_name)))

    @property
    def command(self) -> str:
        """The command line that asks for the brief."""
        return self.question("brief").command()

    def question(self, subject: str, **more: str) -> Question:
        """Return the question for a subject on this topic, with further facets."""
        held = {"approach": self.approaches, "outcome": self.outcomes}
        held |= {facet: (value,) for facet, value in more.items()}
        return Question(subject, tuple(Criterion(f, v) for f, v in held.items() if v))

    def of_its_approach(self, subject: str) -> Question:
        """Return the question for a subject that no outcome narrows."""
        return self.question(subject).without(["outcome"])

    def as_dict(self) -> dict[str, object]:
        """Return the topic as plain data."""
        facets = {"approach": list(self.approaches), "outcome": list(self.outcomes)}
        return {
            "subject": "brief",
            "facets": {name: keys for name, keys in facets.items() if keys},
            "command": self.command,
        }


def topic_of(base: Base, words: str, given: Mapping[str, Sequence[str]]) -> Topic:
    """Return the topic that words and facets name together.

    Words are the name of an approach or an outcome, or are read as `kb ask` reads them. Raises
    `UnknownValue` for what names nothing, and for what a brief cannot be about.
    """
    facets = {name: list(values) for name, values in given.items() if values}
    for facet, values in _in_words(base, words).items():
        facets.setdefault(facet, []).extend(values)
    question = build_question("studies", facets, base.vocabulary)
    _check(question)
    held = {c.facet: c.wanted for c in question.criteria}
    approaches, outcomes = held.get("approach", ()), held.get("outcome", ())
    of, on = _named(base, "approach", approaches), _named(base, "outcome", outcomes)
    return Topic(approaches, outcomes, of, on)


def _in_words(base: Base, words: str) -> Mapping[str, Sequence[str]]:
    if not words.strip():
        return {}
    for facet in FACETS_OF_A_TOPIC:
        if keys := base.vocabulary.names(facet).get(plain(words)):
            return {facet: keys}
    understood = understand(words, base.vocabulary)
    if understood.unused:
        raise _unknown(base, understood.unused)
    return {c.facet: c.values for c in understood.question.criteria}


def _unknown(base: Base, words: Sequence[str]) -> UnknownValue:
    near = dict.fromkeys(
        key
        for word in words
        for facet in FACETS_OF_A_TOPIC
        for key in base.vocabulary.nearest(FACETS[facet], word, 2)
    )
    nearest = f"Nearest: {', '.join(near)}. " if near else ""
    listed = " ".join(words)
    return UnknownValue(f"No approach or outcome is called '{listed}'.", f"{nearest}{_LISTS}")


def _check(question: Question) -> None:
    """Refuse what a brief cannot be about."""
    others = [c for c in question.criteria if c.facet not in FACETS_OF_A_TOPIC]
    if others:
        named = f"'{', '.join(others[0].values)}' is of the facet {others[0].facet}"
        raise UnknownValue(
            f"A brief is about an approach, an outcome or both; {named}.",
            f"Try {question.command()}, or leave it out.",
        )
    if not question.criteria or not all(c.wanted for c in question.criteria):
        raise UnknownValue("It is not said what the brief is about.", _EXAMPLE)
    unwanted = [value for c in question.criteria for value in c.unwanted]
    if unwanted:
        raise UnknownValue(
            f"A brief cannot leave out '{unwanted[0]}': it is about what it names.", _EXAMPLE
        )


def _named(base: Base, table: str, keys: Sequence[str]) -> str:
    return " or ".join(base.vocabulary.label(table, key) for key in keys)
