"""What numbers suggest: each sentence has its numbers, and none is a rating."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb.base import Base
from kb.certainty.suggestions import (
    CONSIDER,
    NO_REASON,
    UNTOLD,
    Evidence,
    Suggestion,
    information_size,
    suggestions,
)
from kb.certainty.summary_of_findings import summary_of_findings
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool_table

LEVELS = {"high", "moderate", "low", "very low"}


def evidence(tmp_path: Path, effects: list[tuple[float, float]], **given: Any) -> Evidence:
    """Return what suggestions go by, of made-up log odds ratios and their variances."""
    path = tmp_path / "made_up.csv"
    lines = [f"Made up {i},{yi},{vi}" for i, (yi, vi) in enumerate(effects)]
    path.write_text("\n".join(["label,yi,vi", *lines]), encoding="utf-8")
    answer = pool_table(path, PoolOptions.of(measure=given.pop("measure", "OR")))
    assert answer.analysis is not None
    back = answer.analysis.back
    known: dict[str, Any] = {
        "effect": (back["estimate"], back["ci_low"], back["ci_high"]),
        "participants": None,
        "risks": [],
        "important": [],
        "trials": {entry.study: entry.label for entry in answer.entries},
        "bias": {},
    }
    return Evidence(answer=answer, **{**known, **given})


def on(domain: str, found: Evidence) -> Suggestion:
    return next(each for each in suggestions(found) if each.domain == domain)


def test_domains_come_in_the_order_of_grade_without_indirectness(tmp_path: Path) -> None:
    found = suggestions(evidence(tmp_path, [(0.1, 0.1), (0.2, 0.1)]))

    assert [each.domain for each in found] == [
        "risk of bias",
        "inconsistency",
        "imprecision",
        "publication bias",
    ]


def test_information_size_by_hand() -> None:
    """(1.95996 + 0.84162)² (0.2 0.8 + 0.15 0.85) / 0.05² = 902.6 for each arm."""
    assert information_size(0.2) == 2 * 903


@pytest.mark.parametrize(
    ("effects", "suggests", "words"),
    [
        ([(0.0, 0.5)] * 4, CONSIDER, "includes no effect (1); it reaches beyond 0.75 and 1.25"),
        ([(0.0, 0.01)] * 4, UNTOLD, "includes no effect (1); it stays between 0.75 and 1.25"),
        ([(-0.9, 0.01)] * 4, NO_REASON, "excludes no effect (1); it reaches beyond 0.75"),
        ([(-0.2, 0.002)] * 4, NO_REASON, "excludes no effect (1); it stays between"),
    ],
)
def test_imprecision_of_a_ratio(
    effects: list[tuple[float, float]], suggests: str, words: str, tmp_path: Path
) -> None:
    found = on("imprecision", evidence(tmp_path, effects))

    assert found.suggests == suggests
    assert words in found.because
    assert "not computed, for no baseline risk is stated" in found.because


def test_too_few_participants_are_imprecise_although_the_interval_excludes_no_effect(
    tmp_path: Path,
) -> None:
    precise = [(-0.9, 0.01)] * 4
    few = evidence(tmp_path, precise, participants=1805, risks=[(0.2, "made up")])

    assert on("imprecision", few).suggests == CONSIDER
    assert "1,805 participants" in on("imprecision", few).because
    assert "1,806 at a baseline risk of 20%, assuming a relative" in on("imprecision", few).because
    assert on("imprecision", replace(few, participants=1806)).suggests == NO_REASON
    assert "not known of every trial" in on("imprecision", replace(few, participants=None)).because


def important(least: float) -> Mapping[str, Any]:
    return {"value_low": least, "unit": "points", "population": "people made up"}


@pytest.mark.parametrize(
    ("mean", "differences", "suggests", "words"),
    [
        (-2.0, [important(2.0)], CONSIDER, "excludes no effect (0); it includes 2 (points), which"),
        (0.0, [important(0.5)], CONSIDER, "includes no effect (0); it includes 0.5 (points),"),
        (0.0, [important(5.0)], UNTOLD, "it includes no difference that matters: 5 (points)"),
        (-9.0, [important(5.0)], NO_REASON, "it includes no difference that matters: 5 (points)"),
        (0.0, [], CONSIDER, "no minimal important difference in the store is on its scale"),
        (-9.0, [], NO_REASON, "no minimal important difference in the store is on its scale"),
    ],
)
def test_imprecision_of_a_difference(
    mean: float,
    differences: list[Mapping[str, Any]],
    suggests: str,
    words: str,
    tmp_path: Path,
) -> None:
    of_means = evidence(tmp_path, [(mean, 1.0)] * 4, measure="MD", important=differences)
    found = on("imprecision", of_means)

    assert (found.suggests, words in found.because) == (suggests, True)
    assert "for it is no effect on events" in found.because


@pytest.mark.parametrize(
    ("effects", "suggests", "words"),
    [
        ([(0.1, 0.1), (0.1, 0.1)], UNTOLD, "I² is 0% in 2 effects; so few trials hardly tell"),
        ([(0.1, 0.1)] * 4, NO_REASON, "I² is 0% in 4 effects."),
        ([(-2.0, 0.01), (2.0, 0.01)] * 2, CONSIDER, "I² is 100% in 4 effects"),
        ([(-2.0, 0.01), (2.0, 0.01)], CONSIDER, "I² is 100% in 2 effects; so few trials"),
    ],
)
def test_inconsistency_by_i2(
    effects: list[tuple[float, float]], suggests: str, words: str, tmp_path: Path
) -> None:
    found = on("inconsistency", evidence(tmp_path, effects))

    assert (found.suggests, words in found.because) == (suggests, True)


def test_inconsistency_by_a_prediction_interval_that_holds_no_effect(tmp_path: Path) -> None:
    mild = [(-0.05, 0.06), (-0.65, 0.06)] * 3
    found = on("inconsistency", evidence(tmp_path, mild))

    assert found.suggests == CONSIDER
    assert "I² is 44% in 6 effects" in found.because
    assert "the prediction interval includes no effect and the confidence" in found.because


@pytest.mark.parametrize(
    ("bias", "suggests", "words"),
    [
        ({}, UNTOLD, "There is no judgement in the store."),
        ({"Made up 0": ["low"]}, UNTOLD, "1 of 2 trials judged; judgements by domain: low 1."),
        ({"Made up 0": ["low"], "Made up 1": ["low", "low"]}, NO_REASON, "low 3."),
        ({"Made up 0": ["low"], "Made up 1": ["some concerns"]}, UNTOLD, "some concerns 1."),
        ({"Made up 0": ["low", "High risk"]}, CONSIDER, "High risk 1, low 1."),
    ],
)
def test_risk_of_bias(
    bias: Mapping[str, list[str]], suggests: str, words: str, tmp_path: Path
) -> None:
    found = on("risk of bias", evidence(tmp_path, [(0.1, 0.1), (0.2, 0.1)], bias=bias))

    assert (found.suggests, words in found.because) == (suggests, True)


def test_fewer_than_ten_trials_tell_nothing_of_publication_bias(tmp_path: Path) -> None:
    nine = on("publication bias", evidence(tmp_path, [(0.1, 0.1)] * 9))

    assert (nine.suggests, nine.because) == (UNTOLD, "9 trials, fewer than ten.")


def test_ten_trials_are_tested_for_small_study_effects(tmp_path: Path) -> None:
    even = [(0.1 * (-1) ** i, 0.01 * (i + 1)) for i in range(10)]
    skewed = [(2 * (0.01 * (i + 1)) ** 0.5 + 0.01 * (-1) ** i, 0.01 * (i + 1)) for i in range(10)]

    assert on("publication bias", evidence(tmp_path, even)).suggests == NO_REASON
    found = on("publication bias", evidence(tmp_path, skewed))
    assert found.suggests == CONSIDER
    assert "Egger's test on 10 trials: p <" in found.because
    alike = on("publication bias", evidence(tmp_path, [(0.1, 0.1)] * 10))
    assert (alike.suggests, "cannot be made" in alike.because) == (UNTOLD, True)


def test_nothing_is_suggested_of_an_interval_that_is_not_there(tmp_path: Path) -> None:
    none = evidence(tmp_path, [(0.1, 0.1)], effect=None)

    assert {each.suggests for each in suggestions(none)} == {UNTOLD}
    assert on("inconsistency", none).because == "It takes two trials or more."
    assert "no interval" in on("imprecision", none).because


def test_no_suggestion_is_a_level_of_certainty(base: Base) -> None:
    found = summary_of_findings(base, base.question("results"), PoolOptions.of(), ["20%"])
    made = [each for row in found.rows for each in row.suggestions]

    assert len(made) == 4 * len(found.rows)
    assert {each.suggests for each in made} <= {CONSIDER, NO_REASON, UNTOLD}
    assert not LEVELS & {each.suggests for each in made}
    assert all(each.because.endswith(".") for each in made)
