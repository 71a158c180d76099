"""Draw what is to be known of the program and its store."""

from collections.abc import Mapping

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, grid, halves


def drawn_info(facts: Mapping[str, str | None], counts: Mapping[str, int]) -> list[RenderableType]:
    """Return versions and addresses, then the number of rows of each table."""
    told = [(Text(name.replace("_", " ")), Text(value or "none")) for name, value in facts.items()]
    rows = [(Text(f"{n:,}"), Text(name.replace("_", " "))) for name, n in counts.items()]
    return [
        grid([Column(style=QUIET), Column()], told),
        Text(),
        Text("Rows", STRONG),
        halves([Column(justify="right", min_width=6), Column()], rows),
    ]
