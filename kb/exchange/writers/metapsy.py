"""Comparisons of two arms in the columns of the Metapsy data standard, a row for each.

The standard: https://docs.metapsy.org/data-preparation/format/, as metapsyTools reads it. What
follows its columns is of this base: what a row needs to be understood and traced.
"""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from kb.base import Base
from kb.exchange.writers.cells import table_for_r
from kb.exchange.writers.comparisons import Compared, Comparisons, left_out
from kb.pooling.selecting.arms import Arm
from kb.store.relations import intervention_approach

STANDARD = (
    *("study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2"),
    *("outcome_type", "instrument", "time", "time_weeks", "rating"),
    *("mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2"),
    *("event_arm1", "event_arm2", "totaln_arm1", "totaln_arm2"),
    *("precalc_g", "precalc_g_se", "precalc_log_rr", "precalc_log_rr_se"),
)
OWN = ("year", "population", "better", "sd_computed_from", "key", "report", "locator", "quote")

_WEEKS = 365.25 / 12 / 7
"""Weeks in a month."""

_MEANS = {"mean_arm1": "m1i", "sd_arm1": "sd1i", "n_arm1": "n1i"} | {
    "mean_arm2": "m2i",
    "sd_arm2": "sd2i",
    "n_arm2": "n2i",
}
_COUNTS = {"event_arm1": "ai", "totaln_arm1": "n1i", "event_arm2": "ci", "totaln_arm2": "n2i"}
_PRECALCULATED = {"SMD": "precalc_g", "RR": "precalc_log_rr"}


def write(base: Base, found: Comparisons) -> tuple[str, int, list[str]]:
    """Return the table, the number of its rows, and what is left out of it.

    `rating` is not known to the store. Effects are not aligned: which end is better is a column.
    """
    fitting = [row for row in found.rows if _fits(row)]
    words = _Words(base, fitting)
    cells = [_cells(words, found, row) for row in fitting]
    text = table_for_r([*STANDARD, *OWN], [list(row.values()) for row in cells])
    return text, len(cells), [*found.notes(), *_unfit(found.rows)]


def _fits(row: Compared) -> bool:
    """Return whether the standard has columns for a row; it takes Hedges' g and no other SMD."""
    candidate = row.candidate
    if not candidate.is_reported:
        return True
    return row.measure in _PRECALCULATED and candidate.row["statistic"] in {"SMD", "RR"}


def _unfit(rows: Iterable[Compared]) -> list[str]:
    kinds = Counter(row.candidate.row["statistic"] for row in rows if not _fits(row))
    return [
        left_out(number, f"Metapsy has no column for {kind}")
        for kind, number in sorted(kinds.items())
    ]


class _Words:
    """The words for arms: the approaches of an intervention, the kind of a control."""

    def __init__(self, base: Base, rows: Iterable[Compared]) -> None:
        comparisons = [row.candidate.comparison for row in rows]
        arms = [arm for each in comparisons for arm in (each.treated, each.control) if arm]
        keys = sorted({arm.intervention for arm in arms if arm.intervention})
        table = intervention_approach
        found = base.records(table, keys, by="intervention_key") if keys else []
        self._approaches: dict[str, list[str]] = {}
        for row in found:
            self._approaches.setdefault(row["intervention_key"], []).append(row["approach_key"])
        self._arms: dict[tuple[str, str], set[str]] = {}
        for arm in arms:
            self._arms.setdefault((arm.study, str(self.condition(arm))), set()).add(arm.key)

    def condition(self, arm: Arm | None) -> str | None:
        """Return what an arm received: its approaches, its kind of control, or its label."""
        if arm is None:
            return None
        approaches = self._approaches.get(arm.intervention or "", [])
        return arm.comparator or "+".join(sorted(approaches)) or arm.label

    def multi(self, arm: Arm | None) -> str | None:
        """Return what tells an arm from another of the same condition in its study."""
        if arm is None:
            return None
        alike = self._arms[arm.study, str(self.condition(arm))]
        return arm.label if len(alike) > 1 else None


def _cells(words: _Words, found: Comparisons, row: Compared) -> dict[str, Any]:
    candidate, source = row.candidate, found.source(row)
    place = candidate.place
    treated, control = candidate.comparison.treated, candidate.comparison.control
    cells: dict[str, Any] = dict.fromkeys([*STANDARD, *OWN])
    cells |= {
        "study": place.label,
        "condition_arm1": words.condition(treated),
        "condition_arm2": words.condition(control),
        "multi_arm1": words.multi(treated),
        "multi_arm2": words.multi(control),
        "outcome_type": place.outcome,
        "instrument": place.instrument or place.detail,
        "time": place.time,
        "time_weeks": None if place.months is None else round(place.months * _WEEKS, 1),
        "year": place.year,
        "population": candidate.population,
        "better": row.better or None,
        "sd_computed_from": row.sd_from,
        "key": candidate.key,
        "report": source["citation"],
        "locator": source["locator"],
        "quote": source["quote"],
    }
    return {**cells, **_numbers(row)}


def _numbers(row: Compared) -> dict[str, Any]:
    if row.candidate.is_reported:
        name = _PRECALCULATED[str(row.measure)]
        return {name: row.yi, f"{name}_se": None if row.vi is None else math.sqrt(row.vi)}
    names = _COUNTS if row.candidate.source == "counts" else _MEANS
    return {name: row.columns.get(column) for name, column in names.items()}
