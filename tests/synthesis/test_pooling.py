import numpy as np
import pytest

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable
from kb.synthesis.options import METHODS, TESTS
from kb.synthesis.pooling import pool
from tests.synthesis.reference import case, effects

# d <- escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg), metafor 3.8-1; the results
# below are by control=list(threshold=1e-15, maxiter=10000, tol=1e-16)
BCG = effects(case("colditz1994"), "RR")  # thirteen trials of the BCG vaccine
LATITUDES = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]

# r <- rma(yi, vi, data=d, method=...): r$tau2, r$se.tau2, r$I2, r$H2, r$beta, r$se
BY_METHOD = {
    "EE": (
        0,
        None,
        92.117346854562058,
        12.686084006864441,
        -0.43028516365409092,
        0.0404987517108638,
    ),
    "DL": (
        0.30876026286237618,
        0.2298699925110258,
        92.117346854562058,
        12.686084006864441,
        -0.71411722207322692,
        0.1787420895354031,
    ),
    "HE": (
        0.32856385799576882,
        0.20708717829893372,
        92.557097406627079,
        13.435618529931977,
        -0.71587858875873545,
        0.18327998598878223,
    ),
    "HS": (
        0.22836286367690684,
        0.12790455661327951,
        89.629966664089565,
        9.6431705435034285,
        -0.70453537391625665,
        0.15865209305665554,
    ),
    "HSk": (
        0.24916993028096543,
        0.15070919007573519,
        90.412901807102429,
        10.430684862921641,
        -0.70747605172448957,
        0.16414801990762912,
    ),
    "SJ": (
        0.34551570159859507,
        0.14968051134734317,
        92.896324095540066,
        14.077218801214796,
        -0.71724859255758366,
        0.18705945841642663,
    ),
    "ML": (
        0.28002813726864378,
        0.14425194938276401,
        91.378283789446115,
        11.598618831548803,
        -0.71119913547418145,
        0.1718968087768902,
    ),
    "REML": (
        0.31324325813648074,
        0.16642575283697081,
        92.221384521268959,
        12.85575823530916,
        -0.71453234215813943,
        0.17978151610520571,
    ),
    "EB": (
        0.31806845220502405,
        0.17366302746275655,
        92.330337954153251,
        13.038384142903865,
        -0.71496815349344445,
        0.18089219153762356,
    ),
    "PM": (
        0.31806845220502394,
        0.1736630274627565,
        92.330337954153251,
        13.03838414290386,
        -0.71496815349344411,
        0.18089219153762351,
    ),
    "PMM": (
        0.34338790689580673,
        0.1847757155434232,
        92.855451212673216,
        13.996685161893376,
        -0.71708304466358208,
        0.18659009371409202,
    ),
}

# r <- rma(yi, vi, data=d, method="REML", test=...): r$se, r$zval, r$pval, r$ci.lb, r$ci.ub,
# predict(r)$pi.lb, predict(r)$pi.ub
BY_TEST = {
    "z": (
        0.17978151610520571,
        -3.9744483061317872,
        7.0542581016416189e-05,
        -1.0668976388103504,
        -0.3621670455059286,
        -1.8666922179028864,
        0.43762753358660766,
    ),
    "t": (
        0.17978151610520571,
        -3.9744483061317872,
        0.0018446472101382838,
        -1.1062426159851872,
        -0.32282206833109173,
        -1.9953419585091043,
        0.56627727419282559,
    ),
    "knha": (
        0.18079174409284787,
        -3.9522398865248092,
        0.0019200150960572916,
        -1.1084437136855509,
        -0.32062097063072803,
        -1.9960168341962023,
        0.56695214987992337,
    ),
    "adhoc": (
        0.18079174409284787,
        -3.9522398865248092,
        0.0019200150960572916,
        -1.1084437136855509,
        -0.32062097063072803,
        -1.9960168341962023,
        0.56695214987992337,
    ),
}

