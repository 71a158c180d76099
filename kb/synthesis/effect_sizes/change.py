"""Effect sizes of the change in one group, measured twice.

The change is m1i - m2i: with the later mean as m1i it is the end minus the start. `ri` is the
correlation between the two measurements and `ni` the number of people measured at both; every
column has shape (k,), NaN where a value is missing. A size below 1, a negative standard deviation
or a correlation beyond -1 and 1 is an error that names the study; a study whose numbers give no
effect is set aside with the reason.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.conversions import hedges_correction
from kb.synthesis.distributions import Array
from kb.synthesis.effect_sizes.rows import Mask, Rows
from kb.synthesis.effects import Effects


def mean_change(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    sd2i: ArrayLike,
    ri: ArrayLike,
    ni: ArrayLike,
    labels: Sequence[str] | None = None,
) -> Effects:
    """Return the mean changes m1 - m2 (MC), of variance s²/n.

    s² = sd1² + sd2² - 2 r sd1 sd2 is the variance of the change (Cochrane Handbook, ch. 6,
    6.5.2.8).
    """
    group = Rows.of(labels, m1i=m1i, m2i=m2i, sd1i=sd1i, sd2i=sd2i, ri=ri, ni=ni)
    _check(group)
    m1, m2, sd1, sd2, r, n = group.columns.values()
    variance = _variance_of_change(sd1, sd2, r)
    return group.effects("MC", m1 - m2, variance / n, ni=n, without=[_constant_change(variance)])


def standardised_by_change(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    sd2i: ArrayLike,
    ri: ArrayLike,
    ni: ArrayLike,
    labels: Sequence[str] | None = None,
) -> Effects:
    """Return the mean changes in standard deviations of the change (SMCC).

    g = J (m1 - m2) / s, s as in `mean_change` and J of n - 1 degrees of freedom, has the variance
    1/n + g²/2n: Gibbons RD, Hedeker DR, Davis JM. Estimation of effect size from a series of
    experiments involving paired comparisons. J Educ Stat 1993;18:271-279.
    """
    group = Rows.of(labels, m1i=m1i, m2i=m2i, sd1i=sd1i, sd2i=sd2i, ri=ri, ni=ni)
    _check(group)
    m1, m2, sd1, sd2, r, n = group.columns.values()
    variance = _variance_of_change(sd1, sd2, r)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        yi = hedges_correction(n - 1) * (m1 - m2) / np.sqrt(variance)
        vi = 1 / n + yi**2 / (2 * n)
    without = [
        _too_few(n),
        _constant_change(variance),
        (np.isinf(variance), "the standard deviations are too large to square"),
    ]
    return group.effects("SMCC", yi, vi, ni=n, without=without)


def standardised_by_start(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    ri: ArrayLike,
    ni: ArrayLike,
    labels: Sequence[str] | None = None,
) -> Effects:
    """Return the mean changes in standard deviations at the start (SMCR).

    `sd1i` is the standard deviation at the start, also where m1i is the mean at the end.
    g = J (m1 - m2) / sd1, J of n - 1 degrees of freedom, has the variance 2(1 - r)/n + g²/2n:
    Becker BJ. Synthesizing standardized mean-change measures. Br J Math Stat Psychol
    1988;41:257-278.
    """
    group = Rows.of(labels, m1i=m1i, m2i=m2i, sd1i=sd1i, ri=ri, ni=ni)
    _check(group)
    m1, m2, sd, r, n = group.columns.values()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        yi = hedges_correction(n - 1) * (m1 - m2) / sd
        vi = 2 * (1 - r) / n + yi**2 / (2 * n)
    without = [
        _too_few(n),
        (sd == 0, "the standard deviation at the start is 0"),
        (vi == 0, "no change at a correlation of 1 has no variance"),
    ]
    return group.effects("SMCR", yi, vi, ni=n, without=without)


def _check(group: Rows) -> None:
    for name in group.columns:
        if name.startswith("sd"):
            remedy = "A standard deviation is not below 0; correct it."
            group.refuse(group[name] < 0, f"{name} is {{{name}:g}}", remedy)
    beyond = np.abs(group["ri"]) > 1
    group.refuse(beyond, "ri is {ri:g}", "A correlation is between -1 and 1; correct it.")
    group.refuse(group["ni"] < 1, "ni is {ni:g}", "A group has at least one person; correct it.")


def _variance_of_change(sd1: Array, sd2: Array, r: Array) -> Array:
    """Return sd1² + sd2² - 2 r sd1 sd2, in a form that cannot fall below 0."""
    with np.errstate(over="ignore"):
        return (sd1 - sd2) ** 2 + 2 * (1 - r) * sd1 * sd2


def _too_few(n: Array) -> tuple[Mask, str]:
    return n <= 2, "the correction for small samples needs more than 2 people"


def _constant_change(variance: Array) -> tuple[Mask, str]:
    return variance == 0, "the standard deviation of the change is 0"
