"""The multiverse: every specification is what `kb pool` gives, once, and choices are compared."""

import json
from pathlib import Path
from typing import Any

import pytest

from kb.base import Base
from kb.errors import KbError
from kb.pooling.multiverses.curves import Made, curve_of
from kb.pooling.multiverses.multiverse import MultiverseAnswer, explore, explore_table
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool, pool_table
from kb.synthesis.effects import Effects
from kb.synthesis.estimates import wald
from kb.synthesis.measures import MEASURES
from kb.synthesis.sensitivity.multiverse import Specification

DATA = Path(__file__).parents[1] / "reference" / "data"
BCG = DATA / "colditz1994.csv"
TABLES = ("colditz1994", "normand1999", "hart1999", "nielweise2007", "edge_zero_cells")


def of_table(path: Path, **options: Any) -> MultiverseAnswer:
    return explore_table(path, PoolOptions.of(**options), set(options))


def combinations(found: MultiverseAnswer) -> list[tuple[str, str, str, str]]:
    return [
        (one.measure, one.method, one.test, one.rule) for one in found.multiverse.specifications
    ]


@pytest.mark.parametrize("name", TABLES)
def test_every_specification_is_what_kb_pool_gives(name: str) -> None:
    path = DATA / f"{name}.csv"
    found = of_table(path)

    assert found.multiverse.specifications
    for one in found.multiverse.specifications:
        result = pool_table(path, found.options_of(one)).as_dict()["result"]
        told = found.row(one)
        for number in ("estimate", "ci_low", "ci_high", "se", "p", "pi_low", "pi_high", "i2"):
            expected = result[number] if result[number] is None else pytest.approx(result[number])
            assert told[number] == expected, (one, number)
        assert (told["k"], told["method"]) == (result["k"], result["method"])


def test_no_specification_counts_twice() -> None:
    found = combinations(of_table(BCG))

    assert len(set(found)) == len(found)


def test_measures_are_never_mixed_on_a_curve() -> None:
    found = of_table(BCG)

    assert [curve.measure.code for curve in found.curves] == ["OR", "RR", "RD"]
    for curve in found.curves:
        estimates = [one.estimate.estimate for one in curve.specifications]
        assert estimates == sorted(estimates)
        assert {one.measure for one in curve.specifications} == {curve.measure.code}


def test_methods_for_counts_need_counts_and_their_measure() -> None:
    counted = {
        (m, method) for m, method, *_ in combinations(of_table(BCG)) if method in {"MH", "PETO"}
    }
    means = combinations(of_table(DATA / "normand1999.csv"))

    assert counted == {("OR", "MH"), ("OR", "PETO"), ("RR", "MH"), ("RD", "MH")}
    assert not {"MH", "PETO"} & {method for _, method, *_ in means}


def test_effects_that_are_given_have_one_curve() -> None:
    found = of_table(DATA / "konstantopoulos2011.csv")

    assert [curve.measure.code for curve in found.curves] == ["GEN"]
    assert len(found.multiverse.specifications) == 10


@pytest.mark.parametrize(
    ("held", "kept"),
    [
        ({"measure": "RR"}, {("RR", method) for method in ("EE", "DL", "PM", "REML", "MH")}),
        ({"measure": "OR", "method": "SJ"}, {("OR", "SJ")}),
        ({"measure": "OR", "method": "PETO"}, {("OR", "PETO")}),
        ({"measure": "PETO", "model": "common"}, {("PETO", "EE")}),
        ({"measure": "PETO", "method": "PETO"}, {("PETO", "PETO")}),
        ({"measure": "OR", "model": "common"}, {("OR", "EE"), ("OR", "MH"), ("OR", "PETO")}),
        ({"measure": "RD", "model": "random"}, {("RD", "DL"), ("RD", "PM"), ("RD", "REML")}),
    ],
    ids=["measure", "method", "method-for-counts", "peto-twice", "peto", "common", "random"],
)
def test_what_is_named_does_not_vary(held: dict[str, str], kept: set[tuple[str, str]]) -> None:
    found = combinations(of_table(BCG, **held))

    assert {(measure, method) for measure, method, *_ in found} == kept


def test_a_test_that_is_named_does_not_vary() -> None:
    found = combinations(of_table(BCG, measure="RR", test="knha"))

    assert {(method, test) for _, method, test, _ in found} == {
        ("DL", "knha"),
        ("PM", "knha"),
        ("REML", "knha"),
    }


