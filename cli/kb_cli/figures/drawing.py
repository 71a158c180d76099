"""What a figure is before it is written, and how all of them look."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
ORANGE = "#E69F00"
INK = "#222222"
QUIET = "#595959"
RULE = "#9a9a9a"
"""Okabe M, Ito K. Color universal design (2008): told apart by all eyes, and in grey."""

SIZE = 9.0
SMALL = 8.0
TITLE = 11.0
"""Sizes of type, in points."""

_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL,
    "lines.solid_capstyle": "butt",
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "evidence-kb",
}


@dataclass(frozen=True)
class Drawing:
    """A figure with its title and, in words, what it shows to those who cannot see it."""

    figure: Figure
    title: str
    description: str


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of all figures, whatever the user's own settings of matplotlib."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box stands for it
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield
