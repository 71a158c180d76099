"""An import: the same as its preview, all or nothing, once only, and taken back whole."""

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from kb.curation.undoing import undo
from kb.errors import StoreError
from kb.exchange import parts
from kb.exchange.drafts import Fate
from kb.exchange.importing import NotReady, bring, preview
from kb.exchange.preview import Preview
from tests.exchange.import_files import ROW, database, order, rows_of, state_of
from tests.exchange.small_files import SMALL

ROWS = [
    ROW,
    ROW | {"instrument": "NA", "time": "fu", "mean_arm1": "3"},
    ROW | {"study": "Invented, 2012", "year": "2012", "condition_arm1": "Made-up therapy"},
    ROW | {"study": "Fancied, 2013", "year": "2013", "n_arm1": "-4"},
    ROW | {"study": "First, 2001", "year": "2001"},
]
TABLES = ("study", "report", "arm", "intervention", "measurement", "arm_result", "participants")


def keys_of(engine: Engine) -> dict[str, set[str]]:
    return {table: set(rows_of(engine, table)) for table in TABLES}


def counts(found: Preview) -> dict[str, tuple[int, int, int]]:
    return {table: (c.new, c.changed, c.unchanged) for table, c in found.records.items()}


def test_a_preview_writes_nothing_and_tells_what_the_import_does(
    evidence: Engine, tmp_path: Path
) -> None:
    wanted = order(database(tmp_path, *ROWS), accept=True)
    before = state_of(evidence)
    shown = preview(evidence, wanted)
    assert (state_of(evidence), shown.event) == (before, None)
    done = bring(evidence, wanted, seen=shown.seen)
    assert done.event is not None
    assert counts(done) == counts(shown)
    assert (done.rows, done.refused, done.warned) == (shown.rows, shown.refused, shown.warned)
    assert (shown.rows, shown.taken, shown.refused, shown.lost) == (5, 4, {5}, 0)


def test_a_second_run_changes_nothing(evidence: Engine, tmp_path: Path) -> None:
    wanted = order(database(tmp_path, *ROWS), accept=True)
    bring(evidence, wanted)
    state = state_of(evidence)
    again = bring(evidence, wanted)
    assert (again.changes, again.event, state_of(evidence)) == (0, None, state)


def test_a_second_run_with_the_same_decisions_changes_nothing(
    evidence: Engine, tmp_path: Path
) -> None:
    words = tmp_path / "words.yaml"
    words.write_text('approach: {"Made-up therapy": new}\n', encoding="utf-8")
    wanted = order(database(tmp_path, *ROWS), words=words)
    bring(evidence, wanted)
    again = bring(evidence, wanted)
    assert (again.changes, again.event) == (0, None)


def test_an_import_is_taken_back_whole(evidence: Engine, tmp_path: Path) -> None:
    before = state_of(evidence)
    done = bring(evidence, order(database(tmp_path, *ROWS), accept=True))
    assert done.event is not None
    assert state_of(evidence) != before
    undo(evidence, done.event, apply=True)
    assert state_of(evidence) == before


def test_what_is_not_ready_leaves_the_store_as_it_was(evidence: Engine, tmp_path: Path) -> None:
    before = state_of(evidence)
    with pytest.raises(NotReady, match="1 word to decide on") as raised:
        bring(evidence, order(database(tmp_path, *ROWS)))
    assert [word.text for word in raised.value.preview.undecided] == ["Made-up therapy"]
    assert state_of(evidence) == before


def test_a_file_of_which_every_row_is_refused_is_not_imported(
    evidence: Engine, tmp_path: Path
) -> None:
    wanted = order(database(tmp_path, ROWS[3]))
    before = state_of(evidence)
    assert not preview(evidence, wanted).is_ready
    with pytest.raises(NotReady, match="has nothing that can be taken; nothing was imported"):
        bring(evidence, wanted)
    assert state_of(evidence) == before


def test_a_store_that_moved_since_the_preview_is_refused(evidence: Engine, tmp_path: Path) -> None:
    wanted = order(database(tmp_path, ROW))
    shown = preview(evidence, wanted)
    bring(evidence, order(database(tmp_path, ROW | {"study": "Other, 2012"}, name="other.csv")))
    with pytest.raises(StoreError, match="has changed since"):
        bring(evidence, wanted, seen=shown.seen)


