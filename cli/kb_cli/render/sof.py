"""Draw a summary of findings: a table where there is room, a block for each outcome where not."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from kb.base import Record
from kb.certainty.flat import (
    direction_in_words,
    directions_in_words,
    rating_in_words,
    reasons_in_words,
)
from kb.certainty.ratings import SYMBOLS
from kb.certainty.suggestions import UNTOLD
from kb.flat import Flat
from kb_cli.render.axis import Interval
from kb_cli.render.effects import Digits, written
from kb_cli.render.parts import (
    EVEN,
    QUIET,
    STRONG,
    ByWidth,
    Footnotes,
    counted,
    grid,
    heading,
    indented,
    joined,
    notes,
)

if TYPE_CHECKING:
    from kb.certainty.absolute import AbsoluteEffect
    from kb.certainty.suggestions import Suggestion
    from kb.certainty.summary_of_findings import OutcomeRow, SummaryOfFindings

_LABEL = 13
_NOT_RATED = "not yet rated"
_CIRCLES = 4
_Lines = Iterable[tuple[str, Text]]


def drawn_summary(found: "SummaryOfFindings", *, sources: bool) -> list[RenderableType]:
    """Return the summary as renderables."""
    in_blocks, in_table = Footnotes(sources), Footnotes(sources)
    blocks = [part for row in found.rows for part in _block(row, in_blocks)]
    table = [Text(), _table(found, in_table), *_reasons(found, in_table)] if found.rows else []
    end = [*_formulae(found), *_notes(found), *_left_out(found)]
    return [
        heading(counted(len(found.rows), "outcome"), found.command),
        ByWidth(Group(*blocks, *end, *in_blocks.drawn()), Group(*table, *end, *in_table.drawn())),
    ]


def readable_summary(found: "SummaryOfFindings") -> Flat:
    """Return the columns of the table as text, for Markdown."""
    headers = ["outcome", "participants", "relative effect", "absolute effect", "certainty", "why"]
    return headers, [
        [
            joined([row.name, _when(row)], ", "),
            _people(row),
            joined([_effect(row), *_beside(row), *_cautions(row)], ". "),
            joined(_absolute(row), ". "),
            joined(_levels(row, rating_in_words), "; "),
            joined([*_because(row), *_suggested(row)], " "),
        ]
        for row in found.rows
    ]


def circles(level: str) -> str:
    """Return a level of certainty as the symbols of GRADE."""
    filled = SYMBOLS[level]
    return "⊕" * filled + "◯" * (_CIRCLES - filled)


def labelled(lines: _Lines, width: int) -> RenderableType:
    """Return lines with their labels, each label once for those that follow each other."""
    before = ""
    rows = []
    for label, text in lines:
        rows.append((Text("" if label == before else label, QUIET), text))
        before = label
    return grid([Column(width=width), Column()], rows)


def _block(row: "OutcomeRow", footnotes: Footnotes) -> Iterator[RenderableType]:
    lines = [
        ("Effect", Text(_effect(row)) + footnotes.mark(*row.passages)),
        *(("Not pooled" if row.effect else "Direction", t) for t in _directions(row, footnotes)),
        *(("Absolute", Text(_risk(each))) for each in row.absolute),
        *(("In points", Text(_points(e)) + footnotes.mark(e["passage"])) for e in row.points),
        *(("What matters", text) for text in _important(row, footnotes)),
        *_certainty(row, footnotes),
    ]
    yield Text()
    yield heading(row.name, joined([_people(row), _when(row)]))
    yield indented(labelled(lines, _LABEL))


def _table(found: "SummaryOfFindings", footnotes: Footnotes) -> RenderableType:
    columns = [
        Column("OUTCOME", ratio=3),
        Column("PARTICIPANTS", ratio=3),
        Column("RELATIVE EFFECT", ratio=5),
        Column("ABSOLUTE EFFECT", ratio=5),
        Column("CERTAINTY", ratio=3),
    ]
    table = grid(columns, [_cells(row, footnotes) for row in found.rows])
    table.expand = True
    table.padding = (1, 2, 0, 0)
    return table


def _cells(row: "OutcomeRow", footnotes: Footnotes) -> list[RenderableType]:
    lead = "not pooled, " if row.effect else ""
    when = _when(row)
    effects = [
        Text(_effect(row)) + footnotes.mark(*row.passages),
        *(Text(lead) + text for text in _directions(row, footnotes)),
    ]
    absolute = [
        *(Text(_risk(each)) for each in row.absolute),
        *(Text(_points(each)) + footnotes.mark(each["passage"]) for each in row.points),
        *_important(row, footnotes),
    ]
    return [
        Text.assemble((row.name, STRONG), (f"\n{when}" if when else "", QUIET)),
        Text(_people(row)),
        Text("\n").join(effects),
        Text("\n").join(absolute),
        Text(joined(_levels(row, lambda rating: str(rating["level"])), "\n")),
    ]


def _levels(row: "OutcomeRow", told: Callable[[Record], str]) -> list[str]:
    """Return the ratings of an outcome, that there is none, and those of what is below it."""
    own = [f"{circles(r['level'])} {told(r)}" for r in row.ratings if r["outcome"] == row.key]
    below = [
        f"{r['outcome_name']}: {circles(r['level'])} {told(r)}"
        for r in row.ratings
        if r["outcome"] != row.key
    ]
    return [*(own or [_NOT_RATED]), *below]


def _reasons(found: "SummaryOfFindings", footnotes: Footnotes) -> Iterator[RenderableType]:
    """Yield why an outcome is rated as it is, or what would be suggested."""
    yield Text()
    yield Text("Certainty, and why", STRONG)
    for row in found.rows:
        yield Text()
        yield Text(row.name, STRONG)
        yield indented(labelled(_certainty(row, footnotes), _LABEL))


def _certainty(row: "OutcomeRow", footnotes: Footnotes) -> Iterator[tuple[str, Text]]:
    yield from (("Cautions", Text(line)) for line in _cautions(row))
    if not row.is_rated:
        yield "Certainty", Text(_NOT_RATED, EVEN)
        yield from _suggestions(row)
    for rating in row.ratings:
        is_own = rating["outcome"] == row.key
        of = "" if is_own else f"{rating['outcome_name']}: "
        rated = f"{of}{circles(rating['level'])} {rating_in_words(rating)}"
        yield (
            "Certainty" if is_own else "Rated below",
            Text(rated) + footnotes.mark(rating["passage"]),
        )
        yield from (("because", Text(reason)) for reason in reasons_in_words(rating))


def _suggestions(row: "OutcomeRow") -> Iterator[tuple[str, Text]]:
    for suggestion in row.suggestions:
        if suggestion.suggests != UNTOLD:
            yield "Suggestion", Text(_suggestion(suggestion))
    untold = [s for s in row.suggestions if s.suggests == UNTOLD]
    if untold:
        told = joined([f"{each.domain}: {each.because}" for each in untold], " ")
        yield "Undecided", Text(told, QUIET)


def _because(row: "OutcomeRow") -> Iterator[str]:
    for rating in row.ratings:
        yield from (f"{reason.rstrip('.')}." for reason in reasons_in_words(rating))


def _suggested(row: "OutcomeRow") -> list[str]:
    told = joined(map(_suggestion, row.suggestions), " ")
    return [f"Suggestions, no rating: {told}"] if told else []


def _suggestion(suggestion: "Suggestion") -> str:
    return f"{suggestion.domain}: {suggestion.suggests}. {suggestion.because}"


def _people(row: "OutcomeRow") -> str:
    number, known = row.participants
    trials = counted(len(row.trials), "trial")
    if number is None:
        return f"participants not known ({trials})"
    missing = f", {known} of them counted" if known < len(row.trials) else ""
    return f"{number:,} participants ({trials}{missing})"


def _when(row: "OutcomeRow") -> str:
    window = row.answer.options.window
    return joined([f"{window} months" if window else "", "; ".join(row.times)], ": ")


def _effect(row: "OutcomeRow") -> str:
    """Return the pooled effect in words, or why there is none."""
    if row.effect is None:
        return f"not pooled: {row.unpooled}"
    estimate, low, high = row.effect
    ratio = row.answer.analysis is not None and row.answer.analysis.measure.is_ratio
    digits = Digits.of([Interval(low, high, estimate)], 1 if ratio else 0)
    interval = f"{digits.limit(low)} to {digits.limit(high)}"
    level = f"{row.answer.options.level:g}%"
    effect = f"{row.measure} {digits.number(estimate)} ({level} CI {interval})"
    return joined([effect, row.answer.selection.favours], "; ")


def _directions(row: "OutcomeRow", footnotes: Footnotes) -> Iterator[Text]:
    for direction, trials in row.directions.items():
        passages = [passage for trial in trials for passage in trial["passages"]]
        yield Text(direction_in_words(direction, trials)) + footnotes.mark(*passages)


def _beside(row: "OutcomeRow") -> list[str]:
    """Return the trials that are not pooled, by direction."""
    lead = "not pooled, " if row.effect else ""
    return [f"{lead}{words}" for words in directions_in_words(row)]


def _cautions(row: "OutcomeRow") -> list[str]:
    """Return how many cautions stand against a pooled effect, and where they are told."""
    count = len(row.answer.verdict.reasons)
    if row.effect is None or not count:
        return []
    return [f"{counted(count, 'caution')} on the pooled effect: {row.answer.command()}"]


def _absolute(row: "OutcomeRow") -> list[str]:
    matters = (text.plain for text in _important(row, Footnotes(wanted=False)))
    return [*map(_risk, row.absolute), *map(_points, row.points), *matters]


def _risk(absolute: "AbsoluteEffect") -> str:
    difference, low, high = absolute.differences
    held = "; held at the end of the scale" if absolute.is_held else ""
    return (
        f"at {absolute.source}: {_people_of(absolute.control)} → "
        f"{_people_of(absolute.intervention)} of 1,000 with {absolute.event}, "
        f"{_more(difference)} ({_more(low)} to {_more(high)}){held}"
    )


def _more(difference: float) -> str:
    if difference == 0:
        return "0"
    return f"{_people_of(abs(difference))} {'more' if difference > 0 else 'fewer'}"


def _people_of(value: float) -> str:
    return written(value, 0)


def _important(row: "OutcomeRow", footnotes: Footnotes) -> Iterator[Text]:
    """Yield minimal important differences, those of the same people together."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for each in row.important:
        about = joined([each["change"] or "", each["population"] or ""], ", ")
        groups.setdefault((each["instrument"], about), []).append(each)
    for (instrument, about), rows in groups.items():
        values = joined([f"{_span(each)} {each['unit']}" for each in rows], "; ")
        whom = f" ({about})" if about else ""
        mark = footnotes.mark(*(each["passage"] for each in rows))
        yield Text(f"on the {instrument}: {values}{whom}") + mark


