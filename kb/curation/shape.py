"""How the tables are written in seed files: one declaration that reading, checking, loading and
the JSON Schema all follow.

A record is a mapping of its columns. A reference is written without `_key` (`design: rct`). What
belongs to a record is nested in it, so that the enclosing key is not repeated: the key of a nested
record is `<enclosing key>/<its own key>`. Every fact carries its `passage` in place.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Table

from kb_schema import tables as t


@dataclass(frozen=True)
class Form:
    """The form in which a text is written: as a regular expression and in words."""

    pattern: str
    words: str


WRITTEN_AS: Mapping[tuple[str, str], Form] = {
    ("report", "doi"): Form(r"10\.[0-9]{4,9}/\S+", "a DOI such as 10.1000/182, without an address"),
    ("report", "pmid"): Form(r"[1-9][0-9]{0,8}", "a PubMed number such as 11742045"),
    ("report", "pmcid"): Form(r"PMC[0-9]+", "a PubMed Central identifier such as PMC1234567"),
    ("report", "url"): Form(r"https?://\S+", "an address that begins with https://"),
    ("country", "iso"): Form(r"[A-Z]{3}", "a code of three capital letters such as CAN"),
}
"""Texts of a set form, by table and column."""

OWN_PASSAGE = "passage"
FURTHER = "further_passages"
"""The names of the passage of a record, and of more of them."""

SLUG = Form(r"[a-z0-9][a-z0-9._-]*", "of a-z, 0-9, '.', '_' and '-', such as goodwin-2001")
"""The form of every key."""


@dataclass(frozen=True)
class Columns:
    """The columns that a record may write, by name, and what is told of them once for all records.

    Attributes:
        blank: the value of every column of which nothing is written.
        required: the names that must be written.
        targets: the tables that names refer to.
        primary: the columns of the primary key.
    """

    by_name: Mapping[str, Column[Any]]
    blank: Mapping[str, Any]
    required: Set[str]
    targets: Mapping[str, str]
    primary: tuple[str, ...]

    @classmethod
    def of(cls, columns: Mapping[str, Column[Any]], primary: tuple[str, ...] = ()) -> "Columns":
        """Find out what is told of some columns."""
        defaults = {name: _default(column) for name, column in columns.items()}
        return cls(
            columns,
            {column.name: defaults[name] for name, column in columns.items()},
            {
                name
                for name, column in columns.items()
                if defaults[name] is None and not column.nullable
            },
            {name: table for name, column in columns.items() if (table := target(column))},
            primary,
        )


def _default(column: Column[Any]) -> Any:
    """Return what stands in a column of which nothing is written."""
    default = column.default
    return default.arg if default is not None and default.is_scalar else None  # type: ignore[attr-defined]


@dataclass(frozen=True, eq=False)
class Shape:
    """How records of one table are written.

    `parent` is the column that the enclosing record's key fills, `parent_table` the column that its
    table's name fills, `numbered` the column that the position in the list fills, and `shorthand`
    the column that a bare value stands for.
    """

    model: type[t.Row]
    parent: str = ""
    parent_table: str = ""
    numbered: str = ""
    shorthand: str = ""
    single: bool = False
    children: Mapping[str, "Shape"] = field(default_factory=dict)

    @cached_property
    def table(self) -> Table:
        """The database table."""
        return t.metadata.tables[str(self.model.__tablename__)]

    @cached_property
    def columns(self) -> dict[str, Column[Any]]:
        """The columns that a curator writes, by the name that is used in seed files."""
        return {
            written_name(column): column
            for column in self.table.columns
            if column.name not in self.filled | {"passage_key"}
        }

    @cached_property
    def written(self) -> "Columns":
        """What is told of these columns once for all records."""
        return Columns.of(self.columns, tuple(c.name for c in self.table.primary_key))

    @cached_property
    def allowed(self) -> frozenset[str]:
        """The names that a record may hold."""
        own = {OWN_PASSAGE, FURTHER} if self.sourced else set()
        return frozenset({*self.columns, *self.children, *own})

    @property
    def filled(self) -> set[str]:
        """The columns that are not written but follow from where the record stands."""
        return {self.parent, self.parent_table, self.numbered} - {""}

    @cached_property
    def sourced(self) -> bool:
        """Whether a record has a passage."""
        return "passage_key" in self.table.columns

    @cached_property
    def passage_required(self) -> bool:
        """Whether a record without a passage is refused."""
        return self.sourced and not self.table.columns["passage_key"].nullable


def target(column: Column[Any]) -> str:
    """Return the table that a column refers to, or an empty string."""
    return next((key.column.table.name for key in column.foreign_keys), "")


def written_name(column: Column[Any]) -> str:
    """Return a column's name in seed files: a reference loses its `_key`."""
    return column.name.removesuffix("_key") if column.foreign_keys else str(column.name)


_SYNONYMS = Shape(t.Synonym, parent="term_key", parent_table="vocabulary", shorthand="text")


def _term(model: type[t.Term], **children: Shape) -> Shape:
    return Shape(model, children={"synonyms": _SYNONYMS, **children})


