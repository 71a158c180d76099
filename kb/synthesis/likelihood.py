"""Likelihoods of a meta-analysis: fit statistics, likelihood-ratio tests, profile intervals.

Hardy RJ, Thompson SG. A likelihood approach to meta-analysis with random effects. Stat Med
1996;15:619-629; Harville DA. Bayesian inference for variance components using only error contrasts.
Biometrika 1974;61:383-385, for the constant of the restricted likelihood. The effects are normal
with variances vi + tau²; the coefficients are at their best values given tau².
"""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array, chi2_quantile, chi2_upper
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadTable, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level, p_value
from kb.synthesis.metaregression import Regression
from kb.synthesis.options import COMMON_EFFECT
from kb.synthesis.pooled import Pooled

_GRID = 256
_ZOOM = 65
_ZOOMS = 6
_LOG_2_PI = float(np.log(2 * np.pi))


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


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood-ratio test.

    Attributes:
        statistic: twice the difference of the log-likelihoods, not below zero.
        df: how many parameters fewer the reduced model has.
        boundary: whether the hypothesis is the edge of what can be (tau² = 0). The reference is
            then not the chi-squared with df = 1 but its even mixture with a zero, and p is half
            of what the chi-squared gives; 1 for a statistic of zero.
        p: the p-value.
    """

    statistic: float
    df: int
    boundary: bool
    p: float

    def summary(self) -> str:
        """Return the test in one line."""
        reference = f"chi²({self.df})"
        if self.boundary:
            reference = f"0 and {reference}, mixed half and half"
        return f"likelihood-ratio test: {self.statistic:.2f} against {reference}, {p_value(self.p)}"


@dataclass(frozen=True, slots=True)
class ProfileInterval:
    """A profile-likelihood interval: the values that a likelihood-ratio test does not reject.

    `quantity` is "tau²" or "mean"; `restricted` whether the likelihood is the restricted one. The
    estimate is the value of greatest likelihood.
    """

    quantity: str
    estimate: float
    low: float
    high: float
    level: float
    restricted: bool

    def summary(self) -> str:
        """Return the interval in one line."""
        name = "restricted profile likelihood" if self.restricted else "profile likelihood"
        return (
            f"{self.quantity} {self.estimate:.4g} ({self.level:.0%} CI by {name} {self.low:.4g} to "
            f"{self.high:.4g})"
        )


def fit_statistics(result: Pooled | Regression, *, restricted: bool | None = None) -> FitStatistics:
    """Return log-likelihood, deviance, AIC, BIC and AICc at the tau² of the result.

    Without `restricted` the likelihood is the restricted one for REML and the full one for every
    other method. The restricted one counts k - p studies, and its values can only be compared
    between models with the same moderators. The coefficients are those by inverse variance,
    whatever the weights of a pooled effect. AICc is that of Hurvich & Tsai 1989 (Biometrika
    76:297-307), with at least two more studies than parameters counted in.
    """
    if restricted is None:
        restricted = result.method == "REML"
    model = _model(result)
    k, p = result.k, model.p
    tau2 = np.array([result.heterogeneity.tau2])
    log_likelihood = float(model.log_likelihood(tau2, restricted=restricted)[0])
    parameters = p + (result.method != COMMON_EFFECT)
    n = k - p if restricted else k
    counted = max(n, parameters + 2)
    minus_twice = -2 * log_likelihood
    return FitStatistics(
        restricted,
        parameters,
        log_likelihood,
        minus_twice if restricted else _deviance(result.effects, minus_twice, k - p),
        minus_twice + 2 * parameters,
        minus_twice + parameters * float(np.log(n)) if n else None,
        minus_twice + 2 * parameters * counted / (counted - parameters - 1),
    )


def heterogeneity_test(result: Pooled | Regression) -> LikelihoodRatio:
    """Return the likelihood-ratio test that tau² is 0, of a model fitted by ML or REML.

    Zero is the least value that tau² can have: under the hypothesis the statistic is zero in half
    of all samples, and else chi-squared with one degree of freedom (Self & Liang 1987, J Am Stat
    Assoc 82:605-610, case 5).
    """
    restricted = _restricted(result, "A likelihood-ratio test of tau²")
    drop = _drop(_model(result), result.heterogeneity.tau2, np.zeros(1), restricted=restricted)
    statistic = max(0.0, float(drop[0]))
    p = float(chi2_upper(np.asarray(statistic), 1)) / 2 if statistic > 0 else 1.0
    return LikelihoodRatio(statistic, 1, boundary=True, p=p)


def compare(full: Pooled | Regression, reduced: Pooled | Regression) -> LikelihoodRatio:
    """Return the likelihood-ratio test of a reduced model against the full one.

    Both are of the same studies, fitted by ML, or both with a common effect; the moderators of
    the reduced one are among those of the full one. Restricted likelihoods of models with
    different moderators cannot be compared.
    """
    _check_methods(full, reduced)
    if not (
        _same(full.effects.yi, reduced.effects.yi) and _same(full.effects.vi, reduced.effects.vi)
    ):
        raise BadTable(
            f"The models are not of the same studies ({full.k} and {reduced.k}). Fit both to those "
            "that have all moderators."
        )
    larger, smaller = _model(full), _model(reduced)
    rest = smaller.basis - larger.basis @ (larger.basis.T @ smaller.basis)
    if larger.p <= smaller.p or np.linalg.norm(rest) > 1e-8:
        raise BadOption(
            f"The model with {smaller.p} coefficients is not a part of the one with {larger.p}. "
            "Leave moderators out of the full model to have the reduced one."
        )
    statistic = 2 * (
        fit_statistics(full, restricted=False).log_likelihood
        - fit_statistics(reduced, restricted=False).log_likelihood
    )
    statistic = max(0.0, statistic)
    df = larger.p - smaller.p
    return LikelihoodRatio(
        statistic, df, boundary=False, p=float(chi2_upper(np.asarray(statistic), df))
    )


def profile_tau2(result: Pooled | Regression, *, level: float = DEFAULT_LEVEL) -> ProfileInterval:
    """Return the profile-likelihood interval of tau², of a model fitted by ML or REML.

    It holds the tau² whose log-likelihood is within half the quantile of chi-squared with one
    degree of freedom of the greatest (Hardy & Thompson 1996, section 3.2), for REML of the
    restricted one. Where these values fall apart in two ranges, the limits are the outermost.
    """
    critical = float(chi2_quantile(check_level(level), 1))
    restricted = _restricted(result, "A profile-likelihood interval")
    model, tau2 = _model(result), result.heterogeneity.tau2
    low, high = _accepted(model, tau2, critical, restricted=restricted)
    return ProfileInterval("tau²", tau2, low, high, level, restricted)


def profile_mean(result: Pooled, *, level: float = DEFAULT_LEVEL) -> ProfileInterval:
    """Return the profile-likelihood interval of the mean, of a model fitted by ML.

    It holds the means for which some tau² has a log-likelihood within half the quantile of
    chi-squared with one degree of freedom of the greatest (Hardy & Thompson 1996, section 3.1). At
    a given tau² these are mean(tau²) -+ sqrt((c - d) / sum(w)), with c the quantile and d the loss
    of twice the log-likelihood at that tau²; the limits are the outermost of them over all tau².
    """
    critical = float(chi2_quantile(check_level(level), 1))
    if result.method != "ML":
        raise BadOption(
            f"The profile likelihood of the mean is of a model fitted by ML, not {result.method}. "
            "Pool with method ML."
        )
    _restricted(result, "A profile-likelihood interval")
    model, tau2 = _model(result), result.heterogeneity.tau2
    mean, _ = model.mean(np.array([tau2]))
    accepted = _accepted(model, tau2, critical, restricted=False)
    low, high = (_outermost(model, tau2, critical, accepted, sign) for sign in (-1, 1))
    return ProfileInterval("mean", float(mean[0]), low, high, level, restricted=False)


@dataclass(frozen=True, slots=True, eq=False)
class _LinearModel:
    """Effects and variances, shape (k,), and orthonormal columns that span the design, (k, p)."""

    yi: Array
    vi: Array
    basis: Array

    @property
    def k(self) -> int:
        return self.yi.size

    @property
    def p(self) -> int:
        return int(self.basis.shape[1])

    def log_likelihood(self, tau2: Array, *, restricted: bool) -> Array:
        """Return the log-likelihood at each tau², shape (m,).

        With w = 1 / (vi + tau²) and RSS the residual sum of squares at these weights, it is minus
        half of k log(2 pi) - sum(log w) + RSS; the restricted one is minus half of
        (k - p) log(2 pi) - sum(log w) + log|X'WX| - log|X'X| + RSS. On orthonormal columns |X'X|
        is 1, and with W^(1/2) X = QR, |X'WX| is the squared product of R's diagonal.
        """
        root = (self.vi + tau2[:, None]) ** -0.5
        q, r = np.linalg.qr(root[..., None] * self.basis)
        scaled = root * self.yi
        fitted = q @ (np.swapaxes(q, 1, 2) @ scaled[..., None])
        minus_twice = ((scaled - fitted[..., 0]) ** 2).sum(axis=1) - 2 * np.log(root).sum(axis=1)
        if not restricted:
            return np.asarray(-(minus_twice + self.k * _LOG_2_PI) / 2)
        log_det = 2 * np.log(np.abs(np.diagonal(r, axis1=1, axis2=2))).sum(axis=1)
        return np.asarray(-(minus_twice + log_det + (self.k - self.p) * _LOG_2_PI) / 2)

    def residual_mean_square(self, df: int) -> float:
        """Return that of the unweighted fit."""
        residuals = self.yi - self.basis @ (self.basis.T @ self.yi)
        return float(residuals @ residuals) / df

    def mean(self, tau2: Array) -> tuple[Array, Array]:
        """Return the mean at each tau² and the sum of the weights, shape (m,)."""
        weights = 1 / (self.vi + tau2[:, None])
        total = weights.sum(axis=1)
        return weights @ self.yi / total, total


def _model(result: Pooled | Regression) -> _LinearModel:
    """Return the linear model of a result; the columns of a pooled effect are one of ones."""
    if isinstance(result, Regression):
        basis = np.linalg.qr(result.design.matrix)[0]
    else:
        basis = np.full((result.k, 1), result.k**-0.5)
    return _LinearModel(result.effects.yi, result.effects.vi, basis)


def _deviance(effects: Effects, minus_twice: float, df: int) -> float:
    """Return the deviance against the model that fits every study; 0 where this one does."""
    if df == 0:
        return 0.0
    return minus_twice - float(np.log(2 * np.pi * effects.vi).sum())


def _drop(model: _LinearModel, tau2: float, values: Array, *, restricted: bool) -> Array:
    """Return by how much twice the log-likelihood is lower at these values than at tau²."""
    points = np.concatenate([[tau2], values])
    heights = model.log_likelihood(points, restricted=restricted)
    return np.asarray(2 * (heights[0] - heights[1:]))


def _accepted(
    model: _LinearModel, tau2: float, critical: float, *, restricted: bool
) -> tuple[float, float]:
    """Return the least and the greatest tau² whose drop is no more than the critical value.

    A grid, evenly spaced in log(min v + t), brackets both; bisection ends them.
    """
    grid = np.sort(np.append(_grid(model, tau2, critical, restricted=restricted), tau2))
    inside = np.flatnonzero(_drop(model, tau2, grid, restricted=restricted) <= critical)
    first, last = int(inside[0]), int(inside[-1])

    def edge(within: float, beyond: float) -> float:
        while abs(beyond - within) > 4e-16 * (max(within, beyond) + float(model.vi.min())):
            middle = (within + beyond) / 2
            if _drop(model, tau2, np.array([middle]), restricted=restricted)[0] <= critical:
                within = middle
            else:
                beyond = middle
        return within

    low = 0.0 if first == 0 else edge(grid[first], grid[first - 1])
    return float(low), float(edge(grid[last], grid[last + 1]))


def _grid(model: _LinearModel, tau2: float, critical: float, *, restricted: bool) -> Array:
    """Return values of tau² from 0 to where the likelihood falls for good and is rejected.

    With s the residual mean square of the unweighted fit, the likelihood falls wherever
    (min v + t)² > s (max v + t), and so beyond s + sqrt(s (max v - min v)).
    """
    least, greatest = float(model.vi.min()), float(model.vi.max())
    s = model.residual_mean_square(model.k - (model.p if restricted else 0))
    beyond = max(s + (s * (greatest - least)) ** 0.5, tau2, least)
    while _drop(model, tau2, np.array([beyond]), restricted=restricted)[0] <= critical:
        beyond *= 4
    return np.asarray(least * np.expm1(np.linspace(0, np.log1p(beyond / least), _GRID)))


def _outermost(
    model: _LinearModel,
    tau2: float,
    critical: float,
    accepted: tuple[float, float],
    sign: int,
) -> float:
    """Return the greatest mean that is not rejected, the least where the sign is -1.

    It is the greatest over tau² of a smooth function: a grid finds the hill and finer and finer
    grids its top, which at a distance e is off by e².
    """
    low, high = accepted
    size = _GRID
    for _ in range(_ZOOMS):
        values = np.linspace(low, high, size)
        mean, total = model.mean(values)
        left = critical - _drop(model, tau2, values, restricted=False)
        reach = np.where(left >= 0, sign * mean + np.sqrt(np.maximum(left, 0) / total), -np.inf)
        top = int(reach.argmax())
        low, high = values[max(top - 1, 0)], values[min(top + 1, size - 1)]
        size = _ZOOM
    return sign * float(reach[top])


def _restricted(result: Pooled | Regression, what: str) -> bool:
    """Return whether the fit maximised the restricted likelihood; refuse one that maximised none.

    Refuse as well where no study is left over to estimate tau² from.
    """
    if result.method not in {"ML", "REML"}:
        raise BadOption(
            f"{what} is of a model fitted by ML or REML, not {result.method}. Fit it by one of "
            "them."
        )
    if result.heterogeneity.q_df == 0:
        raise TooFewStudies(what, result.k + 1, result.k)
    return result.method == "REML"


def _check_methods(full: Pooled | Regression, reduced: Pooled | Regression) -> None:
    methods = {full.method, reduced.method}
    if methods not in ({"ML"}, {COMMON_EFFECT}):
        raise BadOption(
            "A likelihood-ratio test of moderators compares two models fitted by ML, or two with a "
            f"common effect, not {' and '.join(sorted(methods))}."
        )


def _same(one: Array, other: Array) -> bool:
    return np.array_equal(one, other)
