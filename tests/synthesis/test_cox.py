from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from statsmodels.duration.hazard_regression import PHReg

from kb.synthesis.chi_squared import ChiSquared
from kb.synthesis.cox import CoxResult, cox, log_hazard_ratios, log_rank
from kb.synthesis.effect_sizes import hazards
from kb.synthesis.errors import BadOption, BadStudy, BadTable

Ties: TypeAlias = Literal["efron", "breslow"]
People: TypeAlias = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]

# Freireich EJ et al. Blood 1963;21:699-716: weeks of remission in leukaemia; + is censored
MERCAPTOPURINE = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"

# survival 3.5-3: lung$time by lung$sex, veteran$time by veteran$trt
LUNG_MEN = """
306 455 1010+ 210 883 1022+ 218 166 170 71 567 144 613 707 88 301 624 371 394 574 118 390 12
26 533 53 814 93 460 583 303 519 643 189 53 246 689 65 132 223 175 163 65 428 230 840+ 11
132 11 176 791 95 196+ 806+ 284 147 163 655 239 88 30 179 310 477 364 107 177 156 11 429 15
181 283 13 212 524 288 363 442 54 558 207 92 60 202 353 267 387 457 337 404+ 222 458+ 353
163 31 229 444+ 156 329 291 179 292+ 142 413+ 320 181 285 301+ 197 303+ 180 300+ 284+ 259+
110 286 270 81 131 225+ 269 225+ 279+ 135 59 105 237+ 221+ 185+ 13 222+ 183 197+ 116 188+
191+ 174+
"""
LUNG_WOMEN = """
310 361 654 728 61 81 520 473 107 122 965+ 731 153 433 145 95 765 735 5 687 345 444 60 208
821+ 305 226 426 705 363 167 641 740+ 245 588+ 166 559+ 450 529+ 351 201 524 199 550 551+
543+ 293 511+ 511+ 371 201 62 356+ 340 315+ 182 364+ 376+ 384+ 268 266+ 194 348 382+ 296+
186 145 269+ 350 272+ 292+ 332+ 285 243+ 276+ 79 240+ 202+ 235+ 224+ 239 173+ 252+ 92+ 192+
211+ 175+ 203+ 105+ 177+
"""
VETERAN_STANDARD = """
72 411 228 126 118 10 82 110 314 100+ 42 8 144 25+ 11 30 384 4 54 13 123+ 97+ 153 59 117 16
151 22 56 21 18 139 20 31 52 287 18 51 122 27 54 7 63 392 10 8 92 35 117 132 12 162 3 95 177
162 216 553 278 12 260 200 156 182+ 143 105 103 250 100
"""
VETERAN_TEST = """
999 112 87+ 231+ 242 991 111 1 587 389 33 25 357 467 201 1 30 44 283 15 25 103+ 21 13 87 2
20 7 24 99 8 99 61 25 95 80 51 29 24 18 83+ 31 51 90 52 73 8 36 48 7 140 186 84 19 45 80 52
164 19 53 15 43 340 133 111 231 378 49
"""


def people(treated: str, control: str) -> People:
    first, second = treated.split(), control.split()
    both = first + second
    return (
        np.array([float(time.rstrip("+")) for time in both]),
        np.array([not time.endswith("+") for time in both]),
        np.arange(len(both)) < len(first),
    )


TRIALS = {
    "6-MP": people(MERCAPTOPURINE, PLACEBO),
    "lung": people(LUNG_WOMEN, LUNG_MEN),
    "veteran": people(VETERAN_TEST, VETERAN_STANDARD),
    "hand": people("3 4+ 4 5 9", "2 3 4 7+ 7"),
}

