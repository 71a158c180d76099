"""Draw the specifications as curves, and what each choice does to the result."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import exp
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.flat import Flat
from kb.synthesis.options import TESTS
from kb_cli.render.effects import Digits
from kb_cli.render.forest import Forest, Row
from kb_cli.render.parts import QUIET, STRONG, counted, grid, heading, notes
from kb_cli.render.repooled import effect_header, interval_of, sides
from kb_cli.render.verdict import drawn_verdict

if TYPE_CHECKING:
    from kb.pooling.multiverses.curves import Change, Choice, Curve
    from kb.pooling.multiverses.multiverse import MultiverseAnswer
    from kb.synthesis.sensitivity.multiverse import Specification

_MOST = 40


def drawn_multiverse(found: "MultiverseAnswer") -> list[RenderableType]:
    """Return a curve for each measure with its choices, then what was not done, and notes."""
    answer = found.answer
    count = counted(len(found.multiverse.specifications), "specification")
    return [
        heading(count, found.command),
        *drawn_verdict(answer, "Verdict by default"),
        *(part for curve in found.curves for part in _curve(found, curve)),
        *_skipped(found),
        *([Text(), *notes(found.notes)] if found.notes else []),
    ]


def flat_multiverse(found: "MultiverseAnswer") -> Flat:
    """Return a row for each specification; `back_` on the reader's scale."""
    records = []
    for one in found.multiverse.specifications:
        row = found.row(one)
        back = row.pop("back")
        records.append({**row, **{f"back_{name}": value for name, value in back.items()}})
    headers = list(records[0]) if records else ["measure", "method", "test", "effects"]
    return headers, [list(record.values()) for record in records]


def _curve(found: "MultiverseAnswer", curve: "Curve") -> list[RenderableType]:
    tests = dict.fromkeys(one.test for one in curve.specifications)
    name = curve.measure.reported
    return [
        Text(),
        heading(
            f"{name[:1].upper()}{name[1:]}", counted(len(curve.specifications), "specification")
        ),
        *(Text(line) for line in _sentences(curve)),
        Text(),
        _forest(found, curve),
        *_unshown(curve),
        Text(f"Intervals: {'; '.join(f'{test} {TESTS[test]}' for test in tests)}.", QUIET),
        *([Text(), _choices(curve), Text(_paired(curve), QUIET)] if curve.choices else []),
    ]


def _sentences(curve: "Curve") -> Iterator[str]:
    """Yield the range of the estimates, how often no effect is excluded, and what matters most."""
    digits = _digits(curve)
    low, median, high = (_number(digits, value) for value in curve.back(*curve.spread))
    if low == high:
        yield f"The {curve.measure.reported} is {median} by all of them."
    else:
        yield f"The {curve.measure.reported} lies between {low} and {high}, median {median}."
    total = len(curve.specifications)
    if curve.excluding is not None:
        share = f"{100 * curve.excluding / total:.0f}%"
        yield f"The interval excludes {_null(curve)} in {curve.excluding} of {total} ({share})."
    decisive = curve.decisive
    if decisive is None or decisive.most is None:
        yield "No choice moves the median estimate."
    else:
        yield from _moved(curve, decisive.name, decisive.most)


def _moved(curve: "Curve", name: str, most: "Change") -> Iterator[str]:
    """Yield what the choice that matters most does, and whether other trials play a part in it."""
    digits, pairs = _digits(curve), len(most.pairs)
    before, after = (_number(digits, value) for value in curve.back(*most.largest))
    if pairs == 1:
        extent = f"takes it from {before} to {after}, in the only two specifications"
    else:
        does = "multiplies it by" if curve.measure.is_ratio else "changes it by"
        extent = (
            f"{does} {_change(curve, most)}{_scale(curve)} at the median and takes it at most from "
            f"{before} to {after}, in {pairs} pairs of specifications"
        )
    yield (
        f"The choice of {name} moves it most: {most.after} in place of {most.before} {extent} "
        "that differ in nothing else."
    )
    if most.trials:
        counts = dict.fromkeys(f"{first} against {second}" for first, second in most.trials)
        share = f"In {len(most.trials)} of the pairs" if pairs > 1 else "Between them"
        yield f"{share} the trials differ too: {', '.join(counts)}."


