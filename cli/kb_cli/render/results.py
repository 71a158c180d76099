"""Draw results by study: findings in words, then the numbers between and within arms."""

from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.pages.numbers import arm_text, contrast_text
from kb_cli.render.parts import QUIET, STRONG, Footnotes, direction, grid, indented, joined, named


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return the measurements of each study under its name."""
    parts: list[RenderableType] = []
    for key, found in groupby(rows, key=lambda row: row["study"]):
        measured = list(found)
        parts.append(named(measured[0]["label"], key))
        for row in measured:
            parts += [indented(part) for part in _measurement(row, footnotes)]
        parts.append(Text())
    return parts


def _measurement(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    instrument = row["instrument_name"] or row["instrument_detail"] or ""
    about = joined([instrument, row["time"] or "", row["citation"]])
    about = joined([about, row["key"]])
    mark = footnotes.mark(row["passage"])
    head = Text.assemble((row["outcome_name"], STRONG), mark, (f"  {about}", QUIET))
    lines = [_finding(found, footnotes) for found in row["findings"]]
    lines += [
        [Text("between"), Text(contrast_text(c)) + footnotes.mark(c["passage"]) + _note(c)]
        for c in row["contrasts"]
    ]
    lines += [
        [Text(a["role"]), Text(arm_text(a)) + footnotes.mark(a["passage"]) + _note(a)]
        for a in row["arms"]
    ]
    if row["survival_times"]:
        lines.append([Text("persons"), Text(f"{row['survival_times']} individual survival times")])
    if not lines:
        lines.append([Text("no result", QUIET), Text("measured; no result was seen", QUIET)])
    return [head, indented(grid([Column(min_width=12), Column()], lines))]


def _finding(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    only = joined([row["population"] or "", row["analysis"] or ""], ", ")
    text = Text.assemble(row["statement"], (f" ({only})" if only else "", QUIET))
    return [direction(row["direction"]), text + footnotes.mark(row["passage"])]


def _note(row: dict[str, Any]) -> Text:
    return Text(f"\nNote: {row['note']}", QUIET) if row["note"] else Text()
