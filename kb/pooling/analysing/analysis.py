"""The pooled effect: the arithmetic from chosen effects to what is shown of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kb.pooling.analysing.dependent import fit_dependent
from kb.pooling.analysing.engine import engine_errors, number, readers_scale
from kb.pooling.analysing.fit import Fit, fit
from kb.pooling.analysing.regression import RegressionResult, regression_of
from kb.pooling.analysing.small_k import PanelRow, panel_of
from kb.pooling.analysing.subgroups import ModeratorTest, SubgroupRow, subgroups_of
from kb.pooling.analysing.units import effects_of, units_of
from kb.pooling.evidence import Selection
from kb.pooling.options import PoolOptions
from kb.synthesis.distributions import central_quantile
from kb.synthesis.effects import Effects
from kb.synthesis.measures import Measure

__all__ = [
    "Analysis",
    "ModeratorTest",
    "PanelRow",
    "RegressionResult",
    "SubgroupRow",
    "analyse",
]

_READ = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")


@dataclass(frozen=True, eq=False)
class Analysis:
    """A pooled effect, with everything that stands beside it.

    Attributes:
        measure: what was pooled.
        effects: the effects of the entries, in their order.
        result: on the scale of analysis: k, measure, model, method, test, level (percent),
            estimate, se, ci_low, ci_high, statistic, p, pi_low, pi_high, tau2, tau2_se, tau2_low,
            tau2_high, i2 (percent), h2, q, q_df and q_p; None where a thing does not exist. k is
            the number of effects pooled: of trials where their effects were combined.
        back: the measure, the estimate and both intervals on the reader's scale.
        weights: in percent, per entry: what it contributes to the pooled effect; None where the
            method gives it none.
        panel: for two to five studies, four intervals side by side.
        subgroups, subgroup_test: a pooled effect per kind of study, and whether they differ.
        regression: on the moderators that were asked for.
        levels: of a three-level model, the variances and I² between and within trials.
        notes: what a reader must know beyond the numbers.
    """

    measure: Measure
    effects: Effects
    result: Mapping[str, Any]
    back: Mapping[str, Any]
    weights: tuple[float | None, ...]
    panel: tuple[PanelRow, ...] = ()
    subgroups: tuple[SubgroupRow, ...] = ()
    subgroup_test: ModeratorTest | None = None
    regression: RegressionResult | None = None
    levels: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def extras(self) -> dict[str, Any]:
        """Return what stands beside the result as plain data, without what is empty."""
        labels = tuple(self.effects.labels)
        test = self.subgroup_test.as_dict() if self.subgroup_test else None
        rows = [row.as_dict(labels) for row in self.subgroups]
        extras = {
            "small_k": [row.as_dict() for row in self.panel],
            "subgroups": {"levels": rows, "test": test} if rows else {},
            "moderators": self.regression.as_dict() if self.regression else {},
            "three_level": dict(self.levels),
            "notes": list(self.notes),
        }
        return {name: value for name, value in extras.items() if value}


def analyse(selection: Selection, options: PoolOptions) -> Analysis:
    """Return the pooled effect of a selection of one effect or more.

    Raise `NotPooled` where the method, the dependence, a subgroup or a moderator cannot be had of
    these effects.
    """
    with engine_errors():
        effects = effects_of(selection)
        dependent = options.dependence in {"three-level", "robust"}
        compute = _of_dependent if dependent else _of_independent
        found = compute(selection, effects, options)
        return replace(found, notes=(*found.notes, *_beyond(effects, options)))


def _beyond(effects: Effects, options: PoolOptions) -> tuple[str, ...]:
    """Return notes on effects that are too large for a number of the reader's scale."""
    reach = central_quantile(options.share) * effects.sei
    highest = readers_scale(effects, *(effects.yi + reach).tolist())
    name = effects.measure.name
    return tuple(
        f"{label}: its {_reported(effects.measure)} or a limit of it is above 1e308, which no "
        f"number here can show. The {name} is {yi:g}, with the variance {vi:g}."
        for label, yi, vi, high in zip(
            effects.labels, effects.yi.tolist(), effects.vi.tolist(), highest, strict=True
        )
        if high is None
    )


def _of_dependent(selection: Selection, effects: Effects, options: PoolOptions) -> Analysis:
    found = fit_dependent(selection, effects, options)
    return Analysis(
        measure=effects.measure,
        effects=effects,
        result=_result(found, options),
        back=_back(found),
        weights=found.weights,
        levels=found.levels,
        notes=found.notes,
    )


def _of_independent(selection: Selection, effects: Effects, options: PoolOptions) -> Analysis:
    entries = selection.entries
    units = units_of(selection, effects, options)
    found = fit(units, options)
    panel, panel_notes = panel_of(units, entries, options)
    subgroups, subgroup_test, subgroup_notes = subgroups_of(units, entries, options)
    regression, regression_notes = regression_of(units, entries, options)
    notes = (*units.notes, *found.notes, *panel_notes, *subgroup_notes, *regression_notes)
    return Analysis(
        measure=found.effects.measure,
        effects=effects,
        result=_result(found, options),
        back=_back(found),
        weights=units.spread(found.weights, len(entries)),
        panel=panel,
        subgroups=subgroups,
        subgroup_test=subgroup_test,
        regression=regression,
        notes=tuple(dict.fromkeys(notes)),
    )


def _result(found: Fit, options: PoolOptions) -> dict[str, Any]:
    mean = found.estimate
    shown = ("estimate", "se", "ci_low", "ci_high", "statistic", "p")
    prediction = found.prediction
    spread = ("tau2", "tau2_se", "tau2_low", "tau2_high", "i2", "h2", "q", "q_df", "q_p")
    return {
        "k": found.effects.k,
        "measure": found.effects.measure.code,
        "model": found.model,
        "method": found.method,
        "test": found.test,
        "level": options.level,
        **{name: number(getattr(mean, name)) for name in shown},
        "pi_low": number(prediction.low if prediction else None),
        "pi_high": number(prediction.high if prediction else None),
        **{name: _plain(found.spread[name]) for name in spread},
    }


def _plain(value: float | int | None) -> float | int | None:
    return value if isinstance(value, int) else number(value)


def _back(found: Fit) -> dict[str, Any]:
    mean, prediction = found.estimate, found.prediction
    numbers = (
        *(mean.estimate, mean.ci_low, mean.ci_high),
        *(getattr(prediction, name, None) for name in ("low", "high")),
    )
    back = dict(zip(_READ, readers_scale(found.effects, *numbers), strict=True))
    return {"measure": _reported(found.effects.measure), **back}


def _reported(measure: Measure) -> str:
    return "proportion" if measure.code == "PFT" else measure.reported
