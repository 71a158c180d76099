"""The data rows of analyses as measurements of their studies, each taken once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import exp, isclose, log, sqrt
from statistics import NormalDist

from kb.exchange.cochrane.analyses import Analysis, ArmData, DataRow, DataType
from kb.exchange.cochrane.units import units_of
from kb.exchange.drafts import (
    ArmDraft,
    ArmResultDraft,
    ContrastDraft,
    DerivationDraft,
    Fate,
    MeasurementDraft,
    Note,
    StudyDraft,
)
from kb.exchange.files import printable, quoted

MOST_LOGARITHM = 700
_ROUNDED = 0.02
"""How far the width of a printed interval may be from that of its standard error."""

_Values = tuple[object, ...]


@dataclass
class Measured:
    """The studies of a review, taking in what its analyses say of them.

    The data of a study often stand in several analyses: once more with another model or measure,
    or for a subgroup. The same data are taken once. Other data of the same outcome and arms are
    told apart by their subgroup as the population, and by the number of the analysis where that is
    not enough. A subgroup of an analysis with a total is no population where the study has no other
    data: it groups studies. `favours_low` is said of all outcomes; where it is None, the analyses
    tell.
    """

    studies: dict[str, StudyDraft]
    favours_low: bool | None = None
    notes: list[Note] = field(default_factory=list)
    _seen: dict[_Values, tuple[str, list[ArmResultDraft | ContrastDraft]]] = field(
        default_factory=dict
    )
    _ends: dict[str, set[bool]] = field(default_factory=dict)
    _held: dict[_Values, _Values] = field(default_factory=dict)
    _data: dict[_Values, set[_Values]] = field(default_factory=dict)

    def take(self, analyses: Iterable[Analysis]) -> None:
        """Take in analyses, in their order."""
        analyses = list(analyses)
        self._learn_directions(analyses)
        analyses = [
            replace(analysis, units=unit or "")
            for analysis, unit in zip(analyses, units_of(analyses), strict=True)
        ]
        self.notes += [_empty(analysis) for analysis in analyses if not analysis.rows]
        self.notes += [_swapped(each) for each in analyses if each.swapped and each.rows]
        for analysis in analyses:
            for row in analysis.rows:
                self._data.setdefault(_of_study(row, analysis), set()).add(_entered(row))
        for analysis in analyses:
            for row in analysis.rows:
                self._take(analysis, row)

    def _take(self, analysis: Analysis, row: DataRow) -> None:
        wrong = row.wrong or _lacking(analysis, row)
        if wrong:
            self._say(row, Fate.REFUSED, "no data", f"{_place(analysis, row)}: {wrong}.")
            return
        study = self._study(analysis, row)
        if row.subgroup and self._is_whole(analysis, row):
            said = f"in the subgroup '{row.subgroup}' of analysis {analysis.number}"
            note = f"{row.note}; {said}" if row.note else said
            row = replace(row, subgroup=None, note=note)
        results, contrasts = _results(analysis, row), list(_contrasts(analysis, row))
        if self._again(analysis, row, [*results, *contrasts]):
            return
        study.words[row.row] = row.words
        measurement = _measurement(study, analysis, row)
        measurement.favours_low = self._direction(analysis)
        if results or contrasts:
            _add_arms(study, analysis, row)
        self._tell_apart(analysis, row, [*results, *contrasts])
        measurement.arm_results += [each for each in results if self._new(row, analysis, each)]
        measurement.contrasts += [each for each in contrasts if self._new(row, analysis, each)]
        self._warn(analysis, row, contrasts)

    def _study(self, analysis: Analysis, row: DataRow) -> StudyDraft:
        """Return the study of a row; one that the file does not list is known by its data."""
        if row.study not in self.studies:
            self.studies[row.study] = StudyDraft(row.row, row.study)
            message = (
                f"{_place(analysis, row)} is none of the studies that the file lists as included."
            )
            self._say(row, Fate.WARNED, "study not listed", message)
        return self.studies[row.study]

    def _is_whole(self, analysis: Analysis, row: DataRow) -> bool:
        """Return whether a row in a subgroup is on the whole study, as far as the file tells."""
        pooled = analysis.overall is not None and row.in_overall
        return pooled and len(self._data[_of_study(row, analysis)]) == 1

    def _learn_directions(self, analyses: list[Analysis]) -> None:
        """Learn which end of every outcome is better; nothing, where two analyses contradict."""
        for analysis in analyses:
            ends = self._ends.setdefault(analysis.name.casefold(), set())
            if self.favours_low is not None:
                ends.add(self.favours_low)
            elif analysis.favours_low is not None:
                ends.add(analysis.favours_low)
                if len(ends) > 1:
                    message = f"Analysis {analysis.title} favours another end than one before."
                    note = Note(analysis.row, "", Fate.WARNED, "direction not clear", message)
                    self.notes.append(note)

    def _direction(self, analysis: Analysis) -> bool | None:
        ends = self._ends[analysis.name.casefold()]
        return next(iter(ends)) if len(ends) == 1 else None

    def _again(
        self, analysis: Analysis, row: DataRow, drafts: list[ArmResultDraft | ContrastDraft]
    ) -> bool:
        """Return whether these data were taken already, and say so."""
        data = (_outcome(row, analysis), *(_values(each) for each in drafts))
        number, first = self._seen.setdefault(data, (analysis.number, drafts))
        if not drafts or first is drafts:
            return False
        for known, again in zip(first, drafts, strict=True):
            if isinstance(known, ArmResultDraft) and isinstance(again, ArmResultDraft):
                known.unit = known.unit or again.unit
        message = f"{_place(analysis, row)} has the data of analysis {number} again."
        self._say(row, Fate.REFUSED, "same data again", message)
        return True

    def _tell_apart(
        self, analysis: Analysis, row: DataRow, drafts: list[ArmResultDraft | ContrastDraft]
    ) -> None:
        """Give data that differ from others of the same outcome and arms a population of theirs."""
        places = [(_outcome(row, analysis), _key(each)) for each in drafts]
        if all(
            self._held.get(place, _values(each)) == _values(each)
            for place, each in zip(places, drafts, strict=True)
        ):
            return
        apart = f"analysis {analysis.number}"
        for each in drafts:
            each.population = f"{each.population}; {apart}" if each.population else apart
        message = (
            f"{_place(analysis, row)} has other data for the same outcome and arms than an "
            f"analysis before; they are kept apart as of '{drafts[0].population}'."
        )
        self._say(row, Fate.WARNED, "other data for the same", message)

    def _new(self, row: DataRow, analysis: Analysis, draft: ArmResultDraft | ContrastDraft) -> bool:
        """Return whether the study has no such result yet, and remember it."""
        place = (_outcome(row, analysis), _key(draft))
        known = place in self._held
        self._held[place] = _values(draft)
        return not known

    def _warn(self, analysis: Analysis, row: DataRow, contrasts: list[ContrastDraft]) -> None:
        arms = (row.experimental, row.control)
        if analysis.data_type == DataType.CONTINUOUS and any(_no_sd(arm) for arm in arms):
            message = (
                f"{_place(analysis, row)} has a standard deviation of 0, which RevMan writes where "
                "none was entered; none is stored."
            )
            self._say(row, Fate.WARNED, "no standard deviation", message)
        if any(_contradicts(analysis, row, each) for each in contrasts):
            message = (
                f"{_place(analysis, row)} has an interval that its standard error does not give; "
                "the standard error counts."
            )
            self._say(row, Fate.WARNED, "interval and error contradict", message)

    def _say(self, row: DataRow, fate: Fate, rule: str, message: str) -> None:
        self.notes.append(Note(row.row, "", fate, rule, message))


def _empty(analysis: Analysis) -> Note:
    message = f"Analysis {analysis.title} has no data."
    return Note(0, "", Fate.EXPLAINED, "analysis without data", message)


def _swapped(analysis: Analysis) -> Note:
    message = (
        f"Analysis {analysis.title} counts those without the event; what is stored are the events "
        "as they were entered."
    )
    return Note(analysis.row, "", Fate.WARNED, "events swapped", message)


def _place(analysis: Analysis, row: DataRow) -> str:
    return f"Analysis {analysis.number}, {quoted(row.study)}"


def _outcome(row: DataRow, analysis: Analysis) -> str:
    return f"{row.study}\0{analysis.name.casefold()}"


def _of_study(row: DataRow, analysis: Analysis) -> _Values:
    """Return what rows share that are on one outcome and comparison of a study."""
    return _outcome(row, analysis), analysis.arms, analysis.data_type


def _entered(row: DataRow) -> _Values:
    return row.experimental, row.control, row.yi, row.sei, row.o_minus_e, row.v


def _lacking(analysis: Analysis, row: DataRow) -> str | None:
    """Return what a row needs for its kind of data and has not."""
    match analysis.data_type:
        case DataType.DICHOTOMOUS | DataType.CONTINUOUS:
            if not row.has_arms and _of_estimate(row) is None:
                return "there is nobody in either arm"
        case DataType.GENERIC:
            return _without_contrast(analysis, _of_estimate(row), "estimate with a standard error")
        case DataType.LOG_RANK:
            return _without_contrast(analysis, _of_log_rank(row), "O-E with its variance")
    return None


def _without_contrast(
    analysis: Analysis, effect: tuple[float, float] | None, needed: str
) -> str | None:
    """Return why a row has no comparison of its arms to store."""
    if effect is None:
        return f"there is no {needed}"
    if analysis.measure is None:
        return f"the base has no statistic for {quoted(analysis.effect)}"
    if analysis.measure.is_ratio and abs(effect[0]) > MOST_LOGARITHM:
        return f"{effect[0]:g} is too large for the logarithm of a ratio"
    return None


def _of_estimate(row: DataRow) -> tuple[float, float] | None:
    """Return the estimate and its standard error, where both were entered."""
    return (row.yi, row.sei) if row.yi is not None and row.sei and row.sei > 0 else None


def _of_log_rank(row: DataRow) -> tuple[float, float] | None:
    """Return the log hazard ratio (O - E) / V and its standard error, where both were entered."""
    if row.o_minus_e is None or not row.v or row.v < 0:
        return None
    return row.o_minus_e / row.v, 1 / sqrt(row.v)


def _measurement(study: StudyDraft, analysis: Analysis, row: DataRow) -> MeasurementDraft:
    """Return the study's measurement of the outcome, a new one where it has none."""
    name, unit = printable(analysis.name), _unit_of_differences(analysis)
    for known in study.measurements:
        if known.outcome.casefold() == name.casefold() and known.instrument_detail == unit:
            return known
    study.measurements.append(MeasurementDraft(row.row, name, instrument_detail=unit))
    return study.measurements[-1]


