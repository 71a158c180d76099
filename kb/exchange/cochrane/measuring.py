"""The data rows of analyses as measurements of their studies, each taken once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import exp, sqrt

from kb.exchange.cochrane.analyses import Analysis, ArmData, DataRow, DataType
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

_Values = tuple[object, ...]


@dataclass
class Measured:
    """The studies of a review, taking in what its analyses say of them.

    The data of a study often stand in several analyses: once more with another model or measure,
    or for a subgroup. The same data are taken once. Other data of the same outcome and arms are
    told apart by their subgroup as the population, and by the number of the analysis where that is
    not enough. `favours_low` is said of all outcomes; where it is None, the analyses tell.
    """

    studies: dict[str, StudyDraft]
    favours_low: bool | None = None
    notes: list[Note] = field(default_factory=list)
    _seen: dict[_Values, tuple[str, int]] = field(default_factory=dict)
    _ends: dict[str, set[bool]] = field(default_factory=dict)
    _held: dict[_Values, _Values] = field(default_factory=dict)

    def take(self, analyses: Iterable[Analysis]) -> None:
        """Take in analyses, in their order."""
        analyses = list(analyses)
        self._learn_directions(analyses)
        for analysis in analyses:
            for row in analysis.rows:
                self._take(analysis, row)

    def _take(self, analysis: Analysis, row: DataRow) -> None:
        study = self.studies.get(row.study)
        if study is None:
            study = self.studies[row.study] = StudyDraft(row.row, row.study)
        wrong = row.wrong or _lacking(analysis, row)
        if wrong:
            self._say(row, Fate.REFUSED, "no data", f"{_place(analysis, row)}: {wrong}.")
            return
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
        self._warn(analysis, row)

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
        here = (analysis.number, row.row)
        first = self._seen.setdefault(data, here)
        if not drafts or first == here:
            return False
        message = f"{_place(analysis, row)} has the data of analysis {first[0]} again."
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

    def _warn(self, analysis: Analysis, row: DataRow) -> None:
        arms = (row.experimental, row.control)
        if analysis.data_type == DataType.CONTINUOUS and any(_no_sd(arm) for arm in arms):
            message = (
                f"{_place(analysis, row)} has a standard deviation of 0, which RevMan writes where "
                "none was entered; none is stored."
            )
            self._say(row, Fate.WARNED, "no standard deviation", message)
        if analysis.swapped and row is analysis.rows[0]:
            message = (
                f"Analysis {analysis.title} counts those without the event; what is stored are the "
                "events as they were entered."
            )
            self._say(row, Fate.WARNED, "events swapped", message)

    def _say(self, row: DataRow, fate: Fate, rule: str, message: str) -> None:
        self.notes.append(Note(row.row, "", fate, rule, message))


def _place(analysis: Analysis, row: DataRow) -> str:
    return f"Analysis {analysis.number}, {quoted(row.study)}"


def _outcome(row: DataRow, analysis: Analysis) -> str:
    return f"{row.study}\0{analysis.name.casefold()}"


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
    name = printable(analysis.name)
    for known in study.measurements:
        if known.outcome.casefold() == name.casefold():
            return known
    study.measurements.append(MeasurementDraft(row.row, name))
    return study.measurements[-1]


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
            made = [_arm_result(row, arm, data, means=True) for arm, data in pairs]
        case DataType.LOG_RANK if any(data.events for _, data in pairs):
            made = [_arm_result(row, arm, data, events=data.events) for arm, data in pairs]
        case _:
            made = []
    return [each for each in made if each.n]


def _arm_result(
    row: DataRow, arm: str, data: ArmData, *, events: int | None = None, means: bool = False
) -> ArmResultDraft:
    empty = means and _no_sd(data) and not data.mean
    return ArmResultDraft(
        row.row,
        arm,
        row.subgroup,
        n=data.n,
        events=events,
        mean=data.mean if means and not empty else None,
        sd=data.sd if means and not _no_sd(data) else None,
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
    printed = row.ci_low is not None and row.ci_high is not None and row.ci_low < row.ci_high
    yield ContrastDraft(
        row.row,
        experimental,
        control,
        analysis.measure.statistic,
        estimate=exp(estimate) if ratio else estimate,
        se=se,
        ci_low=row.ci_low if printed else None,
        ci_high=row.ci_high if printed else None,
        ci_level=analysis.study_level if printed else None,
        n=people or None,
        population=row.subgroup,
        derivation=_derivation(row, estimate, log_rank=log_rank) if ratio or log_rank else None,
        note=row.note,
    )


def _derivation(row: DataRow, estimate: float, *, log_rank: bool) -> DerivationDraft:
    if log_rank:
        formula = "exp((O - E) / V), standard error of the logarithm 1 / sqrt(V)"
        return DerivationDraft(formula, f"O - E = {row.o_minus_e}, V = {row.v}")
    return DerivationDraft("exp(logarithm)", f"logarithm {estimate}")


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
