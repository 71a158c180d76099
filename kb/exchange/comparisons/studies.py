"""The rows of one study as a draft of it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from kb.exchange.comparisons import ARMS
from kb.exchange.comparisons.arms import DELIVERIES, Arms, Side
from kb.exchange.comparisons.effects import Effect
from kb.exchange.comparisons.measurements import Measurements
from kb.exchange.drafts import ArmDraft, Fate, Note, RiskOfBiasDraft, StudyDraft
from kb.exchange.files import quoted
from kb.exchange.tabular.references import report_of, years_in
from kb.exchange.tabular.spool import Line
from kb.vocabulary import plain

NO_COUNTRY = {"other", "eu&uk", "nr"}
"""Words in the column of countries that name none."""

_SUMS = {"total", "totals", "subtotal", "sub total", "sum", "overall", "pooled", "summary"}
"""Names of rows below those of the studies, in a word."""

_T = TypeVar("_T")

_YEAR = re.compile(r"\b((?:19|20)[0-9]{2})[a-z]?$")
_OF_SIDES = {f"{name}_arm{arm}" for name in ("condition", "multi") for arm in ARMS}


@dataclass(frozen=True)
class Frame:
    """What holds for a whole file.

    Attributes:
        given: constants; `design` and `cancer` are taken from them.
        effect: returns what a row gives of an effect beside the results of its arms.
        why_not: returns a kind of reason and the reason where the format refuses a row.
        domains: columns of judgements of RoB 2 with their domains.
    """

    given: Mapping[str, str]
    effect: Callable[[Line], Effect | None]
    why_not: Callable[[Line], tuple[str, str] | None] = lambda _: None
    domains: Mapping[str, str] = field(default_factory=dict)


class StudyMaker:
    """Makes the draft of one study, and keeps notes on its rows."""

    def __init__(self, name: str, lines: list[Line], frame: Frame) -> None:
        self.notes: list[Note] = []
        self._frame = frame
        self._lines = lines
        self._arms = Arms(lines)
        self._sides = {line.row: self._arms.sides(line) for line in lines}
        self._study = StudyDraft(lines[0].row, name)

    def make(self) -> StudyDraft | None:
        """Return the draft; None where every row is refused."""
        kept = list(self._kept())
        if not kept:
            return None
        study = self._study
        study.row = kept[0].row
        study.words = {line.row: line.words for line in kept}
        self._describe(kept)
        study.arms = list(self._arm_drafts(kept))
        measurements = Measurements(self._warn)
        for line in kept:
            measurements.add(line, self._names(line), self._frame.effect(line))
        measurements.close()
        study.measurements = measurements.drafts
        return study

    def _kept(self) -> Iterator[Line]:
        """Yield the rows that can be imported; note the reason where one cannot."""
        seen: dict[tuple[object, ...], int] = {}
        for line in self._lines:
            first = seen.setdefault((self._sides[line.row], *_content(line)), line.row)
            if first != line.row:
                self._refuse(line, "doubled row", f"It says the same as row {first}.")
            elif reason := self._why_not(line, *self._sides[line.row]):
                self._refuse(line, *reason)
            else:
                yield line

    def _why_not(
        self, line: Line, first: Side | None, second: Side | None
    ) -> tuple[str, str] | None:
        """Return the kind of reason for which a row is refused, and the reason."""
        if plain(self._study.name) in _SUMS:
            return "no study", f"{quoted(self._study.name)} is a sum of rows, and no study."
        if "outcome" not in line.texts:
            return "no outcome", "It does not say which outcome was measured."
        if first is not None and first == second:
            return "arms not told apart", (
                f"Both arms are called {quoted(first.condition)}, and multi_arm1 and multi_arm2 do "
                "not tell them apart."
            )
        for arm, side in zip(ARMS, (first, second), strict=True):
            if side is None and (_has_result(line, arm) or self._frame.effect(line)):
                return "arm without a name", f"condition_arm{arm} does not name the arm."
        return self._frame.why_not(line)

    def _names(self, line: Line) -> tuple[str | None, str | None]:
        first, second = self._sides[line.row]
        return self._arms.name(first), self._arms.name(second)

    def _describe(self, lines: list[Line]) -> None:
        study, given = self._study, self._frame.given
        study.design = given.get("design")
        study.cancers = [given["cancer"]] if "cancer" in given else []
        study.year = self._year(lines)
        study.randomised = self._agreed(lines, "randomised")
        study.countries = _countries(lines)
        references = {line.texts["reference"]: line for line in lines if "reference" in line.texts}
        study.reports = [report_of(text, line.row) for text, line in references.items()]
        for text, line in references.items():
            self._check_year(text, line)
        study.risk_of_bias = list(self._judgements(lines))

    def _year(self, lines: list[Line]) -> int | None:
        year = self._agreed(lines, "year")
        if year is not None and 1900 <= year <= 2100:
            return year
        if year is not None:
            message = f"{self._study.name}: {year} is no year of a study."
            self._warn(lines[0], "year", "year left out", message)
        found = _YEAR.search(self._study.name)
        return int(found[1]) if found else None

    def _check_year(self, reference: str, line: Line) -> None:
        years, year = years_in(reference), self._study.year
        if year and years and year not in years:
            named = ", ".join(map(str, sorted(years)))
            message = f"The study is of {year}, its reference of {named}: do they belong together?"
            self._warn(line, "reference", "year of the reference", message)

    def _judgements(self, lines: list[Line]) -> Iterator[RiskOfBiasDraft]:
        for column, domain in self._frame.domains.items():
            judged = {line.texts[column]: line for line in reversed(lines) if column in line.texts}
            if len(judged) == 1:
                judgement, line = judged.popitem()
                yield RiskOfBiasDraft(line.row, "RoB 2", domain, judgement)
            elif judged:
                message = "The rows of the study judge it differently; it was left out."
                self._warn(lines[0], column, "rows differ", message)

    def _agreed(self, lines: Iterable[Line], name: str) -> int | None:
        """Return the whole number that rows agree on, None where they give none or several."""
        values = {value: line for line in lines if (value := line.count(name)) is not None}
        if len(values) <= 1:
            return next(iter(values), None)
        said = ", ".join(map(str, sorted(values)))
        message = f"The rows of the study say {said}; it was left out."
        self._warn(list(values.values())[-1], name, "rows differ", message)
        return None

    def _arm_drafts(self, lines: list[Line]) -> Iterator[ArmDraft]:
        """Yield the arms; one that is compared with another is an intervention."""
        rows: dict[Side, list[tuple[int, Line]]] = defaultdict(list)
        for line in lines:
            for arm, side in zip(ARMS, self._sides[line.row], strict=True):
                if side:
                    rows[side].append((arm, line))
        for side, places in rows.items():
            yield self._arm(side, places)

    def _arm(self, side: Side, places: list[tuple[int, Line]]) -> ArmDraft:
        name = self._arms.name(side) or side.condition
        treated = [line for arm, line in places if arm == 1]
        sizes = [line for arm, line in places if arm == 1] or [line for _, line in places]
        details = [text for arm, line in places if (text := line.texts.get(f"detail_arm{arm}"))]
        formats = [line.texts.get("format", "").casefold() for line in treated]
        return ArmDraft(
            places[0][1].row,
            name,
            role="intervention" if treated else places[0][1].texts.get("role_arm2"),
            detail=next((text for text in details if text != name), None),
            delivery=_only(formats) if _only(formats) in DELIVERIES else None,
            sessions=self._sessions(treated),
            randomised=self._agreed(sizes, f"randomised_arm{1 if treated else 2}"),
        )

    def _sessions(self, lines: Iterable[Line]) -> int | None:
        """Return the number of sessions where rows agree on a whole one."""
        values = {value: line for line in lines if (value := line.numbers.get("sessions"))}
        if values and _whole(_only(values)) is None:
            said = ", ".join(f"{value:g}" for value in sorted(values))
            message = f"The rows of the arm say {said}; it was left out."
            self._warn(list(values.values())[-1], "sessions", "value left out", message)
        return _whole(_only(values))

    def _refuse(self, line: Line, rule: str, message: str) -> None:
        self.notes.append(Note(line.row, "", Fate.REFUSED, rule, message))

    def _warn(self, line: Line, column: str, rule: str, message: str) -> None:
        self.notes.append(Note(line.row, column, Fate.WARNED, rule, message))


def _content(line: Line) -> Iterator[object]:
    """Yield what a row says beside the arms it compares, to find rows that say the same."""
    yield frozenset(item for item in line.texts.items() if item[0] not in _OF_SIDES)
    yield frozenset(line.numbers.items())
    yield frozenset(line.unread.items())


def _has_result(line: Line, arm: int) -> bool:
    return f"mean_arm{arm}" in line.numbers or f"event_arm{arm}" in line.numbers


def _countries(lines: Iterable[Line]) -> list[str]:
    words = [word for line in lines for word in re.split(r"[;,]", line.texts.get("country", ""))]
    found = dict.fromkeys(word.strip() for word in words)
    return [word for word in found if word and word.casefold() not in NO_COUNTRY]


def _only(values: Iterable[_T]) -> _T | None:
    """Return the value that all are, None where there is none or they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _whole(value: float | None) -> int | None:
    return int(value) if value is not None and value.is_integer() and value > 0 else None
