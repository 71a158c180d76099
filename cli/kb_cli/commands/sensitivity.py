"""`kb sensitivity`: what a pooled effect depends on."""

from pathlib import Path
from typing import Annotated

import typer

from kb.errors import KbError
from kb_cli.options import Db, Form, Output
from kb_cli.pooling_options import Asked, with_pooling

_FILES = "Figures and files"
_FIGURES = ("leave-one-out", "cumulative", "baujat")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "sensitivity",
        epilog="Example: kb sensitivity --outcome survival --approach segt",
        rich_help_panel="Evidence",
    )(with_pooling(sensitivity, "sensitivity"))


def sensitivity(
    asked: Asked,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Draw a figure to an .svg, .png or .pdf file.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    figure: Annotated[
        str,
        typer.Option(
            "--figure",
            metavar="NAME",
            help=f"Which one: {', '.join(_FIGURES)}; else {_FIGURES[0]}.",
            rich_help_panel=_FILES,
            show_default=False,
        ),
    ] = _FIGURES[0],
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Show how far a pooled effect depends on single studies, their order, size and the estimator.

    Leave-one-out, cumulative, influence, Baujat's plot, every estimator of heterogeneity, and
    small-study effects, one under the other.
    """
    from kb.pooling.sensitivities.sensitivity import sensitivity as depend
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell

    if figure not in _FIGURES:
        raise KbError(
            f"There is no figure '{figure}' of sensitivity.",
            f"Choose one of {', '.join(_FIGURES)}.",
        )
    found = depend(asked.answered(db))
    from kb_cli.render.sensitivity import drawn_sensitivity, flat_sensitivity

    if plot:
        from kb_cli.figures import draw

        draw(figure, found, plot)
        tell(f"{figure} plot written to {plot}")
    present(
        form,
        output,
        data=found.as_dict,
        drawn=lambda: drawn_sensitivity(found),
        rows=lambda: flat_sensitivity(found),
    )
