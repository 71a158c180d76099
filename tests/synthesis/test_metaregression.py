from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.metaregression import Regression, regress
from kb.synthesis.pooling import pool

# Thirteen trials of the BCG vaccine, metadat's dat.bcg: tuberculosis and none among the vaccinated
# and the others, latitude, year, allocation
TRIALS: list[tuple[int, int, int, int, int, int, str]] = [
    (4, 119, 11, 128, 44, 1948, "random"),
    (6, 300, 29, 274, 55, 1949, "random"),
    (3, 228, 11, 209, 42, 1960, "random"),
    (62, 13536, 248, 12619, 52, 1977, "random"),
    (33, 5036, 47, 5761, 13, 1973, "alternate"),
    (180, 1361, 372, 1079, 44, 1953, "alternate"),
    (8, 2537, 10, 619, 19, 1973, "random"),
    (505, 87886, 499, 87892, 13, 1980, "random"),
    (29, 7470, 45, 7232, 27, 1968, "random"),
    (17, 1699, 65, 1600, 42, 1961, "systematic"),
    (186, 50448, 141, 27197, 18, 1974, "systematic"),
    (5, 2493, 3, 2338, 33, 1969, "systematic"),
    (27, 16886, 29, 17825, 33, 1976, "systematic"),
]
A, B, C, D = np.array([trial[:4] for trial in TRIALS], dtype=float).T
BCG = Effects.of(
    np.log(A / (A + B)) - np.log(C / (C + D)), 1 / A - 1 / (A + B) + 1 / C - 1 / (C + D)
)
LATITUDE = np.array([trial[4] - 33 for trial in TRIALS], dtype=float)
YEAR = np.array([trial[5] - 1966 for trial in TRIALS], dtype=float)
ALLOCATION = [trial[6] for trial in TRIALS]
BOTH = {"latitude": LATITUDE, "year": YEAR}


def of(result: Regression, attribute: str) -> list[float]:
    return [getattr(each, attribute) for each in result.coefficients]


