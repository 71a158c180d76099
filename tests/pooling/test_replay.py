"""A receipt replayed: what is the same, what changed since, and why."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.base import Base
from kb.errors import KbError, StoreError
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool, pool_table
from kb.pooling.receipts import file as receipt_file
from kb.pooling.receipts.differences import leaves, same
from kb.pooling.receipts.receipt import identity, receipt
from kb.pooling.receipts.replay import Change, Replayed, replay
from kb.store.opening import open_base

SURVIVAL = {"outcome": "survival", "approach": "segt"}
TRIALS = """\
study,yi,vi
Alder 1991 (made up),0.10,0.04
Birch 1992 (made up),0.35,0.02
Cedar 1993 (made up),-0.20,0.09
"""

Content = dict[str, Any]
Keep = Callable[[Content], Path]


@pytest.fixture(scope="module")
def survival(base: Base) -> Content:
    """Return the receipt of the trials of survival in the store shipped; it is shared."""
    return receipt(pool(base, base.question("results", **SURVIVAL), PoolOptions.of()))


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Return what writes a receipt to a file, with an id that fits where it had one."""

    def write(content: Content) -> Path:
        path = tmp_path / "receipt.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a table in the folder in which the test runs."""
    folder = tmp_path / "tables"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("trials.csv").write_text(TRIALS, encoding="utf-8")
    return Path("trials.csv")


def signed(content: Content) -> Content:
    """Return a receipt with the id that belongs to its content."""
    return {**content, "id": identity(content)}


def no_store() -> AbstractContextManager[Base]:
    raise AssertionError("the store was opened")


def on(path: Path) -> Callable[[], AbstractContextManager[Base]]:
    return lambda: open_base(str(path))


