"""References in one text, as tables give them: the parts that are sure, and else the whole."""

import re

from kb.exchange.citations.identifiers import doi, named_pmid
from kb.exchange.drafts import ReportDraft
from kb.exchange.files import cut

LONGEST_NAME = 300

_DOI = re.compile(r"\b10\.[0-9]{4,9}/\S+")
_PMCID = re.compile(r"\bPMC[0-9]{3,9}\b")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_PLACE = re.compile(
    r"(?P<head>.+?)[.,]?\s+(?P<year>(?:19|20)[0-9]{2})"
    r"(?:\s+[A-Z][a-z]+(?:[ /-][A-Z]?[a-z0-9]+)?)?;\s*"
    r"(?P<volume>[0-9]+)\s*(?:\((?P<issue>[^()]+)\))?:\s*(?P<pages>[A-Za-z]?[0-9][\w\-‐‑–]*)\.?"
)
_AUTHOR = re.compile(r"[^\W\d_][\w'’ \-‐–]* [A-Z]{1,4}|et al|Jr|Sr")


def report_of(text: str, row: int) -> ReportDraft:
    """Return the publication that a reference is of.

    Authors, title and journal are told apart where the reference is of the form 'Family AB, Family
    C. Title. Journal year;volume(issue):pages', and nowhere else; the whole text is kept as a note.
    """
    report = ReportDraft(row, cut(text, LONGEST_NAME), note=text)
    if found := _DOI.search(text):
        report.doi = doi(found[0])
    report.pmid = named_pmid(text)
    if found := _PMCID.search(text):
        report.pmcid = found[0]
    _add_parts(report, text)
    return report


def years_in(text: str) -> set[int]:
    """Return the numbers of a reference that may be its year."""
    return {int(year) for year in _YEAR.findall(text)}


def _add_parts(report: ReportDraft, text: str) -> None:
    found = _PLACE.match(text)
    authors, _, rest = found["head"].partition(". ") if found else ("", "", "")
    title, container = _split(rest)
    if not found or not title or not all(map(_AUTHOR.fullmatch, authors.split(", "))):
        return
    report.authors = authors.replace("et al", "et al.")
    report.title, report.container = title, container
    report.year = int(found["year"])
    report.volume, report.issue, report.pages = found["volume"], found["issue"], found["pages"]


def _split(text: str) -> tuple[str, str]:
    """Return title and journal where there is one way alone to part them, else nothing."""
    place = max(text.rfind(". "), text.rfind("? "))
    title, container = text[: place + 1].removesuffix("."), text[place + 2 :].strip()
    if place < 0 or ". " in title or "." in container or len(container) < 2:
        return "", ""
    return title, container
