"""What a foreign file says, in the terms of the field and the words of the file.

A reader of a format turns a file into drafts and knows nothing of the store. Words that name a term
(an outcome, an instrument) stay as the file writes them; what they mean is found later. Every draft
holds the row of the file that it stands in: the line of a text file, the row of a sheet, the
running number of an entry.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Fate(StrEnum):
    """What became of a row or a column of a file."""

    REFUSED = "refused"
    UNDECIDED = "undecided"
    WARNED = "warned"
    IGNORED = "ignored"
    EXPLAINED = "explained"


@dataclass(frozen=True, order=True, slots=True)
class Note:
    """One thing to say of a row; of the whole file where `row` is 0.

    A refused row is not imported; a warned one is, and needs a look. As long as one is undecided,
    nothing of the file is imported: a person must decide on its cells. `ignored` is what the file
    holds and no table takes: a column, an element. `rule` names the kind of thing in two or three
    words, so that many notes of a kind can be counted.
    """

    row: int
    field: str
    fate: Fate
    rule: str
    message: str


@dataclass
class ReportDraft:
    """A publication, in the fields of a CSL-JSON item. `name` is what the file calls it."""

    row: int
    name: str
    kind: str = "article-journal"
    title: str | None = None
    authors: str | None = None
    container: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None
    note: str | None = None


@dataclass
class ArmDraft:
    """A group of participants; `name` is the word for what it was offered, unique in its study.

    Where `name` is only what the arm is called, `offered` is the word for what it was offered;
    `otherwise` are words that stand for it only where they name something and it does not.
    `role` is `intervention` or `control`, or None where the file leaves it to the word.
    """

    row: int
    name: str
    role: str | None = None
    offered: str | None = None
    detail: str | None = None
    delivery: str | None = None
    sessions: int | None = None
    weeks: float | None = None
    randomised: int | None = None
    otherwise: tuple[str, ...] = ()


@dataclass
class ArmResultDraft:
    """What one arm showed. `arm` is the name of an arm draft of the same study."""

    row: int
    arm: str
    population: str | None = None
    n: int | None = None
    events: int | None = None
    mean: float | None = None
    sd: float | None = None
    se: float | None = None
    median: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    unit: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class DerivationDraft:
    """How a value was computed: the formula, and what went in."""

    formula: str
    inputs: str
    software: str | None = None


@dataclass
class ContrastDraft:
    """A comparison of two arms. `statistic` is a code of `kb_schema.codes.Statistic`.

    Ratios are on their natural scale with a standard error of their logarithm in `se`.
    """

    row: int
    arm: str | None
    comparator: str | None
    statistic: str
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    se: float | None = None
    p: float | None = None
    p_relation: str | None = None
    n: int | None = None
    adjusted: bool = False
    analysis: str | None = None
    population: str | None = None
    derivation: DerivationDraft | None = None
    note: str | None = None


@dataclass
class MeasurementDraft:
    """That an outcome was measured with an instrument at a time, and what came out.

    `outcome` and `instrument` are words of the file. `months` is None where the file tells none.
    `favours_low` says that lower values are better for the participant, None where unknown.
    """

    row: int
    outcome: str
    instrument: str | None = None
    instrument_detail: str | None = None
    time: str | None = None
    months: float | None = None
    favours_low: bool | None = None
    arm_results: list[ArmResultDraft] = field(default_factory=list)
    contrasts: list[ContrastDraft] = field(default_factory=list)


@dataclass
class RiskOfBiasDraft:
    """One judgement. `tool` is a code of `kb_schema.codes.RiskOfBiasTool`; the words are kept."""

    row: int
    tool: str
    domain: str
    judgement: str
    support: str | None = None


@dataclass(frozen=True)
class PassageDraft:
    """The place in a report that a person took a row from.

    `report` is the name of a report draft of the same study, `seen` a code of
    `kb_schema.codes.Seen`.
    """

    report: str
    locator: str
    quote: str
    seen: str


class StudyName(NamedTuple):
    """What a study is called, and its year."""

    name: str
    year: int | None


@dataclass
class StudyDraft:
    """A study, with all that the file says of it. `name` is what the file calls it."""

    row: int
    name: str
    year: int | None = None
    title: str | None = None
    design: str | None = None
    design_detail: str | None = None
    registration: str | None = None
    started: int | None = None
    """The year in which it began, or was to begin, to take in participants."""
    countries: list[str] = field(default_factory=list)
    cancers: list[str] = field(default_factory=list)
    randomised: int | None = None
    enrolled: int | None = None
    characteristics: dict[str, str] = field(default_factory=dict)
    """Statements in own words by topic (`kb_schema.codes.Topic`)."""
    reports: list[ReportDraft] = field(default_factory=list)
    arms: list[ArmDraft] = field(default_factory=list)
    measurements: list[MeasurementDraft] = field(default_factory=list)
    risk_of_bias: list[RiskOfBiasDraft] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)
    """What the rows of this study say, by row: `column=value` pairs that become their quotes."""
    passages: dict[int, PassageDraft] = field(default_factory=dict)
    """Where a person found what rows say of arms and results; other rows are their own passage."""


@dataclass(frozen=True, slots=True)
class StatedPool:
    """A pooled result that a file states, with the studies that it says went in.

    Ratios are on their natural scale. `model` is `common` or `random`, `method` `IV`, `MH` or
    `PETO`, `data_type` the file's word for the kind of data. `estimator`, of tau², and `test` are
    codes of `kb.synthesis.options`. `swapped` says that those without the event were counted, in
    the data of the members too.
    """

    row: int
    name: str
    outcome: str
    statistic: str
    model: str
    method: str
    estimate: float
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float = 95.0
    p: float | None = None
    tau2: float | None = None
    i2: float | None = None
    q: float | None = None
    participants: int | None = None
    data_type: str = ""
    subgroup: str | None = None
    members: tuple["StatedEffect", ...] = ()
    estimator: str = "DL"
    test: str = "z"
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class StatedEffect:
    """One study's data and effect in a stated pool; the effect as the file prints it.

    `data` holds what went in under metafor's names: ai, n1i, ci, n2i; m1i, sd1i, ...; yi, sei.
    """

    row: int
    study: str
    data: Mapping[str, float]
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    weight: float | None = None
    subgroup: str | None = None


@dataclass(frozen=True, slots=True)
class StatedSize:
    """An effect size that a file gives beside the data it was computed from.

    `data` is as in `StatedEffect`; `measure` is metafor's name. The sign is the file's.
    """

    row: int
    study: str
    measure: str
    data: Mapping[str, float]
    estimate: float
    se: float | None = None


@dataclass
class ReviewDraft:
    """A review that the file is of, with the pooled results that it states."""

    row: int
    name: str
    title: str | None = None
    year: int | None = None
    report: ReportDraft | None = None
    pools: list[StatedPool] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """What a reader found in one file.

    `rows` counts the data rows (entries) of the file. `studies` and `sizes` may be asked for more
    than once, and each time yield the same from the start, so that a large file need not be held.
    Every row is in a draft, or has a note that refuses it or says that it is undecided. `named`
    holds the names of all studies where to go through those themselves takes long.
    """

    rows: int
    notes: tuple[Note, ...] = ()
    reports: tuple[ReportDraft, ...] = ()
    review: ReviewDraft | None = None
    studies: Callable[[], Iterator[StudyDraft]] = lambda: iter(())
    named: Sequence[StudyName] = ()
    sizes: Callable[[], Iterator[StatedSize]] = lambda: iter(())
