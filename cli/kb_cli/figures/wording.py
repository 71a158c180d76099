"""What several figures say in words."""

from collections.abc import Iterable
from textwrap import wrap

from kb.errors import KbError
from kb.pooling.answer import PooledAnswer
from kb.synthesis.measures import Measure
from kb_cli.figures.text import cleaned, sentence
from kb_cli.render.pooled import Shown

_HEADER = 18


def shown_of(answer: PooledAnswer) -> Shown:
    """Return the numbers of an answer; raise KbError where there are no effects to draw."""
    if answer.analysis is None:
        raise KbError(
            "There are no effects to draw: no study has one that can be pooled.",
            "Ask for --figure direction, which shows which way the findings point.",
        )
    return Shown(answer, answer.analysis)


def missing_part(name: str, notes: Iterable[str]) -> KbError:
    """Return the error that a part of a sensitivity analysis could not be made, and why."""
    return KbError(f"There is no {name} to draw.", next(iter(notes), ""))


def effect_header(measure: Measure, level: float) -> str:
    """Return the header of effects with their intervals, in short lines."""
    return "\n".join([*wrap(sentence(measure.reported), _HEADER), f"[{level:g}% CI]"])


def paragraph(sentences: Iterable[str]) -> str:
    """Return sentences, each with its full stop, as one text."""
    return " ".join(f"{cleaned(text).rstrip('.')}." for text in sentences if text)
