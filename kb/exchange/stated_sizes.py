"""Effect sizes that a file states, computed again from the data that it gives beside them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from math import sqrt
from typing import Any

from kb.exchange.drafts import StatedSize

TOLERANCE = 0.01
"""How far a stated effect may be from the computed one: corrections for small samples differ."""

_BATCH = 20_000

_CLEAR = 0.9
"""Share of the effects of a measure whose sign must be turned to be taken for a convention."""


@dataclass(frozen=True, slots=True)
class RestatedSize:
    """An effect size that a file states beside what its data give."""

    size: StatedSize
    computed: float
    se: float

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "row": self.size.row,
            "study": self.size.study,
            "measure": self.size.measure,
            "stated": self.size.estimate,
            "computed": self.computed,
            "stated_se": self.size.se,
            "computed_se": self.se,
        }


@dataclass(slots=True)
class RestatedSizes:
    """The effect sizes that a file states, told apart by whether its data give them.

    Attributes:
        agree: how many do.
        turned: the measures whose sign is the other one throughout, as the file means it: the
            second arm less the first. Those effects agree with their sign turned.
        flipped: those that agree but for the sign, where that is no convention of the file.
        differ: those that do not.
        differ_in_se: those whose standard error alone is another.
        before_correction: how many have the standard error of the difference before it was
            corrected for small samples, and nothing else that differs.
        not_computed: rows and studies that give no effect, with the reason.
    """

    agree: int = 0
    turned: set[str] = field(default_factory=set)
    flipped: list[RestatedSize] = field(default_factory=list)
    differ: list[RestatedSize] = field(default_factory=list)
    differ_in_se: list[RestatedSize] = field(default_factory=list)
    before_correction: int = 0
    not_computed: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many effect sizes the file states."""
        return self.agree + len(self.flipped) + len(self.differ) + len(self.not_computed)

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "stated": self.count,
            "agree": self.agree,
            "sign_turned": sorted(self.turned),
            "flipped": [each.as_dict() for each in self.flipped],
            "differ": [each.as_dict() for each in self.differ],
            "se_before_correction": self.before_correction,
            "differ_in_se": [each.as_dict() for each in self.differ_in_se],
            "not_computed": [
                {"row": row, "study": study, "reason": reason}
                for row, study, reason in self.not_computed
            ],
        }


def restate_sizes(sizes: Iterable[StatedSize], *, tolerance: float = TOLERANCE) -> RestatedSizes:
    """Compute stated effect sizes again from their data, many at a time.

    One agrees whose value is within `tolerance` of the computed one, on the scale of analysis.
    """
    found = RestatedSizes()
    remaining = iter(sizes)
    while batch := list(islice(remaining, _BATCH)):
        by_kind: dict[tuple[str, frozenset[str]], list[StatedSize]] = {}
        for size in batch:
            by_kind.setdefault((size.measure, frozenset(size.data)), []).append(size)
        for (measure, names), alike in by_kind.items():
            _restate_alike(found, measure, names, alike, tolerance)
    return found


def _restate_alike(
    found: RestatedSizes, measure: str, names: frozenset[str], sizes: list[StatedSize], near: float
) -> None:
    """Compare effect sizes of one measure from the same kind of data."""
    import numpy as np

    from kb.synthesis.effect_sizes import escalc
    from kb.synthesis.errors import BadStudy, SynthesisError

    while sizes:
        table = {name: np.array([size.data[name] for size in sizes]) for name in sorted(names)}
        labels = [str(place) for place in range(len(sizes))]
        try:
            effects = escalc(measure, table, labels)
            break
        except BadStudy as error:
            wrong = sizes.pop(int(error.label))
            reason = str(error).partition(": ")[2]
            found.not_computed.append((wrong.row, wrong.study, reason))
        except SynthesisError as error:
            found.not_computed += [(size.row, size.study, str(error)) for size in sizes]
            return
    else:
        return
    for left in effects.left_out:
        size = sizes[int(left.label)]
        found.not_computed.append((size.row, size.study, left.reason))
    numbers = zip(effects.rows.tolist(), effects.yi.tolist(), effects.sei.tolist(), strict=True)
    restated = [RestatedSize(sizes[row], computed, se) for row, computed, se in numbers]
    if _are_turned(restated, near):
        found.turned.add(measure)
    for each in restated:
        _sort(found, each, near)


def _are_turned(sizes: list[RestatedSize], near: float) -> bool:
    """Return whether nearly all that agree but perhaps for the sign have the other one."""
    told = [each for each in sizes if abs(each.computed) > near]
    flipped = sum(abs(each.size.estimate + each.computed) <= near for each in told)
    agree = sum(abs(each.size.estimate - each.computed) <= near for each in told)
    return flipped > 1 and flipped >= _CLEAR * (flipped + agree)


def _sort(found: RestatedSizes, each: RestatedSize, near: float) -> None:
    stated, stated_se = each.size.estimate, each.size.se
    if each.size.measure in found.turned:
        stated = -stated
    if abs(stated - each.computed) > near:
        flipped = abs(stated + each.computed) <= near
        (found.flipped if flipped else found.differ).append(each)
        return
    found.agree += 1
    if stated_se is None or abs(stated_se - each.se) <= near:
        return
    if each.size.measure == "SMD" and abs(stated_se - _se_before_correction(each)) <= near / 10:
        found.before_correction += 1
    else:
        found.differ_in_se.append(each)


def _se_before_correction(each: RestatedSize) -> float:
    """Return the large-sample standard error of a difference without Hedges' correction.

    It is sqrt(1/n1 + 1/n2 + d^2 / (2 (n1 + n2))), where metafor has g for d.
    """
    from kb.synthesis.conversions.differences import hedges_correction

    n1, n2 = each.size.data["n1i"], each.size.data["n2i"]
    uncorrected = each.computed / hedges_correction(n1 + n2 - 2)
    return sqrt(1 / n1 + 1 / n2 + uncorrected**2 / (2 * (n1 + n2)))
