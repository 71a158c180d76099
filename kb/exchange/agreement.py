"""How far two raters agree, beyond what chance would give and in absolute terms.

Kappa is that of Cohen J, Educ Psychol Meas 1960;20:37, its standard error that of Fleiss JL, Cohen
J, Everitt BS, Psychol Bull 1969;72:323. The intraclass correlation is ICC(2,1) of Shrout PE, Fleiss
JL, Psychol Bull 1979;86:420, which is ICC(A,1) of McGraw KO, Wong SP, Psychol Methods 1996;1:30:
two-way random effects, absolute agreement, single ratings; its interval is theirs.
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

LEVEL = 0.95
"""Level of the intervals."""

_Z = 1.959963984540054


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement with its interval; `undefined` says why it has no value.

    `no_interval` says why an interval is missing where there is a value.
    """

    pairs: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    undefined: str = ""
    no_interval: str = ""


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Coefficient:
    """Return Cohen's kappa of two raters, unweighted; each pair is one thing rated by both.

    The limits of its interval are kept within -1 and 1.
    """
    n = len(pairs)
    if not n:
        return Coefficient(0, undefined="no pair of filled cells")
    cells = Counter(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(times for (a, b), times in cells.items() if a == b) / n
    chance = sum(first[word] * second[word] for word in first) / n**2
    if len(first.keys() | second.keys()) == 1:
        return Coefficient(n, undefined="one category alone")
    value = (observed - chance) / (1 - chance)
    if observed == 1:
        return Coefficient(n, 1.0, no_interval="no cell differs")
    if min(len(first), len(second)) == 1:
        return Coefficient(n, value, no_interval="one of them used one category")
    spread = _Z * math.sqrt(_variance(cells, first, second, observed, chance))
    return Coefficient(n, value, max(-1.0, value - spread), min(1.0, value + spread))


def _variance(
    cells: Counter[tuple[Hashable, Hashable]],
    first: Counter[Hashable],
    second: Counter[Hashable],
    observed: float,
    chance: float,
) -> float:
    """Return the large-sample variance of kappa (Fleiss, Cohen and Everitt 1969)."""
    n = cells.total()
    alike = apart = 0.0
    for (a, b), times in cells.items():
        if a == b:
            alike += times / n * ((1 - chance) - (first[a] + second[a]) / n * (1 - observed)) ** 2
        else:
            apart += times / n * ((second[a] + first[b]) / n) ** 2
    apart *= (1 - observed) ** 2
    rest = (observed * chance - 2 * chance + observed) ** 2
    return max(0.0, alike + apart - rest) / (n * (1 - chance) ** 4)


def icc(pairs: Sequence[tuple[float, float]]) -> Coefficient:
    """Return ICC(2,1) of two raters: absolute agreement of single ratings."""
    n = len(pairs)
    if n < 2:
        return Coefficient(n, undefined="fewer than two pairs")
    if len({value for pair in pairs for value in pair}) == 1:
        return Coefficient(n, undefined="all values are the same")
    if all(a == b for a, b in pairs):
        return Coefficient(n, 1.0, no_interval="no cell differs")
    largest = max(abs(value) for pair in pairs for value in pair)
    rows, raters, error = _mean_squares([(a / largest, b / largest) for a, b in pairs])
    below = rows + error + 2 * (raters - error) / n
    if below <= 0:
        return Coefficient(n, undefined="no variance between rows")
    value = (rows - error) / below
    limits = _limits(n, rows, raters, error, value) if value < 1 else None
    if limits is None:
        return Coefficient(n, value, no_interval="too little varies")
    return Coefficient(n, value, *limits)


def _mean_squares(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the mean squares between rows, between the two raters, and of the error."""
    n = len(pairs)
    means = [(a + b) / 2 for a, b in pairs]
    differences = [a - b for a, b in pairs]
    grand, shift = math.fsum(means) / n, math.fsum(differences) / n
    rows = 2 * math.fsum((mean - grand) ** 2 for mean in means) / (n - 1)
    error = math.fsum((each - shift) ** 2 for each in differences) / (2 * (n - 1))
    return rows, n * shift**2 / 2, error


def _limits(
    n: int, rows: float, raters: float, error: float, value: float
) -> tuple[float, float] | None:
    """Return the limits of ICC(A,1), with the degrees of freedom of McGraw and Wong."""
    from scipy.special import fdtri

    a = 2 * value / (n * (1 - value))
    b = 1 + 2 * value * (n - 1) / (n * (1 - value))
    parts = (a * raters) ** 2 + (b * error) ** 2 / (n - 1)
    freedom = (a * raters + b * error) ** 2 / parts if parts > 0 else 0.0
    if freedom <= 0:
        return None
    tail = (1 + LEVEL) / 2
    below = float(fdtri(n - 1, freedom, tail))
    above = float(fdtri(freedom, n - 1, tail))
    apart = 2 * raters + (n - 2) * error
    low = n * (rows - below * error) / (below * apart + n * rows)
    high = n * (above * rows - error) / (apart + n * above * rows)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None
