"""Draw interventions: what, how much, and by whom."""

from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.pages.page import span
from kb_cli.render.parts import QUIET, Footnotes, grid, indented, joined, named


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return interventions as blocks of what is known of them."""
    parts: list[RenderableType] = []
    for row in rows:
        parts.append(named(row["name"], row["key"], footnotes.mark(row["passage"])))
        parts.append(indented(grid([Column(style=QUIET, min_width=10), Column()], _lines(row))))
        parts.append(Text())
    return parts


def _lines(row: dict[str, Any]) -> list[list[RenderableType]]:
    minutes = span(row["session_minutes_low"], row["session_minutes_high"], "minutes")
    sessions = span(row["sessions_low"], row["sessions_high"], "sessions")
    weeks = f"{row['weeks']:g} weeks" if row["weeks"] else ""
    told = {
        "studied in": row["label"],
        "approach": joined(row["approaches"], ", "),
        "holds": joined(row["components"], ", "),
        "how": joined([row["delivery"] or "", joined(row["modes"], ", ")], ", "),
        "how much": joined([row["frequency"] or "", minutes, sessions, weeks], ", "),
        "led by": joined(row["facilitators"], ", ") or (row["facilitation"] or ""),
    }
    return [[Text(label), Text(value)] for label, value in told.items() if value]
