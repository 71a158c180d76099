"""The effects that the ways of choosing lead to, each set of them once."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kb.pooling.analysing.analysis import analyse
from kb.pooling.analysing.units import Units, effects_of, units_of
from kb.pooling.evidence import Selection
from kb.pooling.multiverses.ways import VARIED, Way
from kb.pooling.options import PoolOptions
from kb.pooling.tables.columns import computable
from kb.pooling.verdict import judge
from kb.synthesis.effects import Effects

Select = Callable[[PoolOptions], Selection]
"""What chooses effects: from the store or from a table."""

KIN = (
    ("OR", "RR", "RD"),
    ("IRR", "IRD"),
    ("MD", "SMD", "SMDH", "ROM"),
    ("MC", "SMCC", "SMCR"),
    ("PLO", "PAS", "PR"),
)
"""Measures that the same numbers give, of which a reviewer may choose any."""

FEWEST = 2
TOO_FEW = "fewer than two trials have such an effect"

_ASKS_MEASURE = re.compile(r"--measure (\w+)")


@dataclass(frozen=True)
class Chosen:
    """The effects that one way of choosing, or several, lead to."""

    selection: Selection
    units: Units
    ways: tuple[Way, ...]

    @property
    def effects(self) -> Effects:
        """The effects."""
        return self.units.effects

    @property
    def measure(self) -> str:
        """The code of what they measure."""
        return self.effects.measure.code

    @property
    def trials(self) -> frozenset[str]:
        """The studies that they come from."""
        return frozenset(entry.study for entry in self.selection.entries)

    @property
    def name(self) -> str:
        """The way with the fewest departures, in words."""
        return self.ways[0].name

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "measure": self.measure,
            "name": self.name,
            "k": self.effects.k,
            "studies": list(self.effects.labels),
            "ways": len(self.ways),
        }


@dataclass(frozen=True)
class Unpooled:
    """A way, by its name, whose effects of a measure are not pooled, and why."""

    measure: str
    way: str
    reason: str


def chosen_by(select: Select, found: Iterable[Way]) -> tuple[list[Chosen], list[Unpooled]]:
    """Return the sets of effects that may be pooled, and the ways that lead to none.

    Every way names its measure.
    """
    sets: dict[tuple[Any, ...], Chosen] = {}
    unpooled = []
    for way in found:
        selection = select(way.options)
        entries = tuple((entry.label, entry.yi, entry.vi) for entry in selection.entries)
        same = (way.options.measure, entries)
        if same in sets:
            sets[same] = replace(sets[same], ways=(*sets[same].ways, way))
        elif reason := _why_not(selection, way.options):
            unpooled.append(Unpooled(str(way.options.measure), way.name, reason))
        else:
            units = units_of(selection, effects_of(selection), way.options)
            sets[same] = Chosen(selection, units, (way,))
    return list(sets.values()), unpooled


def measures_found(select: Select, options: PoolOptions, held: Collection[str]) -> tuple[str, ...]:
    """Return the measures that most trials have, those of the same numbers, and those set aside."""
    codes: list[str] = []
    for probe in (options, *_generous(options, held)):
        selection = select(probe)
        codes += [selection.measure.code] if selection.measure else []
        codes += [code for item in selection.set_aside for code in _ASKS_MEASURE.findall(item.ask)]
    kin = [code for family in KIN if set(codes) & set(family) for code in family]
    return tuple(dict.fromkeys([*codes[:1], *kin, *codes]))


def measures_given(columns: Mapping[str, object]) -> tuple[str, ...]:
    """Return the measures that the columns of a table give; GEN where they are effects alone."""
    given = computable(columns)
    found = tuple(code for family in KIN for code in family if code in given)
    return found or given or ("GEN",)


def is_hopeless(select: Select, options: PoolOptions, held: Collection[str]) -> bool:
    """Return whether even the ways that let most in leave fewer than two trials."""
    return all(select(probe).trials < FEWEST for probe in _generous(options, held))


def asked_for(select: Select, options: PoolOptions, held: Collection[str]) -> tuple[str, ...]:
    """Return what would let a result in that is set aside: adjusted, and of VARIED."""
    asked: tuple[str, ...] = ()
    while True:
        including = tuple(name for name in asked if name in VARIED)
        probe = replace(options, include=(*options.include, *including))
        asks = " ".join(
            item.ask for each in (probe, *_adjusted(probe, held)) for item in select(each).set_aside
        )
        fresh = tuple(name for name in ("adjusted", *VARIED) if name in asks and name not in asked)
        if not fresh:
            return asked
        asked += fresh


def _generous(options: PoolOptions, held: Collection[str]) -> list[PoolOptions]:
    """Return the options that let most in, with unadjusted and with adjusted effects."""
    include = () if "include" in held else VARIED
    generous = replace(options, include=(*options.include, *include))
    return [generous, *_adjusted(generous, held)]


def _adjusted(options: PoolOptions, held: Collection[str]) -> list[PoolOptions]:
    return [] if "adjusted" in held else [replace(options, adjusted=True)]


def _why_not(selection: Selection, options: PoolOptions) -> str:
    """Return why the effects make no specification, "" where they make one."""
    if selection.trials < FEWEST:
        return TOO_FEW
    verdict = judge(selection, analyse(selection, replace(options, method="REML")), options)
    return "" if verdict.is_poolable else " ".join(verdict.reasons)
