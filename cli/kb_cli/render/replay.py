"""Draw a receipt held against the answer of today."""

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.flat import Flat
from kb_cli.render.parts import BAD, GOOD, QUIET, STRONG, counted, grid, joined

if TYPE_CHECKING:
    from kb.pooling.receipts.replay import Change, Replayed

_TITLES = {
    "data": "Data",
    "question": "Question",
    "evidence": "Effects and what was set aside",
    "software": "Software",
    "result": "Result",
}
_NAMES = {
    "result": "on the scale of analysis",
    "back": "on the reader's scale",
    "small_k": "panel for few studies",
}
_MOST = 40
_ALWAYS = {"verdict", "result", "back", "weight"}
"""The parts of a result that are shown value by value, however many there are."""

_FEW = 6


def drawn_replay(found: "Replayed") -> list[RenderableType]:
    """Return whether the receipt holds and why, then what changed, by kind."""
    status = (found.status.capitalize(), f"{STRONG} {GOOD if found.holds else BAD}")
    parts: list[RenderableType] = [
        Text.assemble(status, (f"  receipt {_shown(found.id)} of {_shown(found.command)}", QUIET)),
        Text(found.reason),
    ]
    if found.problem and found.altered:
        parts.append(Text(found.problem))
    if found.numbers and not found.of("result"):
        parts.append(Text(_agreement(found)))
    for where, title in _TITLES.items():
        parts += _block(title, found.of(where))
    return parts


def flat_replay(found: "Replayed") -> Flat:
    """Return a row for each change."""
    headers = ["where", "what", "field", "then", "now"]
    return headers, [[c.where, c.what, c.field, c.then, c.now] for c in found.changes]


def _agreement(found: "Replayed") -> str:
    said = f"{counted(found.numbers, 'number')} of the result compared: "
    if not found.distance:
        return f"{said}the same to the last digit."
    return f"{said}the same to 1e{math.ceil(math.log10(found.distance))} of their size."


def _block(title: str, changes: tuple["Change", ...]) -> list[RenderableType]:
    if not changes:
        return []
    rows = [
        row
        for what, alike in groupby(changes, key=lambda change: change.what)
        for row in _rows(what, list(alike))
    ]
    more = len(rows) - _MOST
    rest = [Text(f"and {more:,} more; --format json has them all", QUIET)] if more > 0 else []
    columns = [Column(""), Column("then"), Column("now")]
    return [Text(), Text(title, STRONG), grid(columns, rows[:_MOST]), *rest]


def _rows(what: str, changes: list["Change"]) -> list[tuple[Text, Text, Text]]:
    """Return a line for each change of one thing, or one for all where they are many."""
    name, nothing = _NAMES.get(what, _shown(what).replace("_", " ")), Text("")
    if changes[0].where == "result" and what not in _ALWAYS and len(changes) > _FEW:
        return [(Text(name), nothing, Text(f"{len(changes)} values are others"))]
    if len(changes) == 1:
        field = _field(changes[0])
        return [(Text(joined([name, field], ": ")), *_values(changes[0].then, changes[0].now))]
    lines = [(Text(f"  {_field(each)}"), *_values(each.then, each.now)) for each in changes]
    return [(Text(name), nothing, nothing), *lines]


def _field(change: "Change") -> str:
    return _shown(change.field).replace("_", " ")


def _values(then: Any, now: Any) -> tuple[Text, Text]:
    """Return two values, numbers with as many digits as tell them apart."""
    short = _told(then, 6), _told(now, 6)
    before, after = short if short[0] != short[1] else (_told(then, 17), _told(now, 17))
    return Text(before, QUIET), Text(after)


def _told(value: Any, digits: int) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, list):
        return "; ".join(_told(item, digits) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{name} {_told(item, digits)}" for name, item in value.items())
    return _shown(str(value))


def _shown(text: str) -> str:
    """Return text without what a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)
