"""Effects as text: as many decimals as they need, their parts below each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Self

from kb_cli.render.axis import Interval

_HUGE = 1e7
_TWO_DIGITS = 10
_MOST = 8


@dataclass(frozen=True)
class Digits:
    """How numbers that stand together are written.

    Attributes:
        decimals: of all of them, as far as that is enough for each.
        null: no effect, None where there is no such value; 1 for a ratio.
    """

    decimals: int
    null: float | None = None

    @classmethod
    def of(cls, intervals: Iterable[Interval | None], null: float | None = None) -> Self:
        """Return how these intervals are written."""
        return cls(decimals_for([interval for interval in intervals if interval]), null)

    def number(self, value: float) -> str:
        """Return a value; a ratio has two decimals below 10 and two digits at the least."""
        return written(value, self._enough(value))

    def limit(self, value: float) -> str:
        """Return the limit of an interval, which is shown as no effect only where it is that."""
        decimals = self._enough(value)
        text = written(value, decimals)
        while self.null is not None and float(text) == self.null and decimals < _MOST:
            if abs(value - self.null) < 10.0**-_MOST:
                break
            decimals += 1
            text = written(value, decimals)
        return text

    def _enough(self, value: float) -> int:
        if self.null != 1 or abs(value) >= _TWO_DIGITS:
            return self.decimals
        return max(self.decimals, 2)


def effect_texts(intervals: Sequence[Interval | None], null: float | None = None) -> list[str]:
    """Return effects as "0.92 [0.69, 1.26]", their parts aligned below each other."""
    digits = Digits.of(intervals, null)
    parts = [
        [
            "" if i.estimate is None else digits.number(i.estimate),
            digits.limit(i.low),
            digits.limit(i.high),
        ]
        if i
        else ["", "", ""]
        for i in intervals
    ]
    widths = [max((len(row[place]) for row in parts), default=0) for place in range(3)]
    return [
        f"{estimate:>{widths[0]}} [{low:>{widths[1]}}, {high:>{widths[2]}}]" if low else ""
        for estimate, low, high in parts
    ]


def decimals_for(intervals: Sequence[Interval]) -> int:
    """Return the decimals that show intervals: two, more for narrow and fewer for wide ones."""
    widths = [(i.high - i.low) / 2 for i in intervals if isfinite(i.high - i.low)]
    least = min((width for width in widths if width > 0), default=1.0)
    if least < 0.1:
        return min(max(2, -floor(log10(least))), _MOST)
    return 2 if least < 10 else 1 if least < 100 else 0


def written(value: float, decimals: int) -> str:
    """Return a value with so many decimals; what they would show as zero keeps one digit."""
    if abs(value) >= _HUGE:
        return f"{value:.3g}"
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        return f"{value:.1g}" if value else f"{0:.{decimals}f}"
    return text
