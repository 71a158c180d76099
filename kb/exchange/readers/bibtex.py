"""BibTeX and biblatex, as reference managers write them."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb.exchange.citations.gathering import Citations, Found
from kb.exchange.citations.identifiers import address, labelled
from kb.exchange.citations.kinds import FROM_BIBTEX, nearest
from kb.exchange.citations.latex import decoded, verbatim
from kb.exchange.citations.names import OTHERS, Name, author, group, person
from kb.exchange.drafts import Fate, Reading
from kb.exchange.files import ForeignFile, quoted, text_of
from kb_schema.codes import ReportKind

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

_TAKEN = {
    *("title", "author", "journal", "journaltitle", "shortjournal", "booktitle", "publisher"),
    *("organization", "institution", "school", "howpublished", "year", "date", "volume", "number"),
    *("issue", "pages", "eid", "doi", "pmid", "pmcid", "url", "note", "entrysubtype", "eprint"),
    *("eprinttype", "subtitle"),
}
_NOT_STORED = {
    "abstract": "Abstracts are not stored",
    "keywords": "Keywords are not stored",
    "file": "Files beside a reference are not stored",
}
_SERIES = ("journal", "journaltitle", "shortjournal")
_PUBLISHERS = ("publisher", "institution", "organization", "school")


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return the publications of a BibTeX file; rows are lines.

    `given` may name the container, year and note of entries that have none.
    """
    text, note = text_of(file)
    citations = Citations(given)
    for block in _blocks(text):
        row = (block.start_line or 0) + 1
        if entry := _entry(block, row, citations):
            values = _values(entry)
            for name in values:
                if name not in _TAKEN:
                    citations.ignore(name, _NOT_STORED.get(name, "No table takes it"))
            citations.add(_found(row, entry, values, citations))
    return citations.reading(note)


def _blocks(text: str) -> list["Block"]:
    from bibtexparser.entrypoint import parse_string

    with _quiet("bibtexparser"):
        return parse_string(text).blocks


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library from speaking on its own: what it could not read becomes a note."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _entry(block: "Block", row: int, citations: Citations) -> "Entry | None":
    """Return the entry that a block is; say what is wrong with it. Comments are no entries."""
    from bibtexparser.library import Library
    from bibtexparser.middlewares import RemoveEnclosingMiddleware
    from bibtexparser.model import (
        DuplicateBlockKeyBlock,
        DuplicateFieldKeyBlock,
        Entry,
        ParsingFailedBlock,
    )

    if isinstance(block, Entry):
        return block
    if not isinstance(block, ParsingFailedBlock):
        return None
    inner = block.ignore_error_block
    if isinstance(inner, Entry):
        if isinstance(block, DuplicateFieldKeyBlock):
            names = ", ".join(sorted(block.duplicate_keys))
            message = f"The entry has {names} more than once; the first is taken."
            citations.say(row, names, Fate.WARNED, "repeated field", message)
        elif isinstance(block, DuplicateBlockKeyBlock):
            message = f"The key {quoted(block.key)} stands before another entry too."
            citations.say(row, "", Fate.EXPLAINED, "repeated key", message)
        return RemoveEnclosingMiddleware().transform_entry(inner, Library())
    if inner is None:
        message = "The entry that begins here is not closed, or lacks a comma or an equals sign."
        citations.refuse(row, "no entry", message)
    else:
        message = "The abbreviation that is defined here was defined before; the first stays."
        citations.say(row, "", Fate.WARNED, "repeated abbreviation", message)
    return None


def _values(entry: "Entry") -> dict[str, str]:
    """Return the fields of an entry by their names in small letters, the first of each."""
    values: dict[str, str] = {}
    for each in entry.fields:
        values.setdefault(each.key.lower(), str(each.value))
    return {name: value for name, value in values.items() if value.strip()}


def _found(row: int, entry: "Entry", values: Mapping[str, str], citations: Citations) -> Found:
    kind = _kind(row, entry.entry_type, values, citations)
    title, subtitle = (decoded(values.get(name, "")) for name in ("title", "subtitle"))
    labels, rest = labelled("\n".join(map(decoded, values.get("note", "").splitlines())))
    plain = {name: verbatim(value) for name, value in values.items()}
    eprint = [plain["eprint"]] if "eprint" in plain else []
    archive = plain.get("eprinttype", "").casefold()
    return Found(
        row=row,
        name=entry.key,
        kind=kind,
        title=f"{title}: {subtitle}" if title and subtitle else title,
        authors=_authors(values.get("author", "")),
        container=_container(kind, values),
        dates=_present(values, "year", "date"),
        volume=_first(values, "volume"),
        issue=_first(values, "number", "issue"),
        pages=_first(values, "pages", "eid"),
        dois=[*_present(plain, "doi"), *labels["doi"]],
        pmids=[*_present(plain, "pmid"), *labels["pmid"], *(eprint if archive == "pubmed" else ())],
        pmcids=[*_present(plain, "pmcid"), *labels["pmcid"], *(eprint if archive == "pmc" else ())],
        urls=_addresses(plain),
        note=rest,
    )


def _kind(row: int, code: str, values: Mapping[str, str], citations: Citations) -> ReportKind:
    if values.get("entrysubtype", "").casefold() == "newspaper":
        return ReportKind.NEWS
    if kind := FROM_BIBTEX.get(code.lower()):
        return kind
    kind = nearest(container=_first(values, *_SERIES), urls=_addresses(values))
    message = f"The type {quoted(code)} is not one of ours; it is taken as {kind}."
    citations.say(row, "", Fate.EXPLAINED, "unknown type", message)
    return kind


def _container(kind: ReportKind, values: Mapping[str, str]) -> str | None:
    match kind:
        case ReportKind.ARTICLE | ReportKind.NEWS:
            return _first(values, *_SERIES)
        case ReportKind.BOOK:
            return _first(values, "publisher", "series")
        case _:
            published = () if _bare(values.get("howpublished", "")) else ("howpublished",)
            return _first(values, "booktitle", *_SERIES, *_PUBLISHERS, *published)


def _authors(text: str) -> Iterator[Name]:
    """Yield the authors: parted by 'and', groups in braces, the rest as 'others'."""
    from bibtexparser.middlewares.names import (
        parse_single_name_into_parts,
        split_multiple_persons_names,
    )

    for each in split_multiple_persons_names(text):
        if each.casefold() == "others":
            yield Name(OTHERS)
        elif each.startswith("{") and each.endswith("}"):
            yield group(decoded(each))
        elif "," in each or (name := author(decoded(each))).initials:
            yield author(decoded(each))
        else:
            parts = parse_single_name_into_parts(each, strict=False)
            family = " ".join((*parts.von, *parts.last))
            yield person(decoded(family), decoded(" ".join(parts.first))) if parts.first else name


def _addresses(plain: Mapping[str, str]) -> list[str]:
    """Return the addresses of an entry, also one that stands in `howpublished`."""
    return [url for name in ("url", "howpublished") if (url := _bare(plain.get(name, "")))]


def _bare(text: str) -> str | None:
    return address(verbatim(text).removeprefix("\\url").strip("{} "))


def _first(values: Mapping[str, str], *names: str) -> str | None:
    return next((decoded(each) for each in _present(values, *names)), None)


def _present(values: Mapping[str, str], *names: str) -> list[str]:
    return [values[name] for name in names if name in values]
