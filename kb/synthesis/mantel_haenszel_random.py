"""Random effects by Mantel-Haenszel, as RevMan has them: tau² from Q about the common estimate.

The Mantel-Haenszel estimate is the centre about which Cochran's Q of the single studies is taken;
from it comes tau² by the moment estimator of DerSimonian and Laird, and the mean is that of inverse
variance at the weights 1 / (vi + tau²) (DerSimonian R, Laird N. Control Clin Trials 1986;7:177-188;
Deeks JJ, Higgins JPT. Statistical algorithms in Review Manager 5, 2010). It differs from
DerSimonian and Laird's own, `pool(method="DL")`, in nothing but that centre.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis import mantel_haenszel
from kb.synthesis.distributions import Array, central_quantile
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, SynthesisError
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, in_words
from kb.synthesis.groups import one_k
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.inference import inconsistency
from kb.synthesis.mean_model import mean_model
from kb.synthesis.options import COMMON_EFFECT, prediction_of
from kb.synthesis.pooled_counts import MantelHaenszel
from kb.synthesis.pooling import pool as inverse_variance
from kb.synthesis.prediction import Prediction, prediction_se
from kb.synthesis.words import said

__all__ = ["MEASURES", "RandomMantelHaenszel", "pool"]

Pair = tuple[float, float]

MEASURES: dict[str, Callable[..., MantelHaenszel]] = {
    "OR": mantel_haenszel.odds_ratio,
    "RR": mantel_haenszel.risk_ratio,
    "RD": mantel_haenszel.risk_difference,
}
"""The measures that are pooled so, by the common estimate that Q is taken about."""


@dataclass(frozen=True, slots=True, eq=False)
class RandomMantelHaenszel:
    """A random-effects analysis about the Mantel-Haenszel estimate.

    Attributes:
        common: the Mantel-Haenszel analysis that Q was taken about.
        effects: the effects of the k studies that have one; `rows` are those of the table.
        weights: their weights in percent, shape (k,).
        estimate: the mean effect, by the normal.
        prediction: where a new study's true effect is to be expected; None for a single study.
        heterogeneity: tau², which has no standard error here, with I², H² and Q about the
            Mantel-Haenszel estimate.
        notes: what a reader must know of this result beyond its numbers.
    """

    common: MantelHaenszel
    effects: Effects
    weights: Array
    estimate: Estimate
    prediction: Prediction | None
    heterogeneity: Heterogeneity
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies with an effect."""
        return self.effects.k

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        studies = "study" if self.k == 1 else "studies"
        return "\n".join(
            [
                f"{self.k} {studies}, random effects about the Mantel-Haenszel estimate",
                *in_words(self.common.measure, self.estimate),
                *([self.prediction.summary()] if self.prediction else []),
                f"tau² {self.heterogeneity.tau2:.4g}; {self.heterogeneity.summary()}",
                *self.notes,
                *said(self.common.left_out),
            ]
        )


def pool(
    measure: str,
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    add: Pair = (0.5, 0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: tuple[bool, bool] = (True, False),
    level: float = DEFAULT_LEVEL,
    prediction: str = "metafor",
) -> RandomMantelHaenszel:
    """Return the random-effects mean of 2x2 tables, tau² by Q about the Mantel-Haenszel estimate.

    Args:
        measure: OR, RR or RD.
        ai, bi, ci, di: the four cells, one of each per study.
        labels: the names of the studies.
        add, to, drop00: the corrections, for single studies and for the sums, as in
            kb.synthesis.mantel_haenszel. RevMan has add=(0.5, 0.5), to=("only0", "only0") and
            drop00=(True, True) for ratios.
        level: the confidence level of both intervals, a share.
        prediction: metafor (by the normal) or HTS (t, k - 2 df).

    The errors are those of `kb.synthesis.mantel_haenszel.odds_ratio`, and SynthesisError where the
    sums give no estimate that Q could be taken about.
    """
    if measure.upper() not in MEASURES:
        raise BadOption(
            f"There are no random effects by Mantel-Haenszel for {measure!r}. They are of "
            f"{', '.join(MEASURES)}."
        )
    common = MEASURES[measure.upper()](
        ai, bi, ci, di, labels, add=add, to=to, drop00=drop00, level=level
    )
    if common.estimate is None or common.heterogeneity is None:
        raise SynthesisError(common.notes[0])
    effects = common.effects
    heterogeneity = _heterogeneity(effects, common.heterogeneity)
    spread = replace(effects, vi=effects.vi + heterogeneity.tau2)
    mean = inverse_variance(spread, method=COMMON_EFFECT, level=level)
    return RandomMantelHaenszel(
        common=common,
        effects=effects,
        weights=mean.weights,
        estimate=mean.estimate,
        prediction=_prediction(mean.estimate, heterogeneity, prediction_of(prediction)),
        heterogeneity=heterogeneity,
        notes=_notes(effects),
    )


def _heterogeneity(effects: Effects, about: Heterogeneity) -> Heterogeneity:
    """Return what differs between the studies, from Q about the Mantel-Haenszel estimate."""
    if effects.k < 2:
        return about
    df = effects.k - 1
    model, _ = mean_model(effects.yi, effects.vi, one_k(effects.k))
    tau2 = np.asarray(max(0.0, (about.q - df) / float(model.common.trace_p)))
    i2, h2 = inconsistency("DL", tau2, model.common, np.asarray(float(df)))
    return replace(about, tau2=float(tau2), i2=float(i2), h2=float(h2))


def _prediction(
    mean: Estimate, heterogeneity: Heterogeneity, distribution: str
) -> Prediction | None:
    if not heterogeneity.q_df:
        return None
    df = float(max(heterogeneity.q_df - 1, 1)) if distribution == "HTS" else None
    quantile = central_quantile(mean.level, None if df is None else np.asarray(df))
    reach = float(quantile * prediction_se(np.asarray(mean.se), np.asarray(heterogeneity.tau2)))
    return Prediction(mean.estimate - reach, mean.estimate + reach, df, mean.level)


def _notes(effects: Effects) -> tuple[str, ...]:
    notes = []
    if effects.k == 1:
        notes.append("One study: this is its own effect, and its heterogeneity cannot be known.")
    if effects.left_out:
        notes.append(f"Not pooled: {'; '.join(map(str, effects.left_out))}.")
    return tuple(notes)
