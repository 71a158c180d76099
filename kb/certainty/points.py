"""Differences of means in points: what difference matters, and what a standardised one would be."""

from collections.abc import Iterable
from typing import Any

from kb.base import Base, Record
from kb.store.relations import Relation, minimal_important_difference, reference_deviation


def important_differences(base: Base, instruments: Iterable[str]) -> list[Record]:
    """Return the minimal important differences of instruments in the store, each as its source has.

    Records have key, instrument, value_low, value_high, unit, change, population, method, passage.
    """
    names = ("key", "value_low", "value_high", "unit", "change", "population", "method")
    return _of_instruments(base, minimal_important_difference, instruments, names)


def in_points(
    base: Base, instruments: Iterable[str], effect: tuple[float, float, float]
) -> list[Record]:
    """Return a standardised difference in the points of each instrument with an SD in the store.

    Records have key, instrument, sd, trials, estimate, ci_low, ci_high and the SD's passage.
    """
    rows = _of_instruments(base, reference_deviation, instruments, ("key", "sd", "trials"))
    return [
        {**row, **dict(zip(_LIMITS, (value * row["sd"] for value in effect), strict=True))}
        for row in rows
    ]


_LIMITS = ("estimate", "ci_low", "ci_high")


def _of_instruments(
    base: Base, relation: Relation, instruments: Iterable[str], names: Iterable[str]
) -> list[Record]:
    labels = set(instruments)
    keys = [k for k, term in base.vocabulary.terms("instrument").items() if term.name in labels]
    rows = base.records(relation, keys, by="instrument_key")
    passages = base.passages(row["passage_key"] for row in rows)

    def told(row: Record) -> dict[str, Any]:
        label = base.vocabulary.label("instrument", row["instrument_key"])
        passage = passages[row["passage_key"]]
        return {"instrument": label, **{name: row[name] for name in names}, "passage": passage}

    return [told(row) for row in rows]
