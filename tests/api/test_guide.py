"""The guide, docs/python.md: its code runs, and prints what stands behind it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kb.pooling.options import PoolOptions
from kb.question import SUBJECTS
from tests.guide import Block, assert_all_run, blocks_of, run

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "python.md").read_text(encoding="utf-8")
BLOCKS = blocks_of(GUIDE)


@pytest.fixture(scope="module")
def session(
    shipped: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Mapping[Block, str], Mapping[str, Any]]]:
    """Run the guide in a folder of its own, with the evidence shipped as the reader's store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KB_DATABASE_URL", str(shipped))
        patch.chdir(tmp_path_factory.mktemp("guide"))
        yield run(BLOCKS, "docs/python.md")


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_code_prints_what_the_guide_shows(
    block: Block, session: tuple[Mapping[Block, str], Mapping[str, Any]]
) -> None:
    assert session[0][block] == block.shown


def test_every_block_of_code_is_run() -> None:
    assert_all_run(GUIDE, BLOCKS)


@pytest.mark.parametrize("name", [*SUBJECTS, *PoolOptions().as_dict(), "model"])
def test_every_subject_and_option_is_named(name: str) -> None:
    assert f"`{name}`" in GUIDE


@pytest.mark.parametrize("page", ["cli.md", "synthesis.md"])
def test_links_lead_somewhere(page: str) -> None:
    assert f"({page})" in GUIDE
    assert (DOCS / page).exists()
