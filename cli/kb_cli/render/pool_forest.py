"""The forest plot of a pooled answer: its rows, and what stands beside them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kb.pooling.evidence import Entry
from kb_cli.render.forest import Beside, Forest, Kind, Row
from kb_cli.render.parts import Footnotes, counted, joined
from kb_cli.render.pooled import Shown, interval
from kb_cli.render.repooled import sides

_SIGNS = {"low": "+", "high": "-", "serious": "-", "critical": "-"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Line(NamedTuple):
    row: Row
    n: str = ""
    weight: str = ""
    arms: tuple[str, str] = ("", "")
    bias: str = ""


def forest_of(shown: Shown, footnotes: Footnotes) -> Forest:
    """Return the forest plot; it has no diamond where the effects may not be pooled."""
    selection = shown.answer.selection
    lines = list(_lines(shown, footnotes))
    arms = ("Group 1", "Group 2") if shown.answer.file else ("Intervention", "Control")
    columns = [
        Beside("n", [line.n for line in lines]),
        *(
            Beside(header, [line.arms[place] for line in lines], wide=True)
            for place, header in enumerate(arms)
        ),
        Beside("Weight", [line.weight for line in lines]),
        Beside(
            _letters(selection.entries),
            [line.bias for line in lines],
            wide=True,
            after=True,
            legend=_legend(selection.entries),
        ),
    ]
    return Forest(
        rows=[line.row for line in lines],
        effect=effect_header(shown),
        null=shown.null,
        logarithmic=shown.analysis.measure.is_ratio,
        beside=[column for column in columns if any(column.cells)],
        favours=sides(shown.answer),
    )


def effect_header(shown: Shown) -> str:
    """Return what stands above effects: "HR [95% CI]"."""
    code = shown.analysis.measure.code
    return f"{'Effect' if code == 'GEN' else code} [{shown.level} CI]"


def names_of(entries: Sequence[Entry]) -> list[str]:
    """Return the labels, and for those that several effects share what tells these apart."""
    times = Counter(entry.label for entry in entries)
    return [
        e.label if times[e.label] == 1 else joined([e.label, e.instrument, e.time]) for e in entries
    ]


def participants(entry: Entry) -> str:
    """Return the sizes of the arms as "158/77", or the one that is known of a single group."""
    treated, control = entry.n
    if control is None:
        return "" if treated is None else f"{treated:,}"
    return f"{'?' if treated is None else f'{treated:,}'}/{control:,}"


def _lines(shown: Shown, footnotes: Footnotes) -> Iterator[_Line]:
    studies = list(_studies(shown, footnotes))
    subgroups = shown.analysis.subgroups if shown.is_pooled else ()
    for group in subgroups:
        yield _Line(Row(group.level, kind=Kind.HEADING))
        yield from (studies[place] for place in group.members)
        if group.k > 1:
            label = f"{group.level}: {counted(group.k, 'study')}"
            yield _Line(Row(label, interval(*group.back), Kind.POOLED))
    grouped = {place for group in subgroups for place in group.members}
    rest = [study for place, study in enumerate(studies) if place not in grouped]
    if subgroups and rest:
        yield _Line(Row("In no subgroup", kind=Kind.HEADING))
    yield from rest
    if shown.is_pooled:
        total = _total(shown)
        yield _Line(Row("Pooled effect", shown.pooled, Kind.POOLED), total, "100%")
        if shown.prediction:
            yield _Line(Row("Prediction interval", shown.prediction, Kind.PREDICTION))


def _studies(shown: Shown, footnotes: Footnotes) -> Iterator[_Line]:
    entries = shown.answer.entries
    domains = _domains(entries)
    weights = shown.analysis.weights if shown.is_pooled else (None,) * len(entries)
    sizes = _sizes(entries, weights)
    for place, (entry, name) in enumerate(zip(entries, names_of(entries), strict=True)):
        mark = footnotes.mark(*entry.passages).plain
        weight = weights[place]
        judged = dict(entry.bias)
        yield _Line(
            Row(joined([name, mark], " "), shown.effects[place], size=sizes[place]),
            participants(entry),
            "" if weight is None else f"{weight:.1f}%",
            entry.shown or ("", ""),
            "".join(_sign(judged.get(domain, "")) for domain in domains) if judged else "",
        )


def _sizes(entries: Sequence[Entry], weights: Sequence[float | None]) -> list[float]:
    """Return the size of each square: by weight, or by precision where nothing is pooled."""
    given = [weight or 0.0 for weight in weights]
    if not any(given):
        given = [1 / entry.vi for entry in entries]
    return [value / max(given) for value in given]


def _total(shown: Shown) -> str:
    """Return the participants of both arms, "" where those of a study are not known."""
    selection = shown.answer.selection
    treated, control = zip(*(entry.n for entry in selection.entries), strict=True)
    if selection.k != selection.trials or None in treated:
        return ""
    if None in control:
        return f"{sum(treated):,}" if not any(control) else ""
    return f"{sum(treated):,}/{sum(control):,}"


def _domains(entries: Sequence[Entry]) -> list[str]:
    return list(dict.fromkeys(domain for entry in entries for domain, _ in entry.bias))


def _letters(entries: Sequence[Entry]) -> str:
    return _LETTERS[: len(_domains(entries))]


def _sign(judgement: str) -> str:
    word = judgement.lower().split()[:1]
    return _SIGNS.get(word[0], "?") if word else " "


def _legend(entries: Sequence[Entry]) -> str:
    """Return what the letters and signs of risk of bias mean."""
    named = zip(_LETTERS, _domains(entries), strict=False)
    letters = ", ".join(f"{letter} {name}" for letter, name in named)
    return f"Risk of bias: {letters}; + low, ? unclear or some concerns, - high."
