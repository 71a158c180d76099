"""The rows of the effect-direction table: what is left when numbers are absent (SWiM).

Campbell M et al. Synthesis without meta-analysis (SWiM) in systematic reviews. BMJ 2020;368:l6890;
Boon MH, Thomson H. The effect direction plot revisited. Res Synth Methods 2021;12:29-33.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from kb.answers.shared import sizes
from kb.base import Base, Record
from kb.order import by_key
from kb.pooling.selecting.analyses import (
    is_adjusted,
    is_between_arms,
    is_by_subgroup,
    is_interaction,
    may_be_same,
)
from kb.pooling.selecting.candidates import Found, Measured
from kb.pooling.selecting.eligibility import Rules
from kb.pooling.selecting.wording import Wording
from kb.pooling.sign_test import BY_SUBGROUP

_PEOPLE = ("patients", "members")
_OTHERS = re.compile(
    r"\b(spouse|partner|husband|wife|wives|carer|caregiver|relative|famil|leader|professional)",
    re.IGNORECASE,
)
"""Words for other people than those who have the disease."""

_Told: TypeAlias = tuple[Measured, Record]
"""A finding, and the measurement that it is on."""


def direction_rows(base: Base, rules: Rules, wording: Wording) -> tuple[Record, ...]:
    """Return one row for each trial and outcome, oldest trial first.

    Findings that tell whether the intervention helps come before those that tell whom, those on
    all participants before those on some, and those that are adjusted for covariates last, or
    first where adjusted estimates are asked for. Where the findings of a trial on one outcome
    point different ways, its direction is mixed, and `by` tells which of them points which way.
    `apart` says why a row has no vote in the count of directions; None where it has one.
    """
    found = rules.found
    groups: dict[tuple[str, str], list[_Told]] = defaultdict(list)
    for key, findings in found.findings.items():
        place = found.places[key]
        if rules.is_randomised(place) and not rules.place_obstacle(place):
            groups[place.study, place.outcome] += [(place, finding) for finding in findings]
    if not groups:
        return ()
    chosen = [_foremost(group, adjusted=rules.options.adjusted) for group in groups.values()]
    chosen.sort(key=lambda group: _oldest_first(group[0][0]))
    passages = base.passages(finding["passage_key"] for group in chosen for _, finding in group)
    whole = sizes(base, sorted({group[0][0].study for group in chosen}))
    return tuple(_row(group, rules, wording, passages, whole) for group in chosen)


def _foremost(group: Sequence[_Told], *, adjusted: bool) -> list[_Told]:
    """Return the findings of the first kind there is, the trial's primary outcome first."""

    def kind(finding: Record) -> tuple[bool, bool, bool]:
        analysis = finding["analysis"]
        return (
            is_by_subgroup(analysis),
            finding["population"] is not None,
            is_adjusted(analysis) != adjusted,
        )

    first = min(kind(finding) for _, finding in group)
    same = [pair for pair in group if kind(pair[1]) == first]
    return sorted(same, key=_primary_first)


def _primary_first(pair: _Told) -> tuple[Any, ...]:
    place, finding = pair
    months = float("inf") if place.months is None else place.months
    return not place.primary, months, by_key(place.key), by_key(finding["key"])


def _oldest_first(place: Measured) -> tuple[Any, ...]:
    year = place.named
    return year is None, year or 0, by_key(place.study), by_key(place.outcome)


def _row(
    group: Sequence[_Told],
    rules: Rules,
    wording: Wording,
    passages: Mapping[str, Record],
    whole: Mapping[str, Record],
) -> Record:
    place, finding = group[0]
    is_one = len({each["direction"] for _, each in group}) == 1
    about = [_about(pair, wording) for pair in group]
    shared = _joined(about) if is_one else _shared(about)
    n, n_of = _one([_participants(*pair, rules.found, whole) for pair in group], (None, None))
    tested = [_p_value(*pair, rules.found) for pair in group]
    return {
        "study": place.study,
        "label": place.label,
        "year": place.named,
        "outcome": place.outcome,
        "outcome_name": wording.outcome(place),
        **shared,
        "direction": finding["direction"] if is_one else "mixed",
        "by": [] if is_one else _by(group, about, shared),
        "basis": finding["basis"],
        "statement": " ".join(dict.fromkeys(each["statement"] for _, each in group)),
        "n": n,
        "n_of": n_of,
        "p": "; ".join(dict.fromkeys(tested)) if is_one and all(tested) else "",
        "apart": _apart(place, finding, rules, whole),
        "passage": passages[finding["passage_key"]],
    }


def _about(pair: _Told, wording: Wording) -> Record:
    place, finding = pair
    return {
        "instrument": wording.instrument(place) or None,
        "time": place.time,
        "analysis": finding["analysis"],
        "population": finding["population"],
    }


def _joined(about: Sequence[Record]) -> Record:
    """Return all that is said of several findings, by what it is about."""
    said = {name: [each[name] for each in about if each[name]] for name in about[0]}
    return {name: "; ".join(dict.fromkeys(words)) or None for name, words in said.items()}


def _shared(about: Sequence[Record]) -> Record:
    """Return what is said of each of several findings alike, None where it is not."""
    return {name: _one([each[name] for each in about], None) for name in about[0]}


def _by(group: Sequence[_Told], about: Sequence[Record], shared: Record) -> list[Record]:
    """Return each finding with what tells it from the others."""
    return [
        {
            "of": ", ".join(
                words for name, words in each.items() if words and words != shared[name]
            )
            or finding["statement"].rstrip("."),
            "direction": finding["direction"],
        }
        for (_, finding), each in zip(group, about, strict=True)
    ]


def _one(values: Sequence[Any], otherwise: Any) -> Any:
    """Return the one value that all have, `otherwise` where they differ."""
    return values[0] if len(set(values)) == 1 else otherwise


def _apart(
    place: Measured, finding: Record, rules: Rules, whole: Mapping[str, Record]
) -> str | None:
    """Return why a finding is no vote of a trial, None where it is one."""
    if is_by_subgroup(finding["analysis"]):
        return BY_SUBGROUP
    reasons = [] if place.design in rules.randomised else ["not a randomised trial"]
    population = finding["population"] or ""
    kind = whole[place.study]["kind"] if place.study in whole else _PEOPLE[0]
    if _OTHERS.search(population) or kind not in _PEOPLE:
        reasons.append(f"of {population or kind}, not of patients")
    return "; ".join(reasons) or None


def _matching(place: Measured, finding: Record, found: Found) -> list[Record]:
    """Return the contrasts of the analysis of a finding, on its participants.

    Those that name the very analysis come first; a contrast of more than two arms, or of another
    analysis, is none of them.
    """
    analysis = finding["analysis"]
    same = [
        row
        for row in found.contrasts.get(place.key, ())
        if row["population"] == finding["population"]
        and is_interaction(row["analysis"]) == is_interaction(analysis)
        and (row["analysis"] == analysis or is_between_arms(row))
        and may_be_same(row["analysis"], analysis)
    ]
    return sorted(same, key=lambda row: (row["analysis"] != analysis, row["adjusted"]))


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
