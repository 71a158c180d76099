"""Draw answers as quiet tables that are readable at 80 columns and better at 120."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, Footnotes, grid, heading, notes

if TYPE_CHECKING:
    from kb.answer import Answer

Drawer = Callable[[list[dict[str, Any]], Footnotes], list[RenderableType]]

_MODULES: Mapping[str, str] = {
    "studies": "studies",
    "results": "results",
    "interventions": "interventions",
    "outcomes": "measures",
    "instruments": "measures",
    "factors": "factors",
    "barriers": "factors",
    "facilitators": "factors",
    "strategies": "strategies",
    "themes": "themes",
    "reviews": "reviews",
}


def drawn(answer: "Answer", *, sources: bool, asked: str = "") -> list[RenderableType]:
    """Return an answer as renderables: what was asked, the rows, and what a reader must know."""
    subject = answer.question.subject
    footnotes = Footnotes(sources)
    draw: Drawer = getattr(import_module(f"kb_cli.render.{_MODULES[subject]}"), subject, None) or (
        import_module(f"kb_cli.render.{_MODULES[subject]}").draw
    )
    body = draw(answer.rows, footnotes) if answer.rows else []
    if body and isinstance(body[-1], Text) and not body[-1].plain:
        body.pop()
    asked = asked or answer.question.command()
    return [
        *([heading(answer.counted, asked), Text(), *body] if answer.rows else [Text(asked, QUIET)]),
        *_told(answer),
        *footnotes.drawn(),
    ]


def _told(answer: "Answer") -> list[RenderableType]:
    told: list[RenderableType] = []
    if answer.notes:
        told += [Text(), *notes(answer.notes)]
    if answer.left_out:
        told += [Text(), Text(f"Left out ({len(answer.left_out)})", STRONG)]
        rows = [(Text(item.what), Text(item.reason, QUIET)) for item in answer.left_out[:_SHOWN]]
        told.append(grid([Column(ratio=None), Column()], rows))
        hidden = len(answer.left_out) - _SHOWN
        if hidden > 0:
            told.append(Text(f"and {hidden} more; --format json lists them all", QUIET))
    if answer.nearby:
        told += [Text(), Text("Nearest questions that have an answer", STRONG)]
        rows = [(Text(str(n.count)), Text(n.command)) for n in answer.nearby]
        told.append(grid([Column(justify="right"), Column()], rows))
    return told


_SHOWN = 12
