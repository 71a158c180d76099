"""Cox's proportional hazards model with one covariate, the arm of a trial, from individual times.

Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220. With one binary
covariate all that the partial likelihood needs is, for each event, the share of the treated among
those at risk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from kb.synthesis.chi_squared import ChiSquared
from kb.synthesis.distributions import Array, chi2_upper
from kb.synthesis.effects import Effects, column
from kb.synthesis.errors import BadOption, BadStudy
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, wald
from kb.synthesis.measures import MEASURES
from kb.synthesis.words import p_value, percent

_LONGEST_STEP = 2.0
_LAST_STEP = 1e-9


@dataclass(frozen=True, slots=True)
class LogRank:
    """The log-rank test.

    Attributes:
        o_minus_e: observed minus expected events in the treated arm.
        v: the variance of O - E, hypergeometric at each event time.
        test: (O - E)²/V, None where V is 0: no event that tells the arms apart.
    """

    o_minus_e: float
    v: float
    test: ChiSquared | None

    def summary(self) -> str:
        """Return the test in one line."""
        words = "no test" if self.test is None else self.test.summary()
        return f"log-rank O - E {self.o_minus_e:.2f}, V {self.v:.2f}, {words}"


@dataclass(frozen=True, slots=True)
class Arm:
    """The people of one arm and the events among them."""

    n: int
    events: int


@dataclass(frozen=True, slots=True)
class CoxResult:
    """A trial's log hazard ratio, treated against control.

    `estimate` is a method here: the fit does not depend on a confidence level, and gives its Wald
    interval at any.

    Attributes:
        label: the name of the trial.
        log_hazard_ratio: the maximum of the partial likelihood.
        se: its standard error, from the observed information.
        score: the score test. Without ties it is the log-rank test.
        likelihood_ratio: the likelihood-ratio test.
        log_rank: the log-rank test.
        treated: people and events in the treated arm.
        control: people and events in the control arm.
        ties: how events at the same time are dealt with, "efron" or "breslow".
        iterations: steps to the maximum.
    """

    label: str
    log_hazard_ratio: float
    se: float
    score: ChiSquared
    likelihood_ratio: ChiSquared
    log_rank: LogRank
    treated: Arm
    control: Arm
    ties: str
    iterations: int

    def estimate(self, *, level: float = DEFAULT_LEVEL) -> Estimate:
        """Return the log hazard ratio with its Wald test and interval."""
        return wald(self.log_hazard_ratio, self.se, level=level)

    def summary(self) -> str:
        """Return the result in a few lines."""
        wald_ = self.estimate()
        ratio, low, high = np.exp([wald_.estimate, wald_.ci_low, wald_.ci_high]).tolist()
        return (
            f"{self.label}: hazard ratio {ratio:.2f} ({percent(wald_.level)} CI {low:.2f} to "
            f"{high:.2f}), {p_value(wald_.p)} by Wald's test; ties by {self.ties.title()}\n"
            f"{self.treated.events} events among {self.treated.n} treated, {self.control.events} "
            f"among {self.control.n} controls\n"
            f"{self.log_rank.summary()}\n"
            f"score {self.score.summary()}; "
            f"likelihood ratio {self.likelihood_ratio.summary()}"
        )


def cox(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    label: str = "the trial",
    ties: Literal["efron", "breslow"] = "efron",
) -> CoxResult:
    """Fit the model to the people of one trial, one value per person in each column.

    `time` is the follow-up until the event or censoring, `event` 1 for an event and 0 for
    censoring, `treated` 1 or 0 by arm. Who is censored at the time of an event is at risk of it.
    Ties: Efron B. J Am Stat Assoc 1977;72:557-565, or Breslow N. Biometrics 1974;30:89-99.

    Raises BadTable for columns of unequal length and BadStudy for a missing or impossible value,
    for an arm without people or events, and where the likelihood has no maximum.
    """
    if ties not in {"efron", "breslow"}:
        raise BadOption(f"There is no {ties!r} way with ties. Choose efron or breslow.")
    times, events, arm = _read(time, event, treated, label)
    treated_arm = Arm(int(arm.sum()), int(events[arm].sum()))
    control_arm = Arm(int((~arm).sum()), int(events[~arm].sum()))
    _refuse_empty(label, treated_arm, control_arm)
    risk = _RiskSets.of(times, events, arm)
    shares = risk.shares(ties)
    observed = treated_arm.events
    _refuse_monotone(label, shares, observed)
    estimate, iterations = _maximise(shares, observed)
    score, information = _score(shares, observed, 0.0)
    gain = estimate * observed - np.log1p(shares * np.expm1(estimate)).sum()
    return CoxResult(
        label,
        estimate,
        float(1 / np.sqrt(_score(shares, observed, estimate)[1])),
        _test(score**2 / information),
        _test(2 * gain),
        risk.log_rank(),
        treated_arm,
        control_arm,
        ties,
        iterations,
    )


def log_rank(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, label: str = "the trial"
) -> LogRank:
    """Return the log-rank test of the people of one trial; columns and errors as in `cox`.

    It needs no maximum of the likelihood: an arm may be without events, or without people.
    """
    return _RiskSets.of(*_read(time, event, treated, label)).log_rank()


def log_hazard_ratios(results: Iterable[CoxResult]) -> Effects:
    """Return the log hazard ratios of several trials, ready for a meta-analysis."""
    trials = tuple(results)
    return Effects.of(
        [trial.log_hazard_ratio for trial in trials],
        [trial.se**2 for trial in trials],
        [trial.label for trial in trials],
        measure=MEASURES["HR"],
        ni=[trial.treated.n + trial.control.n for trial in trials],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _RiskSets:
    """People at risk and events at each time with an event, shape (times,), in order of time."""

    at_risk: Array
    treated_at_risk: Array
    events: Array
    treated_events: Array

    @classmethod
    def of(cls, times: Array, events: NDArray[np.bool_], treated: NDArray[np.bool_]) -> "_RiskSets":
        moments = np.unique(times[events])

        def count(values: Array, side: Literal["left", "right"]) -> Array:
            return np.asarray(np.searchsorted(np.sort(values), moments, side), dtype=float)

        def at_risk(values: Array) -> Array:
            return values.size - count(values, "left")

        def happening(values: Array) -> Array:
            return count(values, "right") - count(values, "left")

        return cls(
            at_risk(times),
            at_risk(times[treated]),
            happening(times[events]),
            happening(times[events & treated]),
        )

    def shares(self, ties: str) -> Array:
        """Return the share of the treated among those at risk, one value per event.

        Of d tied events the l-th counts all tied people as (d - l)/d at risk (Efron), l from 0, or
        as fully at risk (Breslow).
        """
        tied = self.events.astype(int)
        each = np.repeat(np.arange(tied.size), tied)
        past = np.zeros(each.size)
        if ties == "efron":
            past = (np.arange(each.size) - (np.cumsum(tied) - tied)[each]) / tied[each]
        treated = self.treated_at_risk[each] - past * self.treated_events[each]
        return np.asarray(treated / (self.at_risk[each] - past * self.events[each]))

    def log_rank(self) -> LogRank:
        """Return the log-rank test.

        Mantel N. Evaluation of survival data and two new rank order statistics arising in its
        consideration. Cancer Chemother Rep 1966;50:163-170.
        """
        share = self.treated_at_risk / self.at_risk
        survivors = (self.at_risk - self.events) / np.maximum(self.at_risk - 1, 1)
        o_minus_e = float((self.treated_events - self.events * share).sum())
        v = float((self.events * share * (1 - share) * survivors).sum())
        return LogRank(o_minus_e, v, _test(o_minus_e**2 / v) if v > 0 else None)


def _score(shares: Array, observed: int, log_hazard_ratio: float) -> tuple[float, float]:
    """Return the first derivative of the log partial likelihood and minus the second."""
    expected = special.expit(log_hazard_ratio + special.logit(shares))
    return float(observed - expected.sum()), float((expected * (1 - expected)).sum())


def _maximise(shares: Array, observed: int) -> tuple[float, int]:
    """Return the root of the score and the number of steps, by Newton's method.

    No step is longer than 2, which is enough of a safeguard. The information I changes by no more
    than its own size, |I'| <= I. So from a distance e to the root a step is between 1 - exp(-e)
    and exp(e) - 1, and, held to 2, always ends nearer to the root than it began. Near the root
    the distance left is below the square of the last step.
    """
    estimate, step, iterations = 0.0, np.inf, 0
    while abs(step) > _LAST_STEP:
        score, information = _score(shares, observed, estimate)
        step = float(np.clip(score / information, -_LONGEST_STEP, _LONGEST_STEP))
        estimate += step
        iterations += 1
    return estimate, iterations


def _test(statistic: float) -> ChiSquared:
    held = max(float(statistic), 0.0)
    return ChiSquared(held, 1, float(chi2_upper(np.asarray(held), 1)))


def _read(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, label: str
) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    times = column("time", time)
    events = column("event", event, size=times.size)
    arm = column("treated", treated, size=times.size)
    _refuse_people(
        label, "time", times, ~(np.isfinite(times) & (times >= 0)), "A time is 0 or above."
    )
    for name, values in (("event", events), ("treated", arm)):
        _refuse_people(label, name, values, ~np.isin(values, (0, 1)), "It is 0 or 1.")
    return times, events == 1, arm == 1


def _refuse_people(
    label: str, name: str, values: Array, wrong: NDArray[np.bool_], rule: str
) -> None:
    if wrong.any():
        person = int(np.argmax(wrong))
        value = "missing" if np.isnan(values[person]) else f"{values[person]:g}"
        raise BadStudy(label, f"{name} is {value} for person {person + 1}", rule)


def _refuse_empty(label: str, treated: Arm, control: Arm) -> None:
    if not treated.events + control.events:
        raise BadStudy(label, "there are no events", "Without events there is no hazard ratio.")
    for name, arm in (("treated", treated), ("control", control)):
        if not arm.n:
            raise BadStudy(label, f"there is nobody in the {name} arm", "Give the people of both.")
        if not arm.events:
            raise BadStudy(
                label,
                f"there are no events in the {name} arm, so the hazard ratio has no estimate",
                "Use O - E and V of the log-rank test.",
            )


def _refuse_monotone(label: str, shares: Array, observed: int) -> None:
    """Raise BadStudy where the likelihood rises for ever.

    As the log hazard ratio grows, every share above 0 goes to 1 and the score to
    observed - #(share > 0); as it falls, to observed - #(share = 1). There is a maximum where the
    first is negative and the second positive.
    """
    most, least = int((shares > 0).sum()), int((shares == 1).sum())
    if not least < observed < most:
        arm = "treated" if observed == most else "control"
        raise BadStudy(
            label,
            f"while both arms were at risk, all events were in the {arm} arm, so the hazard ratio "
            "has no estimate",
            "Use O - E and V of the log-rank test.",
        )