def test_an_import_in_many_parts_is_that_in_one(
    evidence: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = order(database(tmp_path, *ROWS), accept=True)
    whole = preview(evidence, wanted)
    monkeypatch.setattr(parts, "PART", 1)
    many = bring(evidence, wanted)
    assert counts(many) == counts(whole)
    assert many.problems == []
    assert bring(evidence, wanted).changes == 0


def test_a_problem_in_the_last_part_leaves_nothing_of_the_first(
    evidence: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 1)
    before = state_of(evidence)
    with pytest.raises(NotReady):
        bring(evidence, order(database(tmp_path, *ROWS, ROW | {"instrument": "unheard of"})))
    assert state_of(evidence) == before


def test_progress_is_told_up_to_the_last_row(evidence: Engine, tmp_path: Path) -> None:
    told: list[int] = []
    preview(evidence, order(database(tmp_path, *ROWS), accept=True), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 4  # the fifth is refused


def test_imports_of_two_files_stand_beside_each_other(evidence: Engine, tmp_path: Path) -> None:
    bring(evidence, order(database(tmp_path, ROW)))
    first = rows_of(evidence, "arm_result")
    other = order(database(tmp_path, ROW | {"mean_arm1": "9"}, name="other.csv"))
    found = bring(evidence, other)
    assert [(m.key, m.by) for m in found.matched] == [("madeup-2011", "its name")]
    after = rows_of(evidence, "arm_result")
    assert {key: after[key] for key in first} == first
    assert len(after) == len(first) + 2


def test_a_file_that_was_corrected_changes_what_it_said(evidence: Engine, tmp_path: Path) -> None:
    bring(evidence, order(database(tmp_path, ROW)))
    found = bring(evidence, order(database(tmp_path, ROW | {"mean_arm1": "3,4"})))
    changed = {table: c.changed for table, c in found.records.items() if c.changed}
    assert changed["arm_result"] == 2  # the words of the row that they are quoted by as well
    assert found.records["arm_result"].new == 0


ALIKE = [
    ROW | {"study": "Müller, 2011", "mean_arm1": "1"},
    ROW | {"study": "Muller 2011", "mean_arm1": "2"},
    ROW | {"study": "MULLER (2011)", "mean_arm1": "3"},
]
"""Three studies of names that are one as a key."""


def _means(engine: Engine) -> dict[str, tuple[str, float]]:
    """Return the labels of the studies with the mean of their first arm, by key."""
    means = {
        row["key"].partition("/")[0]: row["mean"]
        for row in rows_of(engine, "arm_result").values()
        if row["arm_key"].endswith("made-up.segt")
    }
    studies = rows_of(engine, "study")
    return {key: (row["label"], means[key]) for key, row in studies.items() if key in means}


@pytest.mark.parametrize("places", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_studies_of_almost_one_name_have_the_same_keys_in_any_order(
    places: tuple[int, ...], evidence: Engine, tmp_path: Path
) -> None:
    found = bring(evidence, order(database(tmp_path, *(ALIKE[place] for place in places))))
    told = {note.row - 2 for note in found.notes if note.rule == "names almost the same"}
    means = _means(evidence)
    assert means["muller-2011"] == ("MULLER (2011)", 3)
    assert sorted(means.values()) == [("MULLER (2011)", 3), ("Muller 2011", 2), ("Müller, 2011", 1)]
    assert told == {place for place, each in enumerate(places) if each != 2}


def test_a_study_of_almost_the_same_name_never_takes_the_place_of_one(
    evidence: Engine, tmp_path: Path
) -> None:
    bring(evidence, order(database(tmp_path, ALIKE[0])))
    found = bring(evidence, order(database(tmp_path, *reversed(ALIKE))))
    assert found.records["study"].new == 2
    assert _means(evidence)["muller-2011"] == ("Müller, 2011", 1)
    assert bring(evidence, order(database(tmp_path, *ALIKE))).records["study"].new == 0


def test_a_name_that_was_corrected_in_its_signs_alone_is_the_same_study(
    evidence: Engine, tmp_path: Path
) -> None:
    bring(evidence, order(database(tmp_path, ALIKE[1])))
    found = bring(evidence, order(database(tmp_path, ALIKE[0])))
    assert (found.records["study"].new, found.records["study"].changed) == (0, 1)
    assert _means(evidence) == {"muller-2011": ("Müller, 2011", 1)}


def test_arms_of_almost_one_name_stay_two(evidence: Engine, tmp_path: Path) -> None:
    rows = [
        ROW | {"condition_arm1": name, "mean_arm1": mean, "n_randomized_arm1": "40"}
        for name, mean in (("CBT-X", "1"), ("CBT X", "2"))
    ]
    done = bring(evidence, order(database(tmp_path, *rows), accept=True))
    assert done.problems == []
    arms = {row["label"]: row["key"] for row in rows_of(evidence, "arm").values()}
    results = {row["arm_key"]: row["mean"] for row in rows_of(evidence, "arm_result").values()}
    assert (results[arms["CBT-X"]], results[arms["CBT X"]]) == (1, 2)
    again = bring(evidence, order(database(tmp_path, *reversed(rows)), accept=True))
    assert {row["label"]: row["key"] for row in rows_of(evidence, "arm").values()} == arms
    assert again.records["arm"].new == 0


NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Each example fills and empties a store: to shrink one takes minutes."""
CELL = st.sampled_from(["NA", "", "0", "1", "12", "-3", "3,5", "1e400", "x", "9999999999", "2.5"])
ANY_ROW = st.fixed_dictionaries(
    {
        "study": st.sampled_from(["Madeup, 2011", "First, 2001", "NA", "Ünlü 2010", "a b", "A-B"]),
        "outcome": st.just("pain"),
        "condition_arm1": st.sampled_from(["segt", "Made-up therapy", "NA"]),
        "condition_arm2": st.sampled_from(["usual care", "other care", "segt"]),
        "multi_arm1": st.sampled_from(["NA", "online", "group"]),
        "outcome_type": st.sampled_from(["msd", "response"]),
        "instrument": st.sampled_from(["vas", "Scale", "NA"]),
        "time_weeks": CELL,
        **{f"{name}_arm{arm}": CELL for name in ("mean", "sd", "n", "event") for arm in (1, 2)},
        **{f"totaln_arm{arm}": st.sampled_from(["NA", "20"]) for arm in (1, 2)},
        "n_randomized": CELL,
        "year": st.sampled_from(["2011", "NA", "11", "2011,5"]),
        ".g": st.sampled_from(["NA", "0,5", "-0,5"]),
        "full_ref": st.sampled_from(
            ["NA", "Made A. Up. 2011.", "Made A, Up B. One. J 2011;1:2-3."]
        ),
    }
)


@pytest.mark.parametrize("form", SMALL)
def test_row_of_which_nothing_is_heard_stops_the_import(
    evidence: Engine, tmp_path: Path, form: str
) -> None:
    small = SMALL[form]
    (tmp_path / small.name).write_bytes(small.content)
    wanted = order(tmp_path / small.name, form, accept=True, words=None, **small.constants)
    unheard = replace(wanted, reading=replace(wanted.reading, rows=wanted.reading.rows + 1))
    assert preview(evidence, unheard).lost == 1
    with pytest.raises(NotReady, match="1 row unaccounted for"):
        bring(evidence, unheard)


@settings(
    max_examples=20,
    phases=NO_SHRINKING,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(ANY_ROW, min_size=1, max_size=6))
def test_of_any_file_every_row_is_in_or_refused_and_runs_and_undo_hold(
    rows: list[Mapping[str, str]], evidence: Engine, tmp_path: Path
) -> None:
    wanted = order(database(tmp_path, *rows), accept=True)
    before = state_of(evidence)
    shown = preview(evidence, wanted)
    assert shown.lost == 0
    assert shown.problems == []
    assert shown.taken + len(shown.refused) == shown.rows == len(rows)
    told = {note.row for note in shown.notes if note.fate is Fate.REFUSED}
    assert shown.refused <= told
    if not shown.is_ready:
        return
    done = bring(evidence, wanted)
    assert counts(done) == counts(shown)
    assert preview(evidence, wanted).undecided == []
    assert bring(evidence, wanted).event is None
    if done.event is not None:
        undo(evidence, done.event, apply=True)
    assert state_of(evidence) == before


@settings(
    max_examples=8, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_makes_no_other_keys(seed: int, evidence: Engine, tmp_path: Path) -> None:
    studies = [f"Madeup {letter}, 20{number}" for letter in "AB" for number in (10, 11)]
    times = ("post", "fu")
    rows = [
        ROW | {"study": study, "time": time, "condition_arm1": arm, "instrument": scale}
        for study in studies
        for time in times
        for arm in ("segt", "Made-up therapy")
        for scale in ("vas", "Scale")
    ]
    sorted_keys = _keys_after(evidence, tmp_path, rows)
    random.Random(seed).shuffle(rows)
    assert _keys_after(evidence, tmp_path, rows) == sorted_keys


def _keys_after(engine: Engine, folder: Path, rows: list[dict[str, str]]) -> dict[str, set[str]]:
    done = bring(engine, order(database(folder, *rows), accept=True))
    assert done.event is not None
    keys = keys_of(engine)
    undo(engine, done.event, apply=True)
    return keys
