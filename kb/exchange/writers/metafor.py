"""Effects in the columns of R's metafor: those that a pooled answer rests on, or every comparison.

Names of columns are those of `escalc` and `rma` (Viechtbauer W. J Stat Softw 2010;36(3):1-48).
"""

import math
from collections.abc import Mapping, Sequence

from kb.base import Base
from kb.exchange.writers.cells import table_for_r
from kb.exchange.writers.comparisons import Compared, Comparisons
from kb.pooling.answer import PooledAnswer
from kb.pooling.evidence import Entry
from kb.pooling.options import COUNT_METHODS
from kb.pooling.receipts.receipt import receipt
from kb.pooling.selecting.candidates import candidates, find
from kb.pooling.selecting.sizes import Sizes
from kb.pooling.selecting.variances import Effect, columns_of, effects_of

_COUNTS = ("ai", "bi", "ci", "di")
_MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
_PROPORTION = ("xi", "ni")
_SAME = 1e-12


def write_pooled(base: Base, answer: PooledAnswer) -> tuple[str, int]:
    """Return the effects that an answer pools, in its order, and their number.

    `yi` and `vi` are what is pooled. Where `flipped` is TRUE the sign of `yi` was turned so that
    all effects point the same way, and the means of the arms give the opposite of it; counts are
    those without the event. `receipt` is the id that `kb pool --receipt` gives the same answer.
    """
    raw = _raw(base, answer)
    known = [
        name
        for name in dict.fromkeys((*_COUNTS, *_MEANS, *_PROPORTION))
        if any(row.get(name) is not None for row in raw)
    ]
    others = dict.fromkeys(name for entry in answer.entries for name in entry.values)
    values = [name for name in others if name not in {"year", "instrument"}]
    kept = receipt(answer)["id"]
    assert answer.selection.measure is not None
    rows = [
        [
            *(entry.label, entry.study, entry.year, answer.selection.measure.code),
            *(entry.yi, entry.vi, math.sqrt(entry.vi), _weight(answer, place)),
            *(numbers.get(name) for name in known),
            *(entry.flipped, entry.instrument or None, entry.time or None, entry.basis),
            *(entry.values.get(name) for name in values),
            *(entry.key, _told(entry, "citation"), _told(entry, "locator"), _told(entry, "quote")),
            kept,
        ]
        for place, (entry, numbers) in enumerate(zip(answer.entries, raw, strict=True))
    ]
    headers = [
        *("slab", "study", "year", "measure", "yi", "vi", "sei", "weight"),
        *(*known, "flipped", "instrument", "time", "basis"),
        *(*values, "key", "report", "locator", "quote", "receipt"),
    ]
    return table_for_r(headers, rows), len(rows)


def call_in_r(answer: PooledAnswer) -> str:
    """Return the call of metafor that pools the effects again; "" where one call does not."""
    assert answer.analysis is not None
    result, options = answer.analysis.result, answer.options
    if options.dependence != "one" or options.method in COUNT_METHODS:
        return ""
    given = f'method="{result["method"]}", test="{result["test"]}", level={options.level:g}'
    return f"rma(yi, vi, data=dat, {given})"


def write_compared(base: Base, found: Comparisons) -> tuple[str, int]:
    """Return every comparison with its raw columns or its reported effect, and their number.

    `yi` and `vi` stand for reported effects alone, on the scale of `measure`; `escalc` with
    replace=FALSE computes the others. Directions are not aligned: `better` says which end is.
    """
    label = base.vocabulary.label
    raw = (*_COUNTS, *_MEANS)
    headers = [
        *("slab", "study", "year", "outcome", "instrument", "time", "months", "population"),
        *("arm1", "arm2", "measure", "yi", "vi", *raw, "sd_computed_from", "better", "adjusted"),
        *("key", "report", "locator", "quote"),
    ]
    rows = []
    for row in found.rows:
        candidate, source = row.candidate, found.source(row)
        place = candidate.place
        numbers = _by_cell(row.columns) if candidate.source == "counts" else row.columns
        adjusted = bool(candidate.row["adjusted"]) if candidate.is_reported else None
        rows.append(
            [
                *(place.label, place.study, place.year, label("outcome", place.outcome)),
                label("instrument", place.instrument) or place.detail,
                *(place.time, place.months, candidate.population, *row.arms),
                *(row.measure, row.yi, row.vi, *(numbers.get(name) for name in raw)),
                *(row.sd_from, row.better or None, adjusted),
                *(candidate.key, source["citation"], source["locator"], source["quote"]),
            ]
        )
    return table_for_r(headers, rows), len(rows)


def effects_without_variance(rows: Sequence[Compared]) -> int:
    """Return how many reported effects have no variance of their own."""
    return sum(row.yi is not None and row.vi is None for row in rows)


def _weight(answer: PooledAnswer, place: int) -> float | None:
    return answer.analysis.weights[place] if answer.analysis else None


def _told(entry: Entry, part: str) -> str | None:
    """Return one part of the passages behind an entry as a text."""
    return "; ".join(dict.fromkeys(str(passage[part]) for passage in entry.passages)) or None


def _raw(base: Base, answer: PooledAnswer) -> list[Mapping[str, float | None]]:
    """Return what the arms behind each entry showed, or how many they were."""
    shown = _shown(base, answer)
    counts = answer.selection.counts
    raw: list[Mapping[str, float | None]] = []
    for place, entry in enumerate(answer.entries):
        treated, control = entry.n
        own = {name: column[place] for name, column in counts.items()} if counts else {}
        raw.append({"n1i": treated, "n2i": control, **shown.get(place, {}), **own})
    return raw


def _shown(base: Base, answer: PooledAnswer) -> dict[int, dict[str, float]]:
    """Return the columns of the arms by the place of the entry; they give its very effect.

    Several comparisons may share a treated arm; the one is taken whose effect was pooled.
    """
    question, measure = answer.question, answer.selection.measure
    assert question is not None
    assert measure is not None
    sought = {entry.key for entry in answer.entries}
    single = any(entry.shown and not entry.shown[1] for entry in answer.entries)
    every = candidates(find(base, question), single_arms=single)
    chosen = [
        (each, Sizes())
        for each in every
        if each.key in sought and each.source in {"counts", "means", "arm"}
    ]
    fitting = [pair for pair in chosen if measure.code in pair[0].measures]
    made = [
        each
        for each in effects_of(fitting, measure.code, {}, answer.options)
        if isinstance(each, Effect)
    ]
    return {
        place: _by_cell(columns_of(each.candidate))
        for place, entry in enumerate(answer.entries)
        for each in made
        if each.candidate.key == entry.key and _is_effect(each, entry)
    }


def _is_effect(effect: Effect, entry: Entry) -> bool:
    yi = -entry.yi if entry.flipped else entry.yi
    return abs(effect.yi - yi) <= _SAME and abs(effect.vi - entry.vi) <= _SAME


def _by_cell(columns: Mapping[str, float]) -> dict[str, float]:
    """Return counts as the four cells of their table, and other columns as they are."""
    if "ai" not in columns:
        return dict(columns)
    cells = {"bi": columns["n1i"] - columns["ai"], "di": columns["n2i"] - columns["ci"]}
    return {**columns, **cells}
