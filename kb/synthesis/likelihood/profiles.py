"""Profile-likelihood intervals: the values that a likelihood-ratio test does not reject.

Hardy RJ, Thompson SG. A likelihood approach to meta-analysis with random effects. Stat Med
1996;15:619-629.
"""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array, chi2_quantile
from kb.synthesis.errors import BadOption
from kb.synthesis.estimates import DEFAULT_LEVEL, check_level
from kb.synthesis.likelihood.likelihoods import Result, drop, is_restricted, model_of
from kb.synthesis.mean_model import MeanModel, mean_model
from kb.synthesis.models import Fit, Model
from kb.synthesis.pooled import Pooled
from kb.synthesis.words import percent

_GRID = 256
_ZOOM = 65
_ZOOMS = 6


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
            f"{self.quantity} {self.estimate:.4g} ({percent(self.level)} CI by {name} "
            f"{self.low:.4g} to {self.high:.4g})"
        )


def profile_tau2(result: Result, *, level: float = DEFAULT_LEVEL) -> ProfileInterval:
    """Return the profile-likelihood interval of tau², of a model fitted by ML or REML.

    It holds the tau² whose log-likelihood is within half the quantile of chi-squared with one
    degree of freedom of the greatest (Hardy & Thompson 1996), for REML of the
    restricted one. Where these values fall apart in two ranges, the limits are the outermost.
    """
    critical = float(chi2_quantile(check_level(level), 1))
    restricted = is_restricted(result, "A profile-likelihood interval")
    model, tau2 = model_of(result), result.heterogeneity.tau2
    low, high = _accepted(model, tau2, critical, restricted=restricted)
    return ProfileInterval("tau²", tau2, low, high, level, restricted)


def profile_mean(result: Pooled, *, level: float = DEFAULT_LEVEL) -> ProfileInterval:
    """Return the profile-likelihood interval of the mean, of a model fitted by ML.

    It holds the means for which some tau² has a log-likelihood within half the quantile of
    chi-squared with one degree of freedom of the greatest (Hardy & Thompson 1996). At
    a given tau² these are mean(tau²) -+ sqrt((c - d) / sum(w)), with c the quantile and d the loss
    of twice the log-likelihood at that tau²; the limits are the outermost of them over all tau².
    """
    critical = float(chi2_quantile(check_level(level), 1))
    if result.method != "ML":
        raise BadOption(
            f"The profile likelihood of the mean is of a model fitted by ML, not {result.method}. "
            "Pool with method ML."
        )
    is_restricted(result, "A profile-likelihood interval")
    effects, tau2 = result.effects, result.heterogeneity.tau2
    model, origin = mean_model(effects.yi, effects.vi, np.array(effects.k, dtype=float)[()])
    mean = model.at(tau2).mean
    accepted = _accepted(model, tau2, critical, restricted=False)
    low, high = (_outermost(model, tau2, critical, accepted, sign) for sign in (-1, 1))
    estimate, low, high = (float(origin + each) for each in (mean, low, high))
    return ProfileInterval("mean", estimate, low, high, level, restricted=False)


def _accepted(
    model: Model[Fit], tau2: float, critical: float, *, restricted: bool
) -> tuple[float, float]:
    """Return the least and the greatest tau² whose drop is no more than the critical value.

    A grid, evenly spaced in log(min v + t), brackets both; bisection ends them.
    """
    grid = np.sort(np.append(_grid(model, tau2, critical, restricted=restricted), tau2))
    inside = np.flatnonzero(drop(model, tau2, grid, restricted=restricted) <= critical)
    first, last = int(inside[0]), int(inside[-1])

    def edge(within: float, beyond: float) -> float:
        while abs(beyond - within) > 4e-16 * (max(within, beyond) + float(model.least_vi)):
            middle = (within + beyond) / 2
            if drop(model, tau2, np.array([middle]), restricted=restricted)[0] <= critical:
                within = middle
            else:
                beyond = middle
        return within

    low = 0.0 if first == 0 else edge(grid[first], grid[first - 1])
    return float(low), float(edge(grid[last], grid[last + 1]))


def _grid(model: Model[Fit], tau2: float, critical: float, *, restricted: bool) -> Array:
    """Return values of tau² from 0 to where the likelihood falls for good and is rejected.

    With s the residual mean square of the unweighted fit, the likelihood falls wherever
    (min v + t)² > s (max v + t), and so beyond s + sqrt(s (max v - min v)).
    """
    least, greatest = float(model.least_vi), float(model.greatest_vi)
    s = float(model.unweighted.q / (model.k - (model.p if restricted else 0)))
    beyond = max(s + (s * (greatest - least)) ** 0.5, tau2, least)
    while drop(model, tau2, np.array([beyond]), restricted=restricted)[0] <= critical:
        beyond *= 4
    return np.asarray(least * np.expm1(np.linspace(0, np.log1p(beyond / least), _GRID)))


def _outermost(
    model: MeanModel,
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
        fit = model.column().at(values)
        left = critical - drop(model, tau2, values, restricted=False)
        half = np.sqrt(np.maximum(left, 0) / fit.trace_w)
        reach = np.where(left >= 0, sign * fit.mean + half, -np.inf)
        top = int(reach.argmax())
        low, high = values[max(top - 1, 0)], values[min(top + 1, size - 1)]
        size = _ZOOM
    return sign * float(reach[top])
