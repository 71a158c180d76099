"""The included studies of a Cochrane data package: characteristics, risk of bias, references."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kb.exchange.citations.tagged import Tags, entries
from kb.exchange.cochrane.package_files import Table
from kb.exchange.cochrane.risk_of_bias import tool_of
from kb.exchange.cochrane.wording import statement, without_year, words, year_of
from kb.exchange.drafts import Fate, Note, ReportDraft, RiskOfBiasDraft, StudyDraft
from kb.exchange.files import ForeignFile, quoted, text_of
from kb.exchange.readers import ris
from kb.exchange.sheets import SheetRow
from kb_schema.codes import Topic

_JUDGEMENT, _SUPPORT = "Domain (judgement): ", "Domain (support): "
_METHODS = "Char: Methods"
_TOPICS = {"Char: Participants": Topic.BASELINE, "Char: Interventions": Topic.TREATMENT}
_Judged = tuple[str, str, str | None]
_NOT_JUDGED = {"", "not applicable"}
_REFERENCE = ("NS", "TI", "T1", "AU", "A1", "PY", "JO", "JF", "T2", "DO")


def studies_of(information: Table) -> dict[str, StudyDraft]:
    """Return the studies by their names."""
    drafts: dict[str, StudyDraft] = {}
    for row in information.rows:
        name = row.cells.get("Study", "")
        if not name or name in drafts:
            continue
        said = {column: row.cells.get(column) for column in ("Study", "Year", "Data source")}
        draft = drafts[name] = StudyDraft(row.row, name, words={row.row: words(said)})
        draft.year = year_of(row.cells.get("Year", ""))
        draft.design_detail = statement(row.cells.get(_METHODS, "")) or None
        _characterise(draft, row.cells)
    return drafts


def doubts(information: Table) -> Iterator[Note]:
    """Yield notes on rows of studies that are not read, or whose year is not."""
    seen: set[str] = set()
    for row in information.rows:
        name = row.cells.get("Study", "")
        if not name:
            yield Note(row.row, "Study", Fate.REFUSED, "no study", "The row names no study.")
        elif name in seen:
            message = f"{name} has a row before; what that one says is read."
            yield Note(row.row, "Study", Fate.REFUSED, "study twice", message)
        else:
            yield from without_year(row.row, row.cells.get("Year", ""), name)
        seen.add(name)


def _characterise(draft: StudyDraft, cells: Mapping[str, str]) -> None:
    for column, cell in cells.items():
        if column.startswith("Char: ") and column != _METHODS and (text := statement(cell)):
            topic = _TOPICS.get(column, Topic.OTHER)
            said = f"{column.removeprefix('Char: ')}: {text}"
            before = draft.characteristics.get(topic)
            draft.characteristics[topic] = f"{before} {said}" if before else said


def judge(risk: Table, studies: Mapping[str, StudyDraft]) -> tuple[int, list[Note]]:
    """Add the risk of bias to the studies; return how many rows hold a judgement, and notes."""
    domains = [
        column.removeprefix(_JUDGEMENT) for column in risk.header if column.startswith(_JUDGEMENT)
    ]
    judged = [(row, found) for row in risk.rows if (found := list(_judgements(row.cells, domains)))]
    notes = [note for row, found in judged if (note := _judge(row, found, studies))]
    if empty := len(risk.rows) - len(judged):
        message = f"Studies without any judgement in the table of risk of bias: {empty}."
        notes.append(Note(0, "", Fate.EXPLAINED, "not judged", message))
    return len(judged), notes


def _judge(row: SheetRow, found: list[_Judged], studies: Mapping[str, StudyDraft]) -> Note | None:
    """Add the judgements of a row to its study; return a note where they cannot be."""
    name = row.cells.get("Study", "")
    study, tool = studies.get(name), tool_of(domain for domain, _, _ in found)
    if study is None or tool is None:
        why = "no tool has domains of these names" if study else "it is none of the studies"
        message = f"Risk of bias of {quoted(name)}: {why}."
        return Note(row.row, "Study", Fate.REFUSED, "not judged", message)
    said = {domain: judgement for domain, judgement, _ in found}
    study.words[row.row] = words({"Study": study.name} | said)
    study.risk_of_bias += [RiskOfBiasDraft(row.row, tool, *each) for each in found]
    return None


def _judgements(cells: Mapping[str, str], domains: Iterable[str]) -> Iterator[_Judged]:
    for domain in domains:
        judgement = statement(cells.get(_JUDGEMENT + domain, ""))
        if judgement.casefold() not in _NOT_JUDGED:
            yield domain, judgement, statement(cells.get(_SUPPORT + domain, "")) or None


def cite(
    file: ForeignFile, studies: Mapping[str, StudyDraft], after: int
) -> tuple[int, list[ReportDraft], list[Note]]:
    """Add the references to their studies; rows are numbered on.

    Return how many entries there were, the references that are of no study, and notes.
    """
    reading = ris.read(file, {})
    text, _ = text_of(file)
    by_row = {entry.row: entry for entry in entries(text.splitlines(), Tags("TY", "ER"))}
    alone = []
    for report in reading.reports:
        entry = by_row[report.row]
        report.row += after
        study = studies.get(entry.first("NS") or "")
        if study is None:
            alone.append(report)
        else:
            study.words[report.row] = words({tag: entry.first(tag) for tag in _REFERENCE})
            study.reports.append(report)
    empty = {row for row, entry in by_row.items() if set(entry.values) <= {"TY", "NS"}}
    notes = [
        _numbered(note, after)
        for note in reading.notes
        if note.row not in empty and note.field != "NS"
    ]
    if empty:
        message = f"Studies without a reference in the package: {len(empty)}."
        notes.append(Note(0, "", Fate.EXPLAINED, "no reference", message))
    return reading.rows - len(empty), alone, notes


def _numbered(note: Note, after: int) -> Note:
    return replace(note, row=note.row + after) if note.row else note
