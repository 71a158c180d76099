"""How far a pooled effect depends on single trials, their order and size, and the estimator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from kb.pooling.analysing.engine import engine_errors
from kb.pooling.analysing.units import effects_of, units_of
from kb.pooling.answer import PooledAnswer
from kb.pooling.options import COUNT_METHODS, RANDOM_MH, PoolOptions, method_in_words
from kb.pooling.sensitivities.attempts import Attempts
from kb.pooling.sensitivities.data import parts_as_dict
from kb.pooling.sensitivities.small_study import SmallStudy, small_study_effects
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import Estimate
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.options import COMMON_EFFECT, METHODS
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.baujat import Baujat, baujat
from kb.synthesis.sensitivity.cumulative import Cumulative, cumulative
from kb.synthesis.sensitivity.influence import Influence, influence
from kb.synthesis.sensitivity.leave_one_out import LeaveOneOut, leave_one_out

_STAND_INS = {**dict.fromkeys(COUNT_METHODS, COMMON_EFFECT), RANDOM_MH: "DL"}
"""What stands in the place of methods that pool counts, in parts that are made of effects."""

_STANDING_IN = {
    COMMON_EFFECT: "common effect by inverse variance",
    "DL": "mean of random effects by DerSimonian-Laird",
}

_HARTUNG_KNAPP = {"knha", "adhoc"}


@dataclass(frozen=True)
class EstimatorRow:
    """The pooled effect by one estimator of tau²; `test` is how its interval was made."""

    method: str
    test: str
    estimate: Estimate
    heterogeneity: Heterogeneity


@dataclass(frozen=True)
class Sensitivity:
    """A pooled answer with what it depends on. A part that cannot be made is None; a note says why.

    Attributes:
        answer: the pooled answer.
        effects: what all parts are made of, one effect per trial; None where nothing is pooled.
        method: the estimator of tau² in all parts but `estimators`.
        leave_one_out: the pooled effect without each trial in turn.
        cumulative: the pooled effect as the trials come in, by year, then by name.
        influence: what each trial does to the pooled effect.
        baujat: each trial's part in the heterogeneity against its influence on the mean.
        estimators: the pooled effect by every estimator of tau².
        small_study: whether small trials show other effects than large ones.
        notes: what keeps a part from being made, and where the parts differ from the answer.
    """

    answer: PooledAnswer
    effects: Effects | None = None
    method: str = ""
    leave_one_out: LeaveOneOut | None = None
    cumulative: Cumulative | None = None
    influence: Influence | None = None
    baujat: Baujat | None = None
    estimators: tuple[EstimatorRow, ...] = ()
    small_study: SmallStudy | None = None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as `--format json` prints it; null, never NaN."""
        answer = self.answer.as_dict()
        question = {
            **answer["question"],
            "subject": "sensitivity",
            "command": self.answer.command("sensitivity"),
        }
        return {
            "question": question,
            **{part: answer[part] for part in ("verdict", "result", "back")},
            "sensitivity": parts_as_dict(self),
            "notes": list(self.notes),
            **{part: answer[part] for part in ("left_out", "data")},
        }


def sensitivity(answer: PooledAnswer) -> Sensitivity:
    """Return what a pooled answer depends on, by its own method, test and level.

    Where the answer's method is none of `METHODS`, the parts stand in for it as well as they can,
    and a note says so: by the common effect for Mantel-Haenszel and Peto, by DerSimonian and Laird
    for random effects about the Mantel-Haenszel estimate, and by one averaged effect per trial for
    models of dependent effects.
    """
    if answer.analysis is None or not answer.verdict.is_poolable:
        nothing = "Nothing is pooled here, so there is nothing to vary; see the verdict."
        return Sensitivity(answer, notes=(nothing,))
    options = answer.options
    method = _STAND_INS.get(options.method, options.method)
    effects, years = _one_per_trial(answer)
    made = Attempts(_stand_ins(options))
    test, level = _test(method, options.test), options.share
    whole = made(partial(leave_one_out, effects, method=method, test=test, level=level))
    steps = made(partial(_by_year, effects, years, method=method, test=test, level=level))
    influences = made(partial(influence, effects, method=method))
    points = made(partial(baujat, effects, method=method))
    rows = [made(partial(_by_estimator, effects, code, options)) for code in METHODS]
    small = made(partial(small_study_effects, effects, method=method, test=test, level=level))
    return Sensitivity(
        answer=answer,
        effects=effects,
        method=method,
        leave_one_out=whole,
        cumulative=steps,
        influence=influences,
        baujat=points,
        estimators=tuple(row for row in rows if row),
        small_study=small,
        notes=tuple(dict.fromkeys([*made.notes, *_undated(effects, years)])),
    )


def _one_per_trial(answer: PooledAnswer) -> tuple[Effects, list[int | None]]:
    """Return one effect per trial, and the years of the trials."""
    selection, options = answer.selection, answer.options
    if options.dependence != "one":
        options = replace(options, dependence="aggregate")
    with engine_errors():
        units = units_of(selection, effects_of(selection), options)
    return units.effects, [selection.entries[members[0]].year for members in units.members]


def _stand_ins(options: PoolOptions) -> list[str]:
    notes = []
    if options.method in COUNT_METHODS:
        notes.append(
            f"The {_STANDING_IN[_STAND_INS[options.method]]} stands here in the place of "
            f"{method_in_words(options.method)}; the two may differ where events are rare."
        )
    if options.dependence != "one":
        notes.append(
            f"The effects of a trial are averaged with a correlation of {options.rho:g}, and "
            "trials are left out as a whole."
        )
    if options.subgroup or options.moderators:
        notes.append("All parts are of the pooled effect of all trials, whatever their subgroup.")
    return notes


def _test(method: str, test: str) -> str:
    """Return the test, or the normal in place of Hartung and Knapp's for a common effect."""
    return "z" if method == COMMON_EFFECT and test in _HARTUNG_KNAPP else test


def _by_year(
    effects: Effects, years: Sequence[int | None], *, method: str, test: str, level: float
) -> Cumulative:
    """Return the cumulative analysis by year, then by name; trials without a year come last."""
    order = sorted(range(effects.k), key=partial(_place, effects, years))
    found = cumulative(effects.take(order), method=method, test=test, level=level)
    steps = zip(found.steps, order, strict=True)
    return replace(found, steps=tuple(replace(step, key=years[i]) for step, i in steps))


def _place(effects: Effects, years: Sequence[int | None], i: int) -> tuple[bool, int, str]:
    year = years[i]
    return (True, 0, "") if year is None else (False, year, effects.labels[i])


def _undated(effects: Effects, years: Sequence[int | None]) -> list[str]:
    undated = [label for label, year in zip(effects.labels, years, strict=True) if year is None]
    if not undated:
        return []
    if len(undated) == effects.k:
        return ["The trials have no years, so they come in as they stand in the table."]
    return [f"Without a year, and so the last to come in: {', '.join(undated)}."]


def _by_estimator(effects: Effects, method: str, options: PoolOptions) -> EstimatorRow:
    test = _test(method, options.test)
    found = pool(effects, method=method, test=test, level=options.share)
    return EstimatorRow(method, found.test, found.estimate, found.heterogeneity)
