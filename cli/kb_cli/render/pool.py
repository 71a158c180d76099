"""Draw a pooled answer: the verdict first, then the effects, what they give, and what stays out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.pooling import naming
from kb.synthesis.words import p_value, rounded
from kb_cli.render.directions import direction_table
from kb_cli.render.parts import (
    BAD,
    EVEN,
    GOOD,
    QUIET,
    STRONG,
    Footnotes,
    bulleted,
    counted,
    direction,
    grid,
    heading,
    indented,
    joined,
    notes,
)
from kb_cli.render.pool_forest import forest_of, names_of
from kb_cli.render.pooled import (
    Shown,
    heterogeneity_sentence,
    interval,
    model_sentence,
    prediction_sentence,
    result_sentence,
    size,
    subgroup_test_sentence,
)

if TYPE_CHECKING:
    from kb.pooling.answer import PooledAnswer
    from kb.pooling.evidence import SetAside

STATUS = {"poolable": GOOD, "poolable with cautions": EVEN, "not poolable": BAD}
_BULLET = "·"
_MOST = 12


def drawn_pool(
    answer: "PooledAnswer", *, sources: bool, asked: str = ""
) -> Iterator[RenderableType]:
    """Yield the parts of the screen, from the verdict down to the sources."""
    footnotes = Footnotes(sources)
    shown = Shown(answer, answer.analysis) if answer.analysis else None
    yield heading(size(answer), asked or answer.command())
    yield from notes(answer.notes)
    yield Text()
    yield from _verdict(answer)
    if shown:
        yield from _pool(shown, footnotes)
    if not answer.verdict.is_poolable:
        yield from _apart(direction_table(answer.selection.directions, footnotes))
    yield from _apart(_reported(answer, footnotes))
    yield from _apart(_set_aside(answer.selection.set_aside))
    if sources:
        yield from _listed("Noted on these numbers", _noted(answer))
    elif any(entry.passages for entry in answer.entries):
        yield Text()
        yield Text("--sources shows the passages behind every effect.", QUIET)
    yield from footnotes.drawn()


def _verdict(answer: "PooledAnswer") -> Iterator[RenderableType]:
    verdict = answer.verdict
    yield Text(f"Verdict: {verdict.status}", f"{STRONG} {STATUS[verdict.status]}")
    yield from _points(verdict.reasons)
    yield from _listed("What would unlock more", verdict.unlock)


def _pool(shown: Shown, footnotes: Footnotes) -> Iterator[RenderableType]:
    """Yield how effects were chosen, the forest plot, and what the pooled effect is."""
    selection = shown.answer.selection
    yield from _listed("How one effect of each trial was chosen", selection.rule)
    yield Text()
    yield forest_of(shown, footnotes)
    yield Text()
    yield Text(result_sentence(shown), STRONG)
    if shown.is_pooled:
        sentences = (
            prediction_sentence(shown),
            model_sentence(shown),
            heterogeneity_sentence(shown),
            subgroup_test_sentence(shown),
        )
        yield from (Text(sentence) for sentence in sentences if sentence)
        yield from _apart(_panel(shown))
        yield from _apart(_regression(shown))
    yield from _listed("To be known of these numbers", shown.analysis.notes)
    yield from _apart(_entered(shown))


def _panel(shown: Shown) -> Iterator[RenderableType]:
    """Yield the intervals for few studies, each with when to believe it."""
    rows = [
        (
            Text(row.name),
            Text(shown.text(interval(*row.back))),
            Text(row.when, QUIET),
        )
        for row in shown.analysis.panel
    ]
    if rows:
        yield Text(f"Few studies: {counted(len(rows), 'interval')} side by side", STRONG)
        yield grid([Column(max_width=14), Column(), Column()], rows)


def _regression(shown: Shown) -> Iterator[RenderableType]:
    found = shown.analysis.regression
    if found is None:
        return
    yield Text("Meta-regression, on the scale of analysis", STRONG)
    headers = ["COEFFICIENT", "ESTIMATE", f"{shown.level} CI", "TEST"]
    rows = [
        [
            Text(row.name),
            Text(_rounded(row.estimate, row.se)),
            Text(f"{_rounded(row.ci_low, row.se)} to {_rounded(row.ci_high, row.se)}"),
            Text("" if row.p is None else p_value(row.p)),
        ]
        for row in found.coefficients
    ]
    yield grid([Column(header) for header in headers], rows)
    left = joined(
        [
            counted(found.k, "study"),
            "" if found.tau2 is None else f"tau² left {found.tau2:.3g}",
            "" if found.r2 is None else f"R² {found.r2:.0f}%",
        ],
        "; ",
    )
    yield Text(f"{left}.", QUIET)


def _entered(shown: Shown) -> Iterator[RenderableType]:
    """Yield what each effect is and how it came about; once, where it is the same for all."""
    entries = shown.answer.entries
    told = [
        joined([e.basis, e.instrument, e.time, "sign turned" if e.flipped else ""]) for e in entries
    ]
    if not any(told):
        return
    yield heading("What entered", "the intervals above are those of the variances analysed")
    if len(entries) > 1 and len(set(told)) == 1:
        yield indented(Text(f"all effects: {told[0]}", QUIET))
        return
    rows = [
        (Text(name), Text(about, QUIET))
        for name, about in zip(names_of(entries), told, strict=True)
    ]
    yield from _first(rows)


def _reported(answer: "PooledAnswer", footnotes: Footnotes) -> Iterator[RenderableType]:
    if not answer.reported:
        return
    yield Text("Reported by others, not mixed in", STRONG)
    rows = [
        (Text(label), _of_review(list(found), asked_outcomes(answer), footnotes))
        for label, found in groupby(answer.reported, key=lambda pool: str(pool["review_label"]))
    ]
    yield indented(grid([Column(max_width=24), Column()], rows))


def _of_review(pools: Sequence[dict[str, Any]], asked: Sequence[str], footnotes: Footnotes) -> Text:
    """Return what a review pooled, a line each, what holds of all, and what keeps it from us."""
    shared = _of_all(pools)
    lines = []
    for pool in pools:
        own = joined((said for said in said_of(pool) if said not in shared), " ")
        effect = Text(reported_effect(pool, asked)) + footnotes.mark(pool["passage"])
        lines.append(Text.assemble(effect, (f". {own}", QUIET)) if own else effect)
    lacking = dict.fromkeys(sentence for pool in pools for sentence in pool["lacking"])
    below = [*shared, *lacking]
    return Text("\n").join([*lines, *(Text(sentence, QUIET) for sentence in below)])


def _of_all(pools: Sequence[dict[str, Any]]) -> list[str]:
    """Return the sentences that are said of each of several pooled effects."""
    return [said for said in said_of(pools[0]) if all(said in said_of(pool) for pool in pools)]


def said_of(pool: dict[str, Any]) -> list[str]:
    """Return what is noted on a pooled effect that a review prints, a sentence each."""
    sentences = (pool["note"] or "").split(". ")
    return [f"{sentence.rstrip('.')}." for sentence in sentences if sentence]


def asked_outcomes(answer: "PooledAnswer") -> Sequence[str]:
    """Return the outcomes that were asked for by name."""
    criterion = answer.question.criterion("outcome") if answer.question else None
    return criterion.wanted if criterion else ()


def reported_effect(pool: dict[str, Any], asked: Sequence[str]) -> str:
    """Return a pooled effect that a review prints: which way it points, and what it is of."""
    return joined(
        [
            f"{pool['statistic']}{_as_printed(pool)}",
            direction(pool["direction"]).plain if pool["direction"] else "",
            "" if pool["outcome"] in asked else pool["outcome_name"],
            pool["time"] or "",
            pool["population"] or "",
            counted(pool["studies"], "study") if pool["studies"] else "",
            f"{pool['participants']:,} participants" if pool["participants"] else "",
            f"I² {pool['i2']:g}%" if pool["i2"] is not None else "",
        ],
        ", ",
    )


def _as_printed(pool: dict[str, Any]) -> str:
    """Return estimate and limits with the decimals of the one that has most."""
    numbers = [pool[name] for name in ("estimate", "ci_low", "ci_high")]
    texts = [f"{number:.10g}" for number in numbers if number is not None]
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    estimate, low, high = (None if n is None else f"{n:.{decimals}f}" for n in numbers)
    limits = "" if low is None or high is None else f" ({low} to {high})"
    return f" {estimate}{limits}" if estimate else limits


def _noted(answer: "PooledAnswer") -> list[str]:
    """Return what is noted on the effects that entered: each note once, after whose it is."""
    labels: dict[str, list[str]] = defaultdict(list)
    for entry in answer.entries:
        for note in entry.notes:
            labels[note].append(entry.label)
    return [f"{naming.names(found)}: {note}" for note, found in labels.items()]


def _set_aside(items: Sequence["SetAside"]) -> Iterator[RenderableType]:
    if not items:
        return
    yield Text(f"Set aside ({len(items)})", STRONG)
    rows = [
        (Text() if place else Text(label), _why(item))
        for label, found in groupby(items, key=lambda item: item.label)
        for place, item in enumerate(found)
    ]
    yield from _first(rows)


def _why(item: "SetAside") -> Text:
    what = f"{item.what}: " if item.what else ""
    return Text.assemble(
        what, (item.reason, QUIET), f" ({item.ask} lets it in)" if item.ask else ""
    )


def _first(rows: Sequence[tuple[Text, Text]]) -> Iterator[RenderableType]:
    """Yield the first rows beside their names, and how many more there are."""
    yield indented(grid([Column(max_width=24), Column()], rows[:_MOST]))
    hidden = len(rows) - _MOST
    if hidden > 0:
        yield indented(Text(f"and {hidden} more; --format json lists them all", QUIET))


def _listed(title: str, sentences: Sequence[str]) -> Iterator[RenderableType]:
    if sentences:
        yield Text()
        yield Text(title, STRONG)
        yield from _points(sentences)


def _points(sentences: Sequence[str]) -> Iterator[RenderableType]:
    if sentences:
        yield indented(bulleted((_BULLET, Text(sentence)) for sentence in sentences))


def _apart(parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    """Yield parts with an empty line before them, or nothing."""
    for place, part in enumerate(parts):
        if not place:
            yield Text()
        yield part


def _rounded(value: float | None, se: float | None) -> str:
    return "?" if value is None else rounded(value, se or 1.0)