# survival 3.5-3: f <- coxph(Surv(time, event) ~ treated, ties=,
#   control=coxph.control(eps=1e-14, toler.chol=1e-15, iter.max=50));
# c(coef(f), sqrt(vcov(f)), f$score, 2 * diff(f$loglik))
FITS: list[tuple[str, Ties, tuple[float, ...]]] = [
    (
        "6-MP",
        "efron",
        (-1.5721251488290662, 0.41239671770945546, 17.24653679571658, 16.351690838952209),
    ),
    (
        "lung",
        "efron",
        (-0.53102354000576657, 0.16717858330116211, 10.325148495746417, 10.633604730882325),
    ),
    (
        "veteran",
        "efron",
        (0.017742569518376029, 0.18066101228769091, 0.0096452828245752534, 0.00964337862035336),
    ),
    (
        "hand",
        "efron",
        (-0.35718122617203352, 0.77284375645668568, 0.21572477540286492, 0.21588825073961715),
    ),
    (
        "6-MP",
        "breslow",
        (-1.5091914125858781, 0.40956440636674124, 15.930539564032708, 15.210856814199275),
    ),
    (
        "lung",
        "breslow",
        (-0.53039657688268893, 0.16718083745581253, 10.299924323240303, 10.607672299885962),
    ),
    (
        "veteran",
        "breslow",
        (0.016327871652052468, 0.18065161483532316, 0.0081692957916082928, 0.0081678344033662142),
    ),
    (
        "hand",
        "breslow",
        (-0.34571259917822955, 0.77241040768039559, 0.20220072372793732, 0.20244356502351479),
    ),
]

# survival 3.5-3: s <- survdiff(Surv(time, event) ~ treated);
# c(s$obs[2] - s$exp[2], s$var[2, 2], s$chisq)
LOG_RANKS = {
    "6-MP": (-10.250500948031128, 6.2569605736754994, 16.792940989216525),
    "lung": (-20.418260970427212, 40.371433979642653, 10.326741954885632),
    "veteran": (0.50019666360091719, 30.410388399258864, 0.0082273432023507696),
    "hand": (-0.58730158730158699, 1.5624842529604432, 0.22075304361847919),
}


@pytest.mark.parametrize(("trial", "ties", "expected"), FITS)
def test_the_fit_is_that_of_coxph(trial: str, ties: Ties, expected: tuple[float, ...]) -> None:
    fit = cox(*TRIALS[trial], ties=ties)

    found = (fit.log_hazard_ratio, fit.se, fit.score.statistic)
    np.testing.assert_allclose(found, expected[:3], rtol=1e-10)
    # the likelihood-ratio statistic of coxph is a difference of two large numbers
    assert fit.likelihood_ratio.statistic == pytest.approx(expected[3], rel=1e-10, abs=1e-11)
    assert fit.ties == ties
    assert fit.iterations < 8


@pytest.mark.parametrize(("trial", "expected"), LOG_RANKS.items())
def test_the_log_rank_test_is_that_of_survdiff(
    trial: str, expected: tuple[float, float, float]
) -> None:
    test = log_rank(*TRIALS[trial])

    assert test.test is not None
    found = (test.o_minus_e, test.v, test.test.statistic)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert cox(*TRIALS[trial]).log_rank == test


# survival 3.5-3: summary(coxph(Surv(time, status) ~ sex, lung)): waldtest, sctest, logtest
def test_p_values_are_those_of_coxph() -> None:
    fit = cox(*TRIALS["lung"])

    assert fit.estimate().p == pytest.approx(0.0014912291383765983, rel=1e-9)
    assert fit.score.p == pytest.approx(0.0013122970135135033, rel=1e-9)
    assert fit.likelihood_ratio.p == pytest.approx(0.0011105103778997316, rel=1e-9)


def test_people_and_events_are_counted_by_arm() -> None:
    fit = cox(*TRIALS["lung"])

    assert (fit.treated.n, fit.treated.events) == (90, 53)
    assert (fit.control.n, fit.control.events) == (138, 112)


def test_the_textbook_trial_has_its_textbook_log_rank_test() -> None:
    fit = cox(*TRIALS["6-MP"], label="Freireich 1963")

    assert fit.summary() == (
        "Freireich 1963: hazard ratio 0.21 (95% CI 0.09 to 0.47), p < 0.001 by Wald's test; "
        "ties by Efron\n"
        "9 events among 21 treated, 21 among 21 controls\n"
        "log-rank O - E -10.25, V 6.26, chi²(1) = 16.79, p < 0.001\n"
        "score chi²(1) = 17.25, p < 0.001; likelihood ratio chi²(1) = 16.35, p < 0.001"
    )


