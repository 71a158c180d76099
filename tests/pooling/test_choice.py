"""Which of a trial's effects enters, and for what the others give way."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.pooling.options import RULES, PoolOptions
from kb.pooling.selecting.arms import Arm, Comparison
from kb.pooling.selecting.candidates import MEASURES_OF, Candidate, Measured
from kb.pooling.selecting.choice import choose, in_words, preferences
from kb.pooling.selecting.variances import Effect

TREATED = Arm("alder-1991/segt", "alder-1991", "intervention", "the group", "segt", None)
CONTROL = Arm("alder-1991/control", "alder-1991", "control", "usual care", None, "usual-care")
PLACE = Measured(
    key="alder-1991/made-up",
    study="alder-1991",
    outcome="depression",
    instrument="hads",
    detail=None,
    time=None,
    months=6,
    primary=None,
    report="alder-1991",
    published=1991,
    passage="",
    label="Alder 1991 (made up)",
    named=1991,
    design="rct",
)
ROW = {"analysis": None, "population": None, "note": None}


def effect(
    key: str,
    yi: float = 0.1,
    *,
    source: str = "means",
    row: dict[str, Any] | None = None,
    **place: Any,
) -> Effect:
    candidate = Candidate(
        key,
        source,
        MEASURES_OF.get(source, ("MD", "SMD")),
        dataclasses.replace(PLACE, **place),
        Comparison(TREATED, CONTROL),
        ({**ROW, **(row or {})},),
    )
    return Effect(candidate, yi, 0.04, "made up")


def chosen(*effects: Effect, **options: Any) -> tuple[list[str], dict[str, str]]:
    """Return the keys that enter, and why the others do not."""
    asked = PoolOptions.of(**options)

    def name_of(candidate: Candidate) -> str:
        return candidate.place.instrument or "no instrument"

    order = preferences(asked, effects, ["depression"], name_of)
    entering, losers = choose(effects, order, asked, name_of, lambda _: "lower")
    reasons = {loser.effect.candidate.key: loser.reason for loser in losers}
    return [each.candidate.key for each in entering], reasons


def left_open(*effects: Effect, better: str = "lower", **options: Any) -> tuple[float, list[float]]:
    """Return the one effect of a trial that enters, and those that the rule prefers it not to."""
    asked = PoolOptions.of(**options)
    order = preferences(asked, effects, ["depression"], lambda _: "")
    [entering], losers = choose(effects, order, asked, lambda _: "", lambda _: better)
    return entering.yi, [loser.effect.yi for loser in losers if loser.is_undecided]


def arm(key: str, yi: float, **place: Any) -> Effect:
    """Return the effect of an arm of its own name against the one control."""
    made = effect(key, yi, **place)
    comparison = Comparison(dataclasses.replace(TREATED, key=key, label=key), CONTROL)
    return dataclasses.replace(
        made, candidate=dataclasses.replace(made.candidate, comparison=comparison)
    )


@pytest.mark.parametrize(
    ("rule", "better", "worse", "reason"),
    [
        ("primary", {"primary": True}, {}, "not the trial's primary outcome"),
        ("last", {"months": 12}, {"months": 3}, "an earlier time point (3 months); 12 months"),
        ("first", {"months": 3}, {"months": 12}, "a later time point (12 months); 3 months"),
        ("computed", {}, {"source": "reported"}, "as reported; the effect computed"),
        ("reported", {"source": "reported"}, {}, "computed from what the arms showed"),
        (
            "intention-to-treat",
            {"row": {"analysis": "intention to treat"}},
            {"row": {"analysis": "per protocol"}},
            "not by intention to treat",
        ),
        (
            "newest",
            {"published": 1995, "months": 3},
            {"published": 1991},
            "from a report of 1991; that of 1995 enters",
        ),
        (
            "oldest",
            {"published": 1991, "months": 3},
            {"published": 1995},
            "from a report of 1995; that of 1991 enters",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value in RULES else "",
)
def test_each_rule_decides_where_it_comes_first(
    rule: str, better: dict[str, Any], worse: dict[str, Any], reason: str
) -> None:
    entering, reasons = chosen(effect("a", **worse), effect("b", **better), rule=[rule])
    assert entering == ["b"]
    assert reasons["a"].startswith(reason)


def test_the_common_instrument_is_that_of_most_trials() -> None:
    others = [effect(f"o{i}", study=f"other-{i}", instrument="ces-d") for i in range(2)]
    entering, reasons = chosen(effect("a"), effect("b", instrument="ces-d"), *others)
    assert "b" in entering
    assert reasons["a"] == "not on the instrument that most trials used; ces-d enters"


def test_the_whole_trial_comes_before_whatever_is_asked_for() -> None:
    subset = effect("a", row={"population": "women under 50"}, months=24)
    entering, reasons = chosen(subset, effect("b", months=3), rule=["last"])
    assert entering == ["b"]
    assert reasons["a"] == "a subset (women under 50); the whole trial enters"


def test_a_secondary_analysis_gives_way() -> None:
    entering, reasons = chosen(effect("a", row={"analysis": "secondary"}), effect("b"))
    assert entering == ["b"]
    assert reasons["a"] == "a secondary analysis; the primary one enters"


def test_reports_of_one_result_that_differ_disagree() -> None:
    older, newer = effect("a", 0.1), effect("b", 0.2, published=1995, report="alder-1995")
    assert chosen(older, newer) == (["b"], {"a": "disagrees with"})
    assert chosen(older, newer, rule=["oldest"]) == (["a"], {"b": "disagrees with"})


def test_a_result_told_twice_is_no_disagreement() -> None:
    _, reasons = chosen(effect("a"), effect("b", published=1995))
    assert reasons == {"a": "the same result, told once more"}


def test_other_outcomes_than_the_one_asked_for_give_way() -> None:
    entering, reasons = chosen(effect("a", outcome="anxiety"), effect("b"))
    assert entering == ["b"]
    assert reasons["a"].startswith("another outcome")


def test_the_rule_is_told_in_the_order_used() -> None:
    sentences = in_words(PoolOptions.of(rule=["first", "oldest"]), [])
    assert sentences[1].startswith(
        "Then come, in this order: the first time point; the oldest report; all who were"
    )
    assert sentences[2] == (
        "Where none of these decides, as between arms, the effect least in favour of the "
        "intervention enters; the verdict tells of it."
    )


@pytest.mark.parametrize(
    ("options", "resort"),
    [
        ({"rule": ["most-favourable", "first"]}, "the effect most in favour of the intervention"),
        ({"measure": "PR"}, "the smallest share"),
        ({"measure": "PR", "rule": ["most-favourable"]}, "the largest share"),
        ({"dependence": "robust"}, "the effect least in favour of the intervention"),
    ],
    ids=["most", "share", "largest-share", "dependent"],
)
def test_what_decides_at_last_is_told(options: dict[str, Any], resort: str) -> None:
    sentences = in_words(PoolOptions.of(**options), [])
    assert sentences[2].startswith("Where none of these decides")
    assert resort in sentences[2]
    assert "favour" not in sentences[1]


@given(keys=st.permutations(["art", "music", "zen"]))
def test_of_several_arms_none_enters_for_its_name(keys: list[str]) -> None:
    arms = [arm(key, yi) for key, yi in zip(keys, (-10.0, -3.0, -0.1), strict=True)]
    assert left_open(*arms) == (-0.1, [-3.0, -10.0])
    assert left_open(*arms, rule=["most-favourable"]) == (-10.0, [-3.0, -0.1])
    assert left_open(*arms, better="higher") == (-10.0, [-3.0, -0.1])


def test_the_last_resort_never_comes_before_the_rule() -> None:
    early, late = effect("a", -9.0, months=3), effect("b", -1.0, months=12)
    assert left_open(early, late, rule=["most-favourable"]) == (-1.0, [])


def test_arms_that_the_rule_tells_apart_are_decided() -> None:
    by_intention = arm("a", -9.0, row={"analysis": "intention to treat"})
    assert left_open(by_intention, arm("b", -1.0)) == (-9.0, [])


@pytest.mark.parametrize(
    "other",
    [
        {"detail": "another form", "instrument": None},
        {"instrument": "ces-d"},
        {"months": None, "time": "after treatment"},
        {"outcome": "depression-severity"},
        {},
    ],
    ids=["detail", "instrument", "time", "outcome", "same"],
)
def test_results_that_the_rule_does_not_tell_apart_are_undecided(other: dict[str, Any]) -> None:
    place = {"months": None, "instrument": other.get("instrument", "hads")}
    asked = {"outcome": other.get("outcome", "depression")}
    first = effect("a", -2.5, **{**place, **asked})
    second = effect("b", -2.0, **{**place, **asked, **other})
    if other.get("instrument") == "ces-d":
        first = effect("a", -2.5, months=None)
    assert left_open(first, second) == (-2.0, [-2.5])


def test_the_same_number_leaves_nothing_open() -> None:
    assert left_open(arm("a", -2.0), arm("b", -2.0)) == (-2.0, [])


MONTHS = st.one_of(st.none(), st.integers(0, 60))


@given(
    trials=st.lists(st.tuples(st.integers(0, 3), MONTHS, st.booleans()), min_size=1, max_size=12),
    seed=st.randoms(use_true_random=False),
)
def test_one_effect_of_each_trial_enters_whatever_the_order(
    trials: list[tuple[int, int | None, bool]], seed: Any
) -> None:
    effects = [
        effect(f"r{i}", i / 10, study=f"trial-{trial}", months=months, primary=primary)
        for i, (trial, months, primary) in enumerate(trials)
    ]
    entering, reasons = chosen(*effects)
    shuffled = list(effects)
    seed.shuffle(shuffled)
    again, reasons_again = chosen(*shuffled)
    assert sorted(entering) == sorted(again)
    assert reasons == reasons_again
    assert len(entering) == len({trial for trial, _, _ in trials})
    assert len(entering) + len(reasons) == len(effects)
