"""Figures for print: SVG, PNG and PDF.

drawing:  how all figures look
scale:    where an effect lies on an axis
table:    rows of text with effects drawn among them, of which forest plots are made
scatter:  points with their names
writing:  to a file

and one module per figure, whose `drawn` takes what is to be shown.
"""

import logging
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import KbError

if TYPE_CHECKING:
    from kb_cli.figures.drawing import Drawing

FIGURES = {
    "forest": "the studies and the pooled effect",
    "funnel": "effects against their standard errors",
    "direction": "which way the effects point",
    "baujat": "each study's part in the heterogeneity and in the pooled effect",
    "cumulative": "the pooled effect as the studies come in",
    "leave-one-out": "the pooled effect without each study",
    "multiverse": "the pooled effect by every defensible choice",
}
"""The figures, and what they show."""

SUFFIXES = (".svg", ".png", ".pdf")


def draw(figure: str, subject: Any, path: Path) -> None:
    """Write a figure to a file whose name ends in .svg, .png or .pdf.

    Args:
        figure: of FIGURES.
        subject: for forest, funnel and direction a `PooledAnswer`; for baujat, cumulative and
            leave-one-out a `Sensitivity`; for multiverse a `MultiverseAnswer`.
        path: the file; one that exists is replaced.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise KbError(
            f"A figure cannot be written as '{path.name}'.",
            f"Give the file a name that ends in {', '.join(SUFFIXES)}.",
        )
    _need_matplotlib()
    from kb_cli.figures.writing import write

    drawing = drawn(figure, subject)
    write(drawing, path)


def drawn(figure: str, subject: Any) -> "Drawing":
    """Return a figure that is not written yet."""
    if figure not in FIGURES:
        raise KbError(f"There is no figure '{figure}'.", f"Choose one of {', '.join(FIGURES)}.")
    _need_matplotlib()
    from kb_cli.figures.drawing import styled

    module = import_module(f"kb_cli.figures.{figure.replace('-', '_')}")
    with styled():
        drawing: Drawing = module.drawn(subject)
    return drawing


def _need_matplotlib() -> None:
    """Load matplotlib, which would otherwise talk of its caches where a reader sees it."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        raise KbError(
            "Figures are drawn by matplotlib, which is not installed.",
            "Run `pip install 'evidence-kb[plots]'`.",
        ) from error
