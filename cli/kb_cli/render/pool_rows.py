"""A pooled answer as rows: exact for a spreadsheet, and as it is shown for a document."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kb.flat import Flat
from kb.pooling.flat import flat_effects
from kb_cli.render.effects import effect_texts
from kb_cli.render.parts import joined
from kb_cli.render.pool import asked_outcomes, reported_effect, said_of
from kb_cli.render.pool_forest import effect_header, names_of, participants
from kb_cli.render.pooled import Shown

if TYPE_CHECKING:
    from kb.base import Record
    from kb.pooling.answer import PooledAnswer
    from kb.pooling.evidence import Entry


def exact_rows(answer: "PooledAnswer") -> Flat:
    """Return a row for each effect with all digits, and a last one for the pooled effect."""
    headers, effects = flat_effects(answer)
    pooled = _pooled(answer)
    return headers, [*effects, *([[pooled.get(name) for name in headers]] if pooled else [])]


def readable_rows(answer: "PooledAnswer") -> Flat:
    """Return the columns of the forest plot, what each effect is, and where it comes from."""
    headers = ["study", "n", "intervention", "control", "weight"]
    about = ["basis", "instrument", "time", "source"]
    reported = list(_reported(answer))
    if answer.analysis is None:
        return [*headers, "effect", *about], reported
    shown = Shown(answer, answer.analysis)
    return [*headers, effect_header(shown), *about], [*_readable(shown), *reported]


def _readable(shown: Shown) -> Iterator[list[str]]:
    entries, weights = shown.answer.entries, shown.analysis.weights
    pooled = [shown.pooled, shown.prediction] if shown.is_pooled else []
    effects = [
        " ".join(text.split()) for text in effect_texts([*shown.effects, *pooled], shown.null)
    ]
    for place, (entry, name) in enumerate(zip(entries, names_of(entries), strict=True)):
        weight = weights[place] if shown.is_pooled else None
        yield [
            name,
            participants(entry),
            *(entry.shown or ("", "")),
            "" if weight is None else f"{weight:.1f}%",
            effects[place],
            entry.basis,
            entry.instrument,
            entry.time,
            _source(entry),
        ]
    for label, effect in zip(
        ("Pooled effect", "Prediction interval"), effects[len(entries) :], strict=False
    ):
        if effect:
            yield [label, *[""] * 4, effect, *[""] * 4]


def _reported(answer: "PooledAnswer") -> Iterator[list[str]]:
    """Yield what reviews print, the whole of it in the column of the effects, and their notes."""
    for pool in answer.reported:
        label = f"Reported by {pool['review_label']}, not mixed in"
        effect = reported_effect(pool, asked_outcomes(answer))
        yield [
            label,
            *[""] * 4,
            effect,
            joined(said_of(pool), " "),
            "",
            "",
            _place(pool["passage"]),
        ]


def _source(entry: "Entry") -> str:
    return joined(dict.fromkeys(map(_place, entry.passages)), "; ")


def _place(passage: "Record") -> str:
    return f"{passage['citation']}, {passage['locator']}"


def _pooled(answer: "PooledAnswer") -> dict[str, Any]:
    """Return the pooled effect under the headers of the effects; nothing where there is none."""
    if answer.analysis is None or not Shown(answer, answer.analysis).is_pooled:
        return {}
    result = answer.analysis.result
    row = {"label": "Pooled", "yi": result["estimate"], "vi": result["se"] ** 2, "weight": 100}
    return {**row, **answer.analysis.back}
