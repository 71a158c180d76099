"""Draw the verdict on a pooled answer at the head of what is made of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from kb_cli.render.parts import STRONG, bulleted, notes
from kb_cli.render.pool import STATUS

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer

_BULLET = "·"


def drawn_verdict(answer: "PooledAnswer", name: str = "Verdict") -> Iterator[RenderableType]:
    """Yield the verdict with its reasons and, where nothing is pooled, what would unlock it."""
    verdict = answer.verdict
    yield from notes(answer.notes)
    yield Text()
    yield Text(f"{name}: {verdict.status}", f"{STRONG} {STATUS[verdict.status]}")
    if verdict.reasons:
        yield bulleted((_BULLET, Text(reason)) for reason in verdict.reasons)
    if verdict.unlock and not verdict.is_poolable:
        yield Text()
        yield Text("What would unlock more", STRONG)
        yield bulleted((_BULLET, Text(sentence)) for sentence in verdict.unlock)
