"""Effect sizes that a file states, computed again from the data that it gives beside them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from kb.exchange.drafts import StatedSize

TOLERANCE = 0.01
"""How far a stated effect may be from the computed one: corrections for small samples differ."""

_BATCH = 20_000


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
        flipped: those that do but for the sign.
        differ: those that do not.
        differ_in_se: those whose standard error alone is another.
        not_computed: rows and studies that give no effect, with the reason.
    """

    agree: int = 0
    flipped: list[RestatedSize] = field(default_factory=list)
    differ: list[RestatedSize] = field(default_factory=list)
    differ_in_se: list[RestatedSize] = field(default_factory=list)
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
            "flipped": [each.as_dict() for each in self.flipped],
            "differ": [each.as_dict() for each in self.differ],
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
    for row, computed, se in numbers:
        _sort(found, RestatedSize(sizes[row], computed, se), near)


def _sort(found: RestatedSizes, each: RestatedSize, near: float) -> None:
    stated, stated_se = each.size.estimate, each.size.se
    if abs(stated - each.computed) > near:
        flipped = abs(stated + each.computed) <= near
        (found.flipped if flipped else found.differ).append(each)
        return
    found.agree += 1
    if stated_se is not None and abs(stated_se - each.se) > near:
        found.differ_in_se.append(each)
