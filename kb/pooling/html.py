"""A pooled answer as a notebook shows it: the verdict, its effects, and what was left out."""

from typing import TYPE_CHECKING, Any

from kb.html import caption, folded, page_of, paragraph, table
from kb.pooling.flat import own_interval
from kb.pooling.options import COUNT_METHODS
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.words import p_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pooling.analysing.analysis import Analysis
    from kb.pooling.answer import PooledAnswer


def pooled_html(answer: "PooledAnswer") -> str:
    """Return the answer; where nothing is pooled, with the directions of effect in its place."""
    verdict, left_out = answer.verdict, answer.selection.set_aside
    parts = [
        caption(verdict.status.capitalize(), answer.command()),
        *(paragraph(sentence) for sentence in (*verdict.reasons, *answer.notes)),
    ]
    if answer.analysis is not None:
        parts += _effects(answer, answer.analysis)
    if not verdict.is_poolable:
        parts.append(_directions(answer))
    return page_of(
        *parts,
        folded("What would let more in", verdict.unlock),
        folded("Left out", [f"{item.label}, {item.what}: {item.reason}" for item in left_out]),
        folded("Reported by others, not mixed in", [_reported(row) for row in answer.reported]),
    )


def _effects(answer: "PooledAnswer", analysis: "Analysis") -> list[str]:
    back = analysis.back
    interval = f"{answer.options.level:g}% CI"
    rows = [
        [
            entry.label,
            "/".join("?" if n is None else str(n) for n in entry.n),
            _decimals(analysis.weights[place]),
            *_estimate(*own_interval(answer, place)),
            entry.basis,
        ]
        for place, entry in enumerate(answer.entries)
    ]
    headers = ["study", "n", "weight %", back["measure"], interval, "basis"]
    if not answer.verdict.is_poolable or back["estimate"] is None:
        return [table(headers, rows)]
    pooled = _estimate(back["estimate"], back["ci_low"], back["ci_high"])
    rows.append(["Pooled", "", "", *pooled, answer.selection.favours])
    few = [[row.name, *_estimate(*row.back), row.when] for row in analysis.panel]
    return [
        table(headers, rows),
        *(paragraph(sentence) for sentence in (_model(analysis), _heterogeneity(analysis))),
        table(["few studies", back["measure"], interval, "when to believe it"], few) if few else "",
        *(paragraph(note) for note in analysis.notes),
    ]


def _model(analysis: "Analysis") -> str:
    result = analysis.result
    model = {**METHODS, **COUNT_METHODS}.get(result["method"], result["method"])
    interval = TESTS.get(result["test"], result["test"])
    kind = "" if result["model"] in {"common", "random"} else f"{result['model']} model, "
    return f"{result['k']} effects; {kind}{model}; interval: {interval}."


def _heterogeneity(analysis: "Analysis") -> str:
    result, back = analysis.result, analysis.back
    said = []
    if result["tau2"] is not None:
        said.append(f"tau² {result['tau2']:.3g}")
    if result["i2"] is not None:
        said.append(f"I² {result['i2']:.0f}%")
    if result["q_p"] is not None:
        said.append(f"Q = {result['q']:.2f} on {result['q_df']} df, {p_value(result['q_p'])}")
    if back["pi_low"] is not None:
        _, prediction = _estimate(back["estimate"], back["pi_low"], back["pi_high"])
        said.append(f"{result['level']:g}% prediction interval {prediction}")
    return f"Heterogeneity: {'; '.join(said)}." if said else "Heterogeneity cannot be estimated."


def _directions(answer: "PooledAnswer") -> str:
    columns = {"label": "study", "outcome_name": "outcome", "statement": "direction of effect"}
    columns |= {"instrument": "instrument", "time": "time", "p": "p"}
    rows = [[row.get(name) for name in columns] for row in answer.selection.directions]
    return table(list(columns.values()), rows) if rows else ""


def _reported(row: "Mapping[str, Any]") -> str:
    estimate, limits = _estimate(row["estimate"], row["ci_low"], row["ci_high"])
    size = f", {row['studies']} studies" if row["studies"] else ""
    numbers = f"{row['statistic']} {estimate} ({limits})" if limits else "no numbers printed"
    about = [numbers, (row["direction"] or "").replace("-", " "), row["outcome_name"]]
    about += [row["time"], row["population"]]
    told = f"{row['review_label']}: {', '.join(part for part in about if part)}{size}."
    return " ".join([told, *([row["note"]] if row["note"] else []), *row["lacking"]])


def _estimate(estimate: Any, low: Any, high: Any) -> list[str]:
    limits = f"{_decimals(low)} to {_decimals(high)}"
    return [_decimals(estimate), limits if low is not None and high is not None else ""]


def _decimals(value: float | None) -> str:
    """Return a number with two decimals, or with two digits where these would hide it."""
    if value is None:
        return ""
    return f"{value:.2f}" if value == 0 or abs(value) >= 0.1 else f"{value:.2g}"
