"""RIS, as reference managers and databases export it: PubMed, Embase, Scopus, CENTRAL, Zotero."""

from collections.abc import Callable, Iterator, Mapping

from kb.exchange.citations.gathering import Citations, Found
from kb.exchange.citations.identifiers import doi, labelled, named_pmid, pmcid, pmid
from kb.exchange.citations.kinds import FROM_RIS, nearest
from kb.exchange.citations.names import Name, author, group
from kb.exchange.citations.numbering import page_range
from kb.exchange.citations.tagged import Entry, Tags, entries
from kb.exchange.drafts import Fate, Reading
from kb.exchange.files import ForeignFile, quoted, text_of
from kb_schema.codes import ReportKind

_TITLES = ("TI", "T1", "CT", "BT")
_AUTHORS = ("AU", "A1")
_JOURNALS = ("JF", "T2", "JO", "JA", "J2")
_DATES = ("PY", "Y1", "YR", "DA")
_DOIS = ("DO", "DI")
_ADDRESSES = ("UR", "LK", "L1", "L2", "L3", "L4")
_DATABASES = ("DB", "DP")
_NAMES = ("ID", "LB")
_ONCE = ("TI", "T1", "JF", "PY", "VL", "IS", "SP", "EP")
_TAKEN = {
    *(*_TITLES, *_AUTHORS, *_JOURNALS, *_DATES, *_DOIS, *_ADDRESSES, *_DATABASES),
    *("TY", "T3", "PB", "VL", "VO", "IS", "CP", "SP", "EP", "PM", "N1"),
}
_LABELS = {
    *("AN", *_NAMES, "M1", "M2", "M3"),
    *(f"{letter}{number}" for letter in "CU" for number in range(1, 9)),
}
"""Tags that hold an identifier in some files and something else in others."""

_BARE_PMID = {"pubmed": "AN", "medline": "AN", "nlm": "AN", "scopus": "C2", "embase": "C5"}
"""The tag in which the records of a database have the PMID as a number alone."""

_OF_MEETINGS = ("conference", "meeting abstract")
"""How the kind of work begins that databases call an article and that is none."""

_NOT_STORED = {
    "AB": "Abstracts are not stored",
    "N2": "Abstracts are not stored",
    "KW": "Keywords are not stored",
}


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return the publications of a RIS file; rows are lines.

    `given` may name the container, year and note of entries that have none.
    """
    text, note = text_of(file)
    citations = Citations(given)
    for entry in entries(text.split("\n"), Tags("TY", "ER")):
        _say(entry, citations)
        citations.add(_found(entry, citations))
    return citations.reading(note)


def _found(entry: Entry, citations: Citations) -> Found:
    kind = _kind(entry, citations)
    labels, rest = labelled("\n".join(entry.every("N1")))
    if rest and entry.first(*_DATABASES):
        citations.ignore("N1", "Remarks of a database are not stored")
        rest = ""
    return Found(
        row=entry.row,
        name=entry.first(*_NAMES),
        kind=kind,
        title=entry.first(*_TITLES) or (entry.first("T2") if kind == ReportKind.BOOK else None),
        authors=_authors(entry),
        container=_container(entry, kind),
        dates=entry.every(*_DATES),
        volume=entry.first("VL", "VO"),
        issue=entry.first("IS", "CP"),
        pages=page_range(entry.first("SP") or "", entry.first("EP") or ""),
        dois=[*entry.every(*_DOIS), *_elsewhere(entry, doi), *labels["doi"]],
        pmids=[*_pmids(entry), *labels["pmid"]],
        pmcids=[*_elsewhere(entry, pmcid), *labels["pmcid"]],
        urls=_addresses(entry),
        note=rest,
    )


def _kind(entry: Entry, citations: Citations) -> ReportKind:
    code = entry.first("TY") or ""
    if kind := FROM_RIS.get(code.upper()):
        work = (entry.first("M3") or "").casefold()
        is_abstract = kind == ReportKind.ARTICLE and work.startswith(_OF_MEETINGS)
        return ReportKind.CONFERENCE if is_abstract else kind
    kind = nearest(container=entry.first(*_JOURNALS), urls=_addresses(entry))
    reason = f"The type {quoted(code)} is not one of ours" if code else "The entry has no type"
    message = f"{reason}; it is taken as {kind}."
    citations.say(entry.row, "TY", Fate.EXPLAINED, "unknown type", message)
    return kind


def _authors(entry: Entry) -> Iterator[Name]:
    """Yield the authors; some databases put several persons into one line."""
    for value in entry.every(*_AUTHORS):
        parts = [author(part) for part in value.split(";") if part.strip()]
        several = len(parts) > 1 and any(part.initials for part in parts)
        yield from parts if several or len(parts) == 1 else [group(value)]


def _container(entry: Entry, kind: ReportKind) -> str | None:
    match kind:
        case ReportKind.BOOK:
            return entry.first("PB", "T3")
        case ReportKind.CONFERENCE:
            return entry.first(*_JOURNALS, "BT", "PB")
        case ReportKind.CHAPTER:
            return entry.first("T2", "BT", *_JOURNALS, "PB")
        case ReportKind.ARTICLE:
            return entry.first(*_JOURNALS)
        case _:
            return entry.first(*_JOURNALS, "T3", "PB")


def _pmids(entry: Entry) -> Iterator[str]:
    yield from entry.every("PM")
    yield from _elsewhere(entry, named_pmid)
    yield from (value for tag in _numbered(entry) for value in entry.every(tag) if pmid(value))


def _numbered(entry: Entry) -> set[str]:
    """Return the tags in which the database of an entry has the PMID as a number."""
    database = " ".join(entry.every(*_DATABASES)).casefold()
    return {tag for name, tag in _BARE_PMID.items() if name in database}


def _elsewhere(entry: Entry, read: Callable[[str], str | None]) -> Iterator[str]:
    """Yield the identifiers that stand in tags that are not theirs."""
    for tag in filter(_LABELS.__contains__, entry.values):
        yield from (found for value in entry.every(tag) if (found := read(value)))


def _addresses(entry: Entry) -> list[str]:
    """Return the addresses; several in one line are parted by semicolons."""
    return [
        part.strip().strip("<>")
        for value in entry.every(*_ADDRESSES)
        for part in value.replace("; http", ";http").replace(";http", "\nhttp").split("\n")
    ]


def _say(entry: Entry, citations: Citations) -> None:
    """Note what of an entry is not taken in."""
    for tag, values in entry.values.items():
        if tag in _NAMES:
            continue
        if tag == "M3":
            citations.ignore(tag, "The kind of work beside the type is not stored")
        elif tag in _LABELS:
            read = pmid if tag in _numbered(entry) else named_pmid
            if not any(doi(each) or read(each) or pmcid(each) for each in values):
                citations.ignore(tag, "Neither DOI, PMID nor PMCID, and no table takes it")
        elif tag not in _TAKEN:
            citations.ignore(tag, _NOT_STORED.get(tag, "No table takes it"))
    for tag in _ONCE:
        first, *others = dict.fromkeys(entry.every(tag)) or [""]
        if others:
            message = f"{tag} stands more than once; the first, {quoted(first)}, is taken."
            citations.say(entry.row, tag, Fate.WARNED, "repeated tag", message)
    if not entry.closed:
        place = "the end of the file" if entry.last else "where the next one begins"
        message = f"The entry does not end with ER; it was read up to {place}."
        citations.say(entry.row, "ER", Fate.EXPLAINED, "missing end", message)
