"""Meta-regression: the mean effect as a linear function of moderators.

Raudenbush SW. Analyzing effect sizes: random-effects models. In: Cooper H, Hedges LV, Valentine JC
(eds). The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., 2009:295-315; for the tests
Knapp G, Hartung J. Improved tests for a random effects meta-regression with a single covariate.
Stat Med 2003;22:2693-2710.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.design import INTERCEPT, Design, with_moderators
from kb.synthesis.distributions import Array, central_quantile, chi2_upper, f_upper
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadOption, BadTable
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, wald
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.inference import estimated_tau2, inconsistency, variance_factor
from kb.synthesis.options import COMMON_EFFECT, METHODS, TESTS, Options
from kb.synthesis.pooling import pool
from kb.synthesis.prediction import Prediction, prediction_se
from kb.synthesis.regression_model import RegressionFit, RegressionModel
from kb.synthesis.words import p_value, said

# Cochrane Handbook, section 10.11: at least ten studies for each characteristic.
STUDIES_PER_MODERATOR = 10


@dataclass(frozen=True, slots=True)
class Omnibus:
    """The test that all coefficients but the intercept are zero.

    `df2` is None where the statistic is a chi-squared with df1 degrees of freedom; otherwise it is
    an F with df1 and df2.
    """

    statistic: float
    df1: int
    df2: int | None
    p: float

    def summary(self) -> str:
        """Return the test in one line."""
        name = f"QM({self.df1})" if self.df2 is None else f"F({self.df1}, {self.df2})"
        return f"test of moderators: {name} = {self.statistic:.2f}, {p_value(self.p)}"


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A meta-regression on the scale of analysis.

    Attributes:
        effects: the k studies that have all moderators.
        design: the columns, of rank p; `design.matrix` has the k rows of `effects`.
        coefficients: the p estimates, in the order of `design.names`.
        covariance: of the coefficients, shape (p, p).
        heterogeneity: what the moderators leave: residual tau², I², H² and Q.
        r2: the share of the heterogeneity that they account for, in percent, not below 0; None
            without an intercept.
        omnibus: the test of all moderators; None where there is none beside the intercept.
        left_out: studies without an effect or without a moderator.
        notes: what a reader must know beyond the numbers.
    """

    effects: Effects
    design: Design
    method: str
    test: str
    level: float
    coefficients: tuple[Estimate, ...]
    covariance: Array
    heterogeneity: Heterogeneity
    r2: float | None
    omnibus: Omnibus | None
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.effects.k

    def coefficient(self, name: str) -> Estimate:
        """Return the estimate for a column of the design."""
        if name not in self.design.names:
            raise BadTable(
                f"There is no coefficient {name!r}. There are {', '.join(self.design.names)}."
            )
        return self.coefficients[self.design.names.index(name)]

    def predict(self, values: Mapping[str, float | str]) -> tuple[Estimate, Prediction | None]:
        """Return the mean effect at these values of the moderators, and where a new one would lie.

        The prediction interval is for the true effect of a new study with these values; None in a
        common-effect model.
        """
        row = self.design.row(values)
        mean = float(row @ [each.estimate for each in self.coefficients])
        se = float(np.sqrt(row @ self.covariance @ row))
        df = self.coefficients[0].df
        estimate = wald(mean, se, df=df, level=self.level)
        if self.method == COMMON_EFFECT:
            return estimate, None
        degrees = None if df is None else np.asarray(df)
        tau2 = np.asarray(self.heterogeneity.tau2)
        half = float(central_quantile(self.level, degrees) * prediction_se(np.asarray(se), tau2))
        return estimate, Prediction(mean - half, mean + half, df, self.level)

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        width = max(map(len, self.design.names))
        lines = [
            f"{self.k} studies, {METHODS[self.method]}; intervals: {TESTS[self.test]}",
            *(
                f"{name:<{width}}  {estimate.summary()}"
                for name, estimate in zip(self.design.names, self.coefficients, strict=True)
            ),
            *([self.omnibus.summary()] if self.omnibus else []),
            f"residual heterogeneity: {self.heterogeneity.summary()}",
            *([f"R² {self.r2:.1f}%"] if self.r2 is not None else []),
            *self.notes,
            *said(self.left_out),
        ]
        return "\n".join(lines)


def regress(
    effects: Effects,
    moderators: Mapping[str, ArrayLike],
    *,
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
    intercept: bool = True,
) -> Regression:
    """Return the regression of the effects on moderators.

    `moderators` has for each name one value per study of `effects`, numbers or words; a study that
    lacks one is left out by name. Columns that are combinations of others are left out and said.

    Raise BadTable and BadStudy for moderators that make no design, as kb.synthesis.design does,
    TooFewStudies where no study has all of them, and BadOption where Hartung-Knapp's test of the
    moderators does not exist because the effects lie exactly on the model.
    """
    options = Options.of(method, test, level, "metafor")
    used, columns, _ = with_moderators(effects, moderators, intercept=intercept)
    return _fit(used, columns, options)


