import math
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import (
    StratifiedTable,
)

from kb.synthesis.errors import BadOption, BadStudy, BadTable, TooFewStudies
from kb.synthesis.estimates import Estimate
from kb.synthesis.mantel_haenszel import (
    MantelHaenszel,
    odds_ratio,
    rate_difference,
    rate_ratio,
    risk_difference,
    risk_ratio,
)

Method = Callable[..., MantelHaenszel]
Options = dict[str, Any]

# Vaccination against tuberculosis: dat.bcg of metadat, tpos, tneg, cpos and cneg.
BCG = (
    [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
)
# Without events in either arm, in one arm, and with nothing else.
SPARSE = (
    [0, 0, 2, 1, 0, 5, 12],
    [25, 40, 58, 32, 10, 0, 0],
    [0, 1, 4, 0, 0, 6, 12],
    [24, 40, 54, 30, 12, 3, 0],
)
RATES = ([2, 0, 5, 11], [120, 64, 310, 402.5], [6, 3, 9, 10], [118, 70, 295, 410])
NO_EVENT = ([0, 0, 0], [21, 31, 41], [0, 0, 0], [22, 28, 43])
COUNTS: list[Method] = [odds_ratio, risk_ratio, risk_difference]
ALL: list[Method] = [*COUNTS, rate_ratio, rate_difference]

cells = st.lists(st.tuples(*[st.integers(1, 200)] * 4), min_size=1, max_size=8).map(
    lambda rows: np.array(rows, dtype=float).T
)


def of(result: MantelHaenszel) -> Estimate:
    assert result.estimate is not None
    return result.estimate


# In R: rma.mh(measure=, ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg), metafor 3.8-1
@pytest.mark.parametrize(
    ("method", "estimate", "se", "statistic", "low", "high", "q", "i2", "h2"),
    [
        (
            odds_ratio,
            -0.47341098838858547,
            0.041007778404231442,
            -11.544419298260156,
            -0.55378475714687847,
            -0.39303721963029248,
            163.94257956919316,
            92.680364044817708,
            13.661881630766096,
        ),
        (
            risk_ratio,
            -0.45370960468375388,
            0.039337366871294382,
            -11.533807185626319,
            -0.53080942699812994,
            -0.37660978236937781,
            152.56755358665728,
            92.134631697306418,
            12.713962798888106,
        ),
        (
            risk_difference,
            -0.0032881818326129996,
            0.00028665674852737364,
            -11.470798610202621,
            -0.0038500187356520069,
            -0.0027263449295739923,
            386.77594183655981,
            96.897428536268464,
            32.231328486379986,
        ),
    ],
)
def test_each_measure_as_metafor(
    method: Method,
    estimate: float,
    se: float,
    statistic: float,
    low: float,
    high: float,
    q: float,
    i2: float,
    h2: float,
) -> None:
    result = method(*BCG)
    found = of(result)
    assert (found.estimate, found.se, found.statistic) == pytest.approx(
        (estimate, se, statistic), rel=1e-12
    )
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), rel=1e-12)
    assert (found.df, found.level) == (None, 0.95)
    heterogeneity = result.heterogeneity
    assert heterogeneity is not None
    assert (heterogeneity.tau2, heterogeneity.tau2_se, heterogeneity.q_df) == (0, None, 12)
    assert (heterogeneity.q, heterogeneity.i2, heterogeneity.h2) == pytest.approx(
        (q, i2, h2), rel=1e-12
    )
    assert (result.k, result.k_yi) == (13, 13)
    assert not result.left_out
    assert not result.notes


def test_the_tests_of_the_odds_ratio_as_metafor() -> None:
    # In R: res[c("CO", "MH", "BD", "TA")] of the odds ratio above, then with correct=FALSE
    result = odds_ratio(*BCG)
    tests = (result.cochran, result.mantel_haenszel, result.breslow_day, result.tarone)
    assert [test.statistic for test in tests if test] == pytest.approx(
        [135.70871485512049, 135.68894372390628, 171.76536657939624, 171.75667299387146], rel=1e-9
    )
    assert [test.df for test in tests if test] == [1, 1, 12, 12]
    assert result.k_pos == 13
    plain = odds_ratio(*BCG, correct=False)
    assert [test.statistic for test in (plain.cochran, plain.mantel_haenszel) if test] == (
        pytest.approx([136.18281694683481, 136.16297674463516], rel=1e-12)
    )