# The results below are of d <- escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg),
# d$abl0 <- d$ablat - 33, d$yr <- d$year - 1966, by metafor 3.8-1 with threshold=1e-15
@pytest.mark.parametrize(
    ("method", "test", "expected"),
    [
        # In R: r <- rma(yi, vi, mods=~abl0+yr, data=d, method=..., test=...)
        (
            "DL",
            "z",
            {
                "estimate": (-0.71111055900571096, -0.028764483989566259, 0.00077207978203323304),
                "se": (0.11142941686215257, 0.0089792122352804708, 0.012998474730700456),
                "statistic": (-6.3817130074853905, -3.2034529573259145, 0.059397721504177402),
                "p": (1.7511792166133389e-10, 0.0013579022254311881, 0.9526353278334585),
                "ci_low": (-0.92950820287383018, -0.046363416580257374, -0.024704462544093638),
                "ci_high": (-0.49271291513759174, -0.011165551398875144, 0.026248622108160102),
            },
        ),
        (
            "DL",
            "knha",
            {
                "estimate": (-0.71111055900571096, -0.028764483989566259, 0.00077207978203323304),
                "se": (0.1323283951687737, 0.010663295011625067, 0.015436384297723779),
                "statistic": (-5.3738319587322847, -2.6975230412557631, 0.050016880063492752),
                "p": (0.00031281946224384361, 0.022408441206351319, 0.96109386875284875),
                "ci_low": (-1.0059565975022484, -0.052523785895159505, -0.03362232780591598),
                "ci_high": (-0.41626452050917345, -0.0050051820839730164, 0.035166487369982444),
            },
        ),
        (
            "REML",
            "z",
            {
                "estimate": (-0.7196203318027804, -0.028011329444215891, 0.0019074804474903282),
                "se": (0.12453703381350319, 0.010233943231021088, 0.014683685892040515),
                "statistic": (-5.7783641521479217, -2.7371003348257843, 0.12990474336721566),
                "p": (7.5430411659682064e-09, 0.0061983385044272052, 0.89664179142773237),
                "ci_low": (-0.96370843281869356, -0.048069489596844692, -0.026872015061207972),
                "ci_high": (-0.47553223078686724, -0.0079531692915870873, 0.03068697595618863),
            },
        ),
        (
            "REML",
            "knha",
            {
                "estimate": (-0.7196203318027804, -0.028011329444215891, 0.0019074804474903282),
                "se": (0.13806574778963096, 0.01134567752066017, 0.016278804873645643),
                "statistic": (-5.2121568406615726, -2.4688987848639292, 0.11717570560590837),
                "p": (0.00039431157582111681, 0.033167335146504009, 0.90904082612974113),
                "ci_low": (-1.0272499885813953, -0.053291074330106117, -0.034363957155383047),
                "ci_high": (-0.41199067502416559, -0.0027315845583256622, 0.038178918050363699),
            },
        ),
    ],
)
def test_several_moderators_are_metafors(
    method: str, test: str, expected: dict[str, tuple[float, ...]]
) -> None:
    result = regress(BCG, BOTH, method=method, test=test)
    assert result.design.names == ("intercept", "latitude", "year")
    for attribute, numbers in expected.items():
        assert of(result, attribute) == pytest.approx(numbers, rel=1e-9)
    assert {each.df for each in result.coefficients} == {None if test == "z" else 10.0}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # r$tau2, r$se.tau2, r$I2, r$H2, r$R2
        (
            "DL",
            (
                0.079038957815255162,
                0.073935239150198839,
                64.695677731579153,
                2.8325143657961789,
                74.401188455236806,
            ),
        ),
        (
            "REML",
            (
                0.110784696947422,
                0.084460775459820753,
                71.977317778759712,
                3.5685377727405139,
                64.633014735419181,
            ),
        ),
    ],
)
def test_what_the_moderators_leave_is_metafors(method: str, expected: tuple[float, ...]) -> None:
    result = regress(BCG, BOTH, method=method)
    found = result.heterogeneity
    numbers = [found.tau2, found.tau2_se, found.i2, found.h2, result.r2]
    assert numbers == pytest.approx(expected, rel=1e-9)
    # r$QE, r$QEp
    assert found.q == pytest.approx(28.325143657961789, rel=1e-9)
    assert found.q_p == pytest.approx(0.0016009744212287552, rel=1e-8)
    assert found.q_df == 10


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # r <- rma(yi, vi, mods=~abl0, data=d, method=...): r$tau2, r$se.tau2, r$beta, r$se, r$I2,
        # r$H2, r$R2
        (
            "HE",
            (
                0.20904802635887576,
                0.17071196461608126,
                -0.7267180605409147,
                -0.028176759598662324,
                0.15361593483653663,
                0.010561851139146768,
                85.558228833469542,
                6.9243584354635868,
                36.375221658869172,
            ),
        ),
        (
            "HS",
            (
                0.029084907899850923,
                0.016288456773166204,
                -0.68793090915187227,
                -0.029551123193015744,
                0.07974922192817073,
                0.0052088251893375641,
                45.183179547115863,
                1.8242575759378723,
                87.26373131272301,
            ),
        ),
        (
            "HSk",
            (
                0.03824978853105955,
                0.022893708802436453,
                -0.69410384986411144,
                -0.029474768402156057,
                0.086296972326017241,
                0.0056805638466129044,
                52.015068355564232,
                2.0839875471948446,
                84.649115369607856,
            ),
        ),
        (
            "SJ",
            (
                0.23184371611897872,
                0.11953378064610622,
                -0.72808344641003198,
                -0.028071368956770777,
                0.15984388655743398,
                0.011014243980388982,
                86.790625992494583,
                7.5703814535935683,
                32.899224247607556,
            ),
        ),
        (
            "ML",
            (
                0.034351442481235686,
                0.028014180120631019,
                -0.69170089392279466,
                -0.029509335388454759,
                0.083623347219170752,
                0.0054877363075386699,
                49.328850185014026,
                1.973509588101453,
                87.732860413137431,
            ),
        ),
        (
            "EB",
            (
                0.14213194147275596,
                0.097498563515713357,
                -0.72071339000803913,
                -0.028564525894406098,
                0.13306755798912509,
                0.0090701888711822356,
                80.111283882589049,
                5.0279766380927002,
                55.314039953532081,
            ),
        ),
        (
            "PM",
            (
                0.1421319414727559,
                0.097498563515713316,
                -0.72071339000803891,
                -0.028564525894406105,
                0.13306755798912506,
                0.0090701888711822373,
                80.111283882589049,
                5.0279766380926985,
                55.314039953532081,
            ),
        ),
        (
            "PMM",
            (
                0.16155510876408127,
                0.10719464029414656,
                -0.72285249939434659,
                -0.028437995741983566,
                0.13945369040947703,
                0.0095336439313044603,
                82.073788023920798,
                5.5784233798774876,
                52.952592237588171,
            ),
        ),
    ],
)
def test_every_other_method_is_metafors(method: str, expected: tuple[float, ...]) -> None:
    result = regress(BCG, {"latitude": LATITUDE}, method=method)
    found = result.heterogeneity
    numbers = [found.tau2, found.tau2_se, *of(result, "estimate"), *of(result, "se")]
    assert [*numbers, found.i2, found.h2, result.r2] == pytest.approx(expected, rel=1e-9)


