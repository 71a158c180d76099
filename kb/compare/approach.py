"""The aspects of an approach: its trials, what they measured and found, what is said of it."""

from collections.abc import Iterable

from kb.answers import answer
from kb.answers.shared import measured
from kb.answers.studies import study_rows
from kb.base import Base, Record
from kb.compare.aspects import Aspect
from kb.pages.numbers import DIRECTIONS
from kb.question import Criterion, Question
from kb.selection import study_keys

_Labels = dict[str, str]


def approach_aspects(base: Base, key: str) -> Iterable[Aspect]:
    """Yield all that is told of an approach by the studies that tried it, and those below it."""
    criteria = (Criterion("approach", (key,)),)
    question = Question("studies", criteria)
    trials = study_rows(base, question, study_keys(base, question))
    yield from _in_all(trials)
    for row in trials:
        size = f", {row['n']} {row['n_counted']}" if row["n"] is not None else ""
        yield Aspect("Studies", row["label"], row["design_name"] + size, passage=row["passage"])
    yield from _outcomes(base, {row["key"]: row["label"] for row in trials})
    for row in answer(base, Question("themes", criteria)).rows:
        text = f"{row['statement']} ({row['label']})"
        yield Aspect("Themes", row["theme_name"], text, passage=row["passage"])
    for row in answer(base, Question("factors", criteria)).rows:
        text = f"{row['valence']}: {row['statement']} ({row['label']})"
        section, name = "Barriers and facilitators", row["construct_name"]
        yield Aspect(section, name, text, row["valence"], row["passage"])


def _in_all(trials: list[Record]) -> Iterable[Aspect]:
    known = [row["n"] for row in trials if row["n"] is not None]
    said = f"{sum(known)} in the {len(known)} of {len(trials)} studies that give a number"
    for label, text in (("studies", str(len(trials))), ("participants", said)):
        yield Aspect("In all", label, text, text)


def _outcomes(base: Base, labels: _Labels) -> Iterable[Aspect]:
    """Yield outcomes with the directions that studies found; the directions are compared."""
    rows = measured(base, [], list(labels))
    rows.sort(key=lambda row: (row["outcome_name"], labels[row["study"]]))
    directed = {(row["study"], row["outcome"]) for row in rows if row["findings"]}
    told: dict[tuple[str, str], Aspect] = {}
    for row in rows:
        label = labels[row["study"]]
        found = list(_directions(row, label))
        if not found and (row["study"], row["outcome"]) not in directed:
            text = f"measured, no direction told: {label}"
            found = [Aspect("Outcomes", row["outcome_name"], text, passage=row["passage"])]
        for aspect in found:
            told.setdefault((aspect.label, aspect.text), aspect)
    yield from told.values()


def _directions(row: Record, label: str) -> Iterable[Aspect]:
    for found in row["findings"]:
        direction = DIRECTIONS[found["direction"]]
        only = "; ".join(filter(None, [found["population"], found["analysis"]]))
        text = f"{direction}: {label}{f', {only}' if only else ''}"
        yield Aspect("Outcomes", row["outcome_name"], text, direction, found["passage"])
