"""One small store for all tests of the command line, and two ways to run it."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade

HERE = Path(__file__).parent
SEEDS = HERE / "seeds"
POOLABLE = HERE.parent / "pooling" / "seeds"
GOLDEN = HERE / "golden"
_VARYING = re.compile(
    r"\b[0-9a-f]{12}(?:[0-9a-f]{52})?\b"  # the hash of the data
    r"| +[\d,]+(?=  (?:reports|passages)\b)"  # counts to which the vocabularies add theirs
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the golden screens anew."""
    parser.addoption("--update-golden", action="store_true", help="Write the golden screens anew.")


@dataclass(frozen=True)
class Run:
    """How a run of the command line ended, and what it said where."""

    code: int
    out: str
    err: str


class Runner(Protocol):
    """Runs a command line, written as in a shell."""

    def __call__(self, line: str, *, db: str | Path | None = None) -> Run:
        """Run it on a store, which is the small one where no other is named."""


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of four studies and a review, with the vocabularies shipped; to be read."""
    return _store_of(tmp_path_factory, shipped_seeds() / "vocabularies", SEEDS)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of the evidence shipped; to be read."""
    return _store_of(tmp_path_factory, shipped_seeds())


@pytest.fixture(scope="session")
def poolable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of made-up trials that show every way of pooling; to be read."""
    return _store_of(tmp_path_factory, shipped_seeds() / "vocabularies", POOLABLE)


def _store_of(tmp_path_factory: pytest.TempPathFactory, *seeds: Path) -> Path:
    path = tmp_path_factory.mktemp("cli") / "kb.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    for folder in seeds:
        load(engine, folder)
    engine.dispose()
    return path


@pytest.fixture
def kb(store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    """Return what runs the command line in this process, errors and all."""
    from kb_cli.main import main

    monkeypatch.setenv("_TYPER_FORCE_DISABLE_TERMINAL", "1")

    def run(line: str, *, db: str | Path | None = None) -> Run:
        monkeypatch.setenv("KB_DATABASE_URL", str(db or store))
        monkeypatch.setattr(sys, "argv", ["kb", *shlex.split(line)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Run(int(ended.value.code or 0), *capsys.readouterr())

    return run


class Process(Protocol):
    """Runs the installed program, as a shell would."""

    def __call__(self, line: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run it on the small store, with variables of the environment."""


@pytest.fixture
def process(store: Path) -> Process:
    """Return what runs the command line in a process of its own."""
    program = Path(sys.executable).with_name("kb")

    def run(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *shlex.split(line)],
            env={**os.environ, "KB_DATABASE_URL": str(store), **variables},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


class Golden:
    """The screens that are kept as files."""

    def __init__(self, *, update: bool) -> None:
        self._update = update

    def __call__(self, name: str, screen: str, *, unless_as: str = "") -> None:
        """Compare a screen with its file, or write it; none is kept where another is the same."""
        path = GOLDEN / name
        text = masked(screen)
        if unless_as and text == (GOLDEN / unless_as).read_text(encoding="utf-8"):
            if self._update:
                path.unlink(missing_ok=True)
            assert not path.exists()
            return
        if self._update:
            path.write_text(text, encoding="utf-8", newline="")
        assert path.exists(), "run pytest tests/cli --update-golden"
        assert text == path.read_text(encoding="utf-8")

    @staticmethod
    def files() -> set[str]:
        """Return the names of all files."""
        return {path.name for path in GOLDEN.iterdir()}


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return what compares a screen with the file of that name."""
    return Golden(update=request.config.getoption("--update-golden", default=False))


def masked(screen: str) -> str:
    """Return a screen without what changes when the vocabularies do."""
    return _VARYING.sub(lambda found: "#" * len(found[0]), screen)
