"""Pooling by inverse variance: the common-effect and the random-effects model.

The mean effect is sum(w y) / sum(w) with w = 1 / (vi + tau²); tau² is 0 in the common-effect model
and comes from kb.synthesis.estimators in the random-effects model. Many independent meta-analyses
are pooled in one call; a single one is the batch of one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kb.synthesis.distributions import Array, central_quantile, chi2_upper, two_sided_p
from kb.synthesis.effects import Effects, column
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, wald_statistic
from kb.synthesis.groups import Groups, gather
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.inference import (
    by_reference,
    estimated_tau2,
    inconsistency,
    reference_df,
    variance_factor,
)
from kb.synthesis.models import MeanFit, MeanModel
from kb.synthesis.options import COMMON_EFFECT, METHODS, TESTS, Options
from kb.synthesis.prediction import Prediction, half_width

# So many studies at a time: their arrays fit the processor's cache, which halves the time.
_BLOCK = 4096


T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """A pooled effect on the scale of analysis, with what it was made of.

    Attributes:
        effects: the k studies.
        weights: their weights in percent, shape (k,).
        method, test: how tau² was estimated and the mean tested, as metafor calls them.
        estimate: the mean effect.
        prediction: where a new study's true effect is to be expected; None in a common-effect
            model.
        heterogeneity: tau², I², H² and Q.
        notes: what a reader must know of this result beyond its numbers.
    """

    effects: Effects
    weights: Array
    method: str
    test: str
    estimate: Estimate
    prediction: Prediction | None
    heterogeneity: Heterogeneity
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.effects.k

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        lines = [
            (
                f"{self.k} {'study' if self.k == 1 else 'studies'}, {METHODS[self.method]}; "
                f"interval: {TESTS[self.test]}"
            ),
            f"{self.effects.measure.name}: {self.estimate.summary()}",
            *([self.prediction.summary()] if self.prediction else []),
            self.heterogeneity.summary(),
            *self.notes,
            *(f"left out: {study}" for study in self.effects.left_out),
        ]
        return "\n".join(lines)


class Columns(NamedTuple, Generic[T]):
    """The numbers of m results, each shape (m,), or of one; NaN where a thing does not exist."""

    estimate: T
    se: T
    statistic: T
    df: T
    p: T
    ci_low: T
    ci_high: T
    pi_low: T
    pi_high: T
    pi_df: T
    tau2: T
    tau2_se: T
    i2: T
    h2: T
    q: T
    q_df: T
    q_p: T


@dataclass(frozen=True, slots=True, eq=False)
class PooledMany:
    """The results of m independent meta-analyses.

    `columns` has one array of shape (m,) for each number of a `Pooled`, NaN where it does not
    exist; item i is the Pooled of group i, whose label is `groups[i]`.
    """

    options: Options
    groups: NDArray[np.generic]
    columns: Columns[Array]
    effects: Effects
    weights: Array
    cut: Groups

    def __len__(self) -> int:
        return self.cut.m

    def __iter__(self) -> Iterator[Pooled]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> Pooled:
        start, size = int(self.cut.starts[i]), int(self.cut.sizes[i])
        studies = slice(start, start + size)
        whole = size == self.effects.k
        effects = self.effects if whole else self.effects.take(np.arange(start, start + size))
        row = Columns(*(values[i].item() for values in self.columns))
        options = self.options
        return Pooled(
            effects,
            self.weights[studies],
            options.method,
            options.test if size > 1 else "z",
            _estimate(row, options.level),
            _prediction(row, options),
            _heterogeneity(row),
            _notes(options, size),
        )


def pool(
    effects: Effects,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
    prediction: str = "metafor",
    weights: ArrayLike | str = "inverse-variance",
) -> Pooled:
    """Return the pooled effect of one set of studies.

    Args:
        effects: at least one study.
        method: EE (or FE, CE) for the common-effect model; DL, HE, HS, HSk, SJ, ML, REML, EB, PM
            or PMM for random effects with this estimator of tau².
        test: z, t, knha (Hartung J, Knapp G. Stat Med 2001;20:3875-3889; Sidik K, Jonkman JN. Stat
            Med 2002;21:3153-3159) or adhoc (the same with a factor of at least 1; Knapp G, Hartung
            J. Stat Med 2003;22:2693-2710, section 2).
        level: the confidence level of both intervals, a share.
        prediction: metafor (the distribution of the confidence interval) or HTS (t, k - 2 df).
        weights: "inverse-variance", "equal", or one weight per study; they move the mean and its
            standard error, tau² is estimated as ever.
    """
    if effects.k == 0:
        raise TooFewStudies("A pooled effect", needed=1, found=0)
    options = Options.of(method, test, level, prediction)
    groups = Groups.one(effects.k)
    return _pool(effects, groups, np.zeros(1), options, _weights(weights, effects))[0]


def pool_many(
    yi: ArrayLike,
    vi: ArrayLike,
    group: ArrayLike,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
    prediction: str = "metafor",
) -> PooledMany:
    """Return the pooled effects of many independent meta-analyses of any sizes.

    `yi`, `vi` and `group` have one value per study, shape (n,), in any order; the studies with the
    same group are one meta-analysis. The rows must be complete: a missing effect or a variance
    that is not above zero is an error that names the row.
    """
    effects = Effects.of(yi, vi)
    if effects.left_out:
        first = effects.left_out[0]
        raise BadStudy(first.label, first.reason, "Leave such rows out of a batch.")
    options = Options.of(method, test, level, prediction)
    if np.shape(group) != effects.yi.shape:
        raise BadTable(
            f"There are {np.size(group)} group labels for {effects.k} studies. Give one per study."
        )
    groups, labels, order = gather(group)
    return _pool(effects.take(order), groups, labels, options, None)


def _weights(weights: ArrayLike | str, effects: Effects) -> Array | None:
    """Return the weights that were asked for, None for those by inverse variance."""
    if isinstance(weights, str):
        if weights == "inverse-variance":
            return None
        if weights == "equal":
            return np.ones(effects.k)
        raise BadOption(
            f"There are no weights {weights!r}. Say inverse-variance or equal, or give one weight "
            "per study."
        )
    given = column("weights", weights, size=effects.k)
    for i in np.flatnonzero(~(np.isfinite(given) & (given >= 0))).tolist():
        raise BadStudy(effects.labels[i], f"the weight is {given[i]:g}", "Give one of 0 or more.")
    if not given.any():
        raise BadOption("All weights are zero. Give at least one study a weight above zero.")
    return given


def _pool(
    effects: Effects,
    groups: Groups,
    labels: NDArray[np.generic],
    options: Options,
    weights: Array | None,
) -> PooledMany:
    """Pool the groups, block after block."""
    parts = []
    for which, studies in groups.blocks(_BLOCK):
        cut = groups if groups.m == 1 else Groups(groups.sizes[which])
        given = None if weights is None else weights[studies]
        parts.append(_pool_block(effects.yi[studies], effects.vi[studies], cut, options, given))
    if len(parts) == 1:
        [(columns, shares)] = parts
    else:
        columns = Columns(*map(np.concatenate, zip(*(part for part, _ in parts), strict=True)))
        shares = np.concatenate([part for _, part in parts])
    return PooledMany(options, labels, columns, effects, shares, groups)


def _pool_block(
    yi: Array, vi: Array, groups: Groups, options: Options, weights: Array | None
) -> tuple[Columns[Array], Array]:
    """Return the results of each group and the percent weight of each study."""
    centre = groups.sum(yi) / groups.sizes
    model = MeanModel(yi - groups.spread(centre), vi, groups)
    df = model.k - 1
    common = model.fit(1 / vi)
    tau2, tau2_se = estimated_tau2(model, options.method)
    best = common if options.method == COMMON_EFFECT else model.at(tau2)
    fit = best if weights is None else model.fit(weights)
    estimate = centre + fit.mean
    se = np.sqrt(_variance(model, fit, tau2, weights) * variance_factor(options.test, best.q, df))
    reference = reference_df(options.test, df)
    statistic = wald_statistic(estimate, se)
    half = by_reference(lambda t: central_quantile(options.level, t), reference) * se
    pi_df = _prediction_df(options, reference, df)
    pi_half = by_reference(lambda t: half_width(se, tau2, options.level, t), pi_df)
    columns = Columns(
        estimate,
        se,
        statistic,
        reference,
        by_reference(lambda t: two_sided_p(statistic, t), reference),
        estimate - half,
        estimate + half,
        estimate - pi_half,
        estimate + pi_half,
        pi_df,
        tau2,
        tau2_se,
        *inconsistency(options.method, tau2, common, df),
        common.q,
        df,
        chi2_upper(common.q, df),
    )
    return columns, 100 * fit.weights / groups.spread(fit.total)


def _variance(model: MeanModel, fit: MeanFit, tau2: Array, weights: Array | None) -> Array:
    """Return the variance of the mean: 1 / S1, or sum w² (vi + tau²) / S1² at other weights."""
    if weights is None:
        return 1 / fit.total
    return model.sum(fit.squares * (model.vi + model.spread(tau2))) / fit.total**2


def _prediction_df(options: Options, reference: Array, df: Array) -> Array:
    """Return the degrees of freedom of the prediction interval, NaN for the normal."""
    return reference if options.prediction == "metafor" else np.maximum(df - 1, 1)


def _given(value: float) -> float | None:
    return None if np.isnan(value) else value


def _estimate(row: Columns[float], level: float) -> Estimate:
    return Estimate(
        row.estimate,
        row.se,
        row.statistic,
        _given(row.df),
        row.p,
        row.ci_low,
        row.ci_high,
        level,
    )


def _prediction(row: Columns[float], options: Options) -> Prediction | None:
    if options.method == COMMON_EFFECT:
        return None
    return Prediction(row.pi_low, row.pi_high, _given(row.pi_df), options.level)


def _heterogeneity(row: Columns[float]) -> Heterogeneity:
    return Heterogeneity(
        row.tau2, _given(row.tau2_se), row.i2, row.h2, row.q, int(row.q_df), row.q_p
    )


def _notes(options: Options, k: int) -> tuple[str, ...]:
    notes = []
    if k == 1:
        notes.append("One study: this is its own effect, and its heterogeneity cannot be known.")
        if options.test != "z":
            notes.append("The interval refers to the normal: t has no degrees of freedom here.")
    elif options.method == COMMON_EFFECT and options.test in {"knha", "adhoc"}:
        notes.append("Hartung-Knapp is made for random effects, not for a common effect.")
    return tuple(notes)
