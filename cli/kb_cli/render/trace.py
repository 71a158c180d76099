"""Draw the passages behind a record."""

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, heading, indented, passage_text

if TYPE_CHECKING:
    from kb.trace import Traced


def drawn_trace(key: str, found: list["Traced"]) -> list[RenderableType]:
    """Return facts with the passages behind them, by kind of fact."""
    facts = len({(item.table, item.key) for item in found})
    passages = len({(p["report"], p["locator"], p["quote"]) for p in (i.passage for i in found)})
    parts: list[RenderableType] = [heading(f"{facts} facts, {passages} passages", f"behind {key}")]
    for table, rows in groupby(found, key=lambda item: item.table):
        parts += [Text(), Text(table.replace("_", " ").upper(), STRONG)]
        for (record, fact), items in groupby(rows, key=lambda item: (item.key, item.fact)):
            parts.append(indented(Text.assemble(fact, (f"  {record}", QUIET))))
            for item in items:
                about = "" if item.field == "*" else f"{item.field.removesuffix('_key')}: "
                parts.append(indented(Text(about, QUIET) + passage_text(item.passage), 4))
                if item.derivation:
                    how = f"derived: {item.derivation['formula']}; from {item.derivation['inputs']}"
                    parts.append(indented(Text(how, QUIET), 4))
    return parts
