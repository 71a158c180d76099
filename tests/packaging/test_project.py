"""What the project's own files promise."""

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import kb

ROOT = Path(__file__).parents[2]
PACKAGES = ("kb", "schema/kb_schema", "seeds/kb_seeds", "cli/kb_cli", "migrations/kb_migrations")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_packages_are_those_of_the_layout(pyproject: dict[str, Any]) -> None:
    wheel = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert tuple(wheel["packages"]) == PACKAGES
    assert tuple(p for p in PACKAGES if not (ROOT / p / "__init__.py").is_file()) == ()
    assert tuple(p for p in PACKAGES if not (ROOT / p / "py.typed").is_file()) == ()


def test_version_is_a_released_form() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", kb.__version__)


def test_every_dependency_is_pinned(pyproject: dict[str, Any]) -> None:
    lines = (ROOT / "requirements" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {canonicalize_name(name): version for name, version in (p.split("==") for p in lines)}
    project = pyproject["project"]
    declared = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    required = [Requirement(line) for line in declared]

    assert [r.name for r in required if canonicalize_name(r.name) not in pins] == []
    assert [str(r) for r in required if pins[canonicalize_name(r.name)] not in r.specifier] == []


def test_quick_start_is_two_lines() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Quick start\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)

    assert section.count("```") == 4
    assert [block.count("\n") for block in blocks] == [1, 1]
    assert blocks[0].startswith("make --silent setup && .venv/bin/kb ask ")
    assert blocks[1] == "make --silent test\n"


def test_changelog_has_a_place_for_the_next_release() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_layers_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout
