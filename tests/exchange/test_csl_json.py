"""CSL-JSON of reference managers, and items of Crossref."""

import json
from pathlib import Path
from typing import Any

import pytest

from kb.exchange.drafts import Fate, Reading, ReportDraft
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers import csl_json

FILE = Path(__file__).parent / "files" / "citations" / "manager.json"


def read(path: Path) -> Reading:
    return csl_json.read(open_file(path), {})


def read_text(tmp_path: Path, text: str) -> Reading:
    path = tmp_path / "references.json"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_an_item_gives_every_field_that_a_report_has() -> None:
    assert read(FILE).reports[0] == ReportDraft(
        row=1,
        name="puhan2008",
        title="The minimal important difference of the hospital anxiety and depression scale",
        authors="Puhan MA, van der Berg AM, King ML Jr, A made-up study group",
        container="Health Qual Life Outcomes",
        year=2008,
        volume="6",
        pages="46",
        doi="10.1186/1477-7525-6-46",
        pmid="18597689",
        pmcid="PMC2459149",
        note="Read for its estimate.",
    )


def test_a_date_in_words_gives_its_year() -> None:
    assert read(FILE).reports[1].year == 1999


def test_every_item_is_a_draft_or_refused() -> None:
    reading = read(FILE)
    refused = [(note.row, note.rule) for note in reading.notes if note.fate == Fate.REFUSED]

    assert reading.rows == 4
    assert refused == [(3, "no title"), (4, "no item")]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "book", "title": "A"},
        {"items": [{"type": "book", "title": "A"}]},
        {"message": {"items": [{"type": "monograph", "title": ["A"]}]}},
        {"message": {"type": "monograph", "title": ["A"]}},
    ],
    ids=["item", "items", "crossref-list", "crossref-item"],
)
def test_items_are_found_however_they_are_wrapped(document: Any, tmp_path: Path) -> None:
    (report,) = read_text(tmp_path, json.dumps(document)).reports

    assert (report.kind, report.title) == ("book", "A")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 5_000 + "]" * 5_000, "nested more than 64 deep"),
        ('{"a":' * 100_000, "nested more than 64 deep"),
        ("[" * 70 + "]" * 70, "nested more than 64 deep"),
        ("[" + "9" * 5_000 + "]", "too many digits"),
        ('[{"title": ', "is not JSON"),
        ('{"a": 1}', "holds no items"),
    ],
    ids=["deep", "deep-and-open", "just-too-deep", "digits", "broken", "other"],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    text: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(FileProblem, match=problem):
        read_text(tmp_path, text)