# r <- rma(yi, vi, data=d, method="EE", test=...): r$se, r$pval, r$ci.lb, r$ci.ub
COMMON_BY_TEST = {
    "z": (0.040498751710863812, 2.2886293069732448e-26, -0.5096612584262139, -0.35090906888196793),
    "t": (0.040498751710863812, 1.853813177043698e-07, -0.51852436346722863, -0.3420459638409532),
    "knha": (0.14424654797969555, 0.011422235040053231, -0.74457139302746111, -0.11599893428072078),
    "adhoc": (
        0.14424654797969555,
        0.011422235040053231,
        -0.74457139302746111,
        -0.11599893428072078,
    ),
}


@pytest.mark.parametrize("method", METHODS)
def test_each_method_is_metafors(method: str) -> None:
    result = pool(BCG, method=method)
    tau2, tau2_se, i2, h2, estimate, se = BY_METHOD[method]
    found = result.heterogeneity
    assert found.tau2 == pytest.approx(tau2, rel=1e-12)
    assert found.tau2_se == (None if tau2_se is None else pytest.approx(tau2_se, rel=1e-12))
    assert found.i2 == pytest.approx(i2, rel=1e-12)
    assert found.h2 == pytest.approx(h2, rel=1e-12)
    assert result.estimate.estimate == pytest.approx(estimate, rel=1e-12)
    assert result.estimate.se == pytest.approx(se, rel=1e-12)


@pytest.mark.parametrize("test", TESTS)
def test_each_test_and_its_intervals_are_metafors(test: str) -> None:
    result = pool(BCG, test=test)
    found, prediction = result.estimate, result.prediction
    assert prediction is not None
    se, statistic, p, *limits = BY_TEST[test]
    assert found.se == pytest.approx(se, rel=1e-12)
    assert found.statistic == pytest.approx(statistic, rel=1e-12)
    assert found.p == pytest.approx(p, rel=1e-11)
    assert found.df == (None if test == "z" else 12)
    assert [found.ci_low, found.ci_high, prediction.low, prediction.high] == pytest.approx(
        limits, rel=1e-12
    )
    assert prediction.df == found.df


@pytest.mark.parametrize("test", TESTS)
def test_each_test_of_a_common_effect_is_metafors(test: str) -> None:
    result = pool(BCG, method="EE", test=test)
    se, p, low, high = COMMON_BY_TEST[test]
    assert result.estimate.se == pytest.approx(se, rel=1e-12)
    assert result.estimate.p == pytest.approx(p, rel=1e-11)
    assert result.estimate.ci_low == pytest.approx(low, rel=1e-12)
    assert result.estimate.ci_high == pytest.approx(high, rel=1e-12)
    assert result.prediction is None


def test_q_and_its_p_value_are_metafors() -> None:
    # r$QE, r$QEp
    for method in ("EE", "REML"):
        found = pool(BCG, method=method).heterogeneity
        assert found.q == pytest.approx(152.23300808237329, rel=1e-13)
        assert found.q_df == 12
        assert found.q_p == pytest.approx(1.9967645908459738e-26, rel=1e-11)


def test_weights_are_metafors_and_in_percent() -> None:
    # In R: weights(rma(yi, vi, data=d, method="REML"))
    expected = [
        5.0594827343666315,
        6.3646793725630086,
        4.4360274026013693,
        9.6987470189207059,
        8.8684563912428995,
        10.095738544239101,
        6.0271814144444447,
        10.189439037095694,
        8.743133211638197,
        8.3676072578858758,
        9.9250269998114113,
        3.8216290629895533,
        8.4028515522011027,
    ]
    assert pool(BCG).weights == pytest.approx(expected, rel=1e-12)


def test_level_moves_both_intervals_as_metafors() -> None:
    # r <- rma(yi, vi, data=d, method="DL", test="knha", level=...): r$ci.lb, r$ci.ub, predict(r)
    expected = {
        0.80: (
            -0.95918112162144509,
            -0.46905332252500875,
            -1.5065608645406159,
            0.078326420394162155,
        ),
        0.99: (-1.2660622269939714, -0.16217221715248231, -2.4988978892682212, 1.0706634451217671),
    }
    for level, limits in expected.items():
        result = pool(BCG, method="DL", test="knha", level=level)
        found, prediction = result.estimate, result.prediction
        assert prediction is not None
        assert [found.ci_low, found.ci_high, prediction.low, prediction.high] == pytest.approx(
            limits, rel=1e-12
        )
        assert found.level == prediction.level == level


