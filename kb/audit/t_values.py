"""Whether a printed t value and its p value fit each other.

The two-sided p value of Student's t for two independent groups has n - 2 degrees of freedom. The t
value may be off by one unit of its last digit, rounded or cut off.
"""

from dataclasses import dataclass

from kb.audit.intervals import decimals_of, p_holds
from kb.base import Record


@dataclass(frozen=True)
class PrintedT:
    """A t value between two arms as printed, with its participants, and p with its relation."""

    t: float
    n: int
    p: float
    relation: str

    @property
    def freedom(self) -> int:
        """The degrees of freedom of two independent groups."""
        return self.n - 2

    @property
    def implied_p(self) -> float:
        """The p value that the t value implies."""
        return self._p(abs(self.t))

    @property
    def p_fits(self) -> bool:
        """Whether the printed p value can come of the same t value."""
        unit = 1.0000001 * 10.0 ** -decimals_of(self.t)
        least = self._p(abs(self.t) + unit)
        most = self._p(max(abs(self.t) - unit, 0.0))
        return p_holds(self.p, self.relation, least, most)

    def _p(self, t: float) -> float:
        from scipy.special import stdtr

        return float(2 * stdtr(self.freedom, -t))


def printed_t(row: Record) -> PrintedT | None:
    """Return the t value of a row, or None where it is none or cannot be judged."""
    if row["statistic"] != "t" or row["adjusted"] or row["comparator_arm_key"] is None:
        return None
    numbers = (row["estimate"], row["n"], row["p"])
    if row["arm_key"] is None or None in numbers or row["n"] <= 2:
        return None
    return PrintedT(*numbers, row["p_relation"])