def test_the_weights_as_metafor() -> None:
    # In R: weights(res)[1:3]
    for method, expected in (
        (odds_ratio, [0.65652737374508152, 1.8772254929740415, 0.73074436263087061]),
        (risk_ratio, [0.65629543072747387, 1.8518465938930431, 0.7160296370935082]),
        (risk_difference, [0.074765713599298372, 0.17443379311467888, 0.12910467871147657]),
    ):
        weights = method(*BCG).weights
        assert weights is not None
        assert weights[:3] == pytest.approx(expected, rel=1e-12)
        assert weights.sum() == pytest.approx(100)


def test_rate_ratios_as_metafor() -> None:
    # In R: rma.mh(measure="IRR", x1i=x1, t1i=t1, x2i=x2, t2i=t2)
    result = rate_ratio(*RATES)
    assert (of(result).estimate, of(result).se) == pytest.approx(
        (-0.445689341204902, 0.30212991799621264), rel=1e-12
    )
    assert result.heterogeneity is not None
    assert result.heterogeneity.q == pytest.approx(3.3009762160304983, rel=1e-12)
    assert result.heterogeneity.i2 == pytest.approx(9.1177941412867654, rel=1e-12)
    assert result.cochran is None
    assert result.mantel_haenszel is not None
    assert result.mantel_haenszel.statistic == pytest.approx(1.7954081996726348, rel=1e-12)
    assert result.mantel_haenszel.p == pytest.approx(0.18026861391437701, rel=1e-12)
    assert result.weights == pytest.approx(
        [21.57249057236227, 10.217418420342728, 32.884676744398519, 35.325414262896473], rel=1e-12
    )


def test_rate_ratios_with_corrected_sums_as_metafor() -> None:
    # In R: rma.mh(..., add=c(.5, .5), to=c("only0", "if0all"), correct=FALSE)
    result = rate_ratio(*RATES, add=(0.5, 0.5), to=("only0", "if0all"), correct=False)
    assert (of(result).estimate, of(result).se) == pytest.approx(
        (-0.40812423257394326, 0.28865072569509981), rel=1e-12
    )
    assert result.heterogeneity is not None
    assert result.heterogeneity.q == pytest.approx(3.2636013344586727, rel=1e-12)
    assert result.mantel_haenszel is not None
    assert result.mantel_haenszel.statistic == pytest.approx(2.0270259738084095, rel=1e-12)


def test_rate_differences_as_metafor() -> None:
    # In R: rma.mh(measure="IRD", x1i=x1, t1i=t1, x2i=x2, t2i=t2)
    result = rate_difference(*RATES)
    assert (of(result).estimate, of(result).se) == pytest.approx(
        (-0.011277179981232843, 0.0075858850504606484), rel=1e-12
    )
    assert result.heterogeneity is not None
    assert result.heterogeneity.q == pytest.approx(3.7114276005838591, rel=1e-12)
    assert result.weights == pytest.approx(
        [13.304267193190897, 7.4761477844189326, 33.801268371681267, 45.418316650708903], rel=1e-12
    )


VARIANTS: list[Options] = [
    {},
    {"drop00": (False, False)},
    {"drop00": (True, True)},
    {"add": (0.5, 0.25), "to": ("all", "all")},
    {"add": (0.5, 0.5), "to": ("if0all", "only0")},
]