def test_hts_prediction_has_t_of_k_minus_2() -> None:
    # By hand in R, r by REML: h <- qt(0.975, 11) * sqrt(r$tau2 + r$se^2), then r$beta -+ h
    result = pool(BCG, prediction="HTS").prediction
    assert result is not None
    assert result.df == 11
    assert result.low == pytest.approx(-2.0083759069225771, rel=1e-12)
    assert result.high == pytest.approx(0.5793112226062983, rel=1e-12)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        # r <- rma(yi, vi, data=d, method="DL", test=..., weights=ablat): r$beta, r$se, r$ci.lb,
        # r$ci.ub, r$pval, predict(r)$pi.lb, predict(r)$pi.ub
        (
            "z",
            (
                -0.89241409441328423,
                0.20826795093990527,
                -1.3006117773894534,
                -0.48421641143711502,
                1.8279474672205393e-05,
                -2.0554769403677171,
                0.27064875154114854,
            ),
        ),
        (
            "knha",
            (
                -0.89241409441328423,
                0.21054535405182292,
                -1.3511530130482252,
                -0.43367517577834336,
                0.0011503467909238776,
                -2.18709395499324,
                0.40226576616667165,
            ),
        ),
    ],
)
def test_weights_of_ones_own_are_metafors(test: str, expected: tuple[float, ...]) -> None:
    result = pool(BCG, method="DL", test=test, weights=LATITUDES)
    found, prediction = result.estimate, result.prediction
    assert prediction is not None
    numbers = [found.estimate, found.se, found.ci_low, found.ci_high, found.p]
    assert [*numbers, prediction.low, prediction.high] == pytest.approx(expected, rel=1e-11)
    assert result.heterogeneity.tau2 == pytest.approx(0.30876026286237618, rel=1e-12)
    assert result.weights == pytest.approx(100 * np.array(LATITUDES) / sum(LATITUDES), rel=1e-14)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        # In R: rma(yi, vi, data=d, method="DL", test=..., weighted=FALSE), the same numbers
        (
            "z",
            (
                -0.74065038121093651,
                0.18842705557862111,
                -1.1099606238579609,
                -0.37134013856391213,
                8.4698615743753844e-05,
            ),
        ),
        (
            "knha",
            (
                -0.74065038121093651,
                0.19048749916011123,
                -1.1556869882722123,
                -0.3256137741496607,
                0.0021556924007879634,
            ),
        ),
    ],
)
def test_equal_weights_are_metafors(test: str, expected: tuple[float, ...]) -> None:
    result = pool(BCG, method="DL", test=test, weights="equal")
    found = result.estimate
    numbers = [found.estimate, found.se, found.ci_low, found.ci_high, found.p]
    assert numbers == pytest.approx(expected, rel=1e-11)
    assert result.weights == pytest.approx(np.full(13, 100 / 13))


def test_inverse_variance_weights_given_by_hand_are_the_default() -> None:
    default = pool(BCG, method="EE")
    by_hand = pool(BCG, method="EE", weights=1 / BCG.vi)
    assert by_hand.estimate.estimate == pytest.approx(default.estimate.estimate, rel=1e-14)
    assert by_hand.estimate.se == pytest.approx(default.estimate.se, rel=1e-14)


def test_only_the_ratio_of_the_weights_counts() -> None:
    once = pool(BCG, weights=LATITUDES)
    thrice = pool(BCG, weights=[3 * weight for weight in LATITUDES])
    assert thrice.estimate.estimate == pytest.approx(once.estimate.estimate, rel=1e-14)
    assert thrice.estimate.se == pytest.approx(once.estimate.se, rel=1e-14)


