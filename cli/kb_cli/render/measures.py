"""Draw outcomes and instruments."""

from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.pages.page import span
from kb_cli.render.parts import QUIET, ByWidth, Footnotes, grid, joined, named, under


def outcomes(rows: list[dict[str, Any]], _: Footnotes) -> list[RenderableType]:
    """Return outcomes with the number of studies and the instruments used."""
    narrow = grid(
        [Column("OUTCOME"), Column("STUDIES", justify="right")],
        [
            [
                under(named(row["label"], row["key"]), Text(_instruments(row))),
                Text(str(row["studies"])),
            ]
            for row in rows
        ],
    )
    wide = [
        Column("OUTCOME"),
        Column("STUDIES", justify="right"),
        Column("INSTRUMENTS"),
        Column("KEY", no_wrap=True),
    ]
    lines = [
        [
            Text(row["label"]),
            Text(str(row["studies"])),
            Text(_instruments(row)),
            Text(row["key"], QUIET),
        ]
        for row in rows
    ]
    return [ByWidth(narrow, grid(wide, lines))]


def _instruments(row: dict[str, Any]) -> str:
    unnamed = ["not named"] if row["unnamed_instrument"] else []
    return joined([*row["instrument_names"], *unnamed], ", ")


def instruments(rows: list[dict[str, Any]], _: Footnotes) -> list[RenderableType]:
    """Return instruments with what they measure and how many studies used them."""
    narrow = grid(
        [Column("INSTRUMENT"), Column("STUDIES", justify="right")], [_two_lines(r) for r in rows]
    )
    wide = [
        Column("INSTRUMENT"),
        Column("STUDIES", justify="right"),
        Column("MEASURES"),
        Column("SCORE", no_wrap=True),
        Column("BETTER"),
        Column("KEY", no_wrap=True),
    ]
    return [ByWidth(narrow, grid(wide, [_line(row) for row in rows]))]


def _line(row: dict[str, Any]) -> list[RenderableType]:
    return [
        Text(_name(row)),
        Text(str(row["studies"])),
        Text(row["measures"] or ""),
        Text(_score(row)),
        Text(row["better"] or "") if row["verified"] else Text("unverified", QUIET),
        Text(row["key"], QUIET),
    ]


def _two_lines(row: dict[str, Any]) -> list[RenderableType]:
    """Return an instrument in two lines: what it is called, then what it measures and how."""
    better = row["better"] or ""
    known = f"{better} is better" if better in {"lower", "higher"} else better
    about = joined([row["measures"] or "", _score(row), known if row["verified"] else "unverified"])
    return [under(named(_name(row), row["key"]), Text(about)), Text(str(row["studies"]))]


def _name(row: dict[str, Any]) -> str:
    return joined([row["name"], row["abbreviation"] or ""], ", ")


def _score(row: dict[str, Any]) -> str:
    return span(row["score_low"], row["score_high"])