# In R: rma.mh(measure=, ai=a, bi=b, ci=c, di=d, ...): k, k.yi, beta, se, QE
@pytest.mark.parametrize(
    ("method", "variant", "expected"),
    [
        (odds_ratio, 0, (7, 4, 0.0011962413947575158, 0.63739562146035134, 2.7887241956092832)),
        (odds_ratio, 1, (7, 7, 0.0011962413947575158, 0.63739562146035134, 2.796321849847184)),
        (odds_ratio, 2, (4, 4, 0.0011962413947575158, 0.63739562146035134, 2.7887241956092832)),
        (odds_ratio, 3, (7, 4, -0.0093484171347008437, 0.55309722262027006, 2.69721562081051)),
        (odds_ratio, 4, (7, 4, -0.013848399010039408, 0.5107467520203941, 2.6943569644780672)),
        (risk_ratio, 0, (7, 4, 0.00027590089870819216, 0.14253344853961322, 3.2784145165134237)),
        (risk_ratio, 1, (7, 7, 0.00027590089870819216, 0.14253344853961322, 3.2860829688594766)),
        (risk_ratio, 2, (4, 4, 0.0006302215421245894, 0.32557940682758962, 3.2756257082246227)),
        (risk_ratio, 3, (7, 4, -0.0026453768093412339, 0.1532770780750862, 3.2183190755699509)),
        (risk_ratio, 4, (7, 4, -0.0043583122678377724, 0.15815137062856577, 3.2318954743552961)),
        (risk_difference, 0, (7, 4, 3.18776934210606e-05, 0.01698537323920233, 3.7213651045686098)),
        (risk_difference, 1, (7, 7, 3.18776934210606e-05, 0.01698537323920233, 3.7289278845343024)),
        (risk_difference, 2, (4, 4, 4.28798265652544e-05, 0.02284757591990842, 3.7217915288099621)),
        (risk_difference, 3, (7, 4, -0.000324621443308152, 0.01920663661144808, 3.614488237579508)),
        (risk_difference, 4, (7, 4, -0.00055646003578598, 0.020523355175045, 3.607105230046064)),
    ],
)
def test_corrections_and_double_zeros_as_metafor(
    method: Method, variant: int, expected: tuple[float, ...]
) -> None:
    result = method(*SPARSE, **VARIANTS[variant])
    assert result.heterogeneity is not None
    found = (result.k, result.k_yi, of(result).estimate, of(result).se, result.heterogeneity.q)
    assert found == pytest.approx(expected, rel=1e-10)


@given(cells)
def test_odds_ratios_as_statsmodels(columns: np.ndarray) -> None:
    result = odds_ratio(*columns)
    oracle = StratifiedTable(columns.reshape(2, 2, -1))
    assert of(result).estimate == pytest.approx(oracle.logodds_pooled, abs=1e-11)
    assert of(result).se == pytest.approx(oracle.logodds_pooled_se, rel=1e-10)
    plain = odds_ratio(*columns, correct=False).mantel_haenszel
    assert plain is not None
    assert plain.statistic == pytest.approx(
        oracle.test_null_odds(correction=False).statistic, rel=1e-8, abs=1e-9
    )
    if result.breslow_day and result.tarone:
        assert result.breslow_day.statistic == pytest.approx(
            oracle.test_equal_odds(adjust=False).statistic, rel=1e-6, abs=1e-7
        )
        assert result.tarone.statistic == pytest.approx(
            oracle.test_equal_odds(adjust=True).statistic, rel=1e-6, abs=1e-7
        )


@given(cells)
def test_risk_ratios_as_statsmodels(columns: np.ndarray) -> None:
    oracle = StratifiedTable(columns.reshape(2, 2, -1))
    estimate = of(risk_ratio(*columns)).estimate
    assert math.exp(estimate) == pytest.approx(oracle.riskratio_pooled, rel=1e-11)


@given(cells)
def test_one_table_gives_its_own_effect(columns: np.ndarray) -> None:
    a, b, c, d = columns[:, :1]
    (p1,), (p2,) = a / (a + b), c / (c + d)
    assert of(odds_ratio(a, b, c, d)).estimate == pytest.approx(
        np.log(p1 / (1 - p1) * (1 - p2) / p2), abs=1e-12
    )
    assert of(risk_ratio(a, b, c, d)).estimate == pytest.approx(np.log(p1 / p2), abs=1e-12)
    assert of(risk_difference(a, b, c, d)).estimate == pytest.approx(p1 - p2, abs=1e-12)
    assert of(rate_ratio(a, b, c, d)).estimate == pytest.approx(np.log(a * d / b / c), abs=1e-12)
    assert of(rate_difference(a, b, c, d)).estimate == pytest.approx(a / b - c / d, abs=1e-12)


