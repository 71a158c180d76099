"""The ways of choosing effects from the store: every combination of what a reviewer may decide."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from kb.pooling.options import INCLUDABLE, PoolOptions

VARIED = ("individual-times", "subsets", "derived-variances")
"""What is both left out and let in; studies that are no randomised trials are another question."""

UNDECIDED = "undecided arm or result"

_EXTREMES = ("least favourable where undecided", "most favourable where undecided")

Change = Callable[[PoolOptions], PoolOptions]


@dataclass(frozen=True)
class Way:
    """One way of choosing effects.

    Attributes:
        options: what chooses them so.
        decisions: what was decided, by the name of the choice.
        departures: the decisions that are not the default, in words.
    """

    options: PoolOptions
    decisions: Mapping[str, str]
    departures: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What sets it apart, in words."""
        return "; ".join(self.departures) or "by default"


@dataclass(frozen=True)
class _Choice:
    """Something to decide by an option: the default, and the other decision with its change."""

    name: str
    option: str
    default: str
    other: str
    change: Change


def ways(options: PoolOptions, held: Collection[str], asked: Collection[str]) -> tuple[Way, ...]:
    """Return all ways, the default first.

    The options that are `held` do not vary. Adjusted estimates and what may be included vary where
    they are `asked` for: where something is set aside that they would let in. So do results of one
    trial that the rule does not decide between, such as those of several arms: UNDECIDED.
    """
    found: tuple[Way, ...] = (Way(options, {}),)
    for choice in _choices(asked):
        if choice.option not in held:
            found = tuple(way for before in found for way in _both(before, choice))
    return tuple(sorted(found, key=lambda way: len(way.departures)))


def _both(way: Way, choice: _Choice) -> tuple[Way, Way]:
    default = replace(way, decisions={**way.decisions, choice.name: choice.default})
    other = Way(
        choice.change(way.options),
        {**way.decisions, choice.name: choice.other},
        (*way.departures, choice.other),
    )
    return default, other


def _choices(asked: Collection[str]) -> Iterator[_Choice]:
    if "adjusted" in asked:
        yield _Choice("covariates", "adjusted", "unadjusted", "adjusted", _adjusted)
    yield _Choice("time point", "rule", "last time point", "first time point", _preferring("first"))
    yield _Choice("source", "rule", "computed first", "reported first", _preferring("reported"))
    if UNDECIDED in asked:
        yield _Choice(UNDECIDED, UNDECIDED, *_EXTREMES, _preferring("most-favourable"))
    for name in VARIED:
        if name in asked:
            told = INCLUDABLE[name]
            yield _Choice(told, "include", "left out", f"with {name}", _including(name))


def _adjusted(options: PoolOptions) -> PoolOptions:
    return replace(options, adjusted=True)


def _preferring(rule: str) -> Change:
    return lambda options: replace(options, rule=(*options.rule, rule))


def _including(name: str) -> Change:
    return lambda options: replace(options, include=(*options.include, name))