@st.composite
def trials(draw: st.DrawFn, *, ties: bool = True) -> People:
    size = draw(st.integers(8, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    treated = random.random(size) < draw(st.floats(0.2, 0.8))
    time = random.exponential(np.where(treated, draw(st.floats(0.3, 3)), 1.0))
    if ties:
        time = np.ceil(time * draw(st.sampled_from([2, 5, 20])))
    return time, random.random(size) < draw(st.floats(0.3, 1)), treated


def fitted(trial: People, ties: Ties = "efron") -> CoxResult:
    try:
        return cox(*trial, ties=ties)
    except BadStudy:
        reject()


def log_likelihood(trial: People, log_hazard_ratio: float, ties: Ties) -> float:
    time, event, treated = trial
    risk = np.exp(log_hazard_ratio * treated)
    total = log_hazard_ratio * float((event & treated).sum())
    for moment in np.unique(time[event]):
        tied = event & (time == moment)
        d = int(tied.sum())
        for number in range(d):
            past = number / d if ties == "efron" else 0
            total -= np.log(risk[time >= moment].sum() - past * risk[tied].sum())
    return total


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@given(trial=trials())
@settings(deadline=None, max_examples=50)
def test_the_estimate_is_the_maximum_of_the_partial_likelihood(ties: Ties, trial: People) -> None:
    fit = fitted(trial, ties)
    estimate = fit.log_hazard_ratio

    best = minimize_scalar(
        lambda value: -log_likelihood(trial, value, ties),
        bracket=(estimate - 1, estimate + 1),
        tol=1e-10,
    )

    top = log_likelihood(trial, estimate, ties)
    assert top >= -best.fun - 1e-9
    assert estimate == pytest.approx(best.x, abs=1e-5)
    gain = 2 * (top - log_likelihood(trial, 0, ties))
    assert fit.likelihood_ratio.statistic == pytest.approx(gain, abs=1e-8)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@given(trial=trials())
@settings(deadline=None, max_examples=50)
def test_statsmodels_finds_the_score_zero_and_the_same_information(
    ties: Ties, trial: People
) -> None:
    fit = fitted(trial, ties)
    time, event, treated = trial

    model: Any = PHReg(time, treated[:, None].astype(float), status=event.astype(int), ties=ties)

    at = np.array([fit.log_hazard_ratio])
    assert model.score(at)[0] * fit.se == pytest.approx(0, abs=1e-9)
    assert fit.se == pytest.approx(1 / np.sqrt(-model.hessian(at)[0, 0]), rel=1e-8)


@given(trial=trials())
def test_exchanging_the_arms_changes_only_the_sign(trial: People) -> None:
    time, event, treated = trial
    there, back = fitted(trial), fitted((time, event, ~treated))

    assert there.log_hazard_ratio == pytest.approx(-back.log_hazard_ratio, abs=1e-9)
    assert there.se == pytest.approx(back.se, rel=1e-9)
    assert there.log_rank.o_minus_e == pytest.approx(-back.log_rank.o_minus_e, abs=1e-9)
    assert there.log_rank.v == pytest.approx(back.log_rank.v, rel=1e-9)
    assert (there.treated, there.control) == (back.control, back.treated)


@given(trial=trials())
def test_only_the_order_of_times_matters(trial: People) -> None:
    time, event, treated = trial

    assert fitted(trial) == fitted((np.sqrt(time) + 3, event, treated))


@given(trial=trials(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_people_does_not_matter(trial: People, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(trial[0].size)

    assert fitted(trial) == fitted((trial[0][order], trial[1][order], trial[2][order]))


@given(trial=trials(ties=False))
def test_without_ties_the_score_test_is_the_log_rank_test_and_the_ways_with_ties_agree(
    trial: People,
) -> None:
    fit, breslow = fitted(trial), fitted(trial, "breslow")

    assert fit.log_rank.test is not None
    assert fit.score.statistic == pytest.approx(fit.log_rank.test.statistic, rel=1e-9, abs=1e-12)
    assert fit.log_hazard_ratio == breslow.log_hazard_ratio


@given(trial=trials(), n=st.integers(1, 5))
def test_who_is_censored_before_the_first_event_does_not_count(trial: People, n: int) -> None:
    time, event, treated = trial
    more = (np.append(time + 1, [0.5] * n), np.append(event, [False] * n))

    fit, larger = fitted(trial), fitted((*more, np.append(treated, [True] * n)))

    assert larger.log_hazard_ratio == fit.log_hazard_ratio
    assert larger.treated.n == fit.treated.n + n


def test_a_strong_effect_is_found_from_far_away() -> None:
    time = np.concatenate([np.arange(1.0, 301), [0.5, 301]])
    treated = np.concatenate([np.ones(300), [0, 0]])

    fit = cox(time, np.ones(302), treated)

    expected = minimize_scalar(
        lambda value: -log_likelihood((time, time > 0, treated == 1), value, "efron"),
        bracket=(0, 1),
        tol=1e-12,
    )
    assert fit.log_hazard_ratio == pytest.approx(expected.x, abs=1e-5)


def test_everybody_dying_at_once_leaves_no_log_rank_test() -> None:
    fit = cox([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0])

    assert fit.log_hazard_ratio == 0
    assert fit.log_rank.test is None
    assert fit.log_rank.summary() == "log-rank O - E 0.00, V 0.00, no test"


@pytest.mark.parametrize(
    ("trial", "what"),
    [
        (people("3 4 5", "2+ 3+ 7+"), "there are no events in the control arm"),
        (people("3+ 4+ 5+", "2 3 7"), "there are no events in the treated arm"),
        (people("3+ 4+", "2+ 3+"), r"there are no events\. "),
        (people("3 4", ""), "there is nobody in the control arm"),
        (people("", "3 4"), "there is nobody in the treated arm"),
        (people("1 2 3", "4 5 6"), "all events were in the treated arm"),
        (people("4 5 6", "1 2 3"), "all events were in the control arm"),
        (people("4 4", "1 1"), "all events were in the control arm"),
        (people("1+ 2+ 9", "3+ 4 5"), "all events were in the control arm"),
    ],
)
def test_a_likelihood_without_a_maximum_is_refused_in_words(trial: People, what: str) -> None:
    with pytest.raises(BadStudy, match=what) as error:
        cox(*trial, label="Ash 2001")
    assert error.value.label == "Ash 2001"


def test_the_log_rank_test_needs_no_events_in_both_arms() -> None:
    test = log_rank(*people("3+ 4+ 5+", "2 3 7"))

    assert test.test is not None
    assert test.o_minus_e == pytest.approx(-(1 / 2 + 3 / 5), rel=1e-14)
    assert test.v == pytest.approx(1 / 4 + 6 / 25, rel=1e-14)


@pytest.mark.parametrize("function", [cox, log_rank])
@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        (0, np.nan, "time is missing for person 3"),
        (0, -1, "time is -1 for person 3"),
        (0, np.inf, "time is inf for person 3"),
        (1, 2, "event is 2 for person 3"),
        (1, np.nan, "event is missing for person 3"),
        (2, 0.5, r"treated is 0\.5 for person 3"),
    ],
)
def test_an_impossible_value_is_an_error_that_names_trial_and_person(
    function: Callable[..., object], column: int, value: float, what: str
) -> None:
    columns = [[1.0, 2, 3, 4], [1.0, 1, 1, 1], [1.0, 0, 1, 0]]
    columns[column][2] = value

    with pytest.raises(BadStudy, match=rf"^Ash: {what}\. "):
        function(*columns, label="Ash")


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(BadTable, match="event has 2 values for 3 studies"):
        cox([1, 2, 3], [1, 1], [1, 0, 1])


def test_a_way_with_ties_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadOption, match=r"no 'exact' way with ties\. Choose efron or breslow"):
        cox(*TRIALS["hand"], ties="exact")  # type: ignore[arg-type]


def test_fits_become_the_effects_of_a_meta_analysis() -> None:
    fits = [cox(*TRIALS[name], label=name) for name in ("lung", "veteran")]

    effects = log_hazard_ratios(fits)

    assert effects.measure.code == "HR"
    assert effects.labels == ("lung", "veteran")
    assert effects.yi.tolist() == [fit.log_hazard_ratio for fit in fits]
    np.testing.assert_allclose(effects.sei, [fit.se for fit in fits], rtol=1e-15)
    assert effects.ni is not None
    assert effects.ni.tolist() == [228, 137]


def test_the_interval_of_a_fit_leads_back_to_its_standard_error() -> None:
    fit = cox(*TRIALS["lung"])
    wald = fit.estimate(level=0.9)
    ratio, low, high = np.exp([wald.estimate, wald.ci_low, wald.ci_high])

    assert hazards.from_interval([ratio], [low], [high], level=0.9).sei[0] == pytest.approx(
        fit.se, rel=1e-12
    )


def test_the_tests_are_the_chi_squared_tests_of_every_other_result() -> None:
    result = cox([1, 2, 3, 4, 5, 6], [1] * 6, [1, 0, 0, 1, 0, 1])
    assert result.log_rank.test is not None
    for test in (result.score, result.likelihood_ratio, result.log_rank.test):
        assert isinstance(test, ChiSquared)
        assert test.df == 1
