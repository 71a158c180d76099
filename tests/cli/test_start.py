"""What is loaded: help and mistakes start without the store's libraries, answers without the rest.

The clock is not asked; `benchmarks/start.py` does that.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

STORE = ("sqlalchemy", "kb.store", "kb.base")
HEAVY = ("alembic", "sqlmodel", "yaml", "pandas", "numpy", "scipy", "kb_schema.tables")
PROBE = """
import sys
from contextlib import suppress
from kb_cli.main import main

sys.argv = ["kb", *{arguments!r}]
with suppress(SystemExit):
    main()
sys.stdout.flush()
print("", *(name for name in {names!r} if name in sys.modules), file=sys.stderr)
"""


def loaded(line: str, names: tuple[str, ...], store: Path) -> list[str]:
    code = PROBE.format(arguments=shlex.split(line), names=names)
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KB_DATABASE_URL": str(store)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return run.stderr.splitlines()[-1].split()


@pytest.mark.parametrize(
    "line", ["--help", "--version", "studies --help", "pool --help", "audit --help", "db --help"]
)
def test_help_loads_nothing_heavy(line: str, store: Path) -> None:
    assert loaded(line, HEAVY + STORE, store) == []


@pytest.mark.parametrize(
    "line", ["studeis", "studies --desing rct", "search", "pool --outcom pain"]
)
def test_a_mistake_loads_nothing_heavy(line: str, store: Path) -> None:
    assert loaded(line, (*HEAVY, *STORE, "rich"), store) == []


@pytest.mark.parametrize(
    "line",
    [
        "studies --design rct --outcome pain --approach segt",
        "studies --format json",
        "results --outcome survival",
        "strategies --construct funding",
        "ask which RCTs measured pain with SEGT?",
        "show goodwin-2001",
        "search pain",
        "gaps",
        "studies --outcome pian",
    ],
)
def test_an_answer_loads_what_it_needs(line: str, store: Path) -> None:
    assert loaded(line, HEAVY, store) == []


def test_data_are_written_without_rich(store: Path) -> None:
    assert loaded("studies --format csv", (*HEAVY, "rich"), store) == []