def test_a_common_effect_regression_is_metafors() -> None:
    # In R: r <- rma(yi, vi, mods=~abl0, data=d, method="EE"); predict(r, newmods=10)
    result = regress(BCG, {"latitude": LATITUDE}, method="EE")
    assert of(result, "estimate") == pytest.approx(
        [-0.6212542531182873, -0.029236934259541748], rel=1e-11
    )
    assert of(result, "se") == pytest.approx(
        [0.044048916680115298, 0.0026524294342462336], rel=1e-11
    )
    found = result.heterogeneity
    assert [found.tau2, found.i2, found.h2, found.q] == pytest.approx(
        [0, 64.207959576623566, 2.793917273704468, 30.733090010749148], rel=1e-11
    )
    assert result.r2 == pytest.approx(77.976519214340072, rel=1e-10)
    assert result.omnibus is not None
    assert result.omnibus.statistic == pytest.approx(121.49991807162409, rel=1e-11)
    mean, prediction = result.predict({"latitude": 10})
    assert prediction is None
    assert [mean.estimate, mean.se, mean.ci_low, mean.ci_high] == pytest.approx(
        [-0.91362359571370477, 0.059690166252211234, -1.030614171799247, -0.79663301962816258],
        rel=1e-11,
    )


def test_the_test_of_all_moderators_is_metafors() -> None:
    # r$QM, r$QMp of rma(yi, vi, mods=~abl0+yr, data=d, method="DL", test=...)
    wald = regress(BCG, BOTH, method="DL").omnibus
    assert wald is not None
    assert wald.statistic == pytest.approx(15.931438269313171, rel=1e-9)
    assert (wald.df1, wald.df2) == (2, None)
    assert wald.p == pytest.approx(0.00034716196303275577, rel=1e-8)
    assert wald.summary() == "test of moderators: QM(2) = 15.93, p < 0.001"
    f = regress(BCG, BOTH, method="DL", test="knha").omnibus
    assert f is not None
    assert f.statistic == pytest.approx(5.6483111633566638, rel=1e-9)
    assert (f.df1, f.df2) == (2, 10)
    assert f.p == pytest.approx(0.022826869394297632, rel=1e-9)
    assert f.summary() == "test of moderators: F(2, 10) = 5.65, p = 0.023"


def test_words_and_numbers_together_are_metafors() -> None:
    # In R: r <- rma(yi, vi, mods=~abl0+alloc, data=d, method="REML")
    result = regress(BCG, {"latitude": LATITUDE, "alloc": ALLOCATION})
    assert result.design.names == ("intercept", "latitude", "alloc: random", "alloc: systematic")
    assert of(result, "estimate") == pytest.approx(
        [-0.60690560183513231, -0.02727575629813524, -0.26749121151290994, 0.05846128692827085],
        rel=1e-9,
    )
    assert of(result, "se") == pytest.approx(
        [0.29317524342996304, 0.0091993197461177293, 0.35042850797209191, 0.37951060238198492],
        rel=1e-9,
    )
    assert result.heterogeneity.tau2 == pytest.approx(0.14459429735914031, rel=1e-9)
    assert result.r2 == pytest.approx(53.83961390921931, rel=1e-9)
    assert result.covariance[2] == pytest.approx(
        [-0.086085921514590477, -0.00026668679432734427, 0.12280013919954647, 0.085239492297208272],
        rel=1e-9,
    )


