"""Draw the page of a record: facts under headings, labels left, values right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, Footnotes, bulleted, grid, heading, indented

if TYPE_CHECKING:
    from kb.pages import Fact, Page

_LABEL_WIDTH = 20
_BULLET = "·"
_ARROW = "→"


def drawn_page(page: "Page", *, sources: bool) -> list[RenderableType]:
    """Return a page as renderables."""
    footnotes = Footnotes(sources)
    parts: list[RenderableType] = [heading(page.title, f"{page.kind} · {page.key}")]
    if page.lead:
        parts.append(Text(page.lead, QUIET))
    for section in page.sections:
        parts += [Text(), Text(section.heading.upper(), STRONG)]
        draw = _labelled if any(fact.label for fact in section.facts) else _listed
        parts.append(indented(draw(section.facts, footnotes)))
    if page.also:
        parts += [Text(), Text(f"Also of this name: {', '.join(page.also)}", QUIET)]
    if not sources:
        parts += [Text(), Text("--sources shows the passage behind each fact.", QUIET)]
    return [*parts, *footnotes.drawn()]


def _labelled(facts: Sequence["Fact"], footnotes: Footnotes) -> RenderableType:
    """Return facts beside their labels; a label that several share is said once."""
    rows: list[tuple[str, list[Fact]]] = []
    for fact in facts:
        if not rows or fact.label not in {"", rows[-1][0]}:
            rows.append((fact.label, []))
        rows[-1][1].append(fact)
    columns = [Column(style=QUIET, max_width=_LABEL_WIDTH), Column()]
    return grid(columns, [(Text(label), _told(shared, footnotes)) for label, shared in rows])


def _listed(facts: Sequence["Fact"], footnotes: Footnotes) -> RenderableType:
    return bulleted((_BULLET, _value(fact, footnotes)) for fact in facts)


def _told(facts: Sequence["Fact"], footnotes: Footnotes) -> RenderableType:
    """Return what is told under one label; a fact that begins with an arrow belongs to the last."""
    items: list[list[RenderableType]] = []
    for fact in facts:
        value = _value(fact, footnotes)
        if fact.value.startswith(_ARROW) and items:
            items[-1].append(bulleted([(_ARROW, value[len(_ARROW) + 1 :])]))
        else:
            items.append([value])
    if len(items) == 1:
        return Group(*items[0])
    return bulleted((_BULLET, Group(*item)) for item in items)


def _value(fact: "Fact", footnotes: Footnotes) -> Text:
    mark = Text(f" [{fact.mark}]", QUIET) if fact.mark else Text()
    return Text(fact.value) + mark + footnotes.mark(fact.passage)
