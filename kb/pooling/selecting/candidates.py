"""Every effect that the results of a question could give, before any of them is chosen.

A candidate is one comparison of two arms on one measurement: as a source reports it, from the
counts or the means of its arms, or from the survival times of its participants.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kb.base import Base, Record
from kb.facets import ABOUT_MEASUREMENTS
from kb.pooling.selecting.arms import Arm, Asked, Comparison, arms_of, asked_of_arms, compare
from kb.question import Question
from kb.selection import measurement_conditions, studies
from kb.store.lists import among
from kb.store.relations import (
    Relation,
    arm_result,
    contrast,
    derivation,
    finding,
    measurement,
    passage,
    report,
    study,
    survival_time,
)

REPORTED = {
    "HR": "HR",
    "OR": "OR",
    "RR": "RR",
    "RD": "RD",
    "MD": "MD",
    "SMD": "SMD",
    "d": "SMD",
    "ES": "SMD",
}
"""The measure of each statistic that is an effect; an effect size of unknown kind is taken as
standardised."""

_IMPORTED = "file-"
"""What the keys of files begin with that were imported."""

_AMBIGUOUS = "an arm is shown more than once, and which of its values belong together is not said"

MEASURES_OF = {
    "counts": ("OR", "RR", "RD", "PETO", "AS"),
    "means": ("MD", "SMD", "SMDH", "ROM"),
    "arm": ("PR", "PLO", "PFT", "PAS"),
    "times": ("HR",),
}
"""What can be computed from what arms show."""

_CONTRAST = (
    "key",
    "measurement_key",
    "arm_key",
    "comparator_arm_key",
    "statistic",
    "estimate",
    "ci_low",
    "ci_high",
    "ci_level",
    "se",
    "p",
    "p_relation",
    "n",
    "adjusted",
    "analysis",
    "population",
    "better",
    "derivation_key",
    "note",
    "passage_key",
)
_ARM_RESULT = (
    "key",
    "measurement_key",
    "arm_key",
    "population",
    "n",
    "events",
    "mean",
    "sd",
    "se",
    "median",
    "percent",
    "ci_low",
    "ci_high",
    "ci_level",
    "unit",
    "better",
    "derivation_key",
    "note",
    "passage_key",
)
_FINDING = (
    "key",
    "measurement_key",
    "direction",
    "basis",
    "statement",
    "analysis",
    "population",
    "passage_key",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """That a study measured an outcome at a time, by which report."""

    key: str
    study: str
    outcome: str
    instrument: str | None
    detail: str | None
    time: str | None
    months: float | None
    primary: bool | None
    report: str
    published: int | None
    passage: str
    label: str
    named: int | None
    design: str

    @property
    def year(self) -> int | None:
        """Year of the report, or else the year by which the study is named."""
        return self.published or self.named


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One comparison on one measurement, from which an effect may be had.

    Attributes:
        key: key of the stored result: of the contrast, of the treated arm's result, or of the
            measurement whose participants' times are stored.
        source: "reported", "counts", "means", "arm" (one arm alone) or "times".
        measures: the codes of the measures that it gives.
        place: the measurement.
        comparison: its two arms.
        rows: the rows of the store behind it: the contrast, or the result of each arm, the treated
            one first; none for times.
        from_times: whether the numbers were derived from individual survival times.
    """

    key: str
    source: str
    measures: tuple[str, ...]
    place: Measured
    comparison: Comparison
    rows: tuple[Record, ...]
    from_times: bool = False

    @property
    def row(self) -> Record:
        """The first row behind it."""
        return self.rows[0] if self.rows else {}

    @property
    def by_arm(self) -> tuple[Record, Record]:
        """What the treated arm and the control arm showed."""
        treated, control = self.rows
        return treated, control

    @property
    def population(self) -> str | None:
        """The part of the participants it is on; None for all."""
        return self.row.get("population")

    @property
    def is_reported(self) -> bool:
        """Whether the source itself compares the arms."""
        return self.source == "reported"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is noted on the rows behind it, such as who extracted them."""
        return tuple(dict.fromkeys(row["note"] for row in self.rows if row["note"]))


@dataclass(frozen=True, slots=True)
class Found:
    """What the store holds on a question.

    `contrasts`, `arm_results` and `findings` are rows by the key of their measurement; a contrast
    has its `origin` in words where it comes from an imported file and was computed on the way.
    `times` is the number of participants whose survival times are stored, by measurement and arm.
    """

    places: Mapping[str, Measured]
    contrasts: Mapping[str, list[Record]]
    arm_results: Mapping[str, list[Record]]
    findings: Mapping[str, list[Record]]
    times: Mapping[str, Mapping[str, int]]
    arms: Mapping[str, Arm]
    asked: Asked


def find(base: Base, question: Question) -> Found:
    """Return the measurements that a question selects, with their results."""
    keys = base.keys(studies(base, question))
    conditions = measurement_conditions(base, question.about(ABOUT_MEASUREMENTS))
    places = _places(base, [among(measurement.study_key, keys), *conditions])
    return Found(
        places=places,
        contrasts=_contrasts(base, places),
        arm_results=_rows(base, arm_result, _ARM_RESULT, places),
        findings=_rows(base, finding, _FINDING, places),
        times=_times(base, places),
        arms=arms_of(base, keys),
        asked=asked_of_arms(base, question, keys),
    )


def candidates(found: Found, *, single_arms: bool = False) -> list[Candidate]:
    """Return every effect that what was found could give, in the order of the measurements.

    `single_arms` asks for the proportions of single arms in place of comparisons.
    """
    reports = {(found.places[key].study, found.places[key].report) for key in found.times}
    return [
        candidate
        for place in found.places.values()
        for candidate in _of_place(
            found, place, from_times=(place.study, place.report) in reports, single=single_arms
        )
    ]


def survival_times(base: Base, keys: Iterable[str]) -> dict[str, list[tuple[str, float, bool]]]:
    """Return arm, months and whether they died, of each participant, by measurement."""
    wanted = sorted(set(keys))
    query = select(
        survival_time.measurement_key,
        survival_time.arm_key,
        survival_time.months,
        survival_time.died,
    ).where(among(survival_time.measurement_key, wanted))
    people: dict[str, list[tuple[str, float, bool]]] = defaultdict(list)
    for key, arm_key, months, died in base.connection.execute(query) if wanted else ():
        people[key].append((arm_key, float(months), bool(died)))
    return {key: sorted(rows) for key, rows in people.items()}


def _of_place(
    found: Found, place: Measured, *, from_times: bool, single: bool
) -> Iterator[Candidate]:
    results = found.arm_results.get(place.key, ())
    if single:
        yield from _single_arms(found, place, results, from_times=from_times)
        return
    for row in found.contrasts.get(place.key, ()):
        if row["statistic"] in REPORTED and row["estimate"] is not None:
            first, second = (
                found.arms.get(row["arm_key"]),
                found.arms.get(row["comparator_arm_key"]),
            )
            yield Candidate(
                row["key"],
                "reported",
                (REPORTED[row["statistic"]],),
                place,
                compare(first, second, found.asked),
                (row,),
                from_times and row["derivation_key"] is not None,
            )
    for source, comparison, treated, control in _pairs(found, results):
        yield Candidate(
            treated["key"],
            source,
            MEASURES_OF[source],
            place,
            comparison,
            (treated, control),
            from_times and treated["derivation_key"] is not None,
        )
    for first, second in _arm_pairs(found, found.times.get(place.key, ())):
        comparison = compare(first, second, found.asked)
        yield Candidate(
            place.key, "times", MEASURES_OF["times"], place, comparison, (), from_times=True
        )


def _single_arms(
    found: Found, place: Measured, results: Sequence[Record], *, from_times: bool
) -> Iterator[Candidate]:
    for row in results:
        shown = found.arms[row["arm_key"]]
        if _kind(row) == "counts" and shown.role == "intervention":
            wanted = found.asked.treats(shown)
            reason = "" if wanted else f"its intervention is not the one asked for: {shown.label}"
            yield Candidate(
                row["key"],
                "arm",
                MEASURES_OF["arm"],
                place,
                Comparison(shown, None, reason=reason),
                (row,),
                from_times and row["derivation_key"] is not None,
            )


def _pairs(
    found: Found, results: Sequence[Record]
) -> Iterator[tuple[str, Comparison, Record, Record]]:
    """Yield what two arms showed, the treated first, of the same kind, population and unit."""
    groups: dict[tuple[Any, ...], dict[str, list[Record]]] = {}
    for row in results:
        kind = _kind(row)
        if kind:
            group = groups.setdefault((kind, row["population"], row["unit"]), {})
            group.setdefault(row["arm_key"], []).append(row)
    for (kind, *_), by_arm in groups.items():
        for first, second in _arm_pairs(found, by_arm):
            comparison = compare(first, second, found.asked)
            pairs = list(product(by_arm[first.key], by_arm[second.key]))
            if len(pairs) > 1:
                comparison = replace(comparison, reason=comparison.reason or _AMBIGUOUS)
            for treated, control in pairs:
                yield kind, comparison, treated, control


def _arm_pairs(found: Found, keys: Iterable[str]) -> Iterator[tuple[Arm, Arm]]:
    """Yield interventions with controls; where there is no control, with each other."""
    arms = [found.arms[key] for key in sorted(keys)]
    treated = [arm for arm in arms if arm.role == "intervention"]
    controls = [arm for arm in arms if arm.role == "control"]
    if controls:
        yield from product(treated, controls)
        return
    for place, arm in enumerate(treated):
        for other in treated[place + 1 :]:
            turned = found.asked.treats(other) and not found.asked.treats(arm)
            yield (other, arm) if turned else (arm, other)


def _kind(row: Record) -> str:
    """Return what an arm's result can be made into: counts, means or, "", nothing."""
    if row["n"] is None:
        return ""
    if row["events"] is not None:
        return "counts"
    spread = row["sd"] is not None or row["se"] is not None or row["ci_low"] is not None
    return "means" if row["mean"] is not None and spread else ""


