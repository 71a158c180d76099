import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kb.synthesis

(FOLDER,) = map(Path, kb.synthesis.__path__)
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(kb.synthesis.__path__, "kb.synthesis.")
)
FILES = sorted(FOLDER.rglob("*.py"))
SLOW = ["matplotlib", "pandas", "scipy.optimize", "scipy.stats", "sqlalchemy", "yaml"]
ALLOWED = {"numpy", "scipy.special", "kb.synthesis"}

IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1].split():
    importlib.import_module(name)
print(*[name for name in sys.argv[2].split() if name in sys.modules])
"""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            names = (f"{module}.{alias.name}" for alias in node.names)
            yield from names if module in {"scipy", "kb"} else [module]


def test_loading_every_module_loads_nothing_that_is_slow_to_load() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, " ".join(MODULES), " ".join(SLOW)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.split() == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_module_imports_arrays_special_functions_and_synthesis_alone(path: Path) -> None:
    foreign = [
        name
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == known or name.startswith(f"{known}.") for known in ALLOWED)
    ]
    assert foreign == []


def test_there_are_modules_to_look_at() -> None:
    assert {"kb.synthesis.pooling", "kb.synthesis.estimators.closed_form"} <= set(MODULES)
