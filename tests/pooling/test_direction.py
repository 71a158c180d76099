"""Which end is better, and which way an effect points."""

import dataclasses

import pytest

from kb.base import Base
from kb.pooling.selecting.arms import Comparison
from kb.pooling.selecting.candidates import Candidate, Measured
from kb.pooling.selecting.direction import Ends, common_end, favours, points_to
from kb.synthesis.measures import MEASURES

PLACE = Measured(
    key="alder-1991/made-up",
    study="alder-1991",
    outcome="depression",
    instrument=None,
    detail=None,
    time=None,
    months=None,
    primary=None,
    report="alder-1991",
    published=1991,
    passage="",
    label="Alder 1991 (made up)",
    named=1991,
    design="rct",
)


def candidate(better: str | None = None, **place: str) -> Candidate:
    measured = dataclasses.replace(PLACE, **place)  # type: ignore[arg-type]
    row = {"better": better}
    return Candidate("key", "reported", ("SMD",), measured, Comparison(None, None), (row,))


@pytest.fixture(scope="module")
def ends(base: Base) -> Ends:
    return Ends.of(base)


def test_a_lower_hazard_of_death_is_better(ends: Ends) -> None:
    for outcome in ("survival", "overall-survival", "cancer-specific-survival"):
        assert ends.better(candidate(outcome=outcome), "HR") == "lower"


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "PETO", "AS"])
def test_an_event_on_survival_may_be_death_or_life(ends: Ends, measure: str) -> None:
    assert ends.better(candidate(outcome="overall-survival"), measure) == ""
    said = candidate("higher", outcome="overall-survival")
    assert ends.better(said, measure) == "higher"


def test_a_longer_mean_survival_is_better(ends: Ends) -> None:
    assert ends.better(candidate(outcome="overall-survival"), "MD") == "higher"


def test_the_instrument_comes_before_the_outcome(ends: Ends) -> None:
    assert ends.better(candidate(outcome="mood-disturbance"), "SMD") == "lower"
    dabs = candidate(outcome="mood-disturbance", instrument="dabs")
    assert ends.better(dabs, "SMD") == "higher"


def test_the_scale_that_is_named_comes_before_the_instrument(ends: Ends) -> None:
    scale = candidate(
        outcome="psychological-symptoms", instrument="dabs", detail="Negative Affects Total (NTOT)"
    )
    assert ends.better(scale, "MD") == "lower"


def test_nothing_is_better_where_nothing_says_so(ends: Ends) -> None:
    assert ends.better(candidate(outcome="immune-function"), "MD") == ""


def test_what_favours_the_intervention_is_said_on_the_readers_scale() -> None:
    assert favours(MEASURES["HR"], "lower") == "below 1 favours the intervention"
    assert favours(MEASURES["MD"], "higher") == "above 0 favours the intervention"
    assert favours(MEASURES["PLO"], "higher") == ""
    assert favours(MEASURES["MD"], "") == ""


def test_a_ratio_below_one_of_a_bad_event_points_to_the_intervention() -> None:
    assert points_to(0.8, "lower", is_ratio=True, turned=False) == "favours-intervention"
    assert points_to(0.8, "lower", is_ratio=True, turned=True) == "favours-control"
    assert points_to(0.8, "higher", is_ratio=False, turned=False) == "favours-intervention"
    assert points_to(1, "higher", is_ratio=True, turned=False) == "no-difference"


def test_effects_with_opposite_ends_are_turned_to_the_lower_where_they_can_be() -> None:
    assert common_end(["higher", "higher"], "SMD") == "higher"
    assert common_end(["higher", "lower", "higher"], "SMD") == "lower"
    assert common_end(["higher", "lower", "higher"], "RR") == "higher"
    assert common_end([], "SMD") == ""
