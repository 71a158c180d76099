"""Which of a trial's effects enters the pool: the first by the rule, and why the others do not."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kb.pooling.naming import names
from kb.pooling.options import LAST_RESORT, RULES, PoolOptions
from kb.pooling.selecting.candidates import Candidate
from kb.pooling.selecting.measure_choice import SINGLE_ARM
from kb.pooling.selecting.variances import Effect

_INTENTION = re.compile(r"intention.to.treat|intent.to.treat|\bitt\b", re.IGNORECASE)
_PER_PROTOCOL = re.compile(r"per.protocol|completers?\b|as.treated", re.IGNORECASE)
_SECONDARY = re.compile(r"\b(secondary|exploratory|post.hoc)", re.IGNORECASE)

_Rank: TypeAlias = Callable[[Candidate], Any]

_SAME = 1e-9
"""Effects nearer to each other than this are the same number."""


@dataclass(frozen=True, slots=True)
class Loser:
    """An effect that gives way to another of the same trial, and why.

    `is_undecided` says that the rule prefers neither, and that they are not the same number.
    """

    effect: Effect
    winner: Effect
    reason: str
    ask: str = ""
    is_undecided: bool = False

    @property
    def disagrees(self) -> bool:
        """Whether both claim to be the same result and are not."""
        return self.reason.startswith("disagrees")


@dataclass(frozen=True, slots=True)
class Preference:
    """What one effect is preferred to another for: a rank, the lower the better."""

    name: str
    rank: _Rank
    why: Callable[[Candidate, Candidate], str]


def preferences(
    options: PoolOptions,
    effects: Sequence[Effect],
    asked: Sequence[str],
    name_of: Callable[[Candidate], str],
) -> list[Preference]:
    """Return the preferences in their order: whole trial first, then the rule that was asked for.

    `asked` are the outcomes that the question names, `name_of` tells what a candidate is.
    """
    made = {
        "primary": Preference("primary", _not_primary, _why_not_primary),
        "common-instrument": _common_instrument(effects, name_of),
        "intention-to-treat": Preference(
            "intention-to-treat",
            _not_by_intention,
            lambda _, winner: f"not by intention to treat, as is {name_of(winner)}",
        ),
        "computed": Preference(
            "computed",
            lambda candidate: candidate.is_reported,
            lambda *_: "as reported; the effect computed from what the arms showed enters",
        ),
        "reported": Preference(
            "reported",
            lambda candidate: not candidate.is_reported,
            lambda *_: "computed from what the arms showed; the reported comparison enters",
        ),
        "last": Preference("last", _later_first, _why_not_this_time),
        "first": Preference("first", _earlier_first, _why_not_this_time),
        "newest": Preference("newest", _newer_first, _why_not_this_report),
        "oldest": Preference("oldest", _older_first, _why_not_this_report),
    }
    whole = Preference(
        "whole",
        lambda candidate: candidate.population is not None and not candidate.from_times,
        lambda loser, _: f"a subset ({loser.population}); the whole trial enters",
    )
    named = Preference(
        "outcome",
        lambda candidate: candidate.place.outcome not in asked,
        lambda _, winner: f"another outcome; the one asked for enters: {name_of(winner)}",
    )
    known = Preference(
        "source",
        lambda candidate: candidate.from_times,
        lambda *_: "computed from individual survival times; what the trialists report enters",
    )
    return [whole, known, *(made[name] for name in options.preferences), named]


def in_words(options: PoolOptions, chosen: Sequence[Effect]) -> tuple[str, ...]:
    """Return the rule in sentences, with what was let in of the chosen effects beside it."""
    return (*_rule(options), *_let_in(chosen))


def resort_in_words(options: PoolOptions) -> str:
    """Return which effect of a trial enters where nothing else decides."""
    if options.measure in SINGLE_ARM:
        return f"the {'smallest' if options.last_resort == LAST_RESORT[0] else 'largest'} share"
    return RULES[options.last_resort]


def _let_in(chosen: Sequence[Effect]) -> list[str]:
    labels = [e.candidate.place.label for e in chosen if e.candidate.from_times]
    if not labels:
        return []
    sentence = (
        f"{names(labels)}: no effect of the whole trial may enter; --include individual-times lets "
        "in what is computed from the survival times of those whose times are known."
    )
    return [sentence]


def _rule(options: PoolOptions) -> tuple[str, ...]:
    resort = resort_in_words(options)
    if options.dependence != "one":
        return (
            "All effects of a trial enter, by instrument, time and arm; none of a subset as well.",
            f"Of several versions of one result is taken: {_listed(options)}.",
            f"Where none of these decides, {resort} is taken.",
        )
    return (
        "One effect of each trial enters; the whole trial comes before a subset.",
        f"Then come, in this order: {_listed(options)}.",
        f"Where none of these decides, as between arms, {resort} enters; the verdict tells of it.",
    )


def choose(
    effects: Sequence[Effect],
    order: Sequence[Preference],
    options: PoolOptions,
    name_of: Callable[[Candidate], str],
    better_of: Callable[[Candidate], str],
) -> tuple[list[Effect], list[Loser]]:
    """Return the effects that enter and those that give way to another of their trial.

    `better_of` tells the better end of a candidate: "higher", "lower" or, of a share, nothing.
    """
    sign = 1 if options.last_resort == LAST_RESORT[0] else -1

    def ranks(effect: Effect) -> tuple[Any, ...]:
        candidate = effect.candidate
        favour = -effect.yi if better_of(candidate) == "lower" else effect.yi
        preferred = (preference.rank(candidate) for preference in order)
        return (*preferred, sign * favour, -effect.vi, candidate.key)

    groups: dict[tuple[Any, ...], list[Effect]] = defaultdict(list)
    for effect in effects:
        groups[_of_one_result(effect, options)].append(effect)
    chosen: list[Effect] = []
    losers: list[Loser] = []
    for group in groups.values():
        ranked = group
        if len(group) > 1:
            ranked = sorted(group, key=ranks)
        chosen.append(ranked[0])
        losers += [_loser(effect, ranked[0], order, name_of) for effect in ranked[1:]]
    if options.dependence != "one":
        chosen, subsets = _without_subsets(chosen)
        losers += subsets
    return chosen, losers


def _of_one_result(effect: Effect, options: PoolOptions) -> tuple[Any, ...]:
    """Return what effects share of which only one may enter: the trial, or the very result."""
    place = effect.candidate.place
    if options.dependence == "one":
        return (place.study,)
    arms = effect.candidate.comparison
    return (
        place.study,
        place.outcome,
        place.instrument,
        place.detail if place.instrument is None else None,
        place.time if place.months is None else place.months,
        arms.treated and arms.treated.key,
        arms.control and arms.control.key,
        effect.candidate.population,
    )


def _loser(
    effect: Effect,
    winner: Effect,
    order: Sequence[Preference],
    name_of: Callable[[Candidate], str],
) -> Loser:
    first, second = effect.candidate, winner.candidate
    deciding = next((p for p in order if p.rank(first) != p.rank(second)), None)
    is_open = deciding is None and not _same_number(effect, winner)
    if _shares_control(first, second):
        reason = f"shares its control arm with {_treated(second)}; one comparison of a trial enters"
        return Loser(effect, winner, reason, "--dependence aggregate", is_open)
    if deciding is None or deciding.name in {"newest", "oldest"}:
        if _is_same_result(first, second):
            if _same_number(effect, winner):
                return Loser(effect, winner, "the same result, told once more")
            return Loser(effect, winner, "disagrees with", is_undecided=is_open)
        if deciding is None:
            reason = f"another result of the trial; {name_of(second)} enters"
            return Loser(effect, winner, reason, "--dependence aggregate", is_open)
    return Loser(effect, winner, deciding.why(first, second))


def _shares_control(loser: Candidate, winner: Candidate) -> bool:
    a, b = loser.comparison, winner.comparison
    return (
        a.control is not None
        and a.control == b.control
        and a.treated != b.treated
        and _is_same_place(loser, winner)
    )


def _treated(candidate: Candidate) -> str:
    treated = candidate.comparison.treated
    return treated.label if treated else ""


def _is_same_place(a: Candidate, b: Candidate) -> bool:
    one, other = a.place, b.place
    return (
        (one.outcome, one.instrument, one.months) == (other.outcome, other.instrument, other.months)
        and (one.months is not None or one.time == other.time)
        and (one.instrument is not None or one.detail == other.detail)
    )


def _is_same_result(a: Candidate, b: Candidate) -> bool:
    return _is_same_place(a, b) and a.comparison == b.comparison and a.population == b.population


def _same_number(a: Effect, b: Effect) -> bool:
    return abs(a.yi - b.yi) <= _SAME and abs(a.vi - b.vi) <= _SAME


def _without_subsets(chosen: Sequence[Effect]) -> tuple[list[Effect], list[Loser]]:
    """Set aside effects in part of a trial's participants where one in all of them enters."""
    wholes: dict[str, Effect] = {}
    for effect in chosen:
        if effect.candidate.population is None:
            wholes.setdefault(effect.candidate.place.study, effect)
    kept, losers = [], []
    for effect in chosen:
        candidate = effect.candidate
        whole = wholes.get(candidate.place.study)
        if candidate.population is None or whole is None:
            kept.append(effect)
        else:
            reason = f"a subset ({candidate.population}); the whole trial enters"
            losers.append(Loser(effect, whole, reason))
    return kept, losers


