"""What answers on the evidence shipped must say."""

import shlex
from typing import Any

import pytest
from sqlalchemy import select

from kb.answer import Answer
from kb.base import Base
from kb.store.relations import claim

MAIN = {"design": "rct", "outcome": "pain", "approach": "segt"}


def ask(base: Base, subject: str, **facets: str | list[str]) -> Answer:
    return base.answer(base.question(subject, **facets))


def keys(answer: Answer) -> list[str]:
    return [row["key"] for row in answer.rows]


def test_three_trials_measured_pain_with_segt(base: Base) -> None:
    assert keys(ask(base, "studies", **MAIN)) == ["spiegel-1981", "classen-2001", "goodwin-2001"]


def test_each_pain_measurement_says_instrument_time_direction_report_and_passage(
    base: Base,
) -> None:
    for row in ask(base, "studies", **MAIN).rows:
        assert row["measured"]
        for measured in row["measured"]:
            assert measured["instrument_name"] or measured["instrument_detail"]
            assert measured["time"]
            assert measured["findings"]
            assert measured["report"] in row["reports"]
            assert all(f["direction"] and f["passage"]["quote"] for f in measured["findings"])


@pytest.mark.parametrize(
    ("study", "report", "outcome", "directions"),
    [
        ("spiegel-1981", "spiegel-bloom-1983", "pain-intensity", {"favours-intervention"}),
        ("spiegel-1981", "spiegel-bloom-1983", "suffering", {"favours-intervention"}),
        ("spiegel-1981", "spiegel-bloom-1983", "pain-frequency", {"no-difference"}),
        ("classen-2001", "butler-2009", "pain-intensity", {"favours-intervention"}),
        ("classen-2001", "butler-2009", "pain-frequency", {"no-difference"}),
        ("goodwin-2001", "goodwin-2001", "pain", {"favours-intervention"}),
    ],
)
def test_pain_has_the_direction_that_the_abstract_reports(
    base: Base, study: str, report: str, outcome: str, directions: set[str]
) -> None:
    rows = {row["key"]: row for row in ask(base, "studies", **MAIN).rows}
    measured = [m for m in rows[study]["measured"] if m["outcome"] == outcome]

    assert {m["report"] for m in measured} == {report}
    whole = [f for m in measured for f in m["findings"] if not f["population"]]
    assert {f["direction"] for f in whole} == directions


def test_a_trial_with_many_reports_is_one_row(base: Base) -> None:
    (row,) = ask(base, "studies", study="classen-2001").rows

    assert len(row["reports"]) >= 5
    assert row["n"] == 125


def test_what_only_the_control_arm_received_is_not_what_was_studied(base: Base) -> None:
    with_approach = keys(ask(base, "studies", approach="supportive-psychotherapy"))

    assert "breitbart-2015" not in with_approach
    assert "breitbart-2015" in keys(ask(base, "studies", comparator="active-therapy"))


def test_outcome_and_instrument_are_held_to_one_measurement(base: Base) -> None:
    both = {"outcome": "pain", "instrument": "poms"}

    assert keys(ask(base, "studies", **both)) == []
    assert "goodwin-2001" in keys(ask(base, "studies", outcome="mood", instrument="poms"))


def test_a_term_finds_what_is_below_it(base: Base) -> None:
    assert "savard-2006" in keys(ask(base, "studies", approach="cbt"))
    assert "savard-2006" not in keys(ask(base, "studies", approach="cbt,!cognitive-therapy"))


def test_studies_are_left_out_by_name_where_a_value_is_not_known(base: Base) -> None:
    told = {item.what: item.reason for item in ask(base, "studies", year="1900..2100").left_out}

    assert told
    assert set(told.values()) == {"its year is not known"}


def test_an_empty_answer_says_what_was_searched_and_what_is_nearest(base: Base) -> None:
    answer = ask(base, "studies", outcome="pain", country="china")

    assert answer.rows == []
    assert "pain" in answer.notes[0]
    assert "china" in answer.notes[0]
    assert {(near.command, near.count) for near in answer.nearby} >= {
        ("kb studies --outcome pain", 3)
    }


