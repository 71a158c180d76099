"""Continuity corrections: what is added to the counts of a study that has a zero among them.

The names are those of metafor's `escalc`: "only0" adds to every count of the studies with a zero,
"all" to every count of every study, "if0all" to every count of every study as soon as one study
has a zero, and "none" to none. "treatment" is the correction by the size of the arms of Sweeting
MJ, Sutton AJ, Lambert PC (Stat Med 2004;23:1351-1375).
"""

import math
from collections.abc import Sequence

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes.rows import Mask
from kb.synthesis.errors import BadOption

DEFAULT_ADD = 0.5
DEFAULT_TO = "only0"
RULES = ("only0", "all", "if0all", "none")
TREATMENT = "treatment"


def corrected(counts: Sequence[Array], add: float, to: str) -> tuple[Array, ...]:
    """Return the counts of k studies, each of shape (k,), with `add` added to them by a rule.

    Raise BadOption for a rule that does not exist here, and for an `add` that is negative.
    """
    _check(add, to, RULES)
    zero = any_zero(counts)
    if to == "all" or (to == "if0all" and zero.any()):
        which = np.ones_like(zero)
    elif to == "only0":
        which = zero
    else:
        which = np.zeros_like(zero)
    return tuple(np.where(which, count + add, count) for count in counts)


def corrected_tables(cells: Sequence[Array], add: float, to: str) -> tuple[Array, ...]:
    """Return the cells ai, bi, ci, di of k 2x2 tables, corrected by a rule or by "treatment".

    The treatment-arm correction adds 2 add n1 / (n1 + n2) to both cells of the first arm of a
    table with a zero, and 2 add n2 / (n1 + n2) to those of the second: in proportion to the
    reciprocal of the size of the opposite arm, and 1 in all with an `add` of 1/2 (Sweeting et al.
    2004, where the two are k_T = 1 / (R + 1) and k_C = R / (R + 1) for R = n2 / n1). A study
    without an event in either arm then shows exactly no effect, however unequal its arms are.
    """
    _check(add, to, (*RULES, TREATMENT))
    if to != TREATMENT:
        return corrected(cells, add, to)
    ai, bi, ci, di = cells
    n1i, n2i = ai + bi, ci + di
    zero, people = any_zero(cells), n1i + n2i
    first, second = (
        2 * add * np.divide(size, people, out=np.zeros_like(people), where=zero & (people > 0))
        for size in (n1i, n2i)
    )
    return ai + first, bi + first, ci + second, di + second


def any_zero(counts: Sequence[Array]) -> Mask:
    """Return which of the k studies have a zero among their counts, shape (k,)."""
    return np.asarray((np.stack(counts) == 0).any(axis=0))


def _check(add: float, to: str, rules: Sequence[str]) -> None:
    if to not in rules:
        raise BadOption(
            f"There is no continuity correction to={to!r} here. Choose one of {', '.join(rules)}."
        )
    if not 0 <= add < math.inf:
        raise BadOption(
            f"A continuity correction adds nothing or something to the counts, not {add:g}. "
            "Try 0.5."
        )