def _unit_of_differences(analysis: Analysis) -> str | None:
    """Return in what mean differences are that were entered as such: arms would tell their unit."""
    if analysis.data_type != DataType.GENERIC or not analysis.units:
        return None
    return f"unit: {analysis.units}"


def _add_arms(study: StudyDraft, analysis: Analysis, row: DataRow) -> None:
    known = {arm.name for arm in study.arms}
    for name, role in zip(analysis.arms, ("intervention", "control"), strict=True):
        if name not in known:
            study.arms.append(ArmDraft(row.row, name, role))


def _results(analysis: Analysis, row: DataRow) -> list[ArmResultDraft]:
    """Return what the arms showed, where counts or means were entered."""
    pairs = list(zip(analysis.arms, (row.experimental, row.control), strict=True))
    match analysis.data_type:
        case DataType.DICHOTOMOUS:
            made = [_arm_result(row, arm, data, events=data.events) for arm, data in pairs]
        case DataType.CONTINUOUS:
            made = [_arm_result(row, arm, data, unit=analysis.units or None) for arm, data in pairs]
        case DataType.LOG_RANK if any(data.events for _, data in pairs):
            made = [_arm_result(row, arm, data, events=data.events) for arm, data in pairs]
        case _:
            made = []
    return [each for each in made if each.n]


