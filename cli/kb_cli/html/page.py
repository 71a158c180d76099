"""The shell of a web page, its style, and the pieces that pages share. All text is escaped."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from kb.citations import SEEN_IN_WORDS
from kb_cli.html.style import STYLE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing besides its own style."""


@dataclass(frozen=True)
class Section:
    """A part of a page with its heading; `body` is HTML."""

    key: str
    heading: str
    body: str


def page(title: str, lead: str, sections: Sequence[Section], foot: str, *, style: str = "") -> str:
    """Return a whole page: its title as the one first heading, and links to its sections.

    `lead` and `foot` are HTML; `style` is what the page has beside the common one.
    """
    links = "".join(f"<li>{link(f'#{each.key}', each.heading)}</li>" for each in sections)
    body = "".join(
        f'<section id="{each.key}" aria-labelledby="{each.key}-heading">'
        f'<h2 id="{each.key}-heading">{escape(each.heading)}</h2>{each.body}</section>\n'
        for each in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the content</a>\n'
        f"<header><h1>{escape(title)}</h1>{lead}</header>\n"
        f'<nav aria-label="On this page"><ul>{links}</ul></nav>\n'
        f'<main id="main" tabindex="-1">\n{body}</main>\n'
        f"<footer>{foot}</footer>\n</body>\n</html>\n"
    )


def paragraph(text: str) -> str:
    """Return a sentence or several."""
    return f"<p>{escape(text)}</p>"


def listed(items: Iterable[str]) -> str:
    """Return pieces of HTML as a list, "" where there is none."""
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{lines}</ul>" if lines else ""


def terms(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names beside what is said of them, "" where there is none."""
    lines = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(said)}</dd></div>" for name, said in pairs
    )
    return f"<dl>{lines}</dl>" if lines else ""


def link(target: str, text: str) -> str:
    """Return a link."""
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def command(text: str) -> str:
    """Return a command line, which breaks between its words and nowhere else."""
    words = " ".join(f"<span>{escape(word)}</span>" for word in text.split(" "))
    return f"<code>{words}</code>"


def unseen(text: str) -> str:
    """Return words for those who hear the page."""
    return f'<span class="unseen">{escape(text)}</span>'


def evidence(items: Iterable[Mapping[str, Any]]) -> str:
    """Return facts by their passage: what it carries, its report, place and words.

    An item has `what`, `direction` and `mark`, which may be empty, and `passage`.
    """
    by_passage: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for item in items:
        passage = item["passage"]
        identity = (passage["report"], passage["locator"], passage["quote"])
        by_passage.setdefault(identity, []).append(item)
    return listed(_carried(carried) for carried in by_passage.values())


def _carried(items: Sequence[Mapping[str, Any]]) -> str:
    facts = "".join(f'<p class="fact">{_fact(item)}</p>' for item in items)
    return f"{facts}{_source(items[0]['passage'])}"


def _fact(item: Mapping[str, Any]) -> str:
    way = item["direction"]
    about = ", ".join(filter(None, (way and str(way).replace("-", " "), item["mark"])))
    return escape(item["what"]) + (f" <strong>{escape(about)}</strong>" if about else "")


def _source(passage: Mapping[str, Any]) -> str:
    return (
        f'<p class="source"><cite>{escape(passage["citation"])}</cite>, '
        f"{escape(passage['locator'])}: <q>{escape(passage['quote'])}</q> "
        f"{address(passage['address'])}; {escape(SEEN_IN_WORDS[passage['seen']])}</p>"
    )


def address(found: str) -> str:
    """Return where a report is found, as a link where that is safe."""
    target = found if re.match(r"https?://", found) else ""
    if found.startswith("doi:"):
        target = f"https://doi.org/{quote(found.removeprefix('doi:'), safe='/()')}"
    elif re.fullmatch(r"PMID \d+", found):
        target = f"https://pubmed.ncbi.nlm.nih.gov/{found.removeprefix('PMID ')}/"
    if not target:
        return escape(found)
    return f'<a href="{escape(target)}" rel="noreferrer">{escape(found)}</a>'
