"""Results that a file states, computed again from the data that it gives beside them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Any

from kb.exchange.drafts import StatedPool
from kb.exchange.stated_sizes import RestatedSizes, restate_sizes

if TYPE_CHECKING:
    from kb.exchange.review_methods import Computed

__all__ = [
    "Restated",
    "RestatedSizes",
    "Value",
    "Verdict",
    "given_by_rows",
    "restate",
    "restate_sizes",
]

_SPREAD = 1e-4
_EFFECT = 1e-5
_LEAST = 1e-9
_TOLD = 4
_OF_EFFECT = ("estimate", "lower limit", "upper limit")


class Verdict(StrEnum):
    """What came of computing a stated result again."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_COMPUTED = "cannot be computed"


@dataclass(frozen=True, slots=True)
class Value:
    """A number as the file states it, and as it was computed; None where it was not."""

    what: str
    stated: float
    computed: float | None
    agrees: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the value as plain data."""
        return {
            "what": self.what,
            "stated": self.stated,
            "computed": self.computed,
            "agrees": self.agrees,
        }


@dataclass(frozen=True, slots=True)
class Restated:
    """A stated result beside what its data give.

    Attributes:
        pool: what the file states.
        verdict: whether all of its numbers agree.
        way: how it was computed, in words; empty where it was not.
        values: every stated number; ratios on their natural scale.
        reason: why it cannot be computed.
        left_out: studies that give no effect, with the reason.
        flags: the options of `kb pool` that pool as the review did; none where nothing does.
        apart: why `kb pool` gives another result, where the file agrees with its own data; ""
            where it gives the same.
    """

    pool: StatedPool
    verdict: Verdict
    way: str = ""
    values: tuple[Value, ...] = ()
    reason: str | None = None
    left_out: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    apart: str = ""

    @property
    def effect(self) -> tuple[Value, ...]:
        """The estimate and its limits, as far as the file states them."""
        return tuple(value for value in self.values if value.what in _OF_EFFECT)

    @property
    def differing(self) -> tuple[Value, ...]:
        """The numbers that do not agree."""
        return tuple(value for value in self.values if not value.agrees)

    @property
    def sentence(self) -> str:
        """What came out, in one line."""
        if self.verdict == Verdict.NOT_COMPUTED:
            return f"{self.pool.name}: cannot be computed again. {self.reason}"
        if self.verdict == Verdict.AGREES:
            return f"{self.pool.name}: {len(self.values)} numbers agree ({self.way})."
        differing = "; ".join(
            f"{value.what} {value.stated:.6g} in the file, {_shown(value.computed)} here"
            for value in self.differing[:_TOLD]
        )
        if more := len(self.differing[_TOLD:]):
            differing += f"; and {more} more"
        return f"{self.pool.name}: {differing} ({self.way})."

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "name": self.pool.name,
            "outcome": self.pool.outcome,
            "subgroup": self.pool.subgroup,
            "statistic": self.pool.statistic,
            "studies": len(self.pool.members),
            "verdict": str(self.verdict),
            "computed_by": self.way or None,
            "reason": self.reason,
            "left_out": list(self.left_out),
            "values": [value.as_dict() for value in self.values],
            "pool_flags": list(self.flags),
            "pool_differs": self.apart or None,
        }


def restate(pool: StatedPool) -> Restated:
    """Compute a stated result again from the data of its studies.

    Programs differ in small ways (see `kb.exchange.review_methods`). Where the first way does not
    give the stated numbers, the others are tried, and the one that comes nearest is named. A number
    agrees that is off by no more than its last printed decimal, or by a part in ten thousand of a
    measure of spread and in a hundred thousand of another.
    """
    found = _restated(pool)
    flags, apart = _by_kb_pool(pool)
    agrees = found.verdict == Verdict.AGREES
    return replace(found, flags=flags, apart=apart if agrees else "")


def given_by_rows(pool: StatedPool) -> str:
    """Return in a sentence what the data of a result give, whatever it states itself."""
    found = _restated(pool)
    if found.verdict == Verdict.NOT_COMPUTED:
        return f"The rows of the file, which are taken, give no result either. {found.reason}"
    numbers = ", ".join(_shown(value.computed) for value in found.effect[1:])
    effect = f"{pool.statistic} {_shown(found.effect[0].computed)} [{numbers}]"
    return f"The rows of the file, which are taken, give {effect} ({found.way})."


def _by_kb_pool(pool: StatedPool) -> tuple[tuple[str, ...], str]:
    """Return the options that pool as the review did, and why the result is another."""
    import numpy as np

    from kb.exchange.repooling import UNEXPLAINED, Repooled, repools
    from kb.pooling.analysing.engine import NotPooled
    from kb.synthesis.errors import SynthesisError

    tried: list[Repooled] = []
    try:
        with np.errstate(all="ignore"):
            for found in repools(pool):
                if not pool.swapped and _is_same(pool, (*found.effect, *found.spread)):
                    return found.flags, ""
                tried.append(found)
    except (SynthesisError, NotPooled) as error:
        if not tried:
            return (), str(error)
    return tried[0].flags, tried[0].apart or UNEXPLAINED


def _is_same(pool: StatedPool, computed: tuple[float | None, ...]) -> bool:
    """Return whether estimate, limits, tau² and Q are what the file states, where it does."""
    stated = (pool.estimate, pool.ci_low, pool.ci_high, pool.tau2, pool.q)
    shares = (_LEAST,) * 3 + (_SPREAD,) * 2
    finest = _finest(pool)
    return all(
        there is None or (here is not None and _value("", there, (here,), finest, share).agrees)
        for there, here, share in zip(stated, computed, shares, strict=True)
    )


def _restated(pool: StatedPool) -> Restated:
    import numpy as np

    from kb.exchange.review_methods import ways
    from kb.synthesis.errors import SynthesisError

    found: list[Restated] = []
    reason = ""
    try:
        for way in ways(pool):
            try:
                with np.errstate(all="ignore"):
                    found.append(_compared(pool, way.name, way.compute()))
            except SynthesisError as error:
                reason = reason or str(error)
                continue
            if found[-1].verdict == Verdict.AGREES:
                return found[-1]
    except SynthesisError as error:
        reason = str(error)
    if found:
        return min(found, key=lambda each: len(each.differing))
    return Restated(pool, Verdict.NOT_COMPUTED, reason=reason or "The file gives no data for it.")


def _compared(pool: StatedPool, way: str, computed: "Computed") -> Restated:
    from kb.synthesis.back import back_transform

    estimate = computed.estimate

    def back(number: float) -> float:
        return float(back_transform(pool.statistic, number))

    finest = _finest(pool)
    pairs = [
        ("estimate", pool.estimate, (back(estimate.estimate),), _EFFECT),
        ("lower limit", pool.ci_low, (back(estimate.ci_low),), _EFFECT),
        ("upper limit", pool.ci_high, (back(estimate.ci_high),), _EFFECT),
        ("p", pool.p, (estimate.p,), _SPREAD),
        ("tau²", pool.tau2, (computed.tau2,), _SPREAD),
        ("I²", pool.i2, computed.i2, _SPREAD),
        ("Q", pool.q, (computed.q,), _SPREAD),
    ]
    values = [
        _value(what, stated, candidates, finest, share)
        for what, stated, candidates, share in pairs
        if stated is not None
    ]
    values += _of_studies(pool, computed, back, finest)
    agree = all(value.agrees for value in values)
    return Restated(
        pool,
        Verdict.AGREES if agree else Verdict.DIFFERS,
        way,
        tuple(values),
        left_out=tuple(str(each) for each in computed.effects.left_out),
    )


def _of_studies(
    pool: StatedPool, computed: "Computed", back: Callable[[float], float], finest: Decimal
) -> Iterator[Value]:
    """Yield the effects of single studies and their weights, as far as the file prints them."""
    effects = computed.effects
    stated = [member.weight for member in pool.members]
    whole = sum(weight for weight in stated if weight)
    for place, row in enumerate(effects.rows.tolist()):
        member = pool.members[row]
        if member.estimate is not None:
            effect = (back(effects.yi[place]),)
            yield _value(f"effect of {member.study}", member.estimate, effect, finest, _EFFECT)
        if member.weight and computed.weights is not None and whole:
            weight = (float(computed.weights[place]) * whole / 100,)
            yield _value(f"weight of {member.study}", member.weight, weight, finest, _SPREAD)


def _value(
    what: str, stated: float, candidates: tuple[float, ...], finest: Decimal, share: float
) -> Value:
    """Compare a number with the values that programs give for it, the nearest of which counts."""
    nearest = min(candidates, key=lambda each: abs(each - stated))
    allowed = max(2 * float(finest), share * abs(stated), _LEAST)
    agrees = isfinite(nearest) and abs(nearest - stated) <= allowed
    return Value(what, stated, nearest if isfinite(nearest) else None, agrees)


def _finest(pool: StatedPool) -> Decimal:
    """Return a unit of the last decimal to which the numbers of a result are printed."""
    numbers = (pool.estimate, pool.ci_low, pool.ci_high, pool.q, pool.i2, pool.p)
    exponents = (Decimal(repr(each)).as_tuple().exponent for each in numbers if each is not None)
    return Decimal(1).scaleb(min(int(each) for each in exponents))


def _shown(number: float | None) -> str:
    return "no number" if number is None else f"{number:.6g}"
