"""The rows of the effect-direction table: what is left when numbers are absent (SWiM).

Campbell M et al. Synthesis without meta-analysis (SWiM) in systematic reviews. BMJ 2020;368:l6890;
Boon MH, Thomson H. The effect direction plot revisited. Res Synth Methods 2021;12:29-33.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from kb.answers.shared import sizes
from kb.base import Base, Record
from kb.order import by_key
from kb.pooling.selecting.candidates import Found, Measured
from kb.pooling.selecting.eligibility import Rules, is_interaction
from kb.pooling.selecting.wording import Wording


def direction_rows(base: Base, rules: Rules, wording: Wording) -> tuple[Record, ...]:
    """Return one row for each trial and outcome, oldest trial first.

    Findings on all participants come before those on some, and those that tell whether the
    intervention helps before those that tell whom. Where the findings of a trial on one outcome
    point different ways, its direction is mixed.
    """
    found = rules.found
    groups: dict[tuple[str, str], list[tuple[Measured, Record]]] = defaultdict(list)
    for key, findings in found.findings.items():
        place = found.places[key]
        if rules.is_randomised(place) and not rules.place_obstacle(place):
            groups[place.study, place.outcome] += [(place, finding) for finding in findings]
    if not groups:
        return ()
    chosen = [_foremost(group) for group in groups.values()]
    chosen.sort(key=lambda group: _oldest_first(group[0][0]))
    passages = base.passages(finding["passage_key"] for group in chosen for _, finding in group)
    whole = sizes(base, sorted({group[0][0].study for group in chosen}))
    return tuple(_row(group, found, wording, passages, whole) for group in chosen)


def _foremost(group: Sequence[tuple[Measured, Record]]) -> list[tuple[Measured, Record]]:
    """Return the findings of the first kind there is, the trial's primary outcome first."""

    def kind(finding: Record) -> tuple[bool, bool]:
        return is_interaction(finding["analysis"]), finding["population"] is not None

    first = min(kind(finding) for _, finding in group)
    same = [pair for pair in group if kind(pair[1]) == first]
    return sorted(same, key=_primary_first)


def _primary_first(pair: tuple[Measured, Record]) -> tuple[Any, ...]:
    place, finding = pair
    return not place.primary, by_key(place.key), by_key(finding["key"])


def _oldest_first(place: Measured) -> tuple[Any, ...]:
    year = place.named
    return year is None, year or 0, by_key(place.study), by_key(place.outcome)


def _row(
    group: Sequence[tuple[Measured, Record]],
    found: Found,
    wording: Wording,
    passages: Mapping[str, Record],
    whole: Mapping[str, Record],
) -> Record:
    place, finding = group[0]
    directions = dict.fromkeys(each["direction"] for _, each in group)
    statements = dict.fromkeys(each["statement"] for _, each in group)
    is_one = len(directions) == 1
    shown = [finding["statement"]] if is_one else list(statements)
    n, n_of = _participants(place, finding, found, whole)
    return {
        "study": place.study,
        "label": place.label,
        "year": place.named,
        "outcome": place.outcome,
        "outcome_name": wording.outcome(place),
        "instrument": wording.instrument(place) or None,
        "time": place.time,
        "direction": finding["direction"] if is_one else "mixed",
        "basis": finding["basis"],
        "statement": " ".join(shown),
        "n": n,
        "n_of": n_of,
        "p": _p_value(place, finding, found),
        "analysis": finding["analysis"],
        "population": finding["population"],
        "passage": passages[finding["passage_key"]],
    }


def _matching(place: Measured, finding: Record, found: Found) -> list[Record]:
    """Return the contrasts on the participants of a finding, those of the same analysis first."""
    same = [
        row
        for row in found.contrasts.get(place.key, ())
        if row["population"] == finding["population"]
        and is_interaction(row["analysis"]) == is_interaction(finding["analysis"])
    ]
    return sorted(same, key=lambda row: (row["analysis"] != finding["analysis"], row["adjusted"]))


def _p_value(place: Measured, finding: Record, found: Found) -> str:
    for row in _matching(place, finding, found):
        if row["p"] is not None:
            return f"p {row['p_relation']} {row['p']:g}"
    return ""


def _participants(
    place: Measured, finding: Record, found: Found, whole: Mapping[str, Record]
) -> tuple[int | None, str | None]:
    """Return how many participants a finding is on, and how that is known."""
    for row in _matching(place, finding, found):
        if row["n"] is not None:
            return row["n"], "in the comparison"
    by_arm = {
        row["arm_key"]: row["n"]
        for row in found.arm_results.get(place.key, ())
        if row["n"] and row["population"] == finding["population"]
    }
    if len(by_arm) > 1:
        return sum(by_arm.values()), "in the arms"
    if place.study in whole and finding["population"] is None:
        size = whole[place.study]
        return size["number"], f"{size['flow']} in the study"
    return None, None
