"""What the rows of one study measured: rows that tell of one measurement are brought together."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kb.exchange.comparisons import ARMS
from kb.exchange.comparisons.effects import Effect
from kb.exchange.drafts import ArmResultDraft, ContrastDraft, MeasurementDraft
from kb.exchange.files import quoted
from kb.exchange.tabular.spool import Line

DAYS_IN_A_MONTH = 30.4375
BETTER = {"lower": True, "higher": False}
"""Words for the better end of a scale, and whether that is the lower one."""

_KINDS = (("mean", "sd", "n"), ("event", "totaln"))

Warn = Callable[[Line, str, str, str], None]
"""Keeps a note on a row: its column, the kind of thing, and what to say."""

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


class Measurements:
    """The measurements of a study, each with what its arms showed, once."""

    def __init__(self, warn: Warn) -> None:
        self.drafts: list[MeasurementDraft] = []
        self._warn = warn
        self._slots: dict[tuple[object, ...], list[_Slot]] = {}
        self._told_apart: set[tuple[object, ...]] = set()

    def add(self, line: Line, names: tuple[str | None, str | None], effect: Effect | None) -> None:
        """Take in a row that compares two arms; `effect` is what it gives beside their results."""
        shown = self._shown(line, names)
        slot = self._slot(line, names, shown)
        for key, values in shown.items():
            slot.add(line, key, values)
        arms = dict.fromkeys(name for name, _ in shown)
        if effect is not None:
            slot.draft.contrasts.append(_contrast(line, names, effect))
        elif len(arms) < len(ARMS):
            said = f"It has values of {quoted(*arms)} alone" if arms else "It gives no value"
            message = f"{said}; that the outcome was measured is kept."
            self._warn(line, "", "no comparison", message)

    def _shown(self, line: Line, names: tuple[str | None, str | None]) -> _Shown:
        """Return what the arms showed: mean, SD and n, or events and n."""
        shown: _Shown = {}
        for arm, name in zip(ARMS, names, strict=True):
            for kind, *rest in _KINDS:
                columns = [f"{part}_arm{arm}" for part in (kind, *rest)]
                values = tuple(map(line.numbers.get, columns))
                if name is not None and values[0] is not None:
                    shown[name, kind] = values
                elif any(value is not None for value in values):
                    message = f"Without {columns[0]}, {' and '.join(columns[1:])} were left out."
                    self._warn(line, columns[0], "half a result", message)
        return shown

    def _slot(self, line: Line, names: tuple[str | None, ...], shown: _Shown) -> _Slot:
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

    def _telling_apart(
        self, place: tuple[object, ...], line: Line, names: tuple[str | None, ...]
    ) -> str:
        """Return words for a further measurement in a place, others for each."""
        comparison = " v ".join(name or "no name" for name in names)
        words = [line.texts.get("analysed", comparison), comparison]
        words += [f"{comparison}, {len(self._slots[place]) + 1}"]
        detail = next(each for each in words if (place, each) not in self._told_apart)
        self._told_apart.add((place, detail))
        return detail


def _place(line: Line) -> tuple[object, ...]:
    said = map(line.texts.get, ("outcome", "instrument", "rating", "time"))
    return (*said, line.numbers.get("time_weeks"))


def _draft(line: Line) -> MeasurementDraft:
    texts, weeks = line.texts, line.numbers.get("time_weeks")
    return MeasurementDraft(
        line.row,
        texts["outcome"],
        instrument=texts.get("instrument"),
        instrument_detail=texts.get("rating"),
        time=_joined(texts.get("time"), None if weeks is None else f"{weeks:.10g} weeks"),
        months=None if weeks is None or weeks < 0 else round(weeks * 7 / DAYS_IN_A_MONTH, 3),
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


def _contrast(line: Line, names: tuple[str | None, str | None], effect: Effect) -> ContrastDraft:
    source = line.texts.get("effect_source", "")
    sizes = [line.count(f"{part}_arm{arm}") for part in ("n", "n_change", "totaln") for arm in ARMS]
    pair = next((pair for pair in zip(sizes[::2], sizes[1::2], strict=True) if all(pair)), None)
    return ContrastDraft(
        line.row,
        *names,
        effect.statistic,
        estimate=effect.estimate,
        se=effect.se,
        n=sum(n for n in pair if n) if pair else None,
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
