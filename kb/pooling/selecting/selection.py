"""Which effect each trial contributes to the answer of a question, and what is set aside."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from kb.answers.shared import sizes as trial_sizes
from kb.base import Base
from kb.errors import KbError
from kb.facets import ABOUT_MEASUREMENTS
from kb.order import by_key
from kb.pooling import corrections
from kb.pooling.evidence import Entry, Selection
from kb.pooling.naming import names
from kb.pooling.options import PoolOptions, UnknownOption
from kb.pooling.selecting.candidates import Candidate, candidates, find, survival_times
from kb.pooling.selecting.cautions import cautions_of
from kb.pooling.selecting.choice import (
    Loser,
    choose,
    in_words,
    preferences,
    resort_in_words,
)
from kb.pooling.selecting.direction import TURNABLE, Ends, common_end, favours
from kb.pooling.selecting.directions import direction_rows
from kb.pooling.selecting.eligibility import Obstacle, Rules, joined
from kb.pooling.selecting.entries import COLUMNS, NUMBERS, entries_of
from kb.pooling.selecting.exclusions import check_exclusions
from kb.pooling.selecting.measure_choice import (
    GIVEN,
    SINGLE_ARM,
    most_common,
    not_given,
    other_measure,
)
from kb.pooling.selecting.scales import commonest, scale_of
from kb.pooling.selecting.set_asides import SetAsides
from kb.pooling.selecting.sizes import Sizes, randomised_by_arm, sizes_of
from kb.pooling.selecting.unlock import unlocks
from kb.pooling.selecting.variances import Effect, Failed, effects_of
from kb.pooling.selecting.wording import Wording
from kb.question import Question
from kb.selection import values
from kb.synthesis.distributions import central_quantile
from kb.synthesis.measures import MEASURES, Measure

Sized: TypeAlias = tuple[Candidate, Sizes]

_SCALE = Obstacle(
    "on another scale than most; mean differences are pooled on one",
    "--measure SMD",
    frozenset({"scale"}),
)
_SHARES = (
    "What is pooled is the share in one arm of each trial, which is named with it: no comparison "
    "with another arm."
)
_CONTRADICTS = (
    "the finding calls the difference significant and the interval of the derived variance "
    "includes no effect: they contradict each other, and the derived variance is not to be trusted"
)
_COUNTED = {"counts", "arm"}
"""The sources of effects that are made of counts."""

_MOST_COMPARED = 3
"""Of so many trials the effects that the rule does not decide between are told."""

_QUANTILE = float(central_quantile(0.95, None))
_NOT_PARALLEL = {
    "cluster-rct": "whole groups were randomised, which its variance as computed leaves out",
    "crossover-rct": "a crossover trial, computed as if its arms were different people",
}
"""Designs in which the arms are not groups of people who were randomised one by one."""


def select_effects(base: Base, question: Question, options: PoolOptions) -> Selection:
    """Return the effects that enter the pool for a question, and everything else that was found.

    Raises `UnknownOption` for a column that studies are not grouped by, and `KbError` where the
    question does not say what was measured, or where a key to be excluded does not exist.
    """
    _check(question, options)
    return _Choice(base, question, options).selection()


def _check(question: Question, options: PoolOptions) -> None:
    if not any(criterion.wanted for criterion in question.about(ABOUT_MEASUREMENTS)):
        raise KbError("What is to be pooled is not said.", "Name an outcome: --outcome survival.")
    for flag, wanted, known in (
        ("subgroup", [options.subgroup] if options.subgroup else [], COLUMNS),
        ("moderator", options.moderators, NUMBERS),
    ):
        for name in wanted:
            if name not in known:
                raise UnknownOption(
                    f"'{name}' is nothing that --{flag} takes for effects from the store.",
                    f"It takes {', '.join(known)}.",
                )


@dataclass
class _Choice:
    """The way from what was found to what enters; what is set aside gathers on it."""

    base: Base
    question: Question
    options: PoolOptions
    own: list[tuple[str, str]] = field(default_factory=list)
    undecided: list[Loser] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.found = find(self.base, self.question)
        if self.options.exclude:
            check_exclusions(self.base, self.found, self.options)
        design = self.question.criterion("design")
        self.rules = Rules(
            self.options,
            self.found,
            Ends.of(self.base),
            randomised=self.base.vocabulary.within("design", ["rct"]),
            named=values(self.base, design) if design else (),
        )
        self.wording = Wording(self.base, self.found)
        self.set_asides = SetAsides(self.wording)

    def selection(self) -> Selection:
        """Return the effects that enter and everything else."""
        measure, pooled = self._eligible()
        effects = self._effects(pooled, measure) if measure else []
        chosen = self._chosen(effects)
        ends = [self._better(effect.candidate) for effect in chosen]
        end = common_end(ends, measure or "")
        turned = [better != end for better in ends]
        sizes = dict(pooled)
        entries = entries_of(
            self.base,
            [
                (effect, sizes[effect.candidate], flipped)
                for effect, flipped in zip(chosen, turned, strict=True)
            ],
        )
        self._tell_without_effect()
        return Selection(
            measure=MEASURES[measure] if measure else None,
            entries=entries,
            set_aside=self.set_asides.rows(),
            rule=(*in_words(self.options, chosen), *self._corrected(chosen, measure)),
            favours=favours(MEASURES[measure], end) if measure else "",
            cautions=self._cautions(chosen, entries, measure, end),
            unlock=self._unlocks(measure, entries),
            directions=direction_rows(self.base, self.rules, self.wording),
            counts=_counts(chosen, turned),
            undecided=tuple(sorted({loser.effect.candidate.key for loser in self.undecided})),
        )

    def _eligible(self) -> tuple[str | None, list[Sized]]:
        """Return the measure that is pooled and the candidates that may enter."""
        randomised = randomised_by_arm(self.base, self.found.arms)
        eligible: list[Sized] = []
        barred: list[tuple[Candidate, list[Obstacle]]] = []
        for candidate in self._candidates:
            sizes = sizes_of(candidate, self.found, randomised)
            obstacles = self.rules.obstacles(candidate, sizes)
            if obstacles:
                barred.append((candidate, obstacles))
            else:
                eligible.append((candidate, sizes))
        measure = self.options.measure or most_common(candidate for candidate, _ in eligible)
        for candidate, obstacles in barred:
            liftable = all(obstacle.ask for obstacle in obstacles)
            more = other_measure(candidate, measure) if liftable else []
            self.set_asides.add(candidate, joined([*obstacles, *more]))
        return measure, self._of_measure(eligible, measure) if measure else []

    @cached_property
    def _candidates(self) -> list[Candidate]:
        return candidates(self.found, single_arms=self.options.measure in SINGLE_ARM)

    def _of_measure(self, eligible: Sequence[Sized], measure: str) -> list[Sized]:
        """Keep the candidates that give the measure, on one scale and with one better end."""
        kept = []
        for pair in eligible:
            obstacles = other_measure(pair[0], measure)
            if obstacles:
                self.set_asides.add(pair[0], joined(obstacles))
            else:
                kept.append(pair)
        if measure == "MD":
            kept = self._on_one_scale(kept)
        if measure not in TURNABLE and measure not in SINGLE_ARM:
            kept = self._with_one_end(kept, measure)
        return kept

    def _on_one_scale(self, eligible: Sequence[Sized]) -> list[Sized]:
        common = commonest(candidate for candidate, _ in eligible)
        for candidate, _ in eligible:
            if scale_of(candidate) != common:
                self.set_asides.add(candidate, _SCALE)
        return [pair for pair in eligible if scale_of(pair[0]) == common]

    def _with_one_end(self, eligible: Sequence[Sized], measure: str) -> list[Sized]:
        end = common_end([self._better(candidate) for candidate, _ in eligible], measure)
        for candidate, _ in eligible:
            if self._better(candidate) != end:
                reason = f"its better end is the {self._better(candidate)}, that of most the {end}"
                self.set_asides.add(candidate, Obstacle(reason))
        return [pair for pair in eligible if self._better(pair[0]) == end]

    def _effects(self, pooled: Sequence[Sized], measure: str) -> list[Effect]:
        """Return the effects of candidates; those whose numbers give none are set aside."""
        times = survival_times(self.base, (c.place.key for c, _ in pooled if c.source == "times"))
        effects = []
        for made in effects_of(pooled, measure, times, self.options):
            if isinstance(made, Failed):
                self.set_asides.add(made.candidate, Obstacle(made.reason))
            else:
                effects.append(self._signed(made))
        return effects

    def _signed(self, effect: Effect) -> Effect:
        """Give an estimate that was printed without its sign the sign of the finding in words."""
        said = self.rules.signed_by_finding(effect.candidate)
        if not said:
            return effect
        helps, up = said == "favours-intervention", self._better(effect.candidate) == "higher"
        size = abs(effect.yi)
        caution = "printed without its sign, which was taken from the finding in words"
        return replace(
            effect,
            yi=size if helps == up else -size,
            basis=f"{effect.basis}; sign from the finding in words",
            cautions=(*effect.cautions, caution),
        )

    def _chosen(self, effects: Sequence[Effect]) -> list[Effect]:
        """Return the effects that enter, oldest study first; the others are set aside."""
        outcome = self.question.criterion("outcome")
        asked = outcome.wanted if outcome else ()
        order = preferences(self.options, effects, asked, self.wording.where)
        chosen, losers = choose(effects, order, self.options, self.wording.where, self._better)
        self._tell_losers(losers)
        return sorted(chosen, key=_oldest_first)

    def _corrected(self, chosen: Sequence[Effect], measure: str | None) -> tuple[str, ...]:
        """Return what was done about counts of zero, where it was asked for."""
        if not chosen:
            return ()
        counted = any(effect.candidate.source in _COUNTED for effect in chosen)
        return corrections.in_words(self.options, measure, counted=counted)

    def _better(self, candidate: Candidate) -> str:
        if candidate.source == "arm":
            return ""
        return self.rules.ends.better(candidate, candidate.measures[0])

    def _tell_losers(self, losers: Sequence[Loser]) -> None:
        """Set aside what gives way to another effect; a disagreement is a caution too."""
        cited = self.base.citations(
            effect.candidate.place.report
            for loser in losers
            if loser.disagrees
            for effect in (loser.effect, loser.winner)
        )
        for loser in losers:
            candidate, reason = loser.effect.candidate, loser.reason
            if loser.disagrees:
                winner = loser.winner.candidate
                one, other = (self._told(c, cited) for c in (candidate, winner))
                reason = f"disagrees with {other}, which enters"
                caution = f"its reports disagree: {other}, which enters, and {one}"
                self.own.append((winner.place.label, caution))
            if loser.is_undecided:
                self.undecided.append(loser)
            self.set_asides.add(candidate, Obstacle(reason, loser.ask))

    def _told(self, candidate: Candidate, cited: Mapping[str, str]) -> str:
        return f"{self.wording.numbers(candidate)} in {cited[candidate.place.report]}"

    def _tell_without_effect(self) -> None:
        """Set aside the measurements that give no effect at all."""
        giving = {candidate.place.key for candidate in self._candidates}
        for place in self.found.places.values():
            if place.key in giving:
                continue
            reason = self.rules.place_obstacle(place) or self.wording.without_effect(place)
            if not self.rules.is_randomised(place):
                reason = f"its study is not a randomised trial; {reason}"
            self.set_asides.add_place(place, reason)

    def _cautions(
        self, chosen: Sequence[Effect], entries: Sequence[Entry], measure: str | None, end: str
    ) -> tuple[str, ...]:
        if measure is None:
            return ()
        labels = [effect.candidate.place.label for effect in chosen]
        pooled = MEASURES[measure]
        self.own += self._not_decided(pooled, end)
        for label, effect in zip(labels, chosen, strict=True):
            candidate = effect.candidate
            if candidate.place.design not in self.rules.randomised:
                self.own.append((label, "not a randomised trial"))
            if not candidate.is_reported and candidate.place.design in _NOT_PARALLEL:
                self.own.append((label, _NOT_PARALLEL[candidate.place.design]))
            if candidate.population and not candidate.from_times:
                self.own.append((label, f"a subset: {candidate.population}"))
            notes = (*effect.cautions, *self._of_times(candidate), *self._notes(candidate))
            self.own += [(label, caution) for caution in notes]
            if effect.is_derived and self._contradicts_finding(effect):
                self.own.append((label, _CONTRADICTS))
        general = []
        if measure not in GIVEN:
            general = [not_given(pooled)]
        elif measure in SINGLE_ARM and chosen:
            general = [_SHARES]
        return (*general, *cautions_of(list(zip(labels, entries, strict=True)), self.own))

    def _not_decided(self, measure: Measure, end: str) -> list[tuple[str, str]]:
        """Return the trials of which the rule prefers none of several results, with their effects.

        Of more than a few trials the effects are not told. Results that disagree are told as such.
        """
        groups: dict[str, list[Loser]] = defaultdict(list)
        for loser in self.undecided:
            if not loser.disagrees:
                groups[loser.winner.candidate.key].append(loser)
        several = (
            "the rule does not decide between several results of each; "
            f"{resort_in_words(self.options)} enters, and kb multiverse tries the other extreme"
        )
        return [
            (
                losers[0].winner.candidate.place.label,
                self._compared(losers, measure, end) if len(groups) <= _MOST_COMPARED else several,
            )
            for losers in groups.values()
        ]

    def _compared(self, losers: Sequence[Loser], measure: Measure, end: str) -> str:
        """Return that the rule does not decide between effects, with each of them."""
        effects = [losers[0].winner, *(loser.effect for loser in losers)]
        told = self.wording.told_apart([effect.candidate for effect in effects])
        entered, *others = (
            f"{words} ({self._valued(effect, measure, end)})"
            for words, effect in zip(told, effects, strict=True)
        )
        return f"the rule does not decide between {entered}, which enters, and {names(others)}"

    def _valued(self, effect: Effect, measure: Measure, end: str) -> str:
        """Return an effect in words, turned as those that are pooled."""
        yi = effect.yi if self._better(effect.candidate) == end else -effect.yi
        value = math.exp(yi) if measure.is_ratio else yi
        return f"{measure.reported} {value:.2f}"

    def _of_times(self, candidate: Candidate) -> list[str]:
        """Return that an effect of survival times is of a part of the trial."""
        if not candidate.from_times:
            return []
        whole = trial_sizes(self.base, [candidate.place.study]).get(candidate.place.study)
        of = f" of {whole['number']} {whole['flow']}" if whole and len(candidate.rows) != 1 else ""
        people = f" ({candidate.population})" if candidate.population else ""
        caution = (
            f"a subset let in by --include individual-times: the {self._people(candidate)}{of} "
            f"whose survival times are known{people}"
        )
        return [caution]

    def _people(self, candidate: Candidate) -> int:
        if candidate.source == "times":
            return sum(self.found.times[candidate.place.key].values())
        if candidate.is_reported:
            return int(candidate.row["n"] or 0)
        return sum(row["n"] for row in candidate.rows)

    def _contradicts_finding(self, effect: Effect) -> bool:
        """Return whether a finding calls significant what its variance says is not."""
        half_width = _QUANTILE * math.sqrt(effect.vi)
        return abs(effect.yi) <= half_width and self.rules.is_called_significant(effect.candidate)

    def _notes(self, candidate: Candidate) -> tuple[str, ...]:
        """Return what is noted on survival times, whose numbers are of the store's own making."""
        if not candidate.from_times:
            return ()
        if candidate.source != "times":
            return candidate.notes
        rows = self.found.contrasts.get(candidate.place.key, ())
        return tuple(row["note"] for row in rows if row["note"])

    def _unlocks(self, measure: str | None, entries: Sequence[Entry]) -> tuple[str, ...]:
        outcome = self.question.criterion("outcome")
        one = outcome.wanted[0] if outcome and len(outcome.wanted) == 1 else None
        entered = (entry.study for entry in entries)
        barred = self.set_asides.candidates
        return unlocks(self.rules, self.wording, one, measure, entered, barred)


def _counts(
    chosen: Sequence[Effect], turned: Sequence[bool]
) -> dict[str, tuple[float, ...]] | None:
    """Return the counts behind effects, where all come from counts.

    An effect that was turned counts those without the event.
    """
    cells = [effect.cells for effect in chosen if effect.cells is not None]
    if not chosen or len(cells) < len(chosen):
        return None
    opposite = {"ai": "bi", "bi": "ai", "ci": "di", "di": "ci"}
    return {
        name: tuple(
            table[opposite[name] if flipped else name]
            for table, flipped in zip(cells, turned, strict=True)
        )
        for name in opposite
    }


def _oldest_first(effect: Effect) -> tuple[bool, int, list[str | int], list[str | int]]:
    place = effect.candidate.place
    return place.year is None, place.year or 0, by_key(place.study), by_key(effect.candidate.key)
