"""Draw what a load changes."""

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from kb_cli.render.parts import BAD, EVEN, GOOD, QUIET, STRONG, indented

if TYPE_CHECKING:
    from kb.curation.comparing import Change, Difference

_SIGNS = {"added": ("+", GOOD), "changed": ("~", EVEN), "removed": ("-", BAD)}
_MOST = 40


def drawn_difference(difference: "Difference", *, dry_run: bool) -> list[RenderableType]:
    """Return the changes, each with old and new values, and how many there are."""
    if not difference:
        return [Text("The store says the same already; nothing to change.")]
    counts = ", ".join(
        f"{len(changes)} {kind}" for kind in _SIGNS if (changes := difference.of_kind(kind))
    )
    shown = [change for kind in _SIGNS for change in difference.of_kind(kind)]
    parts: list[RenderableType] = []
    for change in shown[:_MOST]:
        parts += _drawn(change)
    if len(shown) > _MOST:
        parts.append(Text(f"and {len(shown) - _MOST:,} more", QUIET))
    done = "would change; nothing was written" if dry_run else "changed"
    return [*parts, Text.assemble((f"Rows {counts}", STRONG), f" ({done})")]


def _drawn(change: "Change") -> list[RenderableType]:
    sign, style = _SIGNS[change.kind]
    table = change.table.replace("_", " ")
    head = Text.assemble((f"{sign} {change.kind} ", style), f"{table} ", (change.key, STRONG))
    fields = [
        indented(Text.assemble(f"{name}: ", (str(old), QUIET), " → ", str(new)))
        for name, (old, new) in change.fields.items()
    ]
    return [head, *fields]
