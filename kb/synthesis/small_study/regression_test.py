"""Regression tests for asymmetry of the funnel plot: does the effect depend on precision?

Egger M, Davey Smith G, Schneider M, Minder C. Bias in meta-analysis detected by a simple, graphical
test. BMJ 1997;315:629-634; Sterne JAC, Egger M. Regression methods to detect publication and other
bias in meta-analysis. In: Rothstein HR, Sutton AJ, Borenstein M (eds). Publication Bias in
Meta-Analysis, 2005:99-110. Egger's intercept, of the effects over their standard errors on
precision, is the slope here, of the effects on their standard errors.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate
from kb.synthesis.inference import variance_factor
from kb.synthesis.measures import Measure
from kb.synthesis.metaregression import Regression, regress
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.words import said

FEWEST = 3
ADVISED = 10

# Values that differ by less than this share are one value: R's lm takes no closer ones apart.
_EQUAL = 1e-7


@dataclass(frozen=True, slots=True)
class _Predictor:
    """A measure of how small a study is; `at_zero` is whether 0 stands for an infinite study."""

    name: str
    of: Callable[[Array], Array]
    from_sizes: bool
    at_zero: bool


_PREDICTORS = {
    "sei": _Predictor("standard error", np.sqrt, from_sizes=False, at_zero=True),
    "vi": _Predictor("sampling variance", np.asarray, from_sizes=False, at_zero=True),
    "ni": _Predictor("sample size", np.asarray, from_sizes=True, at_zero=False),
    "ninv": _Predictor("inverse of the sample size", np.reciprocal, from_sizes=True, at_zero=True),
    "sqrtni": _Predictor("root of the sample size", np.sqrt, from_sizes=True, at_zero=False),
    "sqrtninv": _Predictor(
        "inverse root of the sample size",
        lambda ni: np.reciprocal(np.sqrt(ni)),
        from_sizes=True,
        at_zero=True,
    ),
}

_MODELS = ("rma", "lm")


@dataclass(frozen=True, slots=True, eq=False)
class RegressionTest:
    """A regression of the effects on a measure of precision.

    Attributes:
        model: "rma", a meta-regression, or "lm", weighted least squares.
        predictor: the measure of precision, as metafor calls it.
        fit: the regression; the studies that it lacks are in its `left_out`.
        notes: what a reader must know beyond the numbers.
    """

    model: str
    predictor: str
    fit: Regression
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.fit.k

    @property
    def slope(self) -> Estimate:
        """The change of the effect with the predictor; the test of zero is that of asymmetry."""
        return self.fit.coefficients[1]

    @property
    def limit(self) -> Estimate | None:
        """The effect of an infinitely large study; None where the predictor grows with size."""
        return self.fit.coefficients[0] if _PREDICTORS[self.predictor].at_zero else None

    def summary(self) -> str:
        """Return the test in the field's words, a line for each part."""
        how = (
            f"{METHODS[self.fit.method]}; intervals: {TESTS[self.fit.test]}"
            if self.model == "rma"
            else "weighted least squares with multiplicative dispersion"
        )
        name = _PREDICTORS[self.predictor].name
        lines = [
            f"Regression test for funnel plot asymmetry, {self.k} studies, {how}",
            f"slope on the {name}: {self.slope.summary()}",
            *([f"limit as the {name} falls to 0: {self.limit.summary()}"] if self.limit else []),
            *self.notes,
            *said(self.fit.left_out),
        ]
        return "\n".join(lines)


