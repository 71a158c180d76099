"""`kb compare`: two records side by side."""

from typing import Annotated

import typer

from kb_cli.completion import record_keys
from kb_cli.options import Db, Form, Output, Sources


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "compare",
        epilog="Example: kb compare spiegel-1981 goodwin-2001",
        rich_help_panel="Evidence",
    )(compare)


def compare(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="Key or name of an approach, a review or a study.",
            autocompletion=record_keys,
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(
            metavar="B", help="Key or name of another of its kind.", autocompletion=record_keys
        ),
    ],
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Set two approaches, reviews or studies side by side: what differs comes first."""
    from kb.compare.comparison import compare as side_by_side
    from kb.compare.comparison import flat_comparison
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.render.compare import drawn_comparison

    with open_base(db, tell) as base:
        found, state = side_by_side(base, a, b), base.data
    present(
        form,
        output,
        data=lambda: {**found.as_dict(), "data": state.as_dict()},
        drawn=lambda: drawn_comparison(found, sources=sources),
        rows=lambda: flat_comparison(found),
    )
