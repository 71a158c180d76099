"""Where facts come from: reports, the passages in them, and derivations."""

from kb_schema.base import (
    Row,
    check,
    key,
    one_of,
    optional,
    optional_reference,
    optional_unique,
    reference,
    required,
)
from kb_schema.codes import ReportKind, Seen


class Report(Row, table=True):
    """A publication or document. A study may have several; a report is never counted as a study.

    The columns are those of a CSL-JSON item.
    """

    __tablename__ = "report"
    __table_args__ = (check("year", "year BETWEEN 1900 AND 2100"),)

    key: str = key()
    kind: ReportKind = one_of(ReportKind, "Type of the CSL-JSON item.")
    title: str = required("Title as printed.")
    authors: str | None = optional(
        "Authors as 'Family AB, Family C', et al. where the list was cut."
    )
    container: str | None = optional("Journal, book, site or series.")
    year: int | None = optional("Year of publication.")
    volume: str | None = optional("Volume.")
    issue: str | None = optional("Issue.")
    pages: str | None = optional("Pages or article number.")
    doi: str | None = optional_unique("Digital object identifier, without a resolver's address.")
    pmid: str | None = optional_unique("PubMed identifier.")
    pmcid: str | None = optional("PubMed Central identifier.")
    url: str | None = optional("Address, for what has neither DOI nor PMID.")
    note: str | None = optional("What a reader should know of this report.")


class Passage(Row, table=True):
    """A place in a report: the locator, a quote of at most 25 words, and how it was seen."""

    __tablename__ = "passage"
    __table_args__ = (
        check("quote_at_most_25_words", "length(quote) - length(replace(quote, ' ', '')) <= 24"),
        check("quote_given", "length(trim(quote)) > 0"),
        check("locator_given", "length(trim(locator)) > 0"),
    )

    key: str = key("Derived from report, locator and quote.")
    report_key: str = reference("report", "The report that is quoted.")
    locator: str = required("Where in the report: abstract, table 2, p. 5.")
    quote: str = required("The words of the source, at most 25.")
    seen: Seen = one_of(Seen, "How the passage was seen.")


class FurtherPassage(Row, table=True):
    """One more passage behind a fact, or behind one field of it."""

    __tablename__ = "further_passage"

    record_table: str = key("Table of the fact.")
    record_key: str = key("Key of the fact within that table.")
    field: str = key("Column that the passage supports; '*' for the whole row.")
    passage_key: str = reference("passage", primary=True)


class Derivation(Row, table=True):
    """How a value was computed that no source prints: the formula and its inputs."""

    __tablename__ = "derivation"

    key: str = key()
    formula: str = required("Formula or procedure.")
    inputs: str = required("The values that went in.")
    software: str | None = optional("Software that computed it.")
    report_key: str | None = optional_reference("report", "Report that defines the method.")