def test_predictions_are_metafors() -> None:
    # In R: predict(rma(yi, vi, mods=~abl0+yr, data=d, method="REML", test="z"), newmods=c(10, -3))
    mean, prediction = regress(BCG, BOTH).predict({"latitude": 10, "year": -3})
    assert prediction is not None
    numbers = [mean.estimate, mean.se, mean.ci_low, mean.ci_high, prediction.low, prediction.high]
    assert numbers == pytest.approx(
        [
            -1.0054560675874102,
            0.15370917945350593,
            -1.3067205234094859,
            -0.70419161176533462,
            -1.7240206949024284,
            -0.286891440272392,
        ],
        rel=1e-9,
    )
    # In R: predict(rma(yi, vi, mods=~abl0+alloc, data=d, test="knha"), newmods=c(10, 0, 1))
    result = regress(BCG, {"latitude": LATITUDE, "alloc": ALLOCATION}, test="knha")
    mean, prediction = result.predict({"alloc": "systematic", "latitude": 10})
    assert prediction is not None
    numbers = [mean.estimate, mean.se, mean.ci_low, mean.ci_high, prediction.low, prediction.high]
    assert numbers == pytest.approx(
        [
            -0.82120187788821397,
            0.27993302404820231,
            -1.454454373342617,
            -0.18794938243381099,
            -1.8893540570197989,
            0.24695030124337092,
        ],
        rel=1e-9,
    )
    assert mean.df == prediction.df == 9


def test_an_interaction_made_by_hand_is_metafors() -> None:
    # In R: d$rand <- as.numeric(d$alloc == "random"); d$both <- d$rand * d$abl0, then
    # r <- rma(yi, vi, mods=~abl0+rand+both, data=d, method="REML", test="adhoc")
    random = np.array([word == "random" for word in ALLOCATION], dtype=float)
    moderators = {"latitude": LATITUDE, "random": random, "both": random * LATITUDE}
    result = regress(BCG, moderators, test="adhoc")
    assert of(result, "estimate") == pytest.approx(
        [-0.56319400494756677, -0.022733150614171829, -0.30133764581584821, -0.0077383560074591141],
        rel=1e-9,
    )
    assert of(result, "se") == pytest.approx(
        [0.19273346639306688, 0.01511615256957273, 0.27324358403161603, 0.019115051625414343],
        rel=1e-9,
    )
    assert result.omnibus is not None
    assert result.omnibus.statistic == pytest.approx(3.6776962257469936, rel=1e-9)
    assert result.omnibus.p == pytest.approx(0.056093561174453625, rel=1e-9)


def test_without_an_intercept_words_have_a_mean_each_as_in_metafor() -> None:
    # In R: rma(yi, vi, mods=~0+alloc, data=d, method="REML", test="t")
    result = regress(BCG, {"alloc": ALLOCATION}, intercept=False, test="t")
    assert of(result, "estimate") == pytest.approx(
        [-0.51795577715529428, -0.9657741785458458, -0.42891756092357641], rel=1e-9
    )
    assert of(result, "p") == pytest.approx(
        [0.26760194884259586, 0.0047379196278911984, 0.24206823127602733], rel=1e-9
    )
    assert result.r2 is None
    assert result.omnibus is not None
    assert (result.omnibus.df1, result.omnibus.df2) == (3, 10)
    assert result.omnibus.statistic == pytest.approx(5.3280424734528271, rel=1e-9)
    assert result.omnibus.p == pytest.approx(0.018821254941474318, rel=1e-9)


def test_numbers_without_an_intercept_are_metafors() -> None:
    # In R: rma(yi, vi, mods=~0+abl0+yr, data=d, method="EE")
    result = regress(BCG, BOTH, intercept=False, method="EE")
    assert of(result, "estimate") == pytest.approx(
        [-0.026240547121903119, -0.020255080237566163], rel=1e-11
    )
    assert of(result, "se") == pytest.approx(
        [0.0039571852155434427, 0.0053873059303993637], rel=1e-11
    )
    assert result.r2 is None


