"""What is thought, before the studies, of the mean effect and of the heterogeneity tau.

A half-normal prior of scale 0.5 is the usual weakly informative choice for log odds ratios, log
hazard ratios and standardised mean differences: tau is then below 1 with a probability of 0.95
(Friede T, Röver C, Wandel S, Neuenschwander B. Meta-analysis of few small studies in orphan
diseases. Res Synth Methods 2017;8:79-91; Röver C et al. On weakly informative prior distributions
for the heterogeneity parameter in Bayesian random-effects meta-analysis. Res Synth Methods
2021;12:448-474). On another scale of analysis, a mean difference in points say, 0.5 means something
else, which is why an analysis has no default.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadOption


@dataclass(frozen=True, slots=True)
class Family:
    """The shape of a prior, as a density of x = tau / scale.

    Attributes:
        name: the name of the distribution; "{:g}" stands for its scale.
        log_density: the logarithm of the density of x >= 0.
        slope: the derivative of `log_density` by x².
        upper: the largest possible x.
        tail_power: the p of a density that falls as x^-p, infinite where it falls faster.
        is_proper: whether the density has an integral, which is then 1.
    """

    name: str
    log_density: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    upper: float = math.inf
    tail_power: float = math.inf
    is_proper: bool = True


@dataclass(frozen=True, slots=True)
class TauPrior:
    """A prior distribution of tau, the standard deviation of the true effects.

    Made by `half_normal`, `half_cauchy`, `uniform` and `flat`. `scale` is on the scale of analysis.
    """

    family: Family
    scale: float

    def __post_init__(self) -> None:
        _check_scale(self.name, self.scale)

    @property
    def name(self) -> str:
        """The distribution with its parameter, in words."""
        return self.family.name.format(self.scale)

    @property
    def upper(self) -> float:
        """The largest possible tau."""
        return self.family.upper * self.scale

    def log_density(self, tau: Array) -> Array:
        """Return the logarithm of the density at tau >= 0."""
        return np.asarray(self.family.log_density(tau / self.scale) - math.log(self.scale))

    def density(self, tau: Array) -> Array:
        """Return the density at tau >= 0."""
        return np.exp(self.log_density(tau))

    def slope(self, tau: Array) -> Array:
        """Return the derivative of the log density by tau², for tau from 0 to `upper`."""
        return np.asarray(self.family.slope(tau / self.scale) / self.scale**2)


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """A normal prior of the mean effect, on the scale of analysis."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.mean):
            raise BadOption(
                f"A prior of the mean effect is centred at {self.mean:g}. Give a number."
            )
        _check_scale(self.name, self.sd)

    @property
    def name(self) -> str:
        """The distribution with its parameters, in words."""
        return f"normal with mean {self.mean:g} and SD {self.sd:g}"


def half_normal(scale: float) -> TauPrior:
    """Return the prior √(2/π) exp(-tau² / 2 scale²) / scale, the |.| of a normal of mean 0."""
    return TauPrior(_HALF_NORMAL, scale)


def half_cauchy(scale: float) -> TauPrior:
    """Return the prior 2 / (π scale (1 + tau² / scale²)), of which the scale is the median.

    Gelman A. Prior distributions for variance parameters in hierarchical models. Bayesian Anal
    2006;1:515-534. Its tail is heavy, and with few studies the posterior keeps some of it.
    """
    return TauPrior(_HALF_CAUCHY, scale)


def uniform(upper: float) -> TauPrior:
    """Return the prior for which every tau from 0 to `upper` is as probable as any other."""
    return TauPrior(_UNIFORM, upper)


def flat() -> TauPrior:
    """Return the improper prior of density 1 at every tau; it takes three studies to tame it."""
    return TauPrior(_FLAT, 1.0)


def _half_normal(x: Array) -> Array:
    return np.asarray(math.log(2 / math.pi) / 2 - x**2 / 2)


def _half_normal_slope(x: Array) -> Array:
    return np.full_like(x, -0.5)


def _half_cauchy(x: Array) -> Array:
    return np.asarray(math.log(2 / math.pi) - np.log1p(x**2))


def _half_cauchy_slope(x: Array) -> Array:
    return np.asarray(-1 / (1 + x**2))


def _uniform(x: Array) -> Array:
    return np.where(x <= 1, 0.0, -math.inf)


def _even(x: Array) -> Array:
    return np.zeros_like(x)


_HALF_NORMAL = Family("half-normal with scale {:g}", _half_normal, _half_normal_slope)
_HALF_CAUCHY = Family(
    "half-Cauchy with scale {:g}", _half_cauchy, _half_cauchy_slope, tail_power=2.0
)
_UNIFORM = Family("uniform from 0 to {:g}", _uniform, _even, upper=1.0)
_FLAT = Family("flat (improper)", _even, _even, tail_power=0.0, is_proper=False)


def _check_scale(name: str, scale: float) -> None:
    if not (scale > 0 and math.isfinite(scale)):
        raise BadOption(
            f"There is no prior {name}: its spread must be a finite number above zero. "
            "Give one on the scale of analysis."
        )
