"""Which end of an outcome is better, said in a file of words. All evidence here is made up."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from kb.exchange.importing import Import, bring, preview
from kb.exchange.words import WordProblems, words_file
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.store.opening import open_base
from tests.exchange.import_files import ROW, database, order, rows_of

EVENT = "Free of pain at the end"
SCORES = {"mean_arm1": "NA", "mean_arm2": "NA", "sd_arm1": "NA", "sd_arm2": "NA"}
EVENTS = {
    "dich_type": EVENT,
    "event_arm1": "12",
    "totaln_arm1": "30",
    "event_arm2": "5",
    "totaln_arm2": "31",
}
ROWS = (
    ROW,
    ROW | SCORES | EVENTS,
    ROW | SCORES | EVENTS | {"study": "Invented, 2012", "year": "2012", "event_arm2": "4"},
)


def words_in(folder: Path, text: str) -> Path:
    path = folder / "words.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def ordered(folder: Path, words: str = "") -> Import:
    said = words_in(folder, words) if words else None
    return order(database(folder, *ROWS), words=said, accept=True, better="lower")


def test_events_without_a_better_end_are_counted_by_their_outcome(
    evidence: Engine, tmp_path: Path
) -> None:
    found = preview(evidence, ordered(tmp_path))

    assert found.undirected == {EVENT: 2}
    assert found.as_dict()["better_end_unknown"] == 2
    assert found.as_dict()["better_end_unknown_by_outcome"] == {EVENT: 2}


@pytest.mark.parametrize("end", ["higher", "lower"])
def test_what_a_person_says_of_an_outcome_is_said_of_its_results(
    end: str, evidence: Engine, tmp_path: Path
) -> None:
    done = bring(evidence, ordered(tmp_path, f"better:\n  {EVENT}: {end}\n"))
    results = rows_of(evidence, "arm_result").values()

    assert (done.undirected, done.ends) == ({}, {EVENT: end})
    assert {row["better"] for row in results if row["events"] is not None} == {end}
    assert end not in {row["better"] for row in results if row["mean"] is not None}


def test_it_is_said_after_an_import_too_and_then_pooled(evidence: Engine, tmp_path: Path) -> None:
    bring(evidence, ordered(tmp_path))
    terms = rows_of(evidence, "outcome")
    location = str(evidence.url.database)
    with open_base(location) as base:
        question = base.question("results", outcome="free-of-pain-at-the-end")
        silent = pool(base, question, PoolOptions.of(measure="OR"))
    again = bring(evidence, ordered(tmp_path, f"better:\n  {EVENT}: higher\n"))
    with open_base(location) as base:
        told = pool(base, question, PoolOptions.of(measure="OR"))

    assert silent.selection.k == 0
    assert all("kb import --words" in each.reason for each in silent.selection.set_aside)
    assert again.records["arm_result"].changed == 4
    assert rows_of(evidence, "outcome") == terms
    assert not terms["free-of-pain-at-the-end"]["verified"]
    assert told.selection.k == 2
    assert all(entry.yi > 0 for entry in told.entries)


def test_it_goes_before_what_is_said_of_all(evidence: Engine, tmp_path: Path) -> None:
    done = bring(evidence, ordered(tmp_path, "better:\n  pain: higher\n"))
    results = rows_of(evidence, "arm_result").items()
    scores = [row for key, row in results if key.startswith("madeup-2011/") and row["mean"]]

    assert [row["better"] for row in scores] == ["higher", "higher"]
    assert "direction against the text" in {note.rule for note in done.notes}


def test_the_file_of_words_lists_the_outcomes_and_keeps_what_was_said(
    evidence: Engine, tmp_path: Path
) -> None:
    found = preview(evidence, ordered(tmp_path))
    asked = words_file((), "made-up.csv", dict.fromkeys(found.undirected))
    assert asked.endswith(f'better:\n  "{EVENT}":\n')

    said = asked.replace(f'"{EVENT}":', f'"{EVENT}": higher')
    found = preview(evidence, ordered(tmp_path, said))
    assert words_file((), "made-up.csv", found.ends) == said


def test_an_end_is_higher_or_lower(evidence: Engine, tmp_path: Path) -> None:
    with pytest.raises(WordProblems) as refused:
        preview(evidence, ordered(tmp_path, f"better:\n  {EVENT}: hihger\n  Other: new\n"))

    must = "must be higher or lower;"
    assert [str(problem) for problem in refused.value.problems] == [
        f"words.yaml:2: better.'{EVENT}': {must} found 'hihger'. Nearest: higher.",
        f"words.yaml:3: better.'Other': {must} found 'new'.",
    ]
