"""A vote count by direction of effect, with the exact sign test.

McKenzie JE, Brennan SE. Synthesizing and presenting findings using other methods. Cochrane Handbook
for Systematic Reviews of Interventions, chapter 12. It says nothing of the size of an effect.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

from kb.base import Record

BY_SUBGROUP = "by subgroup only"
"""What is said of a trial that tells whom its intervention helps, and not whether it helps."""

_CLEAR = ("favours-intervention", "favours-control")


@dataclass(frozen=True)
class SignTest:
    """How many trials point which way.

    Attributes:
        intervention, control: trials whose directions all favour that side.
        left_out: trials without a clear direction, or with more than one.
        p: of the exact two-sided binomial test that either side is equally likely.
    """

    intervention: int
    control: int
    left_out: int
    p: float


def sign_test(directions: Iterable[Record]) -> SignTest | None:
    """Count the trials of an effect-direction table; None where fewer than two point a clear way.

    A trial has one vote, however many rows it has; rows that stand `apart` have none.
    """
    told: dict[str, set[str]] = {}
    for row in directions:
        if row["apart"]:
            continue
        told.setdefault(row["study"], set()).add(row["direction"])
    votes = [found.pop() for found in told.values() if len(found) == 1]
    intervention, control = (votes.count(side) for side in _CLEAR)
    if intervention + control < 2:
        return None
    left_out = len(told) - intervention - control
    return SignTest(intervention, control, left_out, _two_sided(intervention, control))


def _two_sided(first: int, second: int) -> float:
    """Return the probability of a split at least as uneven, where both sides are equally likely."""
    n = first + second
    tail = sum(comb(n, i) for i in range(min(first, second) + 1))
    return min(1.0, float(2 * tail / 2**n))
