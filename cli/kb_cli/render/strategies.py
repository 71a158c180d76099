"""Draw strategies: those reported, then those that experts chose for a barrier."""

from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, Footnotes, grid, indented, joined, stated


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return strategies by where they come from."""
    reported = [row for row in rows if row["kind"] == "reported"]
    chosen = [row for row in rows if row["kind"] != "reported"]
    parts: list[RenderableType] = []
    for label, found in groupby(reported, key=lambda row: row["label"]):
        parts.append(Text(label, STRONG))
        parts.append(indented(grid([Column()], ([_reported(row, footnotes)] for row in found))))
        parts.append(Text())
    if chosen:
        parts.append(Text("Chosen by experts for this barrier (CFIR-ERIC)", STRONG))
        columns = [Column(justify="right", min_width=7), Column(), Column(style=QUIET)]
        parts.append(indented(grid(columns, (_chosen(row, footnotes) for row in chosen))))
    return parts


def _reported(row: dict[str, Any], footnotes: Footnotes) -> RenderableType:
    eric = f"ERIC: {row['eric_name']}, {row['status']}" if row["eric"] else "no ERIC match"
    about = joined([row["category"] or "", eric])
    return stated(row["statement"], about, footnotes.mark(row["passage"]))


def _chosen(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    share = row["endorsement_percent"]
    first = f"{share:g} %" if share is not None else f"level {row['level']}"
    return [
        Text(first),
        Text(row["statement"]) + footnotes.mark(row["passage"]),
        Text(row["barrier"]),
    ]
