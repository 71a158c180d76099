"""Effect sizes from the means, standard deviations and sizes of two independent groups.

Every function takes the columns m1i, sd1i, n1i, m2i, sd2i, n2i, shape (k,), NaN where a value is
missing, and compares group 1 with group 2. A size below 1 or a negative standard deviation is an
error that names the study; a study whose numbers give no effect is set aside with the reason.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.conversions import hedges_correction
from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes.rows import Rows
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption


def mean_difference(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    vtype: Literal["LS", "HO"] = "LS",
) -> Effects:
    """Return the mean differences m1 - m2 (MD).

    Their variance is sd1²/n1 + sd2²/n2 ("LS"), or s²(1/n1 + 1/n2) with the pooled s ("HO", for
    equal variances in both groups). Cochrane Handbook, ch. 6, 6.5.1.1.
    """
    _check_vtype(vtype, ("LS", "HO"))
    groups = _two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i, labels)
    m1, sd1, n1, m2, sd2, n2 = groups.columns.values()
    yi = m1 - m2
    with np.errstate(over="ignore"):
        if vtype == "LS":
            vi = sd1**2 / n1 + sd2**2 / n2
        else:
            vi = _pooled_variance(sd1, n1, sd2, n2) * (1 / n1 + 1 / n2)
    without = [
        ((n1 + n2 <= 2) & (vtype == "HO"), "groups of one person have no pooled variance"),
        (vi == 0, "standard deviations of 0 leave the difference without a variance"),
    ]
    return groups.effects("MD", yi, vi, ni=n1 + n2, without=without)


def standardised_mean_difference(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    vtype: Literal["LS", "UB"] = "LS",
) -> Effects:
    """Return the standardised mean differences g = J (m1 - m2) / s, with the pooled s (SMD).

    J is the exact correction of Hedges LV. Distribution theory for Glass's estimator of effect
    size and related estimators. J Educ Stat 1981;6:107-128, eq. 6e. The variance is that of large
    samples, 1/n1 + 1/n2 + g² / 2(n1 + n2) ("LS"; Hedges & Olkin, Statistical Methods for
    Meta-Analysis, 1985, ch. 5), or the unbiased 1/n1 + 1/n2 + (1 - (m - 2)/(m J²)) g² of
    m = n1 + n2 - 2 degrees of freedom ("UB"; Hedges LV. Psychol Bull 1983;93:388-395).
    """
    _check_vtype(vtype, ("LS", "UB"))
    groups = _two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i, labels)
    m1, sd1, n1, m2, sd2, n2 = groups.columns.values()
    df = n1 + n2 - 2
    correction = hedges_correction(df)
    variance = _pooled_variance(sd1, n1, sd2, n2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        yi = correction * (m1 - m2) / np.sqrt(variance)
        unbiased = 1 - (df - 2) / (df * correction**2)
        vi = 1 / n1 + 1 / n2 + yi**2 * (unbiased if vtype == "UB" else 1 / (2 * (n1 + n2)))
    without = [
        (df <= 1, "the correction for small samples needs more than 3 people"),
        (variance == 0, "the pooled standard deviation is 0"),
        (np.isinf(variance), "the standard deviations are too large to square"),
    ]
    return groups.effects("SMD", yi, vi, ni=n1 + n2, without=without)


def standardised_mean_difference_unequal(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    labels: Sequence[str] | None = None,
) -> Effects:
    """Return the standardised mean differences for groups of unequal variances (SMDH).

    g = J (m1 - m2) / s with s² = (sd1² + sd2²)/2 and J of n1 + n2 - 2 degrees of freedom. With
    the shares q = sd²/(sd1² + sd2²) and f = n - 1 the variance is
    J² (g² (q1²/f1 + q2²/f2)/2 + 2 (q1/f1 + q2/f2)): Bonett DG. Meta-analytic interval estimation
    for standardized and unstandardized mean differences. Psychol Methods 2009;14:225-238, with
    g for d and J² in front, as in metafor 3.8.
    """
    groups = _two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i, labels)
    m1, sd1, n1, m2, sd2, n2 = groups.columns.values()
    correction = hedges_correction(n1 + n2 - 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = sd1**2 + sd2**2
        yi = correction * (m1 - m2) / np.sqrt(total / 2)
        q1, q2 = sd1**2 / total, sd2**2 / total
        squares = q1**2 / (n1 - 1) + q2**2 / (n2 - 1)
        vi = correction**2 * (yi**2 * squares / 2 + 2 * (q1 / (n1 - 1) + q2 / (n2 - 1)))
    without = [
        ((n1 <= 1) | (n2 <= 1), "a group of one person has no standard deviation"),
        (n1 + n2 <= 3, "the correction for small samples needs more than 3 people"),
        (total == 0, "both standard deviations are 0"),
    ]
    return groups.effects("SMDH", yi, vi, ni=n1 + n2, without=without)


def log_ratio_of_means(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    labels: Sequence[str] | None = None,
) -> Effects:
    """Return the log ratios of means log(m1 / m2) (ROM).

    Their variance is sd1²/(n1 m1²) + sd2²/(n2 m2²): Hedges LV, Gurevitch J, Curtis PS. The
    meta-analysis of response ratios in experimental ecology. Ecology 1999;80:1150-1156, eq. 1.
    """
    groups = _two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i, labels)
    m1, sd1, n1, m2, sd2, n2 = groups.columns.values()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        yi = np.log(m1 / m2)
        vi = (sd1 / m1) ** 2 / n1 + (sd2 / m2) ** 2 / n2
    without = [
        ((m1 == 0) | (m2 == 0), "a mean is 0, so the ratio of means has no logarithm"),
        ((m1 < 0) != (m2 < 0), "the means have opposite signs, so their ratio has no logarithm"),
        (vi == 0, "standard deviations of 0 leave the ratio without a variance"),
    ]
    return groups.effects("ROM", yi, vi, ni=n1 + n2, without=without)


def _two_groups(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    labels: Sequence[str] | None,
) -> Rows:
    groups = Rows.of(labels, m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    for name in ("sd1i", "sd2i"):
        remedy = "A standard deviation is not below 0; correct it."
        groups.refuse(groups[name] < 0, f"{name} is {{{name}:g}}", remedy)
    for name in ("n1i", "n2i"):
        remedy = "A group has at least one person; correct it."
        groups.refuse(groups[name] < 1, f"{name} is {{{name}:g}}", remedy)
    return groups


def _pooled_variance(sd1: Array, n1: Array, sd2: Array, n2: Array) -> Array:
    """Return the pooled variance, NaN for two groups of one person."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))


def _check_vtype(vtype: str, known: tuple[str, ...]) -> None:
    if vtype not in known:
        raise BadOption(f"There is no vtype {vtype!r} here. Choose one of {', '.join(known)}.")
