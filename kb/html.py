"""Answers as a notebook shows them: small pieces of HTML in which all text is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from kb.flat import flat, readable

if TYPE_CHECKING:
    from kb.answer import Answer
    from kb.pages import Fact, Page

MOST_ROWS = 50
_STYLE = (
    "<style>.evidence-kb td, .evidence-kb th {text-align: left; vertical-align: top}"
    " .evidence-kb td.number {text-align: right; white-space: nowrap}</style>"
)


def answer_html(answer: "Answer") -> str:
    """Return an answer: its count and question, the rows, and what was left out."""
    headers, rows = readable(*flat(answer))
    more = len(rows) - MOST_ROWS
    return page_of(
        caption(answer.counted, answer.question.command()),
        table(headers, rows[:MOST_ROWS]) if rows else "",
        paragraph(f"and {more} more rows; to_frame() holds them all") if more > 0 else "",
        *(paragraph(note) for note in answer.notes),
        folded("Left out", [f"{item.what}: {item.reason}" for item in answer.left_out]),
        folded(
            "Nearest questions that have an answer",
            [f"{near.command} ({near.count})" for near in answer.nearby],
        ),
    )


def record_html(page: "Page") -> str:
    """Return the page of a record: its facts under their headings, each with its source."""
    parts = []
    for section in page.sections:
        rows = [[fact.label, _marked(fact), _source(fact)] for fact in section.facts]
        parts += [f"<h4>{escape(section.heading)}</h4>", table(["", "", "source"], rows)]
    lead = paragraph(page.lead) if page.lead else ""
    return page_of(caption(page.title, f"{page.kind}:{page.key}"), lead, *parts)


def page_of(*parts: str) -> str:
    """Return pieces of HTML as one."""
    return f'{_STYLE}<div class="evidence-kb">{"".join(parts)}</div>'


def caption(text: str, code: str) -> str:
    """Return what stands above a table, with the command or key that it belongs to."""
    return f"<p><strong>{escape(text)}</strong> <code>{escape(code)}</code></p>"


def paragraph(text: str) -> str:
    """Return a sentence or several."""
    return f"<p>{escape(text)}</p>"


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows under headers; numbers stand to the right."""
    head = "".join(f"<th>{escape(header)}</th>" for header in headers)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def folded(title: str, items: Sequence[str]) -> str:
    """Return a list that opens on a click, or nothing where it is empty."""
    if not items:
        return ""
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<details><summary>{escape(title)} ({len(items)})</summary><ul>{listed}</ul></details>"


def _cell(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{value:.10g}</td>'
    return f"<td>{'' if value is None else escape(str(value))}</td>"


def _marked(fact: "Fact") -> str:
    return f"{fact.value} ({fact.mark})" if fact.mark else fact.value


def _source(fact: "Fact") -> str:
    passage = fact.passage
    return f"{passage['citation']}, {passage['locator']}" if passage else ""