def test_a_weight_of_zero_leaves_the_study_out_of_the_mean_but_not_of_tau2() -> None:
    weights = [0, *LATITUDES[1:]]
    result = pool(BCG, method="DL", weights=weights)
    without = pool(BCG.take(np.arange(1, 13)), method="DL", weights=LATITUDES[1:])
    assert result.estimate.estimate == pytest.approx(without.estimate.estimate, rel=1e-14)
    assert result.weights[0] == 0
    assert result.heterogeneity.tau2 == pool(BCG, method="DL").heterogeneity.tau2


def test_weights_that_cannot_be_used_are_refused() -> None:
    effects = Effects.of([1, 2], [1, 1], ["Ash", "Birch"])
    for weight, words in ((-1, "-1"), (np.nan, "nan"), (np.inf, "inf")):
        with pytest.raises(BadStudy, match=f"Birch: the weight is {words}. Give one of 0 or more"):
            pool(effects, weights=[1, weight])
    with pytest.raises(BadOption, match="All weights are zero"):
        pool(effects, weights=[0, 0])
    with pytest.raises(BadTable, match="The column weights has 1 values for 2 studies"):
        pool(effects, weights=[1])
    with pytest.raises(BadOption, match=r"no weights 'size'\. Say inverse-variance or equal"):
        pool(effects, weights="size")


@pytest.mark.parametrize(
    ("option", "value", "choices"),
    [
        ("method", "DLx", "Choose one of EE, DL, HE, HS, HSk, SJ, ML, REML, EB, PM, PMM"),
        ("test", "hk", "Choose one of z, t, knha, adhoc"),
        ("prediction", "riley", "Choose one of metafor, HTS"),
    ],
)
def test_an_option_that_does_not_exist_is_refused_with_those_that_do(
    option: str, value: str, choices: str
) -> None:
    with pytest.raises(BadOption, match=f"There is no .*{value!r}. {choices}"):
        pool(BCG, **{option: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(BadOption, match=f"between 0 and 1, not {level:g}. Try 0.95"):
        pool(BCG, level=level)


def test_options_may_be_written_in_any_case_and_by_their_other_names() -> None:
    assert pool(BCG, method="reml").method == "REML"
    assert pool(BCG, method="hsK").method == "HSk"
    assert pool(BCG, test="KNHA").test == "knha"
    assert pool(BCG, prediction="hts").prediction == pool(BCG, prediction="HTS").prediction
    for other, code in (("FE", "EE"), ("CE", "EE"), ("MP", "PM")):
        assert pool(BCG, method=other).method == code


def test_summary_says_it_in_the_words_of_the_field() -> None:
    assert pool(BCG, test="knha").summary().splitlines() == [
        "13 studies, random effects, restricted maximum likelihood; interval: Hartung-Knapp",
        "log risk ratio: -0.7145 (95% CI -1.1084 to -0.3206); SE 0.1808, t(12) = -3.95, p = 0.002",
        "risk ratio: 0.4894 (95% CI 0.3301 to 0.7257)",
        "95% prediction interval -1.9960 to 0.5670 (t(12))",
        "tau² 0.3132; I² 92.2%; Q(12) = 152.23, p < 0.001",
    ]
    assert pool(BCG, method="EE").summary().splitlines() == [
        "13 studies, common effect; interval: Wald, normal",
        "log risk ratio: -0.4303 (95% CI -0.5097 to -0.3509); SE 0.0405, z = -10.62, p < 0.001",
        "risk ratio: 0.6503 (95% CI 0.6007 to 0.704)",
        "I² 92.1%; Q(12) = 152.23, p < 0.001",
    ]


def test_hartung_knapp_of_a_common_effect_is_said_to_be_out_of_place() -> None:
    words = "Hartung-Knapp is made for random effects, not for a common effect."
    assert words in pool(BCG, method="EE", test="knha").summary()
    assert pool(BCG, method="REML", test="knha").notes == ()
    assert pool(BCG, method="EE", test="t").notes == ()
