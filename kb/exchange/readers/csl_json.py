"""CSL-JSON, as Zotero, Mendeley and citation processors write it, and the items of Crossref."""

from collections.abc import Iterator, Mapping
from typing import Any

from kb.exchange.citations.gathering import Citations, Found
from kb.exchange.citations.identifiers import labelled
from kb.exchange.citations.kinds import FROM_CSL, nearest
from kb.exchange.citations.names import Name, author, group, person
from kb.exchange.drafts import Fate, Reading
from kb.exchange.files import FileProblem, ForeignFile, quoted
from kb.exchange.json_files import mapping, parsed_json, sequence, text, texts
from kb_schema.codes import ReportKind

_TAKEN = {
    *("id", "type", "title", "author", "container-title", "container-title-short", "publisher"),
    *("issued", "published-print", "published-online", "volume", "issue", "page", "number"),
    *("DOI", "PMID", "PMCID", "URL", "note", "collection-title"),
}
_NOT_STORED = {
    "abstract": "Abstracts are not stored",
    "keyword": "Keywords are not stored",
    "subject": "Keywords are not stored",
}
_DATES = ("issued", "published-print", "published-online")


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return the publications of a CSL-JSON file; rows are the running numbers of its items.

    `given` may name the container, year and note of items that have none.
    """
    document, note = parsed_json(file)
    citations = Citations(given, unit="entry")
    for number, item in enumerate(_items(file, document), start=1):
        if not isinstance(item, dict):
            citations.refuse(number, "no item", f"{quoted(str(item))} is no item of CSL-JSON.")
            continue
        for name in item:
            if name not in _TAKEN:
                citations.ignore(name, _NOT_STORED.get(name, "No table takes it"))
        citations.add(_found(number, item, citations))
    return citations.reading(note)


def _items(file: ForeignFile, document: Any) -> list[Any]:
    """Return the items: the array itself, or that of Crossref or Zotero, or the only item."""
    if isinstance(document, list):
        return document
    inner = mapping(document)
    for name in ("message", "items", "references"):
        if isinstance(inner.get(name), list):
            return sequence(inner[name])
        inner = mapping(inner.get(name)) or inner
    if not {"title", "type"} <= set(inner):
        raise FileProblem(
            f"{file.name} holds no items of CSL-JSON.", "Export the references as CSL-JSON."
        )
    return [inner]


def _found(number: int, item: Mapping[str, Any], citations: Citations) -> Found:
    kind = _kind(number, item, citations)
    labels, rest = labelled(text(item.get("note")))
    return Found(
        row=number,
        name=text(item.get("id")),
        kind=kind,
        title=_first(item, "title"),
        authors=(name for each in sequence(item.get("author")) if (name := _name(each))),
        container=_container(item, kind),
        dates=[date for name in _DATES for date in _dates(item.get(name))],
        volume=_first(item, "volume"),
        issue=_first(item, "issue"),
        pages=_first(item, "page", "number"),
        dois=[*texts(item.get("DOI")), *labels["doi"]],
        pmids=[*texts(item.get("PMID")), *labels["pmid"]],
        pmcids=[*texts(item.get("PMCID")), *labels["pmcid"]],
        urls=texts(item.get("URL")),
        note=rest,
    )


def _first(item: Mapping[str, Any], *names: str) -> str | None:
    return next((found for name in names for found in texts(item.get(name))), None)


def _kind(number: int, item: Mapping[str, Any], citations: Citations) -> ReportKind:
    code = text(item.get("type")) or ""
    if kind := FROM_CSL.get(code):
        return kind
    kind = nearest(container=_first(item, "container-title"), urls=texts(item.get("URL")))
    reason = f"The type {quoted(code)} is not one of ours" if code else "The item has no type"
    message = f"{reason}; it is taken as {kind}."
    citations.say(number, "type", Fate.EXPLAINED, "unknown type", message)
    return kind


def _name(value: Any) -> Name | None:
    if isinstance(value, str):
        return author(value)
    parts = {name: text(part) or "" for name, part in mapping(value).items()}
    if whole := parts.get("literal") or parts.get("name"):
        return group(whole)
    particles = (parts.get("dropping-particle", ""), parts.get("non-dropping-particle", ""))
    family = " ".join(part for part in (*particles, parts.get("family", "")) if part)
    given = parts.get("given", "")
    return person(family, given, parts.get("suffix", "")) if family or given else None


def _container(item: Mapping[str, Any], kind: ReportKind) -> str | None:
    if kind == ReportKind.BOOK:
        return _first(item, "publisher", "collection-title")
    return _first(item, "container-title", "container-title-short") or (
        None if kind == ReportKind.ARTICLE else _first(item, "publisher")
    )


def _dates(value: Any) -> Iterator[str]:
    """Yield a date in the ways in which CSL-JSON may say it."""
    date = mapping(value)
    for part in sequence(date.get("date-parts")):
        yield from list(texts(part))[:1]
    yield from (found for name in ("raw", "literal") if (found := text(date.get(name))))
    if not date and (found := text(value)):
        yield found
