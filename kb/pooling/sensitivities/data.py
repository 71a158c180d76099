"""What a pooled answer depends on, as plain data for JSON: null, never NaN."""

from typing import TYPE_CHECKING, Any

from kb.pooling.analysing.engine import number, readers_scale
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import Estimate
from kb.synthesis.heterogeneity import Heterogeneity

if TYPE_CHECKING:
    from kb.pooling.sensitivities.sensitivity import Sensitivity
    from kb.pooling.sensitivities.small_study import SmallStudy
    from kb.synthesis.sensitivity.influence import StudyInfluence

_DIAGNOSTICS = (
    "weight",
    "rstudent",
    "dffits",
    "cooks_distance",
    "covariance_ratio",
    "dfbetas",
    "tau2",
    "q",
)


def parts_as_dict(found: "Sensitivity") -> dict[str, Any]:
    """Return every part by name, rows as lists; None for a part that was not made."""
    effects = found.effects
    if effects is None:
        return {}
    return {
        "method": found.method,
        "leave_one_out": found.leave_one_out
        and [
            {"without": each.label, **_result(effects, each.estimate, each.heterogeneity)}
            for each in found.leave_one_out.studies
        ],
        "cumulative": found.cumulative
        and [
            {
                "label": step.label,
                "year": step.key,
                "k": step.k,
                **_result(found.cumulative.effects, step.estimate, step.heterogeneity),
            }
            for step in found.cumulative.steps
        ],
        "influence": found.influence and [_influence(each) for each in found.influence.studies],
        "baujat": found.baujat
        and [
            {"label": point.label, **_numbers(point, "heterogeneity", "influence")}
            for point in found.baujat.points
        ],
        "estimators": [
            {
                "method": row.method,
                "test": row.test,
                **_result(effects, row.estimate, row.heterogeneity),
            }
            for row in found.estimators
        ],
        "small_study": found.small_study and _small_study(effects, found.small_study),
    }


def estimate_as_dict(effects: Effects, estimate: Estimate) -> dict[str, Any]:
    """Return an estimate on the scale of analysis, and under `back` on the reader's."""
    ends = ("estimate", "ci_low", "ci_high")
    back = readers_scale(effects, *(getattr(estimate, end) for end in ends))
    return {
        **_numbers(estimate, *ends, "se", "statistic", "p"),
        "back": dict(zip(ends, back, strict=True)),
    }


def _result(effects: Effects, estimate: Estimate, found: Heterogeneity) -> dict[str, Any]:
    return {
        **estimate_as_dict(effects, estimate),
        **_numbers(found, "tau2", "i2", "q", "q_p"),
    }


def _numbers(of: object, *names: str) -> dict[str, float | None]:
    return {name: number(getattr(of, name)) for name in names}


def _influence(study: "StudyInfluence") -> dict[str, Any]:
    return {
        "label": study.label,
        **_numbers(study, *_DIAGNOSTICS),
        "outlier": study.is_outlier,
        "influential_by": list(study.reasons),
    }


def _small_study(effects: Effects, found: "SmallStudy") -> dict[str, Any]:
    """Return the four analyses; slopes stay on the scale of analysis."""
    egger, begg, filled, corrected = (
        found.egger,
        found.begg,
        found.trim_and_fill,
        found.pet_peese,
    )
    return {
        "egger": egger
        and {
            "slope": number(egger.slope.estimate),
            **_numbers(egger.slope, "se", "statistic", "df", "p"),
        },
        "begg": begg and {"tau": number(begg.tau), "p": number(begg.p), "exact": begg.exact},
        "trim_and_fill": filled
        and {
            "estimator": filled.estimator,
            "side": filled.side,
            "filled": filled.k0,
            **estimate_as_dict(filled.adjusted.effects, filled.adjusted.estimate),
        },
        "pet_peese": corrected
        and {"chosen": corrected.chosen, **estimate_as_dict(effects, corrected.estimate)},
        "notes": list(found.notes),
    }