@pytest.mark.parametrize("method", ALL)
@given(columns=cells)
def test_exchanged_arms_change_the_sign_alone(method: Method, columns: np.ndarray) -> None:
    a, b, c, d = columns
    one, other = method(a, b, c, d), method(c, d, a, b)
    assert of(other).estimate == pytest.approx(-of(one).estimate, abs=1e-12)
    assert of(other).se == pytest.approx(of(one).se, rel=1e-9)
    assert one.heterogeneity is not None
    assert other.heterogeneity is not None
    assert other.heterogeneity.q == pytest.approx(one.heterogeneity.q, rel=1e-8, abs=1e-8)


@given(cells)
def test_exchanged_outcomes_change_the_sign_of_odds_ratio_and_risk_difference(
    columns: np.ndarray,
) -> None:
    a, b, c, d = columns
    for method in (odds_ratio, risk_difference):
        one, other = of(method(a, b, c, d)), of(method(b, a, d, c))
        assert other.estimate == pytest.approx(-one.estimate, abs=1e-12)
        assert other.se == pytest.approx(one.se, rel=1e-9)


@pytest.mark.parametrize("method", ALL)
@given(columns=cells, times=st.integers(2, 5))
def test_studies_told_again_narrow_the_interval(
    method: Method, columns: np.ndarray, times: int
) -> None:
    one, many = of(method(*columns)), of(method(*np.tile(columns, times)))
    assert many.estimate == pytest.approx(one.estimate, abs=1e-12)
    assert many.se == pytest.approx(one.se / math.sqrt(times), rel=1e-10)


@pytest.mark.parametrize("method", ALL)
@given(columns=cells)
def test_the_order_of_the_studies_does_not_matter(method: Method, columns: np.ndarray) -> None:
    one, other = method(*columns), method(*columns[:, ::-1])
    assert of(other).estimate == pytest.approx(of(one).estimate, abs=1e-12)
    assert one.weights is not None
    assert other.weights == pytest.approx(one.weights[::-1])


@given(st.floats(0.1, 10), cells)
def test_equal_odds_ratios_are_found_equal(theta: float, columns: np.ndarray) -> None:
    _, b, c, d = np.tile(columns, 2)
    result = odds_ratio(theta * b * c / d, b, c, d)
    assert of(result).estimate == pytest.approx(math.log(theta), abs=1e-9)
    assert result.breslow_day is not None
    assert result.breslow_day.statistic == pytest.approx(0, abs=1e-8)


@given(st.floats(0.01, 1000), cells)
def test_the_unit_of_time_does_not_matter_to_a_rate_ratio(
    scale: float, columns: np.ndarray
) -> None:
    x1, t1, x2, t2 = columns
    one, other = of(rate_ratio(x1, t1, x2, t2)), of(rate_ratio(x1, scale * t1, x2, scale * t2))
    assert other.estimate == pytest.approx(one.estimate, abs=1e-10)
    assert other.se == pytest.approx(one.se, rel=1e-10)


def test_a_risk_ratio_of_two_arms_full_of_events_is_one_and_certain() -> None:
    result = risk_ratio([9, 4], [0, 0], [7, 5], [0, 0])
    assert astuple(of(result))[:5] == (0, 0, 0, None, 1)
    assert "nothing varied" in result.notes[0]


def test_a_risk_difference_of_one_has_no_variance() -> None:
    assert of(risk_difference([9, 4], [0, 0], [0, 0], [7, 5])).se == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("method", [odds_ratio, risk_ratio])
def test_without_any_event_there_is_no_ratio(method: Method) -> None:
    result = method(*NO_EVENT)
    assert result.estimate is None
    assert result.heterogeneity is None
    assert result.weights is None
    assert result.cochran is None
    assert result.mantel_haenszel is None
    assert (result.k, result.k_yi) == (3, 0)
    assert "the sums that it is the ratio of are 0 and 0" in result.notes[0]
    assert "nan" not in result.summary()


def test_without_any_event_the_risk_difference_is_zero_and_says_nothing() -> None:
    result = risk_difference(*NO_EVENT)
    assert astuple(of(result))[:5] == (0, 0, 0, None, 1)
    assert "The standard error of 0 means that nothing varied" in result.notes[0]


