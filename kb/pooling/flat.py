"""The effects behind a pooled answer as flat rows: one per study, on both scales."""

from typing import TYPE_CHECKING, Any

from kb.flat import PASSAGE, Flat, passage_cells
from kb.pooling.analysing.engine import readers_scale

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer
    from kb.pooling.evidence import Entry

_HEADERS = (
    *("label", "yi", "vi", "weight", "measure", "estimate", "ci_low", "ci_high"),
    *("year", "n_intervention", "n_control", "shown_intervention", "shown_control"),
    *("basis", "instrument", "time", "flipped", "study", "key"),
)


def flat_effects(answer: "PooledAnswer") -> Flat:
    """Return headers and a row for each effect.

    `yi` and `vi` are on the scale of analysis; `estimate` with its interval is what a reader of the
    measure knows; `weight` is in percent.
    """
    others = dict.fromkeys(name for entry in answer.entries for name in entry.values)
    more = [name for name in others if name not in {*_HEADERS, *PASSAGE}]
    rows = [
        [
            *_effect(answer, place, entry),
            *(entry.values.get(name) for name in more),
            *_source(entry),
        ]
        for place, entry in enumerate(answer.entries)
    ]
    return [*_HEADERS, *more, *PASSAGE], rows


def own_interval(answer: "PooledAnswer", place: int) -> tuple[float | None, ...]:
    """Return the effect at a place and its limits on the reader's scale, at the answer's level."""
    from kb.synthesis.distributions import central_quantile

    assert answer.analysis is not None
    effects = answer.analysis.effects.take([place])
    yi, margin = effects.yi[0], central_quantile(answer.options.share) * effects.sei[0]
    return readers_scale(effects, yi, yi - margin, yi + margin)


def _effect(answer: "PooledAnswer", place: int, entry: "Entry") -> list[Any]:
    assert answer.analysis is not None
    return [
        *(entry.label, entry.yi, entry.vi, answer.analysis.weights[place]),
        *(answer.analysis.back["measure"], *own_interval(answer, place)),
        *(entry.year, *entry.n, *(entry.shown or (None, None))),
        *(entry.basis, entry.instrument or None, entry.time or None),
        *(entry.flipped, entry.study, entry.key),
    ]


def _source(entry: "Entry") -> list[Any]:
    """Return the passages behind an effect as one set of cells."""
    cells = [passage_cells(passage) for passage in entry.passages]
    return [
        "; ".join(dict.fromkeys(str(each[place]) for each in cells if each[place])) or None
        for place in range(len(PASSAGE))
    ]
