"""Likelihood-ratio tests: of no heterogeneity, and of moderators."""

from dataclasses import dataclass

import numpy as np

from kb.synthesis.design import Design, constant
from kb.synthesis.distributions import chi2_upper
from kb.synthesis.errors import BadOption, BadTable
from kb.synthesis.likelihood.fit import fit_statistics
from kb.synthesis.likelihood.likelihoods import Result, drop, is_restricted, model_of
from kb.synthesis.metaregression import Regression
from kb.synthesis.options import COMMON_EFFECT
from kb.synthesis.words import p_value


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood-ratio test.

    Attributes:
        of: what is tested: "tau² = 0", or the moderators that the reduced model lacks.
        statistic: twice the difference of the log-likelihoods, not below zero.
        df: how many parameters fewer the reduced model has.
        boundary: whether the hypothesis is the edge of what can be (tau² = 0). The reference is
            then not the chi-squared with df = 1 but its even mixture with a zero, and p is half
            of what the chi-squared gives; 1 for a statistic of zero.
        p: the p-value.
    """

    of: str
    statistic: float
    df: int
    boundary: bool
    p: float

    def summary(self) -> str:
        """Return the test in one line."""
        reference = f"chi²({self.df})"
        if self.boundary:
            reference = f"0 and {reference}, mixed half and half"
        return (
            f"likelihood-ratio test of {self.of}: {self.statistic:.2f} against {reference}, "
            f"{p_value(self.p)}"
        )


def likelihood_ratio_tau2(result: Result) -> LikelihoodRatio:
    """Return the likelihood-ratio test that tau² is 0, of a model fitted by ML or REML.

    Zero is the least value that tau² can have: under the hypothesis the statistic is zero in half
    of all samples, and else chi-squared with one degree of freedom (Self & Liang 1987, J Am Stat
    Assoc 82:605-610, case 5).
    """
    restricted = is_restricted(result, "A likelihood-ratio test of tau²")
    fall = drop(model_of(result), result.heterogeneity.tau2, np.zeros(1), restricted=restricted)
    statistic = max(0.0, fall.item())
    p = float(chi2_upper(np.asarray(statistic), 1)) / 2 if statistic > 0 else 1.0
    return LikelihoodRatio("tau² = 0", statistic, 1, boundary=True, p=p)


def likelihood_ratio_test(full: Result, reduced: Result) -> LikelihoodRatio:
    """Return the likelihood-ratio test of the moderators that a reduced model lacks.

    Both models are of the same studies, fitted by ML, or both with a common effect; the moderators
    of the reduced one are among those of the full one. Restricted likelihoods of models with
    different moderators cannot be compared.
    """
    _check_methods(full, reduced)
    _check_studies(full, reduced)
    df = _more_coefficients(full, reduced)
    statistic = 2 * (
        fit_statistics(full, restricted=False).log_likelihood
        - fit_statistics(reduced, restricted=False).log_likelihood
    )
    statistic = max(0.0, statistic)
    p = float(chi2_upper(np.asarray(statistic), df))
    return LikelihoodRatio(_lacking(full, reduced), statistic, df, boundary=False, p=p)


def _check_methods(full: Result, reduced: Result) -> None:
    methods = {full.method, reduced.method}
    if methods not in ({"ML"}, {COMMON_EFFECT}):
        raise BadOption(
            "A likelihood-ratio test of moderators compares two models fitted by ML, or two with a "
            f"common effect, not {' and '.join(sorted(methods))}."
        )


def _check_studies(full: Result, reduced: Result) -> None:
    one, other = full.effects, reduced.effects
    if not (np.array_equal(one.yi, other.yi) and np.array_equal(one.vi, other.vi)):
        raise BadTable(
            f"The models are not of the same studies ({full.k} and {reduced.k}). Fit both to those "
            "that have all moderators."
        )


def _more_coefficients(full: Result, reduced: Result) -> int:
    """Return how many coefficients more the full model has; refuse models that are not nested."""
    larger, smaller = (np.linalg.qr(_design(each).matrix)[0] for each in (full, reduced))
    p, q = int(larger.shape[1]), int(smaller.shape[1])
    rest = smaller - larger @ (larger.T @ smaller)
    if p <= q or np.linalg.norm(rest) > 1e-8:
        raise BadOption(
            f"The model with {q} coefficients is not a part of the one with {p}. Leave moderators "
            "out of the full model to have the reduced one."
        )
    return p - q


def _lacking(full: Result, reduced: Result) -> str:
    """Name the moderators that only the full model has; all of its own where names are the same."""
    own, kept = _design(full).moderators, _design(reduced).moderators
    names = [name for name in own if name not in kept] or own
    return f"the moderator{'' if len(names) == 1 else 's'} {', '.join(names)}"


def _design(result: Result) -> Design:
    return result.design if isinstance(result, Regression) else constant(result.k)
