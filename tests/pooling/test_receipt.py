"""A receipt holds all that an answer rests on, and its id is that of its content."""

import json
import platform
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

import kb
from kb.base import Base
from kb.pooling.answer import PooledAnswer
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool, pool_table
from kb.pooling.receipts.receipt import identity, receipt

TRIALS = """\
study,ai,bi,ci,di
Alder 1991 (made up),4,119,11,128
Birch 1992 (made up),0,300,29,274
Cedar 1993 (made up),3,228,11,209
Dogwood 1994 (made up),0,30,NA,31
"""


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> PooledAnswer:
    path = tmp_path_factory.mktemp("receipt") / "trials.csv"
    path.write_text(TRIALS, encoding="utf-8")
    return pool_table(path, PoolOptions.of(measure="OR", method="MH"))


@pytest.fixture(scope="module")
def survival(base: Base) -> PooledAnswer:
    question = base.question("results", outcome="survival", approach="segt")
    return pool(base, question, PoolOptions.of())


def test_the_receipt_of_a_table_holds_its_counts_and_the_file(counts: PooledAnswer) -> None:
    kept = receipt(counts)

    assert [study["counts"] for study in kept["studies"]][:2] == [
        {"ai": 4, "bi": 119, "ci": 11, "di": 128},
        {"ai": 0, "bi": 300, "ci": 29, "di": 274},
    ]
    assert counts.file is not None
    assert kept["question"]["file"]["sha256"] == counts.file.sha256
    assert kept["question"]["options"]["method"] == "MH"
    assert kept["data"] is None
    assert [row["label"] for row in kept["left_out"]] == ["Dogwood 1994 (made up)"]
    assert kept["result"]["estimate"] == counts.analysis.result["estimate"]  # type: ignore[union-attr]


def test_the_receipt_of_the_store_holds_data_passages_and_verdict(
    survival: PooledAnswer, base: Base
) -> None:
    kept = receipt(survival)

    assert kept["data"] == base.data.as_dict()
    assert kept["question"]["facets"] == {"approach": ["segt"], "outcome": ["survival"]}
    assert kept["verdict"]["status"] == survival.verdict.status
    assert {study["study"] for study in kept["studies"]} == {"goodwin-2001", "kissane-2007"}
    for study in kept["studies"]:
        assert study["passages"]
        for passage in study["passages"]:
            assert {"citation", "locator", "quote", "seen"} <= passage.keys()
        assert study["counts"] is None


def test_the_receipt_names_the_software(counts: PooledAnswer) -> None:
    assert receipt(counts)["software"] == {
        "kb": kb.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }


def test_the_same_answer_has_the_same_id(survival: PooledAnswer, base: Base) -> None:
    again = pool(base, base.question("results", approach="segt", outcome="survival"), PoolOptions())

    assert receipt(again)["id"] == receipt(survival)["id"]


def test_a_receipt_read_back_has_its_id(survival: PooledAnswer) -> None:
    kept = receipt(survival)

    read = json.loads(json.dumps(dict(reversed(kept.items())), indent=4, ensure_ascii=False))

    assert identity(read) == read["id"] == kept["id"]
    assert len(kept["id"]) == 16


@given(data=st.data())
def test_a_change_of_any_value_changes_the_id(data: st.DataObject, counts: PooledAnswer) -> None:
    kept = receipt(counts)
    changed = deepcopy(kept)
    holder, key = data.draw(st.sampled_from(list(places(changed))))
    holder[key] = "another" if holder[key] != "another" else None

    assert identity(changed) != kept["id"]


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return where the values of a receipt stand, but for its id."""
    items = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))
    found = []
    for key, value in items:
        if isinstance(value, dict | list) and value:
            found += places(value)
        elif key != "id":
            found.append((tree, key))
    return found


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_no_receipt_holds_what_json_does_not_know(rows: int, tmp_path: Path) -> None:
    lines = ["study,yi,vi", "Alder 1991 (made up),0.1,0.04", "Birch 1992 (made up),0.1,0.04"]
    path = tmp_path / "trials.csv"
    path.write_text("\n".join([*lines[: rows + 1], "Cedar 1993 (made up),NA,NA"]), encoding="utf-8")

    kept = receipt(pool_table(path, PoolOptions.of(test="knha")))

    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
    assert len(kept["studies"]) == rows
