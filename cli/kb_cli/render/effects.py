"""Effects as text: as many decimals as they need, their parts below each other."""

from collections.abc import Sequence
from math import floor, isfinite, log10

from kb_cli.render.axis import Interval

_HUGE = 1e7


def effect_texts(intervals: Sequence[Interval | None]) -> list[str]:
    """Return effects as "0.92 [0.69, 1.26]", their parts aligned below each other."""
    decimals = decimals_for([interval for interval in intervals if interval])
    parts = [
        [
            "" if i.estimate is None else written(i.estimate, decimals),
            written(i.low, decimals),
            written(i.high, decimals),
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
        return min(max(2, -floor(log10(least))), 8)
    return 2 if least < 10 else 1 if least < 100 else 0


def written(value: float, decimals: int) -> str:
    """Return a value with so many decimals; what they would show as zero keeps one digit."""
    if abs(value) >= _HUGE:
        return f"{value:.3g}"
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        return f"{value:.1g}" if value else f"{0:.{decimals}f}"
    return text
