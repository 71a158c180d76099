"""The guide, docs/synthesis.md: its code runs, and prints what stands behind it."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from tests.guide import Block, assert_all_run, blocks_of, run

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "synthesis.md").read_text(encoding="utf-8")
TRIALS = Path(__file__).parents[1] / "reference" / "data" / "colditz1994.csv"


BLOCKS = blocks_of(GUIDE)
HERE = re.findall(r"^\|.*?[^\\]\| (.*) \|$", GUIDE, re.MULTILINE)  # the table's right column
NAMES = sorted(
    {
        *re.findall(r"`kb\.synthesis\.([a-z_0-9.]+)[`(]", GUIDE),
        *re.findall(r"`([a-z_0-9]+\.[a-z_0-9.]+)[`(]", "\n".join(HERE)),
    }
)
LINKS = re.findall(r"\]\(([^)]+)\)", GUIDE)


@pytest.fixture(scope="module")
def session() -> tuple[Mapping[Block, str], Mapping[str, Any]]:
    """Run the guide from top to bottom; return what each block printed, and the variables."""
    return run(BLOCKS, "docs/synthesis.md")


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_code_prints_what_the_guide_shows(
    block: Block, session: tuple[Mapping[Block, str], Mapping[str, Any]]
) -> None:
    assert session[0][block] == block.shown


def test_every_block_of_code_is_run() -> None:
    assert_all_run(GUIDE, BLOCKS)


def test_the_trials_are_those_of_the_reference_set(
    session: tuple[Mapping[Block, str], Mapping[str, Any]],
) -> None:
    variables = session[1]
    with TRIALS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert variables["studies"] == [row["study"] for row in rows]
    assert variables["allocation"] == [row["alloc"] for row in rows]
    for name, numbers in {**variables["bcg"], "year": variables["year"]}.items():
        assert numbers == [int(row[name]) for row in rows]
    assert variables["latitude"] == [int(row["ablat"]) for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_every_function_that_the_guide_names_exists(name: str) -> None:
    assert resolve_name(f"kb.synthesis.{name}")


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_somewhere(link: str) -> None:
    file, _, heading = link.partition("#")
    text = (DOCS / file).read_text(encoding="utf-8") if file else GUIDE
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    assert not heading or heading in {each.lower().replace(" ", "-") for each in headings}