def test_events_in_one_arm_alone_leave_the_test_of_no_association() -> None:
    # In R: rma.mh(measure="OR", ai=c(0,0), bi=c(30,20), ci=c(4,2), di=c(26,18))$MH; by hand: the
    # excess is -2 - 1, its variance 900 * 4 * 56 / (3600 * 59) + 400 * 2 * 38 / (1600 * 39)
    result = odds_ratio([0, 0], [30, 20], [4, 2], [26, 18])
    assert result.estimate is None
    assert result.k_pos == 0
    assert result.breslow_day is None
    assert result.mantel_haenszel is not None
    variance = 900 * 4 * 56 / (3600 * 59) + 400 * 2 * 38 / (1600 * 39)
    assert result.mantel_haenszel.statistic == pytest.approx(2.5**2 / variance, rel=1e-14)


def test_rates_without_events_have_no_ratio_and_a_difference_of_zero() -> None:
    table = ([0, 0], [10, 20], [0, 0], [11, 21])
    assert rate_ratio(*table).estimate is None
    assert rate_ratio(*table).mantel_haenszel is None
    assert of(rate_difference(*table)).estimate == 0


@pytest.mark.parametrize("method", ALL)
def test_without_a_study_nothing_is_pooled(method: Method) -> None:
    with pytest.raises(TooFewStudies, match="at least 1 study"):
        method([], [], [], [])
    with pytest.raises(TooFewStudies, match="at least 1 study"):
        method([math.nan], [1], [1], [1])


@pytest.mark.parametrize("method", COUNTS)
def test_dropped_double_zeros_can_leave_no_study(method: Method) -> None:
    with pytest.raises(TooFewStudies):
        method(*NO_EVENT, drop00=(True, True))


@pytest.mark.parametrize("method", COUNTS)
def test_incomplete_and_empty_tables_are_left_out_by_name(method: Method) -> None:
    result = method(
        [5, math.nan, 7, 0, 3],
        [20, 30, 41, 0, 25],
        [9, math.nan, 12, 0, 8],
        [18, 3, 29, 0, 22],
        labels=["Able", "Baker", "Cole", "Drew", "Egan"],
    )
    assert list(map(str, result.left_out)) == [
        "Baker: missing ai and ci",
        "Drew: nobody in either arm",
    ]
    assert list(result.labels) == ["Able", "Cole", "Egan"]
    assert list(result.effects.labels) == ["Able", "Cole", "Egan"]
    assert list(result.rows) == list(result.effects.rows) == [0, 2, 4]
    assert "left out: Baker: missing ai and ci" in result.summary()


def test_double_zeros_are_named_with_what_they_mean() -> None:
    names = list("ABCDEFG")
    ratio, relative, difference = (method(*SPARSE, labels=names) for method in COUNTS)
    assert ratio.notes[:2] == (
        "No event in both arms: A, E. In the sums this says nothing of an odds ratio.",
        "Nothing but events in both arms: G. In the sums this says nothing of an odds ratio.",
    )
    assert relative.notes[1].endswith("In the sums this counts as a risk ratio of 1.")
    assert difference.notes[0].endswith("In the sums this counts as a difference of 0.")
    assert all(result.notes[2].startswith("Not in Q: A: ") for result in (ratio, relative))


def test_an_arm_without_people_moves_no_sum_and_is_named() -> None:
    table = [np.append(column, extra) for column, extra in zip(BCG, (0, 0, 7, 9), strict=True)]
    for method in COUNTS:
        with_it, without = method(*table), method(*BCG)
        assert of(with_it).estimate == pytest.approx(of(without).estimate, rel=1e-13)
        assert of(with_it).se == pytest.approx(of(without).se, rel=1e-13)
        assert "Nobody in one arm: study 14. In the sums this has no weight." in with_it.notes
        assert with_it.tarone == without.tarone