def regression_test(
    effects: Effects,
    *,
    model: str = "rma",
    predictor: str = "sei",
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
) -> RegressionTest:
    """Return the regression test for asymmetry, in the forms of metafor's `regtest`.

    On odds ratios the test on the standard error rejects too often where the effect is large,
    because the two are correlated: Harbord et al. 2006 (Stat Med 25:3443-3457) and Peters et al.
    2006 (JAMA 295:676-680) give tests that need the 2x2 tables. On standardised mean differences
    it does too (Pustejovsky & Rodgers 2019, Res Synth Methods 10:57-71); the predictors made of
    sample sizes do not have the fault.

    Args:
        effects: at least three studies; predictors made of sample sizes need `effects.ni`, and
            leave out the studies whose size is not known.
        model: rma, a meta-regression with additive tau²; lm, weighted least squares with weights
            1/vi, multiplicative dispersion and t with k - 2 degrees of freedom (Egger's).
        predictor: sei or vi, the standard error or its square; ni, ninv, sqrtni or sqrtninv, the
            total sample size n as n, 1/n, sqrt(n) or 1/sqrt(n).
        method, test: of the meta-regression; not used by lm.
        level: the confidence level of the intervals.

    Raise TooFewStudies below three studies, BadTable where sample sizes are missing, and BadOption
    where the predictor is the same for all studies or the effects do not scatter about the line.
    """
    if model not in _MODELS:
        raise BadOption(f"There is no model {model!r}. Choose one of {', '.join(_MODELS)}.")
    values = _predictor_values(effects, predictor)
    if model == "lm":
        # With tau² = 0, Hartung and Knapp's factor Q / (k - 2) is the dispersion.
        method, test = "EE", "knha"
        _refuse_line(regress(effects, {predictor: values}, method=method, level=level))
    fit = regress(effects, {predictor: values}, method=method, test=test, level=level)
    notes = (*cautions(fit.k), *_correlated(effects.measure, predictor))
    return RegressionTest(model, predictor, fit, notes)


def egger(effects: Effects, *, level: float = DEFAULT_LEVEL) -> RegressionTest:
    """Return Egger's test: weighted least squares of the effects on their standard errors."""
    return regression_test(effects, model="lm", predictor="sei", level=level)


def cautions(k: int) -> tuple[str, ...]:
    """Return what is to be said of a look at the funnel plot of so few studies."""
    if k >= ADVISED:
        return ()
    note = (
        "With fewer than ten studies asymmetry cannot be told from chance, and the field advises "
        "against testing for it (Sterne et al. 2011, BMJ 343:d4002)."
    )
    return (note,)


def _predictor_values(effects: Effects, predictor: str) -> Array:
    """Return the predictor of each study, NaN where its size is not known."""
    if predictor not in _PREDICTORS:
        raise BadOption(
            f"There is no predictor {predictor!r}. Choose one of {', '.join(_PREDICTORS)}."
        )
    chosen = _PREDICTORS[predictor]
    values = chosen.of(_sizes(effects, predictor) if chosen.from_sizes else effects.vi)
    known = values[np.isfinite(values)]
    if known.size < FEWEST:
        noun = "studies with a sample size" if chosen.from_sizes else None
        raise TooFewStudies(f"A regression test on the {chosen.name}", FEWEST, known.size, noun)
    if np.ptp(known) <= _EQUAL * known.max():
        raise BadOption(
            f"The {chosen.name} is the same in all studies, so no effect can depend on it. Choose "
            "another predictor, or do without the test."
        )
    return values


def _refuse_line(fit: Regression) -> None:
    """Raise if the effects lie on the line of this common-effect model."""
    found = fit.heterogeneity
    if not variance_factor("knha", np.asarray(found.q), np.asarray(found.q_df)):
        raise BadOption(
            "The effects lie on a straight line, so least squares leaves no standard error. Choose "
            "the model rma with the test z or adhoc."
        )


def _sizes(effects: Effects, predictor: str) -> Array:
    """Return the total sample sizes, which are above zero or NaN."""
    if effects.ni is None:
        raise BadTable(
            f"The predictor {predictor} needs the total sample sizes ni, which these effects do "
            "not have. Give them, or use sei or vi."
        )
    bad = np.flatnonzero((effects.ni <= 0) | np.isinf(effects.ni))
    for i in bad.tolist():
        raise BadStudy(
            effects.labels[i],
            f"the sample size is {effects.ni[i]:g}",
            "Correct it, or leave it empty.",
        )
    return effects.ni


def _correlated(measure: Measure, predictor: str) -> tuple[str, ...]:
    """Return what is to be said of a measure whose standard error depends on the effect itself."""
    if measure.code not in {"OR", "SMD"} or _PREDICTORS[predictor].from_sizes:
        return ()
    source = (
        "Peters et al. 2006, JAMA 295:676-680"
        if measure.code == "OR"
        else "Pustejovsky & Rodgers 2019, Res Synth Methods 10:57-71"
    )
    note = (
        f"A {measure.name} and its standard error are correlated, so the test rejects too often "
        f"where the effect is large ({source}); see whether a predictor made of sample sizes "
        "agrees."
    )
    return (note,)