def _places(base: Base, conditions: Sequence[ColumnElement[bool]]) -> dict[str, Measured]:
    query = (
        select(
            measurement.key,
            measurement.study_key,
            measurement.outcome_key,
            measurement.instrument_key,
            measurement.instrument_detail,
            measurement.time,
            measurement.months,
            measurement.primary_outcome,
            measurement.report_key,
            report.year,
            measurement.passage_key,
            study.label,
            study.year.label("study_year"),
            study.design_key,
        )
        .join_from(measurement.table, study.table, measurement.study_key == study.key)
        .join(report.table, measurement.report_key == report.key)
        .where(*conditions)
    )
    rows = sorted(base.connection.execute(query).all(), key=itemgetter(0))
    return {key: Measured(key, *rest) for key, *rest in rows}


def _rows(
    base: Base, relation: Relation, columns: Sequence[str], places: Iterable[str]
) -> dict[str, list[Record]]:
    """Return the rows of measurements, by measurement, in one order on every store."""
    query = select(*(relation.named(name) for name in columns)).where(
        among(relation.measurement_key, places)
    )
    groups: dict[str, list[Record]] = defaultdict(list)
    for values in sorted(base.connection.execute(query).all(), key=itemgetter(0)):
        row = dict(zip(columns, values, strict=True))
        groups[row["measurement_key"]].append(row)
    return groups