def _arm_result(
    row: DataRow, arm: str, data: ArmData, *, events: int | None = None, unit: str | None = None
) -> ArmResultDraft:
    """Return what an arm showed; RevMan writes 0 for a mean that was not entered."""
    empty = not data.sd and not data.mean
    return ArmResultDraft(
        row.row,
        arm,
        row.subgroup,
        n=data.n,
        events=events,
        mean=None if empty or events is not None else data.mean,
        sd=None if events is not None else data.sd or None,
        unit=unit,
        note=row.note,
    )


def _no_sd(arm: ArmData) -> bool:
    return bool(arm.n) and not arm.sd


def _contrasts(analysis: Analysis, row: DataRow) -> Iterator[ContrastDraft]:
    """Yield the comparison of the arms, where one was entered rather than counts or means."""
    log_rank = analysis.data_type == DataType.LOG_RANK
    entered = analysis.data_type == DataType.GENERIC or not row.has_arms
    effect = _of_log_rank(row) if log_rank else _of_estimate(row) if entered else None
    if effect is None or analysis.measure is None:
        return
    estimate, se = effect
    ratio = analysis.measure.is_ratio
    experimental, control = analysis.arms
    people = (row.experimental.n or 0) + (row.control.n or 0)
    interval = _interval(analysis, row, effect)
    yield ContrastDraft(
        row.row,
        experimental,
        control,
        analysis.measure.statistic,
        estimate=exp(estimate) if ratio else estimate,
        se=se,
        ci_low=interval and interval[0],
        ci_high=interval and interval[1],
        ci_level=analysis.study_level if interval else None,
        n=people or None,
        population=row.subgroup,
        derivation=_derivation(row, estimate, log_rank=log_rank) if ratio or log_rank else None,
        note=row.note,
    )


