"""Draw the passages behind a record: the facts with their numbers, then the passages."""

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from kb.flat import PASSAGE, Flat, passage_cells
from kb_cli.render.parts import QUIET, STRONG, Footnotes, counted, heading, indented

if TYPE_CHECKING:
    from kb.trace import Traced


def drawn_trace(key: str, found: list["Traced"]) -> list[RenderableType]:
    """Return facts by kind, each with the marks of its passages, and the passages."""
    footnotes = Footnotes(wanted=True)
    body: list[RenderableType] = []
    for table, rows in groupby(found, key=lambda item: item.table):
        body += [Text(), Text(table.replace("_", " ").upper(), STRONG)]
        for _, alike in groupby(rows, key=lambda item: item.fact):
            body += [indented(part) for part in _fact(list(alike), footnotes)]
    passages = footnotes.drawn()
    facts = len({(item.table, item.key) for item in found})
    counts = f"{counted(facts, 'fact')}, {counted(len(footnotes), 'passage')}"
    return [heading(counts, f"behind {key}"), *body, *passages]


def flat_trace(found: list["Traced"]) -> Flat:
    """Return a row for each passage of each fact."""
    headers = ["table", "key", "fact", "field", *PASSAGE]
    rows = [[t.table, t.key, t.fact, t.field, *passage_cells(t.passage)] for t in found]
    return headers, rows


def _fact(alike: list["Traced"], footnotes: Footnotes) -> list[RenderableType]:
    """Return a fact, or several that read alike, such as the survival times of one arm."""
    keys = list(dict.fromkeys(item.key for item in alike))
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    marks = [
        Text.assemble((f" {_about(item)}", QUIET), footnotes.mark(item.passage)) for item in alike
    ]
    said = Text.assemble(
        alike[0].fact,
        *({mark.plain: mark for mark in marks}.values()),
        (f"  {keys[0]}{more}", QUIET),
    )
    derived = {f"derived: {d['formula']}; from {d['inputs']}" for i in alike if (d := i.derivation)}
    return [said, *(indented(Text(how, QUIET)) for how in sorted(derived))]


def _about(item: "Traced") -> str:
    return "" if item.field == "*" else f"{item.field.removesuffix('_key')} "
