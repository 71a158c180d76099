"""The rows of one study of an extraction sheet as a draft of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kb.exchange.citations.identifiers import doi, pmid
from kb.exchange.drafts import (
    ArmResultDraft,
    ContrastDraft,
    Fate,
    MeasurementDraft,
    Note,
    PassageDraft,
    ReportDraft,
    StudyDraft,
)
from kb.exchange.tabular.references import report_of
from kb.exchange.tabular.spool import Line
from kb.exchange.template.arms import Arms
from kb.exchange.template.columns import OF_THE_STUDY, RowKind
from kb.vocabulary import plain
from kb_schema.codes import Statistic

_LEVEL = 95.0


@dataclass
class StudyMaker:
    """Makes the draft of one study, and keeps notes on its rows."""

    name: str
    lines: list[Line]
    notes: list[Note] = field(default_factory=list)

    def make(self) -> StudyDraft | None:
        """Return the draft; None where every row is refused."""
        lines = list(self._clear(list(self._undoubled())))
        if not lines:
            return None
        arms = Arms(lines, self._warn)
        year = self._agreed(lines, "year")
        return StudyDraft(
            lines[0].row,
            self.name,
            year=int(year) if year else None,
            design=self._agreed(lines, "design"),
            countries=_listed(lines, "country"),
            cancers=_listed(lines, "cancer"),
            reports=list(_reports(lines)),
            arms=arms.drafts,
            measurements=list(_measurements(lines, arms)),
            words={line.row: line.words for line in lines},
            passages={line.row: _passage(line) for line in lines},
        )

    def _undoubled(self) -> Iterator[Line]:
        seen: dict[object, int] = {}
        for line in self.lines:
            first = seen.setdefault(_content(line), line.row)
            if first == line.row:
                yield line
            else:
                self._refuse(line, "", "doubled row", f"It says the same as row {first}.")

    def _clear(self, lines: list[Line]) -> Iterator[Line]:
        """Yield the rows of which it is clear what arms they are of."""
        arms = Arms(lines, lambda *_: None)
        for line in lines:
            if reason := arms.unclear(line):
                self._refuse(line, "comparator", "arms not told apart", reason)
            else:
                yield line

    def _agreed(self, lines: Iterable[Line], name: str) -> str | None:
        """Return what rows say of the study, None where they say different things."""
        said: dict[str, tuple[str, Line]] = {}
        for line in lines:
            if value := line.texts.get(name) or str(line.count(name) or ""):
                said.setdefault(plain(value), (value, line))
        values = [value for value, _ in said.values()]
        if len(values) > 1:
            message = f"The rows of the study say {', '.join(values)}; it was left out."
            self._warn(list(said.values())[-1][1], name, "rows differ", message)
            return None
        return values[0] if values else None

    def _refuse(self, line: Line, column: str, rule: str, message: str) -> None:
        self.notes.append(Note(line.row, column, Fate.REFUSED, rule, message))

    def _warn(self, line: Line, column: str, rule: str, message: str) -> None:
        self.notes.append(Note(line.row, column, Fate.WARNED, rule, message))


def _content(line: Line) -> object:
    """Return what a row says of a result, and where it was found."""
    texts = {name: plain(text) for name, text in line.texts.items() if name not in OF_THE_STUDY}
    numbers = {name: value for name, value in line.numbers.items() if name not in OF_THE_STUDY}
    return frozenset(texts.items()), frozenset(numbers.items())


def _listed(lines: Iterable[Line], name: str) -> list[str]:
    """Return the words of a column that holds several, separated by semicolons."""
    parts = (part.strip() for line in lines for part in line.texts.get(name, "").split(";"))
    return list({plain(part): part for part in parts if part}.values())


def _reports(lines: Iterable[Line]) -> Iterator[ReportDraft]:
    texts = {line.texts["report"]: line.row for line in reversed(list(lines))}
    for text, row in reversed(texts.items()):
        report = report_of(text, row)
        report.name = text
        report.pmid = pmid(text) or report.pmid
        if pmid(text) or doi(text):
            report.note = None
        yield report


def _passage(line: Line) -> PassageDraft:
    texts = line.texts
    return PassageDraft(texts["report"], texts["locator"], texts["quote"], texts["seen"])


def _measurements(lines: Iterable[Line], arms: Arms) -> Iterator[MeasurementDraft]:
    """Yield what was measured, each with the results of arms and the contrasts in it."""
    drafts: dict[tuple[object, ...], MeasurementDraft] = {}
    for line in lines:
        texts, months = line.texts, line.numbers.get("months")
        outcome, instrument, time = (texts.get(n) for n in ("outcome", "instrument", "time"))
        place = plain(outcome or ""), plain(instrument or ""), plain(time or ""), months
        draft = MeasurementDraft(
            line.row, outcome or "", instrument=instrument, time=time, months=months
        )
        draft = drafts.setdefault(place, draft)
        if texts["row"] == RowKind.ARM:
            draft.arm_results.append(_arm_result(line, arms))
        else:
            draft.contrasts.append(_contrast(line, arms))
    yield from drafts.values()


def _arm_result(line: Line, arms: Arms) -> ArmResultDraft:
    numbers = line.numbers
    return ArmResultDraft(
        line.row,
        arms.name(line),
        population=line.texts.get("population"),
        n=line.count("n"),
        events=line.count("events"),
        mean=numbers.get("mean"),
        sd=numbers.get("sd"),
        se=numbers.get("se"),
        median=numbers.get("median"),
        ci_low=numbers.get("ci_low"),
        ci_high=numbers.get("ci_high"),
        ci_level=_level(line),
        note=_note(line),
    )


def _contrast(line: Line, arms: Arms) -> ContrastDraft:
    texts, numbers = line.texts, line.numbers
    return ContrastDraft(
        line.row,
        arms.name(line),
        arms.compared_with(line),
        texts.get("statistic", Statistic.P_ONLY.value),
        estimate=numbers.get("estimate"),
        ci_low=numbers.get("ci_low"),
        ci_high=numbers.get("ci_high"),
        ci_level=_level(line),
        se=numbers.get("se"),
        p=numbers.get("p"),
        p_relation=texts.get("p_relation"),
        n=line.count("n"),
        adjusted=texts.get("adjusted") == "yes",
        population=texts.get("population"),
        note=_note(line),
    )


def _level(line: Line) -> float | None:
    return _LEVEL if {"ci_low", "ci_high"} & line.numbers.keys() else None


def _note(line: Line) -> str | None:
    """Return the note of a row, with who extracted it."""
    extractor = line.texts.get("extractor")
    by = f"Extracted by {extractor}." if extractor else None
    return " ".join(filter(None, (line.texts.get("note"), by))) or None
