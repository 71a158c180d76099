"""GRADE's summary of findings: a row for each outcome, with its certainty as people rated it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kb.answer import LeftOut
from kb.base import Base, DataState, Record
from kb.certainty.absolute import FORMULAE, AbsoluteEffect, absolute_effect, event_of
from kb.certainty.baselines import Baseline, baselines
from kb.certainty.points import important_differences, in_points
from kb.certainty.ratings import ratings
from kb.certainty.suggestions import Evidence, Suggestion, suggestions
from kb.pooling.answer import PooledAnswer
from kb.pooling.naming import with_article
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.question import Criterion, Question
from kb.selection import values
from kb.store.lists import among
from kb.store.relations import measurement, risk_of_bias

if TYPE_CHECKING:
    import pandas as pd

PAGE = 10
"""So many outcomes are shown where none is named."""

_NOTHING = "No study in the store meets what was asked, or none of them measured anything."

_Effect = tuple[float, float, float]


@dataclass(frozen=True)
class OutcomeRow:
    """What is found on one outcome.

    Attributes:
        key, name: the outcome.
        holds: the names of the outcomes below it that were measured, which count as it.
        answer: its pooled answer: verdict, effects and directions of effect.
        effect: the pooled estimate with its limits as a reader knows them; None where not pooled.
        absolute: the same as a difference of risk, for each risk without the intervention.
        important: minimal important differences of its instrument, for a difference of means.
        points: a standardised difference in the points of instruments.
        ratings: the certainty as people entered it, a record each (`kb.certainty.ratings`): of this
            outcome, and of those below it.
        suggestions: what the numbers suggest where no rating of this outcome is entered.
    """

    key: str
    name: str
    holds: tuple[str, ...]
    answer: PooledAnswer
    effect: _Effect | None
    absolute: tuple[AbsoluteEffect, ...]
    important: tuple[Record, ...]
    points: tuple[Record, ...]
    ratings: tuple[Record, ...]
    suggestions: tuple[Suggestion, ...]

    @cached_property
    def trials(self) -> Mapping[str, str]:
        """The labels of the trials behind it, by key: of those pooled, else of the directions."""
        return _trials(self.answer)

    @property
    def participants(self) -> tuple[int | None, int]:
        """The participants of the trials of whom the number is known, and how many trials that is.

        They are those in the effects, or else in the findings on a direction.
        """
        return _participants(self.answer)

    @property
    def measure(self) -> str | None:
        """What was pooled, in words."""
        analysis = self.answer.analysis
        return analysis.measure.reported if self.effect and analysis else None

    @property
    def times(self) -> tuple[str, ...]:
        """When it was measured, as far as that is said."""
        times = (
            [entry.time for entry in self.answer.entries]
            if self.effect
            else [row["time"] for row in self.answer.selection.directions]
        )
        return tuple(dict.fromkeys(time for time in times if time))

    @property
    def directions(self) -> dict[str, list[Record]]:
        """The trials that are not pooled, by the direction of their findings.

        Records have study, label, passages, and of: what else a finding is of than the outcome in
        the whole trial, in words.
        """
        pooled = self.trials if self.effect else ()
        found: dict[str, dict[str, Record]] = defaultdict(dict)
        for row in self.answer.selection.directions:
            if row["study"] in pooled:
                continue
            trial = {"study": row["study"], "label": row["label"], "of": [], "passages": []}
            trial = found[row["direction"]].setdefault(row["study"], trial)
            other = row["outcome_name"] if row["outcome"] != self.key else ""
            trial["of"] += [part for part in (other, row["apart"]) if part]
            trial["passages"].append(row["passage"])
        return {direction: list(trials.values()) for direction, trials in found.items()}

    @property
    def passages(self) -> tuple[Record, ...]:
        """The passages behind the pooled effect."""
        if not self.effect:
            return ()
        return tuple(passage for entry in self.answer.entries for passage in entry.passages)

    @property
    def is_rated(self) -> bool:
        """Whether a rating of this very outcome is entered."""
        return any(rating["outcome"] == self.key for rating in self.ratings)

    @property
    def says_anything(self) -> bool:
        """Whether there is an effect, a direction of effect or a rating."""
        return bool(self.trials) or self.is_rated

    @property
    def unpooled(self) -> str:
        """Why there is no pooled effect, and where the numbers are; "" where there is one."""
        if self.effect:
            return ""
        entries, measure = self.answer.entries, self.answer.selection.measure
        if not entries or measure is None:
            return "no trial has an effect with its variance that may enter"
        what = with_article(measure.reported)
        if self.answer.selection.trials == 1:
            return f"only {entries[0].label} has {what} with its variance: {self.answer.command()}"
        return f"{self.answer.verdict.reasons[0]} {self.answer.command()}"

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain data."""
        known, trials_known = self.participants
        return {
            "outcome": self.key,
            "outcome_name": self.name,
            "holds": list(self.holds),
            "window_months": self.answer.options.window,
            "times": list(self.times),
            "trials": len(self.trials),
            "trial_labels": list(self.trials.values()),
            "participants": known,
            "trials_of_known_participants": trials_known,
            "verdict": self.answer.verdict.as_dict(),
            "relative": self._relative(),
            "absolute": [each.as_dict() for each in self.absolute],
            "important_differences": list(self.important),
            "in_points": list(self.points),
            "passages": list(self.passages),
            "not_pooled": self.directions,
            "is_rated": self.is_rated,
            "certainty": list(self.ratings),
            "suggestions": [each.as_dict() for each in self.suggestions],
            "command": self.answer.command(),
        }

    def _relative(self) -> dict[str, Any] | None:
        if self.effect is None:
            return None
        estimate, low, high = self.effect
        return {
            "measure": self.measure,
            "estimate": estimate,
            "ci_low": low,
            "ci_high": high,
            "level": self.answer.options.level,
            "favours": self.answer.selection.favours or None,
        }