def changed(path: Path, statement: str, *values: object) -> None:
    """Change a store past the program."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        assert connection.execute(statement, values).rowcount == 1


def of_row(found: Replayed, label: str) -> dict[str, Change]:
    return {change.field: change for change in found.of("evidence") if change.what == label}


def test_on_the_same_store_the_receipt_is_identical(
    survival: Content, keep: Keep, shipped: Path
) -> None:
    found = replay(keep(survival), on(shipped))

    assert (found.status, found.holds, found.changes) == ("identical", True, ())
    assert found.id == survival["id"]
    assert found.numbers > 30
    assert found.distance == 0
    assert found.reason == "The effects and the result are the same."


def test_a_value_that_changed_is_named_with_what_it_does(
    survival: Content, keep: Keep, own_copy: Path
) -> None:
    changed(
        own_copy,
        "UPDATE contrast SET estimate = 0.9 WHERE key = ?",
        "kissane-2007/survival/hr-univariate",
    )

    found = replay(keep(survival), on(own_copy))

    row = of_row(found, "Kissane 2007 (Melbourne SEGT trial)")
    before = next(s for s in survival["studies"] if s["study"] == "kissane-2007")
    assert found.status == "changed"
    assert not found.holds
    assert row["yi"].then == before["yi"]
    assert row["yi"].now == pytest.approx(-0.105360516, rel=1e-8)
    assert {change.what for change in found.of("evidence")} == {before["label"]}
    assert "estimate" in {c.field for c in found.of("result") if c.what == "result"}
    assert {c.what for c in found.of("result")} >= {"result", "back", "small_k"}
    assert "changed by hand" in found.reason


def test_a_row_that_went_is_named(survival: Content, keep: Keep, own_copy: Path) -> None:
    key = "kissane-2007/survival/hr-univariate"
    changed(own_copy, "DELETE FROM contrast WHERE key = ?", key)

    found = replay(keep(survival), on(own_copy))

    row = of_row(found, "Kissane 2007 (Melbourne SEGT trial)")[""]
    assert row.then.startswith("pooled, effect -0.0833")
    assert row.now is None
    assert found.status == "changed"


def test_a_row_that_is_set_aside_now_says_why(
    survival: Content, keep: Keep, own_copy: Path
) -> None:
    key = "kissane-2007/survival/hr-univariate"
    changed(own_copy, "UPDATE contrast SET adjusted = 1 WHERE key = ?", key)

    row = of_row(replay(keep(survival), on(own_copy)), "Kissane 2007 (Melbourne SEGT trial)")[""]

    assert row.then.startswith("pooled, effect -0.0833")
    assert row.now.startswith("set aside: ")


def test_other_data_of_another_version_do_not_change_the_result(
    survival: Content, keep: Keep, own_copy: Path
) -> None:
    changed(own_copy, "UPDATE store_fact SET value = '3000.1' WHERE name = 'data_version'")

    found = replay(keep(survival), on(own_copy))

    assert (found.status, found.holds) == ("same result", True)
    version = survival["data"]["version"]
    assert found.changes == (Change("data", "version", "", version, "3000.1"),)
    assert found.reason == "The effects and the result are the same, though the data changed."


def test_data_of_another_version_explain_another_value(
    survival: Content, keep: Keep, own_copy: Path
) -> None:
    changed(own_copy, "UPDATE store_fact SET value = '3000.1' WHERE name = 'data_version'")
    changed(
        own_copy,
        "UPDATE contrast SET ci_high = 1.3 WHERE key = ?",
        "kissane-2007/survival/hr-univariate",
    )

    assert replay(keep(survival), on(own_copy)).reason == "The data changed."


@pytest.mark.parametrize(
    ("software", "estimate", "status", "reason"),
    [
        ("0.0.1", 0.0, "changed", "The software changed."),
        (None, 0.0, "changed", "Nothing known explains it: the effects and the software are the"),
        ("0.0.1", 1e-12, "same result", "The effects and the result are the same, though the so"),
        (None, 1e-12, "identical", "The effects and the result are the same."),
    ],
)
def test_software_explains_a_result_from_the_same_effects(
    software: str | None,
    estimate: float,
    status: str,
    reason: str,
    survival: Content,
    keep: Keep,
    shipped: Path,
) -> None:
    then = deepcopy(survival)
    then["software"]["kb"] = software or then["software"]["kb"]
    then["result"]["estimate"] *= estimate and 1 + estimate

    found = replay(keep(signed(then)), on(shipped))

    assert found.status == status
    assert found.reason.startswith(reason)
    assert found.distance == pytest.approx(estimate, rel=1e-3)


def test_a_receipt_that_was_altered_is_told_and_where(
    survival: Content, keep: Keep, shipped: Path
) -> None:
    altered = deepcopy(survival)
    altered["result"]["p"] = 0.01

    found = replay(keep(altered), on(shipped))

    assert (found.status, found.holds) == ("altered", False)
    assert found.reason.endswith("it was altered after it was written.")
    assert [(c.what, c.field, c.then) for c in found.changes] == [("result", "p", 0.01)]


@pytest.mark.parametrize(
    ("part", "name", "value", "told"),
    [
        ("facets", "outcome", ["survivl"], "survivl"),
        ("facets", "flavour", ["sweet"], "There is no facet 'flavour'"),
        ("options", "method", "MAGIC", "There is no method 'MAGIC'"),
        ("options", "include", ["everything"], "everything"),
        ("options", "exclude", ["nobody-1999"], "nobody-1999"),
    ],
)
def test_a_question_that_cannot_be_asked_any_more_is_told(
    part: str, name: str, value: Any, told: str, survival: Content, keep: Keep, shipped: Path
) -> None:
    then = deepcopy(survival)
    then["question"][part][name] = value

    found = replay(keep(signed(then)), on(shipped))

    assert (found.status, found.holds) == ("not repeatable", False)
    assert told in found.reason


def test_a_value_that_means_another_thing_now_is_a_change_of_the_question(
    survival: Content, keep: Keep, shipped: Path
) -> None:
    then = deepcopy(survival)
    then["question"]["facets"]["approach"] = ["supportive-expressive group therapy"]

    found = replay(keep(signed(then)), on(shipped))

    assert found.reason == "The question is understood otherwise than it was."
    assert found.of("question")[0].now == ["segt"]


def test_a_table_is_replayed_without_a_store(table: Path, keep: Keep) -> None:
    kept = keep(receipt(pool_table(table, PoolOptions.of(test="knha"))))

    assert replay(kept, no_store).status == "identical"


def test_a_table_is_found_beside_its_receipt(
    table: Path, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(receipt(pool_table(table, PoolOptions.of())))
    shutil.move(table, kept.parent / table)
    (kept.parent / "elsewhere").mkdir()
    monkeypatch.chdir(kept.parent / "elsewhere")

    assert replay(kept, no_store).holds


def test_a_table_that_is_gone_can_be_named(table: Path, keep: Keep) -> None:
    kept = keep(receipt(pool_table(table, PoolOptions.of())))
    moved = table.rename("moved.csv")

    lost = replay(kept, no_store)

    assert lost.status == "not repeatable"
    assert "trials.csv" in lost.reason
    found = replay(kept, no_store, moved)
    assert (found.status, found.changes) == ("identical", ())


def test_a_table_that_changed_is_told_by_its_digest_and_its_rows(table: Path, keep: Keep) -> None:
    kept = keep(receipt(pool_table(table, PoolOptions.of())))
    table.write_text(TRIALS.replace("0.35", "0.36") + "Dogwood 1994 (made up),0,0.1\n")

    found = replay(kept, no_store)

    assert [change.what for change in found.of("data")] == ["file"]
    assert found.reason == "The data changed."
    assert of_row(found, "Birch 1992 (made up)")["yi"].as_dict() == {
        "where": "evidence",
        "what": "Birch 1992 (made up)",
        "field": "yi",
        "then": 0.35,
        "now": 0.36,
    }
    came = of_row(found, "Dogwood 1994 (made up)")[""]
    assert (came.then, came.now) == (None, "pooled, effect 0.0, variance 0.1")


def test_as_json_there_is_all_of_it(survival: Content, keep: Keep, own_copy: Path) -> None:
    changed(own_copy, "UPDATE store_fact SET value = '3000.1' WHERE name = 'data_version'")

    told = replay(keep(survival), on(own_copy)).as_dict()

    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["receipt"]["command"] == survival["question"]["command"]
    assert told["status"] == "same result"
    assert told["changes"][0]["now"] == "3000.1"


def test_a_store_that_cannot_be_opened_is_an_error(
    survival: Content, keep: Keep, tmp_path: Path
) -> None:
    (tmp_path / "broken.sqlite").write_text("no store")

    with pytest.raises(StoreError):
        replay(keep(survival), on(tmp_path / "broken.sqlite"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b"study,yi,vi\n", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "is not a receipt"),
        (b'{"format": "something else"}', "is not a receipt"),
        (b'{"format": "evidence-kb receipt", "version": 2}', "version 2"),
        (b'{"format": "evidence-kb receipt", "version": 1}', "'question' is missing"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": 1e999}', "not JSON"),
        (b'{"a": 99999999999999999999}', "a number beyond all counts"),
        (b'{"a": "\\ud800"}', "characters of no text"),
        (b'{"a": "\\u0000"}', "characters of no text"),
        (b"[" * 200_000, "not JSON"),
    ],
    ids=lambda value: None if isinstance(value, str) else str(value[:30]),
)
def test_what_is_no_receipt_is_refused(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(content)

    with pytest.raises(KbError) as refused:
        replay(path, no_store)

    assert told in refused.value.problem
    assert refused.value.remedy


@pytest.mark.parametrize("name", ["nothing.json", ".", "a" * 300, "zero\0"], ids=ascii)
def test_what_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(KbError):
        replay(tmp_path / name, no_store)


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_file, "SIZE_LIMIT", 10)
    path = tmp_path / "receipt.json"
    path.write_text(" " * 11)

    with pytest.raises(KbError, match="more than 10 bytes"):
        replay(path, no_store)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(anything=ANYTHING)
def test_any_json_is_refused_in_words(anything: Any, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(anything), encoding="utf-8")

    with pytest.raises(KbError):
        replay(path, no_store)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), anything=ANYTHING)
def test_a_receipt_with_anything_in_it_is_replayed_or_refused_in_words(
    place: float, anything: Any, survival: Content, base: Base, tmp_path: Path
) -> None:
    content = deepcopy(survival)
    found = places(content)
    holder, key = found[int(place * len(found))]
    holder[key] = anything
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(signed_if_possible(content)), encoding="utf-8")

    @contextmanager
    def opened() -> Iterator[Base]:
        yield base

    with suppress(KbError):
        replayed = replay(path, opened)
        assert json.loads(json.dumps(replayed.as_dict(), allow_nan=False)) == replayed.as_dict()


def signed_if_possible(content: Content) -> Content:
    try:
        return signed(content)
    except ValueError:
        return content


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return where the values of a tree stand, those that hold others among them."""
    items = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))
    inner = [
        place for _, value in items if isinstance(value, dict | list) for place in places(value)
    ]
    return [(tree, key) for key, _ in items] + inner


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e-10, 1e-10))
def test_rounding_is_no_change(value: float, error: float) -> None:
    assert same(value, value * (1 + error))
    assert same(0.0, error * 1e-6)


@given(st.floats(1e-6, 1e6), st.floats(1e-8, 1.0))
def test_more_than_rounding_is_a_change(value: float, error: float) -> None:
    assert not same(value, value * (1 + error))
    assert not same(bool(value), 1)
    assert not same("1", 1)


@given(ANYTHING)
def test_nothing_differs_from_itself(tree: Any) -> None:
    assert [
        leaf for leaf in leaves(tree, deepcopy(tree)) if leaf.differs and leaf.then == leaf.then
    ] == []
