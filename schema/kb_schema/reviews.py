"""Reviews, the studies they include, the effects they pooled, and what sources claim."""

from kb_schema.base import (
    Row,
    Sourced,
    check,
    key,
    one_of,
    optional,
    optional_one_of,
    optional_reference,
    reference,
    required,
)
from kb_schema.codes import ClaimKind, Direction, ReviewKind, Statistic, Status


class Review(Sourced, table=True):
    """A review of studies. One publication of it is a report."""

    __tablename__ = "review"
    __table_args__ = (
        check("year", "year BETWEEN 1900 AND 2100"),
        check("studies", "studies >= 0"),
        check("participants", "participants >= 0"),
    )

    key: str = key()
    label: str = required("Short name.")
    kind: ReviewKind = one_of(ReviewKind, "Kind of review.")
    report_key: str = reference("report", "The publication of the review.")
    year: int | None = optional("Year of publication.")
    question: str | None = optional("What it asked, in our own words.")
    searched: str | None = optional("When its sources were searched.")
    studies: int | None = optional("Number of studies it includes.")
    participants: int | None = optional("Number of participants it covers.")
    supersedes_key: str | None = optional_reference("review", "The earlier version it replaces.")
    note: str | None = optional("What a reader should know.")


class Inclusion(Sourced, table=True):
    """That a review includes a study, by which report, and how surely that is known."""

    __tablename__ = "inclusion"

    key: str = key()
    review_key: str = reference("review")
    study_key: str = reference("study")
    report_key: str | None = optional_reference("report", "The report that the review counts.")
    status: Status = one_of(Status, "How surely the inclusion is known.")
    role: str | None = optional("What the review would count it as.")
    basis: str = required("Why it is believed, in our own words.")
    against: str | None = optional("What speaks against it.")


class PublishedPool(Sourced, table=True):
    """A pooled effect as a review prints it. Never mixed with what this base pools itself."""

    __tablename__ = "published_pool"
    __table_args__ = (
        check("interval", "ci_low <= ci_high"),
        check("ratio_positive", "statistic NOT IN ('HR', 'OR', 'RR') OR estimate > 0"),
        check("i2", "i2 BETWEEN 0 AND 100"),
        check("studies", "studies > 0"),
    )

    key: str = key()
    review_key: str = reference("review")
    outcome_key: str = reference("outcome")
    time: str | None = optional("Time point.")
    population: str | None = optional("Subset of studies or participants pooled.")
    statistic: Statistic = one_of(Statistic, "What the estimate is.")
    estimate: float = required("The pooled estimate.")
    ci_low: float | None = optional("Lower limit of its interval.")
    ci_high: float | None = optional("Upper limit of its interval.")
    ci_level: float | None = optional("Level of the interval in percent.")
    p: float | None = optional("p value.")
    i2: float | None = optional("I-squared in percent.")
    studies: int | None = optional("Number of studies pooled.")
    participants: int | None = optional("Number of participants.")
    direction: Direction | None = optional_one_of(Direction, "Which arm it favours.")
    note: str | None = optional("What a reader should know before using the value.")


class Claim(Sourced, table=True):
    """A statement that a source makes about the evidence, or a conflict found between sources."""

    __tablename__ = "claim"

    key: str = key()
    review_key: str | None = optional_reference("review", "The review that makes the claim.")
    kind: ClaimKind = one_of(ClaimKind, "Number, finding, inconsistency and so on.")
    topic: str = required("What it is about.")
    statement: str = required("The claim in our own words.")
    studies: int | None = optional("Number of studies the claim rests on.")
    of_studies: int | None = optional("Of how many.")
    status: Status = one_of(Status, "Confirmed where read in the source; inferred where made here.")
    question: str | None = optional("The question to this base that recomputes it.")
    note: str | None = optional("What a reader should know.")


class ClaimValue(Row, table=True):
    """A number in a claim."""

    __tablename__ = "claim_value"

    claim_key: str = reference("claim", primary=True)
    position: int = key("Running number within the claim.")
    value: str = required("The number or date as printed.")
    unit: str = required("What it counts or measures.")


class ClaimCheck(Row, table=True):
    """A comparison that a claim is held to. Whether it holds is computed, never stored."""

    __tablename__ = "claim_check"

    claim_key: str = reference("claim", primary=True)
    position: int = key("Running number within the claim.")
    expression: str = required("What is compared, the claimed side first.")
    meaning: str = required("What is compared with what, in our own words.")
