"""`kb multiverse`: the pooled effect by every defensible choice."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb_cli.options import Db, Form, Output
from kb_cli.pooling_options import Asked, with_pooling

if TYPE_CHECKING:
    from kb.pooling.multiverses.multiverse import MultiverseAnswer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "multiverse",
        epilog="Example: kb multiverse --outcome survival --approach segt",
        rich_help_panel="Evidence",
    )(with_pooling(multiverse, "multiverse"))


def multiverse(
    asked: Asked,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Draw the specification curve to an .svg, .png or .pdf file.",
            rich_help_panel="Figures and files",
        ),
    ] = None,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Pool by every defensible choice at once, and show which choice matters.

    What varies: the measure, the estimator, the interval and, in the store, which effects enter. An
    option that you name is decided and does not vary.
    """
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell

    found = _explored(asked, db)
    from kb_cli.render.multiverse import drawn_multiverse, flat_multiverse

    if plot:
        from kb_cli.figures import draw

        draw("multiverse", found, plot)
        tell(f"multiverse plot written to {plot}")
    present(
        form,
        output,
        data=found.as_dict,
        drawn=lambda: drawn_multiverse(found),
        rows=lambda: flat_multiverse(found),
    )


def _explored(asked: Asked, db: str | None) -> "MultiverseAnswer":
    from kb.pooling.multiverses.multiverse import explore, explore_table

    asked.check()
    if asked.data is not None:
        return explore_table(asked.data, asked.options, asked.given)

    from kb.store.opening import open_base
    from kb_cli.diagnostics import tell

    with open_base(db, tell) as base:
        question = base.question("results", **asked.facets)
        return explore(base, question, asked.options, asked.given)