def test_the_level_is_that_of_all_intervals() -> None:
    found = of_table(BCG, measure="RR", level=80)

    assert {one.estimate.level for one in found.multiverse.specifications} == {0.8}


@pytest.mark.parametrize(
    "options", [{"dependence": "robust"}, {"subgroup": "alloc"}, {"moderators": ["ablat"]}], ids=str
)
def test_what_a_multiverse_has_no_place_for_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(KbError, match="multiverse") as refused:
        of_table(BCG, measure="RR", **options)

    assert refused.value.remedy


def test_one_study_has_no_specification() -> None:
    found = of_table(DATA / "edge_k1.csv")

    assert (found.multiverse.specifications, found.curves) == ((), ())
    assert [one.reason for one in found.multiverse.skipped] == [
        "fewer than two trials have such an effect"
    ]
    assert found.as_dict()["count"] == 0


@pytest.mark.parametrize("name", [*TABLES, "edge_identical", "edge_tiny_scale", "edge_k2"])
def test_json_never_holds_nan(name: str) -> None:
    found = of_table(DATA / f"{name}.csv").as_dict()

    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_summary_of_a_curve_is_that_of_its_specifications() -> None:
    [curve] = of_table(BCG, measure="RR").curves
    told = curve.as_dict()

    assert told["specifications"] == 11
    assert told["excluding_null"] == 11
    assert told["back"]["low"] == pytest.approx(0.4892, abs=1e-4)
    assert told["back"]["high"] == pytest.approx(0.6503, abs=1e-4)
    assert told["matters_most"] == "model"
    [interval] = [choice for choice in told["choices"] if choice["choice"] == "interval"]
    assert interval["change"] == 0


def specification(estimate: float, rule: str) -> Specification:
    return Specification("SMD", "EE", "z", rule, 2, wald(estimate, 0.1), None, 0.0, 0.0)


TWO, THREE = frozenset("ab"), frozenset("abc")


def test_choices_are_compared_where_all_else_is_equal() -> None:
    """Adjusted effects are those of fewer trials, which moves the estimates most."""
    effects = Effects.of([0.0, 0.1], [0.1, 0.1], measure=MEASURES["SMD"])
    made = [
        Made(specification(-0.5, "by default"), TWO, [{"covariates": "no", "times": "left out"}]),
        Made(specification(-0.9, "times"), THREE, [{"covariates": "no", "times": "in"}]),
        Made(
            specification(-0.4, "adjusted"),
            TWO,
            [{"covariates": "yes", "times": "left out"}, {"covariates": "yes", "times": "in"}],
        ),
        Made(specification(-0.7, "apart"), TWO, [{"covariates": "no", "times": "last"}]),
    ]

    curve = curve_of(effects, tuple(each.specification for each in made), made)
    covariates, times = curve.choices

    [change] = covariates.changes
    assert change.pairs == ((-0.5, -0.4), (-0.9, -0.4))
    assert change.median == pytest.approx(0.3)
    assert change.largest == (-0.9, -0.4)
    assert change.trials == ((3, 2),)
    assert [each.specifications for each in covariates.decisions] == [3, 1]
    assert [each.excluding for each in covariates.decisions] == [3, 1]
    assert [each.change for each in covariates.decisions] == [None, change]
    changes = {(each.before, each.after): each for each in times.changes}
    assert changes["left out", "in"].pairs == ((-0.5, -0.9), (-0.4, -0.4))
    assert changes["left out", "in"].median == pytest.approx(-0.2)
    assert changes["left out", "last"].pairs == ((-0.5, -0.7),)
    assert changes["left out", "last"].trials == ()
    assert covariates.change == pytest.approx(0.3)
    assert curve.decisive is covariates


def test_a_pair_of_specifications_counts_once_however_many_ways_lead_to_it() -> None:
    effects = Effects.of([0.0, 0.1], [0.1, 0.1], measure=MEASURES["SMD"])
    made = [
        Made(
            specification(estimate, covariates),
            TWO,
            [{"covariates": covariates, "time point": time} for time in ("last", "first")],
        )
        for estimate, covariates in ((-0.5, "no"), (-0.4, "yes"))
    ]

    curve = curve_of(effects, tuple(each.specification for each in made), made)

    [change] = curve.choices[0].changes
    assert change.pairs == ((-0.5, -0.4),)


