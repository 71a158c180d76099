"""`kb pool`: a verdict, the effects behind it, and the pooled effect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.errors import KbError
from kb_cli.options import Db, Form, Output, Sources
from kb_cli.pooling_options import Asked, with_pooling

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer

_FILES = "Figures and files"
_FIGURES = ("forest", "funnel", "direction")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "pool",
        epilog="Example: kb pool --outcome survival --approach segt",
        rich_help_panel="Evidence",
    )(with_pooling(pool, "pool"))


def pool(
    asked: Asked,
    spoken: Annotated[
        bool,
        typer.Option(
            "--spoken",
            metavar="",
            help="Sentences in place of a drawing, for screen readers.",
            rich_help_panel=_FILES,
        ),
    ] = False,
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
        str | None,
        typer.Option(
            "--figure",
            metavar="NAME",
            help=f"Which one: {', '.join(_FIGURES)}; else {_FIGURES[0]}.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(
            "--receipt",
            metavar="FILE",
            help="Write all that kb replay needs to verify this.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    r_script: Annotated[
        Path | None,
        typer.Option(
            "--r-script",
            metavar="FILE",
            help="Write a script for R's metafor that does the same.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Say whether results can be pooled and why, pool them, and draw the forest plot.

    The evidence of the store is narrowed by facets; --data pools a table of your own.
    """
    from kb_cli.answering import present_pooled

    _check_figure(figure, plot)
    answer = asked.answered(db)
    _write_files(answer, plot, figure or _FIGURES[0], receipt, r_script)
    present_pooled(answer, form, output, sources=sources, spoken=spoken)


def _check_figure(figure: str | None, plot: Path | None) -> None:
    if figure and not plot:
        raise KbError("--figure says what --plot draws.", "Name a file with --plot.")
    if figure and figure not in _FIGURES:
        raise KbError(
            f"There is no figure '{figure}' of a pooled answer.",
            f"Choose one of {', '.join(_FIGURES)}.",
        )


def _write_files(
    answer: "PooledAnswer",
    plot: Path | None,
    figure: str,
    receipt: Path | None,
    r_script: Path | None,
) -> None:
    from kb_cli.diagnostics import tell
    from kb_cli.output import as_json, write

    if plot:
        from kb_cli.figures import draw

        draw(figure, answer, plot)
        tell(f"{figure} plot written to {plot}")
    if receipt:
        from kb.pooling.receipts.receipt import receipt as receipt_of

        kept = receipt_of(answer)
        write(as_json(kept), receipt)
        tell(f"receipt {kept['id']} written to {receipt}")
    if r_script:
        from kb.pooling.r_scripts.r_script import r_script as script_of

        write(script_of(answer), r_script)
        tell(f"R script written to {r_script}")
