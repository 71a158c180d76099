"""Three-level meta-analysis: several effects of one study, centre or laboratory.

Effect j of cluster i is y_ij = x_ij'b + u_i + w_ij + e_ij: true effects differ between clusters
(variance `between`) and within them (`within`), and e_ij is sampling error.

Konstantopoulos S. Fixed effects and variance components estimation in three-level meta-analysis.
Res Synth Methods 2011;2:61-76; Van den Noortgate W et al. Three-level meta-analysis of dependent
effect sizes. Behav Res Methods 2013;45:576-594. With sampling errors that correlate by rho within
a cluster it is the model of correlated and hierarchical effects (CHE) of Pustejovsky JE, Tipton E.
Meta-analysis with robust variance estimation: expanding the range of working models. Prev Sci
2022;23:425-438.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.dependence.variance_components import (
    ClusteredEffects,
    RestrictedFit,
    restricted_maximum_likelihood,
)
from kb.synthesis.dependence.working_covariance import marginal_block
from kb.synthesis.dependence.working_model import WorkingModel
from kb.synthesis.design import Design, with_moderators
from kb.synthesis.distributions import Array, chi2_upper
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, check_level, wald
from kb.synthesis.prediction import Prediction
from kb.synthesis.words import p_value, said

TESTS = {
    "z": "Wald, normal",
    "t": "Wald, t with effects less coefficients df",
    "contain": "Wald, t with containment df",
}

_FEW_CLUSTERS = 10


@dataclass(frozen=True, slots=True)
class ThreeLevels:
    """How the effects vary over the three levels.

    Attributes:
        between: the variance of true effects between clusters, never below zero.
        within: the variance of true effects within clusters, never below zero.
        i2_between, i2_within: their shares, in percent, of the total variance, in which sampling
            error has its typical size.
        q: the weighted sum of squared residuals without heterogeneity (Cochran's Q).
        q_df: its degrees of freedom.
        q_p: the p-value of the test that there is no heterogeneity.
    """

    between: float
    within: float
    i2_between: float
    i2_within: float
    q: float
    q_df: int
    q_p: float

    @property
    def total(self) -> float:
        """The variance of true effects."""
        return self.between + self.within

    @property
    def i2(self) -> float:
        """The share of the total variance that sampling error does not explain, in percent."""
        return self.i2_between + self.i2_within

    def summary(self) -> str:
        """Return the components in one line."""
        return (
            f"variance between clusters {self.between:.4g} (I² {self.i2_between:.1f}%), "
            f"within clusters {self.within:.4g} (I² {self.i2_within:.1f}%); "
            f"Q({self.q_df}) = {self.q:.2f}, {p_value(self.q_p)}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Multilevel:
    """A three-level model, fitted by REML, on the scale of analysis.

    Attributes:
        effects: the k effects that have all moderators; the others are in `effects.left_out`.
        clusters: how they fall into clusters.
        rho: the assumed correlation of the sampling errors within a cluster.
        test: z, t or contain.
        design: the p columns of the model of the mean.
        coefficients: their estimates, in the order of `design.names`.
        covariance: of the coefficients, shape (p, p).
        levels: the variance components, their I² and Q.
        log_likelihood: the restricted log-likelihood.
        prediction: where a further true effect, of a new cluster, is to be expected; None with
            moderators.
        notes: what a reader must know of this result beyond its numbers.
    """

    effects: Effects
    clusters: Clusters
    rho: float
    test: str
    design: Design
    coefficients: tuple[Estimate, ...]
    covariance: Array
    levels: ThreeLevels
    log_likelihood: float
    prediction: Prediction | None
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of effects."""
        return self.effects.k

    @property
    def n_clusters(self) -> int:
        """The number of clusters."""
        return self.clusters.n

    @property
    def working(self) -> WorkingModel:
        """The model at these components, with the covariance matrix of each cluster."""
        between, within = self.levels.between, self.levels.within
        blocks = tuple(
            marginal_block(vi, rho=self.rho, between=between, within=within)
            for vi in self.clusters.rows(self.effects.vi[self.clusters.order])
        )
        return WorkingModel(self.effects, self.clusters, self.design, blocks)

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        width = max(map(len, self.design.names))
        correlated = f", sampling errors correlated by {self.rho:g}" if self.rho else ""
        lines = [
            (
                f"{self.k} effects in {self.n_clusters} clusters, three-level model by restricted "
                f"maximum likelihood{correlated}; interval: {TESTS[self.test]}"
            ),
            *(
                f"{name:<{width}}  {estimate.summary()}"
                for name, estimate in zip(self.design.names, self.coefficients, strict=True)
            ),
            *([self.prediction.summary()] if self.prediction else []),
            self.levels.summary(),
            *self.notes,
            *said(self.effects.left_out),
        ]
        return "\n".join(lines)


def three_level(
    effects: Effects,
    cluster: Sequence[object],
    *,
    rho: float = 0.0,
    moderators: Mapping[str, ArrayLike] | None = None,
    intercept: bool = True,
    test: str = "z",
    level: float = DEFAULT_LEVEL,
) -> Multilevel:
    """Return the three-level model of effects in clusters.

    Args:
        effects: more effects than coefficients.
        cluster: the label of each effect's cluster.
        rho: the correlation of the sampling errors of effects of one cluster. It is assumed, not
            estimated: see what other values give, and use robust standard errors.
        moderators: for each name one value per effect, numbers or words, as in a
            meta-regression; an effect that lacks one is left out by name.
        intercept: whether the moderators stand beside an intercept.
        test: z; t, with k - p degrees of freedom; or contain, t with the number of clusters less p
            for a coefficient whose column does not vary within clusters (so for the mean effect),
            k - p for others, and not fewer than 1. These are metafor's test = "z" and "t" and
            dfs = "contain".
        level: the confidence level of the intervals, a share.
    """
    _check_options(test, level)
    all_clusters = Clusters.of(effects, cluster)
    effects, columns, complete = with_moderators(effects, moderators, intercept=intercept)
    clusters, matrix = all_clusters.take(complete), columns.matrix
    _check_clusters(effects, clusters, rho, matrix.shape[1])
    order = clusters.order
    data = ClusteredEffects(effects.yi[order], effects.vi[order], matrix[order], clusters, rho)
    if not data.identified:
        raise BadOption(
            "The variances between and within clusters cannot be told apart in this design: it "
            "leaves no differences between clusters, or none within them. Leave out columns that "
            "single out clusters."
        )
    components = restricted_maximum_likelihood(data)
    fit, sampling = data.at(components), data.at(np.zeros(2))
    inverse = np.linalg.inv(fit.triangle @ data.triangle)
    beta = inverse @ (fit.coefficients[:, 0] + fit.triangle @ data.offset)
    covariance = inverse @ inverse.T
    degrees = _degrees_of_freedom(test, matrix[order], clusters)
    coefficients = tuple(
        wald(estimate, se, df=df, level=level)
        for estimate, se, df in zip(beta, np.sqrt(np.diag(covariance)), degrees, strict=True)
    )
    levels = _levels(components, sampling, data.df)
    return Multilevel(
        effects,
        clusters,
        rho,
        test,
        columns,
        coefficients,
        covariance,
        levels,
        fit.log_likelihood,
        _prediction(coefficients[0], levels) if moderators is None else None,
        columns.notes + _notes(clusters, levels),
    )


def _check_options(test: str, level: float) -> None:
    check_level(level)
    if test not in TESTS:
        raise BadOption(f"There is no test {test!r}. Choose one of {', '.join(TESTS)}.")


def _check_clusters(effects: Effects, clusters: Clusters, rho: float, p: int) -> None:
    """Raise if the clusters cannot carry a three-level model with p coefficients."""
    if clusters.n < 2:
        raise TooFewStudies("A three-level model", 2, clusters.n, noun="clusters")
    if clusters.largest == 1:
        raise BadOption(
            "Every cluster has one effect, so the variances between and within clusters cannot be "
            "told apart. Pool the effects with the two-level random-effects model."
        )
    if effects.k <= p:
        what = f"A three-level model with {p} coefficients"
        raise TooFewStudies(what, p + 1, effects.k, noun="effects")
    lowest = -1 / (clusters.largest - 1)
    if not lowest < rho < 1:
        raise BadOption(
            f"The correlation rho is {rho:g}. With up to {clusters.largest} effects in a cluster "
            f"it lies between {lowest:.4g} and 1, without these; 0.6 is a common assumption."
        )


def _degrees_of_freedom(test: str, matrix: Array, clusters: Clusters) -> list[float | None]:
    """Return the df of each coefficient; `matrix` is cluster after cluster."""
    k, p = matrix.shape
    if test == "z":
        return [None] * p
    if test == "t":
        return [float(k - p)] * p
    first = np.repeat(matrix[clusters.starts], clusters.sizes, axis=0)
    constant = (matrix == first).all(axis=0)
    return [float(max(1, (clusters.n if same else k) - p)) for same in constant.tolist()]


def _levels(components: Array, sampling: RestrictedFit, df: int) -> ThreeLevels:
    """Return the components with I² and Q; `sampling` is the fit without heterogeneity.

    The typical sampling variance is df / tr(P) at the weights V^-1, the general form of eq. 9 of
    Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558.
    """
    between, within = components.tolist()
    total = between + within + df / sampling.trace_p
    return ThreeLevels(
        between,
        within,
        100 * between / total,
        100 * within / total,
        sampling.q,
        df,
        float(chi2_upper(np.asarray(sampling.q), df)),
    )


def _prediction(mean: Estimate, levels: ThreeLevels) -> Prediction:
    """Return the interval mean -+ c sqrt(se² + between + within)."""
    further = sqrt(mean.se**2 + levels.total)
    interval = wald(mean.estimate, further, df=mean.df, level=mean.level)
    return Prediction(interval.ci_low, interval.ci_high, mean.df, mean.level)


def _notes(clusters: Clusters, levels: ThreeLevels) -> tuple[str, ...]:
    notes = []
    if clusters.n < _FEW_CLUSTERS:
        notes.append(
            f"{clusters.n} clusters are few: the variance between them is known poorly, and "
            "intervals that do not allow for it are too narrow."
        )
    if levels.between == 0:
        notes.append(
            "The variance between clusters is estimated as zero: effects of one cluster are no "
            "more alike than others."
        )
    if levels.within == 0:
        notes.append(
            "The variance within clusters is estimated as zero: effects of one cluster differ by "
            "sampling error alone."
        )
    return tuple(notes)
