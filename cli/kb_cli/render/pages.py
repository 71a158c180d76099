"""Draw the page of a record: facts under headings, labels left, values right."""

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, Footnotes, grid, heading, indented

if TYPE_CHECKING:
    from kb.pages import Fact, Page

_LABEL_WIDTH = 20


def drawn_page(page: "Page", *, sources: bool) -> list[RenderableType]:
    """Return a page as renderables."""
    footnotes = Footnotes(sources)
    parts: list[RenderableType] = [heading(page.title, f"{page.kind} · {page.key}")]
    if page.lead:
        parts.append(Text(page.lead, QUIET))
    for section in page.sections:
        parts += [Text(), Text(section.heading.upper(), STRONG)]
        labelled = any(fact.label for fact in section.facts)
        columns = (
            [Column(style=QUIET, max_width=_LABEL_WIDTH), Column()] if labelled else [Column()]
        )
        lines = [_line(fact, footnotes, labelled=labelled) for fact in section.facts]
        parts.append(indented(grid(columns, lines)))
    if page.also:
        parts += [Text(), Text(f"Also of this name: {', '.join(page.also)}", QUIET)]
    if not sources:
        parts += [Text(), Text("--sources shows the passage behind each fact.", QUIET)]
    return [*parts, *footnotes.drawn()]


def _line(fact: "Fact", footnotes: Footnotes, *, labelled: bool) -> list[RenderableType]:
    mark = Text(f" [{fact.mark}]", QUIET) if fact.mark else Text()
    value = Text(fact.value) + mark + footnotes.mark(fact.passage)
    return [Text(fact.label), value] if labelled else [value]