def _of_study(model: type[t.Row], shorthand: str = "", **children: Shape) -> Shape:
    return Shape(model, parent="study_key", shorthand=shorthand, children=children)


def _of_review(model: type[t.Row], **children: Shape) -> Shape:
    return Shape(model, parent="review_key", children=children)


_INTERVENTION = _of_study(
    t.Intervention,
    approaches=Shape(t.InterventionApproach, parent="intervention_key"),
    components=Shape(t.InterventionComponent, parent="intervention_key"),
    modes=Shape(t.InterventionMode, parent="intervention_key"),
    facilitators=Shape(t.InterventionFacilitator, parent="intervention_key"),
)

_MEASUREMENT = _of_study(
    t.Measurement,
    findings=Shape(t.Finding, parent="measurement_key"),
    contrasts=Shape(t.Contrast, parent="measurement_key"),
    arm_results=Shape(t.ArmResult, parent="measurement_key"),
    survival_times=Shape(t.SurvivalTime, parent="measurement_key", numbered="position"),
)

_POSITIONS = Shape(t.Position, parent="disagreement_key")
_CLAIM_PARTS = {
    "values": Shape(t.ClaimValue, parent="claim_key", numbered="position"),
    "checks": Shape(t.ClaimCheck, parent="claim_key", numbered="position"),
}

_STUDY = Shape(
    t.Study,
    single=True,
    children={
        "synonyms": _SYNONYMS,
        "reports": _of_study(t.StudyReport),
        "countries": _of_study(t.StudyCountry),
        "cancers": _of_study(t.StudyCancer),
        "interventions": _INTERVENTION,
        "arms": _of_study(t.Arm),
        "participants": _of_study(t.Participants),
        "characteristics": _of_study(t.Characteristic),
        "measurements": _MEASUREMENT,
        "risk_of_bias": _of_study(t.RiskOfBias),
        "themes": _of_study(t.ThemeFinding),
        "factors": _of_study(t.Factor),
        "implementation_outcomes": _of_study(t.ImplementationFinding),
        "strategies": _of_study(t.Strategy),
        "inclusions": _of_study(t.Inclusion),
        "disagreements": _of_study(t.Disagreement, positions=_POSITIONS),
        "gaps": _of_study(t.Gap),
    },
)

_REVIEW = Shape(
    t.Review,
    single=True,
    children={
        "synonyms": _SYNONYMS,
        "pooled": _of_review(t.PublishedPool),
        "claims": _of_review(t.Claim, **_CLAIM_PARTS),
        "themes": _of_review(t.ThemeFinding),
        "factors": _of_review(t.Factor),
        "implementation_outcomes": _of_review(t.ImplementationFinding),
        "strategies": _of_review(t.Strategy),
        "certainty": _of_review(
            t.Certainty, domains=Shape(t.CertaintyReason, parent="certainty_key")
        ),
        "disagreements": _of_review(t.Disagreement, positions=_POSITIONS),
        "gaps": _of_review(t.Gap),
    },
)

_INSTRUMENT = _term(
    t.Instrument,
    scales=Shape(t.Scale, parent="instrument_key"),
    minimal_important_differences=Shape(t.MinimalImportantDifference, parent="instrument_key"),
    reference_deviations=Shape(t.ReferenceDeviation, parent="instrument_key"),
)

FILE: dict[str, Shape] = {
    "reports": Shape(t.Report),
    "derivations": Shape(t.Derivation),
    "study": _STUDY,
    "review": _REVIEW,
    "claims": Shape(t.Claim, children=_CLAIM_PARTS),
    "designs": _term(t.Design),
    "approaches": _term(t.Approach),
    "components": _term(t.Component),
    "comparators": _term(t.Comparator),
    "professions": _term(t.Profession),
    "countries": _term(t.Country),
    "cancers": _term(t.Cancer),
    "outcome_areas": _term(t.OutcomeArea),
    "outcomes": _term(t.Outcome),
    "instruments": _INSTRUMENT,
    "constructs": _term(t.Construct),
    "implementation_outcomes": _term(t.ImplementationOutcome),
    "strategy_clusters": _term(t.StrategyCluster),
    "eric_strategies": _term(t.EricStrategy),
    "cfir_eric_matches": Shape(t.CfirEricMatch),
    "themes": _term(t.Theme),
}
"""What a seed file may hold at its top level. One file holds one study, review or vocabulary."""

TOP_LEVEL: dict[str, str] = {
    shape.table.name: section
    for section, shape in FILE.items()
    if [column.name for column in shape.table.primary_key] == ["key"]
}
"""The section of a seed file in which the records of a table stand, where they are not nested."""

PASSAGE: dict[str, Column[Any]] = {
    written_name(column): column
    for column in t.metadata.tables["passage"].columns
    if column.name != "key"
}
"""The columns of a passage by their name in seed files. Its key is made from them."""

PASSAGE_WRITTEN = Columns.of(PASSAGE)

SCOPED = frozenset({"arm", "intervention", "measurement"})
"""Tables whose keys are written without the study's, because they are named within their study."""
