"""The guide docs/tables.md: its code runs, and prints what stands behind it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kb.pooling.tables.columns import computable
from tests.guide import Block, assert_all_run, blocks_of, run

PATH = Path(__file__).parents[2] / "docs" / "tables.md"
GUIDE = PATH.read_text(encoding="utf-8")
BLOCKS = blocks_of(GUIDE)
ROWS = [line for line in GUIDE.splitlines() if line.startswith("| `")][1:]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[Block, str]]:
    """Run the guide in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("tables"))
        yield run(BLOCKS, "docs/tables.md")[0]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_code_prints_what_the_guide_shows(block: Block, printed: Mapping[Block, str]) -> None:
    assert printed[block] == block.shown


def test_every_block_of_code_is_run() -> None:
    assert_all_run(GUIDE, BLOCKS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("`")[1])
def test_the_columns_named_give_the_measures(row: str) -> None:
    _, measures, columns, _ = row.split("|")
    ways = columns.partition(":")[0].split(", or ")
    for way in ways:
        given = dict.fromkeys(way.replace(" and ", ", ").replace("`", "").strip().split(", "))
        assert set(measures.replace("`", "").strip().split(", ")) <= set(computable(given))
