"""The reference of the command line is what the command line says."""

import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Runner

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "cli.md"


def test_the_reference_is_not_stale() -> None:
    written = runpy.run_path(str(ROOT / "tools" / "write_cli_reference.py"))["reference"]()

    assert REFERENCE.read_text(encoding="utf-8") == written, "run tools/write_cli_reference.py"


def test_the_readme_leads_to_it() -> None:
    assert "(docs/cli.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_questions_in_the_readme_are_understood(kb: "Runner") -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\$ kb (.*)$", text, re.MULTILINE)
    asked = [line.partition(" --output")[0] for line in lines]

    assert asked
    assert [line for line in asked if kb(line).code != 0] == []
