"""Where the true effect of a new study is to be expected."""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array
from kb.synthesis.words import percent, rounded


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
        reference = "normal" if self.df is None else f"t({self.df:.4g})"
        width = (self.high - self.low) / 4
        return (
            f"{percent(self.level)} prediction interval {rounded(self.low, width)} to "
            f"{rounded(self.high, width)} ({reference})"
        )


def prediction_se(se: Array, tau2: Array) -> Array:
    """Return sqrt(tau² + se²): how far a new study's true effect lies from the estimated mean.

    Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects meta-analysis.
    J R Stat Soc A 2009;172:137-159.
    """
    return np.sqrt(tau2 + se * se)
