"""Draw a brief on the screen, and write it in Markdown."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from kb.brief.wording import WORDS
from kb_cli.render.parts import QUIET, STRONG, bulleted, grid, heading, indented, notes

if TYPE_CHECKING:
    from kb.brief.brief import Brief, Source, Statement

_BULLET = "·"
_ARROW = "→"
_READING = (
    f"[1] leads to a source below. {_ARROW} stands before a command that computes, counts or lists "
    f"the same again. {WORDS}"
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def drawn_brief(brief: "Brief") -> Iterator[RenderableType]:
    """Yield the brief from what is known in short down to the sources."""
    yield heading(brief.topic.title, brief.topic.command)
    yield from notes([_READING])
    for section in brief.sections:
        yield Text()
        yield Text(section.heading.upper(), STRONG)
        for block in section.blocks:
            if block.heading:
                yield indented(Text(f"{block.heading}:", QUIET))
            items = [(_BULLET, _drawn(brief, each)) for each in block.statements]
            yield indented(bulleted(items))
    if brief.sources:
        yield Text()
        yield Text("SOURCES", STRONG)
        yield indented(Text(brief.read_in_full, QUIET))
        yield indented(grid([Column(justify="right"), Column()], map(_source, brief.sources)))
    yield from notes(["", _state(brief)])


def brief_in_markdown(brief: "Brief") -> str:
    """Return the brief as a document in Markdown, its sources as footnotes."""
    parts = [f"# {_escaped(brief.topic.title)}", f"`{brief.topic.command}`", WORDS]
    for section in brief.sections:
        parts.append(f"## {section.heading}")
        for block in section.blocks:
            if block.heading:
                parts.append(f"### {_escaped(block.heading)}")
            parts.append("\n".join(_item(brief, each) for each in block.statements))
    if brief.sources:
        parts += ["## Sources", brief.read_in_full, "\n".join(map(_footnote, brief.sources))]
    return "\n\n".join([*parts, _state(brief)])


def _drawn(brief: "Brief", statement: "Statement") -> RenderableType:
    """Return a statement with its marks, and below it the command that gives the same again."""
    about = Text(f"{statement.about}. ", STRONG) if statement.about else Text()
    marks = "".join(f"[{number}]" for number in brief.markers(statement))
    mark = f" ({statement.mark})" if statement.mark else ""
    text = Text.assemble(
        about, statement.text, (mark, QUIET), (f" {marks}" if marks else "", QUIET)
    )
    if not statement.command:
        return text
    return Group(text, Text(f"{_ARROW} {statement.how}: {statement.command}", QUIET))


def _source(source: "Source") -> list[RenderableType]:
    about = Text.assemble(
        source.citation.rstrip("."), (f". {source.address}; {source.seen_in_words}", QUIET)
    )
    return [Text(f"[{source.number}]", QUIET), about]


def _item(brief: "Brief", statement: "Statement") -> str:
    about = f"**{_escaped(statement.about)}.** " if statement.about else ""
    mark = f" *({_escaped(statement.mark)})*" if statement.mark else ""
    marks = "".join(f"[^{number}]" for number in brief.markers(statement))
    command = f" — {statement.how}: `{statement.command}`" if statement.command else ""
    return f"- {about}{_escaped(statement.text)}{mark}{marks}{command}"


def _footnote(source: "Source") -> str:
    cited = _escaped(source.citation.rstrip("."))
    about = f"{cited}. {_escaped(source.address)}; {source.seen_in_words}."
    return f"[^{source.number}]: {about}"


def _state(brief: "Brief") -> str:
    return f"Data {brief.data.version}, {brief.data.hash[:12]}."


def _escaped(text: str) -> str:
    """Return text in which no character is taken for Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