def _interval(
    analysis: Analysis, row: DataRow, effect: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the interval of an effect: as printed, but of a ratio to all digits.

    What is pooled of a ratio comes from its interval, and files round it.
    """
    if analysis.measure is not None and analysis.measure.is_ratio:
        reach = NormalDist().inv_cdf(0.5 + analysis.study_level / 200) * effect[1]
        ends = effect[0] - reach, effect[0] + reach
        return (exp(ends[0]), exp(ends[1])) if max(map(abs, ends)) < MOST_LOGARITHM else None
    if row.ci_low is None or row.ci_high is None or row.ci_low >= row.ci_high:
        return None
    return row.ci_low, row.ci_high


def _contradicts(analysis: Analysis, row: DataRow, contrast: ContrastDraft) -> bool:
    """Return whether the printed interval is of another width than the standard error gives."""
    low, high, se = row.ci_low, row.ci_high, contrast.se
    if low is None or high is None or se is None or low >= high:
        return False
    ratio = analysis.measure is not None and analysis.measure.is_ratio
    if ratio and low <= 0:
        return True
    width = log(high / low) if ratio else high - low
    expected = 2 * NormalDist().inv_cdf(0.5 + analysis.study_level / 200) * se
    return not isclose(width, expected, rel_tol=_ROUNDED)


def _derivation(row: DataRow, estimate: float, *, log_rank: bool) -> DerivationDraft:
    interval = "its interval exp(logarithm ± z · standard error)"
    if log_rank:
        formula = f"exp((O - E) / V), standard error of the logarithm 1 / sqrt(V); {interval}"
        return DerivationDraft(formula, f"O - E = {row.o_minus_e}, V = {row.v}")
    formula = f"exp(logarithm); {interval}"
    return DerivationDraft(formula, f"logarithm {estimate}, standard error {row.sei}")


def _key(draft: ArmResultDraft | ContrastDraft) -> _Values:
    """Return what makes a result one and the same place of a measurement."""
    if isinstance(draft, ArmResultDraft):
        return draft.arm, draft.population
    return draft.arm, draft.comparator, draft.statistic, draft.population


def _values(draft: ArmResultDraft | ContrastDraft) -> _Values:
    """Return the data of a result, without the population."""
    if isinstance(draft, ArmResultDraft):
        return draft.arm, draft.n, draft.events, draft.mean, draft.sd
    return draft.arm, draft.comparator, draft.statistic, draft.estimate, draft.se
