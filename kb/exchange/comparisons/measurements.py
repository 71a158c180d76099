"""What the rows of one study measured: rows that tell of one measurement are brought together."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kb.exchange.comparisons import ARMS
from kb.exchange.comparisons.effects import Effect
from kb.exchange.drafts import ArmResultDraft, ContrastDraft, MeasurementDraft
from kb.exchange.files import quoted
from kb.exchange.tabular.spool import Line

_DAYS_IN_A_MONTH = 30.4375
BETTER = {"lower": True, "higher": False}
"""Words for the better end of a scale, and whether that is the lower one."""

_KINDS = (("mean", "sd", "n"), ("event", "totaln"))

Warn = Callable[[Line, str, str, str], None]
"""Keeps a note on a row: its column, the kind of thing, and what to say."""

Names = tuple[str | None, str | None]
"""What the arms of a row are called, None for one that it does not name."""

_Values = tuple[float | None, ...]
_Shown = dict[tuple[str, str], _Values]
"""What arms showed, by the name of the arm and the kind of result."""


@dataclass
class _Slot:
    """A measurement being made, with what each arm has in it so far and the row that said so."""

    draft: MeasurementDraft
    shown: _Shown = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    def differing(self, shown: _Shown) -> tuple[str, str] | None:
        """Return the first result that has other values here."""
        return next((key for key, each in shown.items() if self.shown.get(key, each) != each), None)

    def add(self, line: Line, key: tuple[str, str], values: _Values) -> None:
        """Add a result of an arm, unless it is here already."""
        if key not in self.shown:
            self.shown[key], self.rows[key] = values, line.row
            self.draft.arm_results.append(_result(line, *key, values))

    def holds(self, row: int) -> bool:
        """Return whether a row is in it: as the first of it, or with a result."""
        of_arms = {result.row for result in self.draft.arm_results}
        return row in {self.draft.row, *of_arms, *(each.row for each in self.draft.contrasts)}

    def compares(self, names: Names) -> bool:
        """Return whether two arms can be compared, and among them those that a row names."""
        named = {name for name in names if name is not None}
        kinds = ({name for name, of in self.shown if of == kind} for kind, *_ in _KINDS)
        return any(named <= arms and len(arms) >= len(ARMS) for arms in kinds)

    def differing_effect(self, draft: ContrastDraft) -> ContrastDraft | None:
        """Return another effect of the same comparison, None where there is none."""
        said, values = _comparison(draft), (draft.estimate, draft.se)
        alike = (each for each in self.draft.contrasts if _comparison(each) == said)
        return next((each for each in alike if (each.estimate, each.se) != values), None)


class Measurements:
    """The measurements of a study, each with what its arms showed, once."""

    def __init__(self, warn: Warn) -> None:
        self.drafts: list[MeasurementDraft] = []
        self._warn = warn
        self._slots: dict[tuple[object, ...], list[_Slot]] = {}
        self._told_apart: set[tuple[object, ...]] = set()
        self._one_sided: list[tuple[Line, Names, list[str], _Slot]] = []

    def add(self, line: Line, names: Names, effect: Effect | None) -> None:
        """Take in a row that compares two arms; `effect` is what it gives beside their results."""
        shown = self._shown(line, names, effect)
        slot = self._slot(line, names, shown)
        for key, values in shown.items():
            slot.add(line, key, values)
        arms = list(dict.fromkeys(name for name, _ in shown))
        if effect is not None:
            self._add_effect(line, slot, _contrast(line, names, effect))
        elif len(arms) < len(ARMS):
            self._one_sided.append((line, names, arms, slot))
        if not slot.holds(line.row):
            bare = replace(slot.draft, row=line.row, arm_results=[], contrasts=[])
            self.drafts.append(bare)

    def close(self) -> None:
        """Note the rows from which no comparison is made, nor with what others say."""
        for line, names, arms, slot in self._one_sided:
            if arms and slot.compares(names):
                continue
            said = f"It has values of {quoted(*arms)} alone" if arms else "It gives no value"
            message = f"{said}; that the outcome was measured is kept."
            self._warn(line, "", "no comparison", message)

    def _add_effect(self, line: Line, slot: _Slot, draft: ContrastDraft) -> None:
        if other := slot.differing_effect(draft):
            message = (
                f"It gives {_told(draft)}, and row {other.row} {_told(other)} for the same "
                "comparison; both are kept."
            )
            self._warn(line, "", "effects differ", message)
        slot.draft.contrasts.append(draft)

    def _shown(self, line: Line, names: Names, effect: Effect | None) -> _Shown:
        """Return what the arms showed: mean, SD and n, or events and n."""
        shown: _Shown = {}
        for arm, name in zip(ARMS, names, strict=True):
            for kind, *rest in _KINDS:
                columns = [f"{part}_arm{arm}" for part in (kind, *rest)]
                values = tuple(map(line.numbers.get, columns))
                if name is not None and values[0] is not None:
                    shown[name, kind] = values
                    continue
                lost = [column for column in columns if column in line.numbers]
                if effect and lost == columns[-1:]:
                    self._check_sizes(line)
                elif lost:
                    message = f"Without {columns[0]}, {_left_out(lost)}."
                    self._warn(line, columns[0], "half a result", message)
        return shown

    def _check_sizes(self, line: Line) -> None:
        if _sizes(line) is None:
            message = "Without the size of the other arm, that of one was left out."
            self._warn(line, "", "half a result", message)

    def _slot(self, line: Line, names: Names, shown: _Shown) -> _Slot:
        """Return the measurement of a row; a further one where an arm has other values in it."""
        place = _place(line)
        slots = self._slots.setdefault(place, [])
        for slot in slots[:1] + slots[1:][-1:]:
            if slot.differing(shown) is None:
                return slot
        slot = _Slot(_draft(line))
        if slots and (key := slots[0].differing(shown)):
            detail = self._telling_apart(place, line, names)
            slot.draft.instrument_detail = _joined(slot.draft.instrument_detail, detail)
            message = (
                f"{quoted(key[0])} has other values here than in row {slots[0].rows[key]}; both "
                f"are kept, these as {quoted(detail)}."
            )
            self._warn(line, "", "values of an arm differ", message)
        slots.append(slot)
        self.drafts.append(slot.draft)
        return slot

    def _telling_apart(self, place: tuple[object, ...], line: Line, names: Names) -> str:
        """Return words for a further measurement in a place, others for each."""
        comparison = " v ".join(name or "no name" for name in names)
        words = [line.texts.get("analysed", comparison), comparison]
        words += [f"{comparison}, {len(self._slots[place]) + 1}"]
        detail = next(each for each in words if (place, each) not in self._told_apart)
        self._told_apart.add((place, detail))
        return detail


def _place(line: Line) -> tuple[object, ...]:
    said = map(line.texts.get, ("outcome", "instrument", "rating", "time"))
    return (*said, line.numbers.get("time_weeks"), line.numbers.get("months"))


def in_months(weeks: float) -> float:
    """Return weeks in months: weeks x 7 / 30.4375."""
    return round(weeks * 7 / _DAYS_IN_A_MONTH, 3)


def _draft(line: Line) -> MeasurementDraft:
    texts, weeks, months = line.texts, line.numbers.get("time_weeks"), line.numbers.get("months")
    if months is None and weeks is not None and weeks >= 0:
        months = in_months(weeks)
    return MeasurementDraft(
        line.row,
        texts["outcome"],
        instrument=texts.get("instrument"),
        instrument_detail=texts.get("rating"),
        time=_joined(texts.get("time"), None if weeks is None else _weeks(weeks)),
        months=months,
        favours_low=BETTER.get(texts.get("better", "")),
    )


def _result(line: Line, name: str, kind: str, values: _Values) -> ArmResultDraft:
    draft = ArmResultDraft(line.row, name, note=_analysed(line))
    if kind == "event":
        draft.events, draft.n = _whole(values[0]), _whole(values[1])
    else:
        draft.mean, draft.sd, draft.n = values[0], values[1], _whole(values[2])
    return draft


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _weeks(weeks: float) -> str:
    return f"{weeks:.10g} {'week' if weeks == 1 else 'weeks'}"


def _sizes(line: Line) -> tuple[int, int] | None:
    """Return the sizes of both arms, None where a row does not give them."""
    for part in ("n", "n_change", "totaln"):
        first, second = (line.count(f"{part}_arm{arm}") for arm in ARMS)
        if first and second:
            return first, second
    return None


def _left_out(columns: list[str]) -> str:
    return f"{' and '.join(columns)} {'was' if len(columns) == 1 else 'were'} left out"


def _comparison(draft: ContrastDraft) -> tuple[object, ...]:
    """Return what tells a comparison from others of its measurement."""
    arms = draft.arm, draft.comparator
    return *arms, draft.statistic, draft.adjusted, draft.analysis, draft.note


def _told(draft: ContrastDraft) -> str:
    se = "" if draft.se is None else f" (SE {draft.se:.6g})"
    return f"{draft.statistic} {draft.estimate:.6g}{se}"


def _contrast(line: Line, names: Names, effect: Effect) -> ContrastDraft:
    source, sizes = line.texts.get("effect_source", ""), _sizes(line)
    return ContrastDraft(
        line.row,
        *names,
        effect.statistic,
        estimate=effect.estimate,
        se=effect.se,
        n=sum(sizes) if sizes else None,
        adjusted="adjusted" in source.casefold(),
        analysis="change from baseline" if effect.of_change or source == "Change" else None,
        derivation=effect.derivation,
        note=_analysed(line),
    )


def _analysed(line: Line) -> str | None:
    words = line.texts.get("analysed")
    return f"Analysed, in the file's word: {words}." if words else None


def _joined(*words: str | None) -> str | None:
    return ", ".join(word for word in words if word) or None