def test_q_without_an_intercept_is_the_sum_of_the_weighted_squared_residuals() -> None:
    # metafor 3.8-1 has 36.860861003162412: it centres the effects, which only an intercept undoes
    result = regress(BCG, BOTH, intercept=False, method="EE")
    fitted = result.design.matrix @ of(result, "estimate")
    residuals = BCG.yi - fitted
    assert result.heterogeneity.q == pytest.approx(np.sum(residuals**2 / BCG.vi), rel=1e-12)
    centred = BCG.yi - BCG.yi.mean()
    shifted = Effects.of(centred, BCG.vi)
    metafors = regress(shifted, BOTH, intercept=False, method="EE").heterogeneity.q
    assert metafors == pytest.approx(36.860861003162412, rel=1e-12)


@pytest.mark.parametrize("method", ["EE", "DL", "HE", "SJ", "ML", "REML", "PM"])
def test_a_year_that_is_not_centred_costs_no_digits(method: str) -> None:
    centred = regress(BCG, BOTH, method=method)
    raw = regress(BCG, {"latitude": LATITUDE + 33, "year": YEAR + 1966}, method=method)
    for name in ("latitude", "year"):
        for attribute in ("estimate", "se"):
            assert getattr(raw.coefficient(name), attribute) == pytest.approx(
                getattr(centred.coefficient(name), attribute), rel=1e-12, abs=1e-14
            )
    assert raw.heterogeneity.tau2 == pytest.approx(centred.heterogeneity.tau2, rel=1e-12)
    assert raw.heterogeneity.q == pytest.approx(centred.heterogeneity.q, rel=1e-12)
    there = {"latitude": 43.0, "year": 1963.0}
    assert raw.predict(there)[0].estimate == pytest.approx(
        centred.predict({"latitude": 10, "year": -3})[0].estimate, rel=1e-11
    )