def test_hazard_ratios_of_survival_are_those_printed(base: Base) -> None:
    rows = ask(base, "results", outcome="survival", approach="segt").rows
    ratios: dict[tuple[str, bool], tuple[Any, ...]] = {
        (row["study"], contrast["adjusted"]): tuple(
            contrast[name] for name in ("estimate", "ci_low", "ci_high")
        )
        for row in rows
        for contrast in row["contrasts"]
        if contrast["statistic"] == "HR" and not contrast["derivation_key"]
    }

    assert ratios == {
        ("goodwin-2001", False): (1.06, 0.78, 1.45),
        ("goodwin-2001", True): (1.23, 0.88, 1.72),
        ("kissane-2007", False): (0.92, 0.69, 1.26),
        ("kissane-2007", True): (1.06, 0.74, 1.51),
    }


def test_barriers_hold_what_reviews_state_unless_a_facet_of_studies_is_given(base: Base) -> None:
    everything = ask(base, "barriers")
    of_studies = ask(base, "barriers", cancer="breast")

    assert any(row["review"] for row in everything.rows)
    assert not any(row["review"] for row in of_studies.rows)
    assert "stated by reviews" in of_studies.left_out[0].reason


def test_barriers_and_facilitators_together_are_the_factors_with_a_valence(base: Base) -> None:
    barriers, facilitators = (set(keys(ask(base, s))) for s in ("barriers", "facilitators"))
    valences = {row["key"]: row["valence"] for row in ask(base, "factors").rows}

    assert barriers | facilitators == {k for k, v in valences.items() if v != "neutral"}
    assert barriers & facilitators == {k for k, v in valences.items() if v == "mixed"}


def test_an_everyday_word_may_mean_several_constructs(base: Base) -> None:
    found = {row["construct"] for row in ask(base, "factors", construct="cost").rows}

    assert {"innovation.cost", "outer-setting.financing"} <= found


def test_strategies_for_a_barrier_are_shares_of_experts_with_a_caution(base: Base) -> None:
    answer = ask(base, "strategies", construct="innovation.adaptability")
    chosen = [row for row in answer.rows if row["kind"] == "chosen by experts"]

    assert (chosen[0]["statement"], chosen[0]["endorsement_percent"]) == (
        "Promote adaptability",
        73,
    )
    assert any("not evidence that a strategy works" in note for note in answer.notes)
    assert any("Of 435 experts invited 169 answered" in note for note in answer.notes)


def test_reported_strategies_come_before_those_that_experts_chose(base: Base) -> None:
    kinds = [row["kind"] for row in ask(base, "strategies", construct="adaptability").rows]

    assert set(kinds) == {"reported", "chosen by experts"}
    assert kinds == sorted(kinds, reverse=True)


def test_the_barrier_of_cfir_1_is_led_to_its_construct_of_cfir_2(base: Base) -> None:
    answer = ask(base, "strategies", construct="individuals.characteristics.capability")
    chosen = [row for row in answer.rows if row["kind"] == "chosen by experts"]

    assert {(row["barrier"], row["construct"]) for row in chosen} == {
        ("Self-efficacy", "individuals.characteristics.capability")
    }
    assert answer.notes[-1].endswith("CFIR 2.0: Self-efficacy → Capability.")


def test_a_barrier_without_cells_takes_those_of_the_construct_above_it(base: Base) -> None:
    answer = ask(base, "strategies", construct="inner-setting.available-resources.funding")

    assert any(row["barrier"] == "Available Resources" for row in answer.rows)
    assert "shown for Available Resources" in answer.notes[0]


def test_reviews_count_what_is_confirmed_apart_from_what_is_believed(base: Base) -> None:
    (row,) = ask(base, "reviews", review="cochrane-2013").rows

    assert row["included"]["confirmed"] == 3
    assert sum(row["included"].values()) == row["included_here"] == 9
    assert {p["estimate"] for p in row["pooled"]} == {1.46, 1.03}


def test_every_claim_that_names_a_question_can_be_asked(base: Base) -> None:
    query = select(claim.question).where(claim.question.is_not(None)).distinct()
    commands = base.keys(query)

    assert len(commands) > 5
    for command in commands:
        _, subject, *flags = shlex.split(command)
        facets = dict(zip(flags[::2], flags[1::2], strict=True))
        facets.pop("--format", None)
        given = {name.removeprefix("--"): value for name, value in facets.items()}
        assert ask(base, subject, **given).question.subject == subject
