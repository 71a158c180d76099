"""Draw outcomes and instruments."""

from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.pages.page import span
from kb_cli.render.parts import QUIET, Footnotes, grid, joined


def outcomes(rows: list[dict[str, Any]], _: Footnotes) -> list[RenderableType]:
    """Return outcomes with the number of studies and the instruments used."""
    columns = [
        Column(header="OUTCOME"),
        Column(header="STUDIES", justify="right"),
        Column(header="INSTRUMENTS"),
        Column(header="KEY", no_wrap=True),
    ]
    lines = [
        [
            Text(row["label"]),
            Text(str(row["studies"])),
            Text(
                joined(
                    [*row["instrument_names"], "not named" if row["unnamed_instrument"] else ""],
                    ", ",
                )
            ),
            Text(row["key"], QUIET),
        ]
        for row in rows
    ]
    return [grid(columns, lines)]


def instruments(rows: list[dict[str, Any]], _: Footnotes) -> list[RenderableType]:
    """Return instruments with what they measure and how many studies used them."""
    columns = [
        Column(header="INSTRUMENT"),
        Column(header="STUDIES", justify="right"),
        Column(header="MEASURES"),
        Column(header="SCORE"),
        Column(header="BETTER"),
        Column(header="KEY", no_wrap=True),
    ]
    lines = [
        [
            Text(joined([row["name"], row["abbreviation"] or ""], ", ")),
            Text(str(row["studies"])),
            Text(row["measures"] or ""),
            Text(span(row["score_low"], row["score_high"])),
            Text(
                row["better"] or "" if row["verified"] else "unverified",
                "" if row["verified"] else QUIET,
            ),
            Text(row["key"], QUIET),
        ]
        for row in rows
    ]
    return [grid(columns, lines)]
