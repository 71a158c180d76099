"""Reports as BibTeX, with the fields of biblatex that BibTeX leaves aside."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kb.exchange.citations.kinds import TO_BIBTEX
from kb.exchange.citations.latex import encoded
from kb.exchange.citations.names import OTHERS, Name, authors
from kb.exchange.citations.reports import text
from kb_schema.codes import ReportKind

_CONTAINERS = {
    ReportKind.ARTICLE: "journal",
    ReportKind.NEWS: "journal",
    ReportKind.CONFERENCE: "booktitle",
    ReportKind.CHAPTER: "booktitle",
    ReportKind.BOOK: "publisher",
    ReportKind.MANUSCRIPT: "howpublished",
    ReportKind.WEB_PAGE: "organization",
    ReportKind.DATA_SET: "publisher",
    ReportKind.REPORT: "institution",
}


def write(reports: Iterable[Mapping[str, Any]]) -> str:
    """Return records of the table `report` as BibTeX in UTF-8; the keys are those of the records.

    A title stands in two braces, so that no style changes its capitals.
    """
    return "\n".join(_entry(report) for report in reports)


def _entry(report: Mapping[str, Any]) -> str:
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(report) if value)
    return f"@{TO_BIBTEX[report['kind']]}{{{report['key']},\n{fields}}}\n"


def _fields(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "author", " and ".join(_author(name) for name in authors(report["authors"]))
    yield "title", f"{{{encoded(text(report, 'title'))}}}"
    yield _CONTAINERS[ReportKind(report["kind"])], encoded(text(report, "container"))
    if report["kind"] == ReportKind.NEWS:
        yield "entrysubtype", "newspaper"
    yield "year", text(report, "year")
    yield "volume", encoded(text(report, "volume"))
    yield "number", encoded(text(report, "issue"))
    yield "pages", encoded(text(report, "pages")).replace("-", "--")
    yield "doi", text(report, "doi")
    yield "pmid", text(report, "pmid")
    yield "pmcid", text(report, "pmcid")
    yield "url", text(report, "url").replace("{", "%7B").replace("}", "%7D")
    yield "note", encoded(text(report, "note"))


def _author(name: Name) -> str:
    if name.family == OTHERS:
        return "others"
    if not name.initials:
        return f"{{{encoded(name.family)}}}"
    parts = (name.family, name.suffix, name.given)
    return ", ".join(encoded(part) for part in parts if part)