def _span(row: Record) -> str:
    low, high = row["value_low"], row["value_high"]
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _points(row: Record) -> str:
    trials = f" of {row['trials']} trials" if row["trials"] else ""
    estimate, low, high = (written(row[name], 1) for name in ("estimate", "ci_low", "ci_high"))
    return (
        f"{estimate} points ({low} to {high}) of the {row['instrument']} ({row['key']}), "
        f"by its SD {row['sd']:g}{trials}"
    )


def _formulae(found: "SummaryOfFindings") -> Iterator[RenderableType]:
    used = dict.fromkeys(each.formula for row in found.rows for each in row.absolute)
    if used:
        yield Text()
        yield from notes(
            f"Absolute effect: {formula}; b is the risk of the event without the intervention."
            for formula in used
        )


def _notes(found: "SummaryOfFindings") -> Iterator[RenderableType]:
    if found.notes:
        yield Text()
        yield from notes(found.notes)


def _left_out(found: "SummaryOfFindings") -> Iterator[RenderableType]:
    if not found.left_out:
        return
    yield Text()
    yield Text(f"Without a row ({len(found.left_out)})", STRONG)
    rows = [(Text(item.what), Text(item.reason, QUIET)) for item in found.left_out]
    yield grid([Column(max_width=30), Column()], rows)
