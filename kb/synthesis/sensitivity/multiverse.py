"""The multiverse: the pooled effect by every defensible way of making it.

Which measure, which model, which interval, which studies: reasonable people choose differently.
Every combination is a specification; together they show whether the choice decides the result.
Voracek M, Kossmeier M, Tran US. Which data to meta-analyze, and how? A specification-curve and
multiverse-analysis approach to meta-analysis. Z Psychol 2019;227:64-82; Simonsohn U, Simmons JP,
Nelson LD. Specification curve analysis. Nat Hum Behav 2020;4:1208-1214.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadTable
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate
from kb.synthesis.groups import Index
from kb.synthesis.measures import Measure
from kb.synthesis.options import COMMON_EFFECT, method_of, test_of
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool_many
from kb.synthesis.prediction import Prediction

_ALL_STUDIES = "all studies"
_SHARED_STUDIES = (
    "The specifications share their studies, so their results do not add up to a test: the shares "
    "describe how far the choices matter."
)

Members: TypeAlias = Collection[str] | Sequence[bool] | NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Specification:
    """One way of making the analysis, and its result on the scale of its measure.

    `prediction` is None in a common-effect model.
    """

    measure: str
    method: str
    test: str
    rule: str
    k: int
    estimate: Estimate
    prediction: Prediction | None
    tau2: float
    i2: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A combination that is no specification, and why."""

    measure: str
    method: str
    test: str
    rule: str
    reason: str

    def __str__(self) -> str:
        return f"{self.measure}, {self.method}, {self.test}, {self.rule}: {self.reason}"


