"""The axis of a drawing made of characters: which column a value falls in, and the ticks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, exp, floor, inf, isfinite, log, log10
from statistics import median
from typing import NamedTuple, Self

from rich.cells import cell_len

_MARGIN = 0.03
_REACH = 2.0
_GAP = 1
_THREE = 10**0.5
_HALVING = (2, 4)
_HALVED = 0.125
"""The smallest power of 2 or 4 on an axis: few readers know those below."""

_BASES = (*_HALVING, _THREE, 10, 100, 1000)
_STEPS = (1, 2, 5, 10)


class Interval(NamedTuple):
    """An estimate and its limits on the scale that a reader knows; a prediction has no estimate."""

    low: float
    high: float
    estimate: float | None = None


class Tick(NamedTuple):
    """A value on the axis, and how it is written."""

    value: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A scale from `low` to `high`, logarithmic for ratios, over `width` columns from 0.

    What lies beyond the ends falls in the first or the last column. Only the value of no effect
    falls in the column of `null`: an interval touches that line where it holds the value.
    """

    low: float
    high: float
    width: int
    null: float | None = None
    logarithmic: bool = False

    @classmethod
    def over(
        cls, intervals: Iterable[Interval], width: int, *, null: float | None, logarithmic: bool
    ) -> Self:
        """Return the axis that shows every estimate, the null, and the limits that are not far out.

        A limit is far out where it lies more than twice the usual half-width of an interval beyond
        all estimates; such intervals are cut off.
        """
        place = _logarithm if logarithmic else float
        limits = [(place(i.low), place(i.high)) for i in intervals]
        points = [place(i.estimate) for i in intervals if i.estimate is not None]
        points += [] if null is None else [place(null)]
        points = [point for point in points if isfinite(point)] or [0.0]
        halves = [(high - low) / 2 for low, high in limits if isfinite(high - low)]
        reach = _REACH * median(halves) if halves else 1.0
        low = max(min(points) - reach, min([*points, *(end for end, _ in limits)]))
        high = min(max(points) + reach, max([*points, *(end for _, end in limits)]))
        spare = (high - low) / max(width - 1, 1) or max(abs(low), 1.0) * _MARGIN
        back = exp if logarithmic else float
        return cls(back(low - spare), back(high + spare), width, null, logarithmic)

    def column(self, value: float) -> int:
        """Return the column that a value falls in."""
        nearest = self._nearest(value)
        if self.null is None or value == self.null:
            return nearest
        null = self._nearest(self.null)
        beside = min(nearest, null - 1) if value < self.null else max(nearest, null + 1)
        return min(max(beside, 0), self.width - 1)

    def holds(self, value: float) -> bool:
        """Return whether a value lies between the ends."""
        return self.low <= value <= self.high

    def ticks(self) -> list[Tick]:
        """Return the densest round values whose labels do not run into each other.

        Ratios have powers of 2 or of 10, or 1, 3, 10, 30, where three of them lie on the axis.
        """
        families = [*(self._powers() if self.logarithmic else []), *self._steps()]
        held = ([tick for tick in family if self.holds(tick.value)] for family in families)
        fitting = [family for family in held if self._fits(family)]
        return next((family for family in fitting if len(family) >= 3), max(fitting, key=len))

    def _nearest(self, value: float) -> int:
        low, high = self._place(self.low), self._place(self.high)
        share = (min(max(self._place(value), low), high) - low) / (high - low)
        return round(share * (self.width - 1))

    def _place(self, value: float) -> float:
        return _logarithm(value) if self.logarithmic else value

    def _powers(self) -> Iterator[list[Tick]]:
        for base in _BASES:
            first, last = (log(end) / log(base) for end in (self.low, self.high))
            ticks = [_power(base, n) for n in range(ceil(first), floor(last) + 1)]
            if base in _HALVING:
                known = self.low >= _HALVED / 4 and self.high <= 4 / _HALVED
                ticks = [tick for tick in ticks if known and tick.value >= _HALVED]
            yield ticks

    def _steps(self) -> Iterator[list[Tick]]:
        for most in (6, 5, 4, 3, 2, 1):
            rough = (self.high - self.low) / most
            tens = 10.0 ** floor(log10(rough))
            step = next((n * tens for n in _STEPS if n * tens >= rough), 10 * tens)
            decimals = max(0, -floor(log10(step)))
            numbers = range(ceil(self.low / step), floor(self.high / step) + 1)
            yield [Tick(n * step, f"{n * step:.{decimals}f}") for n in numbers]
        yield []

    def _fits(self, ticks: Sequence[Tick]) -> bool:
        spans = [span(self.column(tick.value), tick.label) for tick in ticks]
        return all(after[0] - before[1] >= _GAP for before, after in pairwise(spans))


def _power(base: float, n: int) -> Tick:
    """Return a power with one digit: those of the square root of 10 are 1, 3, 10, 30."""
    label = f"{float(f'{base**n:.0e}') if base == _THREE else float(base) ** n:g}"
    return Tick(float(label), label)


def span(column: int, label: str) -> tuple[int, int]:
    """Return the first column of a label centred on a column, and the one after its last."""
    first = column - (cell_len(label) - 1) // 2
    return first, first + cell_len(label)


def _logarithm(value: float) -> float:
    return log(value) if value > 0 else -inf
