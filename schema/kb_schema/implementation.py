"""What hinders and helps implementation, what came of it, and what was done about it."""

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
from kb_schema.codes import CodedBy, Status, Timing, Valence, Voice

_ONE_ORIGIN = "(study_key IS NULL) <> (review_key IS NULL)"


class Factor(Sourced, table=True):
    """A barrier or facilitator, stated by a study or by a review, coded to CFIR 2.0."""

    __tablename__ = "factor"
    __table_args__ = (
        check("one_origin", _ONE_ORIGIN),
        check("count", "studies > 0 AND studies <= of_studies"),
    )

    key: str = key()
    study_key: str | None = optional_reference("study")
    review_key: str | None = optional_reference("review")
    construct_key: str = reference("construct", "CFIR 2.0 construct.")
    valence: Valence = one_of(Valence, "Barrier or facilitator.")
    statement: str = required("The factor in our own words.")
    voice: Voice = one_of(Voice, "Who said it.")
    coded_by: CodedBy = one_of(CodedBy, "Who assigned the construct.")
    status: Status = one_of(Status, "How surely the coding holds.")
    studies: int | None = optional("In how many studies, where a review counts them.")
    of_studies: int | None = optional("Of how many.")


class ImplementationFinding(Sourced, table=True):
    """What a study or a review says of a Proctor outcome, such as acceptability."""

    __tablename__ = "implementation_finding"
    __table_args__ = (
        check("one_origin", _ONE_ORIGIN),
        check("count", "studies > 0 AND studies <= of_studies"),
    )

    key: str = key()
    study_key: str | None = optional_reference("study")
    review_key: str | None = optional_reference("review")
    outcome_key: str = reference("implementation_outcome")
    statement: str = required("The finding in our own words.")
    voice: Voice = one_of(Voice, "Who said it.")
    timing: Timing | None = optional_one_of(Timing, "Anticipated or actual.")
    coded_by: CodedBy = one_of(CodedBy, "Who assigned the outcome.")
    studies: int | None = optional("In how many studies, where a review counts them.")
    of_studies: int | None = optional("Of how many.")


class Strategy(Sourced, table=True):
    """An implementation strategy as a study or a review reports it."""

    __tablename__ = "strategy"
    __table_args__ = (check("one_origin", _ONE_ORIGIN),)

    key: str = key()
    study_key: str | None = optional_reference("study")
    review_key: str | None = optional_reference("review")
    statement: str = required("The strategy in our own words.")
    category: str | None = optional("The source's own grouping.")
    eric_key: str | None = optional_reference("eric_strategy", "Nearest ERIC strategy.")
    coded_by: CodedBy | None = optional_one_of(CodedBy, "Who matched it to ERIC.")
    status: Status | None = optional_one_of(Status, "How surely the match holds.")
