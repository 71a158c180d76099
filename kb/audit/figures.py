"""Numbers as they are printed: exact, and to how many decimals."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

_PRINTED = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?(?:e[-+]?\d{1,3})?")
_SHOWN_DECIMALS = 2
_LONGEST = 400


@dataclass(frozen=True)
class Figure:
    """A number, the decimals it is printed to, and what makes it less than sure.

    `rounds` is true of a number that was computed and is to be rounded as the other side is.
    """

    number: Fraction
    decimals: int = 0
    rounds: bool = False
    unsure: tuple[str, ...] = ()

    def with_number(self, number: Fraction) -> "Figure":
        """Return it with another number."""
        return replace(self, number=number)

    def to_be_rounded(self) -> "Figure":
        """Return it as a number that is rounded as the other side of a comparison is printed."""
        return replace(self, rounds=True)

    def combined(
        self, other: "Figure", operation: Callable[[Fraction, Fraction], Fraction]
    ) -> "Figure":
        """Return what an operation makes of two."""
        return Figure(
            operation(self.number, other.number),
            max(self.decimals, other.decimals),
            self.rounds or other.rounds,
            tuple(dict.fromkeys((*self.unsure, *other.unsure))),
        )

    def agrees_rounded(self, other: "Figure") -> bool:
        """Return whether one of the two is to be rounded and then is the other."""
        if self.rounds == other.rounds:
            return False
        printed = other if self.rounds else self
        return abs(self.number - other.number) <= Fraction(1, 2 * 10**printed.decimals)

    def __str__(self) -> str:
        if self.number.denominator == 1:
            return str(self.number.numerator)
        decimals = max(self.decimals, _SHOWN_DECIMALS if self.rounds else 0) or _SHOWN_DECIMALS
        return f"{float(self.number):.{decimals}f}"


def figure(text: str) -> Figure | None:
    """Return the number that a printed text is, or None where it is none."""
    found = _PRINTED.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    return Figure(Fraction(text.strip().replace(",", "")), len(found["decimals"] or ""))
