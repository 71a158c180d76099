import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.pooling import pool
from kb.synthesis.small_study.trim_and_fill import trim_and_fill

# Passive smoking and lung cancer, 37 studies: Hackshaw AK. Stat Methods Med Res 1998;7:119-136, as
# in metadat's dat.hackshaw1998: log odds ratios and their variances.
SMOKING = Effects.of(
    [
        *(0.165514438477573328, 0.371563556432483011, 0.703097511413113385, 0.182321556793954592),
        *(-0.287682072451780901, 0.727548607277277659, 0.756121979721333659, -0.223143551314209709),
        *(-0.235722333521069832, 0.698134722070984259, 0.207014169384326124, 0.182321556793954592),
        *(0.418710334858185040, 0.029558802241544429, 0.438254930931155307, 0.029558802241544429),
        *(0.850150929369610009, 0.500775287912489153, 0.173953307123437984, 0.418710334858185040),
        *(0.770108221696073736, 0.076961041136128394, 0.936093359170334760, 0.482426149244292779),
        *(0.058268908123975824, -0.235722333521069832, -0.301105092783921613, 0.819779831493311351),
        *(-0.030459207484708574, 0.470003629245735632, 0.173953307123437984, 0.506817602368451858),
        *(0.231111720963386641, 0.095310179804324935, 0.506817602368451858, 0.148420005118273218),
        0.104360015324242855,
    ],
    [
        *(0.018776885485068111, 0.033044038905788040, 0.540195865342449344, 0.031267614488666259),
        *(0.079655654102011059, 0.227320591670481742, 0.088921562706980317, 0.192679603117081349),
        *(0.339016347538589169, 0.098066202438763614, 0.045555548577534688, 0.231749969641463993),
        *(0.079642922019245332, 0.217395024672567272, 0.076957974038688148, 0.071501763525773143),
        *(0.292565772065689345, 0.032437507429871205, 0.036273346641853617, 0.483851241822467082),
        *(0.123816201921842367, 0.071085191722118954, 0.398195433354185058, 0.089623124068944029),
        *(0.033719888332550567, 0.016129490917390160, 0.180233473435611968, 0.317147722864399018),
        *(0.012546845149027305, 0.113696292350967440, 0.089336780416566675, 0.175985594791832289),
        *(0.010029047431528208, 0.086214355886586311, 0.039874967543697924, 0.036399755569629523),
        0.066419506621977722,
    ],
)
# In R: ctl <- list(threshold=1e-14, maxiter=10000)
#       trimfill(rma(yi, vi, data=dat.hackshaw1998, method=..., control=ctl), estimator=...,
#                control=ctl): k0, se.k0, beta, se, tau2
FILLED = {
    ("REML", "L0"): (
        *(7, 4.039937260046915668),
        *(0.174471110412381669, 0.048431741720262739, 0.024455760438157403),
    ),
    ("REML", "R0"): (7, 4.0, 0.174471110412381669, 0.048431741720262739, 0.024455760438157403),
    ("REML", "Q0"): (
        *(7, 5.081106710312536912),
        *(0.174471110412381669, 0.048431741720262739, 0.024455760438157403),
    ),
    ("EE", "L0"): (7, 4.040495848268421675, 0.155599577899708158, 0.036435124278110638, 0.0),
    ("EE", "R0"): (7, 4.0, 0.155599577899708158, 0.036435124278110638, 0.0),
    ("EE", "Q0"): (10, 5.542713664189097500, 0.130194290566266024, 0.035483239113950592, 0.0),
    ("DL", "L0"): (
        *(7, 4.040761356382166269),
        *(0.173923528441020520, 0.048701502664134373, 0.025207893125500373),
    ),
    ("DL", "R0"): (7, 4.0, 0.173923528441020520, 0.048701502664134373, 0.025207893125500373),
    ("DL", "Q0"): (
        *(8, 5.233091427933826978),
        *(0.162185659348077715, 0.049563185123431094, 0.029095426303177616),
    ),
}


