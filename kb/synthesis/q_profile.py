"""Confidence intervals of tau², I² and H² by the Q-profile method.

Viechtbauer W. Confidence intervals for the amount of heterogeneity in meta-analysis. Stat Med
2007;26:37-52; Knapp G, Biggerstaff BJ, Hartung J. Biom J 2006;48:271-285. At the true
tau² the generalised Q has a chi-squared distribution with k - p degrees of freedom, so the values
at which Q is no extreme of it are the interval.
"""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import chi2_quantile
from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level
from kb.synthesis.estimators.generalised_q import solve
from kb.synthesis.groups import one_k
from kb.synthesis.mean_model import mean_model
from kb.synthesis.metaregression import Regression
from kb.synthesis.models import Fit, Model
from kb.synthesis.pooled import Pooled
from kb.synthesis.regression_model import RegressionModel
from kb.synthesis.words import percent


@dataclass(frozen=True, slots=True)
class HeterogeneityInterval:
    """Confidence limits of tau², of I² in percent, and of H².

    `empty` says that every tau² of 0 or more is rejected as too large: the effects agree better
    than chance, and the limits are both 0 for want of another value.
    """

    tau2_low: float
    tau2_high: float
    i2_low: float
    i2_high: float
    h2_low: float
    h2_high: float
    level: float
    empty: bool

    def summary(self) -> str:
        """Return the limits in one line."""
        limits = (
            f"{percent(self.level)} CI by Q-profile: "
            f"tau² {self.tau2_low:.4g} to {self.tau2_high:.4g}; "
            f"I² {self.i2_low:.1f}% to {self.i2_high:.1f}%"
        )
        return f"{limits} (the effects agree better than chance would)" if self.empty else limits


def q_profile(
    fit: Effects | Pooled | Regression, *, level: float = DEFAULT_LEVEL
) -> HeterogeneityInterval:
    """Return the interval of the heterogeneity of effects, or of what a regression leaves of it.

    It needs more studies than the model has coefficients. The interval does not depend on how the
    model estimated tau².
    """
    if isinstance(fit, Regression):
        return _residual(fit, level)
    effects = fit.effects if isinstance(fit, Pooled) else fit
    if effects.k < 2:
        raise TooFewStudies("An interval for tau²", needed=2, found=effects.k)
    model, _ = mean_model(effects.yi, effects.vi, one_k(effects.k))
    return interval(model, level)


def _residual(fit: Regression, level: float) -> HeterogeneityInterval:
    p = len(fit.coefficients)
    if fit.k <= p:
        raise TooFewStudies(f"An interval for tau² beside {p} coefficients", p + 1, fit.k)
    basis = np.linalg.qr(fit.design.matrix)[0]
    return interval(RegressionModel(fit.effects.yi, fit.effects.vi, basis), level)


def interval(model: Model[Fit], level: float) -> HeterogeneityInterval:
    """Return the interval of one model with k > p."""
    tail = (1 - check_level(level)) / 2
    df = model.k - model.p
    common = model.common
    least_q = chi2_quantile(tail, df)
    low = float(solve(model, chi2_quantile(1 - tail, df)))
    high = float(solve(model, least_q))
    typical = float(df / common.trace_p)
    return HeterogeneityInterval(
        low,
        high,
        100 * low / (typical + low),
        100 * high / (typical + high),
        low / typical + 1,
        high / typical + 1,
        level,
        empty=bool(common.q < least_q),
    )
