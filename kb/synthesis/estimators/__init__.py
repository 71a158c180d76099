"""Estimators of tau², the variance of the true effects: a module each, named for its method.

Every one takes one model or m of them and gives tau² and its standard error, shape () or (m,). They
need more studies than coefficients (k > p).
"""

from collections.abc import Callable
from dataclasses import dataclass

from kb.synthesis.distributions import Array
from kb.synthesis.estimators import (
    dersimonian_laird,
    hedges,
    hunter_schmidt,
    maximum_likelihood,
    paule_mandel,
    restricted_maximum_likelihood,
    sidik_jonkman,
)
from kb.synthesis.models import Fit, Model


@dataclass(frozen=True, slots=True)
class Estimator:
    """A way of estimating tau²: its name, the estimate, and the standard error of the estimate.

    The standard error takes the model, the estimate, and the model's fit at the estimate.
    """

    name: str
    estimate: Callable[[Model[Fit]], Array]
    standard_error: Callable[[Model[Fit], Array, Fit], Array]


ESTIMATORS = {
    "DL": Estimator(
        "DerSimonian-Laird", dersimonian_laird.estimate, dersimonian_laird.standard_error
    ),
    "HE": Estimator("Hedges", hedges.estimate, hedges.standard_error),
    "HS": Estimator("Hunter-Schmidt", hunter_schmidt.estimate, hunter_schmidt.standard_error),
    "HSk": Estimator(
        "Hunter-Schmidt, corrected for k",
        hunter_schmidt.estimate_corrected,
        hunter_schmidt.standard_error_corrected,
    ),
    "SJ": Estimator("Sidik-Jonkman", sidik_jonkman.estimate, sidik_jonkman.standard_error),
    "ML": Estimator(
        "maximum likelihood", maximum_likelihood.estimate, maximum_likelihood.standard_error
    ),
    "REML": Estimator(
        "restricted maximum likelihood",
        restricted_maximum_likelihood.estimate,
        restricted_maximum_likelihood.standard_error,
    ),
    "EB": Estimator("empirical Bayes", paule_mandel.estimate, paule_mandel.standard_error),
    "PM": Estimator("Paule-Mandel", paule_mandel.estimate, paule_mandel.standard_error),
    "PMM": Estimator(
        "Paule-Mandel, median-unbiased",
        paule_mandel.estimate_median_unbiased,
        paule_mandel.standard_error,
    ),
}
