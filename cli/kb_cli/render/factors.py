"""Draw barriers and facilitators by CFIR domain and construct."""

from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import (
    QUIET,
    STRONG,
    Footnotes,
    counted,
    grid,
    indented,
    joined,
    stated,
    valence,
)


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return factors under their domain and construct, with who said them."""
    parts: list[RenderableType] = []
    for domain, in_domain in groupby(rows, key=lambda row: row["domain_name"]):
        parts.append(Text(domain.upper(), STRONG))
        for _, found in groupby(in_domain, key=lambda row: row["construct"]):
            of_construct = list(found)
            parts += [indented(part) for part in _construct(of_construct, footnotes)]
        parts.append(Text())
    return parts


def _construct(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    first = rows[0]
    count = first["construct_studies"]
    told_by = counted(count, "study") if count else "reviews only"
    head = Text.assemble(
        (first["construct_name"], STRONG),
        (f"  {first['construct_code']} · {told_by} · {first['construct']}", QUIET),
    )
    return [
        head,
        indented(grid([Column(min_width=11), Column()], (_line(row, footnotes) for row in rows))),
    ]


def _line(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    share = f"{row['studies']} of {row['of_studies']} studies" if row["studies"] else ""
    inferred = "coding inferred" if row["status"] == "inferred" else ""
    who = joined([row["voice"], row["label"], share, inferred])
    mark = footnotes.mark(row["passage"])
    return [valence(row["valence"]), stated(row["statement"], who, mark)]
