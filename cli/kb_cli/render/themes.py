"""Draw qualitative themes and whose voice they are."""

from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, Footnotes, counted, grid, indented, joined, stated


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return theme findings under their theme."""
    parts: list[RenderableType] = []
    for _, found in groupby(rows, key=lambda row: row["theme"]):
        of_theme = list(found)
        first = of_theme[0]
        count = first["theme_studies"]
        told_by = counted(count, "study") if count else "reviews only"
        parts.append(
            Text.assemble((first["theme_name"], STRONG), (f"  {told_by} · {first['theme']}", QUIET))
        )
        parts.append(indented(grid([Column()], ([_line(row, footnotes)] for row in of_theme))))
        parts.append(Text())
    return parts


def _line(row: dict[str, Any], footnotes: Footnotes) -> RenderableType:
    share = f"{row['studies']} of {row['of_studies']} studies" if row["studies"] else ""
    who = joined([row["voice"], row["label"], share])
    return stated(row["statement"], who, footnotes.mark(row["passage"]))
