"""The same analyses by statsmodels and PyMARE: where they agree, and where they are known not to.

A known difference is asserted too, so that a change on their side is noticed. docs/differences.md
tells users of them.
"""

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.pooling import pool
from kb.synthesis.q_profile import q_profile

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # PyMARE leaves a file open when imported
    from pymare import meta_regression

AGREEING = Effects.of([0.1, 0.12, 0.09, 0.11], [0.04, 0.09, 0.01, 0.02])
SAME = Effects.of([0.3, 0.3, 0.3], [0.04, 0.09, 0.01])


def heterogeneous(seed: int) -> Effects:
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.05, 0.5, 6 + seed)
    return Effects.of(rng.normal(0.4, np.sqrt(vi + 1)), vi)


SETS = [heterogeneous(seed) for seed in range(8)]


def pymare(effects: Effects, method: str) -> SimpleNamespace:
    """Return PyMARE's numbers; its standard error and interval are Hartung-Knapp's by default."""
    fit = meta_regression(y=effects.yi[:, None], v=effects.vi[:, None], method=method)
    mean: dict[str, Array] = {name: value.item() for name, value in fit.get_fe_stats().items()}
    spread: dict[str, Any] = fit.get_heterogeneity_stats()
    limits = fit.get_re_stats()
    return SimpleNamespace(
        tau2=np.asarray(fit.tau2).item(),
        q=spread["Q"].item(),
        q_p=spread["p(Q)"].item(),
        i2=spread["I^2"].item(),
        tau2_low=limits["ci_l"].item(),
        tau2_high=limits["ci_u"].item(),
        **mean,
    )


@pytest.mark.parametrize("effects", SETS)
def test_common_effect_is_that_of_statsmodels(effects: Effects) -> None:
    theirs = combine_effects(effects.yi, effects.vi, method_re="dl")
    ours = pool(effects, method="EE")
    assert ours.estimate.estimate == pytest.approx(theirs.mean_effect_fe, rel=1e-12)
    assert ours.estimate.se == pytest.approx(theirs.sd_eff_w_fe, rel=1e-12)
    assert ours.weights == pytest.approx(100 * theirs.weights_rel_fe, rel=1e-12)
    assert ours.heterogeneity.q == pytest.approx(theirs.q, rel=1e-12)
    assert ours.heterogeneity.h2 == pytest.approx(theirs.h2, rel=1e-12)
    assert ours.heterogeneity.i2 == pytest.approx(100 * theirs.i2, rel=1e-12)
    knha = pool(effects, method="EE", test="knha").estimate
    assert knha.se == pytest.approx(theirs.sd_eff_w_fe_hksj, rel=1e-12)


@pytest.mark.parametrize("effects", SETS)
@pytest.mark.parametrize(
    ("method", "theirs", "rel"), [("DL", "dl", 1e-11), ("PM", "iterated", 1e-4)]
)
def test_random_effects_are_those_of_statsmodels(
    effects: Effects, method: str, theirs: str, rel: float
) -> None:
    expected = combine_effects(effects.yi, effects.vi, method_re=theirs)
    ours = pool(effects, method=method)
    assert ours.heterogeneity.tau2 == pytest.approx(expected.tau2, rel=rel)
    assert ours.estimate.estimate == pytest.approx(expected.mean_effect_re, rel=rel)
    assert ours.estimate.se == pytest.approx(expected.sd_eff_w_re, rel=rel)
    knha = pool(effects, method=method, test="knha").estimate
    assert knha.se == pytest.approx(expected.sd_eff_w_re_hksj, rel=rel)


def test_statsmodels_keeps_a_negative_tau2_where_ours_is_zero() -> None:
    with np.errstate(invalid="ignore"):
        theirs = combine_effects(AGREEING.yi, AGREEING.vi, method_re="dl")
    assert theirs.tau2 < 0
    assert np.isnan(theirs.sd_eff_w_re)
    assert theirs.i2 < 0
    ours = pool(AGREEING, method="DL")
    assert ours.heterogeneity.tau2 == 0
    assert ours.heterogeneity.i2 == 0
    assert ours.estimate.estimate == pytest.approx(theirs.mean_effect_fe, rel=1e-12)


@pytest.mark.parametrize("effects", SETS)
@pytest.mark.parametrize(
    ("method", "rel"), [("DL", 1e-11), ("HE", 1e-11), ("REML", 1e-5), ("ML", 1e-5)]
)
def test_random_effects_with_hartung_knapp_are_those_of_pymare(
    effects: Effects, method: str, rel: float
) -> None:
    theirs, ours = pymare(effects, method), pool(effects, method=method, test="knha")
    assert ours.heterogeneity.tau2 == pytest.approx(theirs.tau2, rel=rel, abs=1e-9)
    assert ours.estimate.estimate == pytest.approx(theirs.est, rel=rel)
    assert ours.estimate.se == pytest.approx(theirs.se, rel=rel)
    assert ours.estimate.ci_low == pytest.approx(theirs.ci_l, rel=rel, abs=rel)
    assert ours.estimate.ci_high == pytest.approx(theirs.ci_u, rel=rel, abs=rel)
    assert ours.heterogeneity.q == pytest.approx(theirs.q, rel=1e-11)
    assert ours.heterogeneity.q_p == pytest.approx(theirs.q_p, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("effects", SETS)
def test_limits_of_tau2_are_those_of_pymare(effects: Effects) -> None:
    theirs, ours = pymare(effects, "DL"), q_profile(effects)
    assert ours.tau2_low == pytest.approx(theirs.tau2_low, rel=1e-5, abs=1e-5)
    assert ours.tau2_high == pytest.approx(theirs.tau2_high, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("effects", SETS)
def test_pymare_reports_hartung_knapp_as_the_z_of_the_same_p_value(effects: Effects) -> None:
    theirs, ours = pymare(effects, "DL"), pool(effects, method="DL", test="knha").estimate
    assert theirs.p == pytest.approx(ours.p, rel=1e-9)
    assert abs(theirs.z) == pytest.approx(stats.norm.isf(ours.p / 2), rel=1e-9)
    assert ours.statistic == pytest.approx(theirs.est / theirs.se, rel=1e-11)
    assert abs(ours.statistic) > abs(theirs.z)


@pytest.mark.parametrize("effects", SETS)
def test_pymare_takes_i2_from_q_whatever_the_estimator(effects: Effects) -> None:
    by_q = pool(effects, method="DL").heterogeneity.i2
    by_reml = pool(effects, method="REML").heterogeneity.i2
    assert pymare(effects, "DL").i2 == pytest.approx(by_q, rel=1e-10)
    assert pymare(effects, "REML").i2 == pytest.approx(by_q, rel=1e-10)
    assert abs(by_reml - by_q) > 1e-3


def test_pymare_has_no_p_value_for_identical_effects_where_ours_is_zero() -> None:
    with np.errstate(all="ignore"):
        theirs = pymare(SAME, "DL")
    ours = pool(SAME, method="DL", test="knha").estimate
    assert theirs.se == ours.se == 0
    assert np.isnan(theirs.p)
    assert np.isnan(theirs.ci_l)
    assert (ours.p, ours.ci_low, ours.ci_high) == (0, ours.estimate, ours.estimate)
