"""Draw what a pooled effect depends on: its parts one under the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.flat import Flat
from kb.pooling.analysing.engine import readers_scale
from kb.synthesis.estimators import ESTIMATORS
from kb.synthesis.options import TESTS
from kb_cli.render.effects import Digits, effect_texts
from kb_cli.render.parts import BAD, QUIET, STRONG, ByWidth, grid, heading, notes
from kb_cli.render.pooled import Shown, model_sentence, result_sentence, size
from kb_cli.render.repooled import Repooled, effect_header, forest_of, interval_of
from kb_cli.render.scatter import Point, Scatter
from kb_cli.render.small_study import drawn_small_study
from kb_cli.render.verdict import drawn_verdict

if TYPE_CHECKING:
    from kb.pooling.sensitivities.sensitivity import EstimatorRow, Sensitivity
    from kb.synthesis.effects import Effects
    from kb.synthesis.estimates import Estimate
    from kb.synthesis.sensitivity.influence import StudyInfluence
    from kb.synthesis.sensitivity.leave_one_out import LeaveOneOut

_LEAST_NAMED = 60
_LISTS = ("leave_one_out", "cumulative", "influence", "baujat", "estimators")


def drawn_sensitivity(found: "Sensitivity") -> list[RenderableType]:
    """Return all parts under headings, and what a reader must know."""
    answer = found.answer
    return [
        heading(size(answer), answer.command("sensitivity")),
        *drawn_verdict(answer),
        Text(),
        *_pooled(found),
        *(Text(note) for note in found.notes),
        *_parts(found),
    ]


def flat_sensitivity(found: "Sensitivity") -> Flat:
    """Return a row for each study, step and estimator of each part; `back_` on the reader's scale.

    Small-study effects have a form of their own and are in JSON alone.
    """
    parts = found.as_dict()["sensitivity"]
    records = [
        {"part": part, "label": row.get("without"), **_spread(row)}
        for part in _LISTS
        for row in parts.get(part) or []
    ]
    headers = list(
        dict.fromkeys(name for record in records for name in record if name != "without")
    )
    return headers, [[record.get(name) for name in headers] for record in records]


def _spread(row: dict[str, object]) -> dict[str, object]:
    """Return a row without nested values."""
    flat: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{inner}": each for inner, each in value.items()}
        else:
            flat[name] = "; ".join(value) if isinstance(value, list) else value
    return flat


def _pooled(found: "Sensitivity") -> list[RenderableType]:
    answer = found.answer
    if found.effects is None or answer.analysis is None:
        return []
    shown = Shown(answer, answer.analysis)
    return [Text(result_sentence(shown), STRONG), Text(model_sentence(shown), QUIET)]


def _parts(found: "Sensitivity") -> list[RenderableType]:
    effects = found.effects
    if effects is None:
        return []
    return [
        *_leave_one_out(found, effects),
        *_cumulative(found),
        *_influence(found),
        *_baujat(found),
        *_estimators(found, effects),
        *(drawn_small_study(found, effects, found.small_study) if found.small_study else []),
    ]


def _leave_one_out(found: "Sensitivity", effects: "Effects") -> list[RenderableType]:
    if found.leave_one_out is None:
        return []
    part = found.leave_one_out
    rows = [Repooled(each.label, each.estimate, each.heterogeneity) for each in part.studies]
    whole = Repooled("All studies", part.whole.estimate, part.whole.heterogeneity, is_whole=True)
    return [
        Text(),
        heading("Leave-one-out", "the pooled effect without each study"),
        forest_of(found.answer, effects, [*rows, whole], title="Without"),
        *(Text(line) for line in _dependence(part, effects)),
        *notes(part.notes),
    ]


def _dependence(part: "LeaveOneOut", effects: "Effects") -> list[str]:
    """Return how far the estimate moves, and whether the conclusion turns."""
    ordered = sorted(part.studies, key=lambda each: each.estimate.estimate)
    shown = [interval_of(effects, each.estimate) for each in ordered]
    digits = Digits.of(shown, readers_scale(effects, effects.measure.null)[0])
    low, high = (
        f"{digits.number(each.estimate)} (without {study.label})"
        for each, study in ((shown[0], ordered[0]), (shown[-1], ordered[-1]))
        if each and each.estimate is not None
    )
    lines = [f"Without one study the {effects.measure.reported} lies between {low} and {high}."]
    null = effects.measure.null
    if null is None:
        return lines
    clear = _excludes(part.whole.estimate, null)
    turned = [each.label for each in part.studies if _excludes(each.estimate, null) != clear]
    verb, no_effect = "excludes" if clear else "holds", readers_scale(effects, null)[0]
    with_all = f"With all studies the interval {verb} {no_effect:g}"
    if not turned:
        return [*lines, f"{with_all}, and so it does without any one of them."]
    return [*lines, f"{with_all}; this changes without {', or without '.join(turned)}."]


def _excludes(estimate: "Estimate", null: float) -> bool:
    return not estimate.ci_low <= null <= estimate.ci_high


def _cumulative(found: "Sensitivity") -> list[RenderableType]:
    if found.cumulative is None:
        return []
    part, until = found.cumulative, found.answer.options.as_of
    dates = ["" if step.key is None else f"{step.key:.0f}" for step in part.steps]
    said = all(date in step.label for date, step in zip(dates, part.steps, strict=True))
    rows = [
        Repooled(
            step.label,
            step.estimate,
            step.heterogeneity,
            (str(step.k),) if said else (date, str(step.k)),
        )
        for date, step in zip(dates, part.steps, strict=True)
    ]
    note = "the pooled effect as the studies came in"
    before = ("k",) if said else ("Year", "k")
    return [
        Text(),
        heading("Cumulative", f"{note}, up to {until}" if until else note),
        forest_of(found.answer, part.effects, rows, title="With", before=before),
        *notes(part.notes),
    ]


def _influence(found: "Sensitivity") -> list[RenderableType]:
    if found.influence is None:
        return []
    names = ("rstudent", "DFFITS", "Cook's D", "cov.r", "weight")
    columns = [
        Column("study"),
        *(Column(name, justify="right", no_wrap=True) for name in names),
        Column("flag"),
    ]
    return [
        Text(),
        heading("Influence", "what each study does to the pooled effect"),
        grid(columns, [_diagnosed(study) for study in found.influence.studies]),
        *([] if _flagged(found) else [Text("No study is an outlier or influential.")]),
        *notes(found.influence.notes),
    ]


def _diagnosed(study: "StudyInfluence") -> list[Text]:
    numbers = (study.rstudent, study.dffits, study.cooks_distance, study.covariance_ratio)
    return [
        Text(study.label),
        *(Text(f"{number:.2f}") for number in numbers),
        Text(f"{study.weight:.1f}%"),
        Text("; ".join(_flags(study)), BAD),
    ]


def _flagged(found: "Sensitivity") -> bool:
    return found.influence is not None and any(map(_flags, found.influence.studies))


def _flags(study: "StudyInfluence") -> list[str]:
    return [
        *(["outlier"] if study.is_outlier else []),
        *([f"influential by {', '.join(study.reasons)}"] if study.is_influential else []),
    ]


def _baujat(found: "Sensitivity") -> list[RenderableType]:
    if found.baujat is None:
        return []
    points = [
        Point(
            each.label,
            each.heterogeneity,
            each.influence,
            f"({each.heterogeneity:.2f}, {each.influence:.2f})",
        )
        for each in found.baujat.points
    ]
    return [
        Text(),
        heading("Baujat's plot", "heterogeneity and influence of each study"),
        Scatter(points, x_name=found.baujat.x_name, y_name="influence on the pooled effect"),
    ]


def _estimators(found: "Sensitivity", effects: "Effects") -> list[RenderableType]:
    if not found.estimators:
        return []
    null = readers_scale(effects, effects.measure.null)[0]
    texts = effect_texts([interval_of(effects, row.estimate) for row in found.estimators], null)
    columns = [
        Column("method", no_wrap=True),
        Column(),
        Column(effect_header(found.answer, effects), no_wrap=True),
        Column("tau²", justify="right", no_wrap=True),
        Column("I²", justify="right", no_wrap=True),
    ]
    rows = [
        [
            Text(row.method),
            Text(_named(row, found.method), QUIET),
            Text(text),
            Text(f"{row.heterogeneity.tau2:.3g}"),
            Text(f"{row.heterogeneity.i2:.0f}%"),
        ]
        for row, text in zip(found.estimators, texts, strict=True)
    ]
    unnamed = grid([*columns[:1], *columns[2:]], [[row[0], *row[2:]] for row in rows])
    tests = dict.fromkeys(row.test for row in found.estimators)
    return [
        Text(),
        heading("Estimators", "the pooled effect by each estimator of tau²"),
        ByWidth(unnamed, grid(columns, rows), least=_LEAST_NAMED),
        Text(f"Intervals: {_tests(list(tests))}.", QUIET),
    ]


def _named(row: "EstimatorRow", used: str) -> str:
    estimator = ESTIMATORS.get(row.method)
    name = estimator.name if estimator else "common effect"
    return f"{name} (used above)" if row.method == used else name


def _tests(tests: Sequence[str]) -> str:
    if len(tests) == 1:
        return TESTS[tests[0]]
    return f"{TESTS[tests[-1]]}; of the common effect {TESTS[tests[0]]}"
