"""A linear model of clustered effects with a working covariance: what robust inference starts from.

A working model says how effects are thought to covary within clusters. It decides on the weights;
robust standard errors are right even where it is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.design import INTERCEPT, independent
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable


@dataclass(frozen=True, slots=True, eq=False)
class WorkingModel:
    """Effects with mean Xb and a covariance that is zero between clusters.

    Attributes:
        effects: the k effects.
        clusters: how they fall into clusters.
        design: X, shape (k, p), rows in the order of `effects`.
        names: the names of the p columns.
        blocks: the covariance matrix of each cluster's effects, in the order of `clusters`.
    """

    effects: Effects
    clusters: Clusters
    design: Array
    names: tuple[str, ...]
    blocks: tuple[Array, ...]


def working_model(
    effects: Effects,
    cluster: Sequence[object],
    *,
    tau2: float = 0.0,
    blocks: Sequence[ArrayLike] | None = None,
    design: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> WorkingModel:
    """Return a working model, by default that of a common-effect model with clustered effects.

    Args:
        effects: the k effects.
        cluster: the label of each effect's cluster.
        tau2: a variance that is added to every effect's own; with it the weights are those of a
            random-effects model.
        blocks: the covariance matrix of the sampling errors of each cluster, in the order in which
            the clusters first appear; by default the errors are independent, with variances vi.
        design, names: the columns of the model of the mean, as in a three-level model.
    """
    clusters = Clusters.of(effects, cluster)
    matrix, columns = checked_design(effects, design, names)
    if not 0 <= tau2 < np.inf:
        raise BadOption(f"tau² is {tau2:g}. A variance is finite and not below zero.")
    if blocks is None:
        sampling = tuple(map(np.diag, clusters.rows(effects.vi[clusters.order])))
    else:
        sampling = _checked_blocks(clusters, blocks)
    own = tuple(block + tau2 * np.eye(len(block)) for block in sampling)
    return WorkingModel(effects, clusters, matrix, columns, own)


def checked_design(
    effects: Effects, design: ArrayLike | None, names: Sequence[str] | None
) -> tuple[Array, tuple[str, ...]]:
    """Return the design, shape (k, p), and the names of its columns; an intercept by default.

    Missing values, and columns that are combinations of those before them, are errors.
    """
    if design is None:
        return np.ones((effects.k, 1)), (INTERCEPT,)
    matrix = np.asarray(design, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != effects.k or matrix.shape[1] == 0:
        raise BadTable(
            f"The design has shape {matrix.shape} for {effects.k} effects. Give it one row per "
            "effect and one column per coefficient."
        )
    columns = _names(matrix.shape[1], names)
    for row, column in np.argwhere(~np.isfinite(matrix)).tolist():
        raise BadStudy(
            effects.labels[row],
            f"{columns[column]} is missing or infinite",
            "Give its value, or leave the effect out.",
        )
    surplus = [name for name, kept in zip(columns, independent(matrix), strict=True) if not kept]
    if surplus:
        raise BadTable(
            f"In the design, {', '.join(surplus)} can be computed from the columns before. "
            "Leave out what says the same."
        )
    return matrix, columns


def _names(p: int, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return tuple(f"column {number}" for number in range(1, p + 1))
    if len(names) != p:
        raise BadTable(f"There are {len(names)} names for {p} columns. Give one per column.")
    return tuple(names)


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
