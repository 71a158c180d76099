"""A pooled answer on the scale that a reader knows, and what is said of it in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isclose

from kb.pooling.analysing.analysis import Analysis
from kb.pooling.analysing.engine import readers_scale
from kb.pooling.answer import PooledAnswer
from kb.pooling.flat import own_interval
from kb.pooling.options import COUNT_METHODS, method_in_words
from kb.pooling.verdict import FEW
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.words import p_value
from kb_cli.render.axis import Interval
from kb_cli.render.effects import Digits
from kb_cli.render.parts import counted

_ROBUST = "cluster-robust (CR2), t with Satterthwaite's degrees of freedom"


@dataclass(frozen=True)
class Shown:
    """The numbers of an analysis as they are shown."""

    answer: PooledAnswer
    analysis: Analysis

    @cached_property
    def effects(self) -> tuple[Interval | None, ...]:
        """The effects that entered, with their Wald intervals, in their order."""
        places = range(len(self.answer.entries))
        found = (own_interval(self.answer, place) for place in places)
        return tuple(interval(*numbers) for numbers in found)

    @property
    def is_pooled(self) -> bool:
        """Whether there is a pooled effect that may be shown."""
        return self.answer.verdict.is_poolable and self.pooled is not None

    @cached_property
    def pooled(self) -> Interval | None:
        """The pooled effect."""
        back = self.analysis.back
        return interval(back["estimate"], back["ci_low"], back["ci_high"])

    @cached_property
    def prediction(self) -> Interval | None:
        """Where the true effect of a new study is to be expected."""
        return interval(None, self.analysis.back["pi_low"], self.analysis.back["pi_high"])

    @cached_property
    def null(self) -> float | None:
        """No effect, None where the measure has no such value."""
        return readers_scale(self.analysis.effects, self.analysis.measure.null)[0]

    @cached_property
    def digits(self) -> Digits:
        """How effects are written."""
        return Digits.of((*self.effects, self.pooled), self.null)

    @property
    def name(self) -> str:
        """What the effects measure, in words."""
        return str(self.analysis.back["measure"])

    @property
    def level(self) -> str:
        """The level of the intervals: "95%"."""
        return f"{self.answer.options.level:g}%"

    def number(self, value: float) -> str:
        """Return a value with the decimals of all others."""
        return self.digits.number(value)

    def text(self, shown: Interval | None) -> str:
        """Return an effect as "0.92 (95% CI 0.69 to 1.26)"."""
        if shown is None or shown.estimate is None:
            return "not estimable"
        return f"{self.number(shown.estimate)} ({self.level} CI {self.span(shown)})"

    def span(self, shown: Interval) -> str:
        """Return the limits of an interval as "0.69 to 1.26"."""
        return f"{self.digits.limit(shown.low)} to {self.digits.limit(shown.high)}"


def interval(estimate: float | None, low: float | None, high: float | None) -> Interval | None:
    """Return an interval, None where a limit does not exist."""
    return None if low is None or high is None else Interval(low, high, estimate)


def size(answer: PooledAnswer) -> str:
    """Return how many studies and effects enter."""
    if not answer.entries:
        return "no effect to pool"
    k, trials = answer.selection.k, answer.selection.trials
    studies = counted(trials, "study")
    return studies if k == trials else f"{counted(k, 'effect')} of {studies}"


def result_sentence(shown: Shown) -> str:
    """Return the pooled effect, or that of the only study, and how it lies to no effect."""
    entries = shown.answer.entries
    if shown.answer.verdict.is_poolable and shown.pooled is None:
        return _beyond(shown)
    if shown.is_pooled:
        lead, found = f"Pooled {shown.name}", shown.pooled
    elif len(entries) == 1:
        lead, found = f"{entries[0].label} alone: {shown.name}", shown.effects[0]
    else:
        return "Nothing is pooled: each effect stands for itself."
    parts = [f"{lead} {shown.text(found)}", shown.answer.selection.favours]
    if shown.null is not None and found is not None:
        holds = found.low <= shown.null <= found.high
        parts.append(f"the interval {'holds' if holds else 'does not hold'} {shown.null:g}")
    return f"{'; '.join(part for part in parts if part)}."


def _beyond(shown: Shown) -> str:
    """Return a pooled effect that is too large for a number of the reader's scale."""
    result, measure = shown.analysis.result, shown.analysis.measure
    low, high = result["ci_low"], result["ci_high"]
    return (
        f"The pooled {shown.name} or a limit of it is above 1e308, which no number here can show. "
        f"The {measure.name} is {result['estimate']:g} ({shown.level} CI {low:g} to {high:g})."
    )


