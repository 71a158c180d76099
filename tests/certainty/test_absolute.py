"""Relative effects as differences of risk, by hand and by the Cochrane Handbook."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base import Base
from kb.certainty.absolute import FORMULAE, AbsoluteEffect, absolute_effect, event_of
from kb.certainty.baselines import BadBaseline, baselines
from kb.errors import UnknownValue

RATIOS = ("OR", "PETO", "RR", "HR")
shares = st.floats(min_value=0.0001, max_value=0.9999)
ratios = st.floats(min_value=0.001, max_value=1000)


def effect(measure: str, estimate: float, risk: float) -> AbsoluteEffect:
    return absolute_effect(measure, (estimate, estimate, estimate), risk, "made up", "the event")


@pytest.mark.parametrize(
    ("measure", "estimate", "risk", "difference"),
    [
        ("OR", 0.73, 0.3, -62),  # Cochrane Handbook 5.1, 12.5.4.3
        ("RR", 0.75, 0.8, -200),  # 11.5.5: 80 % to 60 %
        ("RR", 0.75, 0.2, -50),  # 11.5.5: 20 % to 15 %
    ],
)
def test_examples_of_the_cochrane_handbook(
    measure: str, estimate: float, risk: float, difference: float
) -> None:
    assert round(effect(measure, estimate, risk).differences[0]) == difference


@pytest.mark.parametrize(
    ("measure", "estimate", "risk", "with_intervention"),
    [
        ("HR", 0.5, 0.19, 100),  # 1 - 0.81 ^ 0.5
        ("HR", 2, 0.1, 190),  # 1 - 0.9²
        ("OR", 3, 0.25, 500),  # odds 1/3, times 3
        ("PETO", 3, 0.25, 500),
        ("RD", -0.05, 0.2, 150),
        ("RR", 1.5, 0.2, 300),
    ],
)
def test_risk_with_the_intervention_by_hand(
    measure: str, estimate: float, risk: float, with_intervention: float
) -> None:
    found = effect(measure, estimate, risk)

    assert found.intervention == pytest.approx(with_intervention, rel=1e-12)
    assert found.control == pytest.approx(1000 * risk, rel=1e-12)
    assert not found.is_held


def test_limits_have_differences_of_their_own() -> None:
    found = absolute_effect("RR", (0.5, 0.25, 1.5), 0.2, "made up", "the event")

    assert found.differences == pytest.approx((-100, -150, 100))


@pytest.mark.parametrize(
    ("measure", "estimate", "risk", "end"),
    [("RR", 3, 0.5, 1000), ("RD", 0.9, 0.5, 1000), ("RD", -0.9, 0.5, 0)],
)
def test_no_risk_goes_beyond_the_scale_and_it_is_said(
    measure: str, estimate: float, risk: float, end: float
) -> None:
    found = effect(measure, estimate, risk)

    assert found.intervention == end
    assert found.is_held
    assert found.as_dict()["held_within_0_and_1000"] is True


@given(measure=st.sampled_from(RATIOS), ratio=ratios, risk=shares)
def test_risk_stays_between_0_and_1000(measure: str, ratio: float, risk: float) -> None:
    assert 0 <= effect(measure, ratio, risk).intervention <= 1000


@given(difference=st.floats(min_value=-1, max_value=1), risk=shares)
def test_risk_by_a_difference_stays_between_0_and_1000(difference: float, risk: float) -> None:
    assert 0 <= effect("RD", difference, risk).intervention <= 1000


@given(measure=st.sampled_from(sorted(FORMULAE)), risk=shares)
def test_no_effect_makes_no_difference(measure: str, risk: float) -> None:
    found = effect(measure, 0 if measure == "RD" else 1, risk)

    assert found.differences[0] == pytest.approx(0, abs=1e-9)


@given(measure=st.sampled_from(RATIOS), one=ratios, other=ratios, risk=shares)
def test_a_larger_ratio_never_lowers_the_risk(
    measure: str, one: float, other: float, risk: float
) -> None:
    low, high = sorted((one, other))

    found = effect(measure, high, risk).intervention - effect(measure, low, risk).intervention

    assert found >= -1e-9


@given(ratio=ratios, risk=shares)
def test_odds_of_the_risk_have_the_odds_ratio(ratio: float, risk: float) -> None:
    share = effect("OR", ratio, risk).intervention / 1000

    assert math.isclose(share * (1 - risk), ratio * risk * (1 - share), rel_tol=1e-6)


@pytest.mark.parametrize(
    ("favours", "event"),
    [
        ("below 1 favours the intervention", "the unwanted event"),
        ("above 1 favours the intervention", "the wanted event"),
        ("", "the event counted"),
    ],
)
def test_which_event_the_risk_is_of(favours: str, event: str) -> None:
    assert event_of(favours) == event


def test_baselines_are_read_as_they_are_typed(rated: Base) -> None:
    found = baselines(["20%, 0.3", "pain=12.5%", "Overall survival = .6"], rated.vocabulary)

    assert [(each.risk, each.outcome) for each in found] == [
        (0.2, None),
        (0.3, None),
        (0.125, "pain"),
        (0.6, "overall-survival"),
    ]
    assert found[0].is_for("pain")
    assert not found[2].is_for("overall-survival")


@pytest.mark.parametrize("written", ["20", "0", "0%", "100%", "1", "-5%", "a fifth", "20%%", "nan"])
def test_what_is_no_risk_is_refused_with_a_remedy(written: str, rated: Base) -> None:
    with pytest.raises(BadBaseline, match="baseline risk") as refused:
        baselines([written], rated.vocabulary)

    assert "--baseline 20%" in refused.value.remedy


def test_baseline_of_no_outcome_names_the_nearest(rated: Base) -> None:
    with pytest.raises(UnknownValue, match="pian"):
        baselines(["pian=20%"], rated.vocabulary)