@pytest.mark.parametrize("test", ["z", "t", "knha", "adhoc"])
@pytest.mark.parametrize("method", ["EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "PM", "PMM"])
def test_a_moderator_that_is_one_everywhere_is_the_pooled_mean(method: str, test: str) -> None:
    result = regress(BCG, {"one": np.ones(13)}, intercept=False, method=method, test=test)
    pooled = pool(BCG, method=method, test=test)
    (mean,) = result.coefficients
    expected = pooled.estimate
    for attribute in ("estimate", "se", "statistic", "ci_low", "ci_high"):
        assert getattr(mean, attribute) == pytest.approx(getattr(expected, attribute), rel=1e-9)
    assert mean.df == expected.df
    assert result.heterogeneity.tau2 == pytest.approx(pooled.heterogeneity.tau2, rel=1e-9)
    assert result.heterogeneity.i2 == pytest.approx(pooled.heterogeneity.i2, rel=1e-9)


def test_collinear_columns_are_left_out_and_said() -> None:
    result = regress(BCG, {"latitude": LATITUDE, "twice": 2 * LATITUDE + 5, "year": YEAR})
    assert result.design.names == ("intercept", "latitude", "year")
    assert "Left out, as combinations of other columns: twice." in result.notes
    assert of(result, "estimate") == pytest.approx(of(regress(BCG, BOTH), "estimate"), rel=1e-12)
    constant = regress(BCG, {"latitude": LATITUDE, "constant": np.full(13, 7.0)})
    assert "Left out, as combinations of other columns: constant." in constant.summary()


def test_only_a_constant_moderator_leaves_the_pooled_mean() -> None:
    result = regress(BCG, {"constant": np.full(13, 7.0)})
    assert result.design.names == ("intercept",)
    assert result.omnibus is None
    assert result.r2 is None
    assert result.coefficients[0].estimate == pytest.approx(pool(BCG).estimate.estimate, rel=1e-9)


def test_studies_without_a_moderator_are_left_out_by_name() -> None:
    effects = Effects.of([0.1, 0.5, 0.3, 0.9, np.nan], [0.1] * 5, list("ABCDE"))
    result = regress(effects, {"dose": [1, np.nan, 3, 5], "arm": ["x", "y", None, "y"]})  # type: ignore[dict-item]
    assert [str(study) for study in result.left_out] == [
        "E: no effect",
        "B: no value for a moderator",
        "C: no value for a moderator",
    ]
    assert result.k == 2
    assert tuple(result.effects.labels) == ("A", "D")
    assert result.summary().endswith("left out: C: no value for a moderator")


def test_effects_that_lie_on_the_model_leave_hartung_knapp_no_standard_error() -> None:
    x = np.array([1.0, 2, 4, 7])
    effects = Effects.of(0.25 * x, [0.1, 0.2, 0.1, 0.3])
    with pytest.raises(BadOption, match=r"exactly on the model.*Choose the test z or adhoc"):
        regress(effects, {"x": x}, test="knha")
    for test in ("z", "t", "adhoc"):
        assert regress(effects, {"x": x}, test=test).coefficient("x").se > 0


def test_no_prediction_is_made_for_a_level_without_an_estimate_of_its_own() -> None:
    effects = Effects.of([0.1, 0.5, 0.3, 0.9, 0.4], [0.1] * 5)
    table: dict[str, Any] = {"kind": ["a", "a", "b", "c", "c"], "dose": [1.0, 2, np.nan, 3, 5]}
    result = regress(effects, table)
    assert "No study is left of kind: b." in result.summary()
    with pytest.raises(BadTable, match="kind: b has no estimate of its own"):
        result.predict({"kind": "b", "dose": 2})
    twice = regress(effects, {"kind": ["a", "a", "b", "b", "b"], "arm": ["p", "p", "q", "q", "q"]})
    assert "Left out, as combinations of other columns: arm: q." in twice.notes
    mean, _ = twice.predict({"kind": "b", "arm": "q"})
    assert mean.estimate == pytest.approx((0.3 + 0.9 + 0.4) / 3, rel=1e-12)
    with pytest.raises(BadTable, match="arm: q has no estimate of its own"):
        twice.predict({"kind": "a", "arm": "q"})


def test_a_missing_word_is_no_level() -> None:
    effects = Effects.of([0.1, 0.5, 0.3, 0.9], [0.1] * 4, list("ABCD"))
    result = regress(effects, {"arm": np.array(["x", np.nan, "y", "y"], dtype=object)})
    assert result.design.names == ("intercept", "arm: y")
    assert [str(study) for study in result.left_out] == ["B: no value for a moderator"]


def test_an_infinite_moderator_is_named_with_its_study() -> None:
    effects = Effects.of([0.1, 0.5, 0.3], [0.1] * 3, list("ABC"))
    with pytest.raises(BadStudy, match="C: the moderator dose is infinite"):
        regress(effects, {"dose": [1, 2, np.inf]})


def test_as_many_coefficients_as_studies_fit_exactly_and_say_so() -> None:
    effects = Effects.of([0.1, 0.5, 0.3], [0.04, 0.09, 0.02])
    result = regress(effects, {"x": [1, 2, 4], "z": [1, 0, 0]}, test="knha")
    found = result.heterogeneity
    assert (found.tau2, found.tau2_se, found.i2, found.h2) == (0, None, 0, 1)
    assert (found.q, found.q_df, found.q_p) == (0, 0, 1)
    mean, _ = result.predict({"x": 4, "z": 0})
    assert mean.estimate == pytest.approx(0.3, rel=1e-12)
    assert mean.se == pytest.approx(np.sqrt(0.02), rel=1e-12)
    assert mean.df is None
    assert "As many coefficients as studies: nothing is left to judge the fit by." in result.notes


def test_columns_beyond_the_number_of_studies_are_combinations_of_the_others() -> None:
    effects = Effects.of([0.1, 0.5], [0.04, 0.09])
    result = regress(effects, {"x": [1, 2], "z": [1, 0]})
    assert result.design.names == ("intercept", "x")
    assert "Left out, as combinations of other columns: z." in result.notes


def test_moderators_must_have_a_value_per_study() -> None:
    with pytest.raises(BadTable, match="The moderator x has 2 values for 13 studies"):
        regress(BCG, {"x": [1, 2]})


def test_bad_options_are_refused() -> None:
    with pytest.raises(BadOption, match="There is no method 'OLS'"):
        regress(BCG, BOTH, method="OLS")
    with pytest.raises(BadOption, match="There is no test 'f'"):
        regress(BCG, BOTH, test="f")
    with pytest.raises(BadOption, match="between 0 and 1"):
        regress(BCG, BOTH, level=95)


def test_a_coefficient_is_found_by_name() -> None:
    result = regress(BCG, BOTH)
    assert result.coefficient("year") == result.coefficients[2]
    with pytest.raises(BadTable, match=r"no coefficient 'dose'\. There are intercept, latitude"):
        result.coefficient("dose")


def test_summary_says_it_in_the_words_of_the_field() -> None:
    assert regress(BCG, BOTH, test="knha").summary().splitlines() == [
        "13 studies, random effects, restricted maximum likelihood; intervals: Hartung-Knapp",
        "intercept  -0.7196 (95% CI -1.0272 to -0.4120); SE 0.1381, t(10) = -5.21, p < 0.001",
        "latitude   -0.0280 (95% CI -0.0533 to -0.0027); SE 0.0113, t(10) = -2.47, p = 0.033",
        "year       0.0019 (95% CI -0.0344 to 0.0382); SE 0.0163, t(10) = 0.12, p = 0.909",
        "test of moderators: F(2, 10) = 4.96, p = 0.032",
        "residual heterogeneity: tau² 0.1108; I² 72.0%; Q(10) = 28.33, p = 0.002",
        "R² 64.6%",
        "13 studies are few for 2 moderators; the Cochrane Handbook asks for 10 each.",
    ]


def wls(result: Regression, moderators: dict[str, Array]) -> tuple[Array, Array]:
    """Return the coefficients and their covariance from the normal equations."""
    x = np.column_stack([np.ones(result.k), *moderators.values()])
    w = 1 / (result.effects.vi + result.heterogeneity.tau2)
    inverse = np.linalg.inv(x.T @ (w[:, None] * x))
    return inverse @ (x.T @ (w * result.effects.yi)), np.asarray(inverse, dtype=float)


@given(st.data(), st.integers(4, 12), st.sampled_from(["EE", "DL", "HE", "SJ", "ML", "REML", "PM"]))
def test_coefficients_solve_the_normal_equations(data: st.DataObject, k: int, method: str) -> None:
    def numbers(low: int, high: int) -> Any:
        values = data.draw(st.lists(st.integers(low, high), min_size=k, max_size=k))
        return np.array(values) / 10

    effects = Effects.of(numbers(-50, 50), numbers(1, 50))
    x = np.arange(k) / 3 + numbers(0, 2)
    result = regress(effects, {"x": x}, method=method)
    beta, covariance = wls(result, {"x": x})
    assert of(result, "estimate") == pytest.approx(beta, rel=1e-7, abs=1e-7)
    np.testing.assert_allclose(result.covariance, covariance, rtol=1e-7)


@given(st.sampled_from(["EE", "DL", "HE", "SJ", "ML", "REML", "PM"]), st.floats(0.01, 100))
def test_the_unit_of_a_moderator_scales_its_coefficient_alone(method: str, unit: float) -> None:
    once = regress(BCG, BOTH, method=method)
    scaled = regress(BCG, {"latitude": LATITUDE * unit, "year": YEAR}, method=method)
    assert scaled.coefficient("latitude").estimate * unit == pytest.approx(
        once.coefficient("latitude").estimate, rel=1e-9
    )
    assert scaled.coefficient("latitude").p == pytest.approx(
        once.coefficient("latitude").p, rel=1e-8
    )
    assert scaled.coefficient("year").estimate == pytest.approx(
        once.coefficient("year").estimate, rel=1e-8
    )
    assert scaled.heterogeneity.tau2 == pytest.approx(once.heterogeneity.tau2, rel=1e-9)


@pytest.mark.parametrize(
    ("effects", "moderator"),
    [(Effects.of([], []), []), (Effects.of([1, 2], [1, 1]), [np.nan, np.nan])],
    ids=["no studies", "none with the moderator"],
)
def test_a_regression_of_no_study_is_refused(effects: Effects, moderator: list[float]) -> None:
    with pytest.raises(TooFewStudies, match="needs at least 1 study"):
        regress(effects, {"x": np.array(moderator)})


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_without_an_intercept_tau2_may_exceed_the_variance_of_the_effects(method: str) -> None:
    x = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
    yi, vi = np.array([10.1, 9.8, 10.3, 9.9, 10.0, 10.2]), np.full(6, 0.5)
    result = regress(Effects.of(yi, vi), {"x": x}, method=method, intercept=False)
    rss = float(yi @ yi - (x @ yi) ** 2 / (x @ x))
    expected = rss / (6 if method == "ML" else 5) - 0.5  # equal variances: in closed form
    assert result.heterogeneity.tau2 == pytest.approx(expected, rel=1e-12)
