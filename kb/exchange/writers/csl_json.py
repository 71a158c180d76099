"""Reports as CSL-JSON, for citation processors and reference managers."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kb.exchange.citations.names import Name, authors
from kb_schema.codes import ReportKind

_NAMES = {
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "url": "URL",
    "note": "note",
}


def write(reports: Iterable[Mapping[str, Any]]) -> str:
    """Return records of the table `report` as an array of CSL-JSON items."""
    return json.dumps([_item(each) for each in reports], ensure_ascii=False, indent=2) + "\n"


def _item(report: Mapping[str, Any]) -> dict[str, Any]:
    container = "publisher" if report["kind"] == ReportKind.BOOK else "container-title"
    item = {
        "id": report["key"],
        "type": str(report["kind"]),
        "title": report["title"],
        "author": [_name(each) for each in authors(report["authors"])],
        container: report["container"],
        "issued": report["year"] and {"date-parts": [[report["year"]]]},
        **{name: report[column] for column, name in _NAMES.items()},
    }
    return {name: value for name, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    if not name.initials:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}
