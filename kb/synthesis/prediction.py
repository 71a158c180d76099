"""Where the true effect of a new study is to be expected."""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import Array, central_quantile


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


def half_width(se: Array, tau2: Array, level: float, df: Array | None) -> Array:
    """Return c sqrt(tau² + se²), half of the prediction interval, shape (m,).

    Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects meta-analysis.
    J R Stat Soc A 2009;172:137-159, eq. 12. `df` decides on c: those of the confidence interval
    (None for the normal), as in metafor, or the k - 2 of that paper.
    """
    return central_quantile(level, df) * np.sqrt(tau2 + se**2)
