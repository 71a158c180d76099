"""What was measured and what came out: by arm, between arms, by person, or as a direction."""

from sqlmodel import Field

from kb_schema.base import (
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
from kb_schema.codes import Basis, Better, Direction, Relation, Statistic


class Measurement(Sourced, table=True):
    """That a study measured an outcome, with an instrument, at a time; true without any number."""

    __tablename__ = "measurement"
    __table_args__ = (check("months", "months >= 0"),)

    key: str = key()
    study_key: str = reference("study")
    report_key: str = reference("report", "The report that tells of it.")
    outcome_key: str = reference("outcome")
    instrument_key: str | None = optional_reference("instrument")
    instrument_detail: str | None = optional("Scale, version, or what is said where none is named.")
    time: str | None = optional("Time point as reported.")
    months: float | None = optional("Time point in months from the start, where it is one point.")
    primary_outcome: bool | None = optional("Whether the study called it primary.")


class ArmResult(Sourced, table=True):
    """What one arm showed."""

    __tablename__ = "arm_result"
    __table_args__ = (
        check("n", "n >= 0"),
        check("events", "events >= 0 AND events <= n"),
        check("sd", "sd >= 0"),
        check("se", "se >= 0"),
        check("percent", "percent BETWEEN 0 AND 100"),
        check("interval", "ci_low <= ci_high"),
        check(
            "some_value",
            "events IS NOT NULL OR mean IS NOT NULL OR median IS NOT NULL OR percent IS NOT NULL",
        ),
    )

    key: str = key()
    measurement_key: str = reference("measurement")
    arm_key: str = reference("arm")
    population: str | None = optional(
        "The subgroup or subset shown; absent for all who were analysed."
    )
    n: int | None = optional("Participants analysed.")
    events: int | None = optional("Participants with the event.")
    mean: float | None = optional("Mean.")
    sd: float | None = optional("Standard deviation.")
    se: float | None = optional("Standard error.")
    median: float | None = optional("Median.")
    percent: float | None = optional("Percentage with the event.")
    ci_low: float | None = optional("Lower limit of the interval of the mean or median.")
    ci_high: float | None = optional("Upper limit of the interval of the mean or median.")
    ci_level: float | None = optional("Level of the interval in percent.")
    unit: str | None = optional("Unit of the values.")
    better: Better | None = optional_one_of(
        Better,
        "Which end of the value is better for the participant, where outcome and instrument do "
        "not say.",
    )
    derivation_key: str | None = optional_reference("derivation")
    note: str | None = optional("What a reader should know before using the value.")


class Contrast(Sourced, table=True):
    """A comparison between arms as a source reports it, or as derived from what it reports."""

    __tablename__ = "contrast"
    __table_args__ = (
        check("interval", "ci_low <= ci_high"),
        check("ratio_positive", "statistic NOT IN ('HR', 'OR', 'RR') OR estimate > 0"),
        check("se", "se >= 0"),
        check("p", "p BETWEEN 0 AND 1"),
        check("p_relation", "(p IS NULL) = (p_relation IS NULL)"),
        check("some_value", "estimate IS NOT NULL OR p IS NOT NULL"),
        check("n", "n >= 0"),
    )

    key: str = key()
    measurement_key: str = reference("measurement")
    arm_key: str | None = optional_reference("arm", "The arm compared.")
    comparator_arm_key: str | None = optional_reference("arm", "The arm it is compared with.")
    statistic: Statistic = one_of(Statistic, "What the estimate is.")
    estimate: float | None = optional("The estimate.")
    ci_low: float | None = optional("Lower limit of its interval.")
    ci_high: float | None = optional("Upper limit of its interval.")
    ci_level: float | None = optional("Level of the interval in percent.")
    se: float | None = optional("Standard error of the estimate.")
    p: float | None = optional("p value as printed.")
    p_relation: Relation | None = optional_one_of(
        Relation, "Whether p is equal to or below the number."
    )
    n: int | None = optional("Participants in the comparison.")
    adjusted: bool = Field(default=False, description="Whether covariates were adjusted for.")
    adjusted_for: str | None = optional("The covariates.")
    analysis: str | None = optional("Which analysis: intention to treat, secondary, interaction.")
    population: str | None = optional("The subgroup; absent for all who were analysed.")
    better: Better | None = optional_one_of(
        Better,
        "Which end of the value is better for the participant, where outcome and instrument do "
        "not say.",
    )
    derivation_key: str | None = optional_reference("derivation")
    note: str | None = optional("What a reader should know before using the value.")


class SurvivalTime(Sourced, table=True):
    """The survival of one participant."""

    __tablename__ = "survival_time"
    __table_args__ = (check("months", "months >= 0"),)

    measurement_key: str = reference("measurement", primary=True)
    position: int = key("Running number within the measurement.")
    arm_key: str = reference("arm")
    months: float = required("Months to death or to the end of observation.")
    died: bool = required("False where the participant was alive when last seen.")


class Finding(Sourced, table=True):
    """The direction of an effect and what it rests on; what is left when numbers are absent."""

    __tablename__ = "finding"

    key: str = key()
    measurement_key: str = reference("measurement")
    direction: Direction = one_of(Direction, "Which arm the effect favours.")
    basis: Basis = one_of(Basis, "What the direction rests on.")
    statement: str = required("The finding in our own words.")
    analysis: str | None = optional("Which analysis: primary, secondary, interaction.")
    population: str | None = optional("The subgroup; absent for all who were analysed.")
