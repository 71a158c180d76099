"""The tagged format of PubMed: MEDLINE and .nbib files."""

from collections.abc import Iterator, Mapping

from kb.exchange.citations.gathering import Citations, Found
from kb.exchange.citations.kinds import FROM_MEDLINE
from kb.exchange.citations.names import Name, author, group
from kb.exchange.citations.tagged import Entry, Tags, entries
from kb.exchange.drafts import Reading
from kb.exchange.files import ForeignFile, text_of
from kb_schema.codes import ReportKind

_TAKEN = {
    *("PMID", "TI", "BTI", "CTI", "TT", "AU", "FAU", "CN", "JT", "TA", "PB", "DP", "DEP", "VI"),
    *("IP", "PG", "LID", "AID", "PMC", "PT"),
}
_NOT_STORED = {
    "AB": "Abstracts are not stored",
    "MH": "Subject headings are not stored",
    "OT": "Keywords are not stored",
}
_BOOKKEEPING = {
    *("OWN", "STAT", "DCOM", "LR", "DRDT", "CRDT", "EDAT", "MHDA", "PHST", "PST", "DA", "PMCR"),
}
"""Tags by which PubMed keeps its own records, of which nothing is told."""


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return the publications of a file of PubMed; rows are lines.

    `given` may name the container, year and note of entries that have none.
    """
    text, note = text_of(file)
    citations = Citations(given)
    for entry in entries(text.split("\n"), Tags("PMID", longest=4)):
        for tag in entry.values:
            if tag not in _TAKEN | _BOOKKEEPING:
                citations.ignore(tag, _NOT_STORED.get(tag, "No table takes it"))
        citations.add(_found(entry))
    return citations.reading(note)


def _found(entry: Entry) -> Found:
    types = [value.casefold() for value in entry.every("PT")]
    kind = _kind(entry, types)
    pmids = list(entry.every("PMID"))
    return Found(
        row=entry.row,
        name=f"PMID {pmids[0]}" if pmids else None,
        kind=kind,
        title=_title(entry),
        authors=_authors(entry),
        container=entry.first(*(("BTI",) if kind == ReportKind.CHAPTER else ()), "JT", "TA", "PB"),
        dates=entry.every("DP", "DEP"),
        volume=entry.first("VI"),
        issue=entry.first("IP"),
        pages=entry.first("PG"),
        dois=dict.fromkeys(each for each in entry.every("LID", "AID") if each.endswith("[doi]")),
        pmids=pmids,
        pmcids=entry.every("PMC"),
        retracted="retracted publication" in types,
    )


def _kind(entry: Entry, types: list[str]) -> ReportKind:
    if entry.first("CTI"):
        return ReportKind.CHAPTER
    if entry.first("BTI"):
        return ReportKind.BOOK
    return next((FROM_MEDLINE[each] for each in types if each in FROM_MEDLINE), ReportKind.ARTICLE)


def _title(entry: Entry) -> str | None:
    """Return the title without the point that PubMed sets after each."""
    title = entry.first("CTI", "TI", "BTI", "TT")
    if title and title.endswith(".") and not title.endswith(".."):
        return title[:-1]
    return title


def _authors(entry: Entry) -> Iterator[Name]:
    yield from map(author, list(entry.every("AU")) or entry.every("FAU"))
    yield from map(group, entry.every("CN"))
