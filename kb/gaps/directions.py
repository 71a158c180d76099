"""Which way the findings of a study point, one direction for each study in a cell."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from kb.base import Record
from kb.pooling.selecting.analyses import is_interaction

MIXED = "mixed-or-unclear"
NONE_FOUND = "no-direction-found"
DIRECTIONS = ("favours-intervention", "favours-control", "no-difference", MIXED, NONE_FOUND)
"""What a study counts as in a cell; a study that measured but has no finding is the last."""


def tally(directions: Iterable[str]) -> dict[str, int]:
    """Return how many studies point each way."""
    counts = Counter(directions)
    return {name: counts[name] for name in DIRECTIONS}


def direction(measurements: Iterable[Record]) -> str:
    """Return the one direction of a study over measurements with their `outcome` and `findings`.

    Of each outcome the foremost findings count: those that tell whether the intervention helps
    before those that tell whom, and those on all participants before those on some. Where they
    point different ways, the direction is mixed.
    """
    by_outcome: dict[str, list[Record]] = defaultdict(list)
    for row in measurements:
        by_outcome[row["outcome"]] += row["findings"]
    pointing = {f["direction"] for found in by_outcome.values() if found for f in _foremost(found)}
    if not pointing:
        return NONE_FOUND
    only = pointing.pop() if len(pointing) == 1 else MIXED
    return only if only in DIRECTIONS else MIXED


def _foremost(findings: Sequence[Record]) -> list[Record]:
    first = min(map(_kind, findings))
    return [finding for finding in findings if _kind(finding) == first]


def _kind(finding: Record) -> tuple[bool, bool]:
    return is_interaction(finding["analysis"]), finding["population"] is not None
