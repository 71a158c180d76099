"""The controlled vocabularies of the field, a table each, and the other names of their terms."""

from sqlmodel import Field

from kb_schema.base import (
    Row,
    Sourced,
    Term,
    check,
    key,
    one_of,
    optional,
    optional_one_of,
    optional_reference,
    reference,
    required,
)
from kb_schema.codes import Better, ConstructLevel, OutcomeLevel


class Synonym(Row, table=True):
    """Another name of a term: an abbreviation, a spelling, an everyday word.

    An everyday word may stand for several terms, and then means any of them.
    """

    __tablename__ = "synonym"

    vocabulary: str = key("Table of the term.")
    text: str = key("The other name, in lower case.")
    term_key: str = key("Key of the term.")


class Design(Term, table=True):
    """Study design. A design that is a kind of another has it as parent."""

    __tablename__ = "design"

    parent_key: str | None = optional_reference("design")


class Approach(Term, table=True):
    """Therapeutic approach of an intervention, such as SEGT or CBT (TIDieR items 1 and 2)."""

    __tablename__ = "approach"

    parent_key: str | None = optional_reference("approach")


class Component(Term, table=True):
    """An ingredient of an intervention, such as self-hypnosis (TIDieR item 4)."""

    __tablename__ = "component"


class Comparator(Term, table=True):
    """Kind of comparison condition."""

    __tablename__ = "comparator"

    parent_key: str | None = optional_reference("comparator")


class Profession(Term, table=True):
    """Profession of those who lead or deliver (TIDieR item 5)."""

    __tablename__ = "profession"

    parent_key: str | None = optional_reference("profession")


class Country(Term, table=True):
    """Country, with its ISO 3166-1 alpha-3 code."""

    __tablename__ = "country"

    iso: str = Field(
        unique=True, min_length=3, max_length=3, description="ISO 3166-1 alpha-3 code."
    )


class Cancer(Term, table=True):
    """Cancer type, as a tree."""

    __tablename__ = "cancer"

    parent_key: str | None = optional_reference("cancer")


class OutcomeArea(Term, table=True):
    """Outcome domain of the COMET taxonomy (Dodd 2018)."""

    __tablename__ = "outcome_area"

    core_area: str = required("One of the five core areas of the taxonomy.")


class Outcome(Term, table=True):
    """What is measured, as a tree; an instrument is what it is measured with."""

    __tablename__ = "outcome"

    parent_key: str | None = optional_reference("outcome")
    area_key: str | None = optional_reference("outcome_area", "COMET outcome domain.")
    better: Better | None = optional_one_of(
        Better, "Which direction is better for the participant."
    )


class Instrument(Term, table=True):
    """What an outcome is measured with. Described only; its items are never reproduced."""

    __tablename__ = "instrument"

    abbreviation: str | None = optional("Usual short name.")
    authors: str | None = optional("Authors and year of the instrument.")
    measures: str | None = optional("What it measures.")
    items: int | None = optional("Number of items.")
    recall: str | None = optional("Recall period.")
    score_low: float | None = optional("Lowest possible total score.")
    score_high: float | None = optional("Highest possible total score.")
    better: Better | None = optional_one_of(Better, "Which end of the total score is better.")
    area_key: str | None = optional_reference("outcome_area", "COMET outcome domain.")
    report_key: str | None = optional_reference("report", "The publication of the instrument.")
    access: str | None = optional("Terms of use.")
    unverified_fields: str | None = optional("Fields above that no source read confirms.")


class Scale(Row, table=True):
    """A scored part of an instrument."""

    __tablename__ = "scale"

    key: str = key()
    instrument_key: str = reference("instrument")
    name: str = required("Name of the scale.")
    items: int | None = optional("Number of items.")
    score_low: float | None = optional("Lowest possible score.")
    score_high: float | None = optional("Highest possible score.")
    better: Better | None = optional_one_of(Better, "Which end is better.")
    verified: bool = Field(
        default=True, description="False where no source read confirms the scale."
    )


class MinimalImportantDifference(Sourced, table=True):
    """The smallest change on an instrument that matters, as a source gives it."""

    __tablename__ = "minimal_important_difference"
    __table_args__ = (check("low_high", "value_low <= value_high"),)

    key: str = key()
    instrument_key: str = reference("instrument")
    value_low: float = required("Lower value of the range; the value itself where there is one.")
    value_high: float = required("Upper value of the range; the value itself where there is one.")
    unit: str = required("Unit of the values.")
    change: str | None = optional("Kind of change: improvement, deterioration.")
    population: str | None = optional("In whom it was estimated.")
    method: str | None = optional("How it was estimated.")


class ReferenceDeviation(Sourced, table=True):
    """A standard deviation of an instrument pooled from other trials."""

    __tablename__ = "reference_deviation"
    __table_args__ = (check("positive", "sd > 0"),)

    key: str = key()
    instrument_key: str = reference("instrument")
    sd: float = required("Standard deviation.")
    ci_low: float | None = optional("Lower limit of its 95 % interval.")
    ci_high: float | None = optional("Upper limit of its 95 % interval.")
    trials: int | None = optional("Number of trials pooled.")


class Construct(Term, table=True):
    """Domain, subdomain, construct or subconstruct of CFIR 2.0."""

    __tablename__ = "construct"

    code: str = Field(unique=True, description="Code in the CFIR outline, such as I.D.")
    level: ConstructLevel = one_of(ConstructLevel, "Level in the tree.")
    parent_key: str | None = optional_reference("construct")


class ImplementationOutcome(Term, table=True):
    """Outcome of implementation, service or client in Proctor's framework."""

    __tablename__ = "implementation_outcome"

    level: OutcomeLevel = one_of(OutcomeLevel, "Which of the three kinds.")


class StrategyCluster(Term, table=True):
    """One of the nine clusters of ERIC strategies."""

    __tablename__ = "strategy_cluster"


class EricStrategy(Term, table=True):
    """One of the 73 ERIC implementation strategies."""

    __tablename__ = "eric_strategy"

    number: int = Field(unique=True, description="Number in the published compilation.")
    cluster_key: str = reference("strategy_cluster")
    cluster_verified: bool = Field(
        default=True, description="False where the cluster is from memory."
    )
    importance: float | None = optional("Mean rating of importance, 1 to 5.")
    feasibility: float | None = optional("Mean rating of feasibility, 1 to 5.")
    go_zone: str | None = optional("Quadrant of importance and feasibility, I to IV.")


class CfirEricMatch(Sourced, table=True):
    """How many experts chose a strategy for a barrier. Expert opinion, not evidence of effect."""

    __tablename__ = "cfir_eric_match"
    __table_args__ = (check("percent", "endorsement_percent BETWEEN 0 AND 100"),)

    barrier: str = key("Barrier as the tool names it (CFIR 1.0).")
    strategy_key: str = reference("eric_strategy", primary=True)
    construct_key: str | None = optional_reference(
        "construct", "Nearest CFIR 2.0 construct, by our own crosswalk."
    )
    endorsement_percent: float | None = optional("Share of experts who chose it, in percent.")
    level: str | None = optional(
        "1: at least 50 %; 2: 20 to 49 %; '1 or 2' where the source does not say."
    )
    experts: int | None = optional("Number of experts asked about this barrier.")


class Theme(Term, table=True):
    """A theme of qualitative findings, as a tree."""

    __tablename__ = "theme"

    parent_key: str | None = optional_reference("theme")
