"""Judgements come to the columns of robvis in the order of its tools, verbatim. All made up."""

import csv
import io

import pytest

from kb.errors import KbError
from kb.exchange.writers.robvis import Judged, write

ROB2 = {
    "Bias arising from the randomisation process": "Low",
    "Bias due to deviations from intended interventions": "Some concerns",
    "Bias due to missing outcome data": "High",
    "Bias in measurement of the outcome": "Low",
    "Bias in selection of the reported result": "No information",
    "Overall": "High",
}
ROBINS = {
    "Bias due to confounding": "Serious",
    "Bias in selection of participants into the study": "Low",
    "Bias in classification of interventions": "Moderate",
    "Bias due to deviations from intended interventions": "Low",
    "Bias due to missing data": "Critical",
    "Bias in measurement of outcomes": "Low",
    "Bias in selection of the reported result": "Moderate",
    "Overall bias": "Critical",
}


def judged(
    domains: dict[str, str],
    tool: str,
    study: str = "Made up",
    assessor: str = "A",
    result: str = "",
) -> list[Judged]:
    return [
        Judged(study, result or None, tool, assessor, domain, judgement)
        for domain, judgement in domains.items()
    ]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rob_2_comes_in_its_order_whatever_order_it_is_stored_in() -> None:
    text, rows, tool = write(list(reversed(judged(ROB2, "RoB 2"))), None)

    assert text.splitlines()[0] == "Study,D1,D2,D3,D4,D5,Overall,Weight"
    assert table(text)[0] == {
        "Study": "Made up",
        **dict(zip(("D1", "D2", "D3", "D4", "D5", "Overall"), ROB2.values(), strict=True)),
        "Weight": "1",
    }
    assert (rows, tool) == (1, "ROB2")


def test_robins_i_comes_in_its_order() -> None:
    text, _, tool = write(judged(ROBINS, "ROBINS-I"), None)

    assert text.splitlines()[0] == "Study,D1,D2,D3,D4,D5,D6,D7,Overall,Weight"
    assert list(table(text)[0].values())[1:-1] == list(ROBINS.values())
    assert tool == "ROBINS-I"


def test_domains_of_rob_1_keep_their_names() -> None:
    domains = {"Allocation concealment": "Unclear risk", "Overall": "High risk"}
    text, _, tool = write(judged(domains, "RoB 1"), None)

    assert text.splitlines()[0] == "Study,Allocation concealment,Overall,Weight"
    assert tool == "ROB1"


def test_a_domain_may_be_named_by_its_number() -> None:
    text, _, _ = write(judged({"D2": "High", "D5 reporting": "Low"}, "RoB 2"), None)

    assert table(text)[0]["D2"] == "High"
    assert table(text)[0]["D5"] == "Low"


def test_what_was_not_judged_is_not_known() -> None:
    text, _, _ = write(judged({"Bias due to missing outcome data": "Low"}, "RoB 2"), None)

    assert list(table(text)[0].values()) == ["Made up", "NA", "NA", "Low", "NA", "NA", "NA", "1"]


def test_assessments_by_others_and_of_single_results_are_rows_of_their_own() -> None:
    rows = [
        *judged(ROB2, "RoB 2"),
        *judged(ROB2, "RoB 2", assessor="B"),
        *judged(ROB2, "RoB 2", result="made-up/mood"),
    ]
    text, number, _ = write(rows, None)

    assert [row["Study"] for row in table(text)] == [
        "Made up (A)",
        "Made up (B)",
        "Made up (mood, A)",
    ]
    assert number == 3


def test_one_of_several_tools_is_chosen_by_name() -> None:
    both = [*judged(ROB2, "RoB 2"), *judged(ROBINS, "ROBINS-I")]
    with pytest.raises(KbError, match=r"several tools: ROBINS-I, RoB 2"):
        write(both, None)
    with pytest.raises(KbError, match="No judgement was made with RoB 1"):
        write(both, "RoB 1")

    assert write(both, "RoB 2")[2] == "ROB2"


def test_nothing_is_written_without_judgements() -> None:
    with pytest.raises(KbError, match="No judgements on risk of bias are stored"):
        write([], None)


def test_a_domain_that_the_tool_does_not_have_is_told() -> None:
    with pytest.raises(KbError, match="RoB 2 has no domain 'Funding'"):
        write(judged({"Funding": "Low"}, "RoB 2"), None)