def _contrasts(base: Base, places: Iterable[str]) -> dict[str, list[Record]]:
    groups = _rows(base, contrast, _CONTRAST, places)
    rows = [row for group in groups.values() for row in group]
    origins = _origins(base, [row["key"] for row in rows if row["derivation_key"]])
    for row in rows:
        row["origin"] = origins.get(row["key"])
    return groups


def _origins(base: Base, keys: Sequence[str]) -> dict[str, str]:
    """Return from which imported file contrasts come, and how, in words; nothing for others."""
    query = (
        select(contrast.key, report.title, derivation.formula, derivation.software)
        .join_from(contrast.table, derivation.table, contrast.derivation_key == derivation.key)
        .join(passage.table, contrast.passage_key == passage.key)
        .join(report.table, passage.report_key == report.key)
        .where(
            among(contrast.key, keys),
            report.kind == "dataset",
            report.key.startswith(_IMPORTED, autoescape=True),
        )
    )
    found = base.connection.execute(query) if keys else ()
    return {
        key: f"{f'computed by {software} from' if software else 'taken from'} {title}: {formula}"
        for key, title, formula, software in found
    }


def _times(base: Base, places: Iterable[str]) -> dict[str, dict[str, int]]:
    query = (
        select(survival_time.measurement_key, survival_time.arm_key, func.count())
        .where(among(survival_time.measurement_key, places))
        .group_by(survival_time.measurement_key, survival_time.arm_key)
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for key, arm_key, number in base.connection.execute(query):
        counts[key][arm_key] = number
    return counts
