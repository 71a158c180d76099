"""Whether a candidate may enter a pool, and if not, why, and what would let it in."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from kb.pooling.options import PoolOptions
from kb.pooling.selecting.analyses import is_interaction
from kb.pooling.selecting.candidates import Candidate, Found, Measured
from kb.pooling.selecting.direction import Ends, is_ratio, points_to
from kb.pooling.selecting.sizes import Sizes
from kb.pooling.selecting.variances import DERIVED, impossible, way_to_variance
from kb.question import bounds

NOT_ADJUSTED = "not adjusted for covariates, and adjusted estimates were asked for"

_NO_END = (
    "which of its ends is better for the participant is not said; `better` says it, of the result "
    "or its outcome in a seed file, or of its outcome in the words of an import (kb import --words)"
)
_SUBSET = frozenset({"subset"})
_NUMBERS = frozenset({"numbers"})
_TESTED = ("test", "significance-statement", "interval")
_CLEAR = ("favours-intervention", "favours-control")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a candidate stays out, and the words that would let it in, "" where none would.

    `kinds` tell what stands in its way: adjustment, numbers, scale, subset or measure.
    """

    reason: str
    ask: str = ""
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rules:
    """What candidates are held to.

    Attributes:
        found: what the store holds on the question.
        ends: which ends are better.
        randomised: the designs that are randomised trials.
        named: the designs that the question itself asks for.
    """

    options: PoolOptions
    found: Found
    ends: Ends
    randomised: Container[str]
    named: Container[str]

    def obstacles(self, candidate: Candidate, sizes: Sizes) -> list[Obstacle]:
        """Return what keeps a candidate out: the first that nothing lifts, else all others."""
        firm = self._firm(candidate)
        if firm:
            kinds = frozenset({"adjustment"} if firm == NOT_ADJUSTED else ())
            return [Obstacle(firm, "", kinds)]
        return [
            obstacle
            for obstacle in (
                self._design(candidate.place),
                *self._participants(candidate),
                self._adjustment(candidate),
                *self._numbers(candidate, sizes),
                self._sign(candidate),
            )
            if obstacle
        ]

    def place_obstacle(self, place: Measured) -> str:
        """Return why a measurement as a whole stays out, "" where it does not."""
        if place.study in self.options.exclude or place.key in self.options.exclude:
            return "left out as asked (--exclude)"
        if self.options.as_of is not None and not place.published:
            return "its year of publication is not known, so whether it was out by then is not"
        if self.options.as_of is not None and (place.published or 0) > self.options.as_of:
            return f"published in {place.published}, after {self.options.as_of}"
        return self._outside_window(place)

    def is_randomised(self, place: Measured) -> bool:
        """Return whether its study is a randomised trial, or need not be one."""
        return (
            place.design in self.randomised
            or place.design in self.named
            or "not-randomised" in self.options.include
        )

    def signed_by_finding(self, candidate: Candidate) -> str:
        """Return the direction in words that an estimate printed without its sign takes."""
        estimate = candidate.row.get("estimate")
        measure = candidate.measures[0]
        better = self.ends.better(candidate, measure)
        if not candidate.is_reported or estimate is None or not better:
            return ""
        said = self.finding(candidate)
        turned = candidate.comparison.turned
        shown = points_to(estimate, better, is_ratio=is_ratio(measure), turned=turned)
        return said if said in _CLEAR and shown in _CLEAR and said != shown else ""

    def finding(self, candidate: Candidate) -> str:
        """Return the direction that is stated for the same measurement and participants."""
        directions = {
            row["direction"]
            for row in self.found.findings.get(candidate.place.key, ())
            if row["population"] == candidate.population and not is_interaction(row["analysis"])
        }
        return directions.pop() if len(directions) == 1 else ""

    def is_called_significant(self, candidate: Candidate) -> bool:
        """Return whether a finding calls the difference on the same participants significant."""
        return any(
            row["direction"] in _CLEAR and row["basis"] in _TESTED
            for row in self.found.findings.get(candidate.place.key, ())
            if row["population"] == candidate.population and not is_interaction(row["analysis"])
        )

    def unsure(self, candidate: Candidate) -> Obstacle | None:
        """Return that an estimate without an interval beside an unclear finding has no sign."""
        bare = candidate.is_reported and candidate.row["ci_low"] is None
        if bare and self.finding(candidate) == "unclear":
            return Obstacle("which arm it favours is not said")
        return None

    def _firm(self, candidate: Candidate) -> str:
        if any(row["key"] in self.options.exclude for row in candidate.rows):
            return "left out as asked (--exclude)"
        if candidate.is_reported and is_interaction(candidate.row["analysis"]):
            return "an interaction, not an effect of the intervention"
        adjusted = candidate.row.get("adjusted") or not self.options.adjusted
        return (
            self.place_obstacle(candidate.place)
            or candidate.comparison.reason
            or ("" if adjusted else NOT_ADJUSTED)
            or impossible(candidate)
        )

    def _outside_window(self, place: Measured) -> str:
        if self.options.window is None:
            return ""
        low, high = bounds(self.options.window, "window")
        if place.months is None:
            return "its time point in months is not known, and a window was asked for"
        if (low is None or place.months >= low) and (high is None or place.months <= high):
            return ""
        return f"measured at {place.months:g} months, outside the window {self.options.window}"

    def _design(self, place: Measured) -> Obstacle | None:
        if self.is_randomised(place):
            return None
        return Obstacle("its study is not a randomised trial", "--include not-randomised")

    def _participants(self, candidate: Candidate) -> list[Obstacle]:
        include = self.options.include
        if candidate.from_times:
            if "individual-times" in include:
                return []
            reason = "computed from individual survival times"
            if candidate.population:
                reason += f" ({candidate.population})"
            return [Obstacle(reason, "--include individual-times", _SUBSET)]
        if candidate.population and "subsets" not in include:
            return [Obstacle(f"in a subset: {candidate.population}", "--include subsets", _SUBSET)]
        return []

    def _adjustment(self, candidate: Candidate) -> Obstacle | None:
        if candidate.row.get("adjusted") and not self.options.adjusted:
            return Obstacle("adjusted for covariates", "--adjusted", frozenset({"adjustment"}))
        return None

    def _numbers(self, candidate: Candidate, sizes: Sizes) -> list[Obstacle]:
        ask = "--include derived-variances"
        way = way_to_variance(candidate, sizes)
        is_open = "derived-variances" in self.options.include
        unknown_kind = candidate.row.get("statistic") == "ES"
        kind = "an effect size of unknown kind" if unknown_kind else ""
        if not way:
            reason = f"{kind or 'an estimate'} without its interval or standard error"
            return [Obstacle(reason, "", _NUMBERS)]
        if way in DERIVED and not is_open:
            from_what = "from its p-value" if way == "p" else "from the sizes of the arms"
            reason = f"{kind or 'an estimate'} without its interval or standard error"
            return [Obstacle(f"{reason}, which can be derived {from_what}", ask, _NUMBERS)]
        return [Obstacle(kind, ask, _NUMBERS)] if kind and not is_open else []

    def _sign(self, candidate: Candidate) -> Obstacle | None:
        measure = candidate.measures[0]
        if candidate.source == "arm":
            return None
        if not self.ends.better(candidate, measure):
            return Obstacle(_NO_END)
        said = self.signed_by_finding(candidate)
        if not said:
            return self.unsure(candidate)
        if is_ratio(measure):
            return Obstacle(f"it contradicts the finding in words, which {_says(said)}")
        if "unsigned" in self.options.include:
            return None
        reason = f"apparently printed without its sign: the finding in words {_says(said)}"
        return Obstacle(reason, "--include unsigned")


def joined(obstacles: Sequence[Obstacle]) -> Obstacle:
    """Return several obstacles as one; what lifts them is given only where all can be lifted."""
    reason = "; ".join(obstacle.reason for obstacle in obstacles)
    asks = [obstacle.ask for obstacle in obstacles]
    kinds = frozenset().union(*(obstacle.kinds for obstacle in obstacles))
    return Obstacle(reason, _together(asks) if all(asks) else "", kinds)


def _together(asks: Iterable[str]) -> str:
    """Return flags as one: what --include takes is listed behind one flag."""
    flags: dict[str, list[str]] = {}
    for ask in asks:
        flag, _, value = ask.partition(" ")
        values = flags.setdefault(flag, [])
        if value and value not in values:
            values.append(value)
    return " ".join(f"{flag} {','.join(values)}".strip() for flag, values in flags.items())


def _says(direction: str) -> str:
    return direction.replace("-", " ").replace("favours", "favours the")
