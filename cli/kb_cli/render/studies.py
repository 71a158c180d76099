"""Draw studies: a line each, or, where an outcome was asked for, what each measured."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from kb_cli.render.parts import (
    QUIET,
    STRONG,
    Footnotes,
    direction,
    grid,
    indented,
    joined,
)


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return studies as a table, or as blocks with their measurements."""
    if any("measured" in row for row in rows):
        return [part for row in rows for part in _block(row, footnotes)]
    columns = [
        {"header": "STUDY", "min_width": 22},
        {"header": "N", "justify": "right", "no_wrap": True},
        {"header": "DESIGN"},
        {"header": "APPROACH"},
        {"header": "CANCER"},
        {"header": "COUNTRY"},
        {"header": "KEY", "min_width": 14},
    ]
    return [grid(columns, (_line(row, footnotes) for row in rows))]


def _line(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    return [
        Text(row["label"]) + footnotes.mark(row["passage"]),
        Text(str(row["n"]) if row["n"] is not None else "?"),
        Text(row["design"]),
        Text(joined(row["approaches"], ", ") or "?"),
        Text(joined(row["cancers"], ", ") or "?"),
        Text(joined(row["countries"], ", ") or "?"),
        Text(row["key"], QUIET),
    ]


def _block(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    counted = row["n_counted"] or ""
    size = f"{row['n']} {counted}" if row["n"] is not None else "number not known"
    versus = joined([joined(row["approaches"], "+"), joined(row["comparators"], "+")], " v ")
    about = joined(
        [row["design"], size, joined(row["countries"], ", "), joined(row["cancers"], ", "), versus]
    )
    lines = [line for measured in row.get("measured", []) for line in _measured(measured, footnotes)]
    columns = [
        {"header": "OUTCOME", "ratio": 4},
        {"header": "INSTRUMENT", "ratio": 4},
        {"header": "TIME", "ratio": 3},
        {"header": "DIRECTION OF EFFECT", "ratio": 4},
        {"header": "REPORT", "ratio": 4},
    ]
    table = grid(columns, lines)
    table.expand = True
    return [
        Text.assemble((row["label"], STRONG), (f"  {row['key']}", QUIET))
        + footnotes.mark(row["passage"]),
        indented(Text(about, QUIET)),
        indented(table),
        Text(),
    ]


def _measured(row: dict[str, Any], footnotes: Footnotes) -> list[list[RenderableType]]:
    instrument = row["instrument_name"] or row["instrument_detail"] or "not named"
    first = [Text(row["outcome_name"]), Text(instrument), Text(row["time"] or "not stated")]
    report = Text(row["citation"])
    if not row["findings"]:
        none = Text("no result seen", QUIET)
        return [[*first, none, report + footnotes.mark(row["passage"])]]
    lines: list[list[RenderableType]] = []
    for found in row["findings"]:
        said = direction(found["direction"])
        only = joined([found["population"] or "", found["analysis"] or ""], ", ")
        if only:
            said += Text(f" ({only})", QUIET)
        lines.append([*first, said, report + footnotes.mark(found["passage"], row["passage"])])
        first, report = [Text(), Text(), Text()], Text()
    return lines
