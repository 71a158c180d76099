"""Pooling by inverse variance: the common-effect and the random-effects model.

The mean effect is sum(w y) / sum(w) with w = 1 / (vi + tau²); tau² is 0 in the common-effect model
and comes from kb.synthesis.estimators in the random-effects model. The same lines pool one
meta-analysis, whose results are numbers, and many independent ones, whose results are arrays.
"""

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.distributions import Array, central_quantile, chi2_upper, two_sided_p
from kb.synthesis.effects import Effects, column
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, wald_statistic
from kb.synthesis.groups import Groups, dot, one_k, total
from kb.synthesis.inference import estimated_tau2, inconsistency, variance_factor
from kb.synthesis.mean_model import mean_model
from kb.synthesis.options import Options
from kb.synthesis.pooled import Columns, Pooled, PooledMany
from kb.synthesis.prediction import prediction_se

# So many cells at a time: enough to outweigh the cost of a call, and few enough for the cache.
_BLOCK = 32_768


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
            J. Stat Med 2003;22:2693-2710).
        level: the confidence level of both intervals, a share.
        prediction: metafor (the distribution of the confidence interval) or HTS (t, k - 2 df).
        weights: "inverse-variance", "equal", or one weight per study; they move the mean and its
            standard error, tau² is estimated as ever.
    """
    if effects.k == 0:
        raise TooFewStudies("A pooled effect", needed=1, found=0)
    options = Options.of(method, test, level, prediction)
    given = _weights(weights, effects)
    if effects.k == 1:
        columns, shares = _lone(effects.yi, effects.vi, options)
        row = Columns(*(values.item() for values in columns))
    else:
        columns, shares = _several(effects.yi, effects.vi, one_k(effects.k), options, weights=given)
        row = Columns(*map(float, columns))
    return Pooled.of(effects, shares, row, options, reweighted=given is not None)


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
    groups = Groups(group)
    columns = Columns(*np.empty((len(Columns._fields), len(groups))))
    weights = np.empty(effects.k)
    for block in groups.blocks(_BLOCK):
        yi, vi = effects.yi[block.cells], effects.vi[block.cells]
        if block.sizes[0] == 1:
            results, shares = _lone(yi[0], vi[0], options)
        else:
            results, shares = _several(yi, vi, block.sizes, options, present=block.present)
        for whole, part in zip(columns, results, strict=True):
            whole[block.groups] = part
        present = block.present > 0
        weights[block.cells[present]] = np.broadcast_to(shares, yi.shape)[present]
    return PooledMany(options, groups, columns, effects, weights)


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


def _several(
    yi: Array,
    vi: Array,
    k: Array,
    options: Options,
    *,
    present: Array | float = 1.0,
    weights: Array | None = None,
) -> tuple[Columns[Array], Array]:
    """Return the results of groups of two studies and more, and the weights in percent.

    At given weights the variance of the mean is sum w² (vi + tau²) / (sum w)².
    """
    model, origin = mean_model(yi, vi, k, present)
    df = k - 1
    tau2, tau2_se, best = estimated_tau2(model, options.method)
    if weights is None:
        mean, variance = origin + best.mean, 1 / best.trace_w
        shares = variance / (vi + tau2)
    else:
        shares = weights / total(weights)
        mean, variance = dot(shares, yi), dot(shares**2, vi + tau2)
    se = np.sqrt(variance * variance_factor(options.test, best.q, df))
    q = model.common.q
    i2, h2 = inconsistency(options.method, tau2, model.common, df)
    heterogeneity = (tau2, tau2_se, i2, h2, q, df, chi2_upper(q, df))
    t_df = None if options.test == "z" else df
    pi_df = t_df if options.prediction == "metafor" else np.maximum(df - 1, 1)
    return _columns(mean, se, t_df, pi_df, heterogeneity, options.level), 100 * shares


def _lone(yi: Array, vi: Array, options: Options) -> tuple[Columns[Array], Array]:
    """Return the results of studies that are alone: their own effects, by the normal."""
    none, one = np.zeros(yi.size), np.ones(yi.size)
    pi_df = None if options.prediction == "metafor" else one
    heterogeneity = (none, none + np.nan, none, one, none, none, one)
    return _columns(yi, np.sqrt(vi), None, pi_df, heterogeneity, options.level), 100 * one


def _columns(
    estimate: Array,
    se: Array,
    t_df: Array | None,
    pi_df: Array | None,
    heterogeneity: tuple[Array, ...],
    level: float,
) -> Columns[Array]:
    """Return the columns; the degrees of freedom are None for the normal."""
    statistic = wald_statistic(estimate, se)
    quantile = central_quantile(level, t_df)
    half, nothing = quantile * se, np.nan * se
    pi_quantile = quantile if pi_df is t_df else central_quantile(level, pi_df)
    pi_half = pi_quantile * prediction_se(se, heterogeneity[0])
    return Columns(
        estimate,
        se,
        statistic,
        nothing if t_df is None else t_df,
        two_sided_p(statistic, t_df),
        estimate - half,
        estimate + half,
        estimate - pi_half,
        estimate + pi_half,
        nothing if pi_df is None else pi_df,
        *heterogeneity,
    )
