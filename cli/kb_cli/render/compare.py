"""Draw two records side by side, or one below the other where there is no room."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from kb.compare.comparison import DIFFERENT, ONLY_A, ONLY_B, SHARED
from kb_cli.render.parts import (
    QUIET,
    STRONG,
    ByWidth,
    Footnotes,
    bulleted,
    counted,
    grid,
    heading,
    indented,
    notes,
)

if TYPE_CHECKING:
    from kb.compare.aspects import Aspect
    from kb.compare.comparison import Comparison, Line

_SAME = "the same"


def drawn_comparison(found: "Comparison", *, sources: bool) -> list[RenderableType]:
    """Return what differs, then what is shared, then what is known for one side only."""
    footnotes = Footnotes(sources)
    parts: list[RenderableType] = [
        heading(f"A  {found.a.label}", found.a.key),
        heading(f"B  {found.b.label}", found.b.key),
    ]
    for standing, title in ((DIFFERENT, "Where they differ"), (SHARED, "What they share")):
        lines = found.of(standing)
        parts += [Text(), heading(title.upper(), str(len(lines)))]
        parts += _both(found, lines, footnotes) if lines else [Text("Nothing.", QUIET)]
    for standing, side, name in ((ONLY_A, found.a, "A"), (ONLY_B, found.b, "B")):
        lines = found.of(standing)
        if lines:
            parts += [Text(), heading(f"KNOWN ONLY FOR {name}", f"{len(lines)}  {side.label}")]
            parts += _one(lines, footnotes)
    parts += [Text(), *notes(_notes(found, sources=sources))]
    return [*parts, *footnotes.drawn()]


def _notes(found: "Comparison", *, sources: bool) -> Iterable[str]:
    only = len(found.of(ONLY_A)) + len(found.of(ONLY_B))
    if only:
        yield (
            f"{counted(only, 'thing')} known for one side only: that the base does not know the "
            "same of the other side is no difference between them."
        )
    if not sources:
        yield "--sources shows the passage behind each of both sides."


def _both(
    found: "Comparison", lines: Sequence["Line"], footnotes: Footnotes
) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for section, group in groupby(lines, key=lambda line: line.section):
        rows = [(line.label, *_sides(line, footnotes)) for line in group]
        columns = [Column(style=QUIET, width=20), Column(ratio=1), Column(ratio=1)]
        wide = grid(columns, [(Text(label), a, b) for label, a, b in rows])
        wide.expand = True
        narrow = Group(*(_stacked(label, a, b) for label, a, b in rows))
        parts += [Text(section, STRONG), indented(ByWidth(narrow, wide))]
    header = grid(
        [Column(width=20), Column(ratio=1), Column(ratio=1)],
        [(Text(), Text(f"A  {found.a.label}", QUIET), Text(f"B  {found.b.label}", QUIET))],
    )
    header.expand = True
    return [ByWidth(Group(), indented(header)), *parts]


def _stacked(label: str, a: RenderableType, b: RenderableType) -> RenderableType:
    return Group(Text(label, QUIET), indented(bulleted([("A", a), ("B", b)])))


def _sides(line: "Line", footnotes: Footnotes) -> tuple[RenderableType, RenderableType]:
    """Return what is told of both sides; words that are the same are said once."""
    first = _told(line.a, footnotes)
    if [aspect.text for aspect in line.a] != [aspect.text for aspect in line.b]:
        return first, _told(line.b, footnotes)
    marks = footnotes.mark(*(aspect.passage for aspect in line.b))
    return first, Text(_SAME, QUIET) + marks


def _told(side: Iterable["Aspect"], footnotes: Footnotes) -> RenderableType:
    texts = [Text(aspect.text) + footnotes.mark(aspect.passage) for aspect in side]
    return texts[0] if len(texts) == 1 else bulleted(("·", text) for text in texts)


def _one(lines: Sequence["Line"], footnotes: Footnotes) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for section, group in groupby(lines, key=lambda line: line.section):
        columns = [Column(style=QUIET, max_width=20), Column()]
        rows = [(Text(line.label), _told(line.a or line.b, footnotes)) for line in group]
        parts += [Text(section, STRONG), indented(grid(columns, rows))]
    return parts
