"""What metafor is to agree with: the numbers of an analysis, and where metafor keeps each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kb.pooling.analysing.analysis import Analysis
from kb.pooling.r_scripts.r_literals import text


@dataclass(frozen=True)
class Check:
    """A number by its name: ours, and the expression in R for metafor's."""

    name: str
    ours: float
    theirs: str


_MEAN = {
    "estimate": "{m}$beta[1]",
    "se": "{m}$se[1]",
    "ci_low": "{m}$ci.lb[1]",
    "ci_high": "{m}$ci.ub[1]",
    "statistic": "{m}$zval[1]",
    "p": "{m}$pval[1]",
}
_HETEROGENEITY = {
    "tau2": "{m}$tau2",
    "tau2_se": "{m}$se.tau2",
    "i2": "{m}$I2",
    "h2": "{m}$H2",
    "q": "{m}$QE",
    "q_p": "{m}$QEp",
}
_PREDICTION = {"pi_low": "limits$pi.lb", "pi_high": "limits$pi.ub"}
_TAU2 = {
    "tau2_low": 'around$random["tau^2", "ci.lb"]',
    "tau2_high": 'around$random["tau^2", "ci.ub"]',
}
_THREE_LEVEL = {
    "tau2": "sum(res$sigma2)",
    "q": "res$QE",
    "q_p": "res$QEp",
}
_ROBUST = {
    "estimate": "robust_test$beta",
    "se": "robust_test$SE",
    "ci_low": "robust_limits$CI_L",
    "ci_high": "robust_limits$CI_U",
    "statistic": "robust_test$tstat",
    "p": "robust_test$p_Satt",
}
_OF_WEIGHTS = Check(
    "largest difference between weights", 0.0, "max(abs(weights(res) - dat$weight))"
)
_SUBGROUP = ("estimate", "se", "ci_low", "ci_high", "tau2", "i2", "q", "q_p")


def checks(analysis: Analysis, *, weights: bool) -> tuple[Check, ...]:
    """Return the numbers of an analysis that the script holds against metafor's.

    `weights` tells whether metafor has a weight for each entry.
    """
    return (
        *_result(analysis),
        *([_OF_WEIGHTS] if weights else []),
        *_subgroups(analysis),
        *_regression(analysis),
    )


def _result(analysis: Analysis) -> Iterator[Check]:
    result = analysis.result
    mean = _ROBUST if result["test"] == "CR2" else _of(_MEAN, "res")
    spread = _THREE_LEVEL if result["model"] == "three-level" else _of(_HETEROGENEITY, "res")
    yield from _known("", result, mean | spread | _PREDICTION | _TAU2)
    if analysis.measure.is_ratio:
        shown = {name: f"exp({mean[name]})" for name in ("estimate", "ci_low", "ci_high")}
        yield from _known(f"{analysis.measure.reported}: ", analysis.back, shown)


def _subgroups(analysis: Analysis) -> Iterator[Check]:
    for row in analysis.subgroups:
        numbers = {name: getattr(row, name) for name in _SUBGROUP}
        where = _of({n: (_MEAN | _HETEROGENEITY)[n] for n in _SUBGROUP}, f"by[[{text(row.level)}]]")
        yield from _known(f"{row.level}: ", numbers, where)
    test = analysis.subgroup_test
    if test is not None:
        numbers = {"statistic": test.statistic, "p": test.p}
        where = {"statistic": "between$QE", "p": "between$QEp"}
        yield from _known("between subgroups: ", numbers, where)


def _regression(analysis: Analysis) -> Iterator[Check]:
    found = analysis.regression
    if found is None:
        return
    columns = {"estimate": "beta", "se": "se", "ci_low": "ci.lb", "ci_high": "ci.ub", "p": "pval"}
    for place, coefficient in enumerate(found.coefficients, 1):
        numbers = {name: getattr(coefficient, name) for name in columns}
        where = {name: f"regression${column}[{place}]" for name, column in columns.items()}
        yield from _known(f"{coefficient.name}: ", numbers, where)
    yield from _known("regression: ", {"tau2": found.tau2}, {"tau2": "regression$tau2"})
    if found.test is not None:
        numbers = {"statistic": found.test.statistic, "p": found.test.p}
        where = {"statistic": "regression$QM", "p": "regression$QMp"}
        yield from _known("moderators: ", numbers, where)


def _of(where: Mapping[str, str], model: str) -> dict[str, str]:
    return {name: expression.format(m=model) for name, expression in where.items()}


def _known(
    prefix: str, numbers: Mapping[str, float | None], where: Mapping[str, str]
) -> Iterator[Check]:
    for name, expression in where.items():
        ours = numbers.get(name)
        if ours is not None:
            yield Check(f"{prefix}{name}", float(ours), expression)
