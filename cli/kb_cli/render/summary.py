"""Draw the base at a glance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, grid, halves, heading, indented

if TYPE_CHECKING:
    from kb.base import DataState
    from kb.summary import Summary

_BAR = 6
_MOST = 8
_TITLES = {
    "design": "Studies by design",
    "approach": "Studies by approach",
    "cancer": "Studies by cancer",
    "country": "Studies by country",
    "outcome": "Studies by outcome",
    "direction": "Findings by direction of effect",
}


def drawn_summary(summary: "Summary", data: "DataState") -> list[RenderableType]:
    """Return the summary as totals and bars, side by side where there is room."""
    span = f"{summary.years[0]} to {summary.years[1]}" if summary.years else ""
    totals = [(Text(f"{count:,}", STRONG), Text(name)) for name, count in summary.totals.items()]
    blocks = [_block(_TITLES[name], counts) for name, counts in summary.spread.items()]
    return [
        heading("The evidence base at a glance", f"studies from {span}" if span else ""),
        Text(f"data {data.version}, {data.hash[:12]}", QUIET),
        Text(),
        halves([Column(justify="right", min_width=5), Column()], totals),
        Text(),
        Columns(blocks, padding=(0, 3), equal=True),
        Text("What it lacks", STRONG),
        *(indented(Text(line)) for line in summary.gaps),
    ]


def flat_summary(summary: "Summary") -> tuple[list[str], list[list[str | int]]]:
    """Return a row for each count."""
    rows: list[list[str | int]] = [["total", name, n] for name, n in summary.totals.items()]
    rows += [[of, term, n] for of, counts in summary.spread.items() for term, n in counts]
    return ["of", "what", "count"], rows


def _block(title: str, counts: Sequence[tuple[str, int]]) -> Group:
    most = max((count for _, count in counts), default=1)
    rows = [
        (
            Text(name),
            Text(str(count)),
            Text("█" * max(1, round(_BAR * count / most)), QUIET),
        )
        for name, count in counts[:_MOST]
    ]
    hidden = counts[_MOST:]
    if hidden:
        rows.append((Text(f"and {len(hidden)} more", QUIET), Text(""), Text("")))
    table = grid([Column(width=24), Column(justify="right", width=3), Column(width=_BAR)], rows)
    return Group(Text(title, STRONG), table, Text())
