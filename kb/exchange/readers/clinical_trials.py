"""ClinicalTrials.gov: the JSON of its API, version 2, for one registration or several.

A registration becomes a candidate study: what was planned, for whom, where. Results that were
posted are not taken over, and an outcome that was planned is not one that was measured.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.exchange.citations.identifiers import pmid
from kb.exchange.citations.numbering import year
from kb.exchange.citations.wording import plain
from kb.exchange.drafts import ArmDraft, Fate, Note, Reading, ReportDraft, StudyDraft
from kb.exchange.files import FileProblem, ForeignFile, cut, quoted
from kb.exchange.json_files import mapping, parsed_json, sequence, text, texts
from kb.exchange.registrations.publications import publication
from kb.exchange.registrations.wording import design, design_detail, statements
from kb_schema.codes import ArmRole, ReportKind

GIVEN = ("design", "cancer", "country")
"""What may be said of the registrations that do not say it."""

_NCT = re.compile(r"NCT[0-9]{8}")
_OF_THE_STUDY = {"RESULT", "DERIVED"}
_GENERIC = re.compile(r"(?:arm|group|cohort)?\W*(?:[0-9]{1,2}|[A-D]|[IV]{1,3})", re.IGNORECASE)
_KIND_OF_INTERVENTION = re.compile(r"^[A-Z][A-Za-z ]*: ")
_LONGEST = 600
_MOST_PEOPLE = 1_000_000_000
_TAKEN = {
    *("identificationModule", "statusModule", "sponsorCollaboratorsModule", "conditionsModule"),
    *("designModule", "armsInterventionsModule", "outcomesModule", "contactsLocationsModule"),
    "referencesModule",
}


def read(file: ForeignFile, given: Mapping[str, str]) -> Reading:
    """Return the registrations of a file as candidate studies; rows are their running numbers.

    `given` may name the design, cancer and country of registrations that tell none.
    """
    if unknown := sorted(set(given) - set(GIVEN)):
        raise FileProblem(
            f"A file of registrations takes no value for {', '.join(unknown)}.",
            f"Give one for {', '.join(GIVEN)}, or none.",
        )
    document, note = parsed_json(file)
    registrations = _Registrations(given)
    records = _records(file, document)
    for number, record in enumerate(records, start=1):
        registrations.add(number, mapping(record))
    studies = tuple(registrations.studies.values())
    notes = (*([note] if note else ()), *registrations.notes, *registrations.ignored())
    return Reading(len(records), notes, studies=lambda: iter(studies))


def _records(file: ForeignFile, document: Any) -> list[Any]:
    whole = mapping(document)
    records = sequence(whole["studies"]) if "studies" in whole else sequence(document)
    if not any("protocolSection" in mapping(each) for each in records):
        raise FileProblem(
            f"{file.name} holds no registration of ClinicalTrials.gov.",
            "Save what its API, version 2, answers as JSON.",
        )
    return records


@dataclass
class _Registrations:
    """The registrations of a file, by their numbers."""

    given: Mapping[str, str]
    studies: dict[str, StudyDraft] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    _ignored: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, row: int, record: Mapping[str, Any]) -> None:
        """Take in a registration: refused without a number, or where it stands before."""
        protocol = mapping(record.get("protocolSection"))
        number = text(mapping(protocol.get("identificationModule")).get("nctId")) or ""
        if not _NCT.fullmatch(number):
            message = f"{quoted(number)} is no number such as NCT01234567; it is left out."
            self._say(row, "nctId", Fate.REFUSED, "no registration number", message)
            return
        if first := self.studies.get(number):
            message = f"{number} stands at entry {first.row} already; this one is left out."
            self._say(row, "nctId", Fate.REFUSED, "duplicate", message)
            return
        self.studies[number] = self._study(row, number, protocol)
        self._explain(row, record, protocol)

    def ignored(self) -> Iterator[Note]:
        """Yield a note for each part of the registrations that no table takes."""
        for (name, what), count in sorted(self._ignored.items()):
            times = "1 registration" if count == 1 else f"{count:,} registrations"
            yield Note(0, name, Fate.IGNORED, "not stored", f"{what} ({times}).")

    def _say(self, row: int, name: str, fate: Fate, rule: str, message: str) -> None:
        self.notes.append(Note(row, name, fate, rule, message))

    def _study(self, row: int, number: str, protocol: Mapping[str, Any]) -> StudyDraft:
        module = mapping(protocol.get("designModule"))
        conditions = texts(mapping(protocol.get("conditionsModule")).get("conditions"))
        draft = StudyDraft(
            row=row,
            name=number,
            title=_title(protocol),
            design=design(module) or self.given.get("design"),
            design_detail=design_detail(module),
            registration=number,
            started=_start(protocol),
            countries=_countries(protocol) or _alone(self.given.get("country")),
            cancers=list(dict.fromkeys(conditions)) or _alone(self.given.get("cancer")),
            enrolled=self._enrolled(row, mapping(module.get("enrollmentInfo"))),
            characteristics=statements(protocol),
            words={row: _words(number, protocol)},
        )
        draft.reports = [_registration(row, number, protocol), *self._publications(row, protocol)]
        draft.arms = self._arms(row, protocol)
        return draft

    def _enrolled(self, row: int, enrolment: Mapping[str, Any]) -> int | None:
        """Return how many took part, where it is no plan; say what is no number of people."""
        count = enrolment.get("count")
        if text(enrolment.get("type")) != "ACTUAL" or count is None:
            return None
        if type(count) is int and 0 <= count <= _MOST_PEOPLE:
            return count
        message = f"{quoted(str(count))} is no number of participants; none is stored."
        self._say(row, "enrollmentInfo", Fate.WARNED, "no count", message)
        return None

    def _publications(self, row: int, protocol: Mapping[str, Any]) -> Iterator[ReportDraft]:
        """Yield the publications of the study itself; what it cites as background is none."""
        known: set[str] = set()
        references = sequence(mapping(protocol.get("referencesModule")).get("references"))
        own = [each for each in map(mapping, references) if text(each.get("type")) in _OF_THE_STUDY]
        if len(own) < len(references):
            self._ignored["references", "Publications cited as background are not stored"] += 1
        for reference in own:
            number = pmid(text(reference.get("pmid")) or "")
            report = publication(row, number, text(reference.get("citation")))
            if report is None:
                message = "A publication without PMID and DOI cannot be told from others."
                self._say(row, "references", Fate.WARNED, "publication left out", message)
            elif report.name not in known:
                known.add(report.name)
                yield report

    def _arms(self, row: int, protocol: Mapping[str, Any]) -> list[ArmDraft]:
        arms: dict[str, ArmDraft] = {}
        module = mapping(protocol.get("armsInterventionsModule"))
        for group in map(mapping, sequence(module.get("armGroups"))):
            offered = [_KIND_OF_INTERVENTION.sub("", each) for each in _offered(group)]
            label = plain(text(group.get("label"))) or ""
            name = " + ".join(offered) if offered and _GENERIC.fullmatch(label) else label
            if not name:
                self._say(row, "armGroups", Fate.WARNED, "arm without a name", "It is left out.")
                continue
            if name in arms:
                name = f"{name} ({label})" if label != name else f"{name} ({len(arms) + 1})"
            described = cut(plain(text(group.get("description"))) or "", _LONGEST)
            told = [each for each in (label, *offered, described) if each and each != name]
            arms[name] = ArmDraft(
                row,
                name,
                _role(text(group.get("type"))),
                offered=" + ".join(offered) or None,
                detail=". ".join(dict.fromkeys(told)) or None,
                otherwise=tuple(each for each in (label, described) if each),
            )
        return list(arms.values())

    def _explain(self, row: int, record: Mapping[str, Any], protocol: Mapping[str, Any]) -> None:
        """Say what of a registration is not taken over."""
        if record.get("hasResults") is True or "resultsSection" in record:
            message = "Results were posted there. They are not taken over: look at them yourself."
            self._say(row, "resultsSection", Fate.EXPLAINED, "posted results", message)
        if mapping(protocol.get("outcomesModule")):
            message = "Planned outcomes are told as a characteristic: planned is not measured."
            self._say(row, "outcomesModule", Fate.EXPLAINED, "planned outcomes", message)
        sections = set(record) - {"protocolSection", "resultsSection", "hasResults"}
        for name in sections | (set(protocol) - _TAKEN):
            self._ignored[name, "No table takes it"] += 1


def _title(protocol: Mapping[str, Any]) -> str | None:
    module = mapping(protocol.get("identificationModule"))
    titles = (plain(text(module.get(name))) for name in ("officialTitle", "briefTitle"))
    return next((title for title in titles if title), None)


def _start(protocol: Mapping[str, Any]) -> int | None:
    """Return the year in which the study began, or was to begin."""
    start = mapping(mapping(protocol.get("statusModule")).get("startDateStruct"))
    return year(text(start.get("date")) or "")


def _registration(row: int, number: str, protocol: Mapping[str, Any]) -> ReportDraft:
    """Return the registration itself as a report."""
    updated = mapping(mapping(protocol.get("statusModule")).get("lastUpdatePostDateStruct"))
    day = text(updated.get("date"))
    return ReportDraft(
        row,
        number,
        kind=str(ReportKind.WEB_PAGE),
        title=_title(protocol) or f"[Registry entry {number}]",
        container="ClinicalTrials.gov",
        url=f"https://clinicaltrials.gov/study/{number}",
        note=f"Registration as last updated on {day}." if day else None,
    )


def _countries(protocol: Mapping[str, Any]) -> list[str]:
    module = mapping(protocol.get("contactsLocationsModule"))
    sites = map(mapping, sequence(module.get("locations")))
    return list(dict.fromkeys(name for site in sites if (name := text(site.get("country")))))


def _offered(group: Mapping[str, Any]) -> list[str]:
    return [name for each in texts(group.get("interventionNames")) if (name := plain(each))]


def _role(kind: str | None) -> str | None:
    if kind == "EXPERIMENTAL":
        return str(ArmRole.INTERVENTION)
    is_control = kind == "NO_INTERVENTION" or (kind or "").endswith("_COMPARATOR")
    return str(ArmRole.CONTROL) if is_control else None


def _alone(word: str | None) -> list[str]:
    return [word] if word else []


def _words(number: str, protocol: Mapping[str, Any]) -> str:
    """Return the words of the registration that what is taken from it rests on."""
    module = mapping(protocol.get("designModule"))
    info, enrolment = mapping(module.get("designInfo")), mapping(module.get("enrollmentInfo"))
    status = mapping(protocol.get("statusModule"))
    conditions = texts(mapping(protocol.get("conditionsModule")).get("conditions"))
    pairs = {
        "nctId": number,
        "studyType": module.get("studyType"),
        "allocation": info.get("allocation"),
        "interventionModel": info.get("interventionModel"),
        "observationalModel": info.get("observationalModel"),
        "masking": mapping(info.get("maskingInfo")).get("masking"),
        "enrollment": enrolment.get("count"),
        "enrollmentType": enrolment.get("type"),
        "conditions": ", ".join(conditions),
        "countries": ", ".join(_countries(protocol)),
        "overallStatus": status.get("overallStatus"),
        "startDate": mapping(status.get("startDateStruct")).get("date"),
    }
    told = ((name, text(value)) for name, value in pairs.items())
    return " ".join(f"{name}={'_'.join(value.split())}" for name, value in told if value)