def _paired(curve: "Curve") -> str:
    return (
        "Each decision is compared with the first of its choice, in pairs of specifications that "
        f"differ in nothing else{_scale(curve).replace(' on', ', on')}."
    )


def _scale(curve: "Curve") -> str:
    """Return on which scale changes are told, "" where a reader takes it for granted."""
    same = curve.measure.is_ratio or curve.measure.reported == curve.measure.name
    return "" if same else " on the scale of analysis"


def _change(curve: "Curve", change: "Change") -> str:
    """Return the median change: a factor for ratios, else a difference on the scale of analysis."""
    if curve.measure.is_ratio:
        return f"{exp(change.median):.2f}"
    return _digits(curve).number(change.median)


def _null(curve: "Curve") -> str:
    return f"{curve.back(curve.measure.null)[0]:g}"


def _digits(curve: "Curve") -> Digits:
    shown = (interval_of(curve.effects, one.estimate) for one in curve.specifications)
    return Digits.of(shown, curve.back(curve.measure.null)[0])


def _number(digits: Digits, value: float | None) -> str:
    return "beyond what can be shown" if value is None else digits.number(value)


def _forest(found: "MultiverseAnswer", curve: "Curve") -> Forest:
    several = len({one.rule for one in curve.specifications}) > 1
    shown = _shown(curve.specifications)
    return Forest(
        rows=[
            Row(_label(one, several=several), interval_of(curve.effects, one.estimate), size=0.5)
            for one in shown
        ],
        effect=effect_header(found.answer, curve.effects),
        null=curve.back(curve.measure.null)[0],
        logarithmic=curve.measure.is_ratio,
        favours=sides(found.answer),
        title="Specification",
    )


def _label(one: "Specification", *, several: bool) -> str:
    return f"{one.method} {one.test}{f'; {one.rule}' if several else ''}"


def _shown(specifications: Sequence["Specification"]) -> Sequence["Specification"]:
    """Return all specifications, or some evenly spaced ones with the first and the last."""
    last = len(specifications) - 1
    if last < _MOST:
        return specifications
    return [specifications[round(place * last / (_MOST - 1))] for place in range(_MOST)]


def _unshown(curve: "Curve") -> list[RenderableType]:
    total = len(curve.specifications)
    if total <= _MOST:
        return []
    return [Text(f"{_MOST} of {total:,} shown, evenly spaced; --format csv has all.", QUIET)]


def _choices(curve: "Curve") -> RenderableType:
    """Return what the results are by each decision."""
    factor = "factor" if curve.measure.is_ratio else "change"
    columns = [
        Column("choice"),
        Column("decision"),
        Column("n", justify="right", no_wrap=True),
        Column("pairs", justify="right", no_wrap=True),
        Column(f"median {factor}", justify="right", no_wrap=True),
        Column("" if curve.excluding is None else f"excludes {_null(curve)}", justify="right"),
    ]
    return grid(columns, [row for choice in curve.choices for row in _decided(curve, choice)])


def _decided(curve: "Curve", choice: "Choice") -> Iterator[list[Text]]:
    for place, each in enumerate(choice.decisions):
        yield [
            Text(choice.name if place == 0 else ""),
            Text(each.decision),
            Text(str(each.specifications)),
            Text(str(len(each.change.pairs)) if each.change else ""),
            Text(_change(curve, each.change) if each.change else ""),
            Text("" if each.excluding is None else f"{each.excluding} of {each.specifications}"),
        ]


def _skipped(found: "MultiverseAnswer") -> list[RenderableType]:
    """Return how many combinations were no specification, by reason."""
    counts = Counter(one.reason for one in found.multiverse.skipped)
    rows = [
        (Text(str(count)), Text(f"{', '.join(_measures(found, reason))}: {reason}", QUIET))
        for reason, count in counts.items()
    ]
    if found.same:
        same = "ways of choosing led to the same effects as another; each set counts once"
        rows.append((Text(str(found.same)), Text(same, QUIET)))
    if not rows:
        return []
    columns = [Column(justify="right", no_wrap=True), Column()]
    return [Text(), Text("No specification of their own", STRONG), grid(columns, rows)]


def _measures(found: "MultiverseAnswer", reason: str) -> list[str]:
    """Return the measures in which something was skipped for a reason."""
    skipped = (one.measure for one in found.multiverse.skipped if one.reason == reason)
    return list(dict.fromkeys(skipped))
