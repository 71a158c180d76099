"""Draw reviews: what they cover, what they pooled, and which of their studies are known."""

from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, Footnotes, counted, grid, indented, joined, named


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return reviews as blocks."""
    parts: list[RenderableType] = []
    for row in rows:
        about = joined(
            [
                row["kind"],
                counted(row["studies"], "study") if row["studies"] is not None else "",
                f"{row['participants']:,} participants" if row["participants"] is not None else "",
                counted(row["claims"], "claim") if row["claims"] else "",
            ]
        )
        parts.append(named(row["label"], row["key"], footnotes.mark(row["passage"])))
        parts.append(indented(Text(about, QUIET)))
        lines = [[Text("includes"), Text(_included(row))]] if row["included_here"] else []
        lines += [[Text("pooled"), Text(_pool(pool))] for pool in row["pooled"]]
        if lines:
            parts.append(indented(grid([Column(style=QUIET, min_width=9), Column()], lines)))
        parts.append(Text())
    return parts


def _included(row: dict[str, Any]) -> str:
    counts = joined(
        [f"{count} {status}" for status, count in row["included"].items() if count], ", "
    )
    return f"of the studies here: {counts}"


def _pool(pool: dict[str, Any]) -> str:
    interval = f" ({pool['ci_low']:g} to {pool['ci_high']:g})" if pool["ci_low"] is not None else ""
    outcome = pool["outcome_key"].replace("-", " ")
    about = joined([outcome, counted(pool["studies"], "study") if pool["studies"] else ""], ", ")
    return f"{pool['statistic']} {pool['estimate']:g}{interval}, {about}"
