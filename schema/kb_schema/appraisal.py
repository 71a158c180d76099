"""How far evidence can be trusted: risk of bias, certainty, disagreements and gaps."""

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
from kb_schema.codes import (
    CertaintyApproach,
    CertaintyDomain,
    CertaintyLevel,
    Concern,
    RiskOfBiasTool,
)


class RiskOfBias(Sourced, table=True):
    """A judgement on one domain of a risk-of-bias tool, verbatim and never converted."""

    __tablename__ = "risk_of_bias"

    key: str = key()
    study_key: str = reference("study")
    measurement_key: str | None = optional_reference("measurement", "The result judged (RoB 2).")
    tool: RiskOfBiasTool = one_of(RiskOfBiasTool, "The tool.")
    domain: str = required("Domain of the tool.")
    judgement: str = required("The judgement in the tool's words.")
    assessor: str = required("Who judged: a review's key or name.")
    support: str | None = optional("Reason for the judgement, in our own words.")


class Certainty(Sourced, table=True):
    """A rating of certainty in an effect (GRADE) or of confidence in a finding (CERQual)."""

    __tablename__ = "certainty"
    __table_args__ = (check("of_one_thing", "(outcome_key IS NULL) <> (theme_key IS NULL)"),)

    key: str = key()
    review_key: str = reference("review")
    approach: CertaintyApproach = one_of(CertaintyApproach, "GRADE or CERQual.")
    outcome_key: str | None = optional_reference("outcome")
    of_approach_key: str | None = optional_reference(
        "approach", "The approach whose effect is rated; absent for all that the review covers."
    )
    theme_key: str | None = optional_reference("theme")
    level: CertaintyLevel = one_of(CertaintyLevel, "The rating.")
    reasons: str | None = optional("Reasons for rating down or up, in our own words.")


class CertaintyReason(Row, table=True):
    """What one domain of GRADE, or one component of CERQual, did to a rating."""

    __tablename__ = "certainty_reason"
    __table_args__ = (
        check("steps", "steps BETWEEN -3 AND 2"),
        check("steps_or_concern", "(steps IS NULL) <> (concern IS NULL)"),
    )

    certainty_key: str = reference("certainty", primary=True)
    domain: CertaintyDomain = one_of(
        CertaintyDomain, "Domain of GRADE or component of CERQual.", primary=True
    )
    steps: int | None = optional("Levels rated up, or down where negative (GRADE).")
    concern: Concern | None = optional_one_of(Concern, "The concern (CERQual).")
    reason: str = required("Why, in our own words.")


class Disagreement(Row, table=True):
    """A question on which sources differ. All positions are kept and none is picked."""

    __tablename__ = "disagreement"
    __table_args__ = (check("of_something", "study_key IS NOT NULL OR review_key IS NOT NULL"),)

    key: str = key()
    study_key: str | None = optional_reference("study")
    review_key: str | None = optional_reference("review")
    topic: str = required("What the sources differ on.")
    note: str | None = optional("What may explain it, marked as our reading.")


class Position(Sourced, table=True):
    """What one source says in a disagreement."""

    __tablename__ = "position"

    key: str = key()
    disagreement_key: str = reference("disagreement")
    statement: str = required("What this source says, in our own words.")


class Gap(Row, table=True):
    """Something looked for and not found. It is shown, so that nobody papers over it."""

    __tablename__ = "gap"

    key: str = key()
    study_key: str | None = optional_reference("study")
    review_key: str | None = optional_reference("review")
    missing: str = required("What was not found.")
    note: str | None = optional("What was tried, or what would fill it.")
