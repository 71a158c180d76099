"""What is done about counts of zero: `add`, `to` and `drop00` of `PoolOptions`, and their words.

As in metafor's `rma.mh`, the first value of each is for the effects of single studies, the second
for the sums of methods that pool counts. What is not asked for is left to the engine.
"""

from collections.abc import Iterator
from typing import Any

from kb.pooling.naming import names
from kb.pooling.options import CORRECTED, COUNT_METHODS, RANDOM_MH, PoolOptions

TAKING = {
    **dict.fromkeys(("OR", "RR", "RD", "PETO", "AS", "IRR", "IRD"), ("add", "to", "drop00")),
    **dict.fromkeys(("PR", "PLO", "PAS", "PFT"), ("add", "to")),
}
"""The measures of counts, and which of the options their effects take."""

_PLAIN = {"AS", "PAS", "PFT"}
"""Measures to whose counts nothing is added unless it is asked for."""

_OF_SUMS = set(COUNT_METHODS) - {RANDOM_MH}
"""Methods that pool by their sums alone, not by the effects of single studies."""

_NAMES = ("add", "to", "drop00")


def of_effects(options: PoolOptions, measure: str) -> dict[str, Any]:
    """Return what was asked for of the effects of single studies, as `escalc` takes it."""
    given = _given(options)
    return {name: given[name][0] for name in TAKING.get(measure, ()) if name in given}


def of_sums(options: PoolOptions) -> dict[str, Any]:
    """Return what was asked for, in pairs, as the methods that pool counts take it."""
    return _given(options)


def of_zero(options: PoolOptions, measure: str, counts: str = "four counts") -> str:
    """Return what was added to a study that has a zero among its counts, as a clause."""
    amount, to = _first(options, measure)
    told = f"{_figure(amount if to != 'none' else 0.0)} was added to each of its {counts}"
    if options.method not in _OF_SUMS:
        return told
    more = in_sums(options)
    same = more == amount and to != "none"
    return f"{told} for its own effect, {'and' if same else _figure(more)} in the sums"


def in_sums(options: PoolOptions) -> float:
    """Return what is added in the sums to each count of a study with a zero."""
    (_, amount), (_, to), _ = _pairs(options)
    return 0.0 if to == "none" else amount


def of_empty(options: PoolOptions) -> str:
    """Return what part a study without events in both arms has in the pool, as a clause."""
    _, _, (alone, dropped) = _pairs(options)
    counts = in_sums(options) > 0 and not dropped
    if options.method not in COUNT_METHODS or (options.method == RANDOM_MH and not alone):
        return "entered all the same"
    if options.method == RANDOM_MH:
        sums = "entered the Mantel-Haenszel sums alone"
        return sums if counts else "has no part in the pooled effect"
    return "entered all the same" if counts else "has no part in the sums"


def added_to_none(options: PoolOptions, measure: str) -> str:
    """Return what is added to a study without events in both arms, as a message shows it."""
    return _figure(_first(options, measure)[0])


def _figure(amount: float) -> str:
    return "nothing" if not amount else "1/2" if amount == 0.5 else f"{amount:g}"


def in_words(options: PoolOptions, measure: str | None, *, counted: bool) -> tuple[str, ...]:
    """Return in sentences what was done, where it was asked for.

    `counted` tells whether the effects come from counts.
    """
    given = _given(options)
    if not given:
        return ()
    flags = names([f"--{name}" for name in given])
    if not counted or measure not in TAKING:
        return (f"{flags}: these effects do not come from counts, so nothing was corrected.",)
    return tuple(_sentences(options, measure, flags))


def _sentences(options: PoolOptions, measure: str, flags: str) -> Iterator[str]:
    amount, to = _first(options, measure)
    alone = f"for the effects of single studies {_added(amount, to)}"
    if options.method not in COUNT_METHODS:
        asked = in_sums(options) or (options.drop00 and options.drop00[1])
        more = f"; {options.method} has no sums, which the second values are for" if asked else ""
        yield f"Counts of zero ({flags}): {alone}{more}."
    else:
        (_, other), (_, where), _ = _pairs(options)
        told, summed = _added(amount, to), _added(other, where)
        also = "likewise" if told == summed else summed
        yield f"Counts of zero ({flags}): {alone}, in the sums {also}."
    if options.drop00 is None:
        return
    single, sums = options.drop00
    kept = "has no part in the sums" if sums and options.method in COUNT_METHODS else "is kept"
    told = "is left out" if single else kept
    yield f"A study without events in both arms, or with nothing else, {told} (--drop00)."


def _added(amount: float, to: str) -> str:
    if not amount or to == "none":
        return "nothing was added"
    return f"{_figure(amount)} was added to the counts of {CORRECTED[to]}"


def _first(options: PoolOptions, measure: str) -> tuple[float, str]:
    (amount, _), (to, _), _ = _pairs(options)
    return (0.0 if options.add is None and measure in _PLAIN else amount), to


def _pairs(
    options: PoolOptions,
) -> tuple[tuple[float, float], tuple[str, str], tuple[bool, bool]]:
    """Return the three options, with metafor's defaults for what was not asked for."""
    return (
        options.add or (0.5, 0.0),
        options.to or ("only0", "none"),
        options.drop00 or (True, False),
    )


def _given(options: PoolOptions) -> dict[str, Any]:
    pairs = {name: getattr(options, name) for name in _NAMES}
    return {name: pair for name, pair in pairs.items() if pair is not None}
