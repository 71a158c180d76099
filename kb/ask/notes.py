"""What is said beside an answer about how its question was read."""

from collections.abc import Sequence

from kb.ask.lexicon import COUNTING, NEGATIONS, SCOPE, UNCOUNTED, WISHES
from kb.ask.names import Names
from kb.ask.reading import Reading
from kb.ask.subject import Asked
from kb.errors import UnknownValue
from kb.question import Question

_SHOWN = 8
_NOTHING_TO_POOL = (
    "Nothing is pooled because no outcome is named; try kb pool --outcome survival, say."
)
_EXAMPLE = 'For example: kb ask "which RCTs measured pain with SEGT?"'
_WHERE = "Try kb search for the full text, or kb terms for the words that are known."


def about_words(words: Sequence[str], reading: Reading, names: Names) -> list[str]:
    """Return what became of words that narrow nothing, those that were not used first."""
    text = f" {' '.join(words)} "
    left = set(reading.left())
    return [
        *_not_used(reading, names),
        *(
            f"'{phrase}' narrows nothing: the whole base is about it."
            for phrase in sorted(SCOPE)
            if f" {phrase} " in text
        ),
        *(note for asking, note in WISHES if left & set(asking.split())),
    ]


def about_pooling(wanted: Question, question: Question, measures: Sequence[str]) -> list[str]:
    """Return what is not pooled: everything without an outcome, and all measures but the first."""
    told = [] if question.subject == wanted.subject else [_NOTHING_TO_POOL]
    others = (f"{question.command()} --measure {measure}" for measure in measures[1:])
    if len(measures) > 1:
        told.append(f"One measure is pooled at a time; for the rest: {'; '.join(others)}.")
    return told


def about_answer(
    words: Sequence[str], question: Question, asked: Asked, reading: Reading
) -> list[str]:
    """Return what a reader must know to take the answer for what it is."""
    told = [
        f"Several values of {facet} are taken as any of them, not all of them."
        for facet in dict.fromkeys(reading.any_of)
    ]
    if asked.also:
        others = (Question(subject, question.criteria).command() for subject in asked.also)
        told.append(f"One thing is answered at a time; for the rest: {'; '.join(others)}.")
    if _counted(words):
        told.append("The count stands at the top.")
    return told


def refusal(words: Sequence[str], told: Sequence[str]) -> UnknownValue:
    """Return the error for a question of which nothing was understood."""
    if not words:
        return UnknownValue("No question was asked.", _EXAMPLE)
    problem = "Nothing in this question names anything that the base holds."
    return UnknownValue(problem, " ".join([*told, _WHERE]))


def _not_used(reading: Reading, names: Names) -> list[str]:
    unused = reading.unused()
    if not unused:
        return []
    listed = [_with_reason(word, reading, names) for word in unused[:_SHOWN]]
    more = f" and {len(unused) - _SHOWN} more" if len(unused) > _SHOWN else ""
    return [f"Words not used: {', '.join(listed)}{more}."]


def _with_reason(word: str, reading: Reading, names: Names) -> str:
    """Return a word with why it was not used, or the nearest word that would have been."""
    facet = reading.useless.get(word)
    if facet:
        return f"{word} ({facet}; does not narrow {reading.subject})"
    if word in NEGATIONS:
        return f"{word} (leaves nothing out here)"
    near = names.nearest(word)
    return f"{word} (did you mean {near}?)" if near else word


def _counted(words: Sequence[str]) -> bool:
    """Return whether rows are asked to be counted: not 'how many patients'."""
    text = f" {' '.join(words)} "
    counted = (text.partition(f" {phrase} ")[2].split() for phrase in COUNTING)
    return any(after and after[0] not in UNCOUNTED for after in counted)
