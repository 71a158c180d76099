"""The axis of effects on the reader's scale, which is that of the forest plot in the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from matplotlib.axes import Axes
from matplotlib.axis import Axis as Side
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from kb.pooling.analysing.engine import readers_scale
from kb.synthesis.effects import Effects
from kb_cli.figures.text import minus
from kb_cli.render.axis import Axis, Interval
from kb_cli.render.effects import Digits

_CHARACTERS = 64
"""How many characters of a label fit side by side below a drawing."""


@dataclass(frozen=True)
class Scale:
    """The axis of some intervals, and how they are printed: all with the same decimals."""

    effects: Effects
    intervals: Sequence[Interval]

    @property
    def name(self) -> str:
        """What the axis shows."""
        measure = self.effects.measure
        name = "proportion" if measure.code == "PFT" else measure.reported
        return f"{name} (log scale)" if measure.is_ratio else name

    @property
    def axis(self) -> Axis:
        """The axis that shows every estimate, and whole all intervals but the widest."""
        measure = self.effects.measure
        return Axis.over(self.intervals, _CHARACTERS, null=self._null, logarithmic=measure.is_ratio)

    @property
    def _null(self) -> float | None:
        return readers_scale(self.effects, self.effects.measure.null)[0]

    def text(self, interval: Interval | None) -> str:
        """Return an interval in print: "0.92 [0.69, 1.26]"."""
        if interval is None:
            return ""
        digits = Digits.of(self.intervals, self._null)
        low, high = (minus(digits.limit(end)) for end in (interval.low, interval.high))
        if interval.estimate is None:
            return f"[{low}, {high}]"
        return f"{minus(digits.number(interval.estimate))} [{low}, {high}]"


def scaled(axes: Axes, axis: Axis) -> None:
    """Give axes this axis from left to right."""
    if axis.logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(axis.low, axis.high)
    ticked(axes.xaxis, [(tick.value, tick.label) for tick in axis.ticks()])


def raised(axes: Axes, axis: Axis) -> None:
    """Give axes this axis from bottom to top."""
    if axis.logarithmic:
        axes.set_yscale("log")
    axes.set_ylim(axis.low, axis.high)
    ticked(axes.yaxis, [(tick.value, tick.label) for tick in axis.ticks()])


def ticked(side: Side, ticks: Sequence[tuple[float, str]]) -> None:
    """Put ticks at values, with what stands beside them, and nowhere else."""
    values, labels = zip(*ticks, strict=True) if ticks else ((), ())
    side.set_major_locator(FixedLocator(values))
    side.set_major_formatter(FixedFormatter([minus(label) for label in labels]))
    side.set_minor_locator(NullLocator())


def share(axis: Axis, value: float) -> float:
    """Return how far from left to right a value lies, from 0 to 1."""
    if axis.logarithmic:
        low, high, value = log(axis.low), log(axis.high), log(value)
    else:
        low, high = axis.low, axis.high
    return (value - low) / (high - low)