def prediction_sentence(shown: Shown) -> str:
    """Return the prediction interval, "" where there is none."""
    if shown.prediction is None:
        return ""
    lead = f"{shown.level} prediction interval {shown.span(shown.prediction)}"
    if shown.analysis.result["tau2"] == 0:
        few = shown.analysis.result["k"] <= FEW
        why = "which so few studies hardly allow to know" if few else "which need not be so"
        same = _is_same(shown.analysis)
        told = "it equals the confidence interval because" if same else "it is this narrow because"
        return f"{lead}: {told} tau² was estimated as 0, {why}."
    return f"{lead}: where the true effect of a new study is to be expected."


def _is_same(analysis: Analysis) -> bool:
    """Return whether the prediction interval is the confidence interval."""
    result = analysis.result
    return all(
        isclose(result[f"pi_{end}"], result[f"ci_{end}"], rel_tol=1e-9, abs_tol=1e-12)
        for end in ("low", "high")
    )


def model_sentence(shown: Shown) -> str:
    """Return the model and the interval in full words."""
    result = shown.analysis.result
    code, test = result["method"], result["test"]
    known = code in METHODS or code in COUNT_METHODS
    model = method_in_words(code) if known else code
    if result["model"] not in {"common", "random"}:
        model = f"{result['model']} model, {model}"
    return f"{model[:1].upper()}{model[1:]}; interval: {TESTS.get(test, _ROBUST)}."


def heterogeneity_sentence(shown: Shown) -> str:
    """Return tau², I² and Q, those that exist; "" where there is none of them."""
    result = shown.analysis.result
    parts = []
    if result["tau2"] is not None and result["model"] != "common":
        low, high = result["tau2_low"], result["tau2_high"]
        known = low is not None and high is not None
        limits = f" ({shown.level} interval {_figure(low)} to {_figure(high)})" if known else ""
        parts.append(f"tau² {_figure(result['tau2'])}{limits}")
    if result["i2"] is not None:
        parts.append(f"I² {result['i2']:.0f}%")
    if result["q"] is not None and result["q_df"]:
        p = f", {p_value(result['q_p'])}" if result["q_p"] is not None else ""
        parts.append(f"Q = {result['q']:.2f} on {result['q_df']} df{p}")
    return f"Heterogeneity: {'; '.join(parts)}." if parts else ""


def subgroup_sentences(shown: Shown) -> Iterator[str]:
    """Yield a sentence for each subgroup, and the test between them."""
    for group in shown.analysis.subgroups:
        found = interval(*group.back)
        spread = f"; I² {group.i2:.0f}%" if group.i2 is not None and group.k > 1 else ""
        effect = f"{shown.name} {shown.text(found)}{spread}"
        yield f"{group.level}: {counted(group.k, 'study')}, {effect}."


def subgroup_test_sentence(shown: Shown) -> str:
    """Return the test of whether subgroups differ, "" where there is none."""
    test = shown.analysis.subgroup_test
    if test is None or test.statistic is None or test.p is None:
        return ""
    return (
        f"Test of subgroup differences: Q = {test.statistic:.2f} on {test.df1} df, "
        f"{p_value(test.p)}."
    )


def _figure(value: float) -> str:
    """Return a variance with three digits, or whole where it is large."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
