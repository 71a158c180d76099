"""Records that a program gives: the short way to rows ends where that of seed files does."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.curation import given as short
from kb.curation.gathering import gather_document
from kb.curation.given import Given, gather_given, located
from kb.curation.rows import Gathered

FILE = "made-up.csv"
ROW = {"report": "file-made-up", "locator": "row 2", "seen": "data-file", "quote": "n=3 mean=2.5"}
OTHER = ROW | {"locator": "row 3", "quote": "n=4"}
PASSAGE = Given(ROW, 2)
DOCUMENT: dict[str, Any] = {
    "reports": [{"key": "made-up.report", "kind": "dataset", "title": "Made up", "year": 2001}],
    "derivations": [Given({"key": "made-up.d", "formula": "made up", "inputs": "n=3"}, 2)],
    "study": {
        "key": "made-up-2001",
        "label": "Made up 2001",
        "title": None,
        "year": 2001,
        "design": "rct",
        "passage": PASSAGE,
        "reports": [{"report": "made-up.report", "role": "primary"}],
        "countries": [{"country": "canada", "passage": PASSAGE}],
        "interventions": [
            Given(
                {
                    "key": "made-up.segt",
                    "name": "SEGT",
                    "sessions_low": 8,
                    "weeks": 8.5,
                    "passage": PASSAGE,
                    "approaches": [{"approach": "segt", "passage": PASSAGE}],
                },
                3,
            )
        ],
        "arms": [
            Given(
                {
                    "key": "made-up.segt",
                    "label": "SEGT",
                    "role": "intervention",
                    "intervention": "made-up.segt",
                    "passage": PASSAGE,
                },
                3,
            ),
        ],
        "measurements": [
            Given(
                {
                    "key": "made-up.pain",
                    "report": "made-up.report",
                    "outcome": "pain",
                    "instrument": "vas",
                    "months": 6,
                    "passage": PASSAGE,
                    "arm_results": [
                        Given(
                            {
                                "key": "segt",
                                "arm": "made-up.segt",
                                "n": 3,
                                "mean": 2.5,
                                "sd": float("nan"),
                                "note": "  in   spaces ",
                                "passage": PASSAGE,
                                "further_passages": [Given(OTHER, 3)],
                            },
                            2,
                        )
                    ],
                    "contrasts": [],
                },
                2,
            )
        ],
    },
}
"""A made-up document that is fit but for the records that it names elsewhere."""

ODD: tuple[Any, ...] = (
    *(None, "", " ", [], {}, True, 0, -1, 3, 2**31, 2.0, 2.5, float("nan"), float("inf")),
    *("rct", "7", "two words", "Capital", "a/b", "line\nfeed", "\x07bell", "word " * 26, ["pain"]),
    *([{"key": "a"}, {"key": "a"}], [PASSAGE], {"report": "r"}, PASSAGE, Given({}, 9)),
)


def outcome(gathered: Gathered) -> tuple[Any, ...]:
    """Return what was gathered, in one order."""
    return gathered.rows, sorted(gathered.references), sorted(gathered.problems)


def both_ways(documents: list[dict[str, Any]]) -> tuple[Gathered, Gathered]:
    """Return what is gathered of documents on the short way, and as of seed files."""
    here, there = Gathered(), Gathered()
    for document in documents:
        gather_given(here, Given(document, 1), FILE)
        gather_document(there, located(Given(document, 1)), FILE)
    return here, there


def test_what_is_fit_goes_the_short_way_and_gives_the_rows_of_seed_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = both_ways([DOCUMENT])
    assert outcome(here) == outcome(there)
    assert not here.problems
    assert {name: len(rows) for name, rows in here.rows.items()} == {
        **dict.fromkeys(("report", "derivation", "study", "study_report", "study_country"), 1),
        **dict.fromkeys(("intervention", "intervention_approach", "arm", "measurement"), 1),
        "arm_result": 1,
        "passage": 2,
        "further_passage": 1,
    }
    monkeypatch.delattr(short, "gather_document")
    gather_given(Gathered(), Given(DOCUMENT, 1), FILE)


def test_document_that_is_given_twice_is_told_of_as_in_seed_files() -> None:
    here, there = both_ways([DOCUMENT, DOCUMENT])
    assert outcome(here) == outcome(there)
    assert "is already given" in here.problems[0].message


def test_doubtful_document_leaves_nothing_of_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short, "gather_document", lambda *_: None)
    doubtful = deepcopy(DOCUMENT)
    doubtful["study"]["measurements"][0].fields["months"] = "six"
    gathered = Gathered()
    gather_given(gathered, Given(doubtful, 1), FILE)
    assert outcome(gathered) == ({}, [], [])


def places(value: Any) -> list[tuple[dict[str, Any], str]]:
    """Return every field of a document, with the record that it is of."""
    if isinstance(value, Given):
        return places(value.fields)
    if isinstance(value, list):
        return [place for item in value for place in places(item)]
    if not isinstance(value, dict):
        return []
    own = [(value, name) for name in value]
    return [*own, *(place for part in value.values() for place in places(part))]


@settings(max_examples=400)
@given(data=st.data())
def test_whatever_stands_in_a_field_ends_as_it_would_in_a_seed_file(data: st.DataObject) -> None:
    document = deepcopy(DOCUMENT)
    for _ in range(data.draw(st.integers(1, 2))):
        found = places(document)
        record, name = found[data.draw(st.integers(0, len(found) - 1))]
        other = data.draw(st.sampled_from([name, name, "odd", "key", "passage", "note", "months"]))
        record[other] = deepcopy(data.draw(st.sampled_from(ODD)))
    here, there = both_ways([document])
    assert outcome(here) == outcome(there)
