"""Draw the effect-direction table (SWiM), which stands where effects are not pooled."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.pooling.naming import names
from kb.pooling.sign_test import BY_SUBGROUP, sign_test
from kb.synthesis.words import p_value
from kb_cli.render.parts import (
    EVEN,
    QUIET,
    STRONG,
    ByWidth,
    Footnotes,
    counted,
    direction,
    grid,
    joined,
)

BASIS = {
    "interval": "from an interval",
    "test": "from a test",
    "significance-statement": "stated as significant or not",
    "estimate": "from an estimate",
    "statement": "stated in words",
}
"""What a direction rests on, by its code."""

_CLEAR = {"favours-intervention", "favours-control"}


def direction_table(
    rows: Sequence[dict[str, Any]], footnotes: Footnotes
) -> Iterator[RenderableType]:
    """Yield which way the effect of each trial points, and a vote count where it may be made."""
    if not rows:
        return
    yield Text("Direction of effect", STRONG)
    trials = _trials(rows, footnotes)
    told = list(zip(trials, rows, strict=True))
    wide = [
        Column("TRIAL", max_width=36),
        Column("DIRECTION", no_wrap=True),
        Column("N", justify="right"),
        Column("P", no_wrap=True),
        Column("OUTCOME"),
    ]
    narrow = [Column("TRIAL", max_width=26), Column("DIRECTION")]
    yield ByWidth(
        grid(narrow, [[trial, _narrow(row)] for trial, row in told]),
        grid(wide, [[trial, *_wide(row)] for trial, row in told]),
    )
    vote = vote_count(rows)
    if vote:
        yield Text(vote, QUIET)


def pointing(row: dict[str, Any]) -> Text:
    """Return the direction of a row in words; beside it, that it is no more than a statement."""
    if row["apart"] == BY_SUBGROUP:
        return Text(BY_SUBGROUP, EVEN)
    words = direction(row["direction"])
    is_bare = row["basis"] == "statement" and row["direction"] in _CLEAR
    return words + Text(" (a statement)") if is_bare else words


def measured(row: dict[str, Any]) -> str:
    """Return the outcome, with what and when it was measured, and in whom."""
    return joined([row["outcome_name"], about(row)])


def about(row: dict[str, Any]) -> str:
    """Return with what and when an outcome was measured, in whom, and which way each points."""
    said = [row["instrument"], row["time"], row["population"], row["analysis"]]
    each = (f"{part['of']}: {direction(part['direction']).plain}" for part in row["by"])
    apart = "" if row["apart"] in {None, BY_SUBGROUP} else row["apart"]
    return joined([*(part or "" for part in said), joined(each, "; "), apart])


def participants(row: dict[str, Any]) -> str:
    """Return how many participants there were and how that is known: "n = 86 in the arms"."""
    return "" if row["n"] is None else f"n = {row['n']:,} {row['n_of']}"


def vote_count(rows: Sequence[dict[str, Any]]) -> str:
    """Return the vote count by direction with what it leaves out, "" where it says nothing."""
    test = sign_test(rows)
    if test is None:
        return ""
    clear = test.intervention + test.control
    left_out = f" {counted(test.left_out, 'trial')} without one clear direction left out."
    apart = dict.fromkeys(f"{row['label']} ({row['apart']})" for row in rows if row["apart"])
    return (
        f"Vote count by direction: {test.intervention} of {clear} trials with a clear direction "
        f"favour the intervention, {test.control} the control; exact sign test {p_value(test.p)}."
        f"{left_out if test.left_out else ''}"
        f"{f' Not counted: {names(list(apart))}.' if apart else ''}"
        " It counts trials and says nothing of the size of the effect; trials without a "
        "significant difference often go unreported."
    )


def _trials(rows: Sequence[dict[str, Any]], footnotes: Footnotes) -> list[Text]:
    """Return the trial of each row with the mark of its passage; its name once for all its rows."""
    before = [None, *(row["study"] for row in rows)]
    labels = (
        "" if row["study"] == study else row["label"]
        for row, study in zip(rows, before, strict=False)
    )
    return [
        Text(label) + footnotes.mark(row["passage"])
        for label, row in zip(labels, rows, strict=True)
    ]


def _wide(row: dict[str, Any]) -> list[RenderableType]:
    return [
        pointing(row),
        Text("" if row["n"] is None else f"{row['n']:,}"),
        Text(row["p"] or ""),
        Text.assemble(measured(row), (f" · {BASIS[row['basis']]}", QUIET)),
    ]


def _narrow(row: dict[str, Any]) -> Text:
    said = joined([measured(row), BASIS[row["basis"]], participants(row), row["p"] or ""])
    return Text.assemble(pointing(row), "\n", (said, QUIET))