def drawn(k: int, seed: int = 1) -> Effects:
    draw = np.random.default_rng(seed)
    return Effects.of(draw.normal(size=k), draw.uniform(0.1, 2, size=k))


@pytest.mark.parametrize(("method", "estimator"), FILLED)
def test_studies_missing_on_the_left_as_metafor(method: str, estimator: str) -> None:
    k0, k0_se, mean, se, tau2 = FILLED[method, estimator]
    result = trim_and_fill(SMOKING, estimator=estimator, method=method)
    assert (result.side, result.k0) == ("left", k0)
    assert result.k0_se == pytest.approx(k0_se, rel=1e-12)
    assert result.adjusted.estimate.estimate == pytest.approx(mean, rel=1e-9)
    assert result.adjusted.estimate.se == pytest.approx(se, rel=1e-9)
    assert result.adjusted.heterogeneity.tau2 == pytest.approx(tau2, rel=1e-8)


def test_studies_missing_on_the_right_as_metafor(bcg: Effects) -> None:
    # In R: trimfill(rma(yi, vi, data=dat, control=ctl), control=ctl), with ctl as above, and
    # trimfill(rma(yi, vi, data=dat, method="FE"), estimator=...) for R0 and Q0
    reml = trim_and_fill(bcg)
    assert (reml.side, reml.k0) == ("right", 1)
    assert reml.k0_se == pytest.approx(2.45279864318292518, rel=1e-12)
    assert reml.adjusted.estimate.estimate == pytest.approx(-0.65708278348776628, rel=1e-9)
    assert reml.adjusted.estimate.se == pytest.approx(0.17852838013187278, rel=1e-9)
    runs = trim_and_fill(bcg, method="EE", estimator="R0")
    assert (runs.side, runs.k0) == ("right", 4)
    assert runs.k0_se == pytest.approx(3.1622776601683795, rel=1e-14)
    assert runs.p == 0.03125
    assert runs.adjusted.estimate.estimate == pytest.approx(-0.2910259921063531, rel=1e-12)
    quadratic = trim_and_fill(bcg, method="EE", estimator="Q0")
    assert quadratic.k0 == 5
    assert quadratic.k0_se == pytest.approx(3.96918335114910148, rel=1e-12)
    assert quadratic.adjusted.estimate.estimate == pytest.approx(-0.28626037451656400, rel=1e-12)


def test_where_nothing_is_missing_the_result_is_as_observed(bcg: Effects) -> None:
    result = trim_and_fill(bcg, estimator="R0")
    assert result.k0 == 0
    assert result.p == 0.5
    assert result.k0_se == pytest.approx(1.41421356237309515, rel=1e-14)
    assert result.filled.k == 0
    assert result.adjusted is result.observed
    assert result.notes == ()


def test_the_p_value_of_r0_is_that_of_a_negative_binomial() -> None:
    # Duval & Tweedie 2000: the run of extreme ranks counts heads before the first tail
    result = trim_and_fill(SMOKING, estimator="R0")
    assert result.p == pytest.approx(stats.nbinom.sf(result.k0, 1, 0.5), rel=1e-12)


def test_the_filled_studies_mirror_the_trimmed_ones_about_the_trimmed_mean(bcg: Effects) -> None:
    result = trim_and_fill(bcg, method="EE")
    outward = np.argsort(-bcg.yi)
    kept, trimmed = bcg.take(outward[:-4]), bcg.take(outward[-4:])
    centre = pool(kept, method="EE").estimate.estimate
    assert result.k0 == 4
    assert result.filled.yi == pytest.approx(2 * centre - trimmed.yi, rel=1e-12)
    assert np.array_equal(result.filled.vi, trimmed.vi)
    assert result.filled.labels == tuple(f"filled: mirror of {label}" for label in trimmed.labels)
    assert result.filled.rows.tolist() == [-1] * 4
    assert result.filled.ni is not None
    assert trimmed.ni is not None
    assert result.filled.ni.tolist() == trimmed.ni.tolist()
    assert np.array_equal(result.adjusted.effects.yi[:13], bcg.yi)


