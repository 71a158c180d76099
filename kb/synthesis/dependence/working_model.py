"""A linear model of clustered effects with a working covariance: what robust inference starts from.

A working model says how effects are thought to covary within clusters. It decides on the weights;
robust standard errors are right even where it is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.design import Design, Mask, with_moderators
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable
from kb.synthesis.metaregression import regress
from kb.synthesis.options import COMMON_EFFECT, method_of
from kb.synthesis.pooling import pool


@dataclass(frozen=True, slots=True, eq=False)
class WorkingModel:
    """Effects with mean Xb and a covariance that is zero between clusters.

    Attributes:
        effects: the k effects that have all moderators; the others are in `effects.left_out`.
        clusters: how they fall into clusters.
        design: X, the rows in the order of `effects`.
        blocks: the covariance matrix of each cluster's effects, in the order of `clusters`.
    """

    effects: Effects
    clusters: Clusters
    design: Design
    blocks: tuple[Array, ...]


def working_model(
    effects: Effects,
    cluster: Sequence[object],
    *,
    method: str = COMMON_EFFECT,
    tau2: float | None = None,
    blocks: Sequence[ArrayLike] | None = None,
    moderators: Mapping[str, ArrayLike] | None = None,
    intercept: bool = True,
) -> WorkingModel:
    """Return a working model, by default that of a common-effect model with clustered effects.

    Args:
        effects: the effects.
        cluster: the label of each effect's cluster.
        method: how tau², a variance that is added to every effect's own, is estimated, as in
            pooling: EE for none. With it the weights are those of a random-effects model, or of a
            meta-regression, that takes the effects for independent.
        tau2: the tau² itself, where it is not to be estimated.
        blocks: the covariance matrix of the sampling errors of each cluster, in the order in which
            the clusters first appear; by default the errors are independent, with variances vi.
            No method here estimates tau² beside them.
        moderators: for each name one value per effect, numbers or words, as in a
            meta-regression; an effect that lacks one is left out by name.
        intercept: whether the moderators stand beside an intercept.
    """
    method = method_of(method)
    if blocks is not None and method != COMMON_EFFECT and tau2 is None:
        raise BadOption(
            f"{method} takes the effects for independent and cannot estimate tau² beside "
            "covariance matrices. Give tau2, or fit a three-level model."
        )
    all_clusters = Clusters.of(effects, cluster)
    given = None if blocks is None else _checked_blocks(all_clusters, blocks)
    used, columns, complete = with_moderators(effects, moderators, intercept=intercept)
    clusters = all_clusters.take(complete)
    if given is None:
        sampling = tuple(map(np.diag, clusters.rows(used.vi[clusters.order])))
    else:
        sampling = _kept(all_clusters, given, complete, clusters)
    if tau2 is None:
        tau2 = _estimated(effects, moderators, method, intercept=intercept)
    elif not 0 <= tau2 < np.inf:
        raise BadOption(f"tau² is {tau2:g}. A variance is finite and not below zero.")
    own = tuple(block + tau2 * np.eye(len(block)) for block in sampling)
    return WorkingModel(used, clusters, columns, own)


def _estimated(
    effects: Effects,
    moderators: Mapping[str, ArrayLike] | None,
    method: str,
    *,
    intercept: bool,
) -> float:
    """Return the tau² of effects that are taken for independent."""
    if method == COMMON_EFFECT:
        return 0.0
    if moderators is None:
        return pool(effects, method=method).heterogeneity.tau2
    return regress(effects, moderators, method=method, intercept=intercept).heterogeneity.tau2


def _kept(
    clusters: Clusters, blocks: Sequence[Array], complete: Mask, left: Clusters
) -> tuple[Array, ...]:
    """Return the blocks of the clusters that are left, of their effects that are complete."""
    masks = clusters.rows(complete[clusters.order])
    of = {
        label: block[np.ix_(mask, mask)]
        for label, block, mask in zip(clusters.labels, blocks, masks, strict=True)
    }
    return tuple(of[label] for label in left.labels)


def _checked_blocks(clusters: Clusters, blocks: Sequence[ArrayLike]) -> tuple[Array, ...]:
    """Return the blocks; raise unless each is the covariance matrix of its cluster's effects."""
    if len(blocks) != clusters.n:
        raise BadTable(
            f"There are {len(blocks)} covariance matrices for {clusters.n} clusters. Give one per "
            "cluster."
        )
    matrices = tuple(np.asarray(block, dtype=float) for block in blocks)
    for label, size, matrix in zip(clusters.labels, clusters.sizes.tolist(), matrices, strict=True):
        if matrix.shape != (size, size):
            raise BadStudy(
                label,
                f"its covariance matrix has shape {matrix.shape} for {size} effects",
                "Give one row and one column per effect.",
            )
        if not _is_covariance(matrix):
            raise BadStudy(
                label,
                "its covariance matrix is not symmetric and positive definite",
                "See whether correlations lie between -1 and 1 and variances are above zero.",
            )
    return matrices


def _is_covariance(matrix: Array) -> bool:
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, rtol=1e-10, atol=0):
        return False
    return bool(np.linalg.eigvalsh(matrix).min() > 0)