@dataclass(frozen=True)
class SummaryOfFindings:
    """The table, with what has no row and why.

    Attributes:
        question: what was asked.
        options: how effects were pooled.
        baselines: the risks without the intervention that were stated, as typed.
        rows: an outcome each.
        left_out: outcomes without a row.
        notes: what a reader must know beyond the rows.
        data: the state of the store.
    """

    question: Question
    options: PoolOptions
    baselines: tuple[str, ...]
    rows: tuple[OutcomeRow, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    data: DataState

    @property
    def command(self) -> str:
        """The command line that asks the same."""
        import shlex

        facets = [word for c in self.question.criteria for word in c.flags()]
        risks = [word for risk in self.baselines for word in ("--baseline", risk)]
        return shlex.join(["kb", "sof", *facets, *risks, *self.options.flags()])

    def as_dict(self) -> dict[str, Any]:
        """Return the table as plain data, as `--format json` prints it."""
        facets = {c.facet: c.values for c in self.question.criteria}
        return {
            "question": {
                "subject": "sof",
                "facets": facets,
                "baselines": list(self.baselines),
                "options": self.options.as_dict(),
                "command": self.command,
            },
            "answer": [row.as_dict() for row in self.rows],
            "count": len(self.rows),
            "left_out": [item.as_dict() for item in self.left_out],
            "notes": list(self.notes),
            "data": self.data.as_dict(),
        }

    def to_frame(self) -> "pd.DataFrame":
        """Return the rows as a data frame: the columns and rows of `--format csv`."""
        from kb.certainty.flat import flat_summary
        from kb.frames import frame

        return frame(flat_summary(self))


def summary_of_findings(
    base: Base, question: Question, options: PoolOptions, stated: Iterable[str] = ()
) -> SummaryOfFindings:
    """Return a row for each outcome asked for, or else for those that the studies measured.

    Without an outcome the first `PAGE` are shown: those rated, those pooled, then those of most
    trials. `stated` holds baseline risks such as `20%` or `pain=20%`. Raises `BadBaseline` for what
    is none, and `KbError` as `pool` does.
    """
    written = tuple(stated)
    risks = baselines(written, base.vocabulary)
    measured = _measured(base, question)
    criterion = question.criterion("outcome")
    named = tuple(criterion.wanted) if criterion else ()
    keys = named or dict.fromkeys([*measured, *_rated(base, question)])
    made = [_row(base, question, options, key, measured, risks) for key in keys]
    rows = [row for row in made if row.says_anything]
    left_out = [
        LeftOut(row.name, _without(row, base, measured)) for row in made if not row.says_anything
    ]
    if not named:
        rows.sort(key=lambda row: (not row.is_rated, row.effect is None, -len(row.trials)))
        left_out = [LeftOut(row.name, _beyond(row)) for row in rows[PAGE:]] + left_out
        rows = rows[:PAGE]
    return SummaryOfFindings(
        question,
        options,
        written,
        tuple(rows),
        tuple(left_out),
        tuple(_notes(rows, risks, base)) if made else (_NOTHING,),
        base.data,
    )


def _measured(base: Base, question: Question) -> dict[str, int]:
    """Return the outcomes that the studies asked for measured, with the number of studies."""
    answer = base.answer(replace(question, subject="outcomes"))
    return {row["key"]: row["studies"] for row in answer.rows}


def _rated(base: Base, question: Question) -> list[str]:
    """Return the outcomes of which a rating is entered, also where no study measured them.

    What narrows the studies leaves none, for a rating is of all that its review covers.
    """
    if question.without(["approach"]).criteria:
        return []
    entered = ratings(base, approaches=_approaches(base, question))
    return [row["outcome"] for row in entered if row["outcome"]]


def _row(
    base: Base,
    question: Question,
    options: PoolOptions,
    key: str,
    measured: Iterable[str],
    risks: Sequence[Baseline],
) -> OutcomeRow:
    answer = pool(base, _on_outcome(question, key), options)
    effect = _pooled(answer)
    below = base.vocabulary.within("outcome", [key])
    instruments = {entry.instrument for entry in answer.entries if entry.instrument}
    measure = answer.selection.measure.code if effect and answer.selection.measure else ""
    important = important_differences(base, instruments) if measure == "MD" else []
    applied = _risks(answer, key, risks) if measure in FORMULAE else []
    event = event_of(answer.selection.favours)
    entered = ratings(base, outcomes=below, approaches=_approaches(base, question))
    label = base.vocabulary.label
    made = OutcomeRow(
        key=key,
        name=label("outcome", key),
        holds=tuple(label("outcome", each) for each in measured if each in below - {key}),
        answer=answer,
        effect=effect,
        absolute=tuple(
            absolute_effect(measure, effect, risk, source, event)
            for risk, source in applied
            if effect
        ),
        important=tuple(important),
        points=tuple(in_points(base, instruments, effect))
        if effect and measure in {"SMD", "SMDH"}
        else (),
        ratings=tuple(entered),
        suggestions=(),
    )
    if made.is_rated:
        return made
    known, count = made.participants
    evidence = Evidence(
        answer=answer,
        effect=effect,
        participants=known if count == len(made.trials) else None,
        risks=applied,
        important=[row for row in important if row["unit"].startswith("points")],
        trials=made.trials,
        bias=_bias(base, made.trials, below),
    )
    return replace(made, suggestions=suggestions(evidence))


def _on_outcome(question: Question, key: str) -> Question:
    """Return the question held to one outcome, with what it excludes."""
    asked = question.criterion("outcome")
    criterion = Criterion("outcome", (key,), asked.unwanted if asked else ())
    rest = question.without(["outcome"]).criteria
    return Question("results", (*rest, criterion))


def _pooled(answer: PooledAnswer) -> _Effect | None:
    """Return the pooled effect with its limits, None where there is none that may be shown."""
    if not answer.verdict.is_poolable or answer.analysis is None:
        return None
    back = answer.analysis.back
    estimate, low, high = (back[name] for name in ("estimate", "ci_low", "ci_high"))
    return None if estimate is None or low is None or high is None else (estimate, low, high)


def _risks(answer: PooledAnswer, key: str, risks: Iterable[Baseline]) -> list[tuple[float, str]]:
    """Return the risks without the intervention, from 0 to 1, with whose they are."""
    stated = [(each.risk, f"a stated risk of {each.written}") for each in risks if each.is_for(key)]
    counts = answer.selection.counts
    if counts is None or not {"ci", "di"} <= set(counts):
        return stated
    events, total = sum(counts["ci"]), sum(counts["ci"]) + sum(counts["di"])
    if not 0 < events < total:
        return stated
    own = f"the risk in the control arms, {events:g} of {total:g}"
    return [*stated, (events / total, own)]


def _trials(answer: PooledAnswer) -> dict[str, str]:
    if answer.verdict.is_poolable:
        return {entry.study: entry.label for entry in answer.entries}
    alone = {entry.study: entry.label for entry in answer.entries}
    return alone | {row["study"]: row["label"] for row in answer.selection.directions}


def _participants(answer: PooledAnswer) -> tuple[int | None, int]:
    sizes: dict[str, int] = {}
    found = [(entry.study, entry.values.get("n")) for entry in answer.entries]
    if not answer.verdict.is_poolable:
        found += [(row["study"], row["n"]) for row in answer.selection.directions]
    for study, n in found:
        if n is not None:
            sizes[study] = max(sizes.get(study, 0), n)
    return (sum(sizes.values()) if sizes else None), len(sizes)


def _approaches(base: Base, question: Question) -> list[str] | None:
    asked = question.criterion("approach")
    return values(base, asked) if asked and asked.wanted else None


def _bias(base: Base, trials: Iterable[str], outcomes: Iterable[str]) -> dict[str, list[str]]:
    """Return the judgements on trials and on their results on these outcomes, by study."""
    from sqlalchemy import or_, select

    on = select(measurement.key).where(among(measurement.outcome_key, outcomes))
    query = (
        select(risk_of_bias.study_key, risk_of_bias.judgement)
        .where(
            among(risk_of_bias.study_key, trials),
            or_(risk_of_bias.measurement_key.is_(None), risk_of_bias.measurement_key.in_(on)),
        )
        .order_by(risk_of_bias.key)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in base.all(query):
        found[row["study_key"]].append(row["judgement"])
    return found


def _without(row: OutcomeRow, base: Base, measured: Iterable[str]) -> str:
    """Return why an outcome has no row."""
    if not base.vocabulary.within("outcome", [row.key]) & set(measured):
        return "no study asked for measured it"
    return "measured, but there is no number that may enter and no direction of effect"


def _beyond(row: OutcomeRow) -> str:
    count = len(row.trials)
    trials = "1 trial" if count == 1 else f"{count} trials"
    return f"{trials}, beyond the {PAGE} outcomes shown; --outcome {row.key} shows it"


def _notes(rows: Sequence[OutcomeRow], risks: Sequence[Baseline], base: Base) -> Iterable[str]:
    shown = {row.key for row in rows if row.absolute}
    for risk in risks:
        if risk.outcome is None and not shown:
            yield f"The baseline risk {risk.written} is not used: no outcome has a pooled ratio."
        elif risk.outcome is not None and risk.outcome not in shown:
            name = base.vocabulary.label("outcome", risk.outcome)
            yield (
                f"The baseline risk {risk.written} of {name} is not used: no ratio or difference "
                "of risks is pooled for it."
            )
    if any(row.effect and _takes_risk(row) and not row.absolute for row in rows):
        yield "An absolute effect needs a risk without the intervention: --baseline 20%."
    nested = [row for row in rows if row.holds]
    if nested:
        yield (
            "An outcome counts what is below it too, so rows may rest on the same trials: "
            + "; ".join(f"{row.name} holds {', '.join(row.holds)}" for row in nested)
            + "."
        )
    if any(row.suggestions for row in rows):
        yield (
            "Suggestions are read from numbers and are no rating. Indirectness, and whether to "
            "rate at all, only people can judge."
        )


def _takes_risk(row: OutcomeRow) -> bool:
    measure = row.answer.selection.measure
    return measure is not None and measure.code in FORMULAE