@dataclass(frozen=True, slots=True, eq=False)
class Multiverse:
    """All specifications.

    Attributes:
        measures: the measure behind each name, in the order given.
        specifications: measure after measure, the least estimate first: the
            specification curve of each measure.
        skipped: the combinations that were not analysed.
        notes: what to bear in mind, and which studies a measure lacks.
    """

    measures: Mapping[str, Measure]
    specifications: tuple[Specification, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]

    def curve(self, measure: str) -> tuple[Specification, ...]:
        """Return the specifications of one measure, the least estimate first."""
        if measure not in self.measures:
            raise BadOption(
                f"There is no measure {measure!r} here. There are {', '.join(self.measures)}."
            )
        return tuple(one for one in self.specifications if one.measure == measure)

    def summary(self) -> str:
        """Return the range of the results of each measure, on the scale a reader knows."""
        reasons = Counter(skipped.reason for skipped in self.skipped)
        lines = [
            (
                f"Multiverse: {_counted(len(self.specifications))}, "
                f"{len(self.skipped)} combinations skipped"
            ),
            *(
                f"{name}: {_described(self.curve(name), measure)}"
                for name, measure in self.measures.items()
            ),
            *(f"skipped {count}: {reason}" for reason, count in reasons.items()),
            *self.notes,
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Set:
    """The studies of one measure that a rule includes, by their positions in its effects."""

    measure: str
    rule: str
    positions: Index
    reason: str | None


def multiverse(
    effects: Mapping[str, Effects],
    *,
    methods: Iterable[str] = ("EE", "DL", "PM", "REML"),
    tests: Iterable[str] = ("z", "knha", "adhoc"),
    rules: Mapping[str, Members] | None = None,
    level: float = DEFAULT_LEVEL,
    prediction: str = "metafor",
) -> Multiverse:
    """Return the results of all combinations of measure, method, test and inclusion rule.

    Args:
        effects: the effects of the same studies by one or more measures, by name; a study is known
            by its label. A study that a measure lacks is named in the notes.
        methods, tests, level, prediction: as in `pool`.
        rules: for each rule, by name, the labels of the studies it includes, or a mask, one value
            per study where all measures have the same studies in the same order. Without rules
            all studies are included.

    Skipped are Hartung-Knapp intervals of a common effect, EB beside PM (the same estimate), fewer
    than two studies, and rules that include the same studies of a measure as an earlier one: each
    specification counts once.
    """
    chosen = list(dict.fromkeys(map(method_of, methods)))
    intervals = list(dict.fromkeys(map(test_of, tests)))
    if not effects or not chosen or not intervals:
        raise BadOption("A multiverse needs at least one measure, one method and one test.")
    names = _study_names(effects)
    if rules is None:
        rules = {_ALL_STUDIES: names}
    sets = _sets(effects, names, rules)
    sound = [one for one in sets if one.reason is None]
    specifications: list[Specification] = []
    skipped: list[Skipped] = []
    for method, test in product(chosen, intervals):
        reason = _unsound(method, test, chosen)
        skipped += (
            Skipped(one.measure, method, test, one.rule, why)
            for one in sets
            if (why := reason or one.reason)
        )
        if sound and reason is None:
            yi, vi, group = _stacked(effects, sound)
            many = pool_many(
                yi, vi, group, method=method, test=test, level=level, prediction=prediction
            )
            specifications += map(_specification, sound, many)
    place = {name: i for i, name in enumerate(effects)}
    specifications.sort(key=lambda one: (place[one.measure], one.estimate.estimate))
    measures = {name: one.measure for name, one in effects.items()}
    notes = (_SHARED_STUDIES, *_lacking(effects, names))
    return Multiverse(measures, tuple(specifications), tuple(skipped), notes)


def _study_names(effects: Mapping[str, Effects]) -> Sequence[str]:
    """Return the labels of all studies; raise BadTable where two of a measure share one."""
    names: dict[str, None] = {}
    for measure, one in effects.items():
        label, count = Counter(one.labels).most_common(1)[0] if one.k else ("", 0)
        if count > 1:
            raise BadTable(
                f"{measure}: {count} studies are called {label!r}. Give each a name of its own."
            )
        names |= dict.fromkeys(one.labels)
    return tuple(names)


def _sets(
    effects: Mapping[str, Effects], names: Sequence[str], rules: Mapping[str, Members]
) -> list[_Set]:
    """Return the studies of each measure and rule, with the reason where they make no analysis."""
    sets = []
    for measure, one in effects.items():
        earlier: dict[tuple[int, ...], str] = {}
        for rule, members in rules.items():
            included = _included(rule, members, effects, names)
            positions = np.flatnonzero([label in included for label in one.labels])
            same = earlier.setdefault(tuple(positions.tolist()), rule)
            if positions.size < 2:
                reason = "fewer than two studies: there is nothing to pool"
            elif same != rule:
                reason = f"the same studies as by the rule {same!r}; it would count twice"
            else:
                reason = None
            sets.append(_Set(measure, rule, positions, reason))
    return sets


def _included(
    rule: str, members: Members, effects: Mapping[str, Effects], names: Sequence[str]
) -> set[str]:
    """Return the labels a rule includes; raise BadTable if its mask or its labels do not fit."""
    mask = np.asarray(members)
    if mask.dtype == np.bool_:
        if any(tuple(one.labels) != tuple(names) for one in effects.values()):
            raise BadTable(
                f"The rule {rule!r} is a mask, and the measures do not have the same studies in "
                "the same order. Give the labels of the studies it includes."
            )
        if mask.shape != (len(names),):
            raise BadTable(
                f"The mask of the rule {rule!r} has the shape {mask.shape}. Give true or false for "
                f"each of the {len(names)} studies."
            )
        return {label for label, held in zip(names, mask.tolist(), strict=True) if held}
    included = set(map(str, members))
    known = {*names, *(study.label for one in effects.values() for study in one.left_out)}
    unknown = sorted(included - known)
    if unknown:
        raise BadTable(
            f"The rule {rule!r} includes {unknown[0]!r}, and no measure has a study of this name. "
            "Give labels as the studies have them."
        )
    return included


def _unsound(method: str, test: str, methods: Collection[str]) -> str | None:
    """Return why a method and a test make no specification, None where they do."""
    if method == COMMON_EFFECT and test in {"knha", "adhoc"}:
        return "Hartung-Knapp is made for random effects, not for a common effect"
    if method == "EB" and "PM" in methods:
        return "EB is the same estimate as PM; it would count twice"
    return None


def _stacked(effects: Mapping[str, Effects], sets: Sequence[_Set]) -> tuple[Array, Array, Index]:
    """Return effects, variances and the number of the set, for the studies of all sets."""
    return (
        np.concatenate([effects[one.measure].yi[one.positions] for one in sets]),
        np.concatenate([effects[one.measure].vi[one.positions] for one in sets]),
        np.repeat(np.arange(len(sets)), [one.positions.size for one in sets]),
    )


def _specification(one: _Set, pooled: Pooled) -> Specification:
    return Specification(
        one.measure,
        pooled.method,
        pooled.test,
        one.rule,
        pooled.k,
        pooled.estimate,
        pooled.prediction,
        pooled.heterogeneity.tau2,
        pooled.heterogeneity.i2,
    )


def _lacking(effects: Mapping[str, Effects], names: Sequence[str]) -> Iterator[str]:
    """Name the studies that a measure lacks, with the reason where it is known."""
    for measure, one in effects.items():
        left_out = [study.label for study in one.left_out]
        others = set(names).difference(one.labels, left_out)
        missing = [*map(str, one.left_out), *(name for name in names if name in others)]
        if missing:
            yield f"not in {measure}: {'; '.join(missing)}"


def _described(curve: Sequence[Specification], measure: Measure) -> str:
    """Describe the specification curve of one measure."""
    if not curve:
        return "no specification"
    estimates = np.array([row.estimate.estimate for row in curve])
    middle = np.array([estimates[0], np.median(estimates), estimates[-1]])
    low, median, high = measure.back(middle).tolist()
    text = (
        f"{_counted(len(curve))}; {measure.reported} {low:.4g} to {high:.4g}, median {median:.4g}"
    )
    if measure.null is None:
        return text
    null = measure.back(np.asarray(measure.null)).item()
    small = np.mean([row.estimate.p < 0.05 for row in curve])
    return (
        f"{text}; p < 0.05 in {small:.0%}; below no effect ({null:g}) in "
        f"{np.mean(estimates < measure.null):.0%}, above in {np.mean(estimates > measure.null):.0%}"
    )


def _counted(specifications: int) -> str:
    return f"{specifications} specification{'' if specifications == 1 else 's'}"
