"""Draw two stores held against each other: the answers that moved, then the rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.audit.verdicts import IN_WORDS, Verdict
from kb.diff.pools import RULE
from kb_cli.render.difference import drawn_changes, rows_counted
from kb_cli.render.parts import BAD, EVEN, GOOD, QUIET, STRONG, counted, grid, heading, indented

if TYPE_CHECKING:
    from kb.diff.difference import Compared, StoreDifference
    from kb.diff.pools import MovedPool, Pooled
    from kb.diff.questions import MovedQuestion

_MOST = 20
_NAMED = 6
"""Records of a question that are named, before the rest is counted."""


def drawn_diff(found: "StoreDifference") -> list[RenderableType]:
    """Return whether the stores are the same, the answers that moved, and the rows."""
    sides = [("old", found.old), ("new", found.new)]
    columns = [Column(style=QUIET, no_wrap=True), Column(), Column(style=QUIET)]
    parts: list[RenderableType] = [
        Text(found.status.capitalize(), f"{STRONG} {GOOD if found.is_same else BAD}"),
        indented(grid(columns, (_side(name, side) for name, side in sides))),
    ]
    if found.is_same:
        return [*parts, Text("Every row of evidence is the same, and so is every answer.")]
    if found.old.data.hash == found.new.data.hash:
        parts.append(Text("Both name the same data: one of them was changed by hand."))
    parts += [*_pools(found), *_questions(found), *_claims(found)]
    parts += [Text(), Text("ROWS", STRONG), *drawn_changes(found.rows)]
    return [*parts, rows_counted(found.rows, "different")]


def _side(name: str, side: "Compared") -> Sequence[RenderableType]:
    data = f"data {side.data.version} · {side.data.hash[:12]}"
    return Text(name), Text(side.name), Text(data)


def _pools(found: "StoreDifference") -> list[RenderableType]:
    title = f"{len(found.pools)} moved of {found.pools_asked} asked of both"
    parts: list[RenderableType] = [Text(), heading("POOLED ANSWERS", title)]
    alike: dict[str, list[MovedPool]] = {}
    for moved in found.pools:
        alike.setdefault(_told(moved).plain, []).append(moved)
    for group in alike.values():
        parts += [Text(moved.command) for moved in group]
        parts.append(indented(_told(group[0])))
    if found.pools_within:
        within = (
            f"{counted(found.pools_within, 'more pooled effect')} changed by less than this rule."
        )
        return [*parts, Text(RULE, QUIET), Text(within, QUIET)]
    return [*parts, Text(RULE, QUIET)]


def _told(moved: "MovedPool") -> Text:
    """Return in which ways a pooled answer moved, and its effects then and now."""
    return Text.assemble(
        ("; ".join(moved.how), EVEN),
        "\n",
        (_effect(moved.then), QUIET),
        " → ",
        _effect(moved.now),
    )


def _effect(pooled: "Pooled | None") -> str:
    if pooled is None:
        return "no pooled effect"
    estimate, low, high = pooled.back
    trials = counted(pooled.trials, "trial")
    return f"{pooled.measure} {estimate:.2f} ({low:.2f} to {high:.2f}), {trials}"


def _questions(found: "StoreDifference") -> list[RenderableType]:
    title = f"{len(found.questions)} with other answers of {found.questions_asked} asked of both"
    parts: list[RenderableType] = [Text(), heading("QUESTIONS", title)]
    for moved in found.questions[:_MOST]:
        parts.append(Text(f"{moved.command}  {moved.then:,} → {moved.now:,}"))
        parts.append(indented(_records(moved)))
    return [*parts, *_rest(len(found.questions))]


def _claims(found: "StoreDifference") -> list[RenderableType]:
    title = f"{len(found.claims)} with another verdict of {found.claims_audited} audited in both"
    parts: list[RenderableType] = [Text(), heading("CLAIMS AND PRINTED RESULTS", title)]
    for moved in found.claims[:_MOST]:
        verdicts = (
            IN_WORDS[Verdict(each)] if each else "not there" for each in (moved.then, moved.now)
        )
        parts.append(Text(f"{moved.key}  {' → '.join(verdicts)}"))
        parts.append(indented(Text(moved.statement, QUIET)))
    return [*parts, *_rest(len(found.claims))]


def _rest(count: int) -> list[RenderableType]:
    """Return a word on those that are not shown, where there are any."""
    more = count - _MOST
    return [Text(f"and {more:,} more; --format json has them all", QUIET)] if more > 0 else []


def _records(moved: "MovedQuestion") -> Text:
    """Return which records came and went, the first of them by name."""
    told = [(word, keys) for word, keys in (("came", moved.came), ("gone", moved.gone)) if keys]
    lines = []
    for word, keys in told:
        more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
        lines.append(f"{word}: {', '.join(keys[:_NAMED])}{more}")
    return Text("\n".join(lines), QUIET)
