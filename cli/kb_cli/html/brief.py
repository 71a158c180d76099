"""A brief as a web page, to be read on a phone or printed on two sheets."""

from html import escape
from typing import TYPE_CHECKING

from kb.brief.wording import WORDS
from kb_cli.html.page import Section, address, command, link, listed, page, paragraph
from kb_cli.html.style import BRIEF

if TYPE_CHECKING:
    from kb.brief.brief import Brief, Source, Statement
    from kb.brief.brief import Section as Part

_READING = (
    "Numbers in brackets lead to the sources at the end. Beside what was computed, counted or "
    "listed here stands the command that does it again. " + WORDS
)


def brief_page(brief: "Brief") -> str:
    """Return a brief as a page."""
    sections = [Section(part.key, part.heading, _part(brief, part)) for part in brief.sections]
    if brief.sources:
        sections.append(Section("sources", "Sources", _sources(brief)))
    lead = f'<p class="quiet">{escape(_READING)}</p><p>{command(brief.topic.command)}</p>'
    foot = paragraph(f"Data {brief.data.version}, {brief.data.hash[:12]}.")
    return page(brief.topic.title, lead, sections, foot, style=BRIEF)


def _part(brief: "Brief", part: "Part") -> str:
    blocks = []
    for block in part.blocks:
        title = f"<h3>{escape(block.heading)}</h3>" if block.heading else ""
        blocks.append(title + listed(_statement(brief, each) for each in block.statements))
    return "".join(blocks)


def _statement(brief: "Brief", statement: "Statement") -> str:
    """Return a statement with what qualifies it, its sources and the command behind it."""
    about = f"<strong>{escape(statement.about)}.</strong> " if statement.about else ""
    mark = f' <em class="quiet">{escape(statement.mark)}</em>' if statement.mark else ""
    marks = "".join(link(f"#source-{n}", f"[{n}]") for n in brief.markers(statement))
    cited = f' <span class="cited">{marks}</span>' if marks else ""
    again = ""
    if statement.command:
        again = f' <span class="again">{escape(statement.how)}: {command(statement.command)}</span>'
    return f"{about}{escape(statement.text)}{mark}{cited}{again}"


def _sources(brief: "Brief") -> str:
    items = "\n".join(_source(source) for source in brief.sources)
    return f'{paragraph(brief.read_in_full)}<ol class="sources">{items}</ol>'


def _source(source: "Source") -> str:
    cited = f"[{source.number}] <cite>{escape(source.citation.rstrip('.'))}</cite>"
    about = f"{address(source.address)}; {escape(source.seen_in_words)}"
    return f'<li id="source-{source.number}">{cited}. <span class="quiet">{about}.</span></li>'