def test_a_choice_that_changes_nothing_does_not_matter() -> None:
    effects = Effects.of([0.0, 0.1], [0.1, 0.1], measure=MEASURES["SMD"])
    one = specification(0.2, "by default")
    made = [Made(one, TWO, [{"time point": "last"}, {"time point": "first"}])]

    curve = curve_of(effects, (one,), made)

    assert [each.specifications for each in curve.choices[0].decisions] == [1, 1]
    assert curve.choices[0].changes[0].pairs == ((0.2, 0.2),)
    assert curve.decisive is None


def test_sums_without_an_estimate_are_skipped_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv"
    path.write_text("slab,ai,n1i,ci,n2i\nA (made up),1,2,0,3\nB (made up),3,4,0,5\n")
    found = of_table(path, measure="OR")

    assert found.multiverse.specifications
    [skipped] = [one for one in found.multiverse.skipped if one.method == "MH"]
    assert skipped.reason.startswith("There is no pooled odds ratio")


def of_store(base: Base, outcome: str, **options: Any) -> MultiverseAnswer:
    question = base.question("results", outcome=outcome)
    return explore(base, question, PoolOptions.of(**options), set(options))


@pytest.mark.parametrize("outcome", ["depression", "survival", "suicidal-ideation"])
def test_every_specification_of_the_store_is_what_kb_pool_gives(
    made_up: Base, outcome: str
) -> None:
    found = of_store(made_up, outcome)
    question = made_up.question("results", outcome=outcome)

    assert found.multiverse.specifications
    for one in found.multiverse.specifications[::4]:
        answer = pool(made_up, question, found.options_of(one))
        told, result = found.row(one), answer.as_dict()["result"]
        for number in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
            expected = result[number] if result[number] is None else pytest.approx(result[number])
            assert told[number] == expected, (one, number)
        assert told["command"] == answer.command()


def test_a_trial_enters_once_in_each_specification(made_up: Base) -> None:
    for chosen in of_store(made_up, "depression").chosen:
        studies = [entry.study for entry in chosen.selection.entries]
        assert len(set(studies)) == len(studies)


def test_the_same_effects_count_once_however_they_are_chosen(made_up: Base) -> None:
    found = of_store(made_up, "survival", measure="HR")
    effects = [
        tuple((entry.label, entry.yi, entry.vi) for entry in chosen.selection.entries)
        for chosen in found.chosen
    ]

    assert len(set(effects)) == len(effects)
    assert found.same == sum(len(chosen.ways) for chosen in found.chosen) - len(effects) > 0


def test_the_choice_of_time_point_is_compared(made_up: Base) -> None:
    found = of_store(made_up, "depression", measure="MD", include=["subsets"])
    [curve] = found.curves
    names = [choice.name for choice in curve.choices]
    time = curve.choices[names.index("time point")]

    assert curve.decisive is time
    assert [each.decision for each in time.decisions] == ["last time point", "first time point"]
    assert time.change > 0.1
    assert {one.rule for one in found.multiverse.specifications} == {
        "by default",
        "first time point",
    }


def test_the_choice_of_arm_is_compared_where_the_rule_leaves_it_open(made_up: Base) -> None:
    found = of_store(made_up, "pain", measure="MD")
    [curve] = found.as_dict()["curves"]
    [arm] = [one for one in curve["choices"] if one["choice"] == "undecided arm or result"]
    default, other = arm["decisions"]

    assert default["decision"] == "least favourable where undecided"
    assert other["decision"] == "most favourable where undecided"
    assert other["against_first"]["median_change"] < 0
    commands = [one["command"] for one in found.as_dict()["specifications"]]
    assert any(command.endswith("--rule most-favourable") for command in commands)


@pytest.mark.parametrize(
    ("outcome", "options"),
    [("depression", {}), ("pain", {"rule": ["least-favourable"]})],
    ids=["decided", "held"],
)
def test_what_is_decided_or_held_is_no_choice_of_arm(
    made_up: Base, outcome: str, options: dict[str, Any]
) -> None:
    found = of_store(made_up, outcome, **options)

    names = {choice.name for curve in found.curves for choice in curve.choices}
    assert "undecided arm or result" not in names


def test_ways_without_two_trials_are_skipped_with_the_reason(made_up: Base) -> None:
    found = of_store(made_up, "survival")

    skipped = {(one.measure, one.reason) for one in found.multiverse.skipped}
    assert ("OR", "fewer than two trials have such an effect") in skipped


def test_an_outcome_with_one_trial_has_no_specification(made_up: Base) -> None:
    found = of_store(made_up, "sleep")

    assert found.multiverse.specifications == ()
    assert found.notes == ("No choice gives a pooled effect; see the verdict.",)
