"""The analyses of a Cochrane review as RevMan has them: settings, data rows, stated results."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb.exchange.cochrane.numbers import value


class DataType(StrEnum):
    """What was entered for every study, as RevMan calls it."""

    DICHOTOMOUS = "dichotomous"
    CONTINUOUS = "continuous"
    GENERIC = "generic inverse variance"
    LOG_RANK = "O-E and variance"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Measure:
    """An effect measure: the code of its statistic, and whether it counts non-events."""

    statistic: str
    swapped: bool = False

    @property
    def is_ratio(self) -> bool:
        """Whether it is analysed as a logarithm."""
        return self.statistic in {"OR", "RR", "HR"}


_MEASURES = {
    "or": "OR",
    "odds ratio": "OR",
    "peto or": "OR",
    "peto odds ratio": "OR",
    "rr": "RR",
    "risk ratio": "RR",
    "rd": "RD",
    "risk difference": "RD",
    "md": "MD",
    "mean difference": "MD",
    "smd": "SMD",
    "std mean difference": "SMD",
    "standardized mean difference": "SMD",
    "standardised mean difference": "SMD",
    "hr": "HR",
    "hazard ratio": "HR",
}
_NON_EVENT = re.compile(r"\s*\(?non.?event\)?\s*$", re.IGNORECASE)


def measure_of(words: str) -> Measure | None:
    """Return the effect measure that RevMan calls so; None where the base has no such statistic."""
    name = _NON_EVENT.sub("", words)
    found = _MEASURES.get(" ".join(re.split(r"[\s._]+", name.casefold())).strip())
    return Measure(found, swapped=name != words) if found else None


@dataclass(frozen=True, slots=True)
class ArmData:
    """What was entered for an arm, None where nothing was."""

    n: int | None = None
    events: int | None = None
    mean: float | None = None
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class DataRow:
    """The data of one study in an analysis, with its effect as the file prints it.

    `yi` and `sei` are on the scale of analysis. `wrong` says why the row cannot be read.
    """

    row: int
    study: str
    words: str
    subgroup: str | None = None
    experimental: ArmData = ArmData()
    control: ArmData = ArmData()
    yi: float | None = None
    sei: float | None = None
    o_minus_e: float | None = None
    v: float | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    weight: float | None = None
    estimable: bool = True
    in_overall: bool = True
    in_subgroup: bool = True
    note: str | None = None
    wrong: str | None = None

    @property
    def has_arms(self) -> bool:
        """Whether there are people in an arm."""
        return bool(self.experimental.n or self.control.n)


@dataclass(frozen=True, slots=True)
class Result:
    """A pooled result as the file prints it; ratios on their natural scale, I² in percent.

    `wrong` says why it cannot be read.
    """

    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    tau2: float | None = None
    i2: float | None = None
    q: float | None = None
    wrong: str | None = None

    @classmethod
    def of(cls, texts: Iterable[str | None]) -> "Result":
        """Return the result that these texts say, in the order of its numbers."""
        try:
            estimate, low, high, p, tau2, i2, q = map(value, texts)
        except ValueError as error:
            return cls(wrong=str(error))
        return cls(estimate, low, high, p, tau2, i2, q)


@dataclass(frozen=True, slots=True)
class Analysis:
    """An outcome of a comparison.

    Attributes:
        number: "1.2", of the comparison and the outcome.
        comparison, name: what they are called.
        data_type: what was entered.
        effect: what the file calls the effect measure.
        measure: None where the base has no such statistic.
        model: `common` or `random`; method: `MH`, `IV` or `PETO`.
        estimator, test: of tau² and of the pooled effect, as metafor calls them.
        level, study_level: of the intervals of the pooled effect and of the studies, in percent.
        swapped: whether events and non-events change places in the analysis.
        arms: what the experimental and the control group are called.
        overall: the result over all rows; None where the file has none.
        subgroups: the results by subgroup.
        rows: the data.
        row: the first of them.
        units: what the file says that the values are in.
        favours_low: whether low values of what was entered are better, as far as the file tells.
    """

    number: str
    comparison: str
    name: str
    data_type: DataType
    effect: str
    measure: Measure | None
    arms: tuple[str, str]
    model: str = "common"
    method: str = "IV"
    estimator: str = "DL"
    test: str = "z"
    level: float = 95.0
    study_level: float = 95.0
    swapped: bool = False
    overall: Result | None = None
    subgroups: Mapping[str, Result] = field(default_factory=dict)
    rows: tuple[DataRow, ...] = ()
    row: int = 0
    favours_low: bool | None = None
    units: str = ""

    @property
    def title(self) -> str:
        """The number and the name, as forest plots have them."""
        return f"{self.number} {self.name}"


_USUAL_LABELS = {
    "",
    "experimental",
    "experimental group",
    "intervention",
    "treatment",
    "control",
    "control group",
}


def arm_names(experimental: str, control: str, comparison: str) -> tuple[str, str]:
    """Return what the groups of a comparison are called.

    Labels that RevMan sets by itself say nothing of what was compared; with the comparison's name
    beside them, those of two comparisons are told apart.
    """
    named = []
    for label, default in ((experimental, "Experimental"), (control, "Control")):
        usual = label.casefold() in _USUAL_LABELS
        named.append(f"{label or default} ({comparison})" if usual and comparison else label)
    first, second = named[0] or "Experimental", named[1] or "Control"
    return (first, second) if first != second else (f"{first} (1)", f"{second} (2)")


_FAVOURS = re.compile(r"favou?rs?\s+(?:the\s+)?(.+)", re.IGNORECASE)
_FIRST = {"experimental", "intervention", "treatment"}
_UNTOUCHED = ("experimental", "control")


def favours_low(left: str, right: str, arms: tuple[str, str]) -> bool | None:
    """Return whether low values are better, by what stands at both ends of the forest plot.

    RevMan writes 'Favours experimental' on the left whatever the outcome is; such labels say
    nothing, and neither do those that do not name both groups.
    """
    sides = tuple(
        found[1].casefold() if (found := _FAVOURS.match(each)) else "" for each in (left, right)
    )
    if sides == _UNTOUCHED:
        return None
    first, second = (name.casefold() for name in arms)
    match [_group(side, first, second) for side in sides]:
        case [0, 1]:
            return True
        case [1, 0]:
            return False
        case _:
            return None


def _group(side: str, first: str, second: str) -> int | None:
    if side == first or side in _FIRST:
        return 0
    return 1 if side in {second, "control"} else None