def test_the_number_settles_at_that_of_its_own_mean() -> None:
    result = trim_and_fill(SMOKING, method="EE", estimator="L0")
    centre = pool(
        SMOKING.take(np.argsort(SMOKING.yi)[: 37 - result.k0]), method="EE"
    ).estimate.estimate
    distances = SMOKING.yi - centre
    ranks = stats.rankdata(np.abs(distances))
    l0 = (4 * ranks[distances > 0].sum() - 37 * 38) / (2 * 37 - 1)
    assert round(l0) == result.k0
    assert result.iterations > 1


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9)), min_size=2, max_size=15),
    st.integers(-5, 5),
    st.sampled_from(["L0", "R0", "Q0"]),
    st.sampled_from(["left", "right"]),
)
def test_a_symmetric_set_is_left_as_it_is(
    pairs: list[tuple[int, int]], centre: int, estimator: str, side: str
) -> None:
    distances, variances = np.array(pairs).T / 10
    yi = np.concatenate([centre + distances, centre - distances])
    effects = Effects.of(yi, np.tile(variances, 2))
    result = trim_and_fill(effects, estimator=estimator, side=side, method="EE")
    assert result.k0 == 0
    assert result.adjusted is result.observed


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
@pytest.mark.parametrize("effect", [0.0, 0.1, 0.7])
def test_identical_effects_lack_nothing(estimator: str, effect: float) -> None:
    effects = Effects.of(np.full(7, effect), np.linspace(0.1, 0.9, 7))
    assert trim_and_fill(effects, estimator=estimator).k0 == 0


@given(st.integers(3, 25), st.integers(0, 500), st.sampled_from(["L0", "R0"]))
def test_mirrored_effects_change_the_side(k: int, seed: int, estimator: str) -> None:
    effects = drawn(k, seed)
    one = trim_and_fill(effects, estimator=estimator, method="EE")
    other = trim_and_fill(Effects.of(-effects.yi, effects.vi), estimator=estimator, method="EE")
    assert {one.side, other.side} == {"left", "right"}
    assert (other.k0, other.p) == (one.k0, one.p)
    assert other.k0_se == pytest.approx(one.k0_se)
    assert other.adjusted.estimate.estimate == pytest.approx(
        -one.adjusted.estimate.estimate, rel=1e-9, abs=1e-12
    )


@given(st.permutations(range(13)), st.integers(0, 100))
def test_the_order_does_not_matter(order: list[int], seed: int) -> None:
    effects = drawn(13, seed)
    one = trim_and_fill(effects, method="DL")
    other = trim_and_fill(effects.take(order), method="DL")
    assert (other.side, other.k0) == (one.side, one.k0)
    assert other.adjusted.estimate.estimate == pytest.approx(
        one.adjusted.estimate.estimate, rel=1e-9, abs=1e-12
    )


@given(st.integers(3, 20), st.integers(0, 500), st.floats(0.01, 100))
def test_the_unit_does_not_matter(k: int, seed: int, scale: float) -> None:
    effects = drawn(k, seed)
    one = trim_and_fill(effects, method="DL")
    other = trim_and_fill(Effects.of(effects.yi * scale, effects.vi * scale**2), method="DL")
    assert (other.side, other.k0) == (one.side, one.k0)
    assert other.k0_se == pytest.approx(one.k0_se)


def test_the_side_can_be_said(bcg: Effects) -> None:
    result = trim_and_fill(bcg, side="left")
    assert result.side == "left"
    assert result.k0 == 0


