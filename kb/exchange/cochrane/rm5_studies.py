"""The included studies of a RevMan 5 file: characteristics, references, risk of bias."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kb.exchange.citations.gathering import Citations, Found
from kb.exchange.citations.names import authors
from kb.exchange.cochrane.wording import (
    cut_short,
    one_line,
    statement,
    without_year,
    words,
    year_of,
)
from kb.exchange.drafts import Fate, Note, RiskOfBiasDraft, StudyDraft
from kb.exchange.files import quoted
from kb_schema.codes import ReportKind, RiskOfBiasTool, Topic

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

INCLUDED = "STUDIES_AND_REFERENCES/STUDIES/INCLUDED_STUDIES/STUDY"
_TOPICS = {
    "CHAR_PARTICIPANTS": (Topic.BASELINE, "Participants"),
    "CHAR_INTERVENTIONS": (Topic.TREATMENT, "Interventions"),
    "CHAR_OUTCOMES": (Topic.OTHER, "Outcomes"),
    "CHAR_NOTES": (Topic.OTHER, "Notes"),
}
_REFERENCE = ("AU", "TI", "SO", "YR", "VL", "NO", "PG")
_KINDS = {
    "JOURNAL_ARTICLE": ReportKind.ARTICLE,
    "CORRESPONDENCE": ReportKind.ARTICLE,
    "COCHRANE_REVIEW": ReportKind.ARTICLE,
    "COCHRANE_PROTOCOL": ReportKind.ARTICLE,
    "CONFERENCE_PROC": ReportKind.CONFERENCE,
    "BOOK": ReportKind.BOOK,
    "BOOK_SECTION": ReportKind.CHAPTER,
    "UNPUBLISHED": ReportKind.MANUSCRIPT,
}
_REGISTERS = ("NCT", "ISRCTN", "CLINICALTRIALS", "REGISTR")
_JUDGEMENTS = {"YES": "Low risk", "NO": "High risk", "UNKNOWN": "Unclear risk"}
"""What RevMan shows for the codes of its file."""


def study_names(root: "Element") -> dict[str, str]:
    """Return the names of the included studies by their identifiers, no name twice."""
    names: dict[str, str] = {}
    for study in root.iterfind(INCLUDED):
        identifier = study.get("ID", "")
        name = statement(study.get("NAME", "")) or identifier
        if name in names.values():
            name = f"{name} ({identifier})"
        names.setdefault(identifier, name)
    return names


def studies_of(
    root: "Element", names: Mapping[str, str], first: int
) -> tuple[dict[str, StudyDraft], list[Note]]:
    """Return the included studies by name, and notes; their rows run from `first`."""
    citations = Citations(unit="entry")
    drafts: dict[str, StudyDraft] = {}
    by_row: dict[int, StudyDraft] = {}
    unclear: list[Note] = []
    for row, study in enumerate(root.iterfind(INCLUDED), first):
        draft = _study(study, names[study.get("ID", "")], row)
        if draft.name in drafts:
            message = f"{quoted(study.get('NAME', ''))} has the identifier of a study before."
            citations.say(row, "ID", Fate.REFUSED, "identifier twice", message)
            continue
        drafts[draft.name] = by_row[row] = draft
        unclear += without_year(row, one_line(study.get("YEAR", "")), draft.name)
        for reference in study.iterfind("REFERENCE"):
            if _says_something(reference):
                citations.add(_found(reference, draft.name, row))
    unclear += _characterise(root, names, drafts)
    reading = citations.reading()
    for report in reading.reports:
        by_row[report.row].reports.append(report)
    return drafts, [*unclear, *(note for note in reading.notes if note.rule != "not stored")]


def judge(
    root: "Element", names: Mapping[str, str], studies: Mapping[str, StudyDraft], first: int
) -> tuple[int, list[Note]]:
    """Add the risk of bias to the studies; return how many judgements there are, and notes.

    The tables of RevMan 5 are those of the first Cochrane tool. Their rows run from `first`.
    Entries that were left at RevMan's default, unclear without a reason, are no judgements.
    """
    notes: list[Note] = []
    row, defaults = first, 0
    for item, entry in _entries(root):
        if _is_default(entry):
            defaults += 1
            continue
        draft = _judgement(item, entry, row)
        study = studies.get(names.get(entry.get("STUDY_ID", ""), ""))
        if study is None:
            message = f"{quoted(entry.get('STUDY_ID', ''))} is none of the included studies."
            notes.append(Note(row, draft.domain, Fate.REFUSED, "unknown study", message))
        elif not (draft.domain and draft.judgement):
            what = "a judgement" if draft.domain else "the name of an item"
            message = f"{study.name}: {quoted(entry.get('RESULT', ''))} is without {what}."
            notes.append(Note(row, draft.domain, Fate.REFUSED, "unknown judgement", message))
        else:
            said = {"STUDY": study.name, "ITEM": draft.domain, "RESULT": entry.get("RESULT")}
            study.words[row] = words(said | {"DESCRIPTION": draft.support})
            notes += cut_short(row, "DESCRIPTION", draft.support, study.name)
            study.risk_of_bias.append(draft)
        row += 1
    if defaults:
        message = f"Judgements left at RevMan's default, unclear without a reason: {defaults}."
        notes.append(Note(0, "QUALITY_ITEMS", Fate.EXPLAINED, "not judged", message))
    return row - first, notes


def _study(study: "Element", name: str, row: int) -> StudyDraft:
    attributes = {key: study.get(key) for key in ("NAME", "YEAR", "DATA_SOURCE", "ID")}
    identifiers = list(_identifiers(study.find("IDENTIFIERS")))
    return StudyDraft(
        row,
        name,
        year=year_of(study.get("YEAR", "")),
        registration=next((said for kind, said in identifiers if _is_register(kind)), None),
        words={row: words(attributes)},
    )


def _characterise(
    root: "Element", names: Mapping[str, str], studies: Mapping[str, StudyDraft]
) -> Iterator[Note]:
    """Add what the tables of characteristics say; yield notes on what of them is not stored."""
    for table in root.iter("INCLUDED_CHAR"):
        study = studies.get(names.get(table.get("STUDY_ID", ""), ""))
        if study is None:
            message = f"{quoted(table.get('STUDY_ID', ''))} is none of the included studies."
            yield Note(0, "INCLUDED_CHAR", Fate.WARNED, "unknown study", message)
            continue
        study.design_detail = _statement(table.find("CHAR_METHODS")) or None
        yield from cut_short(study.row, "CHAR_METHODS", study.design_detail, study.name)
        for tag, (topic, title) in _TOPICS.items():
            if text := _statement(table.find(tag)):
                yield from cut_short(study.row, tag, text, study.name)
                before = study.characteristics.get(topic)
                said = f"{title}: {text}"
                study.characteristics[topic] = f"{before} {said}" if before else said


def _said(element: "Element | None") -> str:
    return "" if element is None else one_line(" ".join(element.itertext()))


def _statement(element: "Element | None") -> str:
    return "" if element is None else statement(" ".join(element.itertext()))


def _says_something(reference: "Element") -> bool:
    return bool(_said(reference)) or reference.find("IDENTIFIERS/IDENTIFIER") is not None


def _found(reference: "Element", study: str, row: int) -> Found:
    said = {tag: _said(reference.find(tag)) or None for tag in _REFERENCE}
    identifiers = list(_identifiers(reference.find("IDENTIFIERS")))
    return Found(
        row=row,
        name=study,
        kind=_KINDS.get(reference.get("TYPE", ""), ReportKind.REPORT),
        title=said["TI"],
        authors=authors(said["AU"]),
        container=said["SO"],
        dates=[said["YR"] or ""],
        volume=said["VL"],
        issue=said["NO"],
        pages=said["PG"],
        dois=[text for kind, text in identifiers if kind == "DOI"],
        pmids=[text for kind, text in identifiers if kind in {"PUBMED", "MEDLINE", "PMID"}],
    )


def _identifiers(element: "Element | None") -> Iterator[tuple[str, str]]:
    if element is not None:
        for identifier in element.iterfind("IDENTIFIER"):
            text = identifier.get("VALUE") or identifier.text or ""
            if text.strip():
                yield identifier.get("TYPE", "").upper(), text.strip()


def _is_register(kind: str) -> bool:
    return any(word in kind for word in _REGISTERS)


def _entries(root: "Element") -> Iterator[tuple["Element", "Element"]]:
    for item in root.iterfind("QUALITY_ITEMS/QUALITY_ITEM"):
        for entry in item.iter("QUALITY_ITEM_DATA_ENTRY"):
            yield item, entry


def _is_default(entry: "Element") -> bool:
    """Return whether RevMan's default was left as it was."""
    return entry.get("RESULT", "UNKNOWN") == "UNKNOWN" and not _said(entry.find("DESCRIPTION"))


def _judgement(item: "Element", entry: "Element", row: int) -> RiskOfBiasDraft:
    """Return the judgement, empty where its code is none of RevMan's."""
    judged = _JUDGEMENTS.get(entry.get("RESULT", "UNKNOWN"), "")
    support = _statement(entry.find("DESCRIPTION")) or None
    domain = _statement(item.find("NAME"))
    if group := _group(item, entry):
        domain = f"{domain} ({group})"
    return RiskOfBiasDraft(row, RiskOfBiasTool.ROB1, domain, judged, support)


def _group(item: "Element", entry: "Element") -> str | None:
    """Return the outcomes that an entry is on, where an item is judged by groups of them."""
    identifier = entry.get("GROUP_ID")
    for group in item.iter("QUALITY_ITEM_DATA_ENTRY_GROUP"):
        if identifier and group.get("ID") == identifier:
            return _statement(group.find("NAME")) or identifier
    return identifier
