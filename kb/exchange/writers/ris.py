"""Reports as RIS, for reference managers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kb.exchange.citations.kinds import TO_RIS
from kb.exchange.citations.names import Name, authors
from kb.exchange.citations.numbering import ends
from kb.exchange.citations.reports import text
from kb_schema.codes import ReportKind


def write(reports: Iterable[Mapping[str, Any]]) -> str:
    """Return records of the table `report` as RIS, with the line ends that it asks for.

    What RIS has no tag for stands where EndNote and Zotero look for it: the PMID under `AN` with
    its name, the PMCID under `C2`.
    """
    return "\r\n".join(_entry(report) for report in reports)


def _entry(report: Mapping[str, Any]) -> str:
    return "".join(f"{tag}  - {value}\r\n" for tag, value in _lines(report))


def _lines(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    first, last = ends(text(report, "pages"))
    pmid = text(report, "pmid")
    yield "TY", TO_RIS[report["kind"]]
    yield "ID", text(report, "key")
    for name in authors(report["authors"]):
        yield "AU", _author(name)
    rest = {
        "TI": text(report, "title"),
        "PB" if report["kind"] == ReportKind.BOOK else "T2": text(report, "container"),
        "PY": text(report, "year"),
        "VL": text(report, "volume"),
        "IS": text(report, "issue"),
        "SP": first,
        "EP": last,
        "DO": text(report, "doi"),
        "AN": pmid and f"PMID:{pmid}",
        "C2": text(report, "pmcid"),
        "UR": text(report, "url"),
        "N1": text(report, "note"),
    }
    yield from ((tag, value) for tag, value in rest.items() if value)
    yield "ER", ""


def _author(name: Name) -> str:
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)