def _fit(effects: Effects, columns: Design, options: Options) -> Regression:
    basis, triangle = np.linalg.qr(columns.matrix)
    model = RegressionModel(effects.yi, effects.vi, basis)
    heterogeneity, fit = _residual(model, options.method)
    beta, covariance = _coefficients(fit, triangle)
    df = heterogeneity.q_df
    t_df = None if options.test == "z" or df == 0 else float(df)
    if df:
        covariance = covariance * variance_factor(options.test, fit.q, model.k - model.p)
    return Regression(
        effects,
        columns,
        options.method,
        options.test,
        options.level,
        tuple(
            wald(estimate, se, df=t_df, level=options.level)
            for estimate, se in zip(beta, np.sqrt(np.diag(covariance)), strict=True)
        ),
        covariance,
        heterogeneity,
        _r2(effects, columns, options.method, heterogeneity),
        _omnibus(columns, beta, covariance, t_df),
        effects.left_out,
        _notes(effects.k, columns),
    )


def _residual(model: RegressionModel, method: str) -> tuple[Heterogeneity, RegressionFit]:
    """Return the heterogeneity that the design leaves, and the fit at its tau².

    As many coefficients as studies leave none.
    """
    df = model.k - model.p
    if df == 0:
        return Heterogeneity(0.0, None, 0.0, 1.0, 0.0, 0, 1.0), model.common
    common = model.common
    tau2, tau2_se, _ = estimated_tau2(model, method)
    i2, h2 = inconsistency(method, tau2, common, df)
    q = common.q
    heterogeneity = Heterogeneity(
        float(tau2),
        None if np.isnan(tau2_se) else float(tau2_se),
        float(i2),
        float(h2),
        float(q),
        int(df),
        float(chi2_upper(q, df)),
    )
    return heterogeneity, model.at(tau2)


def _coefficients(fit: RegressionFit, triangle: Array) -> tuple[Array, Array]:
    """Return the coefficients of the design, shape (p,), and their covariance (X'WX)^-1."""
    root = fit.r_matrix @ triangle
    inverse = np.linalg.inv(root)
    return inverse @ fit.coefficients, inverse @ inverse.T


def _omnibus(columns: Design, beta: Array, covariance: Array, t_df: float | None) -> Omnibus | None:
    """Return the Wald test of every coefficient but the intercept, of all where there is none."""
    tested = [i for i, (name, _) in enumerate(columns.terms) if name != INTERCEPT]
    if not tested:
        return None
    if not covariance.any():
        raise BadOption(
            "The effects lie exactly on the model, so Hartung-Knapp leaves no standard error. "
            "Choose the test z or adhoc."
        )
    part = beta[tested]
    statistic = float(part @ np.linalg.solve(covariance[np.ix_(tested, tested)], part))
    df1 = len(tested)
    if t_df is None:
        return Omnibus(statistic, df1, None, float(chi2_upper(np.asarray(statistic), df1)))
    return Omnibus(statistic / df1, df1, int(t_df), f_upper(statistic / df1, df1, t_df))


def _r2(effects: Effects, columns: Design, method: str, residual: Heterogeneity) -> float | None:
    """Return by how many percent the moderators lower tau², as Raudenbush 2009.

    In a common-effect model, which has no tau², the adjusted R² of the weighted regression.
    """
    if INTERCEPT not in columns.names or len(columns.names) == 1:
        return None
    alone = pool(effects, method=method).heterogeneity
    before, after = alone.tau2, residual.tau2
    if method == COMMON_EFFECT:
        if residual.q_df == 0 or alone.q == 0:
            return 0.0
        before, after = alone.q / alone.q_df, residual.q / residual.q_df
    return 100 * max(0.0, 1 - after / before) if before > 0 else 0.0


def _notes(k: int, columns: Design) -> tuple[str, ...]:
    notes = [*columns.notes]
    moderators = len(columns.moderators)
    if k < STUDIES_PER_MODERATOR * moderators:
        notes.append(
            f"{k} studies are few for {moderators} moderator{'s' if moderators > 1 else ''}; the "
            f"Cochrane Handbook asks for {STUDIES_PER_MODERATOR} each."
        )
    if k == len(columns.terms):
        notes.append("As many coefficients as studies: nothing is left to judge the fit by.")
    return tuple(notes)
