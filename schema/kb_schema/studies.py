"""Studies: who was studied, where, by what design; and the reports that tell of them."""

from kb_schema.base import (
    Row,
    Sourced,
    check,
    key,
    one_of,
    optional,
    optional_reference,
    reference,
    required,
)
from kb_schema.codes import Flow, ParticipantKind, ReportRole, Topic


class Study(Sourced, table=True):
    """A piece of research, whatever the number of its reports. The passage carries the design."""

    __tablename__ = "study"
    __table_args__ = (
        check("year", "year BETWEEN 1900 AND 2100"),
        check("recruitment", "recruitment_start <= recruitment_end"),
    )

    key: str = key()
    label: str = required("First author and year, as Cochrane names studies, and a known name.")
    title: str | None = optional("What the study did, in one line.")
    year: int | None = optional("Year of the report that names the study.")
    design_key: str = reference("design")
    design_detail: str | None = optional("Design in more detail, in our own words.")
    registration: str | None = optional("Trial registration number.")
    recruitment_start: int | None = optional("First year of recruitment.")
    recruitment_end: int | None = optional("Last year of recruitment.")
    note: str | None = optional("What a reader should know before using the study.")


class StudyReport(Row, table=True):
    """That a report tells of a study."""

    __tablename__ = "study_report"

    study_key: str = reference("study", primary=True)
    report_key: str = reference("report", primary=True)
    role: ReportRole = one_of(ReportRole, "What the report is to the study.")


class StudyCountry(Sourced, table=True):
    """A country in which a study was done."""

    __tablename__ = "study_country"

    study_key: str = reference("study", primary=True)
    country_key: str = reference("country", primary=True)
    place: str | None = optional("City, centre or region.")


class StudyCancer(Sourced, table=True):
    """A cancer that the participants of a study had."""

    __tablename__ = "study_cancer"

    study_key: str = reference("study", primary=True)
    cancer_key: str = reference("cancer", primary=True)
    stage: str | None = optional("Stage or extent, as reported.")


class Participants(Sourced, table=True):
    """A count of participants of one kind at one point of the flow."""

    __tablename__ = "participants"
    __table_args__ = (check("number", "number >= 0"),)

    key: str = key()
    study_key: str = reference("study")
    arm_key: str | None = optional_reference("arm", "The arm counted; absent for the whole study.")
    report_key: str | None = optional_reference("report", "The report whose analysis is counted.")
    kind: ParticipantKind = one_of(ParticipantKind, "Who was counted.")
    flow: Flow = one_of(Flow, "Where in the flow they were counted.")
    number: int = required("How many.")
    detail: str | None = optional("What the count refers to.")


class Characteristic(Sourced, table=True):
    """Something else known of a study: ages, allocation, attendance, follow-up."""

    __tablename__ = "characteristic"

    key: str = key()
    study_key: str = reference("study")
    topic: Topic = one_of(Topic, "What it is about.")
    statement: str = required("The fact in our own words.")
    number: float | None = optional("Its number, where it has one.")
    unit: str | None = optional("Unit of the number.")
    arm_key: str | None = optional_reference("arm", "The arm it describes; absent for the study.")
