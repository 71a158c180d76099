"""Two stores held against each other: the rows that differ and the answers that moved."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base import Base
from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import SeedProblems
from kb.diff.difference import StoreDifference, diff
from kb.diff.rows import _paired, changed_rows
from kb.errors import StoreError
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import downgrade
from kb_migrations import REVISIONS

if TYPE_CHECKING:
    from tests.diff.conftest import Edited

LONGER = (
    "UPDATE contrast SET estimate = 0.75, ci_low = 0.60, ci_high = 0.93 "
    "WHERE key = 'birch-1995/survival/hr'"
)
SHORTER = "UPDATE contrast SET estimate = 1.9, ci_low = 1.35, ci_high = 2.67 WHERE key = "
LABEL = "UPDATE study SET label = 'Birch (made up, renamed)' WHERE key = 'birch-1995'"
CEDAR = "UPDATE arm_result SET mean = {} WHERE key = 'cedar-1999/depression-6m/mean-segt'"
MATTERS = (
    "changed by more than 1.32 points, the smallest difference that matters on Hospital Anxiety "
    "and Depression Scale"
)
KEYS = st.lists(st.tuples(st.text(max_size=3), st.integers(0, 3)), unique=True).map(sorted)


def ways(found: StoreDifference) -> dict[str, list[str]]:
    return {moved.command: list(moved.how) for moved in found.pools}


def rows(found: StoreDifference) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in found.as_dict()["rows"]]


def test_a_store_and_its_copy_are_the_same(made_up: str, edited: "Edited") -> None:
    found = diff(made_up, edited())

    assert (found.is_same, found.status) == (True, "the same")
    assert found.as_dict()["rows"] == found.flat()[1] == []
    assert found.old.data == found.new.data


def test_an_effect_whose_interval_no_longer_holds_the_null(made_up: str, edited: "Edited") -> None:
    found = diff(made_up, edited(LONGER))

    assert rows(found) == [
        ("changed", "contrast", "birch-1995/survival/hr", "estimate", 1.12, 0.75),
        ("changed", "contrast", "birch-1995/survival/hr", "ci_low", 0.8, 0.6),
        ("changed", "contrast", "birch-1995/survival/hr", "ci_high", 1.57, 0.93),
    ]
    assert set(ways(found)) == {
        f"kb pool {approach}--outcome {outcome}"
        for approach in ("", "--approach segt ")
        for outcome in ("survival", "overall-survival")
    }
    assert ways(found)["kb pool --outcome survival"] == [
        "crossed the null",
        "changed by more than a tenth of its interval's width",
    ]
    assert found.questions == ()


def test_an_effect_that_turns_to_the_other_side(made_up: str, edited: "Edited") -> None:
    found = diff(made_up, edited(f"{SHORTER} 'birch-1995/survival/hr'"))
    (moved,) = [m for m in found.pools if m.command == "kb pool --outcome survival"]

    assert "changed direction" in moved.how
    assert "crossed the null" not in moved.how
    assert moved.then is not None
    assert moved.now is not None
    assert moved.then.back[0] < 1 < moved.now.back[0]


def test_what_moved_then_moves_back(made_up: str, edited: "Edited") -> None:
    other = edited(LONGER)
    there, back = diff(made_up, other), diff(other, made_up)

    assert [(m.command, m.then, m.now) for m in there.pools] == [
        (m.command, m.now, m.then) for m in back.pools
    ]
    assert [(*row[:4], row[5], row[4]) for row in rows(there)] == rows(back)


@pytest.mark.parametrize(("mean", "moves"), [(6.3, False), (2.8, True)])
def test_a_mean_difference_moves_by_what_matters_on_its_instrument(
    made_up: str, edited: "Edited", mean: float, *, moves: bool
) -> None:
    """The change from 6.8 to 6.3 is more than a tenth of the interval, and less than 1.32."""
    found = diff(made_up, edited(CEDAR.format(mean)))
    how = ways(found).get("kb pool --outcome depression", [])

    assert (MATTERS in how) is moves
    assert bool(how) is moves
    assert (found.pools_within > 0) is not moves


def test_a_study_that_is_gone(made_up: str, seeds: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(seeds, tmp_path / "without"))
    (folder / "trials" / "birch-1995.yaml").unlink()
    found = diff(made_up, str(folder))
    asked = {moved.command: moved for moved in found.questions}

    assert {change.kind for change in found.rows.changes} == {"removed"}
    assert found.as_dict()["counts"]["study"] == {"removed": 1}
    assert ("removed", "study", "birch-1995", None, None, None) in rows(found)
    assert asked["kb studies"].gone == ("birch-1995",)
    assert asked["kb studies --outcome sleep"].gone == ("birch-1995",)
    assert asked["kb studies"].now == asked["kb studies"].then - 1
    assert ("contrast", "birch-1995/survival/hr", None) in {
        (moved.table, moved.key, moved.now) for moved in found.claims
    }


def test_a_label_alone_moves_no_answer(made_up: str, edited: "Edited") -> None:
    found = diff(made_up, edited(LABEL))

    assert [(row[1], row[3]) for row in rows(found)] == [("study", "label")]
    assert (found.pools, found.pools_within, found.questions, found.claims) == ((), 0, (), ())
    assert found.pools_asked > 0


def test_a_printed_result_that_no_longer_agrees_with_itself(made_up: str, edited: "Edited") -> None:
    update = "UPDATE contrast SET estimate = 1.1 WHERE key = 'alder-1991/survival/hr'"
    (moved,) = diff(made_up, edited(update)).claims

    assert (moved.key, moved.then, moved.now) == ("alder-1991/survival/hr", "agrees", "disagrees")


def test_a_folder_of_seed_files_is_what_was_loaded_from_it(made_up: str, seeds: Path) -> None:
    assert diff(str(seeds), made_up).is_same


def test_seed_files_with_problems_are_refused(made_up: str, seeds: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(seeds, tmp_path / "broken"))
    trial = folder / "trials" / "birch-1995.yaml"
    trial.write_text(trial.read_text(encoding="utf-8").replace("design: rct", "design: rtc"))

    with pytest.raises(SeedProblems):
        diff(made_up, str(folder))


def test_tables_of_another_version_are_refused(made_up: str, edited: "Edited") -> None:
    older = edited()
    engine = open_engine(sqlite_url(Path(older)))
    downgrade(engine, REVISIONS[-2])
    engine.dispose()

    with pytest.raises(StoreError, match="older version"):
        diff(made_up, older)


def test_a_store_that_is_not_there_is_not_made(made_up: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite"

    with pytest.raises(StoreError, match="There is no store"):
        diff(made_up, str(missing))
    assert not missing.exists()


def test_stores_are_left_as_they_are(made_up: str, edited: "Edited") -> None:
    other = edited(LONGER)
    before = [Path(path).read_bytes() for path in (made_up, other)]
    diff(made_up, other)

    assert [Path(path).read_bytes() for path in (made_up, other)] == before


def test_everything_stands_in_json_and_in_rows(made_up: str, edited: "Edited") -> None:
    found = diff(made_up, edited(LONGER, LABEL))
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    headers, flat = found.flat()

    assert told["status"] == "different"
    assert {len(row) for row in flat} == {len(headers)}
    assert [row for row in flat if row[0] == "row"] == [["row", *row] for row in rows(found)]
    assert {row[2] for row in flat if row[0] == "pooled answer"} == set(ways(found))


def test_both_kinds_of_store_hold_the_same(base: Base, base_on_postgres: Base) -> None:
    assert not changed_rows(base, base_on_postgres)
    assert not changed_rows(base_on_postgres, base)


def test_the_seed_files_shipped_are_what_a_new_store_holds(shipped: Path) -> None:
    assert diff(str(shipped), str(shipped_seeds())).is_same


@given(KEYS, KEYS)
def test_rows_meet_those_of_the_same_key(old: list[Any], new: list[Any]) -> None:
    pairs = list(_paired(iter([(key, {}) for key in old]), iter([(key, {}) for key in new])))

    assert [before[0] for before, _ in pairs if before] == old
    assert [after[0] for _, after in pairs if after] == new
    assert {before[0] for before, after in pairs if before and after} == set(old) & set(new)
