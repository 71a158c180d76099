"""What the numbers suggest for domains of GRADE: for people to judge by, and never a rating.

Imprecision: Guyatt et al. 2011, J Clin Epidemiol 64:1283-1293 (abstract): whether the interval
holds no effect, or a relative effect under 0.75 or over 1.25, and the optimal information size.
Inconsistency: I² from 50 % may be substantial (Cochrane Handbook 10.10.2). Indirectness is left to
people: no number tells whether trials fit a question.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from kb.base import Record
from kb.pooling.answer import PooledAnswer
from kb.pooling.naming import names
from kb.pooling.verdict import FEW

CONSIDER = "consider rating down"
NO_REASON = "no reason seen to rate down"
UNTOLD = "cannot be told"

SUBSTANTIAL = 50.0
"""I² in percent from which heterogeneity may be substantial."""

APPRECIABLE = (0.75, 1.25)
"""Relative effects that are appreciable benefit or harm, as a rough guide of GRADE."""

FEWEST_FOR_FUNNEL = 10
"""Below so many trials a funnel plot does not tell small-study effects from chance."""

_REDUCTION = 0.25
_POWER = 0.8
_ALPHA = 0.05
_HIGH = ("high", "serious", "critical")


@dataclass(frozen=True)
class Suggestion:
    """What the numbers say on one domain: whether to consider rating down, and why."""

    domain: str
    suggests: str
    because: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"domain": self.domain, "suggests": self.suggests, "because": self.because}


@dataclass(frozen=True)
class Evidence:
    """What suggestions go by.

    Attributes:
        answer: the pooled answer of one outcome.
        effect: estimate and limits as a reader knows them; None where nothing is pooled.
        participants: of all trials pooled, None where not known of each.
        risks: risks without the intervention, from 0 to 1, with whose they are.
        important: minimal important differences of the instrument, in the points of the effect.
        trials: labels of the trials with a number or a direction, by study.
        bias: judgements of risk of bias by study.
    """

    answer: PooledAnswer
    effect: tuple[float, float, float] | None
    participants: int | None
    risks: Sequence[tuple[float, str]]
    important: Sequence[Record]
    trials: Mapping[str, str]
    bias: Mapping[str, Sequence[str]]


def suggestions(evidence: Evidence) -> tuple[Suggestion, ...]:
    """Return a suggestion for each of four domains, in the order of GRADE."""
    return (
        _risk_of_bias(evidence),
        _inconsistency(evidence),
        _imprecision(evidence),
        _publication_bias(evidence),
    )


def information_size(risk: float) -> int:
    """Return the participants that one trial of two equal arms would need, in all.

    It is to find a relative reduction of the risk by 25 % with a power of 80 % in a two-sided test
    at 5 %: (z + z')² (p(1 - p) + q(1 - q)) / (p - q)² for each arm.
    """
    from kb.synthesis.distributions import central_quantile

    quantiles = float(central_quantile(1 - _ALPHA)) + float(central_quantile(2 * _POWER - 1))
    reduced = risk * (1 - _REDUCTION)
    spread = risk * (1 - risk) + reduced * (1 - reduced)
    return 2 * ceil(quantiles**2 * spread / (risk - reduced) ** 2)


def _risk_of_bias(evidence: Evidence) -> Suggestion:
    domain = "risk of bias"
    judged = {study: found for study, found in evidence.bias.items() if found}
    if not judged:
        return Suggestion(domain, UNTOLD, "There is no judgement in the store.")
    tally = Counter(judgement for found in judged.values() for judgement in found)
    told = ", ".join(f"{judgement} {count}" for judgement, count in sorted(tally.items()))
    of = f"{len(judged)} of {_trials(len(evidence.trials))} judged"
    high = any(word in judgement.lower() for judgement in tally for word in _HIGH)
    suggests = CONSIDER if high else UNTOLD
    if all(judgement.lower().startswith("low") for judgement in tally):
        suggests = NO_REASON if len(judged) == len(evidence.trials) else UNTOLD
    return Suggestion(domain, suggests, f"{of}; judgements by domain: {told}.")


def _inconsistency(evidence: Evidence) -> Suggestion:
    domain = "inconsistency"
    if evidence.effect is None:
        return Suggestion(domain, UNTOLD, _directions(evidence))
    analysis = evidence.answer.analysis
    assert analysis is not None
    result = analysis.result
    i2, k = result["i2"], result["k"]
    if i2 is None:
        return Suggestion(domain, UNTOLD, "The model gives no I².")
    said = [f"I² is {i2:.0f}% in {k} effects", *_prediction(result, analysis.measure.null)]
    wide = len(said) > 1
    few = evidence.answer.selection.trials <= FEW
    if few:
        said.append("so few trials hardly tell how much effects differ")
    suggests = CONSIDER if i2 >= SUBSTANTIAL or wide else UNTOLD if few else NO_REASON
    return Suggestion(domain, suggests, f"{'; '.join(said)}.")


def _prediction(result: Mapping[str, Any], null: float | None) -> Iterator[str]:
    """Yield that the prediction interval holds no effect while the confidence interval does not."""
    ends = [result[name] for name in ("ci_low", "ci_high", "pi_low", "pi_high")]
    if null is None or any(end is None for end in ends):
        return
    low, high, new_low, new_high = ends
    if not low <= null <= high and new_low <= null <= new_high:
        yield "the prediction interval includes no effect and the confidence interval excludes it"


def _directions(evidence: Evidence) -> str:
    rows = [row for row in evidence.answer.selection.directions if not row["apart"]]
    if len({row["study"] for row in rows}) < 2:
        return "It takes two trials or more."
    tally = Counter(row["direction"].replace("-", " ") for row in rows)
    told = ", ".join(f"{direction} {count}" for direction, count in tally.most_common())
    return f"Nothing is pooled; directions of effect, one a trial and outcome: {told}."


def _imprecision(evidence: Evidence) -> Suggestion:
    domain = "imprecision"
    if evidence.effect is None:
        return Suggestion(domain, UNTOLD, "Nothing is pooled, so there is no interval.")
    analysis = evidence.answer.analysis
    assert analysis is not None
    if analysis.measure.null is None:
        return Suggestion(domain, UNTOLD, "The measure has no value of no effect.")
    null = 1.0 if analysis.measure.is_ratio else 0.0
    _, low, high = evidence.effect
    holds = low <= null <= high
    level = f"{evidence.answer.options.level:g}%"
    said = (
        f"The {level} interval {low:.3g} to {high:.3g} {'includes' if holds else 'excludes'} "
        f"no effect ({null:g})"
    )
    by_size = _of_ratio if analysis.measure.is_ratio else _of_difference
    more, suggests = by_size(evidence, low, high, holds=holds)
    size, is_short = _size(evidence)
    because = "; ".join([said, *more, *size])
    return Suggestion(domain, CONSIDER if is_short else suggests, f"{because}.")


def _of_ratio(_: Evidence, low: float, high: float, *, holds: bool) -> tuple[list[str], str]:
    """Return whether the interval of a ratio reaches appreciable benefit or harm."""
    least, most = APPRECIABLE
    beyond = [f"{end:g}" for end, out in ((least, low < least), (most, high > most)) if out]
    if beyond:
        return [f"it reaches beyond {' and '.join(beyond)}"], CONSIDER if holds else NO_REASON
    return [f"it stays between {least:g} and {most:g}"], UNTOLD if holds else NO_REASON


def _of_difference(
    evidence: Evidence, low: float, high: float, *, holds: bool
) -> tuple[list[str], str]:
    """Return whether the interval of a difference holds one that matters, where that is known."""
    if not evidence.important:
        why = "no minimal important difference in the store is on its scale"
        return [why], CONSIDER if holds else NO_REASON
    held = [row for row in evidence.important if _holds(row["value_low"], low, high)]
    if held:
        return [f"it includes {_differences(held)}"], CONSIDER
    said = [f"it includes no difference that matters: {_differences(evidence.important)}"]
    return said, UNTOLD if holds else NO_REASON


def _holds(least: float, low: float, high: float) -> bool:
    return low <= least <= high or low <= -least <= high


def _differences(rows: Sequence[Record]) -> str:
    """Return minimal important differences with their units, and in whom they were estimated."""
    values = names([f"{row['value_low']:g} ({row['unit']})" for row in rows])
    whom = dict.fromkeys(row["population"] or "people of whom nothing is said" for row in rows)
    matter = "matters" if len(rows) == 1 else "matter"
    return f"{values}, which {matter} in {names(list(whom))}"


def _size(evidence: Evidence) -> tuple[list[str], bool]:
    """Return how the participants compare with the optimal information size; whether they are few.

    It is computed for events with a known baseline risk alone.
    """
    if not evidence.risks:
        why = "no baseline risk is stated" if _has_events(evidence) else "it is no effect on events"
        return [f"the optimal information size is not computed, for {why}"], False
    if evidence.participants is None:
        return ["the number of participants is not known of every trial"], False
    sizes = {risk: information_size(risk) for risk, _ in evidence.risks}
    told = names([f"{n:,} at a baseline risk of {100 * risk:.3g}%" for risk, n in sizes.items()])
    said = (
        f"{evidence.participants:,} participants; the optimal information size is {told}, "
        "assuming a relative reduction of 25%, power 80% and a two-sided test at 5%"
    )
    return [said], any(evidence.participants < size for size in sizes.values())


def _has_events(evidence: Evidence) -> bool:
    from kb.certainty.absolute import FORMULAE

    analysis = evidence.answer.analysis
    return analysis is not None and analysis.measure.code in FORMULAE


def _publication_bias(evidence: Evidence) -> Suggestion:
    domain = "publication bias"
    trials = len(evidence.trials)
    analysis = evidence.answer.analysis
    if trials < FEWEST_FOR_FUNNEL:
        return Suggestion(
            domain, UNTOLD, f"{_trials(trials)}, fewer than ten{_unpooled(evidence)}."
        )
    if evidence.effect is None or analysis is None:
        return Suggestion(domain, UNTOLD, "Nothing is pooled, so there is no funnel plot.")
    from kb.synthesis.errors import SynthesisError
    from kb.synthesis.small_study.regression_test import egger
    from kb.synthesis.words import p_value

    try:
        p = egger(analysis.effects).slope.p
    except SynthesisError as error:
        return Suggestion(domain, UNTOLD, f"Egger's test cannot be made: {error}")
    said = f"Egger's test on {_trials(trials)}: {p_value(p)}, read at {_EGGER:g}"
    suggests = CONSIDER if p < _EGGER else NO_REASON
    more = _unpooled(evidence)
    return Suggestion(domain, suggests, f"{said}{more}; kb sensitivity shows the funnel plot.")


_EGGER = 0.1


def _unpooled(evidence: Evidence) -> str:
    """Return how many trials tell a direction and are not among those pooled."""
    told = {row["study"] for row in evidence.answer.selection.directions}
    count = len(told - set(evidence.trials))
    more = f"{count} more {'trial' if count == 1 else 'trials'}"
    return f"; {more} measured it without a number that may enter" if count else ""


def _trials(count: int) -> str:
    return f"{count} trial" if count == 1 else f"{count} trials"