# In R: rma.mh(measure=, ai=c(tpos, 0), bi=c(tneg, 0), ci=c(cpos, 7), di=c(cneg, 9)): QE, I2, H2
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (odds_ratio, (164.06144337458232, 92.076139443489708, 12.620111028814025)),
        (risk_ratio, (152.87941082307776, 91.496565868477560, 11.759954678698289)),
        (risk_difference, (386.79052720719619, 96.639007657745424, 29.753117477476628)),
    ],
)
def test_an_arm_without_people_has_by_its_correction_an_effect_in_q_as_in_metafor(
    method: Method, expected: tuple[float, float, float]
) -> None:
    table = [np.append(column, extra) for column, extra in zip(BCG, (0, 0, 7, 9), strict=True)]
    result = method(*table)
    assert (result.k, result.k_yi) == (14, 14)
    found = result.heterogeneity
    assert found is not None
    assert (found.q, found.i2, found.h2) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("method", COUNTS)
def test_the_sums_may_be_corrected_by_the_size_of_the_arms(method: Method) -> None:
    # By hand: the correction adds 4/3 * 1/4 to the arm of 10 and 2/3 * 1/4 to that of 5 people
    result = method([0], [10], [2], [3], add=(0, 0.25), to=("none", "treatment"))
    first, second = 1 / 3, 1 / 6
    same = method([first], [10 + first], [2 + second], [3 + second], to=("none", "none"))
    assert of(result).estimate == pytest.approx(of(same).estimate, rel=1e-14)
    assert of(result).se == pytest.approx(of(same).se, rel=1e-14)


def test_rates_have_no_correction_by_the_size_of_the_arms() -> None:
    for to in (("treatment", "none"), ("none", "treatment")):
        with pytest.raises(BadOption, match="to='treatment'"):
            rate_ratio(*RATES, to=to)


def test_without_people_in_both_arms_there_is_no_risk_difference() -> None:
    result = risk_difference([0, 3], [0, 4], [2, 0], [5, 0])
    assert result.estimate is None
    assert "no study has people in both arms" in result.notes[0]


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize(("value", "words"), [(-1, "-1"), (math.inf, "infinite")])
def test_a_number_that_cannot_be_counted_is_refused_by_name(
    method: Method, value: float, words: str
) -> None:
    with pytest.raises(BadStudy, match=f"Baker: .* is {words}"):
        method([5, value], [20, 30], [9, 7], [18, 31], labels=["Able", "Baker"])


def test_shares_are_not_counts() -> None:
    with pytest.raises(BadStudy, match="study 1: the four cells sum to one or less"):
        odds_ratio([0.1], [0.4], [0.2], [0.3])


@pytest.mark.parametrize("method", [rate_ratio, rate_difference])
def test_a_time_of_zero_is_refused_by_name(method: Method) -> None:
    with pytest.raises(BadStudy, match=r"study 2: t1i is 0\. A time at risk"):
        method([1, 2], [10, 0], [1, 2], [10, 20])


def test_columns_have_one_length() -> None:
    with pytest.raises(BadTable, match="bi has 1 values for 2 studies"):
        odds_ratio([1, 2], [1], [1, 2], [1, 2])


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize(
    "options",
    [
        {"add": (-1, 0)},
        {"add": (0.5, math.nan)},
        {"to": ("some", "none")},
        {"to": ("only0", "never")},
        {"level": 95},
    ],
)
def test_options_that_do_not_exist_are_refused(method: Method, options: Options) -> None:
    with pytest.raises(BadOption):
        method(*RATES, **options)


def test_the_summary_is_in_the_fields_words() -> None:
    assert odds_ratio(*BCG).summary().splitlines() == [
        "13 studies, Mantel-Haenszel method",
        ("log odds ratio: -0.4734 (95% CI -0.5538 to -0.3930); SE 0.0410, z = -11.54, p < 0.001"),
        "odds ratio: 0.6229 (95% CI 0.5748 to 0.675)",
        "I² 92.7%; Q(12) = 163.94, p < 0.001",
        "test of no association (Cochran): chi²(1) = 135.71, p < 0.001",
        "test of no association (Mantel-Haenszel): chi²(1) = 135.69, p < 0.001",
        "test of equal odds ratios (Breslow-Day): chi²(12) = 171.77, p < 0.001",
        "test of equal odds ratios (Tarone): chi²(12) = 171.76, p < 0.001",
    ]
    one = risk_difference([7], [33], [12], [29]).summary()
    assert one.startswith("1 study, Mantel-Haenszel method\nrisk difference: -0.1177")