def _listed(options: PoolOptions) -> str:
    return "; ".join(RULES[name] for name in options.preferences)


def _not_primary(candidate: Candidate) -> tuple[bool, bool]:
    analysis = candidate.row.get("analysis") or ""
    return not candidate.place.primary, bool(_SECONDARY.search(analysis))


def _why_not_primary(loser: Candidate, winner: Candidate) -> str:
    if winner.place.primary and not loser.place.primary:
        return "not the trial's primary outcome, which enters"
    return "a secondary analysis; the primary one enters"


def _not_by_intention(candidate: Candidate) -> int:
    analysis = candidate.row.get("analysis") or ""
    if _INTENTION.search(analysis):
        return 0
    return 2 if _PER_PROTOCOL.search(analysis) else 1


def _common_instrument(
    effects: Sequence[Effect], name_of: Callable[[Candidate], str]
) -> Preference:
    trials = {(e.candidate.place.instrument, e.candidate.place.study) for e in effects}
    users: Mapping[str | None, int] = Counter(instrument for instrument, _ in trials)

    def rank(candidate: Candidate) -> int:
        used = candidate.place.instrument
        return 0 if used is None else -users[used]

    def why(_: Candidate, winner: Candidate) -> str:
        return f"not on the instrument that most trials used; {name_of(winner)} enters"

    return Preference("common-instrument", rank, why)


def _later_first(candidate: Candidate) -> float:
    months = candidate.place.months
    return 1.0 if months is None else -months


def _earlier_first(candidate: Candidate) -> float:
    months = candidate.place.months
    return float("inf") if months is None else months


def _why_not_this_time(loser: Candidate, winner: Candidate) -> str:
    if loser.place.months is None or winner.place.months is None:
        known = "a time point that is not known in months"
        return f"{known}; {_months(winner)} enters"
    earlier = loser.place.months < winner.place.months
    words = "an earlier" if earlier else "a later"
    return f"{words} time point ({_months(loser)}); {_months(winner)} enters"


def _months(candidate: Candidate) -> str:
    months = candidate.place.months
    if months is None:
        return candidate.place.time or "one not said"
    return f"{months:g} month{'' if months == 1 else 's'}"


def _newer_first(candidate: Candidate) -> int:
    return -(candidate.place.published or 0)


def _older_first(candidate: Candidate) -> int:
    return candidate.place.published or 9999


def _why_not_this_report(loser: Candidate, winner: Candidate) -> str:
    first, second = (c.place.published or "of unknown year" for c in (loser, winner))
    return f"from a report of {first}; that of {second} enters"
