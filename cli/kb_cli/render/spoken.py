"""A pooled answer in plain sentences, one a line, for screen readers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kb_cli.render.directions import BASIS, measured, participants, pointing, vote_count
from kb_cli.render.parts import Footnotes, joined, passage_text
from kb_cli.render.pool import asked_outcomes, reported_effect, said_of
from kb_cli.render.pool_forest import names_of
from kb_cli.render.pooled import (
    Shown,
    heterogeneity_sentence,
    interval,
    model_sentence,
    prediction_sentence,
    result_sentence,
    size,
    subgroup_sentences,
    subgroup_test_sentence,
)

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer


def spoken_pool(answer: "PooledAnswer", *, sources: bool, asked: str = "") -> Iterator[str]:
    """Yield the sentences of the answer in the order of the screen."""
    footnotes = Footnotes(sources)
    yield f"{size(answer)}, {asked or answer.command()}."
    yield from answer.notes
    yield f"Verdict: {answer.verdict.status}."
    yield from answer.verdict.reasons
    yield from (f"What would unlock more: {sentence}" for sentence in answer.verdict.unlock)
    if answer.analysis:
        yield from _analysis(Shown(answer, answer.analysis), footnotes)
    if not answer.verdict.is_poolable:
        yield from _directions(answer, footnotes)
    for pool in answer.reported:
        mark = footnotes.mark(pool["passage"]).plain
        effect = reported_effect(pool, asked_outcomes(answer))
        yield f"Reported by {pool['review_label']}, not mixed in: {effect}{mark}."
        yield from said_of(pool)
        yield from pool["lacking"]
    for item in answer.selection.set_aside:
        what = joined([item.label, item.what], ", ")
        asks = f"; {item.ask} lets it in" if item.ask else ""
        yield f"Set aside: {what}: {item.reason.rstrip('.')}{asks}."
    yield from (
        f"Source {number}: {passage_text(passage).plain}."
        for number, passage in enumerate(footnotes.passages, 1)
    )


def _analysis(shown: Shown, footnotes: Footnotes) -> Iterator[str]:
    yield from shown.answer.selection.rule
    yield from _studies(shown, footnotes)
    yield result_sentence(shown)
    if shown.is_pooled:
        yield from filter(None, (prediction_sentence(shown), model_sentence(shown)))
        yield from filter(None, (heterogeneity_sentence(shown),))
        yield from subgroup_sentences(shown)
        yield from filter(None, (subgroup_test_sentence(shown),))
        for row in shown.analysis.panel:
            yield f"{row.name}: {shown.name} {shown.text(interval(*row.back))}. {row.when}"
    yield from shown.analysis.notes


def _studies(shown: Shown, footnotes: Footnotes) -> Iterator[str]:
    entries = shown.answer.entries
    for place, (entry, name) in enumerate(zip(entries, names_of(entries), strict=True)):
        found, weight = shown.effects[place], shown.analysis.weights[place]
        effect = "not estimable"
        if found is not None and found.estimate is not None:
            effect = (
                f"{shown.name} {shown.number(found.estimate)}, {shown.level} interval "
                f"{shown.span(found)}"
            )
        parts = [effect]
        if shown.is_pooled and weight is not None:
            parts.append(f"weight {weight:.1f} percent")
        parts.append(_participants(*entry.n))
        parts += [f"{domain}: {judgement}" for domain, judgement in entry.bias]
        yield f"{name}: {joined(parts, ', ')}{footnotes.mark(*entry.passages).plain}."


def _participants(treated: int | None, control: int | None) -> str:
    if treated is None or control is None:
        known = treated or control
        return f"{known:,} participants" if known and control is None else ""
    return f"{treated:,} and {control:,} participants"


def _directions(answer: "PooledAnswer", footnotes: Footnotes) -> Iterator[str]:
    rows = answer.selection.directions
    yield from (_direction(row, footnotes) for row in rows)
    vote = vote_count(rows)
    if vote:
        yield vote


def _direction(row: dict[str, Any], footnotes: Footnotes) -> str:
    about = joined([measured(row), BASIS[row["basis"]], participants(row), row["p"] or ""], ", ")
    mark = footnotes.mark(row["passage"]).plain
    return f"{row['label']}: {pointing(row).plain}, {about}{mark}."
