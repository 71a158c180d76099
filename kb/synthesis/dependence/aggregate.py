"""Several effects of one study combined into one, at an assumed correlation of their errors."""

from collections.abc import Sequence

import numpy as np

from kb.synthesis.dependence.clusters import Clusters
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies


def aggregate(
    effects: Effects, cluster: Sequence[object], *, rho: float, weighted: bool = True
) -> Effects:
    """Return one effect per cluster, in the order in which the clusters first appear.

    The sampling errors of effects i and j of a cluster are taken to have the covariance
    rho √(vi vj). `weighted` combines them by generalised least squares, which has the smallest
    variance; otherwise their plain mean is taken (metafor: `aggregate` with struct "CS"). Where
    the variances of a cluster differ much and rho is high, least squares weighs the less precise
    effects negatively, and its estimate may lie outside their range.

    `cluster` names the cluster of each effect, k values. The labels of the result are these names,
    its rows the first row of each cluster, its sample sizes the largest known of each cluster. An
    effect without a cluster is an error. So is a rho that is no correlation of the errors of every
    cluster: it lies above -1/(n - 1), n being the effects of the largest cluster, and below 1.
    """
    if effects.k == 0:
        raise TooFewStudies("Combining the effects of studies", needed=1, found=0, noun="effect")
    clusters = Clusters.of(effects, cluster)
    _check_rho(rho, clusters)
    ordered = effects.take(clusters.order)
    centre = clusters.sum(ordered.yi) / clusters.sizes
    combine = _least_squares if weighted else _plain_mean
    yi, vi = combine(clusters, ordered.yi - clusters.spread(centre), ordered.sei, rho)
    return Effects(
        centre + yi,
        vi,
        clusters.labels,
        effects.measure,
        ordered.rows[clusters.starts],
        None if ordered.ni is None else np.fmax.reduceat(ordered.ni, clusters.starts),
        effects.left_out,
    )


def _least_squares(clusters: Clusters, yi: Array, sei: Array, rho: float) -> tuple[Array, Array]:
    """Return 1'V⁻¹y / 1'V⁻¹1 and 1 / 1'V⁻¹1 of each cluster.

    V is S R S with S = diag(sei), R = (1 - rho) I + rho 11', and the inverse of R that of Sherman
    and Morrison (1950). With a = 1/sei and z = yi/sei it gives

        1'V⁻¹y = Σ (a - ā)(z - z̄) / (1 - rho) + n ā z̄ / (1 + (n - 1) rho),

    and 1'V⁻¹1 with a in the place of z.
    """
    n = clusters.sizes
    a, z = 1 / sei, yi / sei
    a_mean, z_mean = clusters.sum(a) / n, clusters.sum(z) / n
    a_rest, z_rest = a - clusters.spread(a_mean), z - clusters.spread(z_mean)
    common = n * a_mean / (1 + (n - 1) * rho)
    precision = clusters.sum(a_rest**2) / (1 - rho) + common * a_mean
    moment = clusters.sum(a_rest * z_rest) / (1 - rho) + common * z_mean
    return moment / precision, 1 / precision


def _plain_mean(clusters: Clusters, yi: Array, sei: Array, rho: float) -> tuple[Array, Array]:
    """Return the mean of each cluster and its variance 1'V1 / n², in the terms of V as above."""
    n = clusters.sizes
    mean = clusters.sum(sei) / n
    rest = clusters.sum((sei - clusters.spread(mean)) ** 2)
    variance = ((1 - rho) * rest / n + (1 + (n - 1) * rho) * mean**2) / n
    return clusters.sum(yi) / n, variance


def _check_rho(rho: float, clusters: Clusters) -> None:
    n = clusters.largest
    lowest = -1 / max(n - 1, 1)
    if not lowest < rho < 1:
        raise BadOption(
            f"The correlation rho is {rho:g}. With up to {n} to a cluster it lies "
            f"above {lowest:.4g} and below 1. Try 0.6, and see how much the result depends on it."
        )
