"""Draw qualitative themes and whose voice they are."""

from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, Footnotes, grid, indented, joined


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return theme findings under their theme."""
    parts: list[RenderableType] = []
    for _, found in groupby(rows, key=lambda row: row["theme"]):
        of_theme = list(found)
        first = of_theme[0]
        count = first["theme_studies"]
        counted = f"{count} {'study' if count == 1 else 'studies'}" if count else "reviews only"
        parts.append(
            Text.assemble((first["theme_name"], STRONG), (f"  {counted} · {first['theme']}", QUIET))
        )
        parts.append(indented(grid([Column()], ([_line(row, footnotes)] for row in of_theme))))
        parts.append(Text())
    return parts


def _line(row: dict[str, Any], footnotes: Footnotes) -> Text:
    counted = f"{row['studies']} of {row['of_studies']} studies" if row["studies"] else ""
    who = joined([row["voice"], row["label"], counted])
    return Text.assemble(row["statement"], (f" ({who})", QUIET)) + footnotes.mark(row["passage"])
