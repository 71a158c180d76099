"""Implausible numbers are told by name, and numbers near them that are fine are not."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.exchange import plausibility
from kb.exchange.drafts import (
    ArmDraft,
    ArmResultDraft,
    ContrastDraft,
    Fate,
    MeasurementDraft,
    StudyDraft,
)
from kb.exchange.plausibility import Spreads, against_the_vocabulary, implausible


def arm(name: str = "a", **numbers: object) -> ArmResultDraft:
    return ArmResultDraft(2, name, **numbers)  # type: ignore[arg-type]


def contrast(statistic: str = "MD", **numbers: object) -> ContrastDraft:
    return ContrastDraft(2, "a", "b", statistic, **numbers)  # type: ignore[arg-type]


def told(*results: ArmResultDraft | ContrastDraft, **study: object) -> list[tuple[str, Fate]]:
    measurement = MeasurementDraft(2, "pain")
    for result in results:
        where = measurement.contrasts if isinstance(result, ContrastDraft) else None
        (measurement.arm_results if where is None else where).append(result)  # type: ignore[arg-type]
    draft = StudyDraft(2, "Madeup 2011", measurements=[measurement], **study)  # type: ignore[arg-type]
    return [(note.rule, note.fate) for note in implausible(draft)]


Results = tuple[ArmResultDraft | ContrastDraft, ...]

REFUSED: dict[str, list[Results]] = {
    "number out of range": [
        (arm(mean=inf),),
        (arm(sd=-1.0, mean=1.0),),
        (arm(n=-3),),
        (arm(n=10**10),),
        (arm(sd=2.0, se=1.0, n=-1, mean=0.0),),
        (arm(mean=nan),),
        (contrast(estimate=1.0, p=1.2),),
    ],
    "more events than participants": [(arm(events=21, n=20),)],
    "interval upside down": [(contrast(estimate=1.0, ci_low=2.0, ci_high=0.5),)],
    "ratio not above 0": [(contrast("OR", estimate=0.0),), (contrast("HR", estimate=-0.5),)],
}
WARNED: dict[str, list[Results]] = {
    "effect beyond 3 SD": [
        (arm(mean=1.0, sd=2.0, n=30), arm("b", mean=7.2, sd=2.0, n=30)),
        (contrast("SMD", estimate=-3.01),),
    ],
    "SD of 0": [(arm(mean=12.5, sd=0.0, n=40),), (arm(mean=12.5, sd=0.0),)],
    "SE and SD do not fit": [(arm(mean=1.0, sd=10.0, se=10.0, n=25),)],
    "SE entered as SD?": [(arm(mean=5.0, sd=2.0, n=25), arm("b", mean=6.0, sd=10.0, n=25))],
    "interval without its estimate": [(contrast(estimate=3.0, ci_low=0.5, ci_high=2.0),)],
    "interval not symmetric": [
        (contrast(estimate=1.0, ci_low=0.5, ci_high=2.0),),
        (contrast("OR", estimate=1.5, ci_low=1.4, ci_high=3.0),),
    ],
    "contrast against its arms": [
        (arm(mean=5.0), arm("b", mean=6.0), contrast(estimate=1.0)),
        (
            arm(events=5, n=20),
            arm("b", events=10, n=20),
            contrast("OR", estimate=1.5),
        ),
    ],
}
FINE: list[Results] = [
    (arm(events=20, n=20),),
    (arm(events=0, n=20, sd=None),),
    (contrast("OR", estimate=0.01),),
    (contrast(estimate=-1.0, p=0.0, ci_low=-2.0, ci_high=0.0),),
    (contrast("OR", estimate=1.0, ci_low=0.5, ci_high=2.0),),
    (contrast("OR", estimate=1.46, ci_low=1.07, ci_high=1.99),),
    (contrast(estimate=0.1, ci_low=0.0, ci_high=0.3),),
    (contrast("SMD", estimate=3.0),),
    (contrast("MD", estimate=12.0),),
    (arm(mean=1.0, sd=2.0, n=30), arm("b", mean=6.9, sd=2.0, n=30)),
    (arm(mean=1.0, sd=10.0, se=2.0, n=25),),
    (arm(mean=5.0, sd=6.0, n=25), arm("b", mean=6.0, sd=10.0, n=25)),
    (arm(mean=5.0), arm("b", mean=6.0), contrast(estimate=-1.0)),
    (arm(mean=5.0), arm("b", mean=6.0), contrast(estimate=1.0, adjusted=True)),
]


@pytest.mark.parametrize(
    ("rule", "results"), [(rule, results) for rule, many in REFUSED.items() for results in many]
)
def test_what_no_table_can_hold_is_refused(rule: str, results: Results) -> None:
    assert (rule, Fate.REFUSED) in told(*results)


@pytest.mark.parametrize(
    ("rule", "results"), [(rule, results) for rule, many in WARNED.items() for results in many]
)
def test_what_may_be_a_slip_is_warned_of_by_name(rule: str, results: Results) -> None:
    assert told(*results) == [(rule, Fate.WARNED)]


@pytest.mark.parametrize("results", FINE, ids=range(len(FINE)))
def test_what_is_fine_is_not_told(results: Results) -> None:
    assert told(*results) == []


def test_every_rule_has_a_case() -> None:
    assert [rule for rule, _ in plausibility.REFUSED] == list(REFUSED)
    assert [rule for rule, _ in plausibility.WARNED] == list(WARNED)


@pytest.mark.parametrize(
    ("result", "study"),
    [
        (arm(mean=1.0, n=31), {"arms": [ArmDraft(2, "a", randomised=30)]}),
        (arm(mean=1.0, n=61), {"randomised": 60}),
    ],
    ids=["arm", "study"],
)
def test_more_analysed_than_randomised_is_told(
    result: ArmResultDraft, study: dict[str, object]
) -> None:
    assert told(result, **study) == [("numbers do not add up", Fate.WARNED)]


def test_a_contrast_with_another_n_than_its_arms_is_told() -> None:
    arms = arm(mean=1.0, n=30), arm("b", mean=1.0, n=30)
    assert told(*arms, contrast(estimate=0.1, n=61)) == [("numbers do not add up", Fate.WARNED)]
    assert told(*arms, contrast(estimate=0.1, n=60)) == []


@pytest.mark.parametrize(
    ("favours_low", "better", "is_told"),
    [
        (True, "higher", True),
        (False, "lower", True),
        (True, "lower", False),
        (None, "lower", False),
    ],
)
def test_a_direction_against_the_vocabulary_is_told(
    *, favours_low: bool | None, better: str, is_told: bool
) -> None:
    measurement = MeasurementDraft(2, "pain", favours_low=favours_low)
    note = against_the_vocabulary(measurement, better=better, name="pain")
    assert (note is not None) == is_told
    assert note is None or note.rule == "direction against the text"


def spread_of(sd: float, mean: float = 5.0) -> list[int]:
    """Return the rows that are doubtful where one of nine arms has another spread."""
    spreads = Spreads()
    for row in range(9):
        own, middle = (sd, mean) if row == 4 else (10.0 + row / 10, 5.0)
        result = ArmResultDraft(row, "a", mean=middle, sd=own, n=25)
        measurement = MeasurementDraft(row, "pain", "made-up scale", arm_results=[result])
        spreads.add(StudyDraft(row, f"Madeup {row}", measurements=[measurement]))
    return [note.row for note in spreads.notes()]


def test_a_spread_like_a_standard_error_is_found_among_those_of_its_instrument() -> None:
    assert spread_of(2.0) == [4]
    assert spread_of(8.0) == []
    assert spread_of(0.5) == []
    assert spread_of(2.0, mean=1.0) == []  # scored another way: the mean is a fifth as well


NUMBERS = st.none() | st.floats()


@given(mean=NUMBERS, sd=NUMBERS, se=NUMBERS, low=NUMBERS, high=NUMBERS, n=st.none() | st.integers())
def test_any_numbers_can_be_looked_at(
    mean: float | None,
    sd: float | None,
    se: float | None,
    low: float | None,
    high: float | None,
    n: int | None,
) -> None:
    first = arm(mean=mean, sd=sd, se=se, n=n, ci_low=low, ci_high=high)
    other = arm("b", mean=sd, sd=mean, n=n, events=n)
    ratio = contrast("OR", estimate=mean, ci_low=low, ci_high=high, se=se, n=n)
    assert all(fate in {Fate.WARNED, Fate.REFUSED} for _, fate in told(first, other, ratio))
