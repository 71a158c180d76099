"""Draw the hits of a full-text search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, grid, heading

if TYPE_CHECKING:
    from kb.answer import LeftOut


def drawn_hits(
    words: str, hits: Sequence[dict[str, Any]], limit: int, left_out: Sequence["LeftOut"]
) -> list[RenderableType]:
    """Return hits as a table with the words that were found in brackets."""
    if not hits:
        return [Text(f"No record holds '{words}'.", QUIET)]
    shown = hits[:limit]
    rows = [(Text(hit["kind"].replace("_", " "), QUIET), _hit(hit)) for hit in shown]
    noun = "record" if len(hits) == 1 else "records"
    parts: list[RenderableType] = [
        heading(f"{len(hits)} {noun}", f"with '{words}', best first"),
        Text(),
        grid([Column(max_width=15), Column()], rows),
    ]
    if len(hits) > limit:
        parts += [Text(), Text(f"{len(hits) - limit} more; --limit {len(hits)} shows all.", QUIET)]
    parts += [Text(f"\nNot found: {item.what}; {item.reason}.", QUIET) for item in left_out]
    return parts


def _hit(hit: dict[str, Any]) -> Text:
    text = Text.assemble((hit["title"], STRONG), (f"  {hit['key']}", QUIET))
    found = hit["excerpt"].replace("[", "").replace("]", "").strip(" …")
    if found not in hit["title"] and hit["title"] not in found:
        text.append(f"\n{hit['excerpt']}", QUIET)
    return text
