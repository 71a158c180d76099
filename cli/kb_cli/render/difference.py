"""Draw what a load changes."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from kb_cli.render.parts import BAD, EVEN, GOOD, QUIET, STRONG, counted, indented

if TYPE_CHECKING:
    from kb.curation.comparing import Change, Difference
    from kb.curation.history import RecordChange

_SIGNS = {"removed": ("-", BAD), "changed": ("~", EVEN), "added": ("+", GOOD)}
"""The kinds of change, those first that a person should not miss."""

_MOST = 40


def drawn_difference(difference: "Difference", *, dry_run: bool) -> list[RenderableType]:
    """Return the changes, each with old and new values, and how many there are."""
    if not difference:
        return [Text("The store says the same already; nothing to change.")]
    done = "would be changed; nothing was written" if dry_run else "changed"
    return [*drawn_changes(difference), rows_counted(difference, done)]


def drawn_changes(difference: "Difference") -> list[RenderableType]:
    """Return the changes, each with old and new values; where they are many, counts of the rest."""
    shown = [change for kind in _SIGNS for change in difference.of_kind(kind)]
    parts: list[RenderableType] = []
    for change in shown[:_MOST]:
        parts += drawn_change(change, difference.quotes)
    if len(shown) > _MOST:
        parts.append(
            Text(f"and {len(shown) - _MOST:,} more; all of them by kind of record:", QUIET)
        )
        parts += _by_table(difference)
    return parts


def rows_counted(difference: "Difference", done: str) -> Text:
    """Return how many rows there are of which kind, with what is said of all of them."""
    counts = counted_kinds(Counter(change.kind for change in difference.changes))
    return Text.assemble(
        (f"{counted(len(difference.changes), 'row')} {done}", STRONG), f": {counts}"
    )


def drawn_change(
    change: "Change | RecordChange", quotes: Mapping[str, str]
) -> list[RenderableType]:
    """Return what happened to a row, and under it the old and new values."""
    sign, style = _SIGNS[change.kind]
    head = Text.assemble(
        (f"{sign} {change.kind} ", style), f"{_named(change.table)} ", (change.key, STRONG)
    )
    if change.table == "passage" and change.kind == "added" and change.key in quotes:
        head.append(f": {quotes[change.key]}")
    fields = [
        indented(
            Text.assemble(f"{name.removesuffix('_key')}: ", (_told(old, quotes), QUIET), " → ")
            + Text(_told(new, quotes))
        )
        for name, (old, new) in change.fields.items()
    ]
    return [head, *fields]


def _by_table(difference: "Difference") -> list[RenderableType]:
    counts: dict[str, Counter[str]] = {}
    for change in difference.changes:
        counts.setdefault(change.table, Counter())[change.kind] += 1
    return [indented(Text(f"{_named(table)}: {counted_kinds(n)}")) for table, n in counts.items()]


def counted_kinds(counts: Mapping[str, int]) -> str:
    """Return how many rows were removed, changed and added, without those that are none."""
    return ", ".join(f"{counts[kind]:,} {kind}" for kind in _SIGNS if counts[kind])


def _named(table: str) -> str:
    return table.replace("_", " ")


def _told(value: Any, quotes: Mapping[str, str]) -> str:
    """Return a value as the seed files would write it; a passage by its words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value!r}".removesuffix(".0")
    return f"'{quotes[value]}'" if value in quotes else str(value)
