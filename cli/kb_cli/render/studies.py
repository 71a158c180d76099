"""Draw studies: a line each, or, where an outcome was asked for, what each measured."""

from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import (
    QUIET,
    Footnotes,
    direction,
    grid,
    indented,
    joined,
    named,
    under,
)


def draw(rows: list[dict[str, Any]], footnotes: Footnotes) -> list[RenderableType]:
    """Return studies as a table, or as blocks with their measurements."""
    if any("measured" in row for row in rows):
        return [part for row in rows if "measured" in row for part in _block(row, footnotes)]
    return [grid([Column(), Column(justify="right")], (_line(row, footnotes) for row in rows))]


def _line(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    lists = (joined(row[name], ", ") for name in ("approaches", "cancers", "countries"))
    about = Text(joined([row["design"], *lists]))
    return [under(_name(row, footnotes), about), Text(f"n = {row['n'] or '?'}")]


def _name(row: dict[str, Any], footnotes: Footnotes) -> Text:
    return named(row["label"], row["key"], footnotes.mark(row["passage"]))


def _block(row: dict[str, Any], footnotes: Footnotes) -> list[RenderableType]:
    name = _name(row, footnotes)  # first, so that the numbers of the passages run down the page
    size = f"{row['n']} {row['n_counted'] or ''}" if row["n"] is not None else "number not known"
    about = joined(
        [
            row["design_name"],
            size,
            joined(row["country_names"], ", "),
            joined(row["cancer_names"], ", "),
        ]
    )
    versus = joined(
        [joined(row["approach_names"], " with "), joined(row["comparator_names"], ", ").lower()],
        " v ",
    )
    lines = [line for measured in row["measured"] for line in _measured(measured, footnotes)]
    return [
        name,
        indented(Text(about)),
        *([indented(Text(versus))] if versus else []),
        indented(grid([Column(min_width=24, max_width=34), Column()], lines), 4),
        Text(),
    ]


def _measured(row: dict[str, Any], footnotes: Footnotes) -> list[list[RenderableType]]:
    """Return a line for each finding, and one on time, instrument and report."""
    instrument = row["instrument_name"]
    detail = row["instrument_detail"] or ("" if instrument else "instrument not named")
    about = joined([row["time"] or "time not stated", joined([instrument or "", detail], ", ")])
    source = f"{row['citation']}, {row['passage']['locator']}"
    lines: list[Text] = [_finding(found, footnotes) for found in row["findings"]]
    lines = lines or [Text("measured; no result was seen", QUIET)]
    told = [*lines, Text(about, QUIET), Text(source, QUIET) + footnotes.mark(row["passage"])]
    names = [Text(row["outcome_name"]), *[Text()] * (len(told) - 1)]
    return [[name, line] for name, line in zip(names, told, strict=True)]


def _finding(found: dict[str, Any], footnotes: Footnotes) -> Text:
    only = joined([found["population"] or "", found["analysis"] or ""], "; ")
    return Text.assemble(direction(found["direction"]), (f" ({only})" if only else "", QUIET)) + (
        footnotes.mark(found["passage"])
    )
