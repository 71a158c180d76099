"""From what a source prints to an effect with its variance."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from kb.pooling.selecting.arms import Arm, Comparison
from kb.pooling.selecting.candidates import MEASURES_OF, REPORTED, Candidate, Measured
from kb.pooling.selecting.sizes import Sizes
from kb.pooling.selecting.variances import Effect, Failed, effects_of, impossible, way_to_variance
from kb.synthesis.conversions import sd_from_ci
from kb.synthesis.effect_sizes import escalc, hazards

TREATED = Arm("t/group", "t", "intervention", "the group", "t/segt", None)
CONTROL = Arm("t/control", "t", "control", "usual care", None, "usual-care")
UNKNOWN = Sizes()
STRAIGHT = Comparison(TREATED, CONTROL)
PLACE = Measured(
    key="t/made-up",
    study="t",
    outcome="depression",
    instrument="hads",
    detail=None,
    time=None,
    months=None,
    primary=None,
    report="t",
    published=1991,
    passage="",
    label="Alder 1991 (made up)",
    named=1991,
    design="rct",
)
CONTRAST = dict.fromkeys(
    ("ci_low", "ci_high", "ci_level", "se", "p", "p_relation", "analysis", "population")
) | {"derivation_key": None, "origin": None, "note": None, "n": None}
ARM_RESULT = dict.fromkeys(("n", "events", "mean", "sd", "se", "ci_low", "ci_high", "ci_level"))


def reported(statistic: str, estimate: float, **values: Any) -> Candidate:
    row = {**CONTRAST, "statistic": statistic, "estimate": estimate, **values}
    return Candidate("t/c", "reported", (REPORTED[statistic],), PLACE, STRAIGHT, (row,))


def by_arm(source: str, treated: dict[str, Any], control: dict[str, Any]) -> Candidate:
    rows = ({**ARM_RESULT, **treated}, {**ARM_RESULT, **control})
    return Candidate("t/a", source, MEASURES_OF[source], PLACE, STRAIGHT, rows)


def effect(candidate: Candidate, measure: str, sizes: Sizes = UNKNOWN) -> Effect:
    (made,) = effects_of([(candidate, sizes)], measure, {})
    assert isinstance(made, Effect)
    return made


@given(
    st.floats(0.1, 10),
    st.floats(0.05, 2),
    st.floats(0.05, 2),
    st.sampled_from([90.0, 95.0, 99.0]),
)
def test_the_variance_of_a_ratio_is_that_of_the_engine(
    ratio: float, below: float, above: float, level: float
) -> None:
    low, high = ratio * math.exp(-below), ratio * math.exp(above)
    assume(low < ratio < high)
    candidate = reported("HR", ratio, ci_low=low, ci_high=high, ci_level=level)
    expected = hazards.from_interval([ratio], [low], [high], level=level / 100)
    made = effect(candidate, "HR")
    assert made.yi == pytest.approx(expected.yi[0], rel=1e-12)
    assert made.vi == pytest.approx(expected.vi[0], rel=1e-12)


def test_a_comparison_that_is_named_the_other_way_round_is_turned() -> None:
    candidate = reported("OR", 2.0, ci_low=1.0, ci_high=4.0, ci_level=95)
    turned = dataclasses.replace(candidate, comparison=Comparison(TREATED, CONTROL, turned=True))
    assert effect(turned, "OR").yi == -effect(candidate, "OR").yi == -math.log(2)


def test_the_interval_of_a_difference_is_normal_for_many_and_of_t_for_few() -> None:
    candidate = reported("MD", 2.0, ci_low=1.0, ci_high=3.0, ci_level=95)
    many = effect(candidate, "MD", Sizes(100, 100, "analysed"))
    few = effect(candidate, "MD", Sizes(10, 12, "analysed"))
    assert math.sqrt(many.vi) == pytest.approx(1 / stats.norm.isf(0.025))
    assert math.sqrt(few.vi) == pytest.approx(1 / stats.t.isf(0.025, 20))


def test_a_level_that_is_not_said_is_taken_as_95_and_told() -> None:
    made = effect(reported("RD", 0.1, ci_low=-0.1, ci_high=0.3), "RD")
    assert made.cautions == ("the level of its interval is not said and was taken as 95 %",)
    assert math.sqrt(made.vi) == pytest.approx(0.2 / stats.norm.isf(0.025))


@pytest.mark.parametrize(
    ("low", "high", "cautions"), [(0.69, 1.26, 0), (0.78, 1.08, 0), (0.5, 1.0, 1)]
)
def test_an_uneven_interval_is_told_beyond_what_rounding_explains(
    low: float, high: float, cautions: int
) -> None:
    made = effect(reported("HR", 0.92, ci_low=low, ci_high=high, ci_level=95), "HR")
    assert sum("unevenly" in caution for caution in made.cautions) == cautions


def test_a_standard_error_is_used_as_it_is() -> None:
    assert effect(reported("SMD", -0.3, se=0.15), "SMD").vi == pytest.approx(0.15**2)
    ratio = effect(reported("OR", 0.5, se=0.2), "OR")
    assert ratio.vi == pytest.approx(0.04)
    assert ratio.cautions == ("its standard error was taken as that of the logarithm",)


def test_an_exact_p_value_gives_the_variance_of_a_ratio() -> None:
    candidate = reported("HR", 0.8, p=0.04, p_relation="=")
    assert way_to_variance(candidate, Sizes()) == "p"
    expected = hazards.from_p_value([0.8], [0.04])
    assert effect(candidate, "HR").vi == pytest.approx(expected.vi[0])


@pytest.mark.parametrize(
    "values", [{"p": 0.04, "p_relation": "<"}, {}, {"p": 1, "p_relation": "="}]
)
def test_a_p_value_that_is_not_exact_gives_none(values: dict[str, Any]) -> None:
    assert way_to_variance(reported("MD", 1.0, **values), Sizes(50, 50)) == ""


def test_without_sizes_a_standardised_difference_has_no_variance() -> None:
    assert way_to_variance(reported("d", 0.3), Sizes()) == ""
    assert way_to_variance(reported("d", 0.3), Sizes(20, 20)) == "sizes"


@pytest.mark.parametrize(
    ("statistic", "low", "high", "what"),
    [
        ("HR", 1.1, 1.5, "its interval from 1.1 to 1.5 does not hold the estimate 0.9"),
        ("MD", 0.9, 0.9, "its interval from 0.9 to 0.9 has no width"),
        ("OR", 0.0, 1.5, "its interval from 0 to 1.5 is not that of a ratio"),
        ("MD", -0.5, 1.5, ""),
    ],
)
def test_an_interval_that_cannot_be_is_told(
    statistic: str, low: float, high: float, what: str
) -> None:
    assert impossible(reported(statistic, 0.9, ci_low=low, ci_high=high, ci_level=95)) == what


def test_standard_deviations_come_from_standard_errors_and_intervals() -> None:
    treated = {"n": 40, "mean": 5.0, "se": 0.4}
    control = {"n": 42, "mean": 6.0, "ci_low": 5.1, "ci_high": 6.9, "ci_level": 95}
    made = effect(by_arm("means", treated, control), "MD")
    expected = escalc(
        "MD",
        {
            "m1i": [5.0],
            "sd1i": [0.4 * math.sqrt(40)],
            "n1i": [40],
            "m2i": [6.0],
            "sd2i": [sd_from_ci(5.1, 6.9, 42)],
            "n2i": [42],
        },
    )
    assert (made.yi, made.vi) == pytest.approx((expected.yi[0], expected.vi[0]))
    assert (
        made.basis
        == "mean difference from means, confidence intervals and standard errors of both arms"
    )


def test_one_study_that_is_refused_leaves_the_others() -> None:
    good = by_arm("means", {"n": 20, "mean": 1.0, "sd": 2.0}, {"n": 20, "mean": 2.0, "sd": 2.0})
    bad = by_arm("means", {"n": 20, "mean": 1.0, "sd": 0.0}, {"n": 20, "mean": 2.0, "sd": 0.0})
    made = effects_of([(bad, Sizes()), (good, Sizes())], "SMD", {})
    assert isinstance(made[0], Failed)
    assert made[0].reason
    assert isinstance(made[1], Effect)


def test_survival_times_that_give_no_hazard_ratio_say_why() -> None:
    candidate = Candidate("t/s", "times", ("HR",), PLACE, STRAIGHT, (), from_times=True)
    people = [(TREATED.key, 3.0, True), (CONTROL.key, 5.0, False)]
    (made,) = effects_of([(candidate, Sizes(1, 1))], "HR", {PLACE.key: people})
    assert isinstance(made, Failed)
    assert made.reason.startswith("there are no events in the control arm")
