"""Where the true effect of a new study is to be expected."""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array


@dataclass(frozen=True, slots=True)
class Prediction:
    """An interval for the true effect of a new study, on the scale of analysis.

    `df` are the degrees of freedom of the t distribution it refers to, None for the normal.
    """

    low: float
    high: float
    df: float | None
    level: float

    def summary(self) -> str:
        """Return the interval in one line."""
        return f"{self.level:.0%} prediction interval {self.low:.4f} to {self.high:.4f}"


def prediction_se(se: Array, tau2: Array) -> Array:
    """Return sqrt(tau² + se²): how far a new study's true effect lies from the estimated mean.

    Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects meta-analysis.
    J R Stat Soc A 2009;172:137-159, eq. 12.
    """
    return np.sqrt(tau2 + se * se)
