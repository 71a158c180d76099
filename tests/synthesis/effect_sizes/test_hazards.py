import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effect_sizes import hazards
from kb.synthesis.errors import BadOption, BadStudy

ratios = st.floats(0.05, 20)
errors = st.floats(0.01, 3)


# survival 3.5-3: summary(coxph(Surv(time, status) ~ sex, lung, eps = 1e-14))
def test_an_interval_gives_the_standard_error_of_the_model_it_came_from() -> None:
    effects = hazards.from_interval(
        [0.58800281716046188], [0.42371782928434282], [0.81598481133683909]
    )

    assert effects.yi[0] == pytest.approx(-0.53102354000576657, rel=1e-12)
    assert effects.sei[0] == pytest.approx(0.16717858330116211, rel=1e-12)
    assert effects.measure.code == "HR"
    assert effects.ni is None


# the same; the p-value is that of Wald's test
def test_a_p_value_gives_the_standard_error_of_the_model_it_came_from() -> None:
    effects = hazards.from_p_value([0.58800281716046188], [0.0014912291383765983])

    assert effects.sei[0] == pytest.approx(0.16717858330116211, rel=1e-12)


# survival 3.5-3: survdiff(Surv(time, status) ~ group) for the 6-MP trial of Freireich et al. 1963
def test_observed_minus_expected_events_give_the_ratio_of_peto() -> None:
    effects = hazards.from_observed_minus_expected([-10.250500948031128], [6.2569605736754994])

    assert effects.yi[0] == pytest.approx(-10.250500948031128 / 6.2569605736754994, rel=1e-15)
    assert effects.vi[0] == pytest.approx(1 / 6.2569605736754994, rel=1e-15)
    assert effects.measure.code == "HR"
    assert effects.ni is None


@given(ratio=ratios, se=errors, level=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_an_interval_of_any_level_leads_back_to_its_standard_error(
    ratio: float, se: float, level: float
) -> None:
    z = {0.8: 1.2815515655446004, 0.9: 1.6448536269514722, 0.95: 1.959963984540054}.get(
        level, 2.5758293035489004
    )
    low, high = ratio * np.exp(-z * se), ratio * np.exp(z * se)

    effects = hazards.from_interval([ratio], [low], [high], level=level)

    assert effects.yi[0] == pytest.approx(np.log(ratio), abs=1e-15)
    assert effects.sei[0] == pytest.approx(se, rel=1e-9)
    assert hazards.asymmetry([ratio], [low], [high])[0] == pytest.approx(0, abs=1e-9)


@given(ratio=ratios, below=errors, above=errors)
def test_exchanging_the_arms_changes_only_the_sign(
    ratio: float, below: float, above: float
) -> None:
    low, high = ratio * np.exp(-below), ratio * np.exp(above)

    there = hazards.from_interval([ratio], [low], [high])
    back = hazards.from_interval([1 / ratio], [1 / high], [1 / low])

    np.testing.assert_allclose(there.yi, -back.yi, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(there.vi, back.vi, rtol=1e-9)


def test_asymmetry_is_the_distance_from_the_middle_in_half_widths() -> None:
    middle, halfway, limit, missing = hazards.asymmetry(
        [1, 2, 4, np.nan], [0.25, 0.25, 0.25, 1], [4, 4, 4, 2]
    )

    assert middle == 0
    assert halfway == pytest.approx(0.5)
    assert limit == pytest.approx(1)
    assert np.isnan(missing)


@pytest.mark.parametrize(
    ("interval", "what"),
    [
        ((0.8, 0, 1.2), "ci_low is 0"),
        ((-0.2, 0.5, 1.2), r"hr is -0\.2"),
        ((0.8, -0.3, 1.2), r"ci_low is -0\.3"),
        ((0.8, 1.2, 0.5), r"the interval from 1\.2 to 0\.5 is reversed"),
        ((0.8, 0.8, 0.8), r"the interval from 0\.8 to 0\.8 has no width"),
        ((0.4, 0.5, 1.2), r"the interval from 0\.5 to 1\.2 does not contain the hazard ratio 0\.4"),
        ((1.4, 0.5, 1.2), r"the interval from 0\.5 to 1\.2 does not contain the hazard ratio 1\.4"),
        ((0.8, 0.5, np.inf), "ci_high is infinite"),
    ],
)
def test_an_impossible_interval_is_an_error_that_names_the_study(
    interval: tuple[float, float, float], what: str
) -> None:
    ratio, low, high = interval
    columns = [1, ratio], [0.5, low], [2, high]

    with pytest.raises(BadStudy, match=rf"^Beck: {what}"):
        hazards.from_interval(*columns, ["Ash", "Beck"])
    with pytest.raises(BadStudy, match=rf"^study 2: {what}"):
        hazards.asymmetry(*columns)


@pytest.mark.parametrize(
    ("ratio", "p", "what"),
    [(0.8, 0, "p is 0"), (0.8, 1.2, r"p is 1\.2"), (0.8, -0.1, r"p is -0\.1"), (0, 0.5, "hr is 0")],
)
def test_an_impossible_p_value_or_ratio_is_an_error_that_names_the_study(
    ratio: float, p: float, what: str
) -> None:
    with pytest.raises(BadStudy, match=rf"^Ash: {what}\. "):
        hazards.from_p_value([ratio], [p], ["Ash"])


def test_a_negative_variance_of_observed_minus_expected_is_an_error() -> None:
    with pytest.raises(BadStudy, match=r"^Ash: v is -2\. "):
        hazards.from_observed_minus_expected([1], [-2], ["Ash"])


def test_studies_that_give_no_variance_are_set_aside_with_the_reason() -> None:
    by_p = hazards.from_p_value([1, 0.8, 1, 0.8, np.nan], [0.5, 1, 1, 0.01, 0.5])
    by_events = hazards.from_observed_minus_expected([0, 1, 2], [0, np.nan, 4])

    assert by_p.rows.tolist() == [3]
    assert [study.reason for study in by_p.left_out] == [
        "a hazard ratio of 1 does not give its variance with a p-value",
        "a p-value of 1 does not give the variance",
        "a hazard ratio of 1 does not give its variance with a p-value",
        "hr is missing",
    ]
    assert by_events.rows.tolist() == [2]
    assert [study.reason for study in by_events.left_out] == [
        "V is 0: no events that tell the arms apart",
        "v is missing",
    ]


def test_a_study_without_a_limit_is_set_aside_by_name() -> None:
    effects = hazards.from_interval([0.8, 0.7], [0.5, np.nan], [1.1, 1.2], ["Ash", "Beck"])

    assert effects.labels == ("Ash",)
    assert [str(study) for study in effects.left_out] == ["Beck: ci_low is missing"]


def test_a_level_that_is_no_share_is_refused() -> None:
    with pytest.raises(BadOption, match="a share between 0 and 1, not 95"):
        hazards.from_interval([0.8], [0.5], [1.1], level=95)


def test_asymmetry_takes_the_columns_of_an_interval_by_name() -> None:
    columns = {"hr": [0.8], "ci_low": [0.5], "ci_high": [1.28]}
    assert hazards.asymmetry(**columns) == pytest.approx([0], abs=1e-9)