def test_ties_share_their_rank() -> None:
    # Two pairs mirror each other about a mean of 0; 3.5 stands alone on the right
    effects = Effects.of([-2, -1, 1, 2, 0], [1, 1, 1, 1, 1])
    assert trim_and_fill(effects, side="left").k0 == 0
    assert trim_and_fill(effects, side="right").k0 == 0


def test_the_number_has_no_standard_error_where_its_variance_is_not_above_zero() -> None:
    effects = Effects.of([-3, -2.9, -2.8, -2.7, 0.2], [9, 9, 9, 9, 0.001])
    result = trim_and_fill(effects, side="left", method="EE")
    assert result.k0 == 0
    assert result.k0_se is None
    assert "(SE" not in result.summary()


def test_q0_that_does_not_exist_is_refused() -> None:
    effects = Effects.of([0.7, 0.9, -0.8], [0.32, 0.28, 0.12])
    with pytest.raises(BadOption, match="Q0 has no value here"):
        trim_and_fill(effects, estimator="Q0", side="left", method="EE")


def test_a_number_that_goes_round_is_refused() -> None:
    # In R: trimfill(rma(yi, vi, method="HE"), side="right") does not converge
    effects = Effects.of(
        [-0.4, -0.3, 0.3, 0.5, -0.5, -0.2, 0.0, -0.7],
        [0.38, 0.01, 0.06, 0.12, 0.28, 0.1, 0.08, 0.1],
    )
    with pytest.raises(BadOption, match=r"goes round \(0, 1\) and does not settle"):
        trim_and_fill(effects, side="right", method="HE")


def test_equal_standard_errors_do_not_show_a_side() -> None:
    effects = Effects.of([0.1, 0.2, 0.9, 1.4], [0.5, 0.5, 0.5, 0.5])
    with pytest.raises(BadOption, match="say on which side studies are missing"):
        trim_and_fill(effects)
    assert trim_and_fill(effects, side="left").side == "left"


def test_fewer_than_three_studies_are_refused() -> None:
    with pytest.raises(TooFewStudies, match="Trim and fill needs at least 3 studies"):
        trim_and_fill(drawn(2))


def test_options_that_do_not_exist_are_refused() -> None:
    with pytest.raises(BadOption, match="no estimator 'L1'"):
        trim_and_fill(drawn(5), estimator="L1")
    with pytest.raises(BadOption, match="no side 'up'"):
        trim_and_fill(drawn(5), side="up")


def test_fewer_than_ten_studies_carry_a_warning() -> None:
    assert any("Sterne et al. 2011" in note for note in trim_and_fill(drawn(9)).notes)


def test_the_options_of_pooling_reach_both_results() -> None:
    result = trim_and_fill(SMOKING, method="PM", test="knha", level=0.9)
    for pooled in (result.observed, result.adjusted):
        assert (pooled.method, pooled.test, pooled.estimate.level) == ("PM", "knha", 0.9)
    assert result.observed.estimate == pool(SMOKING, method="PM", test="knha", level=0.9).estimate


def test_the_summary_says_what_was_filled(bcg: Effects) -> None:
    assert trim_and_fill(bcg, method="EE", estimator="R0").summary() == (
        "Trim and fill (R0), 13 studies: 4 studies (SE 3.2) missing on the right; none missing: "
        "p = 0.031; settled after 2 iterations\n"
        "as observed:  -0.4303 (95% CI -0.5097 to -0.3509); SE 0.0405, z = -10.62, p < 0.001\n"
        "with filling: -0.2910 (95% CI -0.3660 to -0.2160); SE 0.0383, z = -7.61, p < 0.001\n"
        "The filled studies are made up: this shows how far missing studies might move the "
        "result. Where true effects differ, studies are filled in although none is missing "
        "(Terrin et al. 2003, Stat Med 22:2113-2126)."
    )


def test_one_missing_study_is_a_study(bcg: Effects) -> None:
    first = trim_and_fill(bcg).summary().splitlines()[0]
    assert first.startswith("Trim and fill (L0), 13 studies: 1 study (SE 2.5) missing on the right")
