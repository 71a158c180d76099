"""How well a model fits: log-likelihood, deviance and the information criteria."""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.effects import Effects
from kb.synthesis.likelihood.likelihoods import Result, log_likelihood, model_of
from kb.synthesis.options import COMMON_EFFECT


@dataclass(frozen=True, slots=True)
class FitStatistics:
    """How well a model fits, by its likelihood or its restricted likelihood.

    Attributes:
        restricted: whether the likelihood is the restricted one.
        parameters: how many were estimated: the coefficients, and tau² in random effects.
        log_likelihood: with all constants.
        deviance: minus twice the log-likelihood; of the unrestricted one, above that of a model
            without heterogeneity that fits every study.
        aic, bic, aicc: the information criteria of Akaike and Schwarz, and Akaike's corrected for
            few studies; bic is None for a restricted likelihood without residual degrees of
            freedom.
    """

    restricted: bool
    parameters: int
    log_likelihood: float
    deviance: float
    aic: float
    bic: float | None
    aicc: float

    def summary(self) -> str:
        """Return the statistics in one line."""
        name = "restricted log-likelihood" if self.restricted else "log-likelihood"
        bic = "none" if self.bic is None else f"{self.bic:.2f}"
        return (
            f"{name} {self.log_likelihood:.3f} ({self.parameters} "
            f"{'parameter' if self.parameters == 1 else 'parameters'}); deviance "
            f"{self.deviance:.2f}, AIC {self.aic:.2f}, BIC {bic}, AICc {self.aicc:.2f}"
        )


def fit_statistics(result: Result, *, restricted: bool | None = None) -> FitStatistics:
    """Return log-likelihood, deviance, AIC, BIC and AICc at the tau² of the result.

    Without `restricted` the likelihood is the restricted one for REML and the full one for every
    other method. The restricted one counts k - p studies, and its values can only be compared
    between models with the same moderators. The coefficients are those by inverse variance,
    whatever the weights of a pooled effect. AICc is that of Hurvich & Tsai 1989 (Biometrika
    76:297-307), with at least two more studies than parameters counted in.
    """
    if restricted is None:
        restricted = result.method == "REML"
    model = model_of(result)
    k, p = result.k, model.p
    tau2 = np.array([result.heterogeneity.tau2])
    height = log_likelihood(model, tau2, restricted=restricted).item()
    parameters = p + (result.method != COMMON_EFFECT)
    n = k - p if restricted else k
    counted = max(n, parameters + 2)
    minus_twice = -2 * height
    return FitStatistics(
        restricted,
        parameters,
        height,
        minus_twice if restricted else _deviance(result.effects, minus_twice, k - p),
        minus_twice + 2 * parameters,
        minus_twice + parameters * float(np.log(n)) if n else None,
        minus_twice + 2 * parameters * counted / (counted - parameters - 1),
    )


def _deviance(effects: Effects, minus_twice: float, df: int) -> float:
    """Return the deviance against the model that fits every study; 0 where this one does."""
    if df == 0:
        return 0.0
    return minus_twice - float(np.log(2 * np.pi * effects.vi).sum())
