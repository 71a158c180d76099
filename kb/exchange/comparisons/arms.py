"""The arms of a study: which rows mean the same one, and what each is called."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from kb.exchange.comparisons import ARMS
from kb.exchange.tabular.spool import Line

DELIVERIES = ("group", "individual", "couple", "family")
"""Words of the column `format` that are a form of delivery as they stand."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its condition, and what tells it apart in a trial of several."""

    condition: str
    kind: str


class Arms:
    """The arms of one study, by what its rows say on either side."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._kinds: dict[str, set[str]] = defaultdict(set)
        for line in lines:
            for arm in ARMS:
                if condition := line.texts.get(f"condition_arm{arm}"):
                    self._kinds[condition].add(line.texts.get(f"multi_arm{arm}", ""))

    def sides(self, line: Line) -> tuple[Side | None, Side | None]:
        """Return the arms that a row compares, None for one that it does not name."""
        return self._side(line, 1), self._side(line, 2)

    def _side(self, line: Line, arm: int) -> Side | None:
        """Return the arm that a row means on one side.

        A row that does not tell the arm apart means the only one that others do tell apart.
        """
        condition = line.texts.get(f"condition_arm{arm}")
        if condition is None:
            return None
        kind = line.texts.get(f"multi_arm{arm}", "")
        told = self._kinds[condition] - {""}
        return Side(condition, kind or (next(iter(told)) if len(told) == 1 else ""))

    def name(self, side: Side | None) -> str | None:
        """Return the word for an arm: its condition, and more where the study has two of it."""
        if side is None:
            return None
        several = len(self._kinds[side.condition] - {""}) > 1
        return f"{side.condition} ({side.kind})" if several and side.kind else side.condition
